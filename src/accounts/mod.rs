//! The accounts and the rules.
//!
//! [`State`] is computed from the events. [`decide()`] answers a [`Request`] with an event or a
//! [`Refusal`] and changes nothing; [`State::apply`] changes the state and refuses nothing. The
//! audit checks the same rules ([`permit`]) for a recorded log. Must not depend on files, the
//! clock, JSON or terminals: what a decision needs from the log is passed in as [`Context`].

mod account;
mod commitments;
mod correct;
mod decide;
mod hold;
mod idempotency;
mod links;
mod links_to;
mod merge;
mod outstanding;
mod propose;
mod proposed;
mod recheck;
mod refusal;
mod request;
mod rules;
mod sorted_accounts;
mod state;
mod suggest;
mod table;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
pub(crate) mod testing;

pub use account::Account;
pub use commitments::{Commitments, Seal, commits, kept_under};
pub use decide::{decide, permit_head, permit_request};
pub use hold::{HoldState, HoldStatus, Pending, Settlement};
pub use links::{opposite, permit_link};
pub use links_to::LinksTo;
pub use merge::{Setting, Settings};
pub use outstanding::{Outstanding, OutstandingBook, OutstandingHold};
pub use recheck::{RefusedRecord, RuleCheck, RuleChecker};
pub use refusal::{
    Difference, HoldMismatch, NotReversible, Outflow, Refusal, Shortfall, TimeMismatch,
};
pub use request::{
    Context, Correction, Decision, NewLedger, Operation, Proposal, Request, TypedFloor,
};
pub use rules::{permit, permit_to};
pub use sorted_accounts::SortedAccounts;
pub use state::{ApplyError, Overflow, State, Touched};
pub use suggest::{similar, suggest};
