//! Appends whose answer may get lost.
//!
//! The rule that makes a repeated append safe: a position is taken once, so the same append is sent
//! again to the same position until that shows the outcome. An append is recognised by its bytes and
//! its id: two machines can decide on the same bytes. Independent of the engine.

use std::ops::ControlFlow;
use std::time::Duration;

use super::{Append, AppendId, AppendPosition, Clock, Deadline, NotAppended, Store, StoreError};

/// The first pause between two attempts, and the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// What became of an append whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is recorded, and the last of its positions is this one.
    Recorded(AppendPosition),
    /// Another append has its position: it is not recorded and can never be.
    Superseded,
}

/// Appends, and finds out what became of it if an answer is lost.
///
/// # Errors
/// [`NotAppended::Unknown`] only if the deadline passed before that was known.
pub fn append(
    store: &mut dyn Store,
    append: &Append<'_>,
    until: Deadline,
    clock: &dyn Clock,
) -> Result<AppendPosition, NotAppended> {
    match store.append(append, until) {
        Err(NotAppended::Unknown(error)) => match repeat(store, append, until, clock, error) {
            Ok(Settled::Recorded(position)) => Ok(position),
            Ok(Settled::Superseded) => Err(NotAppended::Conflict),
            Err(error) => Err(NotAppended::Unknown(error)),
        },
        outcome => outcome,
    }
}

/// Sends the same bytes again, with growing pauses, until the position is decided.
fn repeat(
    store: &mut dyn Store,
    append: &Append<'_>,
    until: Deadline,
    clock: &dyn Clock,
    mut last: StoreError,
) -> Result<Settled, StoreError> {
    let mut pause = SHORTEST_PAUSE;
    loop {
        let left = until.left(clock);
        if left.is_zero() {
            return Err(last);
        }
        clock.pause(pause.min(left));
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        match attempt(store, append, until) {
            Ok(settled) => return Ok(settled),
            Err(error) => last = error,
        }
    }
}

/// One more attempt for bytes that may be recorded already. An error leaves them undecided.
fn attempt(
    store: &mut dyn Store,
    append: &Append<'_>,
    until: Deadline,
) -> Result<Settled, StoreError> {
    let Append {
        expected,
        lines,
        id,
        ..
    } = *append;
    let refusal = match store.append(append, until) {
        Ok(position) => return Ok(Settled::Recorded(position)),
        Err(NotAppended::Unknown(error)) => return Err(error),
        // The position is taken, perhaps by these bytes. Or it is only proposed to be: then it is not
        // to be seen yet.
        Err(NotAppended::Conflict) => None,
        // This attempt was refused, which does not decide about the earlier one.
        Err(NotAppended::NotRecorded(error)) => Some(error),
    };
    match look(store, expected, lines, id, until)? {
        Some(settled) => Ok(settled),
        None => Err(refusal.unwrap_or_else(|| StoreError::Unreachable {
            log_name: store.log_name().clone(),
            problem: format!("append {} is not decided yet", expected.next()),
        })),
    }
}

/// Compares what the engine has after `expected` with an append, without sending it; `None` if there is
/// nothing yet.
///
/// # Errors
/// [`StoreError`].
pub fn look(
    store: &mut dyn Store,
    expected: AppendPosition,
    lines: &[u8],
    id: AppendId,
    until: Deadline,
) -> Result<Option<Settled>, StoreError> {
    let head = store.head(until)?.position;
    if head <= expected {
        return Ok(None);
    }
    let mut rest = lines;
    let mut settled = Settled::Superseded;
    store.fetch(expected.next(), head, until, &mut |fetched| {
        let is_ours = fetched.id == Some(id);
        match rest.strip_prefix(fetched.lines).filter(|_| is_ours) {
            Some([]) => settled = Settled::Recorded(fetched.position),
            Some(later) => {
                rest = later;
                return ControlFlow::Continue(());
            }
            None => {}
        }
        ControlFlow::Break(())
    })?;
    Ok(Some(settled))
}

#[cfg(test)]
mod tests;
