//! What follows the last valid line: nothing, a line without its line feed, a torn append, or
//! damage.

use memchr::{memmem, memrchr};
use std::fs::File;
use std::io;

use super::format::{self, LineFault};
use super::lines::{LINE_MAX_BYTES, RawLine, as_u64};
use super::{Checker, platform};
use crate::time::Timestamp;

/// The end of a log whose lines are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// The last line ends with its line feed.
    Clean,
    /// The last line is whole and counts; only its line feed is missing.
    Unterminated,
    /// An append that did not finish and was never reported as successful. It does not count.
    Torn {
        /// Where it starts.
        offset: u64,
        /// How many bytes it has.
        bytes: u64,
    },
}

impl Tail {
    /// How many bytes do not count.
    pub fn torn_bytes(self) -> u64 {
        match self {
            Tail::Torn { bytes, .. } => bytes,
            Tail::Clean | Tail::Unterminated => 0,
        }
    }
}

impl Checker {
    /// True if these bytes without a line feed are an unfinished append of the next line.
    pub(crate) fn takes_for_torn(&self, rest: &RawLine<'_>) -> bool {
        is_torn(rest, self.next_seq(), self.last_at())
    }
}

/// True if these bytes without a line feed are what an interrupted append of the next line can
/// leave: a proper prefix of it, with or without NUL bytes after it.
pub(super) fn is_torn(rest: &RawLine<'_>, next_seq: u64, last_at: Option<Timestamp>) -> bool {
    let Ok(length) = usize::try_from(rest.length_without_nul) else {
        return false;
    };
    if length > LINE_MAX_BYTES {
        return false;
    }
    let bytes = rest.bytes.get(..length).unwrap_or_default();
    let may_become_a_line = match format::read(bytes) {
        // Complete except for its line feed.
        Ok(_) => true,
        Err(fault) => fault == LineFault::Ends,
    };
    may_become_a_line && may_be_next(bytes, next_seq, last_at)
}

/// True if the number and the time, as far as they are present, are those of the next line.
fn may_be_next(bytes: &[u8], next_seq: u64, last_at: Option<Timestamp>) -> bool {
    let beginnings =
        [1, 2].map(|version| format!("{{\"v\":{version},\"seq\":{next_seq},\"at\":\""));
    let mut after = None;
    for beginning in &beginnings {
        let beginning = beginning.as_bytes();
        if beginning.starts_with(bytes) {
            return true;
        }
        after = after.or(bytes.strip_prefix(beginning));
    }
    let Some(after) = after else { return false };
    let at = after.get(..27).unwrap_or(after);
    let Some(last_at) = last_at else { return true };
    let last_at = last_at.text();
    at >= last_at.as_bytes().get(..at.len()).unwrap_or_default()
}

/// The offset after the last line that is known to be finished: trailing lines with `more` belong
/// to an incomplete batch. Reads the end of the file backwards, by form only: the scan that follows
/// checks every line.
pub(super) fn settled_end(file: &File, length: u64) -> io::Result<u64> {
    let mut window = Window::default();
    let last_line_feed = window.last_line_feed(file, length)?;
    let rest_from = last_line_feed.map_or(0, |at| at.saturating_add(1));
    let rest_length = length.saturating_sub(rest_from);
    if rest_length > 0 && rest_length <= as_u64(LINE_MAX_BYTES) {
        let rest = window.read(file, rest_from, length)?;
        if format::read(rest).is_ok_and(|line| !line.entry.more) {
            return Ok(length);
        }
    }
    let mut end = rest_from;
    while end > 0 {
        let line_feed = end.saturating_sub(1);
        let start = window
            .last_line_feed(file, line_feed)?
            .map_or(0, |at| at.saturating_add(1));
        let is_short = line_feed.saturating_sub(start) <= as_u64(LINE_MAX_BYTES);
        if !is_short || !says_more(window.read(file, start, line_feed)?) {
            break;
        }
        end = start;
    }
    Ok(end)
}

/// The last line before the settled end, without its line feed.
pub(super) fn last_settled_line(file: &File, end: u64) -> io::Result<Option<Vec<u8>>> {
    let mut window = Window::default();
    let line_end = match window.last_line_feed(file, end)? {
        Some(at) if at.saturating_add(1) == end => at,
        _ => end,
    };
    let start = window
        .last_line_feed(file, line_end)?
        .map_or(0, |at| at.saturating_add(1));
    if start >= line_end || line_end.saturating_sub(start) > as_u64(LINE_MAX_BYTES) {
        return Ok(None);
    }
    Ok(Some(window.read(file, start, line_end)?.to_vec()))
}

/// The last line that ends at or before an offset: the offset after its line feed, and its bytes.
pub(super) fn line_before(file: &File, offset: u64) -> io::Result<Option<(u64, Vec<u8>)>> {
    let mut window = Window::default();
    let Some(line_feed) = window.last_line_feed(file, offset)? else {
        return Ok(None);
    };
    let start = window
        .last_line_feed(file, line_feed)?
        .map_or(0, |at| at.saturating_add(1));
    if line_feed.saturating_sub(start) > as_u64(LINE_MAX_BYTES) {
        return Ok(None);
    }
    let line = window.read(file, start, line_feed)?.to_vec();
    Ok(Some((line_feed.saturating_add(1), line)))
}

fn says_more(line: &[u8]) -> bool {
    const MORE: &[u8] = b",\"more\":true,\"hash\":\"";
    // Cheap first: most lines do not hold the words at all.
    memmem::find(line, MORE).is_some() && format::read(line).is_ok_and(|line| line.entry.more)
}

/// A part of the file that is kept while lines are read backwards.
#[derive(Default)]
struct Window {
    bytes: Vec<u8>,
    offset: u64,
}

impl Window {
    /// At least a whole line and the one before it, once more than the last lines are needed.
    const SIZE: u64 = 256 * 1024;
    const FIRST: u64 = 4 * 1024;

    fn end(&self) -> u64 {
        self.offset.saturating_add(as_u64(self.bytes.len()))
    }

    /// The offset of the last line feed before `before`.
    fn last_line_feed(&mut self, file: &File, before: u64) -> io::Result<Option<u64>> {
        let mut before = before;
        while before > 0 {
            if before <= self.offset || before > self.end() {
                let size = if self.bytes.is_empty() {
                    Window::FIRST
                } else {
                    Window::SIZE
                };
                self.load(file, before.saturating_sub(size), before)?;
            }
            let length = usize::try_from(before.saturating_sub(self.offset)).unwrap_or(0);
            let seen = self.bytes.get(..length).unwrap_or_default();
            if let Some(at) = memrchr(b'\n', seen) {
                return Ok(Some(self.offset.saturating_add(as_u64(at))));
            }
            before = self.offset;
        }
        Ok(None)
    }

    /// The bytes of a stretch no longer than a line.
    fn read(&mut self, file: &File, from: u64, to: u64) -> io::Result<&[u8]> {
        if from < self.offset || to > self.end() {
            self.load(file, from, to)?;
        }
        let start = usize::try_from(from.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let end = usize::try_from(to.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        Ok(self.bytes.get(start..end).unwrap_or_default())
    }

    fn load(&mut self, file: &File, from: u64, to: u64) -> io::Result<()> {
        let length = usize::try_from(to.saturating_sub(from)).unwrap_or(0);
        self.bytes.resize(length, 0);
        self.offset = from;
        let mut filled = 0_usize;
        while filled < length {
            let target = self.bytes.get_mut(filled..).unwrap_or_default();
            let read = platform::read_at(file, target, from.saturating_add(as_u64(filled)))?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            filled = filled.saturating_add(read);
        }
        Ok(())
    }
}
