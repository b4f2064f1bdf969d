//! An account ledger in one plain file of events. Every figure is computed from the events.
//!
//! The log is the truth; everything else is a fold over a prefix of it. The modules in reading order;
//! each may use only those above it:
//!
//! - [`money`]: exact amounts, balances and currencies.
//! - [`time`]: moments, the `WHEN` grammar, zones.
//! - [`event`]: the events, and records and entries that contain them.
//! - [`accounts`]: the state of the accounts; `decide` checks a request against it, `apply` changes it.
//! - [`replay`]: which events count at a moment, and the figures they add up to.
//! - [`log`]: the file: lines, hash chain, torn tails, locks.
//! - [`proof`]: Merkle tree, head files, receipts, proofs of growth.
//! - [`remote`]: logs on NATS JetStream and PostgreSQL, and their local mirror.
//! - [`checkpoint`]: a cache of the state of a checked prefix of the log.
//! - [`ledger`]: the transaction that records requests, and reading at any moment.
//! - [`audit`]: verifying, diagnosing and repairing a log.
//! - [`formats`]: import and export of other programs' formats.
//! - [`projection`]: the SQLite mirror, and positions of programs that follow the log.
//!
//! The command line is in `src/bin/ledger`: `cli.rs` defines it, `commands` has one file per command,
//! `output` prints, and `failure` maps every error to a message and an exit code.
//!
//! # From `ledger deposit 50` to the disk
//!
//! 1. `bin/ledger/cli.rs` parses the command line into `DepositArgs` and calls
//!    `bin/ledger/commands/deposit.rs`, which makes an `Operation`. `commands/writing.rs` adds the common
//!    flags: now it is a [`Request`](accounts::Request).
//! 2. [`ledger::LogSource`] in `ledger/source.rs` is a log in a file or on an engine
//!    (`ledger/engine.rs`). For a file, `ledger/transaction.rs` opens and locks it with
//!    `log/writer.rs`.
//! 3. `ledger/batch.rs` loads the state: from `checkpoint/` (`ledger/batch/load.rs`), and the lines after
//!    it with `log/scan.rs`, which checks every hash.
//! 4. `accounts/decide.rs` answers the request with an [`Event`](event::Event) or a
//!    [`Refusal`](accounts::Refusal). `accounts/state.rs` applies the event.
//! 5. `ledger/batch/pending.rs` has each [`Record`](event::Record) and its hash encoded as a line:
//!    `log/format/write.rs` writes what all lines have, `log/format/v1` or `v2` the keys of its type.
//!    A line that could not be read again is refused here.
//! 6. `log/writer.rs` appends all lines with one write and one sync. If one of them fails, it cuts the
//!    log back.
//! 7. The [`Receipt`](ledger::Receipt) is printed by `bin/ledger/output`.
//!
//! # A new kind of event
//!
//! `event/kinds.rs` (the variant and its postings), `accounts/rules.rs` and `accounts/state.rs` (its rules
//! and its effect), `accounts/request.rs` and `accounts/propose.rs` (its request), `log/format/v2` (its
//! line), `formats/event_json.rs` (its keys in JSON), and a command.

#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::disallowed_methods,
        reason = "a test may panic"
    )
)]

pub mod accounts;
pub mod audit;
pub mod checkpoint;
pub mod event;
#[cfg(feature = "formats")]
pub mod formats;
pub mod ledger;
pub mod log;
pub mod money;
pub mod projection;
pub mod proof;
pub mod remote;
pub mod replay;
pub mod time;
