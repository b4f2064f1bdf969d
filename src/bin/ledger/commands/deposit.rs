use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Deposit money
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger deposit 50 -m 'pocket money'"))]
pub(crate) struct DepositArgs {
    /// The amount: `50`, `50.00`, `1_000`, `'50 EUR'`, `50EUR`
    #[arg(allow_hyphen_values = true)]
    amount: String,
    /// The currency, unless the amount names it
    currency: Option<String>,
    /// The account; `main` unless given
    #[arg(short, long, value_name = "ACCOUNT")]
    account: Option<String>,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: DepositArgs, session: &mut Session) -> Done {
    let operation = Operation::Deposit {
        account: writing::account_or_main(arguments.account.as_deref())?,
        amount: writing::amount(&arguments.amount, arguments.currency.as_deref(), "deposit")?,
    };
    writing::write(session, operation, arguments.writing)
}
