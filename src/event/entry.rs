//! [`Record`]: an event with its position, times, link, key and note. [`Entry`]: a record with its
//! hash, as it is in the log.

use std::ops::Deref;

use super::{Event, Hash, Head, Key, Link, Note, Tags};
use crate::time::Timestamp;

/// One line of a log without its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its number: 0 for the first line, then without a gap.
    pub seq: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// When it took effect, if that is not `at`.
    pub effective: Option<Timestamp>,
    /// What happened.
    pub event: Event<'a>,
    /// How it relates to an earlier event.
    pub link: Option<Link>,
    /// The idempotency key it was recorded under.
    pub key: Option<Key<'a>>,
    /// True on every event of a batch but its last.
    pub more: bool,
    /// Memo and tags.
    pub note: Option<Note<'a>>,
}

impl Record<'_> {
    /// When it took effect: `effective` if there is one, otherwise when it was recorded.
    pub fn took_effect(&self) -> Timestamp {
        self.effective.unwrap_or(self.at)
    }

    /// The link, if it names an earlier event. A log that breaks the rules may have others, which have
    /// no effect.
    pub fn link_back(&self) -> Option<Link> {
        self.link.filter(|link| link.target() < self.seq)
    }

    /// The number of the earlier event that this one reverses.
    pub fn reverses(&self) -> Option<u64> {
        match self.link_back() {
            Some(Link::Reverses(seq)) => Some(seq),
            _ => None,
        }
    }

    /// The number of the earlier event that it refers to: by its link, as the hold that it releases, or
    /// as the event that it redacts.
    pub fn refers_to(&self) -> Option<u64> {
        match (self.link, &self.event) {
            (Some(link), _) => Some(link.target()),
            (None, Event::Release { hold, .. }) => Some(*hold),
            (None, Event::Redact { event }) => Some(*event),
            (None, _) => None,
        }
    }

    /// The lowest version of the format that can hold it.
    pub fn version(&self) -> u64 {
        match self.link {
            None | Some(Link::Reverses(_)) => self.event.kind().version(),
            Some(_) => 2,
        }
    }

    /// The memo, if there is one that was not redacted.
    pub fn memo(&self) -> Option<&str> {
        match &self.note {
            Some(Note::Kept { memo, .. }) => memo.as_deref(),
            _ => None,
        }
    }

    /// The tags; empty if there are none or they were redacted.
    pub fn tags(&self) -> &Tags<'_> {
        match &self.note {
            Some(Note::Kept { tags, .. }) => tags,
            _ => Tags::NONE,
        }
    }

    /// The same record, owned.
    pub fn into_owned(self) -> Record<'static> {
        Record {
            seq: self.seq,
            at: self.at,
            effective: self.effective,
            event: self.event.into_owned(),
            link: self.link,
            key: self.key.map(Key::into_owned),
            more: self.more,
            note: self.note.map(Note::into_owned),
        }
    }
}

/// One line of a log. Everything of its record can be read through it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The content of the line.
    pub record: Record<'a>,
    /// The chain's hash of the line.
    pub hash: Hash,
}

impl<'a> Deref for Entry<'a> {
    type Target = Record<'a>;

    fn deref(&self) -> &Record<'a> {
        &self.record
    }
}

impl Entry<'_> {
    /// Its position, as a script names it.
    pub fn head(&self) -> Head {
        Head::new(self.seq, &self.hash)
    }

    /// The same entry, owned.
    pub fn into_owned(self) -> Entry<'static> {
        Entry {
            record: self.record.into_owned(),
            hash: self.hash,
        }
    }
}
