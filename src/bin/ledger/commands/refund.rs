use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Give back part or all of an event that was right
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger refund 17 10.00 -m 'damaged item'"))]
pub(crate) struct RefundArgs {
    /// The event: its number, key:KEY, head or head~N
    #[arg(value_name = "SEQ")]
    seq: String,
    /// How much; all that is still refundable if not named
    #[arg(allow_hyphen_values = true)]
    amount: Option<String>,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: RefundArgs, session: &mut Session) -> Done {
    let operation = Operation::Refund {
        event: arguments.seq.parse()?,
        amount: writing::optional_amount(arguments.amount.as_deref(), "refund")?,
    };
    writing::write(session, operation, arguments.writing)
}
