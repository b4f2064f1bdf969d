//! Merges two states: that of a prefix of the log, and that of the events after it, applied
//! separately.
//!
//! The result equals applying all events in order, or there is none: if the effect of the later
//! events depends on the earlier state in a way that the later state does not show, they must be
//! applied again.

use hashbrown::HashMap;

use crate::event::{Entry, Event, Opening};
use crate::money::Floor;

use super::account::Account;
use super::state::State;

/// What events changed about accounts themselves, apart from balances.
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

    /// Adds later facts about an account.
    pub fn add(&mut self, name: &str, later: Setting) {
        if later.is_nothing() {
            return;
        }
        match self.accounts.get_mut(name) {
            Some(own) => *own = own.then(later),
            None => drop(self.accounts.insert(name.into(), later)),
        }
    }

    /// Adds what later events said.
    pub fn append(&mut self, later: Settings) {
        for (name, setting) in later.accounts {
            self.add(&name, setting);
        }
    }
}

impl State {
    /// An empty state of this ledger, for events from somewhere in its log.
    pub fn empty(opening: Opening<'static>) -> State {
        State {
            opening: Some(opening),
            ..State::default()
        }
    }

    /// Merges the state of later events, which were applied to [`State::empty`], and what they
    /// set. False if that is not possible; then this state must not be used.
    ///
    /// If the sums at both ends fit, no sum between them can overflow: an amount is below 10^27
    /// billionths, so that an overflow takes more than 10^11 events.
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

    /// Merges what later events did to one account. False if that is not possible.
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
    /// Merges what later events, applied separately, did to this account. False if that is not
    /// possible; this account is then unchanged.
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
