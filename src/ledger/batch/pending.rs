//! [`PendingEvents`]: what was decided and is not appended yet.
//!
//! Of a large batch all events but the newest are kept as the lines that will be appended, so that a
//! million requests need little more memory than their lines.

use std::borrow::Cow;

use crate::event::{Entry, Event, Hash, Record};
use crate::ledger::LedgerError;
use crate::ledger::receipt::{AccountAfter, HoldAfter};
use crate::log::{as_u64, decode, encode};

/// Decided events with consecutive numbers, none of which is appended yet.
#[derive(Debug, Default)]
pub(in crate::ledger) struct PendingEvents {
    /// The number of the first of them.
    first: u64,
    /// The hash of the line before those that are not encoded.
    previous: Option<Hash>,
    /// Whole lines, each with its line feed.
    lines: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
    /// The events after them.
    open: Vec<Record<'static>>,
    /// The accounts and the hold of each event, right after it.
    after: Vec<After>,
    /// The first event that needs a newer version of the format than the first.
    newer: Option<u64>,
    /// How many of them redact.
    redactions: usize,
}

/// The accounts that an event touched and its hold, right after it.
#[derive(Clone, Debug)]
pub(in crate::ledger) struct After {
    pub(in crate::ledger) accounts: Box<[AccountAfter]>,
    pub(in crate::ledger) hold: Option<Box<HoldAfter>>,
    /// True if the next event belongs to the same request.
    pub(super) more: bool,
}

/// What became of a request: the number of its event, how many events of it are directly before that
/// one, and whether they were recorded before.
#[derive(Debug)]
pub(in crate::ledger) struct Slot {
    pub(in crate::ledger) seq: u64,
    pub(in crate::ledger) earlier: u64,
    pub(in crate::ledger) replayed: bool,
}

impl PendingEvents {
    /// None yet, after a line with this hash.
    pub(super) fn following(previous: Option<Hash>) -> PendingEvents {
        PendingEvents {
            previous,
            ..PendingEvents::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.after.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.after.is_empty()
    }

    /// The number of the first.
    pub(super) fn first(&self) -> Option<u64> {
        (!self.is_empty()).then_some(self.first)
    }

    /// The number of the last.
    pub(super) fn last(&self) -> Option<u64> {
        let after = as_u64(self.len()).checked_sub(1)?;
        self.first.checked_add(after)
    }

    /// The first event that needs a newer version of the format than the first.
    pub(super) fn newer(&self) -> Option<u64> {
        self.newer
    }

    /// How many of them redact.
    pub(super) fn redactions(&self) -> usize {
        self.redactions
    }

    pub(super) fn push(&mut self, record: Record<'static>, after: After) {
        if self.is_empty() {
            self.first = record.seq;
        }
        if record.version() > 1 && self.newer.is_none() {
            self.newer = Some(record.seq);
        }
        if matches!(record.event, Event::Redact { .. }) {
            self.redactions = self.redactions.saturating_add(1);
        }
        self.open.push(record);
        self.after.push(after);
    }

    /// Takes back all but the first `count`. Those are not encoded yet.
    pub(super) fn truncate(&mut self, count: usize) {
        self.after.truncate(count);
        let taken = self
            .open
            .split_off(count.saturating_sub(self.ends.len()).min(self.open.len()));
        let redacts = |record: &&Record<'_>| matches!(record.event, Event::Redact { .. });
        let redactions = taken.iter().filter(redacts).count();
        self.redactions = self.redactions.saturating_sub(redactions);
        if let (Some(newer), Some(first)) = (self.newer, taken.first())
            && newer >= first.seq
        {
            self.newer = None;
        }
    }

    /// The last is not the end of its request or batch.
    pub(super) fn continue_last(&mut self) {
        if let (Some(last), Some(after)) = (self.open.last_mut(), self.after.last_mut()) {
            last.more = true;
            after.more = true;
        }
    }

    /// Encodes all but the last, of which it is not known yet whether it ends the batch.
    pub(super) fn settle(&mut self, together: bool) {
        let count = self.open.len().saturating_sub(1);
        self.encode(count, |more| more || together);
    }

    /// Encodes all of them.
    pub(super) fn finish(&mut self, together: bool) {
        self.settle(together);
        self.encode(1, |_| false);
    }

    fn encode(&mut self, count: usize, more: impl Fn(bool) -> bool) {
        let count = count.min(self.open.len());
        for mut record in self.open.drain(..count) {
            record.more = record.seq > 0 && more(record.more);
            let (line, entry) = encode(record, self.previous.as_ref());
            self.lines.extend_from_slice(line.as_bytes());
            self.lines.push(b'\n');
            self.ends.push(self.lines.len());
            self.previous = Some(entry.hash);
        }
    }

    /// The lines of those that are encoded.
    pub(in crate::ledger) fn lines(&self) -> &[u8] {
        &self.lines
    }

    /// The last of them and its hash, if all are encoded.
    pub(super) fn end(&self) -> Option<(u64, Hash)> {
        self.last().zip(self.previous)
    }

    /// The event with this number, if it is one of them. Only its own request goes on after it: the
    /// requests of a batch are undone one by one within the batch.
    pub(super) fn record(&self, seq: u64) -> Option<Cow<'_, Record<'static>>> {
        let index = self.index(seq)?;
        if let Some(open) = index.checked_sub(self.ends.len()) {
            self.open.get(open).map(Cow::Borrowed)
        } else {
            let record = self.entry_at(index)?.record;
            let more = self.after.get(index)?.more;
            Some(Cow::Owned(Record { more, ..record }))
        }
    }

    /// The event with this number and what was there after it, if it is one of them and encoded.
    pub(in crate::ledger) fn entry(&self, seq: u64) -> Option<(Entry<'static>, &After)> {
        let index = self.index(seq)?;
        self.entry_at(index).zip(self.after.get(index))
    }

    /// Those that are encoded.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'static>> + '_ {
        (0..self.ends.len()).filter_map(|index| self.entry_at(index))
    }

    fn index(&self, seq: u64) -> Option<usize> {
        usize::try_from(seq.checked_sub(self.first()?)?).ok()
    }

    /// Makes sure that each line can be read again, before any of them is written.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`]: only a log whose events break the rules can lead to such a line.
    pub(super) fn check(&self) -> Result<(), LedgerError> {
        for (index, seq) in (0..self.ends.len()).zip(self.first..) {
            if let Some(Err(fault)) = self.line_at(index).map(decode) {
                return Err(LedgerError::Unreadable { seq, fault });
            }
        }
        Ok(())
    }

    fn line_at(&self, index: usize) -> Option<&[u8]> {
        let end = self.ends.get(index)?.checked_sub(1)?;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.lines.get(start..end)
    }

    fn entry_at(&self, index: usize) -> Option<Entry<'static>> {
        decode(self.line_at(index)?).ok().map(Entry::into_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{AccountName, Link};
    use crate::money::Floor;
    use crate::time::Timestamp;

    #[test]
    fn a_line_that_could_not_be_read_again_is_found_before_it_is_written() {
        let limit = |seq, link| Record {
            seq,
            at: Timestamp::MIN,
            effective: None,
            event: Event::Limit {
                account: AccountName::typed("main").unwrap(),
                floor: Floor::None,
            },
            link,
            key: None,
            more: false,
            note: None,
        };
        let after = After {
            accounts: Box::default(),
            hold: None,
            more: false,
        };
        let mut pending = PendingEvents::default();
        pending.push(limit(1, None), after.clone());
        pending.push(limit(2, Some(Link::Corrects(1))), after);
        pending.finish(true);
        let found = pending.check();
        assert!(
            matches!(found, Err(LedgerError::Unreadable { seq: 2, .. })),
            "{found:?}"
        );
    }
}
