//! The accounts as the events leave them, and the rules by which a new event is taken or refused.
//!
//! Owns the derived state ([`State`], [`Account`]), the two acts on it ([`decide()`] answers a request
//! with an event or a [`Refusal`] and changes nothing; [`State::apply`] changes and refuses nothing)
//! and the rules themselves ([`permit`]), which the audit asks of what a log says. Must not know that
//! there is a file, a clock, JSON or a terminal: what a decision needs from the log is handed in as
//! [`Found`].

mod decide;
mod idempotency;
mod merge;
mod refusal;
mod request;
mod reversal;
mod rules;
mod sorted_accounts;
mod state;
mod suggest;
mod table;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
pub(crate) mod testing;

pub use decide::decide;
pub use merge::{Setting, Settings};
pub use refusal::{Difference, NotReversible, Outflow, Refusal, Shortfall};
pub use request::{Command, Decision, Draft, FloorWish, Found, Request};
pub use reversal::{opposite, permit_reversal};
pub use rules::{permit, permit_to};
pub use sorted_accounts::SortedAccounts;
pub use state::{Account, Overflow, Parts, State, Touched};
pub use suggest::suggest;
