//! The transaction, and reading: what the shell asks of a log.
//!
//! Owns the order of steps: lock, read, replay, decide, append, sync ([`record`]); and reading a log
//! up to a moment ([`Reading`]) or as it grows ([`Follower`]). Of the log it uses only the head, entries from a position, and an
//! append on the head it has read. Must not know clap or printing; reads no clock and no environment:
//! the moment and the patience to wait for a lock are handed in.

mod draftbook;
mod error;
mod follow;
mod new_log;
mod reading;
mod transaction;
mod wish;

pub use error::{LedgerError, Since};
pub use follow::{Bookmark, Break, Follower, Start};
pub use new_log::NewLedger;
pub use reading::{Around, Reading, Replayed};
pub use transaction::{Conditions, Mode, Notice, Outcome, Receipt, Standing, record};
pub use wish::{Intent, Wish};
