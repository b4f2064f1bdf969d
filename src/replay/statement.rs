//! One account's statement: what moved its money, in the order in which it took effect, with the
//! balance after each.

use std::collections::HashSet;

use crate::accounts::Overflow;
use crate::event::{Entry, Kind};
use crate::money::Balance;
use crate::time::Timestamp;

/// One event of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it did to the account's balance.
    pub change: Balance,
    /// The account's balance after it, in the order of the statement.
    pub balance: Balance,
    /// The event, whole.
    pub entry: Box<Entry<'static>>,
}

impl Row {
    /// The event's number.
    pub fn seq(&self) -> u64 {
        self.entry.seq
    }

    /// When it was recorded.
    pub fn at(&self) -> Timestamp {
        self.entry.at
    }

    /// When it took effect.
    pub fn effective(&self) -> Timestamp {
        self.entry.took_effect()
    }

    /// Its type.
    pub fn kind(&self) -> Kind {
        self.entry.event.kind()
    }
}

/// Collects the rows of one account while entries are read.
#[derive(Clone, Debug)]
pub struct Statement {
    account: String,
    moves: Vec<Move>,
}

/// What is kept of every counted event, hidden or not: a balance is of all of them.
#[derive(Clone, Debug)]
struct Move {
    effective: Timestamp,
    seq: u64,
    change: Balance,
    reverses: Option<u64>,
    /// The event itself, where its row is shown.
    shown: Option<Box<Entry<'static>>>,
}

impl Statement {
    /// The statement of this account, empty as yet.
    pub fn new(account: &str) -> Statement {
        Statement {
            account: account.to_owned(),
            moves: Vec::new(),
        }
    }

    /// Takes a counted entry; one that does not move this account's money is passed over. Where
    /// `shown` is false it gets no row, and the balances are the same.
    pub fn push(&mut self, entry: &Entry<'_>, shown: bool) {
        let own = entry
            .event
            .postings()
            .filter(|posting| posting.account.as_str() == self.account)
            .map(|posting| posting.change);
        // Twice only in a log that breaks the rules, by a transfer to itself: the two cancel out.
        let Some(change) = own.reduce(|one, other| one.plus(other).unwrap_or_default()) else {
            return;
        };
        self.moves.push(Move {
            effective: entry.took_effect(),
            seq: entry.seq,
            change,
            reverses: entry.reverses(),
            shown: shown.then(|| Box::new(entry.clone().into_owned())),
        });
    }

    /// Hides what was undone, and what undid it. A reversal moves money on the accounts of what it
    /// reverses, so that this account's events say all about each other.
    pub fn hide_undone(&mut self) {
        let counted: HashSet<u64> = self.moves.iter().map(|one| one.seq).collect();
        let reversals = self
            .moves
            .iter()
            .filter_map(|one| Some((one.seq, one.reverses?)));
        let undone = undone(reversals.filter(|(_, target)| counted.contains(target)));
        for one in &mut self.moves {
            if undone.contains(&one.seq) {
                one.shown = None;
            }
        }
    }

    /// The rows in the order in which they took effect and, at one moment, were recorded.
    ///
    /// # Errors
    /// [`Overflow::Balance`] where a balance in this order does not fit.
    pub fn finish(mut self) -> Result<Vec<Row>, Overflow> {
        self.moves.sort_by_key(|one| (one.effective, one.seq));
        let mut rows = Vec::new();
        let mut balance = Balance::ZERO;
        for one in self.moves {
            balance = balance.plus(one.change).ok_or_else(|| Overflow::Balance {
                account: self.account.clone(),
            })?;
            if let Some(entry) = one.shown {
                rows.push(Row {
                    change: one.change,
                    balance,
                    entry,
                });
            }
        }
        Ok(rows)
    }
}

/// The events that cancel out: given every counted reversal of a counted event as (reversal, what it
/// reverses), the events that are undone and the reversals that undo them. A reversal that is undone
/// itself undoes nothing: what it reversed stands again.
pub fn undone(reversals: impl Iterator<Item = (u64, u64)>) -> HashSet<u64> {
    // A reversal comes after what it reverses, so from the newest down each one's fate is known
    // when its turn comes.
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
