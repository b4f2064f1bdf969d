use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Exchange two currencies between two accounts, in one event
#[derive(Debug, Args)]
#[command(
    override_usage = "ledger exchange <AMOUNT> [CURRENCY] --from <A> --to <B> --for <AMOUNT>"
)]
#[command(after_help = super::help::writing("ledger exchange 100 EUR --from cash:eur --to cash:usd --for 108.62USD"))]
pub(crate) struct ExchangeArgs {
    /// How much leaves: `100`, `'100 EUR'`, `100EUR`
    #[arg(allow_hyphen_values = true)]
    amount: String,
    /// Its currency, if the amount does not name it
    currency: Option<String>,
    /// The account it leaves
    #[arg(long, value_name = "ACCOUNT")]
    from: String,
    /// The account that the other currency arrives on
    #[arg(long, value_name = "ACCOUNT")]
    to: String,
    /// How much arrives: `108.62USD`
    #[arg(long = "for", value_name = "AMOUNT", allow_hyphen_values = true)]
    arrives: String,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: ExchangeArgs, session: &mut Session) -> Done {
    let operation = Operation::Exchange {
        from: writing::account(&arguments.from)?,
        to: writing::account(&arguments.to)?,
        amount: writing::amount(&arguments.amount, arguments.currency.as_deref(), "exchange")?,
        arrives: writing::amount(&arguments.arrives, None, "exchange")?,
    };
    writing::write(session, operation, arguments.writing)
}
