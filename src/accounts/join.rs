//! Two states become one: that of the events up to a point, and that of the events behind it, which
//! were applied apart from it.
//!
//! The answer is that of applying all events in order, or none: where what the later events did to an
//! account depends on what it was before in a way that their state does not tell, they are to be
//! applied again.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry as Slot;

use crate::event::{Entry, Event, Opening};
use crate::money::Floor;

use super::state::{Account, State};

/// What some events said about accounts themselves, beside the money they moved.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    accounts: HashMap<Box<str>, Setting>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Setting {
    floor: Option<Floor>,
    open: Option<bool>,
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
            Event::Ledger(_) | Event::Deposit(_) | Event::Withdraw(_) | Event::Transfer { .. } => {
                return;
            }
        };
        let setting = self.accounts.entry(name.as_str().into()).or_default();
        setting.floor = floor.or(setting.floor);
        setting.open = open.or(setting.open);
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
            match self.accounts.entry(name) {
                Slot::Vacant(slot) => {
                    slot.insert(later);
                }
                Slot::Occupied(mut slot) => {
                    let setting = settings.accounts.get(slot.key()).copied();
                    if !join(slot.get_mut(), &later, setting.unwrap_or_default()) {
                        return false;
                    }
                }
            }
        }
        for (target, by) in later.reversals {
            self.reversals.entry(target).or_insert(by);
        }
        self.last_seq = later.last_seq.or(self.last_seq);
        true
    }
}

fn join(account: &mut Account, later: &Account, setting: Setting) -> bool {
    let is_settled_alike = !later.currency_is_fixed
        || (account.currency_is_fixed && account.currency == later.currency);
    let Some(balance) = account.balance.plus(later.balance) else {
        return false;
    };
    if !is_settled_alike {
        return false;
    }
    account.balance = balance;
    account.scale = account.scale.max(later.scale);
    account.floor = setting.floor.unwrap_or(account.floor);
    account.open = setting.open.unwrap_or(account.open);
    account.last = later.last;
    account.last_at = later.last_at;
    true
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
mod tests;
