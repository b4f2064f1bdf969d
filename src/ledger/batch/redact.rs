//! What `redact` erases: the events that are named and, if that was asked for, the linked ones that
//! carry copies of their notes.

use std::collections::{BTreeMap, BTreeSet};

use crate::accounts::{Operation, Request};
use crate::event::{Event, EventRef, Record};
use crate::ledger::LedgerError;
use crate::ledger::receipt::Notice;
use crate::time::Timestamp;

use super::{Batch, Slot};

impl Batch<'_> {
    /// Records a redaction of each event, the named ones last. If all were erased before, nothing is
    /// recorded.
    pub(super) fn redact(
        &mut self,
        request: &Request,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Slot, LedgerError> {
        let Operation::Redact { events, linked } = &request.operation else {
            return self.decide_one(request, None, at, now);
        };
        let events = events.iter().map(|event| self.numbered(request, event));
        let mut named: Vec<u64> = Vec::new();
        for event in events {
            match event {
                EventRef::Seq(seq) if named.contains(&seq) => {}
                EventRef::Seq(seq) => named.push(seq),
                unknown => {
                    let operation = request.operation.clone().with_targets(vec![unknown]);
                    let step = Request {
                        operation,
                        ..request.clone()
                    };
                    return self.decide_one(&step, None, at, now);
                }
            }
        }
        if let Some(before) = self.erased_before(&named) {
            return Ok(before);
        }
        named.retain(|seq| !self.state.commitments().is_redacted(*seq));
        let copies = self.copies_of(&named)?;
        let more = copies.iter().filter(|_| *linked);
        let steps: Vec<u64> = more.chain(&named).copied().collect();
        let count = steps.len();
        let steps = steps.into_iter().enumerate().map(|(index, seq)| Request {
            operation: request.operation.clone().with_target(seq),
            key: request
                .key
                .clone()
                .filter(|_| index.saturating_add(1) == count),
            ..request.clone()
        });
        let slot = self.decide_steps(steps.collect(), at, now)?;
        if !linked && !copies.is_empty() {
            self.notices.push(Notice::Copies {
                events: copies.into_iter().collect(),
            });
        }
        match slot {
            Some(slot) => Ok(slot),
            None => self.decide_one(request, None, at, now),
        }
    }

    /// The redactions of these events, if all were erased before: those that were recorded together
    /// with that of the last.
    fn erased_before(&self, named: &[u64]) -> Option<Slot> {
        let redactions: BTreeMap<u64, u64> = self.state.commitments().redactions().collect();
        let is_erased = |seq: &u64| redactions.values().any(|erased| erased == seq);
        if !named.iter().all(is_erased) {
            return None;
        }
        let last = named.last()?;
        let (seq, _) = redactions.iter().find(|(_, erased)| *erased == last)?;
        let is_named = |seq: &u64| redactions.get(seq).is_some_and(|own| named.contains(own));
        let before = (0..*seq).rev().take_while(is_named).count();
        Some(Slot {
            seq: *seq,
            earlier: u64::try_from(before).unwrap_or(0),
            replayed: true,
        })
    }

    /// The events that are linked to these, in either direction and on, and carry the same memo or
    /// an equal tag.
    fn copies_of(&mut self, named: &[u64]) -> Result<BTreeSet<u64>, LedgerError> {
        let mut originals = Vec::new();
        for seq in named {
            originals.extend(self.record_at(*seq)?);
        }
        let is_copy = |record: &Record<'_>| {
            originals.iter().any(|original| {
                let has_memo = original.memo().is_some() && original.memo() == record.memo();
                has_memo
                    || original
                        .tags()
                        .iter()
                        .any(|tag| record.tags().get(tag.0) == Some(tag.1))
            })
        };
        let mut copies = BTreeSet::new();
        for seq in self.linked_with(named)? {
            if !named.contains(&seq) && self.record_at(seq)?.is_some_and(|record| is_copy(&record))
            {
                copies.insert(seq);
            }
        }
        Ok(copies)
    }

    /// These events and all that are linked to them, in either direction and on.
    fn linked_with(&mut self, named: &[u64]) -> Result<BTreeSet<u64>, LedgerError> {
        let mut found = BTreeSet::new();
        let mut open = named.to_vec();
        while let Some(seq) = open.pop() {
            if !found.insert(seq) {
                continue;
            }
            self.load_reversal(seq)?;
            self.load_commitments(seq)?;
            open.extend(self.state.links_to(seq).all());
            if let Some(record) = self.record_at(seq)? {
                open.extend(match (record.link, &record.event) {
                    (Some(link), _) => Some(link.target()),
                    (None, Event::Release { hold, .. }) => Some(*hold),
                    _ => None,
                });
            }
        }
        Ok(found)
    }
}
