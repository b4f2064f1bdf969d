use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::{WriteFlags, optional};
use crate::session::{Done, Session};

/// Open an account, or open a closed one again
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger open assets:giro --currency EUR --floor -500"))]
pub(crate) struct OpenArgs {
    /// The account
    account: String,
    /// Its currency; the ledger's default unless given
    #[arg(long, value_name = "CURRENCY")]
    currency: Option<String>,
    /// The lowest balance it may reach, or `none`; zero unless given
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    floor: Option<String>,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: OpenArgs, session: &mut Session) -> Done {
    let operation = Operation::Open {
        account: writing::account(&arguments.account)?,
        currency: optional(arguments.currency.as_deref(), writing::currency)?,
        floor: optional(arguments.floor.as_deref(), writing::floor)?,
    };
    writing::write(session, operation, arguments.writing)
}
