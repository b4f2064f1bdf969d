use clap::Args;
use event_ledger::accounts::{NewLedger, Operation};
use event_ledger::time::Zone;

use super::writing;
use crate::flags::{WriteFlags, optional};
use crate::session::{Done, Session};

/// Start a log; an existing one is refused
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger init --currency EUR --zone Europe/Vienna"))]
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
    /// On a NATS cluster: how many servers keep the log
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=5))]
    replicas: u8,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: InitArgs, session: &mut Session) -> Done {
    let new = NewLedger {
        currency: optional(arguments.currency.as_deref(), writing::currency)?,
        zone: Zone::named(&arguments.zone)?,
        strict: arguments.strict,
    };
    session.starts(arguments.replicas);
    writing::write(session, Operation::Init(new), arguments.writing)
}
