//! [`Break`]: why a log is not the one that was read before.

use thiserror::Error;

use crate::event::{Hash, LedgerId};

/// Why a log is not the one that was read before.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Break {
    /// Its end is missing.
    #[error("{}", head.map_or_else(|| "nothing is left of it".to_owned(), |head| format!("it ends at event {head}")))]
    Cut {
        /// Its last event now.
        head: Option<u64>,
    },
    /// Another event is at its place.
    #[error("its event of that number is now {}", .hash.short(16))]
    Other {
        /// That event's hash.
        hash: Hash,
    },
    /// It is another ledger.
    #[error("it is the ledger {found} now, and was {was}")]
    Foreign {
        /// Its id.
        found: LedgerId,
        /// The id it had.
        was: LedgerId,
    },
}
