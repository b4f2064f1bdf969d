//! [`Outstanding`]: what an account still expects at a position in the log: holds of which something
//! is left, and movements that take effect later.
//!
//! It is all that must be known of the events up to that position to say what is pending and available
//! after it. A checkpoint stores it for each account.

use std::collections::BTreeMap;

use crate::event::{AccountName, Event, Link, Record};
use crate::money::{Balance, Scale};
use crate::time::Timestamp;

use super::hold::{Settlement, left};

/// What an account still expects at a position in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outstanding {
    /// The holds from and to it, the oldest first.
    pub holds: Vec<OutstandingHold>,
    /// What moves on it, and when.
    pub later: Vec<(Timestamp, Balance)>,
}

/// A hold of which something is left, seen from one of its accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutstandingHold {
    /// Its number.
    pub seq: u64,
    /// True if it is from the account, false if it is to it.
    pub is_outgoing: bool,
    /// What is left of it before `settlements`.
    pub amount: Balance,
    /// The decimals that its figures are shown with.
    pub scale: Scale,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// The captures and releases that take effect after the position, in the order in which they were
    /// recorded.
    pub settlements: Vec<Settlement>,
}

/// What all accounts still expect, after one event and the next.
#[derive(Clone, Debug, Default)]
pub struct OutstandingBook {
    holds: BTreeMap<u64, HeldBetween>,
    later: BTreeMap<Box<str>, Vec<(Timestamp, Balance)>>,
}

/// A hold with its accounts.
#[derive(Clone, Debug)]
struct HeldBetween {
    from: Option<Box<str>>,
    to: Option<Box<str>>,
    hold: OutstandingHold,
}

impl Outstanding {
    /// True if nothing is expected.
    pub fn is_empty(&self) -> bool {
        self.holds.is_empty() && self.later.is_empty()
    }
}

impl OutstandingBook {
    /// Takes in what was stored of an account.
    pub fn put(&mut self, name: &str, stored: Outstanding) {
        for hold in stored.holds {
            let known = self.holds.entry(hold.seq).or_insert_with(|| HeldBetween {
                from: None,
                to: None,
                hold: hold.clone(),
            });
            let side = if hold.is_outgoing {
                &mut known.from
            } else {
                &mut known.to
            };
            *side = Some(name.into());
        }
        if !stored.later.is_empty() {
            self.later
                .entry(name.into())
                .or_default()
                .extend(stored.later);
        }
    }

    /// Takes in the next event.
    pub fn apply(&mut self, record: &Record<'_>) {
        if record
            .effective
            .is_some_and(|effective| effective > record.at)
        {
            for posting in record.event.postings() {
                let later = self
                    .later
                    .entry(posting.account.as_str().into())
                    .or_default();
                later.push((record.took_effect(), posting.change));
            }
        }
        match (&record.event, record.link) {
            (Event::Hold(hold), _) => {
                let name = |name: &Option<AccountName<'_>>| {
                    name.as_ref().map(|name| Box::from(name.as_str()))
                };
                let held = HeldBetween {
                    from: name(&hold.from),
                    to: name(&hold.to),
                    hold: OutstandingHold {
                        seq: record.seq,
                        is_outgoing: true,
                        amount: hold.amount.as_balance(),
                        scale: hold.amount.scale(),
                        expires: hold.expires,
                        settlements: Vec::new(),
                    },
                };
                self.holds.insert(record.seq, held);
            }
            (Event::Release { hold, .. }, _) => self.settle(*hold, Settlement::of(record)),
            (_, Some(Link::Captures { hold, .. })) => self.settle(hold, Settlement::of(record)),
            _ => {}
        }
    }

    fn settle(&mut self, hold: u64, settlement: Option<Settlement>) {
        if let (Some(held), Some(settlement)) = (self.holds.get_mut(&hold), settlement) {
            held.hold.scale = held.hold.scale.max(settlement.amount.scale());
            held.hold.settlements.push(settlement);
        }
    }

    /// What each account expects after a moment: that of the last event that was taken in. Forgets
    /// everything that is over by then.
    pub fn at(&mut self, moment: Timestamp) -> BTreeMap<&str, Outstanding> {
        self.holds.retain(|_, held| held.hold.is_left_after(moment));
        for later in self.later.values_mut() {
            later.retain(|(effective, _)| *effective > moment);
            later.sort_unstable();
        }
        self.later.retain(|_, later| !later.is_empty());
        let mut found: BTreeMap<&str, Outstanding> = BTreeMap::new();
        for held in self.holds.values() {
            for (name, is_outgoing) in [(&held.from, true), (&held.to, false)] {
                if let Some(name) = name {
                    found.entry(name).or_default().holds.push(OutstandingHold {
                        is_outgoing,
                        ..held.hold.clone()
                    });
                }
            }
        }
        for (name, later) in &self.later {
            found.entry(name).or_default().later.clone_from(later);
        }
        found
    }
}

impl OutstandingHold {
    /// Deducts what has taken effect by a moment; false if nothing can be left after it.
    fn is_left_after(&mut self, moment: Timestamp) -> bool {
        let is_over = |one: &Settlement| one.took_effect <= moment;
        let settled = self.settlements.iter().filter(|one| is_over(one));
        self.amount = left(self.amount, settled);
        self.settlements.retain(|one| !is_over(one));
        self.amount != Balance::ZERO && self.expires.is_none_or(|expires| expires > moment)
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
mod tests;
