//! Reversing an event by recording its opposite.

use crate::event::{Event, Movement, Record};

use super::refusal::{NotReversible, Refusal};
use super::state::State;

/// The event that undoes this one; `None` if it moved no money.
pub fn opposite<'a>(event: &Event<'a>) -> Option<Event<'a>> {
    let same = |movement: &Movement<'a>| movement.clone();
    match event {
        Event::Deposit(movement) => Some(Event::Withdraw(same(movement))),
        Event::Withdraw(movement) => Some(Event::Deposit(same(movement))),
        Event::Transfer {
            from,
            to,
            amount,
            currency,
        } => Some(Event::Transfer {
            from: to.clone(),
            to: from.clone(),
            amount: *amount,
            currency: *currency,
        }),
        Event::Ledger(_) | Event::Open { .. } | Event::Limit { .. } | Event::Close { .. } => None,
    }
}

/// Checks the rules of reversing on a logged record: what it reverses was recorded before it, moved
/// money, was not reversed before, and is exactly its opposite. A record that reverses nothing
/// passes.
///
/// # Errors
/// [`Refusal::NotReversible`], then [`Refusal::AlreadyReversed`].
pub fn permit_reversal(
    state: &State,
    record: &Record<'_>,
    target: Option<&Record<'_>>,
) -> Result<(), Refusal> {
    let Some(seq) = record.reverses() else {
        return Ok(());
    };
    let target = target.filter(|target| target.seq < record.seq);
    let opposite = opposite_of(seq, target)?;
    if opposite != record.event {
        let reason = NotReversible::NotItsOpposite;
        return Err(Refusal::NotReversible { seq, reason });
    }
    not_reversed_yet(state, seq)
}

/// The event that a request to reverse `seq` is recorded as.
pub(super) fn reversal_of(
    state: &State,
    seq: u64,
    target: Option<&Record<'static>>,
) -> Result<Event<'static>, Refusal> {
    let opposite = opposite_of(seq, target)?;
    not_reversed_yet(state, seq)?;
    Ok(opposite)
}

fn opposite_of<'a>(seq: u64, target: Option<&Record<'a>>) -> Result<Event<'a>, Refusal> {
    let not_reversible = |reason| Refusal::NotReversible { seq, reason };
    let target = target
        .filter(|target| target.seq == seq)
        .ok_or(not_reversible(NotReversible::Missing))?;
    let kind = target.event.kind();
    opposite(&target.event).ok_or(not_reversible(NotReversible::MovesNothing(kind)))
}

fn not_reversed_yet(state: &State, seq: u64) -> Result<(), Refusal> {
    match state.reversed_by(seq) {
        Some(by) => Err(Refusal::AlreadyReversed { seq, by }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
