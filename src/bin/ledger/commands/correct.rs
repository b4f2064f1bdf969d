use clap::Args;
use event_ledger::accounts::{Correction, Operation};

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Reverse an event and record what should have been recorded
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger correct 17 --amount 21.50"))]
pub(crate) struct CorrectArgs {
    /// The event: its number, key:KEY, head or head~N
    #[arg(value_name = "SEQ")]
    seq: String,
    /// The right amount
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    amount: Option<String>,
    /// The right amount that arrives, of an exchange
    #[arg(long = "for", value_name = "AMOUNT", allow_hyphen_values = true)]
    arrives: Option<String>,
    /// The right account, of a deposit or withdrawal
    #[arg(short, long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// The right account that it leaves
    #[arg(long, value_name = "ACCOUNT")]
    from: Option<String>,
    /// The right account that it arrives on
    #[arg(long, value_name = "ACCOUNT")]
    to: Option<String>,
    /// Leave out a tag (repeatable)
    #[arg(long, value_name = "KEY")]
    untag: Vec<String>,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: CorrectArgs, session: &mut Session) -> Done {
    let name = |name: &Option<String>| name.as_deref().map(writing::account).transpose();
    let correction = Correction {
        event: arguments.seq.parse()?,
        amount: writing::optional_amount(arguments.amount.as_deref(), "correct")?,
        arrives: writing::optional_amount(arguments.arrives.as_deref(), "correct")?,
        account: name(&arguments.account)?,
        from: name(&arguments.from)?,
        to: name(&arguments.to)?,
        untag: arguments.untag,
        back_to: None,
    };
    let operation = Operation::Correct(Box::new(correction));
    writing::write(session, operation, arguments.writing)
}
