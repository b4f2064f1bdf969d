//! Why a read model was not read, made or brought forward.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::event::LedgerId;
use crate::ledger::LedgerError;

/// Why a read model was not read, made or brought forward.
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
