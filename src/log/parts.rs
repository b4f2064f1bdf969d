//! Reading a long log on several cores at once: every line carries the hash of the one ahead, so a
//! stretch in its middle can be checked from what its first neighbour says.
//!
//! Owns where a log is cut and how the parts are joined. Its answer is that of [`Snapshot::scan`], or
//! none at all: what is wrong with a log is always said by the scan from the front.

use super::form;
use super::lines::as_u64;
use super::tail;
use super::{Mark, Place, ScanError, Scanned, Snapshot};
use crate::event::Entry;

/// Shorter parts are not worth a thread.
const PART_MIN_BYTES: u64 = 15 * 1024 * 1024;
/// More threads than that wait for the memory.
const PARTS_MAX: usize = 8;

/// What every part came to, in the order of the log, and what the scan of all of it found.
pub type Parts<T> = (Vec<T>, Scanned);

impl Snapshot {
    /// Reads like [`Snapshot::scan`], but several parts at once, each into a `T` of its own made by
    /// `start`. `None` where the log is too short for that, where a line is not sound, where `each`
    /// stopped or where anything else is unusual: the scan from the front says what.
    pub fn scan_in_parts<T: Send, E>(
        &self,
        start: impl Fn(usize) -> T + Sync,
        each: impl Fn(&mut T, &Entry<'_>, Place) -> Result<(), E> + Sync,
    ) -> Option<Parts<T>> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.scan_in(cores.min(PARTS_MAX), PART_MIN_BYTES, None, start, each)
    }

    fn scan_in<T: Send, E>(
        &self,
        most: usize,
        least_bytes: u64,
        from: Option<&Mark>,
        start: impl Fn(usize) -> T + Sync,
        each: impl Fn(&mut T, &Entry<'_>, Place) -> Result<(), E> + Sync,
    ) -> Option<Parts<T>> {
        let cuts = self.cuts(most, least_bytes, from)?;
        let read = |index: usize| -> Option<(T, Scanned)> {
            let behind = match index.checked_sub(1) {
                None => from,
                Some(before) => cuts.get(before),
            };
            let end = cuts.get(index).map(|cut| cut.offset);
            let mut sink = start(index);
            let scanned = self.scan_to(behind, end, |entry, place| each(&mut sink, entry, place));
            let scanned: Result<Scanned, ScanError<E>> = scanned;
            let scanned = scanned.ok()?;
            // What the next part took on trust is what this one found.
            let joins = cuts
                .get(index)
                .is_none_or(|cut| scanned.last.as_ref() == Some(cut));
            joins.then_some((sink, scanned))
        };
        let read = &read;
        let found: Option<Vec<(T, Scanned)>> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..=cuts.len())
                .map(|index| std::thread::Builder::new().spawn_scoped(scope, move || read(index)))
                .collect();
            let first = read(0);
            let mut found = Vec::new();
            found.push(first);
            for other in others {
                // A thread that could not be had is a part that was not read.
                found.push(other.ok().and_then(|other| other.join().ok()).flatten());
            }
            found.into_iter().collect()
        });
        let found = found?;
        let (_, scanned) = found.last()?;
        let scanned = *scanned;
        Some((found.into_iter().map(|(sink, _)| sink).collect(), scanned))
    }

    /// Marks of lines about evenly far from each other, taken on trust; at least one.
    fn cuts(&self, most: usize, least_bytes: u64, from: Option<&Mark>) -> Option<Vec<Mark>> {
        let begin = from.map_or(0, |mark| mark.offset);
        let bytes = self.length.checked_sub(begin)?;
        let parts = bytes.checked_div(least_bytes)?.min(as_u64(most));
        if parts < 2 {
            return None;
        }
        let settled = tail::settled_end(&self.file, self.length).ok()?;
        let mut cuts: Vec<Mark> = Vec::new();
        for part in 1..parts {
            let about = bytes.checked_div(parts)?.checked_mul(part)?;
            let about = begin.checked_add(about)?;
            let cut = self.mark_before(about)?;
            let behind = cuts.last().map_or(begin, |last| last.offset);
            if cut.offset <= behind || cut.offset >= settled {
                return None;
            }
            cuts.push(cut);
        }
        Some(cuts)
    }

    /// The last line that ends at or ahead of an offset, by its form alone.
    fn mark_before(&self, offset: u64) -> Option<Mark> {
        let (end, line) = tail::line_before(&self.file, offset).ok()??;
        let entry = form::read(&line).ok()?.entry;
        Some(Mark {
            offset: end,
            seq: entry.seq,
            hash: entry.hash,
            at: entry.at,
        })
    }
}

#[cfg(test)]
mod tests;
