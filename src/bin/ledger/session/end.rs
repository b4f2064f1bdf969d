//! The end of a run: what is left to print, and the exit code.

use std::process::ExitCode;

use event_ledger::ledger::RulesKept;

use super::{Done, Session};
use crate::failure::Failure;
use crate::output::print::QuietEnd;

impl Session {
    /// The first event that breaks a rule, if that is known by now.
    pub(crate) fn first_broken(&self) -> Option<u64> {
        self.rules.first_broken().filter(|_| !self.writes)
    }

    /// Warns once of events that break a rule.
    pub(crate) fn warn_of_broken_rules(&mut self) {
        if let Some(seq) = self.first_broken() {
            let way = self.hint("ledger verify");
            let text =
                format!("event {seq} breaks a rule of the ledger and counts all the same: {way}");
            self.printer.warning("broken_rules", &text);
            self.rules = RulesKept::default();
        }
    }

    /// Prints what is left to print and says how the run ended. What was recorded stays recorded:
    /// an answer that cannot be printed is then a warning.
    pub(crate) fn end(mut self, outcome: Done) -> ExitCode {
        let code = match outcome {
            Ok(code) => code,
            Err(error) if error.is::<QuietEnd>() => 0,
            Err(error) => {
                let _ = self.printer.flush();
                let error = self.without_damaged_mirror(error);
                let failure = self.failure(error);
                failure.print(&mut self.printer, self.json);
                failure.exit_code()
            }
        };
        let printed = self.printer.finish();
        self.warn_of_broken_rules();
        match printed {
            Ok(_) => ExitCode::from(code),
            Err(error) if self.recorded => {
                self.printer.warning(
                    "not_printed",
                    &format!(
                        "the event was recorded, but the answer could not be printed: {error}"
                    ),
                );
                ExitCode::from(code)
            }
            Err(error) => {
                let failure = Failure::io(format!("cannot print the answer: {error}"));
                let failure = self.failure(failure.into());
                failure.print(&mut self.printer, self.json);
                ExitCode::FAILURE
            }
        }
    }
}
