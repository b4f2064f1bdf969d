//! The arguments of `report`.

use std::path::PathBuf;

use clap::Args;
use event_ledger::time::Step;

use super::by::ReportBy;
use crate::flags::{FilterFlags, SinceFlags, UntilFlags, WithoutFlags};

/// Show money in, money out and closing balance per period
///
/// In and out count only money that enters or leaves the selected accounts: a transfer between two
/// of them is neither, and the balance is their combined balance. Periods are in the ledger's zone;
/// an event belongs to the period in which it took effect. Each currency has its own rows. By account,
/// in and out of a row are what enters or leaves its accounts, and the total's what enters or leaves
/// all of them together, without what goes from one to another.
///
/// With --tag, --type or --memo, only matching events count, in the balance too.
#[derive(Debug, Args)]
#[command(after_help = crate::commands::help::reading("ledger report --by month --account 'assets:*' --chart"))]
pub(crate) struct ReportArgs {
    /// By day, week, month, quarter or year; or by tag:KEY, account or type
    #[arg(
        long,
        value_name = "BY",
        default_value = "month",
        value_parser = ReportBy::parse,
        help = "By day, week, month, quarter or year; or by tag:KEY, account or type"
    )]
    pub(super) by: ReportBy,
    /// With --by account, add accounts up by the first N segments of their names
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) depth: Option<u16>,
    /// Accounts, by name or glob (`*` any characters, `?` one); all of them unless named
    #[arg(short, long = "account", value_name = "ACCOUNT", num_args = 1..)]
    pub(super) accounts: Vec<String>,
    /// Count a reversal on the side of the event it reverses
    ///
    /// Without it a reversal counts as it is: a reversed deposit is money out. With it, a reversed
    /// deposit reduces money in, so that mistakes and their corrections do not increase both sides.
    #[arg(long)]
    pub(super) net: bool,
    /// Draw the balance as a line, and money in and out as bars
    #[arg(long)]
    pub(super) chart: bool,
    /// Draw with ASCII alone, as on a dumb terminal and in a locale that is not UTF-8
    #[arg(long, requires = "chart")]
    pub(super) ascii: bool,
    /// Write a page for a browser: the chart, the statement, and a slider that walks through time
    ///
    /// `-` is standard output.
    #[arg(long, value_name = "FILE", conflicts_with = "chart")]
    pub(super) html: Option<PathBuf>,
    #[command(flatten)]
    pub(super) filter: FilterFlags,
    #[command(flatten)]
    pub(super) since: SinceFlags,
    #[command(flatten)]
    pub(super) until: UntilFlags,
    #[command(flatten)]
    pub(super) without: WithoutFlags,
}

impl ReportArgs {
    /// The period; a month if it is by groups.
    pub(super) fn period(&self) -> Step {
        self.by.period().unwrap_or(Step::Month)
    }
}
