#[cfg(feature = "sqlite")]
mod sqlite;

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[cfg(not(feature = "sqlite"))]
use crate::failure::Failure;
use crate::session::{Done, Session};

/// Keep a read model of the log, for questions in another language
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

/// Keep events, accounts, balances, days and tags as tables in an SQLite file
///
/// Adds what was recorded since the last time; every event is in FILE once, whatever is killed when.
/// FILE is made where it is not there yet; a file that is something else is never touched. Money
/// stands as exact text and, for sums, as a whole number of the currency's smallest unit.
/// `sqlite3 FILE .schema` shows the tables and views with what each column means.
///
/// FILE can be thrown away at any time. Where the log no longer goes on from what is in it (exit 6),
/// and after memos or tags were erased from the log, --rebuild makes it anew.
#[derive(Debug, Args)]
#[command(after_help = super::help::following!("ledger project sqlite ledger.db --rebuild"))]
struct Sqlite {
    /// The database
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    into: PathBuf,
    /// Go on with what is recorded later, until a signal comes
    #[arg(long)]
    follow: bool,
    /// Throw away what is in FILE and make it anew
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
