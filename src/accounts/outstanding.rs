//! [`Outstanding`]: what an account still expects at a position in the log: holds of which something
//! is left, and movements that take effect later.
//!
//! It is all that must be known of the events up to that position to say what is pending and available
//! after it. A checkpoint stores it for each account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use crate::event::{AccountName, Event, Link, Record};
use crate::money::{Balance, Scale};
use crate::time::Timestamp;

use super::hold::{Pending, Settlement, add, left};

/// What an account still expects at a position in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outstanding {
    /// The holds from and to it, the oldest first.
    pub holds: Vec<OutstandingHold>,
    /// By how much its balance changes later, and when.
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
///
/// The sums of each account are kept up to date, so that a decision takes as long with many open holds as
/// with one.
#[derive(Clone, Debug, Default)]
pub struct OutstandingBook {
    /// The holds of which something may be left.
    holds: BTreeMap<u64, HeldBetween>,
    accounts: HashMap<Arc<str>, Expected>,
    /// Captures and releases of holds that are not here.
    loose: HashMap<u64, Vec<Settlement>>,
    /// When holds expire, and when captures and releases take effect.
    turns: BTreeSet<(Timestamp, u64)>,
    /// What was stored of accounts and has not changed since. Few commands change it, and most need its
    /// sums only.
    unchanged: Vec<(Arc<str>, Vec<OutstandingHold>)>,
    /// When the first of that expires.
    unchanged_until: Option<Timestamp>,
    /// The accounts of which it was taken in.
    stored: HashSet<Arc<str>>,
}

/// A hold with its accounts.
#[derive(Clone, Debug)]
struct HeldBetween {
    from: Option<Arc<str>>,
    to: Option<Arc<str>>,
    hold: OutstandingHold,
    /// True if it was stored: then its accounts may come one by one.
    is_stored: bool,
}

/// What one account expects.
#[derive(Clone, Debug, Default)]
struct Expected {
    /// What is left of its holds after every capture and release that was recorded.
    pending: Pending,
    /// The holds with captures or releases that take effect later.
    changing: BTreeSet<u64>,
    /// By how much its balance changes later, and when.
    later: BTreeMap<Timestamp, Balance>,
    /// The sum of what that adds.
    arriving: Balance,
}

impl Outstanding {
    /// True if nothing is expected.
    pub fn is_empty(&self) -> bool {
        self.holds.is_empty() && self.later.is_empty()
    }
}

impl OutstandingBook {
    /// True if nothing is expected.
    pub(super) fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// Takes in what was stored of an account; once, however often it is looked up.
    pub fn put(&mut self, name: &str, stored: Outstanding) {
        let name: Arc<str> = name.into();
        if stored.is_empty() || !self.stored.insert(Arc::clone(&name)) {
            return;
        }
        let account = self.accounts.entry(Arc::clone(&name)).or_default();
        for (moment, change) in stored.later {
            account.change_later(moment, change);
        }
        for hold in &stored.holds {
            account.add(hold, hold.is_outgoing);
        }
        let expiries = stored.holds.iter().filter_map(|hold| hold.expires);
        self.unchanged_until = expiries.chain(self.unchanged_until).min();
        let changes = stored.holds.iter().any(|hold| !hold.settlements.is_empty());
        self.unchanged.push((name, stored.holds));
        if changes || !self.holds.is_empty() || !self.loose.is_empty() {
            self.index();
        }
    }

    /// Makes what was stored ready for changes.
    fn index(&mut self) {
        self.unchanged_until = None;
        for (name, holds) in std::mem::take(&mut self.unchanged) {
            for hold in holds {
                let (seq, is_outgoing) = (hold.seq, hold.is_outgoing);
                let account = self.accounts.entry(Arc::clone(&name)).or_default();
                account.remove(&hold, is_outgoing);
                if !self.holds.contains_key(&seq) {
                    self.insert(HeldBetween {
                        from: None,
                        to: None,
                        hold,
                        is_stored: true,
                    });
                }
                let account = self.accounts.entry(Arc::clone(&name)).or_default();
                if let Some(held) = self.holds.get_mut(&seq) {
                    let side = if is_outgoing {
                        &mut held.from
                    } else {
                        &mut held.to
                    };
                    if side.replace(Arc::clone(&name)).is_none() {
                        account.add(&held.hold, is_outgoing);
                    }
                }
            }
        }
    }

    /// Takes in the next event.
    pub fn apply(&mut self, record: &Record<'_>) {
        if record
            .effective
            .is_some_and(|effective| effective > record.at)
        {
            for posting in record.event.postings() {
                let account = self.accounts.entry(posting.account.as_str().into());
                let account = account.or_default();
                account.forget(record.at);
                account.change_later(record.took_effect(), posting.change);
            }
        }
        match (&record.event, record.link_back()) {
            (Event::Hold(hold), _) => {
                let name = |name: &Option<AccountName<'_>>| {
                    name.as_ref().map(|name| Arc::from(name.as_str()))
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
                    is_stored: false,
                };
                self.insert(held);
            }
            (Event::Release { hold, .. }, _) if *hold < record.seq => {
                self.settle(*hold, Settlement::of(record));
            }
            (_, Some(Link::Captures { hold, .. })) => self.settle(hold, Settlement::of(record)),
            _ => {}
        }
        self.advance(record.at);
    }

    /// Lets the time pass up to the next event: holds expire, captures and releases take effect.
    pub(super) fn advance(&mut self, at: Timestamp) {
        if self.unchanged_until.is_some_and(|moment| moment <= at) {
            self.index();
        }
        while let Some((moment, seq)) = self.turns.first().copied()
            && moment <= at
        {
            self.turns.pop_first();
            self.update(seq, |hold| hold.pass(at));
        }
    }

    fn insert(&mut self, held: HeldBetween) {
        let seq = held.hold.seq;
        let settled = held.hold.settlements.iter().map(|one| one.took_effect);
        let moments = settled.chain(held.hold.expires);
        self.turns.extend(moments.map(|moment| (moment, seq)));
        for (name, is_outgoing) in held.sides() {
            let account = self.accounts.entry(Arc::clone(name)).or_default();
            account.add(&held.hold, is_outgoing);
        }
        self.holds.insert(seq, held);
        for settlement in self.loose.remove(&seq).unwrap_or_default() {
            self.settle(seq, Some(settlement));
        }
    }

    fn settle(&mut self, seq: u64, settlement: Option<Settlement>) {
        let Some(settlement) = settlement else {
            return;
        };
        if !self.holds.contains_key(&seq) {
            self.index();
        }
        if self.holds.contains_key(&seq) {
            self.turns.insert((settlement.took_effect, seq));
            self.update(seq, |hold| hold.settle(settlement));
        } else {
            self.loose.entry(seq).or_default().push(settlement);
        }
    }

    /// Changes a hold, and the sums of its accounts with it.
    fn update(&mut self, seq: u64, change: impl FnOnce(&mut OutstandingHold)) {
        let Some(held) = self.holds.get_mut(&seq) else {
            return;
        };
        let mut hold = held.hold.clone();
        change(&mut hold);
        let before = std::mem::replace(&mut held.hold, hold);
        for (name, is_outgoing) in held.sides() {
            if let Some(account) = self.accounts.get_mut(name) {
                account.remove(&before, is_outgoing);
                account.add(&held.hold, is_outgoing);
            }
        }
        if held.hold.is_over() && !held.is_stored {
            self.holds.remove(&seq);
        }
    }

    /// The holds of which something may be left, once for each account, with whether it is from there.
    pub(super) fn holds(&self) -> impl Iterator<Item = (&str, bool, &OutstandingHold)> {
        let indexed = self.holds.values();
        let indexed = indexed.flat_map(|held| {
            let sides = held.sides();
            sides.map(|(name, is_outgoing)| (&**name, is_outgoing, &held.hold))
        });
        let unchanged = self.unchanged.iter().flat_map(|(name, holds)| {
            let holds = holds.iter();
            holds.map(|hold| (&**name, hold.is_outgoing, hold))
        });
        indexed.chain(unchanged)
    }

    /// What is on hold on an account at a moment, that of the last event or a later one.
    pub(super) fn pending_of(&self, account: &str, at: Timestamp) -> Pending {
        let known = self.accounts.get(account);
        let Some(mut pending) = known.map(|known| known.pending) else {
            return Pending::default();
        };
        let mut deduct = |is_outgoing, hold: &OutstandingHold| {
            let rest = hold.unsettled().billionths();
            pending.shift(is_outgoing, rest.saturating_neg());
        };
        // What has just expired is still in the sums.
        let turns = self.turns.range(..=(at, u64::MAX));
        let turned: BTreeSet<u64> = turns.map(|(_, seq)| *seq).collect();
        let turned = turned.iter().filter_map(|seq| self.holds.get(seq));
        for held in turned.filter(|held| held.hold.is_expired(at)) {
            for (name, is_outgoing) in held.sides() {
                if **name == *account {
                    deduct(is_outgoing, &held.hold);
                }
            }
        }
        if self.unchanged_until.is_some_and(|moment| moment <= at) {
            let unchanged = self.unchanged.iter();
            let unchanged = unchanged.filter(|(name, _)| **name == *account);
            let holds = unchanged.flat_map(|(_, holds)| holds);
            for hold in holds.filter(|hold| hold.is_expired(at)) {
                deduct(hold.is_outgoing, hold);
            }
        }
        pending
    }

    /// The first hold from or to an account that is open at a moment, that of the last event or a later
    /// one.
    pub(super) fn open_hold(&self, account: &str, at: Timestamp) -> Option<&OutstandingHold> {
        if self.pending_of(account, at) == Pending::default() {
            return None;
        }
        let holds = self.holds().filter(|(name, _, _)| *name == account);
        let open = holds.filter(|(_, _, hold)| hold.rest(at) != Balance::ZERO);
        open.map(|(_, _, hold)| hold).min_by_key(|hold| hold.seq)
    }

    /// No more than this is ever missing from the balance of an account for what is available.
    pub(super) fn most_missing(&self, account: &str) -> i128 {
        let Some(known) = self.accounts.get(account) else {
            return 0;
        };
        let amounts = known.changing.iter().filter_map(|seq| self.holds.get(seq));
        let amounts = amounts.map(|held| held.hold.amount.billionths());
        let held = amounts.fold(known.pending.outgoing.billionths(), i128::saturating_add);
        held.saturating_add(known.arriving.billionths())
    }

    /// What must be added to the balance of an account to get what is available from a moment on, for
    /// a decision at `at`: at each moment from `from` on at which it changes.
    pub(super) fn adjustments(
        &self,
        account: &str,
        at: Timestamp,
        from: Timestamp,
    ) -> Vec<(Timestamp, i128)> {
        let Some(known) = self.accounts.get(account) else {
            return vec![(from, 0)];
        };
        let changing = known.changing.iter().filter_map(|seq| self.holds.get(seq));
        let changing: Vec<&OutstandingHold> = changing
            .filter(|held| held.from.as_deref() == Some(account))
            .map(|held| &held.hold)
            .filter(|hold| !hold.is_expired(at))
            .collect();
        // What later captures and releases change is looked at moment by moment.
        let all = self.pending_of(account, at).outgoing.billionths();
        let always_held = changing.iter().fold(all, |sum, hold| {
            sum.saturating_sub(hold.unsettled().billionths())
        });
        let mut moments: BTreeSet<Timestamp> = BTreeSet::from([from]);
        let settled = changing.iter().flat_map(|hold| &hold.settlements);
        moments.extend(settled.map(|one| one.took_effect).filter(|one| *one > from));
        moments.extend(known.later.keys().filter(|one| **one > from));
        let mut later = known.later.iter().rev().peekable();
        let mut not_yet = 0_i128;
        let mut found = Vec::with_capacity(moments.len());
        for moment in moments.into_iter().rev() {
            while let Some((_, change)) = later.next_if(|(one, _)| **one > moment) {
                not_yet = not_yet.saturating_add(change.billionths());
            }
            let held = changing.iter().fold(always_held, |sum, hold| {
                sum.saturating_add(hold.unsettled_at(moment).billionths())
            });
            found.push((moment, 0_i128.saturating_sub(not_yet).saturating_sub(held)));
        }
        found.reverse();
        found
    }

    /// What each account expects after a moment: that of the last event that was taken in. Forgets
    /// everything that is over by then.
    pub fn at(&mut self, moment: Timestamp) -> BTreeMap<&str, Outstanding> {
        self.index();
        self.advance(moment);
        for account in self.accounts.values_mut() {
            account.forget(moment);
        }
        let mut found: BTreeMap<&str, Outstanding> = BTreeMap::new();
        for held in self.holds.values().filter(|held| !held.hold.is_over()) {
            for (name, is_outgoing) in held.sides() {
                found.entry(name).or_default().holds.push(OutstandingHold {
                    is_outgoing,
                    ..held.hold.clone()
                });
            }
        }
        for (name, account) in &self.accounts {
            if !account.later.is_empty() {
                let later = account.later.iter();
                let later = later.map(|(moment, change)| (*moment, *change));
                found.entry(name).or_default().later = later.collect();
            }
        }
        found
    }
}

impl HeldBetween {
    /// Its accounts, each with whether it is from it.
    fn sides(&self) -> impl Iterator<Item = (&Arc<str>, bool)> {
        let from = self.from.as_ref().map(|name| (name, true));
        let to = self.to.as_ref().map(|name| (name, false));
        from.into_iter().chain(to)
    }
}

impl Expected {
    /// Takes in a hold, unless it is over.
    fn add(&mut self, hold: &OutstandingHold, is_outgoing: bool) {
        if hold.is_over() {
            return;
        }
        if !hold.settlements.is_empty() {
            self.changing.insert(hold.seq);
        }
        self.pending
            .shift(is_outgoing, hold.unsettled().billionths());
    }

    /// The opposite of [`Expected::add`].
    fn remove(&mut self, hold: &OutstandingHold, is_outgoing: bool) {
        if hold.is_over() {
            return;
        }
        self.changing.remove(&hold.seq);
        let rest = hold.unsettled().billionths();
        self.pending.shift(is_outgoing, rest.saturating_neg());
    }

    fn change_later(&mut self, moment: Timestamp, change: Balance) {
        let sum = self.later.entry(moment).or_default();
        let before = positive(*sum);
        *sum = add(*sum, change.billionths());
        let more = positive(*sum).saturating_sub(before);
        self.arriving = add(self.arriving, more);
    }

    /// Forgets what has taken effect by a moment.
    fn forget(&mut self, moment: Timestamp) {
        while let Some(first) = self.later.first_entry()
            && *first.key() <= moment
        {
            let gone = positive(first.remove());
            self.arriving = add(self.arriving, gone.saturating_neg());
        }
    }
}

fn positive(change: Balance) -> i128 {
    change.billionths().max(0)
}

impl OutstandingHold {
    /// What is left of it after every capture and release that was recorded.
    pub(super) fn unsettled(&self) -> Balance {
        left(self.amount, &self.settlements)
    }

    /// What is left of it at a moment, without its expiry.
    fn unsettled_at(&self, moment: Timestamp) -> Balance {
        let settled = self.settlements.iter();
        left(self.amount, settled.filter(|one| one.took_effect <= moment))
    }

    /// What is left of it: everything recorded counts, and the moment decides whether it has expired.
    pub(super) fn rest(&self, moment: Timestamp) -> Balance {
        if self.is_expired(moment) {
            Balance::ZERO
        } else {
            self.unsettled()
        }
    }

    fn is_expired(&self, moment: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= moment)
    }

    /// True if nothing can be left of it any more.
    fn is_over(&self) -> bool {
        self.amount == Balance::ZERO
    }

    /// Takes in a capture or a release.
    fn settle(&mut self, settlement: Settlement) {
        self.scale = self.scale.max(settlement.amount.scale());
        self.settlements.push(settlement);
    }

    /// Deducts what has taken effect by a moment.
    fn pass(&mut self, moment: Timestamp) {
        self.amount = if self.is_expired(moment) {
            Balance::ZERO
        } else {
            self.unsettled_at(moment)
        };
        self.settlements.retain(|one| one.took_effect > moment);
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
mod tests;
