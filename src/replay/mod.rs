//! Reading the log's events up to a moment and saying what they come to.
//!
//! Owns what counts ([`Cutoff`]), the fold over it ([`Replay`]), and the figures people read from it:
//! totals, one account's [`Statement`], the [`diff()`] of two moments, and the [`Glob`] that picks
//! accounts. Holds no rule. Must not know files, JSON, terminals or the clock.

mod cutoff;
mod diff;
mod fold;
mod glob;
mod statement;
mod totals;

pub use cutoff::{Bound, Cutoff};
pub use diff::{AccountDiff, diff};
pub use fold::{Progress, Replay};
pub use glob::Glob;
pub use statement::{Row, Statement, undone};
pub use totals::{Total, totals};
