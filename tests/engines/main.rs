//! Logs on real engines: three nodes of NATS JetStream, and PostgreSQL.
//!
//! The servers are started by the tests on free ports, with data in temporary directories. A program that
//! is missing is named and its tests are skipped; `LEDGER_ENGINES=required` makes that a failure, and
//! `LEDGER_ENGINES_SECONDS=600` lets the tests under load run for ten minutes.
#![cfg(unix)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test may panic"
)]

#[path = "../cli/harness.rs"]
mod harness;
mod machine;
mod servers;

mod alike;
mod copied;
mod followed;
mod loaded;
mod offline;
mod page;
mod redacted;
mod refused;
mod replicas;
mod synced;

use harness::skip;
