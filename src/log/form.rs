//! The versions of a line, side by side. Today there is one; a version 2 is read here beside it.

use super::v1;
use crate::event::{Entry, Event, Hash, Key, Note};
use crate::time::Instant;

pub(super) use v1::{Fault, Habits, Line};

/// An event that is to become a line: everything of it but its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its number.
    pub seq: u64,
    /// When it is recorded.
    pub at: Instant,
    /// When it takes effect, where that is not `at`.
    pub effective: Option<Instant>,
    /// What happened.
    pub event: Event<'a>,
    /// The number of the event it undoes.
    pub reverses: Option<u64>,
    /// The idempotency key.
    pub key: Option<Key<'a>>,
    /// True where more of its batch follows.
    pub more: bool,
    /// Memo and tags.
    pub note: Option<Note<'a>>,
}

/// Reads one line without its line feed, of whatever version it says it is.
pub(super) fn read(line: &[u8]) -> Result<Line<'_>, Fault> {
    // A version that shares nothing with version 1 but its first bytes is told apart here, by them:
    // `v1::read` answers `Newer` for every version that it is not.
    v1::read(line)
}

/// What [`read`] takes, sooner where the line is one of the usual ones; `None` where it takes none.
#[inline]
pub(super) fn read_after<'a>(line: &'a [u8], habits: &mut Habits) -> Option<Line<'a>> {
    v1::read_quick(line, habits).or_else(|| read(line).ok())
}

/// Writes a record as a line of the newest version, without its line feed, and says what was
/// written.
pub fn seal<'a>(record: Record<'a>, previous: Option<&Hash>) -> (String, Entry<'a>) {
    let (line, hash) = v1::write(&record, previous);
    let entry = Entry {
        seq: record.seq,
        at: record.at,
        effective: record.effective,
        event: record.event,
        reverses: record.reverses,
        key: record.key,
        more: record.more,
        hash,
        note: record.note,
    };
    (line, entry)
}
