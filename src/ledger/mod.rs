//! The transaction, and reading: what the shell asks of a log.
//!
//! Owns the order of steps: lock, read, replay, decide, append, sync ([`record`]); and reading a log
//! up to a moment ([`Reader`]) or as it grows ([`Subscription`]). Of the log it uses only the head, entries from a position, and an
//! append on the head it has read. Must not know clap or printing; reads no clock and no environment:
//! the moment and the patience to wait for a lock are handed in.

mod draftbook;
mod error;
mod new_log;
mod reader;
mod subscription;
mod transaction;
mod wish;

pub use error::{LedgerError, Since};
pub use new_log::NewLedger;
pub use reader::{EventContext, Reader, Replayed};
pub use subscription::{Break, Position, Start, Subscription};
pub use transaction::{AccountAfter, Mode, Notice, Outcome, Receipt, RecordOptions, record};
pub use wish::{Intent, Wish};
