//! The format of a line: a frame that all versions share, and a module per version for the types that
//! it added.
//!
//! Must not depend on files, the lines around it, balances or rules.

mod cursor;
mod quick;
mod read;
mod v1;
mod v2;
mod write;

use thiserror::Error;

use crate::event::{Entry, Hash, Record};

pub(super) use cursor::LineFault;
pub(super) use quick::ParseCache;
#[cfg(fuzzing)]
pub(super) use quick::read as read_quick;
pub(super) use read::{Covered, ParsedLine, read};
pub(super) use write::note_digest;

/// Parses a line after others, which makes expectations possible: like [`read()`], but without an
/// error for a line that it does not accept.
#[inline]
pub(super) fn read_after<'a>(line: &'a [u8], cache: &mut ParseCache) -> Option<ParsedLine<'a>> {
    std::str::from_utf8(line)
        .ok()
        .and_then(|text| quick::read(text, cache))
        .or_else(|| read(line).ok())
}

/// The same for the line at the start of a text that ends with a line feed. Its content replaces
/// that of the line before. Returns the input of its hash and the rest after the line feed.
#[expect(
    clippy::inline_always,
    reason = "an entry is large: it is built in place instead of being moved"
)]
#[inline(always)]
pub(super) fn read_first_after<'a>(
    text: &'a str,
    cache: &mut ParseCache,
    entries: &mut Vec<Entry<'a>>,
) -> Option<(Covered<'a>, &'a str)> {
    let length = entries.len();
    match quick::read_first(text, cache, |entry| entries.push(entry)) {
        Some(((), covered, after)) if after.starts_with('\n') => Some((covered, after.get(1..)?)),
        _ => {
            entries.truncate(length);
            read_first(text, entries)
        }
    }
}

#[cold]
fn read_first<'a>(text: &'a str, entries: &mut Vec<Entry<'a>>) -> Option<(Covered<'a>, &'a str)> {
    let end = memchr::memchr(b'\n', text.as_bytes())?;
    let (line, after) = text.split_at_checked(end)?;
    let line = read(line.as_bytes()).ok()?;
    entries.push(line.entry);
    Some((line.covered, after.get(1..)?))
}

/// Encodes a record as the line after the one with hash `previous`, without its line feed, and
/// returns its entry.
pub fn encode<'a>(record: Record<'a>, previous: Option<&Hash>) -> (String, Entry<'a>) {
    let (line, hash) = write::write(&record, previous);
    (line, Entry { record, hash })
}

/// Why a line that is not in a log cannot be decoded.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// It is of a later version.
    #[error("it has version {0}, which is newer than this program")]
    Newer(u64),
    /// It is not in the canonical form.
    #[error("byte {at}: {reason}")]
    Form {
        /// The offset in the line.
        at: usize,
        /// What should be there.
        reason: &'static str,
    },
}

/// Decodes a line that is not in a log, without its line feed. Its hash is not checked.
///
/// # Errors
/// [`DecodeError`].
pub fn decode(line: &[u8]) -> Result<Entry<'_>, DecodeError> {
    match read(line) {
        Ok(line) => Ok(line.entry),
        Err(LineFault::Newer(version)) => Err(DecodeError::Newer(version)),
        Err(LineFault::Form { at, reason }) => Err(DecodeError::Form { at, reason }),
        Err(LineFault::Ends) => Err(DecodeError::Form {
            at: line.len(),
            reason: "the line ends too early",
        }),
    }
}

#[cfg(test)]
mod tests;
