//! An account ledger as one plain file of events, from which every figure is replayed.
//!
//! The log is the truth; everything else is a fold over a prefix of it. The rooms, in reading order:
//!
//! - [`money`]: exact figures. Knows nothing else.
//! - [`time`]: moments, the `WHEN` grammar, zones. Reads no clock.
//! - [`event`]: what can happen. Knows no JSON, no files, no balances.
//! - [`accounts`]: the derived state, `decide` and `apply`. Knows no file.
//! - [`replay`]: which events count, and what they come to. Knows no file.
//! - [`log`]: lines, chain, torn tails, locks. Knows no balances and no rules.
//! - [`proof`]: Merkle tree, head files, receipts, proofs of growth. Knows no rules and no printing.
//! - [`checkpoint`]: the cache of what a log adds up to. May be deleted at any time; knows no rules.
//! - [`audit`]: verify and doctor, every finding and what can be put right. Knows no printing.
//! - [`ledger`]: the transaction: lock, read, replay, decide, append, sync. Knows no printing.
//! - [`formats`]: other programs' formats, out and in. Knows no files and no terminal.
//! - [`remote`]: logs on NATS JetStream and PostgreSQL, and their local mirror. Knows no rules.
//! - [`projection`]: read models kept in step with the log. Neither the log nor the rules know it.
//!
//! From `ledger deposit` to the bytes on the disk: `bin/ledger/commands/deposit.rs` →
//! `ledger/transaction.rs` → `ledger/draftbook.rs` → `accounts/decide.rs` → `log/v1/write.rs` →
//! `log/writer.rs`. What the decision rests on is read from the checkpoint on, where there is one
//! (`ledger/draftbook/known.rs`), else from the front.

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
