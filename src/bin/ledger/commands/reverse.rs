use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Record the opposite of an event, once
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger reverse 17 -m 'paid twice'"))]
pub(crate) struct ReverseArgs {
    /// The event: its number, key:KEY, head or head~N
    #[arg(value_name = "SEQ")]
    seq: String,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: ReverseArgs, session: &mut Session) -> Done {
    let operation = Operation::Reverse {
        event: arguments.seq.parse()?,
    };
    writing::write(session, operation, arguments.writing)
}
