use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Withdraw money
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger withdraw 12.50 --account assets:cash -m lunch"))]
pub(crate) struct WithdrawArgs {
    /// The amount: `50`, `50.00`, `1_000`, `'50 EUR'`, `50EUR`
    #[arg(allow_hyphen_values = true)]
    amount: String,
    /// The currency, unless the amount names it
    currency: Option<String>,
    /// Where it leaves; `main` unless named
    #[arg(short, long, value_name = "ACCOUNT")]
    account: Option<String>,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: WithdrawArgs, session: &mut Session) -> Done {
    let operation = Operation::Withdraw {
        account: writing::account_or_main(arguments.account.as_deref())?,
        amount: writing::amount(&arguments.amount, arguments.currency.as_deref(), "withdraw")?,
    };
    writing::write(session, operation, arguments.writing)
}
