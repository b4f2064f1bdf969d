use clap::Args;
use event_ledger::accounts::Operation;
use event_ledger::event::EventRef;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Record the opposite of an event, once
#[derive(Debug, Args)]
#[command(after_help = super::help::writing!("ledger reverse 17 -m 'paid twice'"))]
pub(crate) struct ReverseArgs {
    /// The number of the event, as `ledger history` shows it
    seq: u64,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: ReverseArgs, session: &mut Session) -> Done {
    let operation = Operation::Reverse {
        event: EventRef::Seq(arguments.seq),
    };
    writing::write(session, operation, arguments.writing)
}
