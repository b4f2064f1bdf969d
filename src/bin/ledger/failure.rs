//! Every error as a person and a script see it: message, hint, code, exit code.
//!
//! Errors travel as `anyhow::Error`, with context, and are mapped here once, when they are shown: by
//! downcasting to the rooms' error types and matching those exhaustively.

mod context;
mod hint;
mod import;
mod projection;
mod proof;
mod refusal;
mod values;

use std::borrow::Cow;
use std::ffi::OsString;

use event_ledger::accounts::{Overflow, Refusal};
use event_ledger::audit::AuditError;
use event_ledger::formats::export::ExportError;
use event_ledger::ledger::{LedgerError, Since};
use event_ledger::log::{AppendError, LogError};
use event_ledger::replay::ReportError;
use serde::Serialize;

pub(crate) use context::{Consequence, Corrected, Hint, at_line};
pub(crate) use hint::{Correction, file_flag, on_file};

use crate::output::print::Printer;
use crate::output::text::{brief, harmless};

/// The command that installs the newest version.
const INSTALL: &str = concat!(
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
    #[expect(
        dead_code,
        reason = "a word of the contract: today nothing that was recorded ends in an error"
    )]
    Yes,
    /// It is unknown.
    Unknown,
}

/// An error as the user sees it. The command line's own errors are made as one.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    code: &'static str,
    exit_code: u8,
    message: String,
    hint: Option<String>,
    /// Corrections of the command line; they make a better hint if they apply.
    corrections: Vec<Correction>,
    /// `None` for a command that only reads.
    recorded: Option<Recorded>,
    /// Said after the message of a writing command.
    consequence: Option<&'static str>,
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
    hint: Option<String>,
    exit_code: u8,
    /// `null` for a command that only reads.
    recorded: Option<Recorded>,
}

impl Failure {
    fn new(code: &'static str, exit_code: u8, message: impl Into<String>) -> Failure {
        Failure {
            code,
            exit_code,
            message: message.into(),
            hint: None,
            corrections: Vec::new(),
            recorded: Some(Recorded::No),
            consequence: None,
        }
    }

    /// A command that needs a cargo feature that this build was made without.
    #[cfg(not(all(feature = "parquet", feature = "sqlite")))]
    pub(crate) fn not_built(what: &str, feature: &str) -> Failure {
        let install = format!("{INSTALL} --features {feature}");
        Failure::usage(format!("this ledger was built without {what}")).with_hint(Some(install))
    }

    /// A mistake on the command line.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure::new("usage", 2, message)
    }

    /// A moment that cannot be understood.
    pub(crate) fn invalid_time(message: impl Into<String>) -> Failure {
        Failure::new("invalid_time", 2, message)
    }

    /// An invalid currency.
    pub(crate) fn invalid_currency(message: impl Into<String>) -> Failure {
        Failure::new("invalid_currency", 2, message)
    }

    /// Several currencies where only one is possible.
    pub(crate) fn currency_mismatch(message: impl Into<String>) -> Failure {
        Failure::new("currency_mismatch", 4, message)
    }

    /// The system refused.
    pub(crate) fn io(message: impl Into<String>) -> Failure {
        Failure::new("io", 1, message)
    }

    /// The checked statement is not true.
    pub(crate) fn assertion(message: impl Into<String>) -> Failure {
        Failure::new("assertion_failed", 3, message)
    }

    /// The log is damaged.
    pub(crate) fn damaged(message: impl Into<String>) -> Failure {
        Failure::new("damaged", 6, message)
    }

    /// The log is not the one whose head was kept.
    pub(crate) fn head_mismatch(message: impl Into<String>) -> Failure {
        Failure::new("head_mismatch", 6, message)
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
        failure.with_hint(no_account_is_close.then(|| "ledger accounts".to_owned()))
    }

    /// A glob that matches no account, in a command whose answer may not rest on it.
    pub(crate) fn no_account_matches(glob: &str) -> Failure {
        Failure::new(
            "unknown_account",
            4,
            format!("no account matches {}", quoted(glob)),
        )
        .with_hint(Some("ledger accounts".to_owned()))
    }

    /// Adds a hint, if there is one.
    pub(crate) fn with_hint(mut self, hint: Option<String>) -> Failure {
        self.hint = hint.or(self.hint);
        self
    }

    /// Says what was recorded of it.
    pub(crate) fn with_recorded(mut self, recorded: Recorded) -> Failure {
        self.recorded = Some(recorded);
        self
    }

    /// Adds a correction of what was typed.
    pub(crate) fn corrected(
        mut self,
        corrections: impl IntoIterator<Item = Correction>,
    ) -> Failure {
        self.corrections.extend(corrections);
        self
    }

    /// Says that nothing was recorded, if a writing command shows this.
    fn records_nothing(mut self) -> Failure {
        self.consequence = Some("nothing was recorded");
        self
    }

    /// The failure as it is shown for this command line: with a hint that can be pasted, and without a
    /// word of recording if the command only reads.
    pub(crate) fn of_command(mut self, raw: &[OsString], writes: bool) -> Failure {
        let corrections = std::mem::take(&mut self.corrections);
        let retyped = Some(corrections).filter(|corrections| !corrections.is_empty());
        self.hint = match retyped.and_then(|corrections| hint::retyped(raw, &corrections)) {
            // It repeats what was typed, `--file` too.
            Some(retyped) => Some(retyped),
            None => {
                let file = file_flag(raw);
                self.hint.map(|hint| hint::on_file(&hint, file.as_deref()))
            }
        };
        match self.consequence.take() {
            Some(consequence) if writes => self = self.and(consequence),
            _ => {}
        }
        if !writes {
            self.recorded = None;
        }
        self
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
    fn and(mut self, more: &str) -> Failure {
        if !self.message.ends_with(more) {
            self.message = format!("{}; {more}", self.message);
        }
        self
    }

    /// The error code.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        self.exit_code
    }

    /// The message, harmless.
    pub(crate) fn message(&self) -> String {
        self.brief(&harmless(&self.message)).into_owned()
    }

    /// Short, however long the input was, except for messages that compare two records or list one
    /// assertion per line.
    fn brief<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.code {
            "key_conflict" | "head_conflict" | "assertion_failed" => Cow::Borrowed(text),
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
                exit_code: self.exit_code,
                recorded: self.recorded,
            },
        }
    }

    /// Prints it to standard error.
    pub(crate) fn print(&self, printer: &mut Printer, json: bool) {
        if json {
            printer.json_message(&crate::output::json::text(&self.answer()));
            return;
        }
        printer.error(&self.message());
        if let Some(hint) = &self.hint {
            printer.hint(&brief(&harmless(hint)));
        }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Failure {
        let message = error.to_string();
        match error {
            LedgerError::Log(error) => error.into(),
            LedgerError::Append(error) => error.into(),
            LedgerError::Refused { refusal, since, .. } => {
                let failure = Failure::from(*refusal);
                match since {
                    Some(since) => what_came_since(failure, &since),
                    None => failure,
                }
            }
            LedgerError::OfRequest { source, .. } => (*source).into(),
            LedgerError::NoLedger { .. } => {
                Failure::new("no_ledger", 10, message).with_hint(Some("ledger init".to_owned()))
            }
            LedgerError::LedgerExists { .. } => Failure::new("ledger_exists", 4, message)
                .with_hint(Some("ledger accounts".to_owned())),
            LedgerError::NotContinued { .. } => {
                Failure::head_mismatch(message).with_hint(Some("ledger verify".to_owned()))
            }
            LedgerError::When(error) => error.into(),
            LedgerError::PositionNotTime { .. } => Failure::invalid_time(message).with_hint(Some(
                "--effective 2026-11-23, or '2026-11-23 10:15'".to_owned(),
            )),
            LedgerError::NoSuchPosition { head, .. } => {
                Failure::invalid_time(message).with_hint(Some(format!("ledger show {head}")))
            }
            LedgerError::UnknownZone { text, in_utc, .. } => {
                let failure = Failure::invalid_time(message);
                match in_utc {
                    Some(in_utc) => failure
                        .with_hint(Some(format!("write the time with its offset: {in_utc}")))
                        .corrected([Correction::word(text, in_utc.to_string())]),
                    None => failure,
                }
            }
            LedgerError::Overflow(overflow) => overflow.into(),
            LedgerError::TooLong { .. } | LedgerError::MemoTooLong { .. } => {
                Failure::usage(message).with_hint(Some(
                    "keep the long text elsewhere, and put its name in a tag".to_owned(),
                ))
            }
            LedgerError::Random(_) | LedgerError::Checkpoint(_) => Failure::io(message),
        }
    }
}

fn what_came_since(mut failure: Failure, since: &Since) -> Failure {
    if since.is_known {
        let events = if since.count == 1 { "event" } else { "events" };
        let newest: Vec<String> = since
            .newest
            .iter()
            .map(crate::output::sentence::of_entry)
            .collect();
        let more = if since.count > 5 { "…, " } else { "" };
        failure.message = format!(
            "{}; {} {events} since: {more}{}",
            failure.message,
            since.count,
            newest.join(", ")
        );
    } else {
        failure.message = format!("{}; that head is not in this log", failure.message);
    }
    let head = since.head.map_or_else(String::new, |(seq, hash)| {
        format!("{seq}:{}", hash.short(16))
    });
    failure.with_hint(Some(format!(
        "look at what was recorded since, then use --if-head {head}"
    )))
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Failure {
        let message = error.to_string();
        match error {
            LogError::NotFound { .. } => {
                Failure::new("no_ledger", 10, message).with_hint(Some("ledger init".to_owned()))
            }
            LogError::NotALedger { .. } => Failure::new("not_a_ledger", 6, message).with_hint(
                Some("--file FILE names a log; nothing was changed".to_owned()),
            ),
            LogError::Damaged { .. } => {
                Failure::damaged(message).with_hint(Some("ledger doctor".to_owned()))
            }
            LogError::Newer { .. } => {
                Failure::new("newer_version", 6, message).with_hint(Some(INSTALL.to_owned()))
            }
            LogError::Io { source, path, .. } => {
                let parent_is_missing = source.kind() == std::io::ErrorKind::NotFound;
                let parent = path.parent().map(|parent| parent.display().to_string());
                Failure::io(message).records_nothing().with_hint(
                    parent
                        .filter(|parent| parent_is_missing && !parent.is_empty())
                        .map(|parent| format!("mkdir -p {}", quoted(&parent))),
                )
            }
            LogError::LockTimeout { .. } => Failure::new("lock_timeout", 11, message)
                .records_nothing()
                .with_hint(Some("run it again with --wait 60".to_owned()))
                .corrected([Correction::Add(vec!["--wait".to_owned(), "60".to_owned()])]),
            LogError::CannotLock { .. } => Failure::io(message).records_nothing().with_hint(Some(
                "keep the log on a local file system that supports locks".to_owned(),
            )),
        }
    }
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Failure {
        let message = error.to_string();
        match error {
            AuditError::Log(error) => error.into(),
            AuditError::NoLedger { path, torn_bytes } => {
                LedgerError::NoLedger { path, torn_bytes }.into()
            }
            AuditError::Stopped { .. } => {
                Failure::io(message).with_hint(Some("ledger doctor --repair".to_owned()))
            }
            AuditError::Exists { .. } => Failure::new("ledger_exists", 4, message)
                .with_hint(Some("--salvage-to NEW must name a new file".to_owned())),
            AuditError::CannotWrite { .. } => Failure::io(message),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Failure {
        let message = error.to_string();
        match error {
            ExportError::TooEarly { first, .. } => {
                Failure::usage(message).with_hint(Some(format!("--since {first} leaves it out")))
            }
            ExportError::Library { .. } => Failure::io(message),
        }
    }
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || "-_./:@%+=,".contains(c));
    if is_plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Failure {
        let message = error.to_string();
        match error {
            AppendError::NotRecorded { source, .. } => {
                let is_full = matches!(
                    source.kind(),
                    std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
                );
                Failure::io(message).with_hint(
                    is_full.then(|| "make room (df -h . shows it), then ask again".to_owned()),
                )
            }
            AppendError::OutcomeUnknown { .. } => Failure::new("outcome_unknown", 12, message)
                .with_recorded(Recorded::Unknown)
                .with_hint(Some(
                    "run the same command again with the same --key: it is recorded at most once"
                        .to_owned(),
                )),
        }
    }
}

impl From<Overflow> for Failure {
    fn from(overflow: Overflow) -> Failure {
        Failure::new("balance_overflow", 4, overflow.to_string())
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Failure {
        match error {
            ReportError::Overflow(overflow) => overflow.into(),
            ReportError::TooManyPeriods { .. } => Failure::usage(error.to_string()).with_hint(
                Some("ledger report --by year, or --since and --until".to_owned()),
            ),
        }
    }
}
