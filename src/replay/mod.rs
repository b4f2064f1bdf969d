//! Reads the events up to a moment and computes the figures.
//!
//! What counts ([`Cutoff`]), the fold over it ([`Replay`]), and the figures from it: totals, the
//! [`Statement`] of one account or several, what makes up a figure ([`Why`]), where a condition on a
//! figure turns ([`TurnFinder`]), the [`diff()`] of two moments, the [`Report`] by periods and the
//! [`Breakdown`] by groups, and the [`Glob`] that selects accounts. Must not depend on rules, files,
//! JSON, terminals or the clock.

mod account_filter;
mod bisect;
mod breakdown;
mod condition;
mod cutoff;
mod diff;
mod filter;
mod fold;
mod glob;
mod report;
mod reversals;
mod statement;
mod totals;
mod why;

pub use account_filter::AccountFilter;
pub use bisect::{AccountFigures, EventOrder, Turn, TurnFinder};
pub use breakdown::{Breakdown, BreakdownBuilder, BreakdownBy, BreakdownRow};
pub use condition::{Comparison, FigureCondition, Measure};
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
pub use why::{Grouping, Why, WhyBuilder, WhyGroup, WhyRow};
