//! Reader lines a second time that this run has checked already: by their form and their numbers, not
//! by their hashes again.
//!
//! Owns that the lines are those between two marks. Finds out that somebody else changed the file
//! meanwhile, as far as that shows in the numbers or in the last hash.

use std::io;

use super::check::Asked;
use super::file::io_error;
use super::parallel::{ScanPlan, Segment};
use super::{LogPosition, LogReader, Place, ScanError};
use crate::event::Entry;

impl LogReader {
    /// Hands on every event behind `from`, or from the first line, up to and with the one of `to`, in
    /// the order of the log; what is long is read on all cores. Both marks are of a scan of this same
    /// snapshot, which has checked all that lies between.
    ///
    /// # Errors
    /// [`ScanError::Log`] where the lines are not those which were checked; [`ScanError::Stopped`] with
    /// what `each` answered.
    pub fn reread<E: Send>(
        &self,
        from: Option<&LogPosition>,
        to: &LogPosition,
        each: impl FnMut(&Entry<'_>, Place) -> Result<(), E> + Send,
    ) -> Result<(), ScanError<E>> {
        let stretch = Segment {
            file: &self.file,
            from: from.copied(),
            end: to.offset,
            asked: Asked::AllButHash,
        };
        let last = stretch
            .relay(ScanPlan::some(stretch.length()), each)
            .map_err(ScanError::Stopped)?;
        if last == Some(*to) {
            return Ok(());
        }
        let changed = io::Error::other("what was checked before cannot be read again");
        Err(io_error(&self.path, "read", changed).into())
    }
}
