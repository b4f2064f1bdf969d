//! An event as rows of a table, one for each account whose money it moves.
//!
//! Owns what a row says. Must not know how a table is written.

use crate::event::{Entry, Event};
use crate::money::{Amount, Balance, Currency, Floor, Scale};

use super::{About, Selection};

/// The columns, in order.
pub(in crate::formats) const COLUMNS: [&str; 13] = [
    "seq",
    "date",
    "effective",
    "at",
    "type",
    "account",
    "other_account",
    "amount",
    "currency",
    "memo",
    "tags",
    "key",
    "reverses",
];

/// What an event did to one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row<'e> {
    pub(super) account: &'e str,
    /// The other side of a transfer.
    pub(super) other: Option<&'e str>,
    /// What it added, below zero where it took away.
    pub(super) change: Balance,
    /// The digits the event was written with.
    pub(super) scale: Scale,
}

/// The rows of an event that are about accounts that are picked; of a transfer `from` first. None
/// where no money moves.
pub(super) fn rows<'e>(entry: &'e Entry<'_>, selection: &Selection) -> Vec<Row<'e>> {
    let scale = amount(&entry.event).map_or(Scale::WHOLE, Amount::scale);
    let moved = entry.event.postings();
    let mut found: Vec<Row<'e>> = moved
        .map(|posting| Row {
            account: posting.account.as_str(),
            other: None,
            change: posting.change,
            scale,
        })
        .collect();
    if let [from, to] = found.as_mut_slice() {
        from.other = Some(to.account);
        to.other = Some(from.account);
    }
    found.retain(|row| selection.has(row.account));
    found
}

/// How much an event moves.
pub(super) fn amount(event: &Event<'_>) -> Option<Amount> {
    event.amount().map(|(amount, _)| amount)
}

/// What an event moves or is about: where it names nothing, the ledger's default.
pub(super) fn currency(event: &Event<'_>, about: &About) -> Option<Currency> {
    let default = about.opening.currency.filter(|_| {
        let takes_the_default = matches!(event, Event::Open { .. });
        takes_the_default || event.kind().moves_money()
    });
    event.currency().or(default)
}

/// The floor an event sets.
pub(super) fn floor(event: &Event<'_>) -> Option<Floor> {
    match event {
        Event::Open { floor, .. } => *floor,
        Event::Limit { floor, .. } => Some(*floor),
        _ => None,
    }
}
