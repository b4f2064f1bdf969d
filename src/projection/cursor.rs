//! A cursor: a file that names the last event that was delivered.
//!
//! Its one line is `{"ledger":ID,"seq":N,"hash":HASH}`. Moving it replaces the file, so that it names one event
//! or the other whenever the process is killed. One process at a time holds it, by the lock of
//! `.NAME.lock` beside it, a file that is never replaced or removed.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ProjectionError;
use crate::event::{Hash, LedgerId};
use crate::ledger::SavedPosition;
use crate::log::{
    Access, AtomicFile, AtomicFileError, LockWaiter, Obstacle, holder, lock_file, replaceable,
};

/// Every cursor is shorter than this.
const MOST_BYTES: u64 = 4096;

/// A file that names the last event that was delivered. Held by one process at a time.
#[derive(Debug)]
pub struct Cursor {
    path: PathBuf,
    at: Option<SavedPosition>,
    /// Locked while it is open.
    _lock: File,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CursorLine<'a> {
    ledger: &'a str,
    seq: u64,
    hash: &'a str,
}

impl Cursor {
    /// Reads a cursor, locks it, and makes sure that it can be moved, since events should not be
    /// delivered otherwise. A missing or empty file is before the first event.
    ///
    /// # Errors
    /// [`ProjectionError::NotOurs`] if the file is something else, [`ProjectionError::InUse`] if
    /// another process holds it for longer than the waiter waits, [`ProjectionError::Io`].
    pub fn open(path: &Path, waiter: &mut dyn LockWaiter) -> Result<Cursor, ProjectionError> {
        replaceable(path, &is_cursor).map_err(|error| cursor_error(path, error))?;
        AtomicFile::create(path, Access::Owner).map_err(|error| cursor_error(path, error))?;
        let lock = hold(path, waiter)?;
        // Read under the lock, so that no other process moves it any more.
        let found = replaceable(path, &is_cursor).map_err(|error| cursor_error(path, error))?;
        let at = match found {
            None => None,
            Some(file) => read(&file).map_err(|source| io_error(path, "read", source))?,
        };
        Ok(Cursor {
            path: path.to_owned(),
            at,
            _lock: lock,
        })
    }

    /// The last event that was delivered.
    pub fn at(&self) -> Option<SavedPosition> {
        self.at
    }

    /// The cursor's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the cursor to an event, durably.
    ///
    /// # Errors
    /// [`ProjectionError::Io`], or [`ProjectionError::NotOurs`] if the file was replaced; then the
    /// cursor was not moved.
    pub fn advance(&mut self, to: SavedPosition) -> Result<(), ProjectionError> {
        if self.at == Some(to) {
            return Ok(());
        }
        let failed = |error| cursor_error(&self.path, error);
        let mut next = AtomicFile::create(&self.path, Access::Owner).map_err(failed)?;
        writeln!(
            next,
            "{{\"ledger\":\"{}\",\"seq\":{},\"hash\":\"{}\"}}",
            to.ledger, to.seq, to.hash
        )
        .map_err(|source| io_error(&self.path, "write", source))?;
        next.commit(&is_cursor).map_err(failed)?;
        self.at = Some(to);
        Ok(())
    }
}

/// Locks a cursor until the file is closed.
fn hold(path: &Path, waiter: &mut dyn LockWaiter) -> Result<File, ProjectionError> {
    let beside = lock_beside(path);
    let lock = lock_file(&beside).map_err(|error| cursor_error(&beside, error))?;
    // If the file system has no locks, there is nothing to hold.
    while let Err(TryLockError::WouldBlock) = lock.try_lock() {
        if !waiter.wait(&|| holder(&lock)) {
            return Err(ProjectionError::InUse {
                path: path.to_owned(),
            });
        }
    }
    Ok(lock)
}

/// The name of a cursor's lock.
fn lock_beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".lock");
    path.with_file_name(name)
}

/// True if a file is a cursor.
fn is_cursor(file: &File) -> io::Result<bool> {
    Ok(read(file)?.is_some())
}

/// The one line of a cursor.
fn read(file: &File) -> io::Result<Option<SavedPosition>> {
    let mut bytes = Vec::new();
    let mut file = file;
    io::Seek::rewind(&mut file)?;
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(parse(&bytes))
}

fn parse(bytes: &[u8]) -> Option<SavedPosition> {
    let line: CursorLine<'_> = serde_json::from_slice(bytes.strip_suffix(b"\n")?).ok()?;
    Some(SavedPosition {
        ledger: LedgerId::from_hex(line.ledger.as_bytes())?,
        seq: line.seq,
        hash: Hash::from_hex(line.hash.as_bytes())?,
    })
}

fn cursor_error(path: &Path, error: AtomicFileError) -> ProjectionError {
    match error {
        AtomicFileError::Refused {
            obstacle: Obstacle::InUse,
            ..
        } => ProjectionError::InUse {
            path: path.to_owned(),
        },
        AtomicFileError::Refused { obstacle, .. } => ProjectionError::NotOurs {
            path: path.to_owned(),
            what: match obstacle {
                Obstacle::Foreign => "not a cursor of `ledger watch`",
                Obstacle::Link => "a symbolic link",
                Obstacle::Changed => "another file by now",
                _ => "not a regular file",
            },
        },
        AtomicFileError::Io { action, source, .. } => io_error(path, action, source),
    }
}

fn io_error(path: &Path, action: &'static str, source: io::Error) -> ProjectionError {
    ProjectionError::Io {
        path: path.to_owned(),
        action,
        source,
    }
}

#[cfg(test)]
mod tests;
