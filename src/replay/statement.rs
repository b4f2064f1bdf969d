//! The statement of one account or of several: what moved their money, in the order in which it took
//! effect, with each account's balance and the balance of all of them in that currency.

use std::collections::{BTreeMap, HashSet};

use hashbrown::HashMap;

use crate::accounts::Overflow;
use crate::event::Entry;
use crate::money::{Balance, Currency};
use crate::time::Timestamp;

use super::reversals::Reversals;
use super::{AccountFilter, Bound, Cutoff};

/// A finished statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// The accounts whose money moved, sorted by name.
    pub accounts: Vec<StatementAccount>,
    /// For each currency, the balance of its accounts before the first row.
    pub openings: BTreeMap<Option<Currency>, Balance>,
    /// The events.
    pub rows: Vec<StatementRow>,
}

/// An account of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementAccount {
    /// Its name.
    pub name: String,
    /// Its currency.
    pub currency: Option<Currency>,
    /// Its balance before the first row.
    pub opening: Balance,
}

/// An event of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRow {
    /// The event, whole.
    pub entry: Box<Entry<'static>>,
    /// What it changed on accounts of the statement: one or two.
    pub postings: Vec<StatementPosting>,
}

/// What an event changed on one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementPosting {
    /// The account, as an index of [`Statement::accounts`].
    pub account: usize,
    /// What it did to the account's balance.
    pub change: Balance,
    /// The account's balance after it.
    pub balance: Balance,
    /// The balance of all accounts of the statement in this currency, after the whole event.
    pub total: Balance,
}

/// Builds a statement from entries in the order of the log.
#[derive(Clone, Debug)]
pub struct StatementBuilder {
    cutoff: Cutoff,
    filter: AccountFilter,
    is_net: bool,
    reversals: Reversals,
    numbers: HashMap<Box<str>, usize>,
    accounts: Vec<StatementAccount>,
    moves: Vec<Move>,
}

/// The data kept for each event, with or without a row, because balances include all of them.
#[derive(Clone, Debug)]
struct Move {
    effective: Timestamp,
    seq: u64,
    /// Account and change.
    changes: [Option<(usize, Balance)>; 2],
    /// The event that it cancels out, for a net statement.
    cancels: Option<u64>,
    /// The event itself, if it has a row.
    shown: Option<Box<Entry<'static>>>,
}

impl StatementBuilder {
    /// Starts the statement of these accounts.
    pub fn new(cutoff: Cutoff, filter: AccountFilter) -> StatementBuilder {
        StatementBuilder {
            cutoff,
            filter,
            is_net: false,
            reversals: Reversals::default(),
            numbers: HashMap::new(),
            accounts: Vec::new(),
            moves: Vec::new(),
        }
    }

    /// Leaves out events that were reversed and their reversals; the balances are those of the rest. A
    /// reversal moves money on the accounts of what it reverses, so that both are seen.
    #[must_use]
    pub fn net(self) -> StatementBuilder {
        StatementBuilder {
            is_net: true,
            ..self
        }
    }

    /// Takes a counted entry; one that does not move money of the accounts is skipped. It has a row
    /// if it `is_wanted` and the cutoff shows it; balances are the same without one.
    ///
    /// # Errors
    /// [`Overflow::Balance`] if a balance before the first row does not fit.
    pub fn push(&mut self, entry: &Entry<'_>, is_wanted: bool) -> Result<(), Overflow> {
        let Some(changes) = self.changes(entry) else {
            return Ok(());
        };
        let is_shown = self.cutoff.shows(entry);
        if !is_shown && !self.is_net && !matches!(self.cutoff.since, Some(Bound::Seq(_))) {
            // It took effect before the first row, and so did all others of its kind: their order
            // does not matter.
            return changes
                .into_iter()
                .flatten()
                .try_for_each(|(number, change)| {
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
        let is_shown = is_shown && is_wanted;
        let cancels = if self.is_net {
            self.reversals.take(entry)
        } else {
            None
        };
        self.moves.push(Move {
            effective: entry.took_effect(),
            seq: entry.seq,
            changes,
            cancels,
            shown: is_shown.then(|| Box::new(entry.clone().into_owned())),
        });
        Ok(())
    }

    /// What an event changes on the accounts; `None` if it changes nothing there.
    fn changes(&mut self, entry: &Entry<'_>) -> Option<[Option<(usize, Balance)>; 2]> {
        let mut changes = [None, None];
        for (change, posting) in changes.iter_mut().zip(entry.event.postings()) {
            let name = posting.account.as_str();
            if self.filter.takes(name) {
                *change = Some((self.number(name, posting.currency), posting.change));
            }
        }
        match changes {
            [None, None] => None,
            // Only a log that breaks the rules has a transfer from an account to itself.
            [Some((one, left)), Some((other, arrived))] if one == other => {
                Some([Some((one, left.plus(arrived).unwrap_or_default())), None])
            }
            changes => Some(changes),
        }
    }

    fn number(&mut self, name: &str, currency: Option<Currency>) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.accounts.len();
        self.numbers.insert(name.into(), number);
        self.accounts.push(StatementAccount {
            name: name.to_owned(),
            currency,
            opening: Balance::ZERO,
        });
        number
    }

    /// The statement in the order in which events took effect; at one moment, in the order in which
    /// they were recorded.
    ///
    /// # Errors
    /// [`Overflow`] if a balance in this order does not fit.
    pub fn finish(mut self) -> Result<Statement, Overflow> {
        if self.is_net {
            self.leave_out_undone();
        }
        self.moves.sort_by_key(|one| (one.effective, one.seq));
        let indexes = self.sort_accounts();
        let mut balances = Balances::of(self.accounts)?;
        let mut statement = Statement::default();
        let mut before = None;
        for one in self.moves {
            if one.shown.is_some() && before.is_none() {
                before = Some(balances.clone());
            }
            let mut postings = Vec::new();
            for (number, change) in one.changes.into_iter().flatten() {
                let account = indexes.get(number).copied().unwrap_or_default();
                postings.push(balances.post(account, change)?);
            }
            let Some(entry) = one.shown else { continue };
            for posting in &mut postings {
                posting.total = balances.total(posting.account);
            }
            statement.rows.push(StatementRow { entry, postings });
        }
        let before = before.unwrap_or_else(|| balances.clone());
        statement.openings = before.totals;
        statement.accounts = balances.accounts;
        for (account, opening) in statement.accounts.iter_mut().zip(before.of_accounts) {
            account.opening = opening;
        }
        Ok(statement)
    }

    fn leave_out_undone(&mut self) {
        let moves = self.moves.iter();
        let undone = undone(moves.filter_map(|one| Some((one.seq, one.cancels?))));
        self.moves.retain(|one| !undone.contains(&one.seq));
    }

    /// Sorts the accounts by name and returns the new index of each.
    fn sort_accounts(&mut self) -> Vec<usize> {
        self.accounts
            .sort_by(|one, other| one.name.cmp(&other.name));
        let mut indexes = vec![0; self.accounts.len()];
        for (new, account) in self.accounts.iter().enumerate() {
            let old = self.numbers.get(account.name.as_str());
            if let Some(index) = old.and_then(|old| indexes.get_mut(*old)) {
                *index = new;
            }
        }
        indexes
    }
}

/// The balances after an event.
#[derive(Clone)]
struct Balances {
    accounts: Vec<StatementAccount>,
    of_accounts: Vec<Balance>,
    totals: BTreeMap<Option<Currency>, Balance>,
}

impl Balances {
    /// The openings.
    fn of(accounts: Vec<StatementAccount>) -> Result<Balances, Overflow> {
        let mut totals: BTreeMap<Option<Currency>, Balance> = BTreeMap::new();
        for account in &accounts {
            let currency = account.currency;
            let total = totals.entry(currency).or_default();
            let next = total.plus(account.opening);
            *total = next.ok_or(Overflow::Total { currency })?;
        }
        Ok(Balances {
            of_accounts: accounts.iter().map(|account| account.opening).collect(),
            totals,
            accounts,
        })
    }

    fn currency(&self, account: usize) -> Option<Currency> {
        self.accounts
            .get(account)
            .and_then(|account| account.currency)
    }

    fn post(&mut self, account: usize, change: Balance) -> Result<StatementPosting, Overflow> {
        let overflow = || Overflow::Balance {
            account: self
                .accounts
                .get(account)
                .map_or_else(String::new, |account| account.name.clone()),
        };
        let balance = self.of_accounts.get(account).copied().unwrap_or_default();
        let balance = balance.plus(change).ok_or_else(overflow)?;
        let currency = self.currency(account);
        let total = self.totals.entry(currency).or_default();
        *total = total.plus(change).ok_or(Overflow::Total { currency })?;
        if let Some(own) = self.of_accounts.get_mut(account) {
            *own = balance;
        }
        Ok(StatementPosting {
            account,
            change,
            balance,
            total: Balance::ZERO,
        })
    }

    fn total(&self, account: usize) -> Balance {
        let total = self.totals.get(&self.currency(account));
        total.copied().unwrap_or_default()
    }
}

/// The events that cancel out: given every counted reversal of a counted event as (reversal, what it
/// reverses), the reversed events and their reversals. A reversal that is reversed itself cancels
/// nothing: what it reversed counts again.
pub fn undone(reversals: impl Iterator<Item = (u64, u64)>) -> HashSet<u64> {
    // A reversal comes after what it reverses: from the newest down, it is known by then whether
    // each was reversed itself.
    let mut pairs: Vec<_> = reversals.filter(|(by, target)| by > target).collect();
    pairs.sort_unstable_by(|one, other| other.cmp(one));
    let mut undone = HashSet::new();
    let mut undoing = HashSet::new();
    for (by, target) in pairs {
        if !undone.contains(&by) {
            undone.insert(target);
            undoing.insert(by);
        }
    }
    undone.extend(undoing);
    undone
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
mod tests;
