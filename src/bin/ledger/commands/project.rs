#[cfg(feature = "sqlite")]
mod sqlite;

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[cfg(not(feature = "sqlite"))]
use crate::failure::Failure;
use crate::session::{Done, Session};

/// Mirror the ledger into SQLite
#[derive(Debug, Args)]
#[command(after_help = super::help::following!("ledger project sqlite ledger.db"))]
pub(crate) struct ProjectArgs {
    #[command(subcommand)]
    into: Into,
}

#[derive(Debug, Subcommand)]
enum Into {
    Sqlite(Sqlite),
}

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
#[command(after_help = super::help::following!("ledger project sqlite ledger.db --rebuild"))]
struct Sqlite {
    /// The database
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    into: PathBuf,
    /// Continue with what is recorded later, until a signal comes
    #[arg(long)]
    follow: bool,
    /// Discard what is in FILE and make it again
    #[arg(long)]
    rebuild: bool,
}

pub(crate) fn run(arguments: &ProjectArgs, session: &mut Session) -> Done {
    match &arguments.into {
        #[cfg(feature = "sqlite")]
        Into::Sqlite(arguments) => sqlite::run(arguments, session),
        #[cfg(not(feature = "sqlite"))]
        Into::Sqlite(_) => {
            let _ = session;
            Err(Failure::not_built("SQLite", "sqlite").into())
        }
    }
}
