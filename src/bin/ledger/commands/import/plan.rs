//! What a file comes to on the ledger that is there: which accounts are to be opened first, whether
//! it is the same kind of ledger, and what a refusal means for whoever imports.

use std::collections::BTreeSet;

use event_ledger::accounts::{Command, FloorWish, Refusal, State};
use event_ledger::event::Head;
use event_ledger::interop::import::{Imported, Settings};
use event_ledger::ledger::{Intent, LedgerError, Wish};
use event_ledger::replay::Cutoff;

use super::input::nothing_imported;
use crate::failure::{Failure, quoted};
use crate::session::{LedgerOrFailure, Session};

/// The wishes of an import, each with its line where it stands on one.
pub(super) struct Plan {
    wishes: Vec<Wish>,
    lines: Vec<Option<u64>>,
    /// The accounts that are there.
    known: BTreeSet<String>,
}

impl Plan {
    pub(super) fn of(
        session: &mut Session,
        imported: &Imported,
        opens: bool,
        file: &str,
    ) -> Result<Plan, Failure> {
        let existing = session.existing()?;
        let state = match &existing {
            Some(reading) => Some(reading.replay(Cutoff::default(), None)?),
            None => None,
        };
        let state = state.as_ref().map(event_ledger::ledger::Replayed::state);
        let mut plan = Plan {
            wishes: Vec::new(),
            lines: Vec::new(),
            known: state
                .map(|state| state.unsorted().map(|(name, _)| name.to_owned()).collect())
                .unwrap_or_default(),
        };
        match (&imported.settings, state) {
            (Some(settings), None) => {
                let init = Wish::from(Intent::Init(settings.ledger.clone()));
                plan.push(init, Some(settings.line));
            }
            (Some(settings), Some(state)) => compare(session, settings, state, file)?,
            (None, _) => {}
        }
        if opens {
            for (account, currency) in imported.accounts() {
                if !plan.known.contains(account.as_str()) {
                    let command = Command::Open {
                        account,
                        currency,
                        floor: Some(FloorWish::None),
                    };
                    plan.push(Wish::from(Intent::Command(command)), None);
                }
            }
        }
        for row in &imported.rows {
            plan.push(row.wish.clone(), Some(row.line));
        }
        Ok(plan)
    }

    fn push(&mut self, wish: Wish, line: Option<u64>) {
        self.wishes.push(wish);
        self.lines.push(line);
    }

    /// What is to be recorded, on this head where one is named.
    pub(super) fn wishes(&self, if_head: Option<&Head>) -> Vec<Wish> {
        let mut wishes = self.wishes.clone();
        for wish in &mut wishes {
            wish.if_head = if_head.cloned();
        }
        wishes
    }

    /// What a refusal means: which line of the file it is about, and what would let it pass.
    pub(super) fn refused(&self, error: LedgerOrFailure, file: &str) -> Failure {
        match error {
            LedgerOrFailure::Ledger(LedgerError::OfWish { wish, source }) => {
                let hint = self.hint(&source);
                let line = self.lines.get(wish).copied().flatten();
                let failure = Failure::from(*source).with_hint(hint);
                let failure = match line {
                    Some(line) => failure.at_line(line),
                    None => failure,
                };
                nothing_imported(failure.in_file(file))
            }
            other => other.into(),
        }
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
            Refusal::KeyConflict { seq, .. } => Some(format!(
                "ledger show {seq}   (as it was imported before; the same flags as then let it pass)"
            )),
            _ => None,
        }
    }
}

/// Holds what the file says the ledger is against the one that is there.
fn compare(
    session: &mut Session,
    settings: &Settings,
    state: &State,
    file: &str,
) -> Result<(), Failure> {
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
        let failure = failure.with_hint(Some(hint)).at_line(settings.line);
        return Err(nothing_imported(failure.in_file(file)));
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
