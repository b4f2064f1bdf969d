//! Repairing a damaged log under its lock, and writing a part of a log to a new file.
//!
//! The order keeps every byte: a synced copy first; a mark after the end that makes the log damaged
//! for everyone; the new bytes, synced; then the cut. If it stops in the middle, the log is
//! reported as damaged, never as a shorter valid log, and the copy is beside it.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::atomic_file::sync_name;
use super::lines::as_u64;
use super::quarantine::{free_name_beside, keep_copy, names_beside};
use super::{LockWaiter, LogError, LogReader, Tail, Writer, file, looks_like_ours, platform};

/// The copy of a log whose repair is not finished; like every copy it is named by its offset.
const UNFINISHED: &str = "repairing-0";
/// The copy of a repaired log.
const FINISHED: &str = "damaged-0";
/// Marks a log that is being overwritten: no reader takes it for a line or the beginning of one.
const MARK: &[u8] = b"\n# this log is being repaired: ledger doctor --repair\n";

impl Writer {
    /// Completes the end of a valid log: moves a torn tail to quarantine, whose path is returned,
    /// or adds the missing line feed.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn settle(&self, tail: Tail) -> Result<Option<PathBuf>, LogError> {
        let log = self.log();
        let failed = |source| file::io_error(log.path(), "repair the end of", source);
        match tail {
            Tail::Clean => Ok(None),
            Tail::Unterminated => {
                (&log.file).write_all(b"\n").map_err(failed)?;
                log.file.sync_data().map_err(failed)?;
                Ok(None)
            }
            Tail::Torn { offset, .. } => {
                let copy = keep_copy(log, offset, "torn").map_err(failed)?;
                log.file.set_len(offset).map_err(failed)?;
                log.file.sync_all().map_err(failed)?;
                Ok(Some(copy))
            }
        }
    }

    /// Copies the whole log to a file beside it, synced, and opens that for reading. While the copy
    /// has this name, the repair is not finished.
    ///
    /// # Errors
    /// [`LogError`]; nothing was changed.
    pub fn keep_original(&self, waiter: &mut dyn LockWaiter) -> Result<LogReader, LogError> {
        let log = self.log();
        let path = keep_copy(log, 0, "repairing")
            .map_err(|source| file::io_error(log.path(), "copy", source))?;
        LogReader::open(&path, waiter)
    }

    /// Starts to overwrite the log from `offset`, for a total length of `length` bytes. First a
    /// mark is written after both the old and the new end, and synced: it makes the log damaged for
    /// every reader and writer until [`Overwrite::finish`] removes it, so that a half-written line
    /// is not taken for a torn append.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn overwrite(&self, offset: u64, length: u64) -> Result<Overwrite, LogError> {
        let path = self.log().path();
        let failed = |source| file::io_error(path, "write to", source);
        // The log itself is open for appending, so all writes would go to its end.
        let mut options = OpenOptions::new();
        let mut opened = platform::careful(options.write(true))
            .open(path)
            .map_err(failed)?;
        let locked = self.log().file.metadata().map_err(failed)?;
        let same = opened.metadata().map_err(failed)?;
        if platform::identity(&locked) != platform::identity(&same) {
            return Err(failed(io::Error::other("it was replaced in the meantime")));
        }
        let growth = length.saturating_sub(self.log().length());
        let growth =
            usize::try_from(growth).map_err(|_| failed(io::ErrorKind::FileTooLarge.into()))?;
        let barrier = [b"\n", "#".repeat(growth).as_bytes(), MARK].concat();
        opened
            .seek(SeekFrom::Start(self.log().length()))
            .and_then(|_| opened.write_all(&barrier))
            .and_then(|()| opened.sync_all())
            .and_then(|()| opened.seek(SeekFrom::Start(offset)))
            .map_err(failed)?;
        Ok(Overwrite {
            file: BufWriter::with_capacity(256 * 1024, opened),
        })
    }
}

/// A log that is being written over.
#[derive(Debug)]
pub struct Overwrite {
    file: BufWriter<File>,
}

impl Overwrite {
    /// Writes a line and its line feed.
    ///
    /// # Errors
    /// An error of the write.
    pub fn line(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.write_all(b"\n")
    }

    /// Syncs the new bytes, then cuts off the old ones after `length`.
    ///
    /// # Errors
    /// An error of the system.
    pub fn finish(self, length: u64) -> io::Result<()> {
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_data()?;
        file.set_len(length)?;
        file.sync_all()
    }
}

/// Renames the copy to mark the repair as finished; returns the new name.
pub(crate) fn mark_finished(log: &Path, copy: &Path) -> io::Result<PathBuf> {
    let name = free_name_beside(log, FINISHED)?;
    std::fs::rename(copy, &name)?;
    sync_name(&name)?;
    Ok(name)
}

/// The files that have the name of a copy whose repair was not finished, the oldest first.
pub(crate) fn unfinished_copies(log: &Path) -> Vec<PathBuf> {
    names_beside(log, UNFINISHED)
        .take_while(|name| std::fs::symlink_metadata(name).is_ok())
        .collect()
}

impl LogReader {
    /// True if another file may be the original of this log, which a repair is writing over: it is of
    /// the same ledger, or the first line of one of them is damaged.
    pub(crate) fn may_be_repaired_from(&self, original: &LogReader) -> Result<bool, LogError> {
        const BEGINNING: usize = 512;
        if let (Some(own), Some(theirs)) = (self.opening()?, original.opening()?) {
            return Ok(own.id == theirs.id);
        }
        let mut beginning = [0; BEGINNING];
        let read = platform::read_at(&original.file, &mut beginning, 0)
            .map_err(|source| file::io_error(&original.path, "read", source))?;
        Ok(looks_like_ours(beginning.get(..read).unwrap_or_default()))
    }

    /// True if a repair has started to overwrite this log and has not finished.
    pub(crate) fn is_being_repaired(&self) -> Result<bool, LogError> {
        let failed = |source| file::io_error(&self.path, "read", source);
        let Some(at) = self.length.checked_sub(as_u64(MARK.len())) else {
            return Ok(false);
        };
        let mut end = [0; MARK.len()];
        let read = platform::read_at(&self.file, &mut end, at).map_err(failed)?;
        Ok(end.get(..read) == Some(MARK))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test looks at its files")]
mod tests {
    use super::*;
    use crate::log::testing::ShortWait;

    fn log(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        std::fs::write(&path, bytes).unwrap();
        (directory, path)
    }

    #[test]
    fn the_mark_stands_after_both_ends_before_a_byte_is_written_over() {
        for (length, filler) in [(3, "\n"), (6, "\n"), (9, "\n###")] {
            let (_directory, path) = log(b"abcdef");
            let writer = Writer::open(&path, &mut ShortWait::default()).unwrap();
            assert!(!writer.log().is_being_repaired().unwrap());
            drop(writer.overwrite(2, length).unwrap());
            let log = writer.log().reopened().unwrap();
            assert!(log.is_being_repaired().unwrap());
            let mark = std::str::from_utf8(MARK).unwrap();
            let expected = format!("abcdef{filler}{mark}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        }
    }

    #[test]
    fn the_new_bytes_stand_where_they_belong_and_the_rest_is_cut() {
        let (_directory, path) = log(b"abcdef");
        let writer = Writer::open(&path, &mut ShortWait::default()).unwrap();
        let mut over = writer.overwrite(2, 8).unwrap();
        over.line(b"12").unwrap();
        over.line(b"34").unwrap();
        over.finish(8).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "ab12\n34\n");
    }
}
