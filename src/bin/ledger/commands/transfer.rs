use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Move money between two accounts, in one event
#[derive(Debug, Args)]
#[command(override_usage = "ledger transfer [OPTIONS] <AMOUNT> [CURRENCY] --from <A> --to <B>")]
#[command(after_help = super::help::writing("ledger transfer 100 --from assets:giro --to assets:savings"))]
pub(crate) struct TransferArgs {
    /// The amount: `50`, `50.00`, `1_000`, `'50 EUR'`, `50EUR`
    #[arg(allow_hyphen_values = true)]
    amount: String,
    /// The currency, unless the amount names it
    currency: Option<String>,
    /// Where it leaves
    #[arg(long, value_name = "ACCOUNT")]
    from: String,
    /// Where it arrives
    #[arg(long, value_name = "ACCOUNT")]
    to: String,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: TransferArgs, session: &mut Session) -> Done {
    let amount = writing::amount(&arguments.amount, arguments.currency.as_deref(), "transfer")?;
    let operation = Operation::Transfer {
        from: writing::account(&arguments.from)?,
        to: writing::account(&arguments.to)?,
        amount,
    };
    writing::write(session, operation, arguments.writing)
}
