//! A log looked at again: whether more lies there, and whether what was read before still does.
//!
//! Owns telling growth from a file that was replaced, and finding a mark again. Must not know what
//! is done with the events.

use super::file::{self, io_error};
use super::lines::as_u64;
use super::{LockWaiter, LogError, LogPosition, LogReader, format, platform, tail};

/// What a second look at a log found.
#[derive(Debug)]
pub enum Later {
    /// Nothing has changed.
    Same,
    /// The same file with another length.
    Changed(LogReader),
    /// Another file under the same name.
    Replaced(LogReader),
}

impl LogReader {
    /// Looks at the log again. Asks for the lock only where something has changed, and then like
    /// [`LogReader::open`].
    ///
    /// # Errors
    /// As [`LogReader::open`].
    pub fn later(&self, waiter: &mut dyn LockWaiter) -> Result<Later, LogError> {
        let failed = |source| io_error(&self.path, "look at", source);
        let own = self.file.metadata().map_err(failed)?;
        if own.len() == self.length && file::is_still_named(&self.file, &self.path)? {
            return Ok(Later::Same);
        }
        let log = LogReader::open(&self.path, waiter)?;
        let found = log.file.metadata().map_err(failed)?;
        if platform::identity(&own) != platform::identity(&found) {
            return Ok(Later::Replaced(log));
        }
        if log.length == self.length {
            return Ok(Later::Same);
        }
        Ok(Later::Changed(log))
    }

    /// A mark of an earlier look at this log, where its line still ends there. A line that lacked
    /// its line feed then has it now.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn find(&self, mark: &LogPosition) -> Result<Option<LogPosition>, LogError> {
        for offset in [mark.offset, mark.offset.saturating_add(1)] {
            if offset > self.length {
                break;
            }
            let line = tail::line_before(&self.file, offset)
                .map_err(|source| io_error(&self.path, "read", source))?;
            let is_it = line.is_some_and(|(end, line)| {
                end == offset
                    && format::read(&line).is_ok_and(|line| {
                        line.entry.seq == mark.seq && line.entry.hash == mark.hash
                    })
            });
            if is_it {
                return Ok(Some(LogPosition { offset, ..*mark }));
            }
        }
        Ok(None)
    }

    /// The place behind the event of this number, in a log that a scan has found sound; `None`
    /// beyond its end.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn mark(&self, seq: u64) -> Result<Option<LogPosition>, LogError> {
        let line = self
            .line_of(seq, self.length)
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
}
