//! Reader the log's events up to a moment and saying what they come to.
//!
//! Owns what counts ([`Cutoff`]), the fold over it ([`Replay`]), and the figures people read from it:
//! totals, one account's [`Statement`] and that of several ([`JointStatement`]), the [`diff()`] of two
//! moments, the [`Report`] by periods, and the [`Glob`] that picks accounts. Holds no rule. Must not know files, JSON, terminals or the clock.

mod account_filter;
mod cutoff;
mod diff;
mod fold;
mod glob;
mod joint;
mod report;
mod statement;
mod totals;

pub use account_filter::AccountFilter;
pub use cutoff::{Bound, Cutoff};
pub use diff::{AccountDiff, diff};
pub use fold::{Progress, Replay};
pub use glob::Glob;
pub use joint::{Joint, JointRow, JointStatement, Leg, Standing};
pub use report::{Block, Form, PeriodRow, Report, ReportError};
pub use statement::{Row, Statement, undone};
pub use totals::{Total, totals};
