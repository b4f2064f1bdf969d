//! The checkpoint: a cache of the state of a log up to a line that was checked, so that the next
//! run need not start at the beginning.
//!
//! It contains the accounts at a position in the log and at moments before it, and indices for the
//! lines of an account, keys and reversals. All of it comes from lines whose hashes were checked,
//! and it is bound to the log by the last of them. A missing, outdated, torn, foreign or changed
//! checkpoint is not used and made again: [`CheckpointError`] is a reason to read the log, never an
//! error to show. It may be deleted at any time.
//!
//! - `cache_dir`: its directory, with complete files only.
//! - `table`: sorted records in pages, each verified by the digest that points to it.
//! - `record`: records as bytes.
//! - `outstanding`: what accounts still expect, as bytes.
//! - `manifest`: the head: its position in the log and its tables.
//! - `fold`: accounts folded from consecutive events, and how two folds are merged.
//! - `builder`: from lines to a checkpoint, and from one checkpoint to the next.
//! - `rules`: the first event that breaks a rule.
//! - `open`: a usable checkpoint and its look-ups.
//! - `update`: makes the checkpoint of a log, and brings it up to the log's end.
//! - `point_in_time`: the state at a moment before its end.
//! - `verify`: comparison of a checkpoint with its log.

mod builder;
mod cache_dir;
mod fold;
mod manifest;
mod open;
mod outstanding;
mod point_in_time;
mod record;
mod rules;
mod table;
mod update;
mod varint;
mod verify;

use std::io;

pub use cache_dir::CacheDir;
pub use open::Checkpoint;
pub use point_in_time::Folded;
pub use rules::RuleWatch;
pub use update::Ready;
pub use verify::CheckpointVerifier;

/// Why a checkpoint is of no use: the log itself is read then.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// A file that cannot be read or written.
    #[error("its file cannot be used: {0}")]
    Io(#[from] io::Error),
    /// The log has changed, or contains what no checkpoint can store.
    #[error("{0}")]
    Wrong(&'static str),
    /// It is valid but does not have the answer.
    #[error("{0}")]
    Silent(&'static str),
}

/// Why a checkpoint whose files were removed is of no use.
const GONE: &str = "one of its files is gone";

impl CheckpointError {
    /// True if a file could not be read or written, or was removed: the rest may be right.
    fn is_gone(&self) -> bool {
        matches!(self, CheckpointError::Io(_) | CheckpointError::Wrong(GONE))
    }
}

/// Thresholds; tests use smaller ones to cover more with small logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// A shorter log is read faster than its checkpoint is opened.
    pub log_bytes: u64,
    /// As much new log is read rather than folded into a new checkpoint.
    pub tail_bytes: u64,
    /// Events from one stored past state to the next.
    pub segment_events: u64,
    /// Events an account, at least, from one stored past state to the next.
    pub events_an_account: u64,
    /// Accounts of up to this many bytes are rewritten with every checkpoint.
    pub rewritten_bytes: u64,
    /// New records are kept in memory up to this many bytes.
    pub held_bytes: usize,
}

impl Default for Sizes {
    fn default() -> Sizes {
        Sizes {
            log_bytes: 1024 * 1024,
            tail_bytes: 256 * 1024,
            segment_events: 65_536,
            events_an_account: 16,
            rewritten_bytes: 1024 * 1024,
            held_bytes: 16 * 1024 * 1024,
        }
    }
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The value of a lock, even if a thread panicked while holding it: it is a cache of checked data.
fn held<T>(lock: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
