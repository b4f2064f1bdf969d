//! Appending to a log, under its lock.
//!
//! Owns the order of steps that makes an append either whole and on the disk, or not there: set a
//! torn tail aside, one write, one sync; cut back what failed. Must not know what the lines say.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::file::{self, Purpose, io_error};
use super::lines::as_u64;
use super::{Contention, LogError, Snapshot, Tail, platform};

/// A log that is locked for this process alone.
#[derive(Debug)]
pub struct Writer {
    log: Snapshot,
}

/// What an append did besides appending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Where a torn tail was set aside.
    pub quarantine: Option<PathBuf>,
}

/// Why an append did not succeed.
#[derive(Debug, Error)]
pub enum AppendError {
    /// Nothing was recorded, and the log is as it was.
    #[error("nothing was recorded: cannot {action} {}: {source}", path.display())]
    NotRecorded {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The bytes may or may not be on the disk. Asking again with the same key tells.
    #[error("nobody can know whether it was recorded: cannot {action} {}: {source}", path.display())]
    OutcomeUnknown {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl Writer {
    /// Opens and locks the log that is there.
    ///
    /// # Errors
    /// [`LogError`]; [`LogError::NotFound`] where there is none.
    pub fn open(path: &Path, contention: &mut dyn Contention) -> Result<Writer, LogError> {
        Writer::lock(path, Purpose::Append, contention)
    }

    /// Opens and locks the log; makes an empty file, mode 0600, where there is none.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn open_or_create(
        path: &Path,
        contention: &mut dyn Contention,
    ) -> Result<Writer, LogError> {
        Writer::lock(path, Purpose::AppendOrCreate, contention)
    }

    fn lock(
        path: &Path,
        purpose: Purpose,
        contention: &mut dyn Contention,
    ) -> Result<Writer, LogError> {
        platform::survive_the_file_size_limit()
            .map_err(|source| io_error(path, "prepare to write", source))?;
        loop {
            let file = file::open(path, purpose)?;
            file::lock(&file, path, true, contention)?;
            if file::is_still_named(&file, path)? {
                let length = file
                    .metadata()
                    .map_err(|source| io_error(path, "look at", source))?
                    .len();
                return Ok(Writer {
                    log: Snapshot {
                        file,
                        path: path.to_owned(),
                        length,
                    },
                });
            }
        }
    }

    /// The log as it stands under the lock.
    pub fn log(&self) -> &Snapshot {
        &self.log
    }

    /// Appends whole lines, each with its line feed, behind the tail that a scan of this log found,
    /// and returns when they are on the disk.
    ///
    /// # Errors
    /// [`AppendError::NotRecorded`] when the log is as it was before;
    /// [`AppendError::OutcomeUnknown`] when a sync failed: it is never tried again, as the second
    /// try succeeds and the bytes are gone.
    pub fn append(self, tail: Tail, lines: &[u8]) -> Result<Appended, AppendError> {
        let is_new = self.log.length == 0;
        let quarantine = match tail {
            Tail::Torn { offset, .. } => Some(self.set_aside(offset)?),
            Tail::Clean | Tail::Unterminated => None,
        };
        let length = match tail {
            Tail::Torn { offset, .. } => offset,
            Tail::Clean | Tail::Unterminated => self.log.length,
        };
        let written = match tail {
            Tail::Unterminated => write_all(&self.log.file, &[b"\n", lines].concat()),
            Tail::Clean | Tail::Torn { .. } => write_all(&self.log.file, lines),
        };
        if let Err(source) = written {
            self.cut_back(length);
            return Err(self.not_recorded("write to", source));
        }
        let synced = self.log.file.sync_data().map_err(|source| ("sync", source));
        let synced = match synced {
            Ok(()) if is_new => {
                sync_directory(&self.log.path).map_err(|source| ("sync the directory of", source))
            }
            other => other,
        };
        if let Err((action, source)) = synced {
            self.cut_back(length);
            return Err(AppendError::OutcomeUnknown {
                path: self.log.path,
                action,
                source,
            });
        }
        Ok(Appended { quarantine })
    }

    /// Takes an unfinished write back. Where even that fails (a file that may only grow), the bytes
    /// are a torn tail, which counts for nothing, so there is nothing more to say.
    fn cut_back(&self, length: u64) {
        if self.log.file.set_len(length).is_ok() {
            let _ = self.log.file.sync_all();
        }
    }

    fn not_recorded(&self, action: &'static str, source: io::Error) -> AppendError {
        AppendError::NotRecorded {
            path: self.log.path.clone(),
            action,
            source,
        }
    }

    /// Copies everything from `offset` on to a file of its own, syncs that, and cuts it off here.
    fn set_aside(&self, offset: u64) -> Result<PathBuf, AppendError> {
        let failed = |source| self.not_recorded("set the torn tail aside of", source);
        let path = keep_copy(&self.log, offset, "torn").map_err(failed)?;
        self.log.file.set_len(offset).map_err(failed)?;
        self.log.file.sync_all().map_err(failed)?;
        Ok(path)
    }
}

/// Takes back the empty file that a first write made before it failed. Whoever waits for its lock
/// notices that the path names it no more.
pub fn discard_empty(path: &Path) {
    let is_empty = std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == 0);
    if is_empty && let Ok(real) = std::fs::canonicalize(path) {
        // Nobody is harmed where it stays: an empty file is no ledger.
        let _ = std::fs::remove_file(real);
    }
}

/// Copies the bytes of a log from `offset` on to `<file>.<word>-<offset>`, made new and synced.
pub(crate) fn keep_copy(log: &Snapshot, offset: u64, word: &str) -> io::Result<PathBuf> {
    let (path, copy) = new_file_beside(&log.path, &format!("{word}-{offset}"))?;
    let mut at = offset;
    let mut block = vec![0; 64 * 1024];
    while at < log.length {
        let read = platform::read_at(&log.file, &mut block, at)?;
        if read == 0 {
            break;
        }
        write_all(&copy, block.get(..read).unwrap_or_default())?;
        at = at.saturating_add(as_u64(read));
    }
    copy.sync_all()?;
    sync_directory(&path)?;
    Ok(path)
}

/// Makes `<file>.<suffix>`, or with `.1`, `.2` behind it where that name is taken.
fn new_file_beside(log: &Path, suffix: &str) -> io::Result<(PathBuf, File)> {
    for candidate in names_beside(log, suffix) {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        match platform::careful(&mut options).open(&candidate) {
            Ok(file) => return Ok((candidate, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// The first of those names that nothing has.
pub(super) fn free_name_beside(log: &Path, suffix: &str) -> io::Result<PathBuf> {
    names_beside(log, suffix)
        .find(|name| std::fs::symlink_metadata(name).is_err())
        .ok_or_else(|| io::ErrorKind::AlreadyExists.into())
}

fn names_beside(log: &Path, suffix: &str) -> impl Iterator<Item = PathBuf> {
    let mut name = OsString::from(log);
    name.push(".");
    name.push(suffix);
    let further = name.clone();
    std::iter::once(PathBuf::from(name)).chain((1_u32..).map(move |number| {
        let mut next = further.clone();
        next.push(format!(".{number}"));
        PathBuf::from(next)
    }))
}

/// Short writes go on, interrupted ones are tried again.
fn write_all(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)
}

/// Makes a new name in a directory durable.
#[expect(
    clippy::disallowed_methods,
    reason = "a directory is opened, which `file::open` refuses"
)]
pub(crate) fn sync_directory(file: &Path) -> io::Result<()> {
    // The name that must last is the one the bytes lie under, also behind a symbolic link.
    let real = std::fs::canonicalize(file)?;
    match real.parent() {
        Some(directory) if cfg!(unix) => File::open(directory)?.sync_all(),
        _ => Ok(()),
    }
}
