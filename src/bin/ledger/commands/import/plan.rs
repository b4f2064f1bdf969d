//! What a file comes to on the ledger that is there: which accounts are to be opened first, whether
//! it is the same kind of ledger, and what a refusal means for whoever imports.

use std::collections::{BTreeMap, BTreeSet};

use event_ledger::accounts::{Operation, Refusal, Request, State, TypedFloor};
use event_ledger::event::Head;
use event_ledger::formats::import::{Closing, Imported, Settings};
use event_ledger::ledger::{LedgerError, ReadOptions};
use event_ledger::replay::Cutoff;

use super::input::nothing_imported;
use crate::failure::{Failure, Hint, at_line, quoted};
use crate::session::Session;

/// What whoever imports wants besides.
pub(super) struct Terms<'a> {
    pub(super) if_head: Option<&'a Head>,
    pub(super) opens: bool,
    pub(super) keeps_known: bool,
    /// What messages call the file.
    pub(super) file: &'a str,
    /// True of a table, whose rows can be picked by a column.
    pub(super) has_columns: bool,
}

/// The requests of an import, each with its line where it stands on one.
#[derive(Default)]
pub(super) struct Plan {
    requests: Vec<Request>,
    lines: Vec<Option<u64>>,
    /// The accounts that are there.
    known: BTreeSet<String>,
    has_columns: bool,
    /// How many accounts are opened first.
    pub(super) opened: usize,
    /// How many events the file tells.
    pub(super) told: usize,
    pub(super) zeros: u64,
    pub(super) left_out: u64,
    /// How many were left as they are.
    pub(super) kept: usize,
    /// What the bank says its accounts hold.
    pub(super) closings: Vec<Closing>,
}

impl Plan {
    pub(super) fn of(
        session: &mut Session,
        mut imported: Imported,
        terms: &Terms<'_>,
    ) -> anyhow::Result<Plan> {
        let mut plan = Plan {
            zeros: imported.zeros,
            left_out: imported.left_out,
            has_columns: terms.has_columns,
            closings: std::mem::take(&mut imported.closings),
            ..Plan::default()
        };
        if let Some(reading) = session.existing()? {
            let mut known = known_keys(&imported, terms.keeps_known);
            let replayed = reading.scan::<LedgerError>(
                Cutoff::default(),
                None,
                ReadOptions::SILENT,
                |entry, _, _| {
                    if let Some(found) = entry
                        .key
                        .as_ref()
                        .and_then(|key| known.get_mut(key.as_str()))
                    {
                        *found = true;
                    }
                    Ok(())
                },
            )?;
            let state = replayed.state();
            plan.known = state.unsorted().map(|(name, _)| name.to_owned()).collect();
            if let Some(settings) = &imported.settings {
                compare(session, settings, state, terms.file)?;
            }
            known.retain(|_, found| *found);
            let known: BTreeSet<String> = known.into_keys().collect();
            let before = imported.rows.len();
            imported.rows.retain(|row| {
                let key = row.request.key.as_ref();
                !key.is_some_and(|key| known.contains(key.as_str()))
            });
            plan.kept = before.saturating_sub(imported.rows.len());
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
        plan.told = imported.rows.len();
        for row in imported.rows {
            plan.push(row.request, Some(row.line));
        }
        for request in &mut plan.requests {
            request.if_head = terms.if_head.cloned();
        }
        Ok(plan)
    }

    fn push(&mut self, request: Request, line: Option<u64>) {
        self.requests.push(request);
        self.lines.push(line);
    }

    /// What is to be recorded.
    pub(super) fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// True where the file says what the ledger is, and there was none.
    pub(super) fn starts(&self) -> bool {
        let first = self.requests.first();
        first.is_some_and(|request| matches!(request.operation, Operation::Init(_)))
    }

    /// What a refusal means: which line of the file it is about, and what would let it pass.
    pub(super) fn refused(&self, mut error: anyhow::Error, file: &str) -> anyhow::Error {
        let Some(LedgerError::OfRequest { request, source }) = error.downcast_ref() else {
            return error;
        };
        let hint = self.hint(source);
        if let Some(line) = self.lines.get(*request).copied().flatten() {
            error = error.context(at_line(line));
        }
        if let Some(hint) = hint {
            error = error.context(Hint(hint));
        }
        nothing_imported(error.context(file.to_owned()))
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
                "--open opens accounts that are not there yet, with no floor: few statements begin at nothing"
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
                "--keep-known leaves it as it is, where the bank words it otherwise by now; other flags than then word it otherwise, too"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// The keys that the log is asked about; none where what is known is compared as it is recorded.
fn known_keys(imported: &Imported, asks: bool) -> BTreeMap<String, bool> {
    let rows = imported.rows.iter().filter(|_| asks);
    rows.filter_map(|row| row.request.key.as_ref())
        .map(|key| (key.to_string(), false))
        .collect()
}

/// Holds what the file says the ledger is against the one that is there.
fn compare(
    session: &mut Session,
    settings: &Settings,
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
        let failure = Failure::currency_mismatch(format!(
            "the ledger of this file is in {code}, the one it goes into has {ours} for its default"
        ));
        let hint = format!("--file {} starts another", quoted("new.jsonl"));
        let error = anyhow::Error::from(failure.with_hint(Some(hint)));
        return Err(nothing_imported(
            error
                .context(at_line(settings.line))
                .context(file.to_owned()),
        ));
    }
    if theirs.zone.name() != opening.zone && !session.quiet {
        session.printer.note(&format!(
            "the ledger of this file has its days in {}, this one in {}; times stay what they were",
            theirs.zone.name(),
            opening.zone
        ));
    }
    Ok(())
}
