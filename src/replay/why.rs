//! What makes up a figure: the opening, the events that stand, and how many cancel out.

use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};

use crate::accounts::Overflow;
use crate::event::{AccountName, Entry, Event};
use crate::money::{Balance, Currency};
use crate::time::{Step, Timestamp, Zone};

use super::{AccountFilter, Bound};

/// What the balance of an account, or of several in one currency, is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// The balance before the first row.
    pub opening: Balance,
    /// The events that stand, in the order in which they took effect.
    pub rows: Vec<WhyRow>,
    /// How many events were left out because they cancel out: reversed events and their reversals.
    pub cancelled: u64,
    /// The opening and all rows added up.
    pub balance: Balance,
}

/// An event that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyRow {
    /// The event, whole.
    pub entry: Box<Entry<'static>>,
    /// What it changed on the accounts.
    pub change: Balance,
}

/// The events of a group, added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyGroup {
    /// The group; `None` for events that have none.
    pub name: Option<String>,
    /// What they changed.
    pub change: Balance,
    /// How many there are.
    pub events: u64,
}

/// By what events are grouped.
#[derive(Clone, Debug)]
pub enum Grouping {
    /// The value of the tag with this key.
    Tag(String),
    /// The account on the other side.
    Account,
    /// The type.
    Type,
    /// The month in which they took effect, in this zone.
    Month(Zone),
}

/// Collects what makes up a figure while entries are read.
#[derive(Clone, Debug)]
pub struct WhyBuilder {
    filter: AccountFilter,
    moves: Vec<FigureChange>,
}

/// An event that changes the figure.
#[derive(Clone, Debug)]
struct FigureChange {
    entry: Box<Entry<'static>>,
    change: Balance,
}

impl WhyBuilder {
    /// Of these accounts, which hold one currency.
    pub fn new(filter: AccountFilter) -> WhyBuilder {
        WhyBuilder {
            filter,
            moves: Vec::new(),
        }
    }

    /// Takes a counted entry.
    ///
    /// # Errors
    /// [`Overflow::Total`] if what it changes does not fit.
    pub fn take(&mut self, entry: &Entry<'_>) -> Result<(), Overflow> {
        let mut change = Balance::ZERO;
        for posting in entry.event.postings() {
            if self.filter.takes(posting.account.as_str()) {
                let sum = change.plus(posting.change);
                change = sum.ok_or(Overflow::Total {
                    currency: posting.currency,
                })?;
            }
        }
        if change != Balance::ZERO {
            self.moves.push(FigureChange {
                entry: Box::new(entry.clone().into_owned()),
                change,
            });
        }
        Ok(())
    }

    /// What took effect from a moment on is shown, the rest is the opening; everything without a
    /// moment.
    ///
    /// # Errors
    /// [`Overflow::Total`] if a sum does not fit.
    pub fn finish(self, since: Option<Bound>, currency: Option<Currency>) -> Result<Why, Overflow> {
        let overflow = Overflow::Total { currency };
        let mut why = Why::default();
        let (mut rows, earlier): (Vec<FigureChange>, Vec<FigureChange>) =
            self.moves.into_iter().partition(|one| {
                since.is_none_or(|bound| bound.is_begun(one.entry.took_effect(), one.entry.seq))
            });
        for one in earlier {
            why.opening = why.opening.plus(one.change).ok_or(overflow.clone())?;
        }
        let cancelled = cancelled(&rows);
        rows.retain(|one| !cancelled.contains(&one.entry.seq));
        rows.sort_by_key(|one| (one.entry.took_effect(), one.entry.seq));
        why.cancelled = u64::try_from(cancelled.len()).unwrap_or(u64::MAX);
        why.balance = why.opening;
        for FigureChange { entry, change } in rows {
            why.balance = why.balance.plus(change).ok_or(overflow.clone())?;
            why.rows.push(WhyRow { entry, change });
        }
        Ok(why)
    }
}

/// The events that cancel out. A reversal that was reversed itself cancels nothing. In a log that
/// breaks the rules, a reversal may not be the opposite of what it reverses: then both stand.
fn cancelled(rows: &[FigureChange]) -> HashSet<u64> {
    let changes: HashMap<u64, Balance> =
        rows.iter().map(|one| (one.entry.seq, one.change)).collect();
    let mut cancelled = HashSet::new();
    // A reversal comes after what it reverses: from the newest down, it is known by then whether
    // each was reversed itself.
    for one in rows.iter().rev() {
        let Some(target) = one.entry.reverses() else {
            continue;
        };
        let is_opposite = changes
            .get(&target)
            .is_some_and(|change| change.plus(one.change) == Some(Balance::ZERO));
        let is_free = !cancelled.contains(&one.entry.seq) && !cancelled.contains(&target);
        if is_opposite && is_free {
            cancelled.extend([one.entry.seq, target]);
        }
    }
    cancelled
}

impl Why {
    /// The rows by groups, sorted by name, the events without a group last. `filter` is that of the
    /// builder.
    ///
    /// # Errors
    /// [`Overflow::Total`] if a sum does not fit.
    pub fn groups(
        &self,
        by: &Grouping,
        filter: &mut AccountFilter,
        currency: Option<Currency>,
    ) -> Result<Vec<WhyGroup>, Overflow> {
        let mut groups: BTreeMap<(bool, Option<String>), (Balance, u64)> = BTreeMap::new();
        for row in &self.rows {
            let name = by.group(&row.entry, filter);
            let (change, events) = groups.entry((name.is_none(), name)).or_default();
            let sum = change.plus(row.change);
            *change = sum.ok_or(Overflow::Total { currency })?;
            *events = events.saturating_add(1);
        }
        let groups = groups.into_iter();
        let group = |((_, name), (change, events))| WhyGroup {
            name,
            change,
            events,
        };
        Ok(groups.map(group).collect())
    }
}

impl Grouping {
    fn group(&self, entry: &Entry<'_>, filter: &mut AccountFilter) -> Option<String> {
        match self {
            Grouping::Tag(key) => entry.tags().get(key).map(str::to_owned),
            Grouping::Account => other_account(&entry.event, filter).map(ToString::to_string),
            Grouping::Type => Some(entry.event.kind().as_str().to_owned()),
            Grouping::Month(zone) => Some(month(zone, entry.took_effect())),
        }
    }
}

fn month(zone: &Zone, at: Timestamp) -> String {
    zone.label(Step::Month, at)
}

/// The account on the other side of an event, if it is not one of these.
fn other_account<'e>(
    event: &'e Event<'_>,
    filter: &mut AccountFilter,
) -> Option<&'e AccountName<'e>> {
    let mut accounts = event.postings().map(|posting| posting.account);
    accounts.find(|account| !filter.takes(account.as_str()))
}

#[cfg(test)]
mod tests;
