//! Reading lines a second time that this run has checked already: by their form and their numbers, not
//! by their hashes again.
//!
//! Owns that the lines are those between two marks. Finds out that somebody else changed the file
//! meanwhile, as far as that shows in the numbers or in the last hash.

use std::io;

use super::file::io_error;
use super::form::{self, Habits};
use super::lines::Lines;
use super::{Mark, Place, ScanError, Snapshot};
use crate::event::Entry;

impl Snapshot {
    /// Hands on every event behind `from`, or from the first line, up to and with the one of `to`.
    /// Both marks are of a scan of this same snapshot, which has checked all that lies between.
    ///
    /// # Errors
    /// [`ScanError::Log`] where the lines are not those which were checked; [`ScanError::Stopped`] with
    /// what `each` answered.
    pub fn reread<E>(
        &self,
        from: Option<&Mark>,
        to: &Mark,
        mut each: impl FnMut(&Entry<'_>, Place) -> Result<(), E>,
    ) -> Result<(), ScanError<E>> {
        let failed = |source: io::Error| io_error(&self.path, "read", source);
        let changed = || {
            let error = io::Error::other("it was changed while it was read");
            io_error(&self.path, "read", error)
        };
        let (offset, mut next) =
            from.map_or((0, 0), |mark| (mark.offset, mark.seq.saturating_add(1)));
        let mut habits = Habits::default();
        let mut lines = Lines::new(&self.file, offset, next.saturating_add(1), to.offset);
        let mut last = from.map(|mark| (mark.offset, mark.seq, mark.hash));
        while let Some(raw) = lines.next_line().map_err(failed)? {
            let entry = match form::read_after(raw.bytes, &mut habits) {
                Some(line) if line.entry.seq == next => line.entry,
                _ => return Err(changed().into()),
            };
            next = next.saturating_add(1);
            last = Some((raw.end(), entry.seq, entry.hash));
            each(&entry, Place::of(&raw)).map_err(ScanError::Stopped)?;
        }
        if last == Some((to.offset, to.seq, to.hash)) {
            Ok(())
        } else {
            Err(changed().into())
        }
    }
}
