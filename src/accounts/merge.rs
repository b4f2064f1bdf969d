//! Two states become one: that of the events up to a point, and that of the events behind it, which
//! were applied apart from it.
//!
//! The answer is that of applying all events in order, or none: where what the later events did to an
//! account depends on what it was before in a way that their state does not tell, they are to be
//! applied again.

use hashbrown::HashMap;

use crate::event::{Entry, Event, Opening};
use crate::money::Floor;

use super::account::Account;
use super::state::State;

/// What some events said about accounts themselves, beside the money they moved.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    accounts: HashMap<Box<str>, Setting>,
}

/// What some events said about one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// The floor they set last.
    pub floor: Option<Floor>,
    /// Whether they opened or closed it last.
    pub open: Option<bool>,
}

impl Setting {
    fn is_nothing(self) -> bool {
        self == Setting::default()
    }

    fn then(self, later: Setting) -> Setting {
        Setting {
            floor: later.floor.or(self.floor),
            open: later.open.or(self.open),
        }
    }
}

impl Settings {
    /// Takes the next event in.
    pub fn note(&mut self, entry: &Entry<'_>) {
        let (name, floor, open) = match &entry.event {
            Event::Open { account, floor, .. } => {
                (account, Some(floor.unwrap_or_default()), Some(true))
            }
            Event::Limit { account, floor } => (account, Some(*floor), None),
            Event::Close { account } => (account, None, Some(false)),
            _ => return,
        };
        self.add(name.as_str(), Setting { floor, open });
    }

    /// What was said about an account.
    pub fn of(&self, name: &str) -> Setting {
        self.accounts.get(name).copied().unwrap_or_default()
    }

    /// Takes in what was said about an account after all that is in here.
    pub fn add(&mut self, name: &str, later: Setting) {
        if later.is_nothing() {
            return;
        }
        match self.accounts.get_mut(name) {
            Some(own) => *own = own.then(later),
            None => drop(self.accounts.insert(name.into(), later)),
        }
    }

    /// Takes in what later events said.
    pub fn append(&mut self, later: Settings) {
        for (name, setting) in later.accounts {
            self.add(&name, setting);
        }
    }
}

impl State {
    /// An empty state of this ledger, for events from somewhere in its log.
    pub fn behind(opening: Opening<'static>) -> State {
        State {
            opening: Some(opening),
            ..State::default()
        }
    }

    /// Takes in the state of events that came behind this one's and were applied to
    /// [`State::behind`], and what they set. False where that cannot be told from their state; this
    /// one is of no use then.
    ///
    /// No sum on the way can have been beyond what fits where the sums at its ends fit: an amount is
    /// below 10^27 billionths, so that it takes more than 10^11 events to get there.
    #[must_use]
    pub fn append(&mut self, later: State, settings: &Settings) -> bool {
        for (name, later) in later.accounts {
            let setting = settings.of(&name);
            if !self.join_account(&name, &later, setting) {
                return false;
            }
        }
        for (target, by) in later.reversals {
            self.reversals.entry(target).or_insert(by);
        }
        self.commitments.append(&later.commitments);
        self.last_seq = later.last_seq.or(self.last_seq);
        true
    }

    /// Takes in what later events made of one account, and what they set on it. False where that
    /// cannot be told.
    #[must_use]
    pub fn join_account(&mut self, name: &str, later: &Account, setting: Setting) -> bool {
        let (account, is_new) = self.accounts.enter(name, later);
        is_new || account.join(later, setting)
    }

    /// Puts an account in place, as it was folded elsewhere.
    pub fn put_account(&mut self, name: &str, account: Account) {
        self.accounts.insert(name, account);
    }

    /// Notes that an event is reversed, as it was found elsewhere. The first that reverses it counts.
    pub fn put_reversal(&mut self, target: u64, by: u64) {
        let first = self.reversals.entry(target).or_insert(by);
        *first = by.min(*first);
    }

    /// Sets the number of the last event, as it was found elsewhere.
    pub fn put_last_seq(&mut self, seq: Option<u64>) {
        self.last_seq = seq;
    }

    /// Forgets every account but these.
    pub fn keep_only(&mut self, names: &[&str]) {
        self.accounts.retain(|name| names.contains(&name));
    }
}

impl Account {
    /// Takes in what later events, applied apart, made of this account, and what they set on it. False
    /// where that cannot be told; this one is as it was then.
    #[must_use]
    pub fn join(&mut self, later: &Account, setting: Setting) -> bool {
        let is_settled_alike =
            !later.currency_is_fixed || !self.currency_is_fixed || self.currency == later.currency;
        let Some(balance) = self.balance.plus(later.balance) else {
            return false;
        };
        if !is_settled_alike {
            return false;
        }
        if later.currency_is_fixed {
            // Where nothing was fixed before, the later events did it as they would have in order.
            self.currency = later.currency;
            self.currency_is_fixed = true;
        }
        self.balance = balance;
        self.scale = self.scale.max(later.scale);
        self.floor = setting.floor.unwrap_or(self.floor);
        self.open = setting.open.unwrap_or(self.open);
        self.last = later.last;
        self.last_at = later.last_at;
        true
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
mod tests;
