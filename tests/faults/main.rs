//! The program and the library under faults: damaged and torn logs, useless checkpoints, failing
//! system calls, kills, full disks, races, strange files and streams, hostile text.
//!
//! What a machine cannot do (no strace, no root, no such file system) is skipped with a line on
//! standard error; `LEDGER_FAULTS=required` makes that a failure, `LEDGER_FAULTS=all` runs the long
//! variants too. Both may be given: `LEDGER_FAULTS=required,all`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::naive_bytecount,
    clippy::too_many_lines,
    clippy::disallowed_methods,
    reason = "a test may panic"
)]

#[cfg(target_os = "linux")]
#[path = "../cli/harness.rs"]
mod harness;

use std::time::Duration;

use event_ledger::log::{Holder, LockWaiter};

/// Waits up to ten seconds for a lock. A process that another test starts has a copy of every open
/// file, and so of its lock, until it runs its program.
#[derive(Default)]
pub(crate) struct ShortWait(u32);

impl LockWaiter for ShortWait {
    fn wait(&mut self, _: &dyn Fn() -> Option<Holder>) -> bool {
        std::thread::sleep(Duration::from_millis(1));
        self.0 += 1;
        self.0 < 10_000
    }
}

// Through the library, on every platform.
mod checkpoint;
mod damage;
mod recorder;
mod torn;

#[cfg(target_os = "linux")]
mod bench;
#[cfg(target_os = "linux")]
mod clock;
#[cfg(target_os = "linux")]
mod erasure;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod followed;
#[cfg(target_os = "linux")]
mod full;
#[cfg(target_os = "linux")]
mod injected;
#[cfg(target_os = "linux")]
mod input;
#[cfg(target_os = "linux")]
mod killed;
#[cfg(target_os = "linux")]
mod locks;
#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod receipts;
#[cfg(target_os = "linux")]
mod streams;
#[cfg(target_os = "linux")]
mod terminal;
#[cfg(target_os = "linux")]
mod touched;
