//! One line, read where it stands.
//!
//! Owns that it is held against the line ahead of it, which says what its hash must be. Must not know
//! who told where it stands.

use super::check::{self, Ahead, Asked};
use super::format::{self, ParseCache};
use super::lines::as_u64;
use super::{Checker, Lines, LogPosition, LogReader, Place, find, platform};
use crate::event::Entry;

impl LogReader {
    /// The event of the line at an offset, with its place, its hash checked against that of the line
    /// ahead; `None` where no such line stands there.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn checked_at(
        &self,
        offset: u64,
    ) -> std::io::Result<Option<(Entry<'static>, Place)>> {
        if offset >= self.length {
            return Ok(None);
        }
        match self.checked_near(offset) {
            Some(found) => Ok(Some(found)),
            None => self.checked_anyhow(offset),
        }
    }

    /// The same of two lines of a usual length that are sound, with one look at the file; `None` says
    /// nothing about them.
    fn checked_near(&self, offset: u64) -> Option<(Entry<'static>, Place)> {
        /// Most lines are not longer.
        const USUAL_LINE: usize = 1024;
        let mut room = [0; 2 * USUAL_LINE];
        let from = offset.saturating_sub(as_u64(USUAL_LINE));
        let to = offset.saturating_add(as_u64(USUAL_LINE)).min(self.length);
        let bytes = room.get_mut(..usize::try_from(to.checked_sub(from)?).ok()?)?;
        if platform::read_at(&self.file, bytes, from).ok()? != bytes.len() {
            return None;
        }
        let (ahead, own) = bytes.split_at(usize::try_from(offset.checked_sub(from)?).ok()?);
        let ahead = ahead.strip_suffix(b"\n")?;
        // Where no line feed is ahead of it, its beginning may be missing.
        let start = find::last_byte(b'\n', ahead)?.saturating_add(1);
        let length = find::byte(b'\n', own)?;
        let mut cache = ParseCache::default();
        let ahead = format::read_after(ahead.get(start..)?, &mut cache)?.entry;
        let line = format::read_after(own.get(..length)?, &mut cache)?;
        let (entry, covered) = (line.entry, line.covered);
        if !check::follows(Some(Ahead::entry(&ahead)), &entry, &covered, Asked::All) {
            return None;
        }
        let place = Place {
            line: entry.seq.saturating_add(1),
            offset,
            end: offset.saturating_add(as_u64(length)).saturating_add(1),
        };
        Some((entry.into_owned(), place))
    }

    /// The same of any two lines.
    fn checked_anyhow(&self, offset: u64) -> std::io::Result<Option<(Entry<'static>, Place)>> {
        let mark = match self.line_ahead(offset)? {
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
        let number = mark.map_or(1, |mark| mark.seq.saturating_add(2));
        let mut lines = Lines::new(&self.file, offset, number, self.length);
        let Some(raw) = lines.next_line()? else {
            return Ok(None);
        };
        let place = Place::of(&raw);
        let mut checker = mark.as_ref().map_or_else(Checker::new, Checker::after);
        let entry = checker.check(&raw).ok();
        Ok(entry.map(|entry| (entry.into_owned(), place)))
    }

    /// The event of this number, its hash checked against that of the line ahead.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn checked(&self, seq: u64) -> std::io::Result<Option<Entry<'static>>> {
        let Some((offset, _)) = self.line_of(seq, self.length)? else {
            return Ok(None);
        };
        let found = self.checked_at(offset)?.map(|(entry, _)| entry);
        Ok(found.filter(|entry| entry.seq == seq))
    }
}

#[cfg(test)]
mod tests;
