//! Appends whose answer may get lost.
//!
//! The rule that makes a repeated append safe: the same bytes at the same position can be recorded
//! at most once, so they are sent again until the position shows the outcome. Independent of the
//! engine.

use std::ops::ControlFlow;
use std::time::Duration;

use super::{AppendError, Clock, Deadline, Position, Store, StoreError};

/// The first pause between two attempts, and the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// What became of an append whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is recorded, and the last of its positions is this one.
    Recorded(Position),
    /// Another append has its position: it is not recorded and can never be.
    Superseded,
}

/// Appends, and finds out what became of it if an answer is lost.
///
/// # Errors
/// [`AppendError::Unknown`] only if the deadline passed before that was known.
pub fn append(
    store: &mut dyn Store,
    expected: Position,
    lines: &[u8],
    until: Deadline,
    clock: &dyn Clock,
) -> Result<Position, AppendError> {
    match store.append(expected, lines, until) {
        Err(AppendError::Unknown(error)) => {
            match repeat(store, expected, lines, until, clock, error) {
                Ok(Settled::Recorded(position)) => Ok(position),
                Ok(Settled::Superseded) => Err(AppendError::Conflict),
                Err(error) => Err(AppendError::Unknown(error)),
            }
        }
        outcome => outcome,
    }
}

/// Finds out what became of an append that an earlier command left unknown. If it is neither recorded
/// nor superseded yet, it is sent again.
///
/// # Errors
/// [`StoreError`] if the deadline passed before that was known.
pub fn settle(
    store: &mut dyn Store,
    expected: Position,
    lines: &[u8],
    until: Deadline,
    clock: &dyn Clock,
) -> Result<Settled, StoreError> {
    match attempt(store, expected, lines, until) {
        Ok(settled) => Ok(settled),
        Err(error) => repeat(store, expected, lines, until, clock, error),
    }
}

/// Sends the same bytes again, with growing pauses, until the position is decided.
fn repeat(
    store: &mut dyn Store,
    expected: Position,
    lines: &[u8],
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
        match attempt(store, expected, lines, until) {
            Ok(settled) => return Ok(settled),
            Err(error) => last = error,
        }
    }
}

/// One more attempt for bytes that may be recorded already. An error leaves them undecided.
fn attempt(
    store: &mut dyn Store,
    expected: Position,
    lines: &[u8],
    until: Deadline,
) -> Result<Settled, StoreError> {
    let refusal = match store.append(expected, lines, until) {
        Ok(position) => return Ok(Settled::Recorded(position)),
        Err(AppendError::Unknown(error)) => return Err(error),
        // The position is taken, perhaps by these bytes. Or it is only proposed to be: then it is not
        // to be seen yet.
        Err(AppendError::Conflict) => None,
        // This attempt was refused, which does not decide about the earlier one.
        Err(AppendError::NotRecorded(error)) => Some(error),
    };
    match look(store, expected, lines, until)? {
        Some(settled) => Ok(settled),
        None => Err(refusal.unwrap_or_else(|| StoreError::Unreachable {
            place: store.place().clone(),
            problem: format!("append {} is not decided yet", expected.next()),
        })),
    }
}

/// Compares what the engine has after `expected` with these lines; `None` if there is nothing yet.
fn look(
    store: &mut dyn Store,
    expected: Position,
    lines: &[u8],
    until: Deadline,
) -> Result<Option<Settled>, StoreError> {
    let head = store.head(until)?.position;
    if head <= expected {
        return Ok(None);
    }
    let mut rest = lines;
    let mut settled = Settled::Superseded;
    store.fetch(expected.next(), head, until, &mut |position, payload| {
        match rest.strip_prefix(payload) {
            Some([]) => settled = Settled::Recorded(position),
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
