//! Appending to a log, under its lock.
//!
//! Owns the order of steps that makes an append either whole and on the disk, or not there: set a
//! torn tail aside, one write, one sync; cut back what failed. Must not know what the lines say.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::atomic_file::sync_name;
use super::file::{self, Purpose, io_error};
use super::lines::as_u64;
use super::quarantine::keep_copy;
use super::{LockWaiter, LogError, LogReader, ProgressObserver, Scanned, Tail, encode_all, find};
use crate::event::{Entry, Record};

/// A log that is locked for this process alone.
#[derive(Debug)]
pub struct Writer {
    log: LogReader,
}

/// What an append did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended<'a> {
    /// The records with their hashes.
    pub entries: Vec<Entry<'a>>,
    /// Where a torn tail was set aside.
    pub quarantine: Option<PathBuf>,
}

/// Why an append did not succeed.
#[derive(Debug, Error)]
pub enum AppendError {
    /// Nothing was recorded, and no event was lost.
    #[error("nothing was recorded: cannot {action} {}: {source}{}", path.display(), moved(set_aside.as_deref()))]
    NotRecorded {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
        /// Where a torn tail was set aside before that.
        set_aside: Option<PathBuf>,
    },
    /// The bytes may or may not be on the disk. Asking again with the same key tells.
    #[error("unknown whether it was recorded: cannot {action} {}: {source}{}", path.display(), moved(set_aside.as_deref()))]
    OutcomeUnknown {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
        /// Where a torn tail was set aside before that.
        set_aside: Option<PathBuf>,
    },
}

fn moved(set_aside: Option<&Path>) -> String {
    set_aside.map_or_else(String::new, |to| {
        format!(
            "; the bytes of an unfinished append are now in {}",
            to.display()
        )
    })
}

/// A step that failed: what was tried, and what the system said.
type Failed = (&'static str, io::Error);

impl Writer {
    /// Opens and locks the log that is there.
    ///
    /// # Errors
    /// [`LogError`]; [`LogError::NotFound`] where there is none.
    pub fn open(path: &Path, waiter: &mut dyn LockWaiter) -> Result<Writer, LogError> {
        Writer::lock(path, Purpose::Append, waiter)
    }

    /// Opens and locks the log; makes an empty file, mode 0600, where there is none.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn open_or_create(path: &Path, waiter: &mut dyn LockWaiter) -> Result<Writer, LogError> {
        Writer::lock(path, Purpose::AppendOrCreate, waiter)
    }

    fn lock(
        path: &Path,
        purpose: Purpose,
        waiter: &mut dyn LockWaiter,
    ) -> Result<Writer, LogError> {
        loop {
            let file = file::open(path, purpose)?;
            file::lock(&file, path, true, waiter)?;
            if file::is_still_named(&file, path)? {
                let length = file
                    .metadata()
                    .map_err(|source| io_error(path, "look at", source))?
                    .len();
                return Ok(Writer {
                    log: LogReader::new(file, path, length)?,
                });
            }
        }
    }

    /// The same, with somebody who is told how far a long read has come.
    #[must_use]
    pub fn with_observer(self, observer: Option<ProgressObserver>) -> Writer {
        Writer {
            log: self.log.with_observer(observer),
        }
    }

    /// The log as it stands under the lock.
    pub fn log(&self) -> &LogReader {
        &self.log
    }

    /// Appends records after the end that a scan of this log found, and returns when they are on the
    /// disk.
    ///
    /// # Errors
    /// [`AppendError::NotRecorded`] if none of the records counts;
    /// [`AppendError::OutcomeUnknown`] if a sync failed: it is never tried again, because the second
    /// try succeeds although the bytes are gone.
    pub fn append<'a>(
        &mut self,
        end: &Scanned,
        records: Vec<Record<'a>>,
    ) -> Result<Appended<'a>, AppendError> {
        self.is_undisturbed()
            .map_err(|failed| self.not_recorded(failed, None))?;
        let previous = end.last.map(|last| last.hash);
        let (lines, entries) = encode_all(records, previous.as_ref());
        let quarantine = match end.tail {
            Tail::Torn { offset, .. } => Some(self.set_aside(offset)?),
            Tail::Clean | Tail::Unterminated => None,
        };
        let bytes = match end.tail {
            Tail::Unterminated => [b"\n", lines.as_slice()].concat(),
            Tail::Clean | Tail::Torn { .. } => lines,
        };
        self.write_and_sync(&bytes, quarantine.as_deref())?;
        self.log.length = self.log.length.saturating_add(as_u64(bytes.len()));
        self.log.settled = self.log.length;
        Ok(Appended {
            entries,
            quarantine,
        })
    }

    /// Makes sure that what a scan of this log found is on the disk: whoever wrote it may have been
    /// killed between the write and the sync.
    ///
    /// # Errors
    /// [`AppendError::OutcomeUnknown`].
    pub fn make_durable(&self) -> Result<(), AppendError> {
        self.log
            .file
            .sync_data()
            .map_err(|source| self.unknown(("sync", source), None))
    }

    fn write_and_sync(&self, bytes: &[u8], quarantine: Option<&Path>) -> Result<(), AppendError> {
        if self.log.length == 0 {
            // Ahead of the first line, so that no line ever lies under a name that may vanish,
            // wherever this process is killed.
            sync_name(&self.log.path)
                .map_err(|source| ("sync the directory of", source))
                .map_err(|failed| self.not_recorded(failed, quarantine))?;
        }
        if let Err(source) = (&self.log.file).write_all(bytes) {
            return Err(self.take_back(bytes, ("write to", source), quarantine));
        }
        if let Err(source) = self.log.file.sync_data() {
            self.cut_back();
            return Err(self.unknown(("sync", source), quarantine));
        }
        // What was written to a file that is no longer the log would be lost to its readers.
        if matches!(
            file::is_still_named(&self.log.file, &self.log.path),
            Ok(true)
        ) {
            return Ok(());
        }
        let source = io::Error::other("it was moved away or replaced meanwhile");
        Err(self.take_back(bytes, ("write to", source), quarantine))
    }

    /// A program that ignores the lock may have written to the log since it was read.
    fn is_undisturbed(&self) -> Result<(), Failed> {
        let length = self
            .log
            .file
            .metadata()
            .map_err(|source| ("look at", source))?
            .len();
        if length == self.log.length {
            return Ok(());
        }
        let reason = "a program that ignores its lock has changed it meanwhile";
        Err(("write to", io::Error::other(reason)))
    }

    /// Takes an unfinished write back and says what that comes to.
    fn take_back(&self, bytes: &[u8], failed: Failed, quarantine: Option<&Path>) -> AppendError {
        if self.cut_back() || !self.may_count(bytes) {
            self.not_recorded(failed, quarantine)
        } else {
            self.unknown(failed, quarantine)
        }
    }

    /// Cuts the log back to where it ended; true where it is known to end there.
    fn cut_back(&self) -> bool {
        let log = &self.log;
        let nothing_arrived = log
            .file
            .metadata()
            .is_ok_and(|found| found.len() == log.length);
        nothing_arrived || (log.file.set_len(log.length).is_ok() && log.file.sync_all().is_ok())
    }

    /// False where so little of `bytes` arrived that it is a torn tail, which counts for nothing.
    fn may_count(&self, bytes: &[u8]) -> bool {
        let Ok(found) = self.log.file.metadata() else {
            return true;
        };
        let arrived = found.len().saturating_sub(self.log.length);
        // The line feed ahead of the lines ends a line that counted before.
        let ahead = usize::from(bytes.starts_with(b"\n"));
        let first = find::byte(b'\n', bytes.get(ahead..).unwrap_or_default());
        first.is_none_or(|length| arrived >= as_u64(ahead.saturating_add(length)))
    }

    fn not_recorded(&self, (action, source): Failed, quarantine: Option<&Path>) -> AppendError {
        AppendError::NotRecorded {
            path: self.log.path.clone(),
            action,
            source,
            set_aside: quarantine.map(Path::to_owned),
        }
    }

    fn unknown(&self, (action, source): Failed, quarantine: Option<&Path>) -> AppendError {
        AppendError::OutcomeUnknown {
            path: self.log.path.clone(),
            action,
            source,
            set_aside: quarantine.map(Path::to_owned),
        }
    }

    /// Copies everything from `offset` on to a file of its own, syncs that, and cuts it off here.
    fn set_aside(&mut self, offset: u64) -> Result<PathBuf, AppendError> {
        let copied = keep_copy(&self.log, offset, "torn");
        let path = copied
            .map_err(|source| self.not_recorded(("set the torn tail aside of", source), None))?;
        if let Err(source) = self.log.file.set_len(offset) {
            // Everything is where it was, so the copy is not needed.
            let _ = std::fs::remove_file(&path);
            return Err(self.not_recorded(("cut the torn tail off", source), None));
        }
        if let Err(source) = self.log.file.sync_all() {
            return Err(self.not_recorded(("cut the torn tail off", source), Some(&path)));
        }
        self.log.length = offset;
        Ok(path)
    }

    /// Takes back the empty file that a first write made before it failed, while its lock is held:
    /// whoever waits for the lock notices that the path names the file no more.
    pub fn discard_if_empty(&self) {
        let is_empty = self.log.file.metadata().is_ok_and(|found| found.len() == 0);
        let is_ours = || file::is_still_named(&self.log.file, &self.log.path).unwrap_or(false);
        if is_empty
            && is_ours()
            && let Ok(real) = std::fs::canonicalize(&self.log.path)
        {
            // Nobody is harmed where it stays: an empty file is no ledger.
            let _ = std::fs::remove_file(real);
        }
    }
}
