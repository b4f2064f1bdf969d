//! What came of an import: receipts for programs, a sentence for people, and of a dry run a table.

use std::collections::BTreeMap;

use event_ledger::event::{AccountName, Entry, Event};
use event_ledger::interop::import::Imported;
use event_ledger::ledger::{Receipt, Standing};
use event_ledger::time::Zone;

use crate::commands::{balance, writing};
use crate::failure::Failure;
use crate::output::print::Printed;
use crate::output::sentence;
use crate::output::table::{Cell, Column, StreamedTable};
use crate::session::Session;

/// More accounts than this are not named with their balances.
const FEW: usize = 4;

/// Prints the answer.
pub(super) fn answer(
    session: &mut Session,
    receipts: &[Box<Receipt>],
    zone: &Zone,
    imported: &Imported,
    dry_run: bool,
) -> Result<(), Failure> {
    if session.json {
        for receipt in receipts {
            if writing::show_receipt(session, receipt, dry_run) == Printed::Closed {
                break;
            }
        }
        return Ok(());
    }
    if session.quiet {
        return Ok(());
    }
    if dry_run {
        table(session, receipts, zone)?;
    }
    let text = told(receipts, imported, dry_run);
    let _ = session.printer.line(&text);
    Ok(())
}

/// `imported 312 events, 40 were there already; main is 1234.56 EUR`
fn told(receipts: &[Box<Receipt>], imported: &Imported, dry_run: bool) -> String {
    let new: Vec<&Receipt> = receipts
        .iter()
        .map(Box::as_ref)
        .filter(|receipt| !receipt.replayed)
        .collect();
    let known = receipts.len().saturating_sub(new.len());
    let verb = if dry_run { "would import" } else { "imported" };
    let mut parts = vec![format!("{verb} {}", counted(new.len(), "event", "events"))];
    if known > 0 {
        let were = if known == 1 { "was" } else { "were" };
        parts.push(format!("{known} {were} there already"));
    }
    for (count, what) in [
        (imported.zeros, "moved nothing"),
        (imported.left_out, "not asked for"),
    ] {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count > 0 {
            parts.push(format!("{} {what}", counted(count, "row", "rows")));
        }
    }
    let mut last: BTreeMap<&str, &Standing> = BTreeMap::new();
    for receipt in new {
        if receipt.entry.event.kind().moves_money() {
            last.extend(receipt.standings.iter().map(|own| (own.name.as_str(), own)));
        }
    }
    let text = parts.join(", ");
    if last.is_empty() || last.len() > FEW {
        return text;
    }
    let standings: Vec<String> = last.into_values().map(sentence::of_standing).collect();
    format!("{text}; {}", standings.join(", "))
}

fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

fn table(session: &mut Session, receipts: &[Box<Receipt>], zone: &Zone) -> Result<(), Failure> {
    let now = session.now()?;
    let columns = vec![
        Column::date("Effective"),
        Column::name("Type"),
        Column::name("Account"),
        Column::figure("Change"),
        Column::unit(),
        Column::text("Details"),
    ];
    let mut table = StreamedTable::new(columns, &session.printer);
    for receipt in receipts.iter().filter(|receipt| !receipt.replayed) {
        if matches!(receipt.entry.event, Event::Ledger(_)) {
            continue;
        }
        if table.push(cells(&receipt.entry, zone), &mut session.printer) == Printed::Closed {
            return Ok(());
        }
    }
    if !table.is_empty() {
        session.printer.note(&sentence::of_zone(zone, now));
        let _ = table.finish(&mut session.printer);
    }
    Ok(())
}

fn cells(entry: &Entry<'_>, zone: &Zone) -> Vec<Cell> {
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
        Event::Ledger(_) | Event::Close { .. } => (String::new(), None, None),
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
