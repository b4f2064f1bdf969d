//! A block of a log: the lines that start in a segment of bytes, read and checked separately.

use std::fs::File;

use crate::event::Entry;
use crate::log::check::{self, LineChecks, Predecessor};
use crate::log::format::{self, Covered, ParseCache};
use crate::log::lines::{LINE_MAX_BYTES, as_u64};
use crate::log::{LineSpan, LogPosition, platform};

/// What is known about the bytes before a block.
#[derive(Clone, Copy)]
pub(super) enum LineBefore {
    /// Nothing: not even whether a line starts there.
    Unknown,
    /// The last checked line ends there; `None` at the start of the log.
    Known(Option<LogPosition>),
}

/// The segment in which a block's own lines start.
pub(super) struct OwnBytes {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) before: LineBefore,
}

impl OwnBytes {
    /// Reads the lines that start here, with the last one up to its line feed, but not beyond
    /// `end`. `None` if the file is shorter.
    pub(super) fn read<'b>(
        self,
        file: &File,
        end: u64,
        bytes: &'b mut Vec<u8>,
    ) -> Option<ByteBlock<'b>> {
        /// Most last lines end within this.
        const USUAL_LINE: u64 = 1024;
        // The byte before decides whether a line starts at the beginning.
        let ahead = u64::from(matches!(self.before, LineBefore::Unknown));
        let offset = self.from.checked_sub(ahead)?;
        let usual = self.to.saturating_add(USUAL_LINE).min(end);
        let most = self.to.saturating_add(as_u64(LINE_MAX_BYTES)).min(end);
        let own = usize::try_from(self.to.checked_sub(offset)?).ok()?;
        let mut length = usize::try_from(usual.checked_sub(offset)?).ok()?;
        fill(file, offset, 0, length, bytes)?;
        let after = bytes.get(own.saturating_sub(1)..length)?;
        if usual < most && memchr::memchr(b'\n', after).is_none() {
            let filled = length;
            length = usize::try_from(most.checked_sub(offset)?).ok()?;
            fill(file, offset, filled, length, bytes)?;
        }
        let bytes = bytes.get(..length)?;
        let start = match ahead {
            0 => Some(0),
            _ => memchr::memchr(b'\n', bytes.get(..own)?).map(|at| at.saturating_add(1)),
        };
        Some(ByteBlock {
            bytes,
            offset,
            // No line starts in the middle of a long one.
            start: start.unwrap_or(own),
            own,
            before: self.before,
        })
    }
}

/// Reads up to `length` bytes into a buffer that holds `filled` of them.
fn fill(file: &File, offset: u64, filled: usize, length: usize, bytes: &mut Vec<u8>) -> Option<()> {
    if bytes.len() < length {
        bytes.resize(length, 0);
    }
    let mut filled = filled;
    while filled < length {
        let target = bytes.get_mut(filled..length)?;
        let at = offset.checked_add(as_u64(filled))?;
        let read = platform::read_at(file, target, at).ok()?;
        if read == 0 {
            return None;
        }
        filled = filled.saturating_add(read);
    }
    Some(())
}

/// The bytes of a block.
pub(super) struct ByteBlock<'b> {
    bytes: &'b [u8],
    /// The offset in the file of the first of them.
    offset: u64,
    /// The first line that starts in this block.
    start: usize,
    /// A line that starts here is the next block's.
    own: usize,
    before: LineBefore,
}

/// The lines of a block that are valid and follow each other.
pub(super) struct Checked<'b> {
    /// What the lines say.
    pub(super) entries: Vec<Entry<'b>>,
    /// The offset in the file of the first of them.
    offset: u64,
    /// The end of each line, after its line feed.
    ends: Vec<u64>,
    /// The input of the first line's hash, if it was not compared yet.
    pub(super) first: Option<Covered<'b>>,
}

/// The memory of a block, reused for the next one.
pub(super) type EntryBuffers = (Vec<Entry<'static>>, Vec<u64>);

impl<'b> Checked<'b> {
    pub(super) fn empty((entries, mut ends): EntryBuffers) -> Checked<'b> {
        ends.clear();
        Checked {
            entries,
            offset: 0,
            ends,
            first: None,
        }
    }

    /// Drops the lines and keeps their memory, which the standard library reuses when collecting.
    pub(super) fn into_buffers(mut self) -> EntryBuffers {
        self.entries.clear();
        let entries = self.entries.into_iter().map_while(|_| None).collect();
        (entries, self.ends)
    }

    /// The last of the lines.
    pub(super) fn last(&self) -> Option<LogPosition> {
        let (entry, end) = (self.entries.last()?, self.ends.last()?);
        Some(LogPosition {
            offset: *end,
            seq: entry.seq,
            hash: entry.hash,
            at: entry.at,
        })
    }

    /// Delivers the lines with their positions, until one of them is an error.
    #[inline]
    pub(super) fn deliver<E>(
        &mut self,
        mut each: impl FnMut(&Entry<'b>, LineSpan) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut offset = self.offset;
        let mut ends = self.ends.iter();
        let mut delivered = Ok(());
        // Each line is dropped here, while it is in the processor's cache, instead of in a separate
        // loop.
        self.entries.retain(|entry| {
            if let Some(end) = ends.next().filter(|_| delivered.is_ok()) {
                let place = LineSpan {
                    // Correct for a valid line, and no other is delivered.
                    line: entry.seq.saturating_add(1),
                    offset,
                    end: *end,
                };
                offset = *end;
                delivered = each(entry, place);
            }
            false
        });
        delivered
    }

    /// Accepts lines one by one. False if one was not accepted: no later line is.
    pub(super) fn check(
        &mut self,
        block: &ByteBlock<'b>,
        checks: LineChecks,
        cache: &mut ParseCache,
    ) -> bool {
        let bytes = block.bytes.get(block.start..).unwrap_or_default();
        let own = block.own.saturating_sub(block.start);
        self.offset = block.offset.saturating_add(as_u64(block.start));
        let mut rest = lines_in(bytes, own);
        let whole = rest.len();
        let mut at = 0;
        while at < own {
            let read = format::read_first_after(rest, cache, &mut self.entries);
            let Some((covered, after)) = read else {
                return false;
            };
            let end = whole.saturating_sub(after.len());
            let is_overlong = end.saturating_sub(at) > LINE_MAX_BYTES.saturating_add(1);
            if is_overlong || !self.last_follows(&covered, block.before, checks) {
                self.entries.pop();
                return false;
            }
            self.ends.push(self.offset.saturating_add(as_u64(end)));
            (at, rest) = (end, after);
        }
        true
    }

    /// True if the last line follows the one before it, or if that is still unknown.
    #[inline]
    fn last_follows(
        &mut self,
        covered: &Covered<'b>,
        before: LineBefore,
        checks: LineChecks,
    ) -> bool {
        match (self.entries.as_slice(), before) {
            ([.., ahead, last], _) => {
                check::follows(Some(Predecessor::entry(ahead)), last, covered, checks)
            }
            ([first], LineBefore::Known(position)) => check::follows(
                position.as_ref().map(Predecessor::position),
                first,
                covered,
                checks,
            ),
            _ => {
                self.first = Some(*covered);
                true
            }
        }
    }
}

/// The text of the lines that start in the first `own` bytes, up to the last one's line feed; less
/// if some of it is not UTF-8.
fn lines_in(bytes: &[u8], own: usize) -> &str {
    let last = own.saturating_sub(1);
    let after = bytes.get(last..).unwrap_or_default();
    let end = memchr::memchr(b'\n', after)
        .map_or(bytes.len(), |at| last.saturating_add(at).saturating_add(1));
    let lines = bytes.get(..end).unwrap_or_default();
    match std::str::from_utf8(lines) {
        Ok(text) => text,
        Err(error) => {
            let sound = lines.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(sound).unwrap_or_default()
        }
    }
}
