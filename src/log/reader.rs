//! A log at one moment: an open file and the length up to which it is read.
//!
//! Reading changes nothing and never sees an append that is not complete.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::erased::ErasedNotes;
use super::file::{self, Locked, Purpose, io_error};
use super::position::seq_of;
use super::{LockWaiter, LogError, ProgressObserver, tail};
use crate::event::{Event, Opening};

/// How often a log is opened again that was replaced meanwhile.
const MOST_TRIES: u8 = 8;

/// A log that is read and not written.
#[derive(Debug)]
pub struct LogReader {
    pub(super) file: File,
    pub(super) path: PathBuf,
    pub(super) length: u64,
    /// The offset after the last complete line that counts. What follows may be set aside by a writer
    /// while it is read.
    pub(super) settled: u64,
    pub(super) observer: Option<ProgressObserver>,
    /// The events whose notes count as erased, as far as they were looked for.
    pub(super) erased: Mutex<ErasedNotes>,
}

impl LogReader {
    /// Opens a log for reading. Holds the shared lock only while it finds the committed length, so that no
    /// figure rests on an event that is not on the disk yet.
    ///
    /// # Errors
    /// [`LogError::NotFound`], [`LogError::NotALedger`] if it is not a regular file,
    /// [`LogError::LockTimeout`], [`LogError::Io`].
    pub fn open(path: &Path, waiter: &mut dyn LockWaiter) -> Result<LogReader, LogError> {
        let mut tries = 0_u8;
        let (file, locked) = loop {
            let file = file::open(path, Purpose::Read)?;
            let locked = file::lock(&file, path, false, waiter)?;
            tries = tries.saturating_add(1);
            // Another file may have taken its place meanwhile. The number of tries is limited because
            // some file systems give one file two identities.
            if tries == MOST_TRIES || file::is_still_named(&file, path)? {
                break (file, locked);
            }
        };
        let length = file
            .metadata()
            .map_err(|source| io_error(path, "look at", source))?
            .len();
        let log = LogReader::new(file, path, length)?;
        if locked == Locked::Yes {
            log.file
                .unlock()
                .map_err(|source| io_error(path, "unlock", source))?;
        }
        Ok(log)
    }

    /// Opens the first bytes of a file whose owner knows that they are whole lines and never change.
    ///
    /// # Errors
    /// As [`LogReader::open`].
    pub fn open_prefix(path: &Path, length: u64) -> Result<LogReader, LogError> {
        LogReader::new(file::open(path, Purpose::Read)?, path, length)
    }

    /// A log of this length, whose lock is held.
    pub(super) fn new(file: File, path: &Path, length: u64) -> Result<LogReader, LogError> {
        let settled =
            tail::settled_end(&file, length).map_err(|source| io_error(path, "read", source))?;
        Ok(LogReader {
            file,
            path: path.to_owned(),
            length,
            settled,
            observer: None,
            erased: Mutex::new(ErasedNotes::unknown(settled)),
        })
    }

    /// The same with an observer of long scans.
    #[must_use]
    pub fn with_observer(self, observer: Option<ProgressObserver>) -> LogReader {
        LogReader { observer, ..self }
    }

    /// The same file, after the holder of its lock has written to it.
    pub(crate) fn reopened(&self) -> Result<LogReader, LogError> {
        let failed = |source| io_error(&self.path, "look at", source);
        let file = self.file.try_clone().map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        LogReader::new(file, &self.path, length)
    }

    /// The log's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes of it are read.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The open file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The number of the last event that counts, without a check: for a position that is resolved
    /// before the scan that checks every line.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn last_seq(&self) -> Result<Option<u64>, LogError> {
        tail::last_settled_line(&self.file, self.settled)
            .map(|line| line.as_deref().and_then(seq_of))
            .map_err(|source| io_error(&self.path, "read", source))
    }

    /// The log's first line; `None` if it has none.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn opening(&self) -> Result<Option<Opening<'static>>, LogError> {
        Ok(
            match self
                .entry_before(0, self.settled)?
                .map(|entry| entry.record.event)
            {
                Some(Event::Ledger(opening)) => Some(opening),
                _ => None,
            },
        )
    }
}
