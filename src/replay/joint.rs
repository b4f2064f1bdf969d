//! The statement of several accounts: what moved the money of any of them, in the order in which it
//! took effect, with each account's balance and that of all of them together.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::accounts::{Overflow, State};
use crate::event::{Entry, Posting};
use crate::money::{Balance, Currency};
use crate::time::Timestamp;

use super::{AccountFilter, Bound, Cutoff};

/// Collects the events of a set of accounts while entries are read.
#[derive(Clone, Debug)]
pub struct JointStatement {
    cutoff: Cutoff,
    chosen: AccountFilter,
    numbers: HashMap<Box<str>, usize>,
    accounts: Vec<Standing>,
    moves: Vec<Move>,
}

/// An account of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub currency: Option<Currency>,
    /// What it held before the first event that is shown.
    pub opening: Balance,
}

/// What is kept of every counted event.
#[derive(Clone, Debug)]
struct Move {
    effective: Timestamp,
    seq: u64,
    legs: [Option<(usize, Balance)>; 2],
    /// The event itself, where it is shown.
    shown: Option<Box<Entry<'static>>>,
}

/// One event that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JointRow {
    /// The event, whole.
    pub entry: Box<Entry<'static>>,
    /// What it did to the accounts of the set, one or two.
    pub legs: Vec<Leg>,
}

/// What an event did to one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Which, by its place in [`Joint::accounts`].
    pub account: usize,
    /// What it did to the account's balance.
    pub change: Balance,
    /// The account's balance after it.
    pub balance: Balance,
    /// After the whole event, the balance of all accounts of the set in this currency.
    pub together: Balance,
}

/// A finished joint statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joint {
    /// The accounts whose money moved, sorted by name.
    pub accounts: Vec<Standing>,
    /// What each currency's accounts held before the first event that is shown.
    pub openings: BTreeMap<Option<Currency>, Balance>,
    /// The events.
    pub rows: Vec<JointRow>,
}

impl JointStatement {
    /// The statement of these accounts, empty as yet.
    pub fn new(cutoff: Cutoff, chosen: AccountFilter) -> JointStatement {
        JointStatement {
            cutoff,
            chosen,
            numbers: HashMap::new(),
            accounts: Vec::new(),
            moves: Vec::new(),
        }
    }

    /// Takes a counted entry, with the state behind it. One that is not shown gets no row, and the
    /// balances are the same.
    ///
    /// # Errors
    /// [`Overflow::Balance`] where what was there before does not fit.
    pub fn push(&mut self, entry: &Entry<'_>, state: &State) -> Result<(), Overflow> {
        let mut legs = [None, None];
        for (
            leg,
            Posting {
                account: name,
                change,
                ..
            },
        ) in legs.iter_mut().zip(entry.event.postings())
        {
            if self.chosen.takes(name.as_str()) {
                let currency = state
                    .account(name.as_str())
                    .and_then(|account| account.currency);
                *leg = Some((self.number(name.as_str(), currency), change));
            }
        }
        if legs == [None, None] {
            return Ok(());
        }
        let shown = self.cutoff.shows(entry);
        if !shown && !matches!(self.cutoff.since, Some(Bound::Seq(_))) {
            // All of this took effect before the first row, in whatever order: nothing of it is kept.
            return legs.into_iter().flatten().try_for_each(|(number, change)| {
                let Some(account) = self.accounts.get_mut(number) else {
                    return Ok(());
                };
                let sum = account.opening.plus(change);
                account.opening = sum.ok_or_else(|| Overflow::Balance {
                    account: account.name.clone(),
                })?;
                Ok(())
            });
        }
        self.moves.push(Move {
            effective: entry.took_effect(),
            seq: entry.seq,
            legs,
            shown: shown.then(|| Box::new(entry.clone().into_owned())),
        });
        Ok(())
    }

    fn number(&mut self, name: &str, currency: Option<Currency>) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.accounts.len();
        self.numbers.insert(name.into(), number);
        self.accounts.push(Standing {
            name: name.to_owned(),
            currency,
            opening: Balance::ZERO,
        });
        number
    }

    /// The statement in the order in which events took effect and, at one moment, were recorded.
    ///
    /// # Errors
    /// [`Overflow`] where a balance in this order does not fit.
    pub fn finish(mut self) -> Result<Joint, Overflow> {
        self.moves.sort_by_key(|one| (one.effective, one.seq));
        let places = self.sort_accounts();
        let mut fold = Fold::of(self.accounts)?;
        let mut joint = Joint::default();
        let mut openings = None;
        for one in self.moves {
            if one.shown.is_some() && openings.is_none() {
                openings = Some(fold.clone());
            }
            let mut legs = Vec::new();
            for (old, change) in one.legs.into_iter().flatten() {
                let account = places.get(old).copied().unwrap_or_default();
                legs.push(fold.shift(account, change)?);
            }
            let Some(entry) = one.shown else { continue };
            for leg in &mut legs {
                leg.together = fold.together(leg.account);
            }
            joint.rows.push(JointRow { entry, legs });
        }
        let openings = openings.unwrap_or_else(|| fold.clone());
        joint.openings = openings.sums;
        joint.accounts = fold.accounts;
        for (account, opening) in joint.accounts.iter_mut().zip(openings.balances) {
            account.opening = opening;
        }
        Ok(joint)
    }

    /// Sorts the accounts by name; answers where each of the old places is now.
    fn sort_accounts(&mut self) -> Vec<usize> {
        self.accounts
            .sort_by(|one, other| one.name.cmp(&other.name));
        let mut places = vec![0; self.accounts.len()];
        for (new, account) in self.accounts.iter().enumerate() {
            let old = self.numbers.get(account.name.as_str());
            if let Some(place) = old.and_then(|old| places.get_mut(*old)) {
                *place = new;
            }
        }
        places
    }
}

/// The balances at one moment.
#[derive(Clone)]
struct Fold {
    accounts: Vec<Standing>,
    balances: Vec<Balance>,
    sums: BTreeMap<Option<Currency>, Balance>,
}

impl Fold {
    /// What was there before.
    fn of(accounts: Vec<Standing>) -> Result<Fold, Overflow> {
        let mut sums: BTreeMap<Option<Currency>, Balance> = BTreeMap::new();
        for account in &accounts {
            let currency = account.currency;
            let sum = sums.entry(currency).or_default();
            let next = sum.plus(account.opening);
            *sum = next.ok_or(Overflow::Total { currency })?;
        }
        Ok(Fold {
            balances: accounts.iter().map(|account| account.opening).collect(),
            sums,
            accounts,
        })
    }

    fn currency(&self, account: usize) -> Option<Currency> {
        self.accounts
            .get(account)
            .and_then(|account| account.currency)
    }

    fn shift(&mut self, account: usize, change: Balance) -> Result<Leg, Overflow> {
        let currency = self.currency(account);
        let sum = self.sums.entry(currency).or_default();
        *sum = sum.plus(change).ok_or(Overflow::Total { currency })?;
        let mut balance = change;
        if let Some(own) = self.balances.get_mut(account) {
            let overflow = || Overflow::Balance {
                account: self
                    .accounts
                    .get(account)
                    .map_or_else(String::new, |account| account.name.clone()),
            };
            *own = own.plus(change).ok_or_else(overflow)?;
            balance = *own;
        }
        Ok(Leg {
            account,
            change,
            balance,
            together: Balance::ZERO,
        })
    }

    fn together(&self, account: usize) -> Balance {
        let sum = self.sums.get(&self.currency(account));
        sum.copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
