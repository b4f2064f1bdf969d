//! [`RuleChecker`]: checks the rules for recorded events, one after the other.

use crate::event::{Event, Link, Record};

use super::links::permit_link;
use super::refusal::Refusal;
use super::rules::permit_to;
use super::state::State;

/// Checks the rules for recorded events, each in the state after those before it. What breaks a rule
/// counts all the same.
#[derive(Debug, Default)]
pub struct RuleChecker {
    state: State,
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

impl RuleChecker {
    /// Every rule that the next event breaks, in the documented order; then it is applied. `target`
    /// finds an earlier event. What an event breaks is only known after the next one if it may be the
    /// first of a correction.
    ///
    /// # Errors
    /// The error of `target`.
    pub fn check<E>(
        &mut self,
        record: &Record<'_>,
        target: impl FnOnce(u64) -> Result<Option<Record<'static>>, E>,
    ) -> Result<Vec<RefusedRecord>, E> {
        let mut refused = Vec::new();
        let named = match (record.link, &record.event) {
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
        let touched = self.state.touched_by(&record.event);
        let mut refuse = |refusal| {
            refused.push(RefusedRecord {
                record: record.clone().into_owned(),
                refusal,
            });
        };
        let starts_correction = record.more && record.reverses().is_some();
        if !matches!(record.event, Event::Ledger(_)) {
            let before = self.before.as_ref().filter(|_| corrects);
            if let Err(refusal) = permit_link(&self.state, record, target.as_ref(), before) {
                refuse(refusal);
            }
            match permit_to(&self.state, touched, record, target.as_ref(), before) {
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
        // What does not fit was refused above, and changes nothing.
        let _ = self.state.apply_to(touched, record);
        Ok(refused)
    }

    /// What the last event breaks that was not known before the end.
    pub fn finish(self) -> Option<RefusedRecord> {
        self.postponed.map(|postponed| *postponed)
    }
}

#[cfg(test)]
mod tests;
