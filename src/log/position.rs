//! Places in a log: after a line, of a line, and the number that a line begins with.

use super::lines::RawLine;
use crate::event::Hash;
use crate::time::Timestamp;

/// A position between two lines, up to which the log has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPosition {
    /// The offset after the last line that counts.
    pub offset: u64,
    /// That line's number.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
    /// When it was recorded.
    pub at: Timestamp,
}

/// Where the line of an event is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineSpan {
    /// Its line, counted from 1.
    pub line: u64,
    /// The line's offset, counted from 0.
    pub offset: u64,
    /// The offset after its line feed.
    pub end: u64,
}

impl LineSpan {
    pub(super) fn of(raw: &RawLine<'_>) -> LineSpan {
        LineSpan {
            line: raw.number,
            offset: raw.offset,
            end: raw.end(),
        }
    }
}

/// The number of an event, from the beginning of its line.
pub(crate) fn seq_of(line: &[u8]) -> Option<u64> {
    let after = line
        .strip_prefix(b"{\"v\":1,\"seq\":")
        .or_else(|| line.strip_prefix(b"{\"v\":2,\"seq\":"))?;
    let digits = after.get(..after.iter().position(|byte| *byte == b',')?)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}
