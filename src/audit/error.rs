//! Why an audit or a repair failed.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::log::LogError;

/// Why an audit or a repair failed.
#[derive(Debug, Error)]
pub enum AuditError {
    /// The log cannot be read or locked, or is not a log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// There is no log, or only the torn beginning of one.
    #[error("there is no ledger at {}{}", path.display(), if *torn_bytes > 0 { ", only the beginning of one that was never finished" } else { "" })]
    NoLedger {
        /// The path that was tried.
        path: PathBuf,
        /// The bytes of a first line that was never finished.
        torn_bytes: u64,
    },
    /// The repair stopped in the middle.
    #[error("the repair of {} was interrupted: {source}; the original is in {}", path.display(), copy.display())]
    Stopped {
        /// The log.
        path: PathBuf,
        /// The original.
        copy: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file that was to be created exists.
    #[error("{} already exists", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// The salvage could not be written.
    #[error("cannot write {}: {source}", path.display())]
    CannotWrite {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
