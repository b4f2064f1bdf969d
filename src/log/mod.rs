//! The log: one file of lines, chained by hashes, appended and never rewritten.
//!
//! Owns the bytes: the form of a line (a module a version), the chain, what a torn tail is, reading,
//! appending, locking. Must not know balances or rules: to the log an overdraft is as good as any
//! other event.

mod chain;
mod check;
mod error;
mod file;
mod find;
mod format;
#[cfg(fuzzing)]
pub mod fuzzing;
mod later;
mod lines;
mod parallel;
mod platform;
mod progress;
mod quarantine;
mod reader;
mod reread;
mod rewrite;
mod scan;
mod spot;
mod survey;
mod tail;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
mod testing;
mod writer;

pub use check::{Checker, Verdict};
pub use error::{Code, Damage, LogError};
pub use file::{Holder, LockWaiter, NoWait};
pub use format::{encode, encode_all};
pub use later::Later;
pub use lines::{LINE_MAX_BYTES, Lines, RawLine};
pub(crate) use platform::{careful, is_own, is_private, private_directory, read_at};
pub use progress::{ProgressObserver, Told};
pub use reader::LogReader;
pub(crate) use reader::seq_of;
pub use rewrite::{NewFile, Overwrite};
pub(crate) use rewrite::{mark_finished, unfinished_copy};
pub(crate) use scan::looks_like_ours;
pub use scan::{LogPosition, Place, ScanError, Scanned};
pub use survey::Seen;
pub use tail::Tail;
pub use writer::{AppendError, Appended, Writer};
