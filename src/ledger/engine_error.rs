//! Why an operation on an engine failed.

use thiserror::Error;

use crate::remote::{LogName, StoreError};
use crate::time::Timestamp;

/// Why an operation on an engine failed.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The engine or the mirror could not be read, or nothing was recorded.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The answer of an append was lost, and the deadline passed before the outcome was known.
    #[error("unknown whether it was recorded: {0}")]
    OutcomeUnknown(StoreError),
    /// Other machines recorded first, until the deadline.
    #[error("other machines kept recording at {log_name} until the time to wait was over")]
    Contended {
        /// Which log.
        log_name: LogName,
    },
    /// The clocks of this machine and of the engine are too far apart.
    #[error("this machine's clock is at {here}, but that of {log_name} at {there}")]
    WrongClock {
        /// Which log.
        log_name: LogName,
        /// The time here.
        here: Timestamp,
        /// The engine's time.
        there: Timestamp,
    },
    /// There is no mirror to read without a connection.
    #[error("this machine has no copy of {log_name} yet")]
    NoMirror {
        /// Which log.
        log_name: LogName,
    },
}
