//! What can go wrong with a log.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::Holder;

/// What kind of damage a line shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Not a canonical line of a known version.
    Form,
    /// Longer than a line may be.
    Length,
    /// Its number is not the next one.
    Seq,
    /// It was recorded before the previous line.
    Time,
    /// Its hash is not that of its bytes and the hash before it.
    Hash,
    /// An account's currency is not that of the event. Found when the events are added up.
    Currency,
}

impl Code {
    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Form => "form",
            Code::Length => "length",
            Code::Seq => "seq",
            Code::Time => "time",
            Code::Hash => "hash",
            Code::Currency => "currency_mismatch",
        }
    }
}

/// Bytes that no append of ours can leave.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}, byte {offset}: {reason}")]
pub struct Damage {
    /// The line, counted from 1.
    pub line: u64,
    /// The line's offset in the file, counted from 0.
    pub offset: u64,
    /// What kind.
    pub code: Code,
    /// A short description of the problem.
    pub reason: String,
}

/// Why a log cannot be read or written.
#[derive(Debug, Error)]
pub enum LogError {
    /// There is no file.
    #[error("there is no log at {}", path.display())]
    NotFound {
        /// The path that was tried.
        path: PathBuf,
    },
    /// A directory, a pipe, a device, or another user's file.
    #[error("{} is not a ledger: {what}", path.display())]
    NotALedger {
        /// Which.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The file is not what the appends left.
    #[error("{} is damaged: {damage}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// Where and why.
        damage: Damage,
    },
    /// A line of a later version of the format.
    #[error("{} was written by a newer ledger: line {line}, byte {offset} is of version {version}", path.display())]
    Newer {
        /// Which.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// Its offset, counted from 0.
        offset: u64,
        /// Its version.
        version: u64,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Timed out waiting for the lock.
    #[error("{} is locked{}", path.display(), holder.as_ref().map_or_else(String::new, |h| format!(" by {h}")))]
    LockTimeout {
        /// Which file.
        path: PathBuf,
        /// The process, if the system tells.
        holder: Option<Holder>,
    },
    /// The file system has no locks, so nothing can be written safely.
    #[error("cannot lock {}: {source}", path.display())]
    CannotLock {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
