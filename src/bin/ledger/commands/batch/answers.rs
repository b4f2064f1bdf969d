//! The answers to the lines of a batch.

use event_ledger::ledger::{LedgerError, Receipt};

use super::input::BatchLines;
use crate::commands::writing::{self, RunOf};
use crate::failure::InLine;
use crate::output::json;
use crate::session::Session;

/// Prints the result of each line, in order, and returns the exit code: that of the first failed
/// line.
pub(super) fn show_each(
    session: &mut Session,
    asked: BatchLines,
    results: impl IntoIterator<Item = Result<Receipt, LedgerError>>,
    run: RunOf<'_>,
) -> u8 {
    let mut mistakes = asked.mistakes.into_iter().peekable();
    let mut code = 0;
    let mut fail = |session: &mut Session, error: anyhow::Error| {
        let failure = session.failure(error);
        if code == 0 {
            code = failure.exit_code();
        }
        if session.json {
            session.printer.json(&json::text(&failure.answer()))
        } else {
            failure.print(&mut session.printer, false);
            Ok(())
        }
    };
    for (number, result) in asked.numbers.into_iter().zip(results) {
        while let Some((_, mistake)) = mistakes.next_if(|(line, _)| *line < number) {
            let _ = fail(session, mistake);
        }
        let _ = match result {
            Ok(receipt) => writing::show_receipt(session, &receipt, run),
            Err(error) => fail(session, anyhow::Error::from(error).context(InLine(number))),
        };
    }
    for (_, mistake) in mistakes {
        let _ = fail(session, mistake);
    }
    code
}
