//! A log as it stood at one moment: an open file and the length up to which it is read.
//!
//! Owns that reading never changes anything and never sees an append that is not finished.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::file::{self, Locked, Purpose, io_error};
use super::lines::{LINE_MAX_BYTES, as_u64};
use super::{LockWaiter, LogError, ProgressObserver, find, format, platform, tail};
use crate::event::{Entry, Event, Opening};

/// How often a log is opened again that was replaced meanwhile.
const MOST_TRIES: u8 = 8;

/// A log that is read and not written.
#[derive(Debug)]
pub struct LogReader {
    pub(super) file: File,
    pub(super) path: PathBuf,
    pub(super) length: u64,
    pub(super) observer: Option<ProgressObserver>,
}

impl LogReader {
    /// Opens a log for reading. Holds the lock, shared, only while the length is asked for, so that
    /// no figure rests on an event that is not on the disk yet.
    ///
    /// # Errors
    /// [`LogError::NotFound`], [`LogError::NotALedger`] where it is no regular file,
    /// [`LogError::LockTimeout`], [`LogError::Io`].
    pub fn open(path: &Path, waiter: &mut dyn LockWaiter) -> Result<LogReader, LogError> {
        let mut tries = 0_u8;
        let (file, locked) = loop {
            let file = file::open(path, Purpose::Read)?;
            let locked = file::lock(&file, path, false, waiter)?;
            tries = tries.saturating_add(1);
            // While the lock was waited for, another file may have taken its place. A file system
            // that gives one file two identities is no reason to look for ever.
            if tries == MOST_TRIES || file::is_still_named(&file, path)? {
                break (file, locked);
            }
        };
        let length = file
            .metadata()
            .map_err(|source| io_error(path, "look at", source))?
            .len();
        if locked == Locked::Yes {
            file.unlock()
                .map_err(|source| io_error(path, "unlock", source))?;
        }
        Ok(LogReader {
            file,
            path: path.to_owned(),
            length,
            observer: None,
        })
    }

    /// The same, with somebody who is told how far [`LogReader::scan`] has come.
    #[must_use]
    pub fn looked_at(self, observer: Option<ProgressObserver>) -> LogReader {
        LogReader { observer, ..self }
    }

    /// The same file as it stands now, for whoever holds its lock and has written to it.
    pub(crate) fn reopened(&self) -> Result<LogReader, LogError> {
        let failed = |source| io_error(&self.path, "look at", source);
        let file = self.file.try_clone().map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        Ok(LogReader {
            file,
            path: self.path.clone(),
            length,
            observer: None,
        })
    }

    /// Where the log lies.
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

    /// The number of the last event that counts, by its form alone: for a position that is resolved
    /// before the scan that checks every line.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn last_seq(&self) -> Result<Option<u64>, LogError> {
        tail::last_settled_line(&self.file, self.length)
            .map(|line| line.as_deref().and_then(seq_of))
            .map_err(|source| io_error(&self.path, "read", source))
    }

    /// The event of this number, in a log that a scan has found sound; `None` beyond its end.
    /// Finds it by bisection over the bytes: every line tells its own number.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn entry(&self, seq: u64) -> Result<Option<Entry<'static>>, LogError> {
        self.entry_before(seq, self.length)
    }

    /// What the log says it is, in its first line; `None` where it has none.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn opening(&self) -> Result<Option<Opening<'static>>, LogError> {
        Ok(match self.entry(0)?.map(|entry| entry.record.event) {
            Some(Event::Ledger(opening)) => Some(opening),
            _ => None,
        })
    }

    /// The same where only the lines ahead of `end`, an offset between two lines, are known to be
    /// sound.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn entry_before(&self, seq: u64, end: u64) -> Result<Option<Entry<'static>>, LogError> {
        let line = self
            .line_of(seq, end)
            .map_err(|source| io_error(&self.path, "read", source))?;
        Ok(line
            .as_ref()
            .and_then(|(_, line)| format::read(line).ok())
            .map(|line| line.entry.into_owned())
            .filter(|entry| entry.seq == seq))
    }

    /// The last line that a line feed at or ahead of an offset ends: the offset behind it, and its
    /// bytes.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn line_ahead(&self, offset: u64) -> std::io::Result<Option<(u64, Vec<u8>)>> {
        tail::line_before(&self.file, offset)
    }

    /// Where the line of this number starts, ahead of `end`, and its bytes.
    pub(super) fn line_of(&self, seq: u64, end: u64) -> std::io::Result<Option<(u64, Vec<u8>)>> {
        if seq == 0 {
            // Asked for by every run: it stands in front.
            let (start, line) = self.line_from(0, 0, end)?;
            return Ok((seq_of(&line) == Some(0)).then_some((start, line)));
        }
        let (mut low, mut high) = (0_u64, end);
        // The line starts in `low..high`, and `low` is the start of a line.
        while low < high {
            let middle = low.saturating_add(high.saturating_sub(low) / 2);
            let (start, line) = self.line_from(low, middle, end)?;
            match seq_of(&line) {
                Some(found) if found == seq => return Ok(Some((start, line))),
                Some(found) if found < seq => {
                    low = start.saturating_add(as_u64(line.len())).saturating_add(1);
                }
                _ if start > low => high = middle.min(start),
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The first line that starts at or behind `from`, or the one at `low` where there is none
    /// such within a line's reach.
    fn line_from(&self, low: u64, from: u64, end: u64) -> std::io::Result<(u64, Vec<u8>)> {
        let start = if from <= low {
            low
        } else {
            // The byte ahead tells whether a line starts at `from` itself.
            let ahead = self.stretch(from.saturating_sub(1))?;
            match find::byte(b'\n', &ahead) {
                Some(at) => from.saturating_add(as_u64(at)),
                None => low,
            }
        };
        let start = if start >= end { low } else { start };
        let mut line = self.stretch(start)?;
        if let Some(end) = find::byte(b'\n', &line) {
            line.truncate(end);
        }
        Ok((start, line))
    }

    /// A line's greatest length of bytes from here, or what is left.
    fn stretch(&self, from: u64) -> std::io::Result<Vec<u8>> {
        const STEP: usize = 1024;
        let mut bytes = Vec::new();
        let most = usize::try_from(self.length.saturating_sub(from))
            .unwrap_or(usize::MAX)
            .min(LINE_MAX_BYTES.saturating_add(2));
        while bytes.len() < most {
            let filled = bytes.len();
            bytes.resize(filled.saturating_add(STEP).min(most), 0);
            let target = bytes.get_mut(filled..).unwrap_or_default();
            let read = platform::read_at(&self.file, target, from.saturating_add(as_u64(filled)))?;
            bytes.truncate(filled.saturating_add(read));
            let fresh = bytes.get(filled..).unwrap_or_default();
            // A line feed at the very start is that of the line ahead.
            let skip = usize::from(filled == 0);
            if read == 0 || find::byte(b'\n', fresh.get(skip..).unwrap_or_default()).is_some() {
                break;
            }
        }
        Ok(bytes)
    }
}

pub(crate) fn seq_of(line: &[u8]) -> Option<u64> {
    let behind = line.strip_prefix(b"{\"v\":1,\"seq\":")?;
    let digits = behind.get(..behind.iter().position(|byte| *byte == b',')?)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}
