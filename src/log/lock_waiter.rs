//! Waiting for a lock: [`LockWaiter`], and the [`Holder`] that is waited for.

use std::fmt;

use crate::time::Timestamp;

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// What runs in it.
    pub command: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.command {
            Some(command) => write!(f, "process {} ({command})", self.pid),
            None => write!(f, "process {}", self.pid),
        }
    }
}

/// Retries for a lock that another process has. The caller decides about pauses and the time limit,
/// since the log reads no clock.
pub trait LockWaiter {
    /// Pauses; false to stop. `holder` finds the process that has the lock.
    fn wait(&mut self, holder: &dyn Fn() -> Option<Holder>) -> bool;

    /// Other work happened since the last wait; its time does not count.
    fn starts(&mut self) {}

    /// The current time after the lock was granted; `None` if the clock is fixed.
    fn now(&mut self) -> Option<Timestamp> {
        None
    }
}

/// Does not wait: an operation on a locked log fails immediately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoWait;

impl LockWaiter for NoWait {
    fn wait(&mut self, _: &dyn Fn() -> Option<Holder>) -> bool {
        false
    }
}
