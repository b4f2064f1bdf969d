//! The arguments of `project sqlite`.

use std::path::PathBuf;

use clap::Args;

/// Mirror events, accounts, balances, days and tags into an SQLite file
///
/// Adds what was recorded since the last time; every event is in FILE exactly once, even if the
/// command is killed. FILE is created if necessary; a file of another kind is never touched. Money
/// is stored as exact text and, for sums, as an integer of the currency's smallest unit. `sqlite3
/// FILE .schema` shows tables and views with the meaning of each column.
///
/// FILE can be deleted at any time. If the log does not continue what is in it (exit 6), and after
/// memos or tags were erased from the log, --rebuild makes it again.
#[derive(Debug, Args)]
#[command(after_help = crate::commands::help::following("ledger project sqlite ledger.db --rebuild"))]
pub(super) struct Sqlite {
    /// The database
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(super) into: PathBuf,
    /// Continue with what is recorded later, until a signal comes
    #[arg(long)]
    pub(super) follow: bool,
    /// Discard what is in FILE and make it again
    #[arg(long)]
    pub(super) rebuild: bool,
}
