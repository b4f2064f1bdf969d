use clap::Args;
use event_ledger::accounts::Operation;

use super::writing;
use crate::flags::WriteFlags;
use crate::session::{Done, Session};

/// Undo the newest event that can be undone, or the whole batch it belongs to
#[derive(Debug, Args)]
#[command(after_help = super::help::writing("ledger undo"))]
pub(crate) struct UndoArgs {
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: UndoArgs, session: &mut Session) -> Done {
    writing::write(session, Operation::Undo, arguments.writing)
}
