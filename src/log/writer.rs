//! Appending to a log under its lock.
//!
//! The order of steps makes an append either complete and synced, or absent: move a torn tail to
//! quarantine, one write, one sync; cut back after a failure.

use memchr::memchr;
use std::borrow::Cow;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::atomic_file::sync_name;
use super::file::{self, Purpose, io_error};
use super::lines::as_u64;
use super::quarantine::{keep_copy, names_beside};
use super::{LockWaiter, LogError, LogReader, ProgressObserver, Scanned, Tail};

/// A log that is locked for this process alone.
#[derive(Debug)]
pub struct Writer {
    log: LogReader,
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
    /// The bytes may or may not be on disk. Repeating the command with the same key shows it.
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

/// A step that failed: the action and the system's error.
type Failed = (&'static str, io::Error);

impl Writer {
    /// Opens and locks an existing log.
    ///
    /// # Errors
    /// [`LogError`]; [`LogError::NotFound`] if there is none.
    pub fn open(path: &Path, waiter: &mut dyn LockWaiter) -> Result<Writer, LogError> {
        Writer::lock(path, Purpose::Append, waiter)
    }

    /// Opens and locks the log; creates an empty file with mode 0600 if there is none.
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

    /// The same with an observer of long reads.
    #[must_use]
    pub fn with_observer(self, observer: Option<ProgressObserver>) -> Writer {
        Writer {
            log: self.log.with_observer(observer),
        }
    }

    /// The log as it is under the lock.
    pub fn log(&self) -> &LogReader {
        &self.log
    }

    /// Appends encoded lines after the end that a scan of this log found, and returns after they were
    /// synced: where a torn tail was set aside.
    ///
    /// # Errors
    /// [`AppendError::NotRecorded`] if none of the lines counts; [`AppendError::OutcomeUnknown`]
    /// if a sync failed: it is never retried, because a second sync succeeds although the bytes are
    /// lost.
    pub fn append(&mut self, end: &Scanned, lines: &[u8]) -> Result<Option<PathBuf>, AppendError> {
        self.is_undisturbed()
            .map_err(|failed| self.not_recorded(failed, None))?;
        let quarantine = match end.tail {
            Tail::Torn { offset, .. } => Some(self.set_aside(offset)?),
            Tail::Clean | Tail::Unterminated => None,
        };
        let bytes = match end.tail {
            Tail::Unterminated => Cow::Owned([b"\n", lines].concat()),
            Tail::Clean | Tail::Torn { .. } => Cow::Borrowed(lines),
        };
        self.write_and_sync(&bytes, quarantine.as_deref())?;
        self.log.length = self.log.length.saturating_add(as_u64(bytes.len()));
        self.log.settled = self.log.length;
        Ok(quarantine)
    }

    /// Makes sure that what a scan of this log found is synced: its writer may have been killed
    /// between the write and the sync.
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
            // Before the first line, so that a line is never under a name that could be lost,
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
        // What is written to a file that is no longer the log would be lost to its readers.
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

    /// Cuts back an unfinished write and returns its error.
    fn take_back(&self, bytes: &[u8], failed: Failed, quarantine: Option<&Path>) -> AppendError {
        if self.cut_back() || !self.may_count(bytes) {
            self.not_recorded(failed, quarantine)
        } else {
            self.unknown(failed, quarantine)
        }
    }

    /// Cuts the log back to its previous end; true if it certainly ends there.
    fn cut_back(&self) -> bool {
        let log = &self.log;
        let nothing_arrived = log
            .file
            .metadata()
            .is_ok_and(|found| found.len() == log.length);
        nothing_arrived || (log.file.set_len(log.length).is_ok() && log.file.sync_all().is_ok())
    }

    /// False if so little of `bytes` was written that it is a torn tail, which does not count.
    fn may_count(&self, bytes: &[u8]) -> bool {
        let Ok(found) = self.log.file.metadata() else {
            return true;
        };
        let arrived = found.len().saturating_sub(self.log.length);
        // The line feed before the lines ends a line that counted before.
        let ahead = usize::from(bytes.starts_with(b"\n"));
        let first = memchr(b'\n', bytes.get(ahead..).unwrap_or_default());
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
            // Everything is at its place, so the copy is not needed.
            let _ = std::fs::remove_file(&path);
            return Err(self.not_recorded(("cut the torn tail off", source), None));
        }
        if let Err(source) = self.log.file.sync_all() {
            return Err(self.not_recorded(("cut the torn tail off", source), Some(&path)));
        }
        self.log.length = offset;
        Ok(path)
    }

    /// Gives the log another name, `<file>.moved`, so that nothing more is recorded in it. Its content
    /// stays as it is.
    ///
    /// # Errors
    /// The system's error; the log still has its name.
    pub fn move_away(&self) -> io::Result<PathBuf> {
        let real = std::fs::canonicalize(&self.log.path)?;
        for path in names_beside(&real, "moved") {
            match std::fs::hard_link(&real, &path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    // It may be this log, if an earlier attempt was killed before the next step.
                    if !file::is_still_named(&self.log.file, &path).unwrap_or(false) {
                        continue;
                    }
                }
                Err(error) => return Err(error),
            }
            std::fs::remove_file(&real)?;
            sync_name(&path)?;
            return Ok(path);
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Removes the empty file of a failed first write while its lock is held: a process that waits
    /// for the lock notices that the path no longer names the file.
    pub fn discard_if_empty(&self) {
        let is_empty = self.log.file.metadata().is_ok_and(|found| found.len() == 0);
        let is_ours = || file::is_still_named(&self.log.file, &self.log.path).unwrap_or(false);
        if is_empty
            && is_ours()
            && let Ok(real) = std::fs::canonicalize(&self.log.path)
        {
            // A remaining file does no harm: an empty file is not a ledger.
            let _ = std::fs::remove_file(real);
        }
    }
}
