use clap::Args;
use event_ledger::accounts::{NewLedger, Operation};
use event_ledger::time::Zone;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Start a log; an existing one is refused
#[derive(Debug, Args)]
#[command(after_help = super::help::writing!("ledger init --currency EUR --zone Europe/Vienna"))]
pub(crate) struct InitArgs {
    /// The default currency of accounts
    #[arg(long, value_name = "CURRENCY")]
    currency: Option<String>,
    /// The time zone that days are in, by its IANA name
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: String,
    /// Accounts must be opened before money moves
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: InitArgs, session: &mut Session) -> Done {
    let new = NewLedger {
        currency: arguments
            .currency
            .as_deref()
            .map(writing::currency)
            .transpose()?,
        zone: Zone::named(&arguments.zone)?,
        strict: arguments.strict,
    };
    writing::write(session, Operation::Init(new), arguments.writing)
}
