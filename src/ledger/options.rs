//! How requests are recorded.

use crate::checkpoint::CacheDir;
use crate::log::{LockWaiter, ProgressObserver};
use crate::time::Timestamp;

/// How several requests go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// All or none; the first refusal refuses all.
    Together,
    /// Each for itself; a refused one is skipped.
    EachForItself,
}

/// What a transaction needs from outside.
pub struct RecordOptions<'a> {
    /// The clock's answer.
    pub now: Timestamp,
    /// How long to wait for the lock.
    pub waiter: &'a mut dyn LockWaiter,
    /// How several requests go together.
    pub mode: Mode,
    /// Decide, but write nothing.
    pub dry_run: bool,
    /// The directory of checkpoints, if they are used.
    pub checkpoints: Option<&'a CacheDir>,
    /// Progress callback for long reads.
    pub observer: Option<ProgressObserver>,
    /// Called after each request that was decided.
    pub progress: &'a mut dyn FnMut(),
}
