//! The built binary, from outside: one file a command, exact output, a hermetic harness.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::too_many_lines,
    reason = "a test may panic"
)]

mod harness;
mod sealed;
mod story;
mod wild;

mod accounts;
mod assert;
mod balance;
mod batch;
mod bisect;
mod checkpoint;
mod ci_sample;
mod close;
mod completions;
mod copy;
mod deposit;
mod diff;
mod doctor;
mod erasure;
#[cfg(unix)]
mod explore;
mod export;
mod forged;
mod forged_links;
mod globals;
mod golden;
mod head;
mod heads;
mod help;
mod history;
mod holds;
mod import;
mod import_layouts;
mod init;
mod keys;
mod limit;
mod located;
mod man;
mod mistakes;
mod neighbours;
mod nightly_head;
mod open;
mod orders;
mod page;
mod pager;

mod project;
mod proofs;
mod races;
mod redact;
mod replay;
mod report;
mod reverse;
mod samples;
mod schema;
mod seals;
mod show;
mod stream;
mod tables;
mod transfer;
mod undo;
mod until;
mod verify;
mod watch;
mod why;
mod withdraw;
mod without;
mod words;
