//! An event as table rows, one for each account whose balance it changes.

use crate::event::{Entry, Event, Link};
use crate::money::{Balance, Currency, Floor, Scale};

use super::exporter::ExportContext;
use super::selection::Selection;

/// The columns of CSV and Parquet, in order.
pub(in crate::formats) const COLUMNS: [&str; 16] = [
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
    "captures",
    "corrects",
    "refunds",
];

/// What an event changed in one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AccountRow<'e> {
    pub(super) account: &'e str,
    /// The other side of a transfer.
    pub(super) other: Option<&'e str>,
    /// The change of the balance; negative for withdrawals.
    pub(super) change: Balance,
    /// The decimals of the amount.
    pub(super) scale: Scale,
    /// The currency that the event names for it.
    pub(super) currency: Option<Currency>,
}

/// The rows of an event for the selected accounts; `from` comes before `to`. Empty if no money moves.
pub(super) fn rows<'e>(entry: &'e Entry<'_>, selection: &Selection) -> Vec<AccountRow<'e>> {
    let moved = entry.event.postings();
    let mut found: Vec<AccountRow<'e>> = moved
        .map(|posting| AccountRow {
            account: posting.account.as_str(),
            other: None,
            change: posting.change,
            scale: posting.scale,
            currency: posting.currency,
        })
        .collect();
    if let [from, to] = found.as_mut_slice() {
        from.other = Some(to.account);
        to.other = Some(from.account);
    }
    found.retain(|row| selection.has(row.account));
    found
}

/// The columns for the events that an event refers to.
pub(super) const LINKS: [&str; 4] = ["reverses", "captures", "corrects", "refunds"];

/// The events that an event refers to, in the order of [`LINKS`].
pub(super) fn links(entry: &Entry<'_>) -> [Option<u64>; 4] {
    let mut links = [None; 4];
    let [reverses, captures, corrects, refunds] = &mut links;
    match entry.link {
        Some(Link::Reverses(seq)) => *reverses = Some(seq),
        Some(Link::Captures { hold, .. }) => *captures = Some(hold),
        Some(Link::Corrects(seq)) => *corrects = Some(seq),
        Some(Link::Refunds(seq)) => *refunds = Some(seq),
        None => {}
    }
    links
}

/// The currency of an event: the one it names, otherwise the ledger's default.
pub(super) fn currency(event: &Event<'_>, context: &ExportContext) -> Option<Currency> {
    let default = context.opening.currency.filter(|_| {
        let takes_the_default = matches!(event, Event::Open { .. });
        takes_the_default || event.kind().moves_money()
    });
    event.currency().or(default)
}

/// The floor that an event sets.
pub(super) fn floor(event: &Event<'_>) -> Option<Floor> {
    match event {
        Event::Open { floor, .. } => *floor,
        Event::Limit { floor, .. } => Some(*floor),
        _ => None,
    }
}
