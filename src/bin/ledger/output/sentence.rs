//! Events and moments in words.
//!
//! Owns the sentences people read. Must not know where they are printed.

use event_ledger::event::{Entry, Event};
use event_ledger::ledger::{Receipt, Standing};
use event_ledger::money::{Amount, Currency};
use event_ledger::replay::{Bound, Cutoff};
use event_ledger::time::Zone;

/// `50.00 EUR`
pub(crate) fn money(amount: Amount, currency: Option<Currency>) -> String {
    with_currency(&amount.to_string(), currency)
}

/// A figure with its currency behind it, where it has one.
pub(crate) fn with_currency(figure: &str, currency: Option<Currency>) -> String {
    match currency {
        Some(currency) => format!("{figure} {currency}"),
        None => figure.to_owned(),
    }
}

/// `#17 withdraw 20.00 EUR from main`
pub(crate) fn of_entry(entry: &Entry<'_>) -> String {
    format!("#{} {}", entry.seq, of_event(&entry.event))
}

/// `withdraw 20.00 EUR from main`
pub(crate) fn of_event(event: &Event<'_>) -> String {
    match event {
        Event::Ledger(opening) => {
            let currency = opening
                .currency
                .map_or_else(String::new, |code| format!(", {code}"));
            let strict = if opening.strict { ", strict" } else { "" };
            format!("ledger {}, {}{currency}{strict}", opening.id, opening.zone)
        }
        Event::Open {
            account,
            currency,
            floor,
        } => {
            let currency = currency.map_or_else(String::new, |code| format!(" in {code}"));
            let floor = floor.map_or_else(String::new, |floor| format!(", floor {floor}"));
            format!("open {account}{currency}{floor}")
        }
        Event::Limit { account, floor } => format!("limit {account}, floor {floor}"),
        Event::Deposit(movement) => format!(
            "deposit {} to {}",
            money(movement.amount, movement.currency),
            movement.account
        ),
        Event::Withdraw(movement) => format!(
            "withdraw {} from {}",
            money(movement.amount, movement.currency),
            movement.account
        ),
        Event::Transfer {
            from,
            to,
            amount,
            currency,
        } => format!("transfer {} from {from} to {to}", money(*amount, *currency)),
        Event::Close { account } => format!("close {account}"),
    }
}

/// What was recorded, and how the accounts stand: `deposited 50.00 EUR to main, balance 50.00 EUR`.
pub(crate) fn of_receipt(receipt: &Receipt, dry_run: bool) -> String {
    let entry = &receipt.entry;
    let what = match &entry.event {
        Event::Ledger(opening) => {
            let currency = opening
                .currency
                .map_or_else(String::new, |code| format!(" in {code}"));
            let strict = if opening.strict {
                ", accounts are opened first"
            } else {
                ""
            };
            format!(
                "ledger {}{currency}, zone {}{strict}",
                opening.id, opening.zone
            )
        }
        other => of_event(other),
    };
    let reverses = entry
        .reverses
        .map_or_else(String::new, |seq| format!(", reversing #{seq}"));
    let mark = if dry_run && !receipt.replayed {
        "would record"
    } else if receipt.replayed {
        "recorded before as"
    } else {
        "recorded"
    };
    let standings: Vec<String> = receipt
        .standings
        .iter()
        .filter(|_| entry.event.kind().moves_money())
        .map(of_standing)
        .collect();
    let behind = if standings.is_empty() {
        String::new()
    } else {
        format!("; {}", standings.join(", "))
    };
    format!("{mark} #{} {what}{reverses}{behind}", entry.seq)
}

/// `main 50.00 EUR`
fn of_standing(standing: &Standing) -> String {
    let figure = standing.account.balance.to_text(standing.account.scale);
    let balance = with_currency(&figure, standing.account.currency);
    format!("{} is {balance}", standing.name)
}

/// The moments that an answer was resolved to; nothing where it is of everything.
pub(crate) fn of_cutoff(cutoff: &Cutoff, zone: &Zone) -> Option<String> {
    let named = |word: &str, bound: Option<Bound>| {
        bound.map(|bound| match bound {
            Bound::Time(instant) => format!("{word} {}", zone.local(instant)),
            Bound::Seq(seq) => format!("{word} event {seq}"),
        })
    };
    let parts: Vec<String> = [
        named("since", cutoff.since),
        named("until", cutoff.until),
        named("known at", cutoff.known_at),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| format!("{} ({})", parts.join(", "), zone.name()))
}
