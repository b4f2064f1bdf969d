use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::arguments::Writing;
use crate::session::{Done, Session};

/// Reverse the newest event that is neither reversed nor a reversal
#[derive(Debug, Args)]
#[command(after_help = super::help::writing!("ledger undo"))]
pub(crate) struct Undo {
    #[command(flatten)]
    writing: Writing,
}

pub(crate) fn run(arguments: Undo, session: &mut Session) -> Done {
    writing::write(session, Operation::Undo, arguments.writing)
}
