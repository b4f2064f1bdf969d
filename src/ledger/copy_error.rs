//! Why a log was not copied.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::LedgerError;

/// Why a log was not copied.
#[derive(Debug, Error)]
pub enum CopyError {
    /// One of the logs cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The other log has more events than this one.
    #[error("{} goes on where the log to copy ends: {events} more event{}", to.display(), if *events == 1 { "" } else { "s" })]
    Ahead {
        /// The log to copy.
        from: PathBuf,
        /// The other log.
        to: PathBuf,
        /// How many.
        events: u64,
    },
    /// The other log is not the beginning of this one.
    #[error("{} is not the beginning of the log to copy", to.display())]
    Differs {
        /// The other log.
        to: PathBuf,
    },
    /// The copy is complete, but the file still has its name.
    #[error("the copy is complete, but {} cannot be renamed: {source}", path.display())]
    NotMoved {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
