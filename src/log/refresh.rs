//! Whether a log that was read has grown or was replaced since.
//!
//! Must not depend on what events mean.

use super::file::{self, io_error};
use super::{LockWaiter, LogError, LogReader, platform};

/// What became of a log since it was opened.
#[derive(Debug)]
pub enum Refreshed {
    /// Nothing has changed.
    Same,
    /// The same file with another length.
    Changed(LogReader),
    /// Another file under the same name.
    Replaced(LogReader),
}

impl LogReader {
    /// Looks at the log again. Takes the lock only if something has changed, as
    /// [`LogReader::open`] does.
    ///
    /// # Errors
    /// As [`LogReader::open`].
    pub fn refresh(&self, waiter: &mut dyn LockWaiter) -> Result<Refreshed, LogError> {
        let failed = |source| io_error(&self.path, "look at", source);
        let own = self.file.metadata().map_err(failed)?;
        if own.len() == self.length && file::is_still_named(&self.file, &self.path)? {
            return Ok(Refreshed::Same);
        }
        let log = LogReader::open(&self.path, waiter)?;
        self.compare(log)
    }

    /// Compares this log with one that was opened later.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn compare(&self, log: LogReader) -> Result<Refreshed, LogError> {
        let failed = |source| io_error(&self.path, "look at", source);
        let own = self.file.metadata().map_err(failed)?;
        let found = log.file.metadata().map_err(failed)?;
        if platform::identity(&own) != platform::identity(&found) {
            return Ok(Refreshed::Replaced(log));
        }
        if log.length == self.length {
            return Ok(Refreshed::Same);
        }
        Ok(Refreshed::Changed(log))
    }
}
