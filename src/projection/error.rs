//! Why a SQLite mirror could not be read, created or updated.

use std::io;
#[cfg(feature = "sqlite")]
use std::path::Path;
use std::path::PathBuf;

#[cfg(feature = "sqlite")]
use rusqlite::ErrorCode;
use thiserror::Error;

use crate::event::LedgerId;
use crate::ledger::LedgerError;

/// Why a SQLite mirror could not be read, created or updated.
#[derive(Debug, Error)]
pub enum ProjectionError {
    /// The log.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The file is something that is not ours to change.
    #[error("{} is {what}; it was not touched", path.display())]
    NotOurs {
        /// Which file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The file is of another ledger.
    #[error("{} is of the ledger {found}, and this is {wanted}", path.display())]
    OtherLedger {
        /// Which file.
        path: PathBuf,
        /// The ledger that it names.
        found: Box<LedgerId>,
        /// The ledger that is read.
        wanted: Box<LedgerId>,
    },
    /// The tables are those of another version of this program.
    #[error("{} has the tables of another version of ledger ({found})", path.display())]
    OtherVersion {
        /// Which file.
        path: PathBuf,
        /// The version of its tables.
        found: i64,
    },
    /// The database could not be read or written.
    #[cfg(feature = "sqlite")]
    #[error("cannot {action} {}: {source}", path.display())]
    Sqlite {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What SQLite said.
        source: Box<rusqlite::Error>,
    },
    /// The file is no longer at its path: what is written would be lost.
    #[error("{} was moved or removed meanwhile", path.display())]
    Gone {
        /// Where it was.
        path: PathBuf,
    },
    /// Another process works with the file.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// Which file.
        path: PathBuf,
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
}

#[cfg(feature = "sqlite")]
impl ProjectionError {
    /// What SQLite said of a file.
    pub(super) fn sqlite(
        path: &Path,
        action: &'static str,
        error: rusqlite::Error,
    ) -> ProjectionError {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                ProjectionError::InUse { path }
            }
            Some(ErrorCode::OperationInterrupted) => ProjectionError::NotOurs {
                path,
                what: "a read model that takes longer to read than its size can need",
            },
            _ => ProjectionError::Sqlite {
                path,
                action,
                source: Box::new(error),
            },
        }
    }
}
