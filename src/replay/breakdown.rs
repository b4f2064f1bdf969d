//! Money in and money out by tag, account or type.

use std::collections::BTreeMap;

use hashbrown::HashSet;

use crate::accounts::{Overflow, State};
use crate::event::{Entry, Posting};
use crate::money::{Balance, Currency};

use super::reversals::Reversals;
use super::{AccountFilter, Cutoff};

/// By what money in and out is broken down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BreakdownBy {
    /// The value of the tag with this key.
    Tag(String),
    /// The account, or the first segments of its name. In and out are then what enters or leaves the
    /// accounts of the row.
    Account {
        /// How many segments; all of them without it.
        depth: Option<usize>,
    },
    /// The type of the event.
    Type,
}

/// Collects the groups of a set of accounts while entries are read.
#[derive(Clone, Debug)]
pub struct BreakdownBuilder {
    by: BreakdownBy,
    is_net: bool,
    cutoff: Cutoff,
    chosen: AccountFilter,
    /// Events that reverse others, unless those are in here themselves.
    undoing: HashSet<u64>,
    reversals: Reversals,
    groups: BTreeMap<Option<Currency>, BTreeMap<GroupName, GroupSums>>,
    /// All groups together, between which nothing is in or out.
    together: BTreeMap<Option<Currency>, GroupSums>,
}

/// A name sorts before no name.
type GroupName = (bool, Option<String>);

#[derive(Clone, Copy, Debug, Default)]
struct GroupSums {
    events: u64,
    incoming: Balance,
    outgoing: Balance,
    /// Everything that counts, shown or not.
    closing: Balance,
}

/// The groups of one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// Its currency.
    pub currency: Option<Currency>,
    /// Sorted by name, what has no group last.
    pub rows: Vec<BreakdownRow>,
    /// All rows together: money that goes from one row to another is neither in nor out.
    pub total: BreakdownRow,
}

/// One group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BreakdownRow {
    /// Its name; `None` for what has no group.
    pub name: Option<String>,
    /// The number of events that moved its money.
    pub events: u64,
    /// Money in.
    pub incoming: Balance,
    /// Money out; negative only if reversals that count on the side of what they reverse exceed it.
    pub outgoing: Balance,
    /// `incoming` less `outgoing`.
    pub net: Balance,
    /// What everything that counts adds up to, before the requested range too.
    pub closing: Balance,
}

impl BreakdownBuilder {
    /// Of these accounts. With `is_net`, a reversal counts on the side of the event it reverses.
    pub fn new(
        by: BreakdownBy,
        is_net: bool,
        cutoff: Cutoff,
        chosen: AccountFilter,
    ) -> BreakdownBuilder {
        BreakdownBuilder {
            by,
            is_net,
            cutoff,
            chosen,
            undoing: HashSet::new(),
            reversals: Reversals::default(),
            groups: BTreeMap::new(),
            together: BTreeMap::new(),
        }
    }

    /// Takes an entry in the order of the log, with the state after it and whether it counts.
    ///
    /// # Errors
    /// [`Overflow::Total`] if a sum does not fit.
    pub fn take(
        &mut self,
        entry: &Entry<'_>,
        state: &State,
        counted: bool,
    ) -> Result<(), Overflow> {
        if self.is_net
            && let Some(target) = self.reversals.take(entry)
            && !self.undoing.contains(&target)
        {
            self.undoing.insert(entry.seq);
        }
        if !counted {
            return Ok(());
        }
        let mut flows: Vec<(Option<Currency>, GroupName, Balance)> = Vec::new();
        for Posting {
            account, change, ..
        } in entry.event.postings()
        {
            let name = account.as_str();
            if !self.chosen.takes(name) {
                continue;
            }
            let currency = state.account(name).and_then(|account| account.currency);
            let group = self.by.group(entry, name);
            let group = (group.is_none(), group);
            let same = flows
                .iter_mut()
                .find(|(known, own, _)| *known == currency && *own == group);
            match same {
                Some((.., sum)) => {
                    *sum = sum.plus(change).ok_or(Overflow::Total { currency })?;
                }
                None => flows.push((currency, group, change)),
            }
        }
        let kind = FlowKind {
            undoes: self.is_net && self.undoing.contains(&entry.seq),
            is_shown: self.cutoff.shows(entry),
        };
        let mut together = BTreeMap::<Option<Currency>, Balance>::new();
        for (currency, group, flow) in flows {
            let overflow = || Overflow::Total { currency };
            let groups = self.groups.entry(currency).or_default();
            let sums = groups.entry(group).or_default();
            sums.add(flow, kind).ok_or_else(overflow)?;
            let all = together.entry(currency).or_default();
            *all = all.plus(flow).ok_or_else(overflow)?;
        }
        for (currency, flow) in together {
            let sums = self.together.entry(currency).or_default();
            let added = sums.add(flow, kind);
            added.ok_or(Overflow::Total { currency })?;
        }
        Ok(())
    }

    /// The groups by currency, that of no currency first.
    ///
    /// # Errors
    /// [`Overflow::Total`] if a sum does not fit.
    pub fn finish(self) -> Result<Vec<Breakdown>, Overflow> {
        let together = self.together;
        let breakdown = |(currency, groups): (_, BTreeMap<GroupName, GroupSums>)| {
            let total = together.get(&currency).copied().unwrap_or_default();
            let mut found = Breakdown {
                currency,
                rows: Vec::new(),
                total: total.row(None).ok_or(Overflow::Total { currency })?,
            };
            for ((_, name), sums) in groups {
                let row = sums.row(name).ok_or(Overflow::Total { currency })?;
                // What happened only before the requested range has a balance and no flows.
                if row.events > 0 || row.closing != Balance::ZERO {
                    found.rows.push(row);
                }
            }
            Ok(found)
        };
        self.groups.into_iter().map(breakdown).collect()
    }
}

/// How the money of one event counts.
#[derive(Clone, Copy, Debug)]
struct FlowKind {
    /// On the side of the event that it reverses.
    undoes: bool,
    is_shown: bool,
}

impl GroupSums {
    /// Takes in what an event changes; `None` if a sum does not fit.
    fn add(&mut self, flow: Balance, kind: FlowKind) -> Option<()> {
        self.closing = self.closing.plus(flow)?;
        if kind.is_shown {
            self.events = self.events.saturating_add(1);
            if flow.is_negative() == kind.undoes {
                self.incoming = self.incoming.plus(flow)?;
            } else {
                self.outgoing = self.outgoing.minus(flow)?;
            }
        }
        Some(())
    }

    fn row(self, name: Option<String>) -> Option<BreakdownRow> {
        Some(BreakdownRow {
            name,
            events: self.events,
            incoming: self.incoming,
            outgoing: self.outgoing,
            net: self.incoming.minus(self.outgoing)?,
            closing: self.closing,
        })
    }
}

impl BreakdownBy {
    fn group(&self, entry: &Entry<'_>, account: &str) -> Option<String> {
        match self {
            BreakdownBy::Tag(key) => entry.tags().get(key).map(str::to_owned),
            BreakdownBy::Account { depth: None } => Some(account.to_owned()),
            BreakdownBy::Account { depth: Some(depth) } => {
                let segments: Vec<&str> = account.split(':').take(*depth).collect();
                Some(segments.join(":"))
            }
            BreakdownBy::Type => Some(entry.event.kind().as_str().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
