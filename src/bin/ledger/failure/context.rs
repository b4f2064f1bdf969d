//! Context that callers add to an error, and the one place that turns an `anyhow::Error` into what
//! the user sees.

use std::error::Error as StdError;

use event_ledger::accounts::{Overflow, Refusal};
use event_ledger::audit::AuditError;
use event_ledger::event::{EventRefError, HeadError, KeyError, NameError, TagsError};
use event_ledger::formats::export::ExportError;
use event_ledger::formats::import::{ImportError, OptionError};
use event_ledger::ledger::{CopyError, EngineError, LedgerError};
use event_ledger::log::{AppendError, DecodeError, LogError};
use event_ledger::money::AmountError;
use event_ledger::projection::ProjectionError;
use event_ledger::proof::ProofError;
use event_ledger::remote::StoreError;
use event_ledger::replay::ReportError;
use event_ledger::time::{WhenError, ZoneError};

use super::{Correction, Failure};

// These are found by their type. Only a line is a part of the message.

/// A hint that fits the command better than the one of the error itself.
#[derive(Clone, Debug, thiserror::Error)]
#[error("")]
pub(crate) struct Hint(pub(crate) String);

/// What to do, in words.
#[derive(Clone, Debug, thiserror::Error)]
#[error("")]
pub(crate) struct Advice(pub(crate) String);

/// What would correct the command line.
#[derive(Clone, Debug, thiserror::Error)]
#[error("")]
pub(crate) struct Corrected(pub(crate) Vec<Correction>);

/// What is said after the message: `…; nothing was imported`.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("")]
pub(crate) struct Consequence(pub(crate) &'static str);

/// A line of the user's input: what is wrong is in that line, not on the command line.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("line {0}")]
pub(crate) struct InLine(pub(crate) u64);

/// The error types that have a message, a code and a hint of their own.
macro_rules! mapped {
    ($($kind:ty),+ $(,)?) => {
        /// Whether an error is one of those and not context around one.
        fn is_mapped(error: &(dyn StdError + 'static)) -> bool {
            false $(|| error.is::<$kind>())+
        }

        fn map(mut error: anyhow::Error) -> Failure {
            $(error = match error.downcast::<$kind>() {
                Ok(found) => return Failure::from(found),
                Err(other) => other,
            };)+
            Failure::io(error.root_cause().to_string())
        }
    };
}

mapped!(
    Failure,
    LedgerError,
    CopyError,
    EngineError,
    StoreError,
    LogError,
    AppendError,
    Refusal,
    AuditError,
    ProjectionError,
    ExportError,
    ImportError,
    OptionError,
    ReportError,
    Overflow,
    AmountError,
    NameError,
    KeyError,
    TagsError,
    HeadError,
    WhenError,
    ZoneError,
    ProofError,
    DecodeError,
    EventRefError,
);

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        let contexts = error.chain().take_while(|error| !is_mapped(*error));
        let mut places: Vec<String> = contexts.map(ToString::to_string).collect();
        if places.len() == error.chain().count() {
            // An error of no room: its last cause is the message itself.
            places.pop();
        }
        let hint = error.downcast_ref::<Hint>().cloned();
        let advice = error.downcast_ref::<Advice>().cloned();
        let corrected = error.downcast_ref::<Corrected>().cloned();
        let is_in_line = error.downcast_ref::<InLine>().is_some();
        let consequence = error.downcast_ref::<Consequence>().copied();
        let mut failure = map(error);
        for place in places.iter().rev().filter(|place| !place.is_empty()) {
            failure = failure.at(place);
        }
        failure = failure.with_hint_if_any(hint.map(|Hint(hint)| hint));
        failure = failure.with_advice_if_any(advice.map(|Advice(advice)| advice));
        failure = failure.corrected(corrected.into_iter().flat_map(|Corrected(all)| all));
        if is_in_line {
            failure = failure.in_a_line();
        }
        failure.with_consequence(consequence.map(|Consequence(text)| text))
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    fn failed() -> anyhow::Result<()> {
        Err(LogError::NotFound {
            path: "x.jsonl".into(),
        }
        .into())
    }

    #[test]
    fn context_goes_in_front_of_the_message_of_the_error_that_it_is_about() {
        let error = failed()
            .context("line 3")
            .context(Consequence("nothing was imported"))
            .context(Hint("ledger init --file x.jsonl".to_owned()))
            .context("giro.csv")
            .unwrap_err();
        let failure = Failure::from(error).of_command(&[], true, || clap::Command::new("ledger"));
        let plain = Failure::from(failed().unwrap_err());
        assert_eq!(
            failure.message(),
            format!(
                "giro.csv, line 3: {}; nothing was imported",
                plain.message()
            )
        );
        assert_eq!(failure.exit_code(), plain.exit_code());
        assert_eq!(failure.exit_code(), 10);
        assert_eq!(failure.hint.as_deref(), Some("ledger init --file x.jsonl"));
    }

    #[test]
    fn an_error_of_no_room_keeps_its_message() {
        let error = std::io::Error::other("the disk is on fire");
        let failure = Failure::from(anyhow::Error::from(error).context("saved"));
        assert_eq!(failure.message(), "saved: the disk is on fire");
        assert_eq!(failure.exit_code(), 1);
    }
}
