//! Single lines, found by their number or their offset.
//!
//! Must not depend on what events mean.

use memchr::{memchr, memrchr};
use std::borrow::Cow;

use super::check::{self, LineChecks, Predecessor};
use super::erased::without_erased;
use super::file::io_error;
use super::format::{self, ParseCache};
use super::lines::{LINE_MAX_BYTES, as_u64};
use super::position::seq_of;
use super::{Checker, LineReader, LineSpan, LogError, LogPosition, LogReader, platform, tail};
use crate::event::Entry;

/// The part of a log in which a line with a certain number may start, and the numbers of its lines.
struct SearchRange {
    low: u64,
    high: u64,
    /// The number of the line that starts at `low`.
    first: u64,
    /// One more than the number of the last line before `high`; 0 if it is not known.
    end: u64,
}

impl SearchRange {
    /// Where to look next: where the line would be if all were of one length, and every third time the
    /// middle, so that the search is never long.
    fn guess(&self, seq: u64, step: u32) -> u64 {
        let bytes = self.high.saturating_sub(self.low);
        let lines = self.end.saturating_sub(self.first);
        let before = seq.saturating_sub(self.first);
        let middle = self.low.saturating_add(bytes / 2);
        if step % 3 == 2 || before >= lines {
            return middle;
        }
        // Half a line before its start, because the first line from there on is read.
        let halves = u128::from(before).saturating_mul(2).saturating_sub(1);
        let offset = u128::from(bytes)
            .saturating_mul(halves)
            .checked_div(u128::from(lines).saturating_mul(2));
        let offset = offset.and_then(|offset| u64::try_from(offset).ok());
        offset.map_or(middle, |offset| self.low.saturating_add(offset))
    }
}

impl LogReader {
    /// The event with this number, in a log that a scan found valid; `None` beyond its end. It is
    /// found by bisection over the bytes, because every line has its number.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn entry(&self, seq: u64) -> Result<Option<Entry<'static>>, LogError> {
        let found = self.numbered(seq, self.settled)?;
        found.map_or(Ok(None), |(offset, entry)| {
            let erased = self.erased_from(offset)?;
            Ok(Some(without_erased(&entry, &erased).into_owned()))
        })
    }

    /// The event with this number as its line has it, with a note that counts as erased if that is
    /// still in the file. Only the lines before `end`, an offset between two lines, need to be valid.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn entry_before(&self, seq: u64, end: u64) -> Result<Option<Entry<'static>>, LogError> {
        Ok(self.numbered(seq, end)?.map(|(_, entry)| entry))
    }

    /// The same with the offset of its line.
    fn numbered(&self, seq: u64, end: u64) -> Result<Option<(u64, Entry<'static>)>, LogError> {
        let line = self
            .line_of(seq, end)
            .map_err(|source| io_error(&self.path, "read", source))?;
        Ok(line.and_then(|(offset, line)| {
            let entry = format::read(&line).ok()?.entry.into_owned();
            (entry.seq == seq).then_some((offset, entry))
        }))
    }

    /// The last line that ends at or before an offset: the offset after its line feed, and its
    /// bytes.
    ///
    /// # Errors
    /// An error of the read.
    pub(crate) fn line_before(&self, offset: u64) -> std::io::Result<Option<(u64, Vec<u8>)>> {
        tail::line_before(&self.file, offset)
    }

    /// The line that starts at an offset, without its line feed.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub(crate) fn line_at(&self, offset: u64) -> Result<String, LogError> {
        let line = self.line_bytes(offset).and_then(|mut bytes| {
            bytes.truncate(memchr(b'\n', &bytes).unwrap_or(bytes.len()));
            String::from_utf8(bytes).map_err(std::io::Error::other)
        });
        line.map_err(|source| io_error(&self.path, "read", source))
    }

    /// The offset and the bytes of the line of this number, before `end`.
    pub(super) fn line_of(&self, seq: u64, end: u64) -> std::io::Result<Option<(u64, Vec<u8>)>> {
        if seq == 0 {
            // Every run needs the first line.
            let (start, line) = self.line_from(0, 0, end)?;
            return Ok((seq_of(&line) == Some(0)).then_some((start, line)));
        }
        let last = tail::line_before(&self.file, end)?.and_then(|(_, line)| seq_of(&line));
        let mut range = SearchRange {
            low: 0,
            high: end,
            first: 0,
            end: last.map_or(0, |last| last.saturating_add(1)),
        };
        // The line starts in `low..high`, and `low` is the start of a line.
        for step in 0_u32.. {
            if range.low >= range.high {
                break;
            }
            let guess = range.guess(seq, step);
            let (start, line) = self.line_from(range.low, guess, end)?;
            match seq_of(&line) {
                Some(found) if found == seq => return Ok(Some((start, line))),
                Some(found) if found < seq => {
                    let length = as_u64(line.len()).saturating_add(1);
                    range.low = start.saturating_add(length);
                    range.first = found.saturating_add(1);
                }
                found if start > range.low => {
                    range.high = guess.min(start);
                    range.end = found.unwrap_or(0);
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The first line that starts at or after `from`; the one at `low` if none starts within the
    /// length of a line.
    fn line_from(&self, low: u64, from: u64, end: u64) -> std::io::Result<(u64, Vec<u8>)> {
        let start = if from <= low {
            low
        } else {
            // A line starts at `from` itself if the byte before is a line feed.
            let before = self.line_bytes(from.saturating_sub(1))?;
            match memchr(b'\n', &before) {
                Some(at) => from.saturating_add(as_u64(at)),
                None => low,
            }
        };
        let start = if start >= end { low } else { start };
        let mut line = self.line_bytes(start)?;
        if let Some(end) = memchr(b'\n', &line) {
            line.truncate(end);
        }
        Ok((start, line))
    }

    /// The bytes from here on, at least up to the next line feed or the longest line's length.
    fn line_bytes(&self, from: u64) -> std::io::Result<Vec<u8>> {
        const STEP: usize = 1024;
        let mut bytes = Vec::new();
        let most = usize::try_from(self.length.saturating_sub(from))
            .unwrap_or(usize::MAX)
            .min(LINE_MAX_BYTES.saturating_add(2));
        while bytes.len() < most {
            let filled = bytes.len();
            bytes.resize(filled.saturating_add(STEP).min(most), 0);
            let target = bytes.get_mut(filled..).unwrap_or_default();
            let read = platform::read_at(&self.file, target, from.saturating_add(as_u64(filled)))?;
            bytes.truncate(filled.saturating_add(read));
            let fresh = bytes.get(filled..).unwrap_or_default();
            // A line feed at the very start ends the line before.
            let skip = usize::from(filled == 0);
            if read == 0 || memchr(b'\n', fresh.get(skip..).unwrap_or_default()).is_some() {
                break;
            }
        }
        Ok(bytes)
    }

    /// A position of an earlier reader of this log, if its line still ends there. A line that lacked
    /// its line feed then may have it now.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn locate(&self, position: &LogPosition) -> Result<Option<LogPosition>, LogError> {
        for offset in [position.offset, position.offset.saturating_add(1)] {
            if offset > self.length {
                break;
            }
            let line = tail::line_before(&self.file, offset)
                .map_err(|source| io_error(&self.path, "read", source))?;
            let is_it = line.is_some_and(|(end, line)| {
                end == offset
                    && format::read(&line).is_ok_and(|line| {
                        line.entry.seq == position.seq && line.entry.hash == position.hash
                    })
            });
            if is_it {
                return Ok(Some(LogPosition {
                    offset,
                    ..*position
                }));
            }
        }
        Ok(None)
    }

    /// The position after the line that ends at an offset, by what the line says; `None` if no line ends
    /// there.
    ///
    /// # Errors
    /// The system's error.
    pub(crate) fn position_at(&self, offset: u64) -> std::io::Result<Option<LogPosition>> {
        let line = self.line_before(offset)?;
        Ok(line
            .filter(|(end, _)| *end == offset)
            .and_then(|(_, line)| {
                let entry = format::read(&line).ok()?.entry;
                Some(LogPosition {
                    offset,
                    seq: entry.seq,
                    hash: entry.hash,
                    at: entry.at,
                })
            }))
    }

    /// The position after the last event, in a log that a scan found valid.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn last_position(&self) -> Result<Option<LogPosition>, LogError> {
        match self.last_seq()? {
            Some(seq) => self.position_of(seq),
            None => Ok(None),
        }
    }

    /// The position after the event with this number, in a log that a scan found valid; `None`
    /// beyond its end.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn position_of(&self, seq: u64) -> Result<Option<LogPosition>, LogError> {
        let line = self
            .line_of(seq, self.settled)
            .map_err(|source| io_error(&self.path, "read", source))?;
        Ok(line.and_then(|(start, line)| {
            let entry = format::read(&line).ok()?.entry;
            let end = start.checked_add(as_u64(line.len()))?;
            (entry.seq == seq).then(|| LogPosition {
                // The last line may lack its line feed.
                offset: end.saturating_add(1).min(self.length),
                seq,
                hash: entry.hash,
                at: entry.at,
            })
        }))
    }

    /// The event of the line at an offset, with its hash checked against that of the line before;
    /// `None` if no such line starts there.
    ///
    /// # Errors
    /// An error of the read.
    pub(crate) fn checked_at(
        &self,
        offset: u64,
    ) -> std::io::Result<Option<(Entry<'static>, LineSpan)>> {
        if offset >= self.settled {
            return Ok(None);
        }
        let found = match self.checked_fast(offset) {
            Some(found) => Some(found),
            None => self.checked_slow(offset)?,
        };
        let Some((entry, span)) = found else {
            return Ok(None);
        };
        let erased = self.erased_from(offset).map_err(std::io::Error::other)?;
        let changed = match without_erased(&entry, &erased) {
            Cow::Owned(changed) => Some(changed),
            Cow::Borrowed(_) => None,
        };
        Ok(Some((changed.unwrap_or(entry), span)))
    }

    /// The same with one read of the file, for two valid lines of a usual length; `None` if they
    /// are not.
    fn checked_fast(&self, offset: u64) -> Option<(Entry<'static>, LineSpan)> {
        /// Most lines are not longer.
        const USUAL_LINE: usize = 1024;
        let mut room = [0; 2 * USUAL_LINE];
        let from = offset.saturating_sub(as_u64(USUAL_LINE));
        let to = offset.saturating_add(as_u64(USUAL_LINE)).min(self.length);
        let bytes = room.get_mut(..usize::try_from(to.checked_sub(from)?).ok()?)?;
        if platform::read_at(&self.file, bytes, from).ok()? != bytes.len() {
            return None;
        }
        let (before, own) = bytes.split_at(usize::try_from(offset.checked_sub(from)?).ok()?);
        let before = before.strip_suffix(b"\n")?;
        // Without a line feed before it, its start may be missing.
        let start = memrchr(b'\n', before)?.saturating_add(1);
        let length = memchr(b'\n', own)?;
        let mut cache = ParseCache::default();
        let before = format::read_after(before.get(start..)?, &mut cache)?.entry;
        let line = format::read_after(own.get(..length)?, &mut cache)?;
        let (entry, covered) = (line.entry, line.covered);
        if !check::follows(
            Some(Predecessor::entry(&before)),
            &entry,
            &covered,
            LineChecks::All,
        ) {
            return None;
        }
        let span = LineSpan {
            line: entry.seq.saturating_add(1),
            offset,
            end: offset.saturating_add(as_u64(length)).saturating_add(1),
        };
        Some((entry.into_owned(), span))
    }

    /// The same for any two lines.
    fn checked_slow(&self, offset: u64) -> std::io::Result<Option<(Entry<'static>, LineSpan)>> {
        let position = match self.line_before(offset)? {
            None if offset == 0 => None,
            Some((end, line)) if end == offset => match format::read(&line) {
                Ok(line) => Some(LogPosition {
                    offset,
                    seq: line.entry.seq,
                    hash: line.entry.hash,
                    at: line.entry.at,
                }),
                Err(_) => return Ok(None),
            },
            _ => return Ok(None),
        };
        let number = position.map_or(1, |position| position.seq.saturating_add(2));
        let mut lines = LineReader::new(&self.file, offset, number, self.length);
        let Some(raw) = lines.next_line()? else {
            return Ok(None);
        };
        let span = LineSpan::of(&raw);
        let mut checker = position.as_ref().map_or_else(Checker::new, Checker::after);
        let entry = checker.check(&raw).ok();
        Ok(entry.map(|entry| (entry.into_owned(), span)))
    }

    /// The event with this number, with its hash checked against that of the line before.
    ///
    /// # Errors
    /// An error of the read.
    pub(crate) fn checked(&self, seq: u64) -> std::io::Result<Option<Entry<'static>>> {
        let Some((offset, _)) = self.line_of(seq, self.settled)? else {
            return Ok(None);
        };
        let found = self.checked_at(offset)?.map(|(entry, _)| entry);
        Ok(found.filter(|entry| entry.seq == seq))
    }
}

#[cfg(test)]
mod tests;
