//! What a batch looks up: the events that its requests name, logged or pending, and the end of the log.

use std::borrow::Cow;

use crate::accounts::{HoldMismatch, NotReversible, Operation, Refusal, Request};
use crate::event::{EventRef, Hash, Record};
use crate::ledger::LedgerError;

use super::Batch;

impl Batch<'_> {
    /// The request with a number for the event that it names.
    pub(super) fn resolved<'r>(
        &mut self,
        request: &'r Request,
    ) -> Result<Cow<'r, Request>, LedgerError> {
        let seq = match request.operation.target() {
            None | Some(EventRef::Seq(_)) => return Ok(Cow::Borrowed(request)),
            Some(EventRef::Key(key)) => match self.under(key.as_str()) {
                Some(record) => record.seq,
                None => return Err(self.refused(key_unknown(&request.operation))),
            },
            Some(EventRef::Head(back)) => self.from_end(request, *back),
        };
        Ok(Cow::Owned(Request {
            operation: request.operation.clone().with_target(seq),
            ..request.clone()
        }))
    }

    /// The event so far from the end. A repeat under the same key means the same event as before.
    pub(super) fn from_end(&self, request: &Request, back: u64) -> u64 {
        let before = self.keyed(request).and_then(|first| first.link);
        before.map_or_else(
            || self.next_seq().saturating_sub(1).saturating_sub(back),
            crate::event::Link::target,
        )
    }

    /// The event under a request's key, logged or pending.
    pub(super) fn keyed(&self, request: &Request) -> Option<&Record<'static>> {
        self.under(request.key.as_ref()?.as_str())
    }

    pub(super) fn under(&self, key: &str) -> Option<&Record<'static>> {
        if let Some(entry) = self.keyed.get(key) {
            return Some(&entry.record);
        }
        let pending = self.pending.get(*self.pending_keys.get(key)?)?;
        Some(&pending.record)
    }

    /// The event that an operation names.
    pub(super) fn target(
        &self,
        operation: &Operation,
    ) -> Result<Option<Record<'static>>, LedgerError> {
        match operation.target() {
            Some(EventRef::Seq(seq)) => self.record_at(*seq),
            _ => Ok(None),
        }
    }

    pub(super) fn record_at(&self, seq: u64) -> Result<Option<Record<'static>>, LedgerError> {
        if let Some(record) = self.pending_record(seq) {
            return Ok(Some(record.clone()));
        }
        let logged = self.log.map(|log| log.entry(seq)).transpose()?.flatten();
        Ok(logged.map(|entry| entry.record))
    }

    pub(super) fn pending_record(&self, seq: u64) -> Option<&Record<'static>> {
        let first = self.pending.first()?.record.seq;
        let index = usize::try_from(seq.checked_sub(first)?).ok()?;
        self.pending.get(index).map(|pending| &pending.record)
    }

    pub(super) fn head(&self) -> Option<(u64, Hash)> {
        self.end.last.map(|last| (last.seq, last.hash))
    }

    /// The number of the next event.
    pub(super) fn next_seq(&self) -> u64 {
        match (self.pending.last(), self.end.last) {
            (Some(pending), _) => pending.record.seq.saturating_add(1),
            (None, Some(last)) => last.seq.saturating_add(1),
            (None, None) => 0,
        }
    }
}

fn key_unknown(operation: &Operation) -> Refusal {
    match operation {
        Operation::Capture { .. } | Operation::Release { .. } => Refusal::UnknownHold {
            seq: 0,
            reason: HoldMismatch::KeyUnknown,
        },
        Operation::Redact { .. } => Refusal::NothingToRedact { seq: 0 },
        _ => Refusal::NotReversible {
            seq: 0,
            reason: NotReversible::KeyUnknown,
        },
    }
}
