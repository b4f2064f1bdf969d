use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Release money on hold
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger release 17"))]
pub(crate) struct ReleaseArgs {
    /// The hold: its number, key:KEY, head or head~N
    #[arg(value_name = "SEQ")]
    seq: String,
    /// How much; all that is left if not named
    #[arg(allow_hyphen_values = true)]
    amount: Option<String>,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: ReleaseArgs, session: &mut Session) -> Done {
    let operation = Operation::Release {
        hold: arguments.seq.parse()?,
        amount: writing::optional_amount(arguments.amount.as_deref(), "release")?,
    };
    writing::write(session, operation, arguments.writing)
}
