//! Errors of the log, of transactions, audits, exports and reports.

use std::path::Path;

use event_ledger::accounts::Overflow;
use event_ledger::audit::AuditError;
use event_ledger::formats::export::ExportError;
use event_ledger::ledger::{LedgerError, Since};
use event_ledger::log::{AppendError, LogError};
use event_ledger::replay::ReportError;
use event_ledger::time::Zone;

use super::engine::wait_longer;
use super::message::INSTALL;
use super::{Correction, Failure, Recorded, make_directory, quoted};
use crate::output::sentence;

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Failure {
        let message = error.to_string();
        match error {
            LedgerError::Log(error) => error.into(),
            LedgerError::Append(error) => error.into(),
            LedgerError::Engine(error) => error.into(),
            LedgerError::Refused {
                refusal,
                since,
                zone,
            } => {
                let failure = Failure::refused(*refusal, &zone);
                match since {
                    Some(since) => what_came_since(failure, &since, &zone),
                    None => failure,
                }
            }
            LedgerError::OfRequest { source, .. } => (*source).into(),
            LedgerError::NoLedger { .. } => {
                Failure::new("no_ledger", message).with_hint("ledger init")
            }
            LedgerError::LedgerExists { .. } => {
                Failure::new("ledger_exists", message).with_hint("ledger accounts")
            }
            LedgerError::NotContinued { .. } => {
                Failure::head_mismatch(message).with_hint("ledger verify")
            }
            LedgerError::When(error) => error.into(),
            LedgerError::PositionNotTime { text } => {
                let position = text.strip_prefix("seq:").unwrap_or(&text);
                let shown = position.starts_with("head") || position != text;
                Failure::invalid_time(message).with_hint(if shown {
                    format!("ledger show {position}")
                } else {
                    "ledger replay".to_owned()
                })
            }
            LedgerError::NoSuchPosition { head, .. } => {
                Failure::invalid_time(message).with_hint(format!("ledger show {head}"))
            }
            LedgerError::UnknownZone { text, in_utc, .. } => {
                let failure = Failure::invalid_time(message);
                match in_utc {
                    Some(in_utc) => failure
                        .with_advice(format!("write the time with its offset: {in_utc}"))
                        .corrected([Correction::word(text, in_utc.to_string())]),
                    None => failure,
                }
            }
            LedgerError::Overflow(overflow) => overflow.into(),
            LedgerError::TooLong { .. } | LedgerError::MemoTooLong { .. } => {
                Failure::usage(message)
                    .with_advice("keep the long text elsewhere, and put its name in a tag")
            }
            LedgerError::Unreadable { .. } => Failure::io(message)
                .with_hint("ledger verify")
                .records_nothing(),
            LedgerError::Random(_) | LedgerError::Checkpoint(_) => Failure::io(message),
        }
    }
}

fn what_came_since(mut failure: Failure, since: &Since, zone: &Zone) -> Failure {
    if since.is_known {
        let events = sentence::counted(since.count, "event");
        let newest: Vec<String> = since
            .newest
            .iter()
            .map(|entry| sentence::of_entry(entry, zone))
            .collect();
        let more = if since.count > 5 { "…, " } else { "" };
        failure.message = format!(
            "{}; {events} since: {more}{}",
            failure.message,
            newest.join(", ")
        );
    } else {
        failure.message = format!("{}; that head is not in this log", failure.message);
    }
    let head = since.head.map_or_else(String::new, |(seq, hash)| {
        format!("{seq}:{}", hash.short(16))
    });
    let failure = failure.with_hint("ledger head");
    failure.corrected([Correction::flag("--if-head", head)])
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Failure {
        let message = error.to_string();
        match error {
            LogError::NotFound { .. } => {
                Failure::new("no_ledger", message).with_hint("ledger init")
            }
            LogError::NotALedger { path, .. } => {
                let shown = quoted(&path.display().to_string());
                Failure::new("not_a_ledger", message).with_hint(if path.is_file() {
                    format!("head -n 1 {shown}")
                } else {
                    format!("ls -ld {shown}")
                })
            }
            LogError::Damaged { .. } => Failure::damaged(message).with_hint("ledger doctor"),
            LogError::Newer { .. } => Failure::new("newer_version", message).with_hint(INSTALL),
            LogError::Io { source, path, .. } => Failure::io(message)
                .records_nothing()
                .with_hint_if_any(make_directory(&path, &source)),
            LogError::LockTimeout { .. } => wait_longer(message),
            LogError::CannotLock { .. } => Failure::io(message)
                .records_nothing()
                .with_advice("keep the log on a local file system that supports locks"),
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
            AuditError::Stopped { .. } => Failure::io(message).with_hint("ledger doctor --repair"),
            AuditError::Exists { path } => {
                let new = path.with_extension("2.jsonl");
                let new = Correction::word(path.display().to_string(), new.display().to_string());
                Failure::new("ledger_exists", message)
                    .with_advice("--salvage-to names a new file")
                    .corrected([new])
            }
            AuditError::CannotWrite { .. } => Failure::io(message),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Failure {
        let message = error.to_string();
        match error {
            ExportError::TooEarly { first, .. } => {
                let since = Correction::flag("--since", first.to_string());
                Failure::usage(message).corrected([since])
            }
            ExportError::Library { .. } => Failure::io(message),
        }
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Failure {
        let message = error.to_string();
        match error {
            AppendError::NotRecorded { path, source, .. } => {
                let is_full = matches!(
                    source.kind(),
                    std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
                );
                Failure::io(message)
                    .with_hint_if_any(is_full.then(|| format!("df -h {}", directory(&path))))
            }
            AppendError::OutcomeUnknown { .. } => Failure::new("outcome_unknown", message)
                .with_recorded(Recorded::Unknown)
                .repeated_with_its_key(),
        }
    }
}

impl From<Overflow> for Failure {
    fn from(overflow: Overflow) -> Failure {
        Failure::new("balance_overflow", overflow.to_string())
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Failure {
        match error {
            ReportError::Overflow(overflow) => overflow.into(),
            ReportError::TooManyPeriods { .. } => Failure::usage(error.to_string())
                .with_advice("--since and --until make it shorter")
                .corrected([Correction::flag("--by", "year")]),
        }
    }
}

/// The directory of a file, as a shell takes it.
fn directory(path: &Path) -> String {
    let parent = path.parent().map(|parent| parent.display().to_string());
    let parent = parent.filter(|parent| !parent.is_empty());
    parent.map_or_else(|| ".".to_owned(), |parent| quoted(&parent))
}
