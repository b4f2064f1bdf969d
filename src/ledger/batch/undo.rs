//! What `undo` undoes, and what came since a head.

use crate::accounts::{Correction, NotReversible, Operation, Refusal, Request};
use crate::event::{Event, EventRef, Link, Record};
use crate::ledger::LedgerError;
use crate::money::Balance;
use crate::time::Timestamp;

use super::{Batch, Slot, can_be_undone};

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
        match self.decide_steps(steps, at, now)? {
            Some(slot) => Ok(slot),
            None => Err(self.nothing_to_undo()),
        }
    }

    /// Decides what one request asks for in several steps: all of it or nothing. `None` without a
    /// step.
    pub(super) fn decide_steps(
        &mut self,
        steps: Vec<Request>,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Slot>, LedgerError> {
        let before = (steps.len() > 1).then(|| {
            let looked_up = self
                .loaded
                .as_ref()
                .map(|loaded| loaded.looked_up().clone());
            (self.state.clone(), looked_up)
        });
        let (pending, undone) = (self.pending.len(), self.undone_down_to);
        let count = steps.len();
        let first = self.next_seq();
        let mut last = None;
        for (index, step) in steps.into_iter().enumerate() {
            match self.decide_one(&step, None, at, now) {
                Ok(slot) => last = Some(slot),
                Err(error) => {
                    // All of it or nothing.
                    if let Some((state, looked_up)) = before {
                        self.state = state;
                        if let (Some(loaded), Some(looked_up)) = (&mut self.loaded, looked_up) {
                            loaded.forget_all_but(looked_up);
                        }
                        self.pending.truncate(pending);
                        self.undone_down_to = undone;
                    }
                    return Err(error);
                }
            }
            if index.saturating_add(1) < count {
                self.pending.continue_last();
            }
        }
        Ok(last.map(|slot| Slot {
            earlier: slot.seq.saturating_sub(first),
            ..slot
        }))
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
        if let Some(Event::Hold(_)) = record.as_ref().map(|record| &record.event) {
            self.load_commitments(seq)?;
        }
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
            let operation = match (&record.event, self.before_batch(&record, first)?) {
                (Event::Hold(_), _) => Operation::Release {
                    hold: event,
                    amount: None,
                },
                (_, Some(original)) => Operation::Correct(Box::new(Correction {
                    back_to: Some(Box::new(original)),
                    ..Correction::of(event)
                })),
                (_, None) => Operation::Reverse { event },
            };
            let step = Request {
                operation,
                key: None,
                ..request.clone()
            };
            steps.push(step);
        }
        if let Some(last) = steps.last_mut() {
            last.key.clone_from(&request.key);
        }
        Ok(steps)
    }

    /// The event before a batch that this one corrects, perhaps by way of others of the batch.
    fn before_batch(
        &self,
        record: &Record<'static>,
        first: u64,
    ) -> Result<Option<Record<'static>>, LedgerError> {
        let mut link = record.link_back();
        while let Some(Link::Corrects(original)) = link {
            let original = self.record_at(original)?;
            match original {
                Some(original) if original.seq < first => return Ok(Some(original)),
                original => link = original.and_then(|original| original.link_back()),
            }
        }
        Ok(None)
    }
}
