//! What `undo` undoes, and what came since a head.

use crate::accounts::{Correction, NotReversible, Operation, Refusal, Request};
use crate::event::{Event, EventRef, Hash, Head, Kind, Link, Record};
use crate::ledger::{LedgerError, Since};
use crate::log::LogReader;
use crate::money::{Amount, Balance, TypedAmount};
use crate::time::{Timestamp, When};

use super::{Batch, Slot};

impl Batch<'_> {
    /// Undoes the newest event that can be undone, or the whole batch that it belongs to, newest
    /// first.
    pub(super) fn undo(
        &mut self,
        request: &Request,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Slot, LedgerError> {
        let newest = self.newest_to_undo(at)?;
        let steps = self.steps(newest, request, at)?;
        let before = (steps.len() > 1).then(|| self.state.clone());
        let (pending, undone) = (self.pending.len(), self.undone_down_to);
        let count = steps.len();
        let first = self.next_seq();
        let mut last = None;
        for (index, step) in steps.into_iter().enumerate() {
            match self.decide_one(&step, None, at, now) {
                Ok(slot) => last = Some(slot),
                Err(error) => {
                    // All of it or nothing.
                    if let Some(before) = before {
                        self.state = before;
                        self.pending.truncate(pending);
                        self.undone_down_to = undone;
                    }
                    return Err(error);
                }
            }
            if index.saturating_add(1) < count
                && let Some(pending) = self.pending.last_mut()
            {
                pending.record.more = true;
            }
        }
        match last {
            Some(slot) => Ok(Slot {
                earlier: slot.seq.saturating_sub(first),
                ..slot
            }),
            None => Err(self.nothing_to_undo()),
        }
    }

    fn nothing_to_undo(&self) -> LedgerError {
        self.refused(Refusal::NotReversible {
            seq: self.next_seq().saturating_sub(1),
            reason: NotReversible::NothingToUndo,
        })
    }

    /// The newest event that can be undone. What cannot be undone once, never can: the next `undo`
    /// starts where this one ends.
    fn newest_to_undo(&mut self, at: Timestamp) -> Result<u64, LedgerError> {
        let newest = self.next_seq().saturating_sub(1);
        let mut seq = self.undone_down_to.unwrap_or(newest).min(newest);
        while seq > 0 {
            self.undone_down_to = Some(seq);
            if self.is_to_undo(seq, at)?.is_some() {
                return Ok(seq);
            }
            seq = seq.saturating_sub(1);
        }
        self.undone_down_to = Some(0);
        Err(self.nothing_to_undo())
    }

    /// The event of this number, if it can be undone.
    fn is_to_undo(
        &mut self,
        seq: u64,
        at: Timestamp,
    ) -> Result<Option<Record<'static>>, LedgerError> {
        self.load_reversal(seq)?;
        if self.state.reversed_by(seq).is_some() {
            return Ok(None);
        }
        let record = self.record_at(seq)?.filter(can_be_undone);
        let is_open = |record: &Record<'_>| match record.event {
            Event::Hold(_) => {
                let hold = self.state.commitments().hold(record.seq);
                hold.is_some_and(|hold| !hold.is_expired(at) && hold.unsettled() != Balance::ZERO)
            }
            _ => true,
        };
        Ok(record.filter(is_open))
    }

    /// What undoes an event, or the batch that it belongs to.
    fn steps(
        &mut self,
        newest: u64,
        request: &Request,
        at: Timestamp,
    ) -> Result<Vec<Request>, LedgerError> {
        let mut first = newest;
        while let Some(before) = first.checked_sub(1)
            && before > 0
            && self.record_at(before)?.is_some_and(|record| record.more)
        {
            first = before;
        }
        let mut steps = Vec::new();
        for seq in (first..=newest).rev() {
            let Some(record) = self.is_to_undo(seq, at)? else {
                continue;
            };
            let event = EventRef::Seq(seq);
            let mut step = Request {
                operation: match &record.event {
                    Event::Hold(_) => Operation::Release {
                        hold: event,
                        amount: None,
                    },
                    _ => Operation::Reverse { event },
                },
                key: None,
                ..request.clone()
            };
            if let Some(Link::Corrects(original)) = record.link
                && original < first
                && let Some(original) = self.record_at(original)?
            {
                step = back_to(&original, &record, step);
            }
            steps.push(step);
        }
        if let Some(last) = steps.last_mut() {
            last.key.clone_from(&request.key);
        }
        Ok(steps)
    }
}

/// The correction that brings back what an event was before it was corrected.
fn back_to(original: &Record<'static>, replacement: &Record<'static>, step: Request) -> Request {
    let typed = |amount: Amount, currency| TypedAmount { amount, currency };
    let mut correction = Correction::of(EventRef::Seq(replacement.seq));
    match &original.event {
        Event::Deposit(movement) | Event::Withdraw(movement) => {
            correction.account = Some(movement.account.clone());
            correction.amount = Some(typed(movement.amount, movement.currency));
        }
        Event::Transfer {
            from,
            to,
            amount,
            currency,
        } => {
            correction.from = Some(from.clone());
            correction.to = Some(to.clone());
            correction.amount = Some(typed(*amount, *currency));
        }
        Event::Exchange(exchange) => {
            correction.from = Some(exchange.from.clone());
            correction.to = Some(exchange.to.clone());
            correction.amount = Some(typed(exchange.amount, Some(exchange.currency)));
            correction.arrives = Some(typed(exchange.to_amount, Some(exchange.to_currency)));
        }
        _ => {}
    }
    let tags = replacement.tags().iter().map(|(key, _)| key.to_owned());
    correction.untag = tags.collect();
    let moment = original.took_effect().to_string();
    let memo = original.memo().unwrap_or_default().to_owned();
    Request {
        operation: Operation::Correct(Box::new(correction)),
        effective: step.effective.or_else(|| When::parse(&moment).ok()),
        memo: step.memo.or(Some(memo)),
        tags: if step.tags.is_empty() {
            original.tags().clone().into_owned()
        } else {
            step.tags
        },
        ..step
    }
}

/// True if `undo` may undo this event, unless that was done.
pub(super) fn can_be_undone(record: &Record<'_>) -> bool {
    let kind = record.event.kind();
    let is_own = !matches!(record.link, Some(Link::Reverses(_)));
    (kind.moves_money() && is_own) || kind == Kind::Hold
}

/// What was recorded since a head that is not the last one any more.
pub(super) fn since(log: &LogReader, asked: &Head, actual: Option<(u64, Hash)>) -> Option<Since> {
    const SHOWN: u64 = 5;
    let (head, _) = actual?;
    let is_known = log
        .entry(asked.seq)
        .ok()?
        .is_some_and(|entry| asked.is_of(entry.seq, &entry.hash));
    let count = if is_known {
        head.saturating_sub(asked.seq)
    } else {
        0
    };
    let from = head.saturating_sub(count.min(SHOWN)).saturating_add(1);
    let newest = (from..=head)
        .filter_map(|seq| log.entry(seq).ok().flatten())
        .collect();
    Some(Since {
        is_known,
        count,
        newest: if is_known { newest } else { Vec::new() },
        head: actual,
    })
}
