//! What a batch looks up: the events that its requests name, logged or pending, and the end of the log.

use std::borrow::Cow;

use crate::accounts::{Operation, Request};
use crate::event::{Event, EventRef, Hash, Record};
use crate::ledger::LedgerError;

use super::Batch;

impl Batch<'_> {
    /// The request with a number for each event that it names. A key under which nothing was recorded
    /// stays: the rules refuse it in its turn.
    pub(super) fn resolved<'r>(&self, request: &'r Request) -> Cow<'r, Request> {
        let events = request.operation.targets();
        if events.iter().all(|event| matches!(event, EventRef::Seq(_))) {
            return Cow::Borrowed(request);
        }
        let events = events.iter().map(|event| self.numbered(request, event));
        Cow::Owned(Request {
            operation: request.operation.clone().with_targets(events.collect()),
            ..request.clone()
        })
    }

    /// The event with its number, if it is in the log or pending.
    pub(super) fn numbered(&self, request: &Request, event: &EventRef) -> EventRef {
        match event {
            EventRef::Key(key) => match self.under(key.as_str()) {
                Some(record) => EventRef::Seq(record.seq),
                None => event.clone(),
            },
            EventRef::Head(back) => EventRef::Seq(self.counted_back(request, *back)),
            EventRef::Seq(_) => event.clone(),
        }
    }

    /// The event so far from the end. A repeat under the same key means the same event as before.
    fn counted_back(&self, request: &Request, back: u64) -> u64 {
        let first = self.keyed(request);
        let before = first
            .as_deref()
            .and_then(|first| match (first.link, &first.event) {
                (Some(link), _) => Some(link.target()),
                (None, Event::Release { hold, .. }) => Some(*hold),
                (None, _) => None,
            });
        before.unwrap_or_else(|| {
            let next = match first {
                Some(first) => {
                    let earlier = self.earlier(&request.operation, first.seq);
                    first.seq.saturating_sub(earlier.unwrap_or(0))
                }
                None => self.next_seq(),
            };
            next.saturating_sub(1).saturating_sub(back)
        })
    }

    /// The event under a request's key, logged or pending.
    pub(super) fn keyed(&self, request: &Request) -> Option<Cow<'_, Record<'static>>> {
        self.under(request.key.as_ref()?.as_str())
    }

    pub(super) fn under(&self, key: &str) -> Option<Cow<'_, Record<'static>>> {
        match self.keyed.get(key) {
            Some(entry) => Some(Cow::Borrowed(&entry.record)),
            None => self.pending.record(*self.pending_keys.get(key)?),
        }
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
        if let Some(record) = self.pending.record(seq) {
            return Ok(Some(record.into_owned()));
        }
        let logged = self.log.map(|log| log.entry(seq)).transpose()?.flatten();
        Ok(logged.map(|entry| entry.record))
    }

    pub(super) fn head(&self) -> Option<(u64, Hash)> {
        self.end.last.map(|last| (last.seq, last.hash))
    }

    /// The number of the next event.
    pub(super) fn next_seq(&self) -> u64 {
        match (self.pending.last(), self.end.last) {
            (Some(pending), _) => pending.saturating_add(1),
            (None, Some(last)) => last.seq.saturating_add(1),
            (None, None) => 0,
        }
    }
}
