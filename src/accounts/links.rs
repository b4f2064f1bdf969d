//! The rules of what refers to an earlier event: reversals, captures, releases, refunds, corrections,
//! seals and redactions; and that nothing takes effect in a sealed period.

use crate::event::{Event, EventRef, Kind, Link, Movement, Record};
use crate::money::{Amount, Balance};

use crate::time::Timestamp;

use super::hold::HoldState;
use super::refusal::{HoldMismatch, NotReversible, Refusal, TimeMismatch};
use super::state::State;

/// The event that reverses this one; `None` if it moved no money.
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
        Event::Exchange(exchange) => {
            let mut opposite = exchange.clone();
            std::mem::swap(&mut opposite.from, &mut opposite.to);
            opposite.amount = exchange.to_amount;
            opposite.currency = exchange.to_currency;
            opposite.to_amount = exchange.amount;
            opposite.to_currency = exchange.currency;
            Some(Event::Exchange(opposite))
        }
        _ => None,
    }
}

/// The rules that come before those on accounts: sealed, unknown hold or not reversible or nothing to
/// redact, already reversed, hold closed, hold expired, time.
///
/// # Errors
/// The first [`Refusal`] in the documented order.
#[inline]
pub fn permit_link(
    state: &State,
    record: &Record<'_>,
    target: Option<&Record<'_>>,
    before: Option<&Record<'_>>,
) -> Result<(), Refusal> {
    if record.link.is_none() && record.version() == 1 && record.effective.is_none() {
        return Ok(());
    }
    permit_seal_in_force(state, record)?;
    let target = target.filter(|target| target.seq < record.seq);
    match record.link {
        Some(Link::Captures { hold, .. }) => permit_capture(state, record, hold)?,
        Some(Link::Reverses(seq)) => {
            let opposite = reversal_of(state, seq, target)?;
            if opposite != record.event {
                let reason = NotReversible::NotItsOpposite;
                return Err(Refusal::NotReversible { seq, reason });
            }
            not_reversed_yet(state, seq, None)?;
        }
        Some(Link::Corrects(seq)) => permit_correction(state, record, seq, target, before)?,
        Some(Link::Refunds(seq)) => {
            let refunded = refundable(state, seq, target)?;
            if !is_part_of_opposite(&record.event, &refunded.event) {
                let reason = NotReversible::NotItsRefund;
                return Err(Refusal::NotReversible { seq, reason });
            }
            not_reversed_yet(state, seq, None)?;
        }
        None => {}
    }
    permit_own(state, record, target)
}

/// Nothing takes effect in a sealed period but what acts when it is recorded.
fn permit_seal_in_force(state: &State, record: &Record<'_>) -> Result<(), Refusal> {
    let effective = record.effective;
    permit_effective(
        state,
        effective.filter(|_| !record.event.kind().acts_at_once()),
    )
}

/// Refuses to take effect in a sealed period.
pub(super) fn permit_effective(state: &State, effective: Option<Timestamp>) -> Result<(), Refusal> {
    let seal = state.commitments().seal();
    match (seal.through, effective) {
        (Some(through), Some(effective)) if effective <= through => {
            Err(Refusal::PeriodSealed { through })
        }
        _ => Ok(()),
    }
}

/// The rules of the types that version 2 adds.
fn permit_own(
    state: &State,
    record: &Record<'_>,
    target: Option<&Record<'_>>,
) -> Result<(), Refusal> {
    let invalid = |reason, moment| Err(Refusal::InvalidTime { reason, moment });
    let seal = state.commitments().seal();
    match &record.event {
        Event::Hold(hold) => match hold.expires {
            Some(expires) if expires <= record.at || expires <= record.took_effect() => {
                invalid(TimeMismatch::ExpiresTooSoon, expires)
            }
            _ => Ok(()),
        },
        Event::Release { hold, currency, .. } => {
            let known = open_hold(state, record, *hold)?;
            if known.currency != *currency {
                return Err(different(*hold));
            }
            permit_hold_time(record, known)
        }
        Event::Seal { through, .. } => {
            if *through >= record.at {
                return invalid(TimeMismatch::SealNotOver, *through);
            }
            match seal.through {
                Some(in_force) if *through <= in_force => {
                    invalid(TimeMismatch::SealedAlready, *through)
                }
                _ => Ok(()),
            }
        }
        Event::Unseal { through } => {
            let Some(in_force) = seal.through else {
                return invalid(TimeMismatch::NotSealed, through.unwrap_or(record.at));
            };
            if let Some(last) = seal.final_through
                && through.is_none_or(|through| through < last)
            {
                return Err(Refusal::FinalSeal { through: last });
            }
            match through {
                Some(through) if *through >= in_force => invalid(TimeMismatch::NotSealed, *through),
                _ => Ok(()),
            }
        }
        Event::Redact { event } => match target {
            Some(target) if target.note.is_some() => Ok(()),
            _ => Err(Refusal::NothingToRedact {
                event: EventRef::Seq(*event),
            }),
        },
        _ => Ok(()),
    }
}

fn different(seq: u64) -> Refusal {
    let reason = HoldMismatch::Different;
    Refusal::UnknownHold { seq, reason }
}

/// A hold of which something is left when a record is made.
pub(super) fn open_hold<'s>(
    state: &'s State,
    record: &Record<'_>,
    seq: u64,
) -> Result<&'s HoldState, Refusal> {
    let reason = HoldMismatch::Missing;
    let hold = state.commitments().hold(seq);
    let hold = hold.ok_or(Refusal::UnknownHold { seq, reason })?;
    permit_open(record, hold)?;
    Ok(hold)
}

fn permit_open(record: &Record<'_>, hold: &HoldState) -> Result<(), Refusal> {
    if hold.unsettled() == Balance::ZERO {
        return Err(Refusal::HoldClosed {
            seq: hold.seq,
            status: hold.status(record.at),
        });
    }
    match hold.expires {
        Some(expired) if expired <= record.at => Err(Refusal::HoldExpired {
            seq: hold.seq,
            expired,
            instead: None,
        }),
        _ => Ok(()),
    }
}

/// A capture or release takes effect no earlier than its hold.
pub(super) fn permit_hold_time(record: &Record<'_>, hold: &HoldState) -> Result<(), Refusal> {
    if record.took_effect() < hold.took_effect {
        return Err(Refusal::InvalidTime {
            reason: TimeMismatch::BeforeHold,
            moment: record.took_effect(),
        });
    }
    Ok(())
}

fn permit_capture(state: &State, record: &Record<'_>, seq: u64) -> Result<(), Refusal> {
    let reason = HoldMismatch::Missing;
    let hold = state.commitments().hold(seq);
    let hold = hold.ok_or(Refusal::UnknownHold { seq, reason })?;
    let matches_hold = match (&hold.from, &hold.to, &record.event) {
        (Some(own), Some(target), Event::Transfer { from, to, .. }) => own == from && target == to,
        (Some(own), None, Event::Transfer { from, .. }) => own == from,
        (Some(own), None, Event::Withdraw(movement)) => *own == movement.account,
        (None, Some(target), Event::Deposit(movement)) => *target == movement.account,
        _ => false,
    };
    if !matches_hold || record.event.currency() != hold.currency {
        return Err(different(seq));
    }
    permit_open(record, hold)?;
    permit_hold_time(record, hold)
}

/// The event that reverses `seq`.
pub(super) fn reversal_of<'a>(
    state: &State,
    seq: u64,
    target: Option<&Record<'a>>,
) -> Result<Event<'a>, Refusal> {
    let not_reversible = |reason| Refusal::NotReversible { seq, reason };
    let target = target
        .filter(|target| target.seq == seq)
        .ok_or(not_reversible(NotReversible::Missing))?;
    let kind = target.event.kind();
    let opposite =
        opposite(&target.event).ok_or(not_reversible(NotReversible::MovesNothing(kind)))?;
    if has_refunds(state, seq) {
        return Err(not_reversible(NotReversible::HasRefunds));
    }
    let commitments = state.commitments();
    if let Some(Link::Reverses(reversed)) = target.link
        && (commitments.refund_target(reversed).is_some()
            || commitments.corrected_by(reversed).is_some())
    {
        return Err(not_reversible(NotReversible::ReversesSpecial));
    }
    Ok(opposite)
}

/// True if an event has a refund that was not reversed.
fn has_refunds(state: &State, seq: u64) -> bool {
    refunded(state, seq) != Balance::ZERO
}

/// An event's refunds, without those that were reversed.
pub(super) fn refunds(state: &State, seq: u64) -> impl Iterator<Item = Amount> {
    let refunds = state.commitments().refunds_of(seq).iter();
    let counted = refunds.filter(|(refund, _)| state.reversed_by(*refund).is_none());
    counted.map(|(_, amount)| *amount)
}

fn refunded(state: &State, seq: u64) -> Balance {
    refunds(state, seq).fold(Balance::ZERO, |sum, amount| {
        sum.plus(amount.as_balance()).unwrap_or(sum)
    })
}

/// How much of an event can still be refunded.
pub(super) fn refund_rest(state: &State, target: &Record<'_>) -> Balance {
    let whole = target
        .event
        .amount()
        .map_or(Balance::ZERO, |(amount, _)| amount.as_balance());
    let rest = whole.minus(refunded(state, target.seq));
    // A log that breaks the rules may refund more than there was.
    rest.unwrap_or_default().max(Balance::ZERO)
}

/// The event that a refund is for, if it is of a kind that can be refunded.
pub(super) fn refundable<'t, 'a>(
    state: &State,
    seq: u64,
    target: Option<&'t Record<'a>>,
) -> Result<&'t Record<'a>, Refusal> {
    let target = original(seq, target, |kind| {
        kind.moves_money() && kind.version() == 1
    })?;
    not_reversed_yet(state, seq, None)?;
    Ok(target)
}

/// The event of this number, if it is of such a kind and neither a reversal nor a refund.
fn original<'t, 'a>(
    seq: u64,
    target: Option<&'t Record<'a>>,
    is_of_kind: impl FnOnce(Kind) -> bool,
) -> Result<&'t Record<'a>, Refusal> {
    let not_reversible = |reason| Refusal::NotReversible { seq, reason };
    let target = target
        .filter(|target| target.seq == seq)
        .ok_or(not_reversible(NotReversible::Missing))?;
    let kind = target.event.kind();
    if !is_of_kind(kind) {
        return Err(not_reversible(NotReversible::MovesNothing(kind)));
    }
    if matches!(target.link, Some(Link::Reverses(_) | Link::Refunds(_))) {
        return Err(not_reversible(NotReversible::IsReversalOrRefund));
    }
    Ok(target)
}

/// The event that a correction replaces, if it is of a kind that can be corrected.
pub(super) fn correctable<'t, 'a>(
    state: &State,
    seq: u64,
    target: Option<&'t Record<'a>>,
) -> Result<&'t Record<'a>, Refusal> {
    let target = original(seq, target, Kind::moves_money)?;
    if has_refunds(state, seq) {
        return Err(Refusal::NotReversible {
            seq,
            reason: NotReversible::HasRefunds,
        });
    }
    Ok(target)
}

fn permit_correction(
    state: &State,
    record: &Record<'_>,
    seq: u64,
    target: Option<&Record<'_>>,
    before: Option<&Record<'_>>,
) -> Result<(), Refusal> {
    let target = correctable(state, seq, target)?;
    let is_pair = before.is_some_and(|before| before.more && before.reverses() == Some(seq));
    if !is_pair || !can_replace(&record.event, &target.event) {
        let reason = NotReversible::NotItsReplacement;
        return Err(Refusal::NotReversible { seq, reason });
    }
    not_reversed_yet(state, seq, before)
}

/// True if an event is of the same type as the one that it is to replace, and in the same currencies.
pub(super) fn can_replace(event: &Event<'_>, replaced: &Event<'_>) -> bool {
    let currencies =
        |event: &Event<'_>| event.both_postings().map(|one| one.map(|one| one.currency));
    event.kind() == replaced.kind() && currencies(event) == currencies(replaced)
}

/// True if an event is the opposite of another one, but for its amount.
fn is_part_of_opposite(event: &Event<'_>, of: &Event<'_>) -> bool {
    let Some(opposite) = opposite(of) else {
        return false;
    };
    let sides = |event: &Event<'_>| event.both_postings().map(|one| one.is_some());
    event.kind() == opposite.kind()
        && sides(event) == sides(&opposite)
        && event
            .postings()
            .zip(opposite.postings())
            .all(|(one, other)| one.account == other.account && one.currency == other.currency)
}

/// Refuses an event that was reversed, unless by `own`.
pub(super) fn not_reversed_yet(
    state: &State,
    seq: u64,
    own: Option<&Record<'_>>,
) -> Result<(), Refusal> {
    match state.reversed_by(seq) {
        Some(by) if own.is_none_or(|own| own.seq != by) => Err(Refusal::AlreadyReversed {
            seq,
            by,
            replacement: replacement(state, seq),
        }),
        _ => Ok(()),
    }
}

/// The event that stands in place of one that was corrected, perhaps several times.
fn replacement(state: &State, seq: u64) -> Option<u64> {
    let next = |seq: &u64| state.commitments().corrected_by(*seq);
    let last = std::iter::successors(next(&seq), next).last()?;
    state.reversed_by(last).is_none().then_some(last)
}

/// The rules that no more is taken from a hold, or refunded, than is left.
#[inline]
pub(super) fn permit_rest(
    state: &State,
    record: &Record<'_>,
    target: Option<&Record<'_>>,
) -> Result<(), Refusal> {
    let hold = match (record.link, &record.event) {
        (Some(Link::Captures { hold, .. }), _) => hold,
        (None, Event::Release { hold, .. }) => *hold,
        (Some(Link::Refunds(seq)), event) => {
            let (Some(target), Some((amount, _))) = (target, event.amount()) else {
                return Ok(());
            };
            return permit_refund(state, seq, target, amount);
        }
        _ => return Ok(()),
    };
    let (Some(hold), Some((asked, _))) = (state.commitments().hold(hold), record.event.amount())
    else {
        return Ok(());
    };
    let rest = hold.unsettled();
    if asked.as_balance() > rest {
        return Err(Refusal::ExceedsHold {
            seq: hold.seq,
            asked,
            rest,
            scale: hold.scale().max(asked.scale()),
            currency: hold.currency,
        });
    }
    Ok(())
}

fn permit_refund(
    state: &State,
    seq: u64,
    target: &Record<'_>,
    asked: Amount,
) -> Result<(), Refusal> {
    let rest = refund_rest(state, target);
    if asked.as_balance() > rest {
        return Err(Refusal::ExceedsRefundable {
            seq,
            asked: Some(asked),
            rest,
            scale: asked.scale(),
            currency: target.event.currency(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
