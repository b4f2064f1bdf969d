//! Reader the log's events up to a moment and saying what they come to.
//!
//! Owns what counts ([`Cutoff`]), the fold over it ([`Replay`]), and the figures people read from it:
//! totals, the [`Statement`] of one account or several, the [`diff()`] of two moments, the [`Report`] by
//! periods, and the [`Glob`] that picks accounts. Holds no rule. Must not depend on files, JSON,
//! terminals or the clock.

mod account_filter;
mod cutoff;
mod diff;
mod filter;
mod fold;
mod glob;
mod report;
mod statement;
mod totals;

pub use account_filter::AccountFilter;
pub use cutoff::{Bound, Cutoff};
pub use diff::{AccountDiff, diff};
pub use filter::EventFilter;
pub use fold::{Progress, Replay};
pub use glob::Glob;
pub use report::{PeriodRow, Report, ReportError, ReportOptions, ReportSection};
pub use statement::{
    Statement, StatementAccount, StatementBuilder, StatementPosting, StatementRow, undone,
};
pub use totals::{Total, totals};
