use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Close an account whose balance is zero
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger close assets:giro"))]
pub(crate) struct CloseArgs {
    /// The account
    account: String,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: CloseArgs, session: &mut Session) -> Done {
    let account = writing::account(&arguments.account)?;
    let operation = Operation::Close { account };
    writing::write(session, operation, arguments.writing)
}
