//! A block of a log: the lines that start in a stretch of bytes, read and checked apart from the rest.
//!
//! Owns where the first of them starts and the last ends. Must not know what is done with them.

use std::fs::File;

use crate::event::Entry;
use crate::log::check::{self, Ahead};
use crate::log::form::{self, Habits, Line};
use crate::log::lines::{LINE_MAX_BYTES, as_u64};
use crate::log::{Mark, Place, platform};

/// What is known of what stands ahead of a block.
#[derive(Clone, Copy)]
pub(super) enum Before {
    /// Nothing: not even whether a line starts there.
    Unknown,
    /// A line that was checked ends there; none where the log starts there.
    Known(Option<Mark>),
}

/// The stretch in which a block's own lines start.
pub(super) struct Own {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) before: Before,
}

impl Own {
    /// Reads the lines that start here, the last one to its line feed, as far as it may be long, but
    /// not beyond `end`. `None` where the file does not give that much.
    pub(super) fn read<'b>(
        self,
        file: &File,
        end: u64,
        bytes: &'b mut Vec<u8>,
    ) -> Option<Block<'b>> {
        /// Most last lines end within this.
        const USUAL_LINE: u64 = 1024;
        // The byte ahead tells whether a line starts at the very beginning.
        let ahead = u64::from(matches!(self.before, Before::Unknown));
        let offset = self.from.checked_sub(ahead)?;
        let usual = self.to.saturating_add(USUAL_LINE).min(end);
        let most = self.to.saturating_add(as_u64(LINE_MAX_BYTES)).min(end);
        let own = usize::try_from(self.to.checked_sub(offset)?).ok()?;
        let mut length = usize::try_from(usual.checked_sub(offset)?).ok()?;
        fill(file, offset, 0, length, bytes)?;
        let behind = bytes.get(own.saturating_sub(1)..length)?;
        if usual < most && memchr::memchr(b'\n', behind).is_none() {
            let filled = length;
            length = usize::try_from(most.checked_sub(offset)?).ok()?;
            fill(file, offset, filled, length, bytes)?;
        }
        let bytes = bytes.get(..length)?;
        let start = match ahead {
            0 => Some(0),
            _ => memchr::memchr(b'\n', bytes.get(..own)?).map(|at| at.saturating_add(1)),
        };
        Some(Block {
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
pub(super) struct Block<'b> {
    bytes: &'b [u8],
    /// The offset in the file of the first of them.
    offset: u64,
    /// The first line that starts in this block.
    start: usize,
    /// A line that starts here is the next block's.
    own: usize,
    before: Before,
}

/// The lines of a block that are sound in themselves and follow each other.
pub(super) struct Checked<'b> {
    /// The first, which nothing was held against yet.
    pub(super) first: Option<(Line<'b>, Place)>,
    pub(super) rest: Vec<(Entry<'b>, Place)>,
}

impl<'b> Checked<'b> {
    pub(super) fn empty(room: Vec<(Entry<'b>, Place)>) -> Checked<'b> {
        Checked {
            first: None,
            rest: room,
        }
    }

    /// Lets the lines go and keeps the room they were in, which the standard library collects into.
    pub(super) fn into_room<'n>(mut self) -> Vec<(Entry<'n>, Place)> {
        self.rest.clear();
        self.rest.into_iter().map_while(|_| None).collect()
    }

    /// Takes line after line. False where one was not taken: nothing behind it is.
    pub(super) fn check(&mut self, block: &Block<'b>) -> bool {
        let mut at = block.start;
        let mut habits = Habits::default();
        while at < block.own {
            let rest = block.bytes.get(at..).unwrap_or_default();
            let length = memchr::memchr(b'\n', rest);
            let Some(length) = length.filter(|length| *length <= LINE_MAX_BYTES) else {
                return false;
            };
            let bytes = rest.get(..length).unwrap_or_default();
            let Some(line) = form::read_after(bytes, &mut habits) else {
                return false;
            };
            let behind = at.saturating_add(length).saturating_add(1);
            let place = Place {
                // Right for a sound line, and no other is handed on.
                line: line.entry.seq.saturating_add(1),
                offset: block.offset.saturating_add(as_u64(at)),
                end: block.offset.saturating_add(as_u64(behind)),
            };
            let ahead = match (self.rest.last(), &self.first, &block.before) {
                (Some((entry, _)), _, _) => Some(Ahead::entry(entry)),
                (None, Some((first, _)), _) => Some(Ahead::entry(&first.entry)),
                (None, None, Before::Known(mark)) => mark.as_ref().map(Ahead::mark),
                (None, None, Before::Unknown) => {
                    self.first = Some((line, place));
                    at = behind;
                    continue;
                }
            };
            if !check::follows(ahead, &line) {
                return false;
            }
            self.rest.push((line.entry, place));
            at = behind;
        }
        true
    }
}
