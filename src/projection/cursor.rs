//! A cursor: a file that names the last event that somebody was told of.
//!
//! Owns its one line of JSON, `{"ledger":ID,"seq":N,"hash":HASH}`, how it is moved forward (a new file,
//! synced, then renamed over the old one, so that it is one or the other whatever is killed when),
//! and that one process at a time moves it. Must not know who is told of events, or how.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ProjectionError;
use super::permissions::owner_only;
use crate::event::{Hash, LedgerId};
use crate::ledger::Position;

/// No cursor is as long as this.
const MOST_BYTES: u64 = 4096;

/// A file that says how far somebody has come. Held by one process at a time.
#[derive(Debug)]
pub struct Cursor {
    path: PathBuf,
    at: Option<Position>,
    /// The file as it was last written or read, locked.
    held: Option<File>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    ledger: &'a str,
    seq: u64,
    hash: &'a str,
}

impl Cursor {
    /// Reads a cursor, holds it, and makes sure that it can be moved: who cannot keep what was
    /// delivered should deliver nothing. A file that is not there yet, or is empty, stands ahead of
    /// the first event.
    ///
    /// # Errors
    /// [`ProjectionError::NotOurs`] where the file is something else, [`ProjectionError::InUse`]
    /// where another process holds it, [`ProjectionError::Io`].
    pub fn open(path: &Path) -> Result<Cursor, ProjectionError> {
        // The file itself is replaced again and again, not a link to it.
        let path = match std::fs::canonicalize(path) {
            Ok(found) => found,
            Err(_) => path.to_owned(),
        };
        let failed = |action, source| ProjectionError::Io {
            path: path.clone(),
            action,
            source,
        };
        let not_ours = |what| ProjectionError::NotOurs {
            path: path.clone(),
            what,
        };
        match std::fs::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => return Err(not_ours("no regular file")),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let at = None;
                try_next(&path)?;
                let held = None;
                return Ok(Cursor { path, at, held });
            }
            Err(source) => return Err(failed("look at", source)),
        }
        let mut file = OpenOptions::new()
            .read(true)
            .open(&path)
            .map_err(|source| failed("open", source))?;
        hold(&file, &path)?;
        let mut bytes = Vec::new();
        (&mut file)
            .take(MOST_BYTES)
            .read_to_end(&mut bytes)
            .map_err(|source| failed("read", source))?;
        let at = if bytes.is_empty() {
            None
        } else {
            Some(read(&bytes).ok_or_else(|| not_ours("no cursor of ledger watch"))?)
        };
        try_next(&path)?;
        Ok(Cursor {
            path,
            at,
            held: Some(file),
        })
    }

    /// The last event that was told of.
    pub fn at(&self) -> Option<Position> {
        self.at
    }

    /// Where the cursor lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the cursor to an event, so that it stands there even after a power cut.
    ///
    /// # Errors
    /// [`ProjectionError::Io`]; it stands where it stood then.
    pub fn advance(&mut self, to: Position) -> Result<(), ProjectionError> {
        if self.at == Some(to) {
            return Ok(());
        }
        let failed = |action, source| ProjectionError::Io {
            path: self.path.clone(),
            action,
            source,
        };
        let (next, mut file) = start_next(&self.path)?;
        hold(&file, &self.path)?;
        let line = format!(
            "{{\"ledger\":\"{}\",\"seq\":{},\"hash\":\"{}\"}}\n",
            to.ledger, to.seq, to.hash
        );
        file.write_all(line.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|source| failed("write beside", source))?;
        std::fs::rename(&next, &self.path).map_err(|source| failed("replace", source))?;
        self.held = Some(file);
        self.at = Some(to);
        Ok(())
    }
}

/// Finds out whether a cursor can be moved.
fn try_next(path: &Path) -> Result<(), ProjectionError> {
    let (next, file) = start_next(path)?;
    drop(file);
    // Where it stays, the next one takes its place.
    let _ = std::fs::remove_file(next);
    Ok(())
}

/// Starts the file that is to take a cursor's place.
fn start_next(path: &Path) -> Result<(PathBuf, File), ProjectionError> {
    let next = next_to(path);
    let mut options = OpenOptions::new();
    owner_only(options.write(true).create(true).truncate(true));
    match options.open(&next) {
        Ok(file) => Ok((next, file)),
        Err(source) => Err(ProjectionError::Io {
            path: path.to_owned(),
            action: "write beside",
            source,
        }),
    }
}

/// The name of the file that takes a cursor's place.
fn next_to(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();

    path.with_file_name(format!(".{name}.next"))
}

/// How often a cursor's lock is asked for, and how long is waited in between: about a second.
const TRIES: u32 = 200;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);

/// Locks a file until it is closed. Where there are no locks, nobody is kept out. Asks for a moment:
/// whoever was killed just as it started a program leaves the lock to it until that has begun.
fn hold(file: &File, path: &Path) -> Result<(), ProjectionError> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            _ => return Ok(()),
        }
    }
    Err(ProjectionError::InUse {
        path: path.to_owned(),
    })
}

/// The one line of a cursor.
fn read(bytes: &[u8]) -> Option<Position> {
    let line: Line<'_> = serde_json::from_slice(bytes.strip_suffix(b"\n")?).ok()?;
    Some(Position {
        ledger: LedgerId::from_hex(line.ledger.as_bytes())?,
        seq: line.seq,
        hash: Hash::from_hex(line.hash.as_bytes())?,
    })
}

#[cfg(test)]
mod tests;
