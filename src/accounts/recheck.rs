//! [`RuleChecker`]: checks the rules for recorded events, one after the other.

use crate::event::{Event, Link, Record};

use super::links::permit_link;
use super::refusal::Refusal;
use super::rules::permit_to;
use super::state::{State, Touched};

/// Checks the rules for recorded events, each in the state after those before it. What breaks a rule
/// counts all the same.
#[derive(Clone, Debug, Default)]
pub struct RuleChecker {
    /// The reversal directly before, if it may be the first event of a correction.
    before: Option<Record<'static>>,
    /// That reversal's own refusal, which counts unless a correction follows.
    postponed: Option<Box<RefusedRecord>>,
}

/// A recorded event that a rule refuses.
#[derive(Clone, Debug)]
pub struct RefusedRecord {
    /// The event.
    pub record: Record<'static>,
    /// Why.
    pub refusal: Refusal,
}

/// What is wrong with an event, and where the accounts are that it touches.
#[derive(Debug)]
pub struct RuleCheck {
    /// What a rule refuses, in the documented order.
    pub refused: Vec<RefusedRecord>,
    /// For [`State::apply_to`].
    pub touched: Touched,
}

impl RuleChecker {
    /// Every rule that the next event breaks, in the state before it. `target` finds an earlier event.
    /// What an event breaks is only known after the next one if it may be the first of a correction.
    ///
    /// # Errors
    /// The error of `target`.
    #[inline]
    pub fn check<E>(
        &mut self,
        state: &State,
        record: &Record<'_>,
        target: impl FnOnce(u64) -> Result<Option<Record<'static>>, E>,
    ) -> Result<RuleCheck, E> {
        let mut refused = Vec::new();
        let named = match (record.link, &record.event) {
            // What the rules ask of a hold is in the state.
            (Some(Link::Captures { .. }), _) => None,
            (Some(link), _) => Some(link.target()),
            (None, Event::Redact { event }) => Some(*event),
            _ => None,
        };
        let target = match named.filter(|seq| *seq < record.seq) {
            Some(seq) => target(seq)?,
            None => None,
        };
        let corrects = matches!(record.link, Some(Link::Corrects(_)));
        // Floors of a correction are judged once, after both of its events.
        if let Some(postponed) = self.postponed.take()
            && !(corrects && record.link.map(Link::target) == postponed.record.reverses())
        {
            refused.push(*postponed);
        }
        let touched = state.touched_by(&record.event);
        let mut refuse = |refusal| {
            refused.push(RefusedRecord {
                record: record.clone().into_owned(),
                refusal,
            });
        };
        let starts_correction = record.more && record.reverses().is_some();
        if !matches!(record.event, Event::Ledger(_)) {
            let before = self.before.as_ref().filter(|_| corrects);
            if let Err(refusal) = permit_link(state, record, target.as_ref(), before) {
                refuse(refusal);
            }
            match permit_to(state, touched, record, target.as_ref(), before) {
                Err(refusal @ Refusal::InsufficientFunds(_)) if starts_correction => {
                    self.postponed = Some(Box::new(RefusedRecord {
                        record: record.clone().into_owned(),
                        refusal,
                    }));
                }
                Err(refusal) => refuse(refusal),
                Ok(()) => {}
            }
        }
        self.before = starts_correction.then(|| record.clone().into_owned());
        Ok(RuleCheck { refused, touched })
    }

    /// What the last event breaks that was not known before the end.
    pub fn finish(self) -> Option<RefusedRecord> {
        self.postponed.map(|postponed| *postponed)
    }
}

#[cfg(test)]
mod tests;
