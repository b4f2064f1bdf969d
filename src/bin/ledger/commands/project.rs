mod arguments;
#[cfg(feature = "sqlite")]
mod sqlite;

use clap::{Args, Subcommand};

#[cfg(not(feature = "sqlite"))]
use crate::failure::Failure;
use crate::session::{Done, Session};
use arguments::Sqlite;

/// Mirror the ledger into SQLite
#[derive(Debug, Args)]
#[command(after_help = super::help::following("ledger project sqlite ledger.db"))]
pub(crate) struct ProjectArgs {
    #[command(subcommand)]
    into: Into,
}

#[derive(Debug, Subcommand)]
enum Into {
    Sqlite(Sqlite),
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
