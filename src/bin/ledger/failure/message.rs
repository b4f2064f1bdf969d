//! [`Failure`]: an error as the user sees it, and how it is printed.

use std::borrow::Cow;
use std::ffi::OsString;

use event_ledger::accounts::Refusal;
use serde::Serialize;

use super::hint::{self, Correction, file_flag, quoted};
use crate::groups;
use crate::output::print::Printer;
use crate::output::text::{brief, harmless};

/// The command that installs the newest version.
pub(super) const INSTALL: &str = concat!(
    "cargo install --locked --git ",
    env!("CARGO_PKG_REPOSITORY")
);

/// Whether the request was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Recorded {
    /// Nothing was recorded.
    No,
    /// It was recorded all the same.
    Yes,
    /// It is unknown.
    Unknown,
}

/// An error as the user sees it. The command line's own errors are made as one.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    pub(super) code: &'static str,
    pub(super) message: String,
    /// A command that helps.
    pub(super) hint: Option<String>,
    /// More of them, if what was meant is open.
    other_hints: Vec<String>,
    /// What to do, in words. It is said after the message if no correction applies.
    pub(super) advice: Option<String>,
    /// Ways to correct the command line; each that applies makes a better hint.
    pub(super) corrections: Vec<Vec<Correction>>,
    /// It is in a line of the input: the help of the command is no help then.
    pub(super) is_in_a_line: bool,
    /// `None` for a command that only reads.
    pub(super) recorded: Option<Recorded>,
    /// Said after the message of a writing command.
    pub(super) consequence: Option<&'static str>,
}

/// The error object of the contract.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "error")]
pub(crate) struct ErrorAnswer {
    error: ErrorBody,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
struct ErrorBody {
    code: String,
    message: String,
    /// A command that helps; if there are several, the first.
    hint: Option<String>,
    /// All of them, if there are several: each stands for another reading of what was typed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hints: Vec<String>,
    exit_code: u8,
    /// `null` for a command that only reads.
    recorded: Option<Recorded>,
}

impl Failure {
    /// A failure with a code of the contract.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Failure {
        Failure {
            code,
            message: message.into(),
            hint: None,
            other_hints: Vec::new(),
            advice: None,
            corrections: Vec::new(),
            is_in_a_line: false,
            recorded: Some(Recorded::No),
            consequence: None,
        }
    }

    /// A command that needs a cargo feature that this build was made without.
    #[cfg(not(all(
        feature = "nats",
        feature = "parquet",
        feature = "postgres",
        feature = "sqlite"
    )))]
    pub(crate) fn not_built(what: &str, feature: &str) -> Failure {
        let install = format!("{INSTALL} --features {feature}");
        Failure::usage(format!("this ledger was built without {what}")).with_hint(install)
    }

    /// A mistake on the command line.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure::new("usage", message)
    }

    pub(crate) fn invalid_time(message: impl Into<String>) -> Failure {
        Failure::new("invalid_time", message)
    }

    /// Something would take effect in a sealed period. The message may name many lines.
    pub(crate) fn period_sealed(message: impl Into<String>) -> Failure {
        let leave_out = "leave these rows out, or open the period with unseal";
        Failure::new("period_sealed", message)
            .with_advice(leave_out.to_owned())
            .with_hint("ledger unseal --help")
    }

    /// The system refused.
    pub(crate) fn io(message: impl Into<String>) -> Failure {
        Failure::new("io", message)
    }

    pub(crate) fn damaged(message: impl Into<String>) -> Failure {
        Failure::new("damaged", message)
    }

    /// The log is not the one whose head was kept.
    pub(crate) fn head_mismatch(message: impl Into<String>) -> Failure {
        Failure::new("head_mismatch", message)
    }

    /// An account that does not exist.
    pub(crate) fn unknown_account(account: &str, did_you_mean: Option<String>) -> Failure {
        let no_account_is_close = did_you_mean.is_none();
        let failure = Failure::from(Refusal::UnknownAccount {
            account: account.to_owned(),
            did_you_mean,
            strict: false,
        });
        // A reading command must not suggest opening an account.
        failure.with_hint_if_any(no_account_is_close.then(|| "ledger accounts".to_owned()))
    }

    /// A glob that matches no account, in a command whose answer may not rest on it.
    pub(crate) fn no_account_matches(glob: &str) -> Failure {
        Failure::new(
            "unknown_account",
            format!("no account matches {}", quoted(glob)),
        )
        .with_hint("ledger accounts")
    }

    /// Adds a hint: a command that can be pasted.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn with_hint_if_any(self, hint: Option<String>) -> Failure {
        match hint {
            Some(hint) => self.with_hint(hint),
            None => self,
        }
    }

    /// Adds what to do in words, if there is no command for it.
    pub(crate) fn with_advice(mut self, advice: impl Into<String>) -> Failure {
        self.advice = Some(advice.into());
        self
    }

    pub(crate) fn with_advice_if_any(self, advice: Option<String>) -> Failure {
        match advice {
            Some(advice) => self.with_advice(advice),
            None => self,
        }
    }

    /// Says what was recorded of it.
    pub(crate) fn with_recorded(mut self, recorded: Recorded) -> Failure {
        self.recorded = Some(recorded);
        self
    }

    /// Adds a way to correct what was typed, if it is not empty.
    pub(crate) fn corrected(
        mut self,
        corrections: impl IntoIterator<Item = Correction>,
    ) -> Failure {
        let way: Vec<Correction> = corrections.into_iter().collect();
        self.corrections
            .extend(Some(way).filter(|way| !way.is_empty()));
        self
    }

    /// Says that it is in a line of the input: the command line is right, so nothing is added to it.
    pub(super) fn in_a_line(mut self) -> Failure {
        self.corrections
            .retain(|way| !way.iter().any(Correction::is_of_the_whole));
        self.is_in_a_line = true;
        self
    }

    /// Adds a way to correct what was typed for each reading of a word.
    pub(super) fn with_readings<'r>(
        self,
        word: &str,
        readings: impl IntoIterator<Item = &'r String>,
    ) -> Failure {
        readings.into_iter().fold(self, |failure, reading| {
            failure.corrected([Correction::word(word, reading)])
        })
    }

    /// Says that nothing was recorded, if a writing command shows this.
    pub(super) fn records_nothing(mut self) -> Failure {
        self.consequence = Some("nothing was recorded");
        self
    }

    /// Says what did not happen, if a writing command shows this.
    pub(super) fn with_consequence(mut self, consequence: Option<&'static str>) -> Failure {
        self.consequence = consequence.or(self.consequence);
        self
    }

    /// The failure as it is shown for this command line: with a hint that can be pasted, and without a
    /// word of recording if the command only reads.
    pub(crate) fn of_command(
        mut self,
        raw: &[OsString],
        writes: bool,
        definition: fn() -> clap::Command,
    ) -> Failure {
        let ways = std::mem::take(&mut self.corrections);
        let mut retyped = retyped(raw, &ways, definition).into_iter();
        if let Some(first) = retyped.next() {
            self.hint = Some(first);
            self.other_hints = retyped.collect();
        } else {
            if let Some(advice) = self.advice.take() {
                self.message = format!("{}; {advice}", self.message);
            }
            let file = file_flag(raw);
            let hint = self.hint.take();
            self.hint = match hint.map(|hint| hint::on_file(&hint, file.as_deref())) {
                None if self.needs_help() => groups::help_of(raw),
                hint => hint,
            };
        }
        match self.consequence.take() {
            Some(consequence) if writes => self = self.and(consequence),
            _ => {}
        }
        if !writes {
            self.recorded = None;
        }
        self
    }

    /// Whether the help of the command is the best hint: for a mistake on the command line itself.
    fn needs_help(&self) -> bool {
        self.exit_code() == 2 && self.code != "invalid_input" && !self.is_in_a_line
    }

    /// Puts a place in front of the message: `giro.csv, line 3: …`.
    pub(crate) fn at(mut self, place: &str) -> Failure {
        let joint = if self.message.starts_with("line ") {
            ","
        } else {
            ":"
        };
        self.message = format!("{place}{joint} {}", self.message);
        self
    }

    /// Adds a consequence, unless the message ends with it: `…; nothing was recorded`.
    pub(super) fn and(mut self, more: &str) -> Failure {
        if !self.message.ends_with(more) {
            self.message = format!("{}; {more}", self.message);
        }
        self
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self.code {
            "io" | "signing_failed" => 1,
            "usage" | "invalid_account" | "invalid_amount" | "invalid_currency"
            | "invalid_input" | "invalid_time" => 2,
            "assertion_failed" => 3,
            "head_conflict" | "key_conflict" => 5,
            "damaged" | "head_mismatch" | "newer_version" | "not_a_ledger" | "proof_invalid"
            | "signature_invalid" | "unknown_signer" => 6,
            "no_ledger" => 10,
            "lock_timeout" => 11,
            "outcome_unknown" => 12,
            "unreachable" => 13,
            // What is left are the rules' refusals.
            _ => 4,
        }
    }

    /// The message, harmless.
    pub(crate) fn message(&self) -> String {
        self.brief(&harmless(&self.message)).into_owned()
    }

    /// Short, however long the input was, except for messages that compare two records, list one
    /// assertion per line or name lines.
    fn brief<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.code {
            "key_conflict" | "head_conflict" | "assertion_failed" | "period_sealed" => {
                Cow::Borrowed(text)
            }
            _ => brief(text),
        }
    }

    /// The error object of the contract.
    pub(crate) fn answer(&self) -> ErrorAnswer {
        ErrorAnswer {
            error: ErrorBody {
                code: self.code.to_owned(),
                message: self.brief(&self.message).into_owned(),
                hint: self.hint.as_deref().map(|hint| brief(hint).into_owned()),
                hints: if self.other_hints.is_empty() {
                    Vec::new()
                } else {
                    let hints = self.all_hints();
                    hints.map(|hint| brief(hint).into_owned()).collect()
                },
                exit_code: self.exit_code(),
                recorded: self.recorded,
            },
        }
    }

    fn all_hints(&self) -> impl Iterator<Item = &str> {
        let hints = self.hint.iter().chain(&self.other_hints);
        hints.map(String::as_str)
    }

    pub(crate) fn print(&self, printer: &mut Printer, json: bool) {
        if json {
            printer.json_message(&crate::output::json::text(&self.answer()));
            return;
        }
        printer.error(&self.message());
        for hint in self.all_hints() {
            printer.hint(&brief(&harmless(hint)));
        }
    }
}

/// The command line as each way corrects it, `--file` and all.
fn retyped(
    raw: &[OsString],
    ways: &[Vec<Correction>],
    definition: fn() -> clap::Command,
) -> Vec<String> {
    if ways.is_empty() {
        return Vec::new();
    }
    let whole = definition();
    let retype = |way: &Vec<Correction>| hint::retyped(raw, way, &whole);
    // A word that was not quoted says nothing by itself.
    let is_join = |way: &&Vec<Correction>| matches!(way.as_slice(), [Correction::Join(_)]);
    let joined: Vec<String> = ways.iter().filter(is_join).filter_map(retype).collect();
    if joined.is_empty() {
        ways.iter().filter_map(retype).collect()
    } else {
        joined
    }
}
