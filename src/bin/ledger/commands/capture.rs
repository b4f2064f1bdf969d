use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Take money that a hold set aside
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger capture 17 135.64 --to driver:ravi"))]
pub(crate) struct CaptureArgs {
    /// The hold: its number, key:KEY, head or head~N
    #[arg(value_name = "SEQ")]
    seq: String,
    /// How much; all that is left if not named. The rest is released
    #[arg(allow_hyphen_values = true)]
    amount: Option<String>,
    /// The account it goes to, if the hold does not say
    #[arg(long, value_name = "ACCOUNT")]
    to: Option<String>,
    /// Leave the rest on hold
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: CaptureArgs, session: &mut Session) -> Done {
    let operation = Operation::Capture {
        hold: arguments.seq.parse()?,
        amount: writing::optional_amount(arguments.amount.as_deref(), "capture")?,
        to: arguments.to.as_deref().map(writing::account).transpose()?,
        keep: arguments.keep,
    };
    writing::write(session, operation, arguments.writing)
}
