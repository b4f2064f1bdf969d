use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Set the lowest balance an account may reach
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger limit assets:giro --floor -500"))]
pub(crate) struct LimitArgs {
    /// The account
    account: String,
    /// The lowest balance, or `none`
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    floor: String,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: LimitArgs, session: &mut Session) -> Done {
    let operation = Operation::Limit {
        account: writing::account(&arguments.account)?,
        floor: writing::floor(&arguments.floor)?,
    };
    writing::write(session, operation, arguments.writing)
}
