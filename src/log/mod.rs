//! The log: one file of lines, chained by hashes, append-only.
//!
//! The bytes: the format of a line (a module per version), the chain, torn tails, reading,
//! appending, locking. Must not depend on balances or rules: an overdraft is a valid line.

mod atomic_file;
mod chain;
mod check;
mod continues;
mod erased;
mod erasure;
mod error;
mod file;
mod format;
#[cfg(fuzzing)]
pub mod fuzzing;
mod lenient_scan;
mod lines;
mod lock_waiter;
mod lookup;
mod parallel;
mod platform;
mod position;
mod progress;
mod quarantine;
mod reader;
mod redacted;
mod refresh;
mod rewrite;
mod scan;
mod tail;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
pub(crate) mod testing;
mod writer;

pub use atomic_file::{
    Access, AtomicFile, AtomicFileError, IsOurs, Obstacle, lock_file, replaceable,
};
pub use check::{Checker, Verdict};
pub use continues::continues;
pub use erased::{are_same_events, without_notes};
pub use erasure::Erasure;
pub use error::{Code, Damage, LogError};
pub use format::{DecodeError, decode, encode};
pub use lenient_scan::LenientLine;
pub(crate) use lines::as_u64;
pub use lines::{LINE_MAX_BYTES, LineReader, RawLine};
pub use lock_waiter::{Holder, LockWaiter, NoWait};
pub(crate) use platform::{
    careful, holder, is_own, is_private, no_follow, private_directory, read_at,
};
pub(crate) use position::seq_of;
pub use position::{LineSpan, LogPosition};
pub use progress::{ProgressHandle, ProgressObserver};
pub use quarantine::copies_beside;
pub use reader::LogReader;
pub use refresh::Refreshed;
pub use rewrite::Overwrite;
pub(crate) use rewrite::{mark_finished, unfinished_copies};
pub(crate) use scan::looks_like_ours;
pub use scan::{ScanError, ScanOptions, ScanRange, Scanned};
pub use tail::Tail;
pub use writer::{AppendError, Writer};
