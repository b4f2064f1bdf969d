//! The answer of an import: receipts for programs, sentences for people, and of a dry run a table.

use std::collections::BTreeMap;

use event_ledger::event::{AccountName, Entry, Event};
use event_ledger::ledger::{AccountAfter, Receipt, Results};
use event_ledger::money::{Balance, Currency};
use event_ledger::replay::Cutoff;
use event_ledger::time::Zone;

use super::plan::Plan;
use crate::commands::balance;
use crate::commands::writing::{self, RunOf};
use crate::output::sentence;
use crate::output::table::{Cell, Column, StreamedTable};
use crate::session::Session;

/// More accounts than this are not named with their balances.
const FEW: usize = 4;

/// How many of the first and of the last rows a dry run shows.
const SHOWN: usize = 10;

pub(super) struct ImportAnswer<'a> {
    pub(super) results: &'a Results,
    pub(super) zone: &'a Zone,
    pub(super) plan: &'a Plan,
    pub(super) dry_run: bool,
}

impl ImportAnswer<'_> {
    pub(super) fn print(&self, session: &mut Session) -> anyhow::Result<()> {
        if session.json {
            let run = RunOf {
                dry_run: self.dry_run,
                started: self.plan.starts(),
                zone: self.zone,
            };
            for receipt in self.results.receipts() {
                if writing::show_receipt(session, &receipt, run).is_err() {
                    break;
                }
            }
            return Ok(());
        }
        if session.quiet {
            return Ok(());
        }
        if self.plan.starts() {
            let would = if self.dry_run {
                "would start"
            } else {
                "started"
            };
            let path = session.path().display().to_string();
            session
                .printer
                .note("started", &format!("{would} a new ledger at {path}"));
        }
        if self.dry_run {
            table(session, self.results, self.zone)?;
        }
        session.line(&self.sentence());
        let now = session.now()?;
        if let Some(line) = self.plan.summary.line(self.zone, now, self.currency()) {
            session.line(&line);
        }
        if let Some(text) = self.plan.summary.of_unused() {
            session.printer.note("unused_columns", &text);
        }
        if !self.dry_run {
            self.compare_with_the_bank(session)?;
        }
        Ok(())
    }

    /// The currency of the events, if all have the same.
    fn currency(&self) -> Option<Currency> {
        let mut all = self.results.receipts();
        let first = all.next()?.entry.event.currency();
        all.all(|receipt| receipt.entry.event.currency() == first)
            .then_some(first)?
    }

    /// Reports accounts whose balance at the bank differs from the ledger's.
    fn compare_with_the_bank(&self, session: &mut Session) -> anyhow::Result<()> {
        let now = session.now()?;
        for closing in &self.plan.closings {
            let Some(reading) = session.existing()? else {
                return Ok(());
            };
            let until = Some(reading.until(&closing.when, now)?);
            let cutoff = Cutoff {
                until,
                ..Cutoff::default()
            };
            let replayed = reading.replay(cutoff, None)?;
            let account = replayed.state().account(closing.account.as_str());
            let Some(account) = account.filter(|own| {
                let is_other = closing.currency.is_some() && own.currency != closing.currency;
                own.balance != closing.balance && !is_other
            }) else {
                continue;
            };
            let figure = |balance: Balance| {
                sentence::with_currency(&balance.to_text(account.scale), account.currency)
            };
            session.printer.note("bank_balance", &format!(
                "the bank has {} in {} on {}, this ledger {}: it lacks what was there before the file begins",
                figure(closing.balance),
                closing.account,
                closing.when.text().get(..10).unwrap_or_default(),
                figure(account.balance)
            ));
        }
        Ok(())
    }

    /// `imported 312 events, 40 were already recorded; main is 1234.56 EUR`
    fn sentence(&self) -> String {
        // Those of accounts and settings come before those of rows.
        let count = self.results.receipt_count();
        let before_rows = count.saturating_sub(self.plan.requested);
        let (mut known, mut new) = (self.plan.kept, 0_usize);
        let mut last: BTreeMap<String, AccountAfter> = BTreeMap::new();
        for (index, receipt) in self.results.receipts().enumerate() {
            if receipt.replayed {
                known = known.saturating_add(1);
            } else if index >= before_rows {
                new = new.saturating_add(1);
                if receipt.entry.event.kind().moves_money() && last.len() <= FEW {
                    let after = receipt.accounts_after.into_iter();
                    last.extend(after.map(|own| (own.name.clone(), own)));
                }
            }
        }
        let verb = if self.dry_run {
            "would import"
        } else {
            "imported"
        };
        let mut parts = vec![format!("{verb} {}", counted(new, "event", "events"))];
        if known > 0 {
            let were = if known == 1 { "was" } else { "were" };
            parts.push(format!("{known} {were} already recorded"));
        }
        let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let summary = &self.plan.summary;
        for (count, one, more) in [
            (self.plan.opened, "account opened", "accounts opened"),
            (
                self.plan.skipped_duplicates,
                "possible duplicate left out",
                "possible duplicates left out",
            ),
            (
                count(summary.zeros),
                "row moved nothing",
                "rows moved nothing",
            ),
            (count(summary.left_out), "row left out", "rows left out"),
            (
                count(summary.balances),
                "row is a balance",
                "rows are balances",
            ),
            (
                count(summary.notes),
                "row without date and amount",
                "rows without date and amount",
            ),
        ] {
            if count > 0 {
                parts.push(counted(count, one, more));
            }
        }
        let text = parts.join(", ");
        if last.is_empty() || last.len() > FEW {
            return text;
        }
        let accounts_after: Vec<String> = last.values().map(sentence::of_account_after).collect();
        format!("{text}; {}", accounts_after.join(", "))
    }
}

fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

fn table(session: &mut Session, results: &Results, zone: &Zone) -> anyhow::Result<()> {
    let now = session.now()?;
    let columns = vec![
        Column::date("Effective"),
        Column::name("Type").optional(1),
        Column::name("Account").or_below(),
        Column::figure("Change"),
        Column::unit(),
        Column::text("Details"),
    ];
    let mut table = StreamedTable::new(columns, &session.printer);
    let is_new =
        |receipt: &Receipt| !receipt.replayed && !matches!(receipt.entry.event, Event::Ledger(_));
    let count = results.receipts().filter(is_new).count();
    let hidden = count.saturating_sub(SHOWN.saturating_mul(2));
    let is_shown = |at: usize| hidden == 0 || at < SHOWN || at >= count.saturating_sub(SHOWN);
    for (at, receipt) in results.receipts().filter(is_new).enumerate() {
        if at == SHOWN && hidden > 0 {
            let mut row = vec![Cell::new("…"); 5];
            row.push(Cell::new(counted(hidden, "more", "more")));
            if table.push(row, &mut session.printer).is_err() {
                return Ok(());
            }
        }
        if !is_shown(at) {
            continue;
        }
        if table
            .push(cells(&receipt.entry, zone), &mut session.printer)
            .is_err()
        {
            return Ok(());
        }
    }
    if !table.is_empty() {
        session.printer.note("zone", &sentence::of_zone(zone, now));
        let _ = table.finish(&mut session.printer);
    }
    Ok(())
}

fn cells(entry: &Entry<'_>, zone: &Zone) -> Vec<Cell<'static>> {
    let account = entry.event.accounts().next();
    let account = account.map(AccountName::as_str).unwrap_or_default();
    let (change, currency, other) = match &entry.event {
        Event::Deposit(movement) => (movement.amount.to_string(), movement.currency, None),
        Event::Withdraw(movement) => (format!("-{}", movement.amount), movement.currency, None),
        Event::Transfer {
            to,
            amount,
            currency,
            ..
        } => (format!("-{amount}"), *currency, Some(format!("to {to}"))),
        Event::Open { floor, .. } => {
            let floor = floor.map(|floor| format!("floor {floor}"));
            (String::new(), None, floor)
        }
        Event::Limit { floor, .. } => (String::new(), None, Some(format!("floor {floor}"))),
        other => match other.amount() {
            Some((amount, currency)) => (amount.to_string(), currency, None),
            None => (String::new(), None, None),
        },
    };
    let details: Vec<String> = other.into_iter().chain(sentence::of_note(entry)).collect();
    vec![
        Cell::new(zone.local_minute(entry.took_effect())),
        Cell::new(entry.event.kind().as_str()),
        Cell::new(account),
        Cell::new(change),
        balance::unit(currency),
        Cell::new(details.join(", ")),
    ]
}
