//! The figures of one condition's accounts, kept up event by event.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use hashbrown::{HashMap, HashSet};

use crate::accounts::{Overflow, Pending};
use crate::event::{AccountName, Entry, Event, Link};
use crate::money::Balance;
use crate::time::Timestamp;

use super::super::{FigureCondition, Measure};
use super::turn::{AccountFigures, Turn};

/// What an event does to the figures of a condition. Accounts are indexes.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// It touches an account and changes no figure.
    Touch,
    /// It changes the balance of an account.
    Post { account: usize, change: Balance },
    /// It puts money on hold.
    Hold {
        from: Option<usize>,
        to: Option<usize>,
        amount: Balance,
        expires: Option<Timestamp>,
    },
    /// It captures or releases a part of a hold, or ends it.
    Settle {
        hold: u64,
        amount: Balance,
        ends: bool,
    },
}

/// A hold from or to an account of the condition.
#[derive(Clone, Debug)]
struct TrackedHold {
    from: Option<usize>,
    to: Option<usize>,
    rest: Balance,
}

/// The figures of one condition's accounts.
#[derive(Debug)]
pub(super) struct Tracker {
    condition: FigureCondition,
    every_turn: bool,
    names: HashMap<Box<str>, usize>,
    accounts: Vec<AccountFigures>,
    /// The holds that were read, applied or not.
    known_holds: HashSet<u64>,
    holds: HashMap<u64, TrackedHold>,
    expiries: BinaryHeap<Reverse<(Timestamp, u64)>>,
    /// The figure of the condition.
    value: Balance,
    is_begun: bool,
    is_done: bool,
    holds_now: bool,
    /// The accounts that the event being asked has changed, as they were before it.
    changed: Vec<(usize, Balance, Pending)>,
}

impl Tracker {
    pub(super) fn new(condition: FigureCondition, every_turn: bool) -> Tracker {
        Tracker {
            condition,
            every_turn,
            names: HashMap::new(),
            accounts: Vec::new(),
            known_holds: HashSet::new(),
            holds: HashMap::new(),
            expiries: BinaryHeap::new(),
            value: Balance::ZERO,
            is_begun: false,
            is_done: false,
            holds_now: true,
            changed: Vec::new(),
        }
    }

    /// True if the figure changes by itself, when a hold expires.
    pub(super) fn depends_on_time(&self) -> bool {
        !self.is_done && self.condition.measure != Measure::Balance
    }

    /// What an entry does, in the order of the log.
    pub(super) fn effects_of(&mut self, entry: &Entry<'_>, mut each: impl FnMut(Effect)) {
        if self.is_done {
            return;
        }
        let mut is_touched = false;
        for posting in entry.event.postings() {
            if let Some(account) = self.account(posting.account) {
                is_touched = true;
                let change = posting.change;
                each(Effect::Post { account, change });
            }
        }
        let settled = match (entry.link, &entry.event) {
            (Some(Link::Captures { hold, keep }), event) => {
                event.amount().map(|(amount, _)| (hold, amount, !keep))
            }
            (_, Event::Release { hold, amount, .. }) => Some((*hold, *amount, false)),
            _ => None,
        };
        if let Some((hold, amount, ends)) = settled
            && self.known_holds.contains(&hold)
        {
            let amount = amount.as_balance();
            each(Effect::Settle { hold, amount, ends });
        }
        if let Event::Hold(hold) = &entry.event {
            let from = hold.from.as_ref().and_then(|name| self.account(name));
            let to = hold.to.as_ref().and_then(|name| self.account(name));
            if from.is_some() || to.is_some() {
                self.known_holds.insert(entry.seq);
                each(Effect::Hold {
                    from,
                    to,
                    amount: hold.amount.as_balance(),
                    expires: hold.expires,
                });
            }
        } else if !is_touched
            && entry
                .event
                .accounts()
                .any(|name| self.account(name).is_some())
        {
            each(Effect::Touch);
        }
    }

    fn account(&mut self, name: &AccountName<'_>) -> Option<usize> {
        let name = name.as_str();
        if let Some(known) = self.names.get(name) {
            return Some(*known);
        }
        if !self.condition.accounts.takes(name) {
            return None;
        }
        let account = self.accounts.len();
        self.names.insert(name.into(), account);
        self.accounts.push(AccountFigures {
            account: name.to_owned(),
            ..AccountFigures::default()
        });
        Some(account)
    }

    /// Applies what an event does, and tells whether the condition turns. The caller fills in the
    /// condition and the event.
    pub(super) fn ask<'e>(
        &mut self,
        moment: Timestamp,
        effects: impl Iterator<Item = (u64, &'e Effect)>,
    ) -> Result<Option<Turn>, Overflow> {
        if self.is_done {
            return Ok(None);
        }
        self.changed.clear();
        let value = self.value;
        self.expire(moment)?;
        let mut is_touched = false;
        for (seq, effect) in effects {
            is_touched = true;
            self.apply(seq, effect, moment)?;
        }
        let begins = is_touched && !self.is_begun;
        self.is_begun |= is_touched;
        if !self.is_begun || (self.value == value && !begins) {
            return Ok(None);
        }
        let FigureCondition {
            comparison,
            expected,
            ..
        } = self.condition;
        let holds = comparison.holds(self.value, expected);
        if holds == self.holds_now {
            return Ok(None);
        }
        self.holds_now = holds;
        self.is_done = !self.every_turn;
        Ok(Some(self.turn(holds)))
    }

    fn turn(&self, holds: bool) -> Turn {
        let mut before = self.accounts.clone();
        // An account that was changed twice was first noted as it was before both.
        for (index, balance, pending) in self.changed.iter().rev() {
            if let Some(account) = before.get_mut(*index) {
                account.balance = *balance;
                account.pending = *pending;
            }
        }
        let sorted = |mut figures: Vec<AccountFigures>| {
            figures.sort_by(|one, other| one.account.cmp(&other.account));
            figures
        };
        Turn {
            condition: 0,
            seq: 0,
            holds,
            value: self.value,
            before: sorted(before),
            after: sorted(self.accounts.clone()),
        }
    }

    fn apply(&mut self, seq: u64, effect: &Effect, moment: Timestamp) -> Result<(), Overflow> {
        match effect {
            Effect::Touch => Ok(()),
            Effect::Post { account, change } => self.change(*account, |figures| {
                figures.balance = figures.balance.plus(*change)?;
                Some(())
            }),
            Effect::Hold {
                from,
                to,
                amount,
                expires,
            } => {
                if expires.is_some_and(|expires| expires <= moment) {
                    return Ok(());
                }
                let hold = TrackedHold {
                    from: *from,
                    to: *to,
                    rest: Balance::ZERO,
                };
                self.holds.insert(seq, hold);
                if let Some(expires) = expires {
                    self.expiries.push(Reverse((*expires, seq)));
                }
                self.set_rest(seq, *amount)
            }
            Effect::Settle { hold, amount, ends } => {
                let Some(known) = self.holds.get(hold) else {
                    return Ok(());
                };
                let rest = known.rest.minus(*amount).unwrap_or_default();
                let rest = if *ends || rest.is_negative() {
                    Balance::ZERO
                } else {
                    rest
                };
                self.set_rest(*hold, rest)
            }
        }
    }

    /// Ends the holds that have expired by a moment.
    fn expire(&mut self, moment: Timestamp) -> Result<(), Overflow> {
        while let Some(Reverse((expires, hold))) = self.expiries.peek().copied() {
            if expires > moment {
                break;
            }
            self.expiries.pop();
            self.set_rest(hold, Balance::ZERO)?;
            self.holds.remove(&hold);
        }
        Ok(())
    }

    fn set_rest(&mut self, seq: u64, rest: Balance) -> Result<(), Overflow> {
        let Some(hold) = self.holds.get_mut(&seq) else {
            return Ok(());
        };
        let change = rest.minus(hold.rest).unwrap_or_default();
        hold.rest = rest;
        let (from, to) = (hold.from, hold.to);
        if let Some(from) = from {
            self.change(from, |figures| {
                figures.pending.outgoing = figures.pending.outgoing.plus(change)?;
                Some(())
            })?;
        }
        match to {
            Some(to) => self.change(to, |figures| {
                figures.pending.incoming = figures.pending.incoming.plus(change)?;
                Some(())
            }),
            None => Ok(()),
        }
    }

    /// Changes the figures of an account, and the figure of the condition with them.
    fn change(
        &mut self,
        account: usize,
        change: impl FnOnce(&mut AccountFigures) -> Option<()>,
    ) -> Result<(), Overflow> {
        let overflow = || Overflow::Total { currency: None };
        let measure = self.condition.measure;
        let Some(figures) = self.accounts.get_mut(account) else {
            return Ok(());
        };
        self.changed
            .push((account, figures.balance, figures.pending));
        let before = figures.measured(measure).ok_or_else(overflow)?;
        change(figures).ok_or_else(overflow)?;
        let after = figures.measured(measure).ok_or_else(overflow)?;
        let value = after
            .minus(before)
            .and_then(|change| self.value.plus(change));
        self.value = value.ok_or_else(overflow)?;
        Ok(())
    }
}

impl AccountFigures {
    fn measured(&self, measure: Measure) -> Option<Balance> {
        match measure {
            Measure::Balance => Some(self.balance),
            Measure::Available => self.balance.minus(self.pending.outgoing),
            Measure::PendingIn => Some(self.pending.incoming),
            Measure::PendingOut => Some(self.pending.outgoing),
        }
    }
}
