use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::{WriteFlags, optional};
use crate::session::{Done, Session};

/// Set money aside, or announce it
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger hold 200 --from rider:asha --expires 'in 1 day'"))]
pub(crate) struct HoldArgs {
    /// The amount: `50`, `50.00`, `1_000`, `'50 EUR'`, `50EUR`
    #[arg(allow_hyphen_values = true)]
    amount: String,
    /// Its currency, if the amount does not name it
    currency: Option<String>,
    /// The account on which it is set aside; `main` if neither is named
    #[arg(long, value_name = "ACCOUNT")]
    from: Option<String>,
    /// The account it will go to
    #[arg(long, value_name = "ACCOUNT")]
    to: Option<String>,
    /// When the hold ends by itself; a day or longer means its end
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: HoldArgs, session: &mut Session) -> Done {
    let to = optional(arguments.to.as_deref(), writing::account)?;
    let from = match &arguments.from {
        None if to.is_some() => None,
        from => Some(writing::account_or_main(from.as_deref())?),
    };
    let operation = Operation::Hold {
        from,
        to,
        amount: writing::amount(&arguments.amount, arguments.currency.as_deref(), "hold")?,
        expires: optional(arguments.expires.as_deref(), writing::moment)?,
    };
    writing::write(session, operation, arguments.writing)
}
