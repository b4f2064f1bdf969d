//! The versions of a line, side by side. Today there is one; a version 2 is read here beside it.

use super::v1;
use crate::event::{Entry, Event, Hash, Key, Note};
use crate::time::Timestamp;

pub(super) use v1::{Covered, Fault, Line, ParseCache};

/// An event that is to become a line: everything of it but its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its number.
    pub seq: u64,
    /// When it is recorded.
    pub at: Timestamp,
    /// When it takes effect, where that is not `at`.
    pub effective: Option<Timestamp>,
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

/// Reads a line behind others, which tell what to expect: as [`read`] does, without a word about one
/// that is not taken.
#[inline]
pub(super) fn read_after<'a>(line: &'a [u8], cache: &mut ParseCache) -> Option<Line<'a>> {
    std::str::from_utf8(line)
        .ok()
        .and_then(|text| v1::read_quick(text, cache))
        .or_else(|| read(line).ok())
}

/// The same for the line that a text starts with, where a line feed ends it: what it says goes where
/// the lines ahead of it are. Answers with what its hash is made of and what stands behind the line
/// feed.
#[expect(
    clippy::inline_always,
    reason = "an entry is large: it is put where it stays, and not handed from call to call"
)]
#[inline(always)]
pub(super) fn read_first_after<'a>(
    text: &'a str,
    cache: &mut ParseCache,
    entries: &mut Vec<Entry<'a>>,
) -> Option<(Covered<'a>, &'a str)> {
    let length = entries.len();
    match v1::read_first_quickly(text, cache, |entry| entries.push(entry)) {
        Some(((), covered, behind)) if behind.starts_with('\n') => {
            Some((covered, behind.get(1..)?))
        }
        _ => {
            entries.truncate(length);
            read_first(text, entries)
        }
    }
}

#[cold]
fn read_first<'a>(text: &'a str, entries: &mut Vec<Entry<'a>>) -> Option<(Covered<'a>, &'a str)> {
    let end = memchr::memchr(b'\n', text.as_bytes())?;
    let (line, behind) = text.split_at_checked(end)?;
    let line = read(line.as_bytes()).ok()?;
    entries.push(line.entry);
    Some((line.covered, behind.get(1..)?))
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
