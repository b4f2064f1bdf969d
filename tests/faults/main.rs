//! The built binary under faults: failing system calls, kills, full disks, races, strange files and
//! streams, hostile text.
//!
//! What a machine cannot do (no strace, no root, no such file system) is skipped with a line on
//! standard error; `LEDGER_FAULTS=required` makes that a failure, `LEDGER_FAULTS=all` runs the long
//! variants too. Both may be given: `LEDGER_FAULTS=required,all`.
#![cfg(target_os = "linux")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::naive_bytecount,
    clippy::too_many_lines,
    clippy::disallowed_methods,
    reason = "a test may panic"
)]

#[path = "../cli/harness.rs"]
mod harness;

mod bench;

mod clock;
mod files;
mod followed;
mod full;
mod injected;
mod input;
mod killed;
mod locks;
mod machine;
mod streams;
mod terminal;
