//! What an import records in the ledger that is there: which accounts are opened first, which rows
//! are known, whether it is the same kind of ledger, and what a refusal means to the user.

use std::collections::BTreeSet;

use anyhow::bail;
use event_ledger::accounts::{Operation, Refusal, Request, State, TypedFloor};
use event_ledger::event::Head;
use event_ledger::formats::import::{BankBalance, FileSettings, Imported, ImportedRow};
use event_ledger::ledger::{LedgerError, ReadOptions};
use event_ledger::replay::Cutoff;
use event_ledger::time::{Timestamp, Zone};

use super::duplicates::{Duplicate, KnownRows};
use super::input::nothing_imported;
use super::summary::Summary;
use crate::failure::{Failure, Hint, InLine, quoted};
use crate::session::Session;

/// What becomes of rows that may be known events in other words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum DuplicateRule {
    /// They are left out.
    Skip,
    /// They are recorded.
    Record,
}

pub(super) struct ImportTerms<'a> {
    pub(super) if_head: Option<&'a Head>,
    pub(super) opens: bool,
    pub(super) keeps_known: bool,
    pub(super) duplicates: Option<DuplicateRule>,
    /// True if the file repeats nothing that is known.
    pub(super) repeats_nothing: bool,
    /// The name of the file in messages.
    pub(super) file: &'a str,
    /// True of a table, whose rows can be chosen by a column.
    pub(super) has_columns: bool,
    /// True of statements, whose movements are money in or out.
    pub(super) is_statement: bool,
}

/// The requests of an import, each with its line if it has one.
#[derive(Default)]
pub(super) struct Plan {
    requests: Vec<Request>,
    lines: Vec<Option<u64>>,
    /// The accounts that are there.
    known: BTreeSet<String>,
    has_columns: bool,
    /// How many accounts are opened first.
    pub(super) opened: usize,
    /// How many requests are those of the file.
    pub(super) requested: usize,
    pub(super) summary: Summary,
    /// How many known rows are left as they are.
    pub(super) kept: usize,
    /// How many rows may be known events and are left out.
    pub(super) skipped_duplicates: usize,
    /// The balances that the bank says its accounts have.
    pub(super) closings: Vec<BankBalance>,
}

impl Plan {
    pub(super) fn of(
        session: &mut Session,
        mut imported: Imported,
        terms: &ImportTerms<'_>,
    ) -> anyhow::Result<Plan> {
        let mut plan = Plan {
            has_columns: terms.has_columns,
            summary: Summary::of(&imported, terms.is_statement),
            closings: std::mem::take(&mut imported.closings),
            ..Plan::default()
        };
        if session.existing()?.is_some() {
            plan.compare(session, &mut imported, terms)?;
        } else if let Some(settings) = &imported.settings {
            let init = Request::from(Operation::Init(settings.ledger.clone()));
            plan.push(init, Some(settings.line));
        }
        if terms.opens {
            for (account, currency) in imported.accounts() {
                if !plan.known.contains(account.as_str()) {
                    let command = Operation::Open {
                        account,
                        currency,
                        floor: Some(TypedFloor::None),
                    };
                    plan.push(Request::from(command), None);
                    plan.opened = plan.opened.saturating_add(1);
                }
            }
        }
        plan.requested = imported.rows.len();
        for row in imported.rows {
            plan.push(row.request, Some(row.line));
        }
        for request in &mut plan.requests {
            request.if_head = terms.if_head.cloned();
        }
        Ok(plan)
    }

    /// Holds the rows against the ledger that is there.
    fn compare(
        &mut self,
        session: &mut Session,
        imported: &mut Imported,
        terms: &ImportTerms<'_>,
    ) -> anyhow::Result<()> {
        let now = session.now()?;
        let Some(reader) = session.existing()? else {
            return Ok(());
        };
        let zone = reader.zone().clone();
        let mut rows = KnownRows::new(imported, &zone, now);
        let replayed = reader.scan::<LedgerError>(
            Cutoff::default(),
            None,
            ReadOptions::SILENT,
            |entry, _, _| {
                rows.see(entry, &zone);
                Ok(())
            },
        )?;
        let state = replayed.state();
        self.known = state.unsorted().map(|(name, _)| name.to_owned()).collect();
        if let Some(settings) = &imported.settings {
            compare(session, settings, state, terms.file)?;
        }
        self.sift(&mut rows, imported, terms, (&zone, now))?;
        let through = state.commitments().seal().through;
        through.map_or(Ok(()), |through| {
            let in_sealed = |row: &&ImportedRow| {
                let effective = row.request.effective.as_ref();
                let start = effective.and_then(|when| when.resolve(now, &zone).ok()?.start());
                start.is_some_and(|start| start <= through) && !rows.has(row)
            };
            let rows = imported.rows.iter().filter(in_sealed);
            let mut lines: Vec<u64> = rows.map(|row| row.line).collect();
            lines.sort_unstable();
            refuse_sealed(&lines, through, &zone, terms.file)
        })
    }

    /// Leaves out the rows that are not to be recorded.
    fn sift(
        &mut self,
        rows: &mut KnownRows,
        imported: &mut Imported,
        terms: &ImportTerms<'_>,
        (zone, now): (&Zone, Timestamp),
    ) -> anyhow::Result<()> {
        if terms.repeats_nothing {
            for row in &mut imported.rows {
                rows.count_on(row);
            }
            return Ok(());
        }
        if terms.keeps_known {
            let before = imported.rows.len();
            imported.rows.retain(|row| !rows.has(row));
            self.kept = before.saturating_sub(imported.rows.len());
        }
        if terms.duplicates == Some(DuplicateRule::Record) {
            return Ok(());
        }
        let found: Vec<Option<Duplicate>> = imported
            .rows
            .iter()
            .map(|row| rows.duplicate(row, zone, now))
            .collect();
        let count = found.iter().flatten().count();
        if let Some(first) = found.iter().flatten().next()
            && terms.duplicates.is_none()
        {
            bail!(possible_duplicate(first, count, terms.file));
        }
        let mut found = found.iter();
        imported
            .rows
            .retain(|_| found.next().is_some_and(Option::is_none));
        self.skipped_duplicates = count;
        Ok(())
    }

    fn push(&mut self, request: Request, line: Option<u64>) {
        self.requests.push(request);
        self.lines.push(line);
    }

    pub(super) fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// True if the file begins a ledger.
    pub(super) fn starts(&self) -> bool {
        let first = self.requests.first();
        first.is_some_and(|request| matches!(request.operation, Operation::Init(_)))
    }

    /// A refusal with the line of the file that it is about, and what would let it pass.
    pub(super) fn refused(&self, mut error: anyhow::Error, file: &str) -> anyhow::Error {
        let Some(LedgerError::OfRequest { request, source }) = error.downcast_ref() else {
            return error;
        };
        let hint = self.hint(source);
        if let Some(line) = self.lines.get(*request).copied().flatten() {
            error = error.context(InLine(line));
        }
        if let Some(hint) = hint {
            error = error.context(Hint(hint));
        }
        of_file(error, file)
    }

    fn hint(&self, error: &LedgerError) -> Option<String> {
        let LedgerError::Refused { refusal, .. } = error else {
            return None;
        };
        match &**refusal {
            Refusal::InsufficientFunds(shortfall) if self.known.contains(&shortfall.account) => {
                Some(format!("ledger limit {} --floor none", shortfall.account))
            }
            Refusal::InsufficientFunds(_) => Some(
                "--open opens accounts that are not there yet, with no floor: few statements begin at zero"
                    .to_owned(),
            ),
            Refusal::UnknownAccount { account, .. } if !self.known.contains(account) => {
                Some("--open opens accounts that are not there yet, with no floor".to_owned())
            }
            Refusal::CurrencyMismatch {
                asked: Some(asked), ..
            } if self.has_columns => Some(format!(
                "an account holds one currency: --only COLUMN={asked} takes those rows, --account names one for them"
            )),
            Refusal::KeyConflict { .. } => Some(
                "--keep-known leaves such events as they are; the bank or other flags word them otherwise now"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// Refuses rows that would take effect in a sealed period, and names all of them.
fn refuse_sealed(lines: &[u64], through: Timestamp, zone: &Zone, file: &str) -> anyhow::Result<()> {
    let [first, ..] = lines else {
        return Ok(());
    };
    let rows = if lines.len() == 1 {
        format!("line {first} takes")
    } else {
        format!("lines {} take", ranges(lines))
    };
    let through = zone.local(through);
    let failure = Failure::period_sealed(format!(
        "{rows} effect in a sealed period: everything up to {through} is sealed"
    ));
    Err(of_file(failure.into(), file))
}

/// An error in the file, because of which nothing of it was imported.
fn of_file(error: anyhow::Error, file: &str) -> anyhow::Error {
    nothing_imported(error.context(file.to_owned()))
}

/// `2, 4-7, 9`
fn ranges(numbers: &[u64]) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*number) => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let texts = ranges.into_iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// The error of a row that may be a known event.
fn possible_duplicate(first: &Duplicate, count: usize, file: &str) -> anyhow::Error {
    let more = match count.saturating_sub(1) {
        0 => String::new(),
        1 => ", and 1 more row like this".to_owned(),
        more => format!(", and {more} more rows like this"),
    };
    let failure = Failure::new(
        "invalid_input",
        format!(
            "this may be event {} in other words: same day, account and amount{more}",
            first.seq
        ),
    );
    let hint = "--duplicates skip leaves such rows out, --duplicates record records them";
    let error = anyhow::Error::from(failure.with_hint(hint.to_owned()));
    nothing_imported(error.context(InLine(first.line)).context(file.to_owned()))
}

/// Compares what the file says about its ledger with the one that is there.
fn compare(
    session: &mut Session,
    settings: &FileSettings,
    state: &State,
    file: &str,
) -> anyhow::Result<()> {
    let Some(opening) = state.opening() else {
        return Ok(());
    };
    let theirs = &settings.ledger;
    if let Some(code) = theirs.currency
        && opening.currency != Some(code)
    {
        let ours = opening
            .currency
            .map_or_else(|| "none".to_owned(), |code| code.to_string());
        let failure = Failure::new(
            "currency_mismatch",
            format!(
                "the ledger of this file is in {code}, the one it goes into has {ours} for its default"
            ),
        );
        let hint = format!("--file {} starts another", quoted("new.jsonl"));
        let error = anyhow::Error::from(failure.with_hint(hint));
        return Err(of_file(error.context(InLine(settings.line)), file));
    }
    if theirs.zone.name() != opening.zone && !session.quiet {
        session.printer.note("zone", &format!("the ledger of this file has its days in {}, this one in {}; times stay what they were",
            theirs.zone.name(),
            opening.zone
        ));
    }
    Ok(())
}
