//! The balances of a file held against an interpretation of its rows: opening + movements = closing, row by
//! row if each row has its balance.

use std::collections::BTreeMap;

use super::super::words::BalanceWord;
use super::cells::{FileFigures, RowFigures};
use super::interpretation::{Interpretation, RowMoney};
use super::rows::RowKind;
use crate::money::Balance;

/// How the balances of a file fit an interpretation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BalanceFit {
    /// There is nothing to compare.
    Unknown,
    Fits(FittingBalances),
    Breaks(BalanceBreak),
}

/// What balances that fit say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FittingBalances {
    /// How many balances were compared.
    pub(super) compared: u64,
    pub(super) newest_first: Option<bool>,
    /// True if the dates tell whether the newest is first.
    pub(super) has_order: bool,
    /// Before the first row and after the last, if all rows are of one account.
    pub(super) ends: Option<(Balance, Balance)>,
}

/// Where a balance is not the one that the rows lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BalanceBreak {
    pub(super) row: usize,
    /// The column of the balance.
    pub(super) column: Option<usize>,
    pub(super) found: Balance,
    pub(super) expected: Balance,
}

impl BalanceFit {
    pub(super) fn fitting(self) -> Option<FittingBalances> {
        match self {
            BalanceFit::Fits(fitting) => Some(fitting),
            _ => None,
        }
    }
}

/// The rows of a file, an order of them and an interpretation.
#[derive(Clone, Copy)]
pub(super) struct BalanceCheck<'a> {
    pub(super) figures: &'a FileFigures,
    pub(super) interpretation: &'a Interpretation,
    /// The column of the balances.
    pub(super) column: Option<usize>,
}

impl BalanceCheck<'_> {
    /// Compares the balances of all accounts.
    pub(super) fn fit(&self) -> BalanceFit {
        let mut all = FittingBalances {
            compared: 0,
            newest_first: None,
            has_order: true,
            ends: None,
        };
        for group in 0..self.figures.groups {
            let rows: Vec<usize> = (0..)
                .zip(&self.figures.rows)
                .filter(|(_, row)| row.group == group || self.figures.groups == 1)
                .map(|(at, _)| at)
                .collect();
            match self.fit_of(&rows) {
                BalanceFit::Unknown => {}
                BalanceFit::Fits(own) => {
                    all.compared = all.compared.saturating_add(own.compared);
                    all.newest_first = all.newest_first.or(own.newest_first);
                    all.has_order &= own.has_order;
                    all.ends = own.ends.filter(|_| self.figures.groups == 1);
                }
                breaks @ BalanceFit::Breaks(_) => return breaks,
            }
        }
        match all.compared {
            0 => BalanceFit::Unknown,
            _ => BalanceFit::Fits(all),
        }
    }

    /// Tries the orders that the dates allow.
    fn fit_of(&self, rows: &[usize]) -> BalanceFit {
        let (mut rises, mut falls) = (false, false);
        let dates = rows.iter().filter_map(|row| self.row(*row));
        let dates: Vec<_> = dates
            .filter(|row| self.interpretation.moves(row.kind))
            .filter_map(|row| row.date)
            .collect();
        for (one, next) in dates.iter().zip(dates.iter().skip(1)) {
            rises |= next > one;
            falls |= next < one;
        }
        let orders: &[bool] = match (rises, falls) {
            (true, false) => &[false],
            (false, true) => &[true],
            _ => &[false, true],
        };
        let mut broken: Option<BalanceBreak> = None;
        for newest_first in orders {
            let ordered: Vec<usize> = match newest_first {
                true => rows.iter().rev().copied().collect(),
                false => rows.to_vec(),
            };
            match self.chain(&ordered) {
                Ok((0, _)) => return BalanceFit::Unknown,
                Ok((compared, ends)) => {
                    return BalanceFit::Fits(FittingBalances {
                        compared,
                        newest_first: Some(*newest_first),
                        has_order: orders.len() == 1,
                        ends,
                    });
                }
                Err(found) => broken = broken.or(Some(found)),
            }
        }
        if rises != falls
            && let Some(fit) = self.by_day(rows, falls)
        {
            return BalanceFit::Fits(fit);
        }
        broken.map_or(BalanceFit::Unknown, BalanceFit::Breaks)
    }

    fn row(&self, row: usize) -> Option<&RowFigures> {
        self.figures.rows.get(row)
    }

    fn moved(&self, row: usize) -> Balance {
        let money = self.interpretation.money(self.figures, row);
        money.map(RowMoney::total).unwrap_or_default()
    }

    /// The balance that a movement's row shows.
    fn shown(&self, row: usize) -> Option<Balance> {
        Some(self.figures.cell(row, self.column?)?.balance().value)
    }

    /// The balance that a row names.
    fn balance(&self, row: usize) -> Option<Balance> {
        let balances = self.column;
        self.interpretation.balance(self.figures, row, balances)
    }

    /// The balance that a row of this word names, of the rows that are not movements.
    fn named(&self, rows: &[usize], wanted: BalanceWord) -> Option<(usize, Balance)> {
        rows.iter().find_map(|row| match self.row(*row)?.kind {
            kind @ RowKind::Balance { word, .. }
                if word == wanted && !self.interpretation.moves(kind) =>
            {
                Some((*row, self.balance(*row)?))
            }
            _ => None,
        })
    }

    /// Follows the balance along rows, the oldest first: how many balances were compared, and those at
    /// both ends.
    fn chain(&self, rows: &[usize]) -> Result<(u64, Option<(Balance, Balance)>), BalanceBreak> {
        let mut known = self
            .named(rows, BalanceWord::Opening)
            .map(|(_, balance)| balance);
        let mut opening = known;
        let mut since = Balance::ZERO;
        let mut compared = 0_u64;
        let mut compare = |known: Option<Balance>, since: Balance, row: usize, found: Balance| {
            let Some(known) = known else {
                return Ok(());
            };
            compared = compared.saturating_add(1);
            match known.plus(since) {
                Some(expected) if expected == found => Ok(()),
                expected => Err(BalanceBreak {
                    row,
                    column: self.column,
                    found,
                    expected: expected.unwrap_or_default(),
                }),
            }
        };
        let mut has_gap = false;
        for row in rows {
            let Some(kind) = self.row(*row).map(|row| row.kind) else {
                continue;
            };
            let found = match kind {
                kind if self.interpretation.moves(kind) => {
                    since = since.plus(self.moved(*row)).unwrap_or(since);
                    self.shown(*row)
                }
                RowKind::Balance {
                    word: BalanceWord::Here,
                    ..
                } => self.balance(*row),
                // What was left out may have moved money.
                RowKind::LeftOut => {
                    (known, since, has_gap) = (None, Balance::ZERO, true);
                    continue;
                }
                _ => None,
            };
            if let Some(found) = found {
                compare(known, since, *row, found)?;
                if opening.is_none() && !has_gap {
                    opening = found.minus(since);
                }
                (known, since) = (Some(found), Balance::ZERO);
            }
        }
        let last = known.and_then(|known| known.plus(since));
        if let Some((row, closing)) = self.named(rows, BalanceWord::Closing) {
            compare(known, since, row, closing)?;
        }
        let ends = opening.zip(last).filter(|_| !has_gap);
        let compared = match self.named(rows, BalanceWord::Total) {
            // Totals are of many kinds: one that fits speaks for an interpretation, one that does not proves
            // nothing.
            Some((_, total)) if !has_gap && self.sum(rows) == Some(total) => {
                compared.saturating_add(1)
            }
            _ => compared,
        };
        Ok((compared, ends))
    }

    fn sum(&self, rows: &[usize]) -> Option<Balance> {
        let moving = rows.iter().filter(|row| {
            self.row(**row)
                .is_some_and(|row| self.interpretation.moves(row.kind))
        });
        moving
            .map(|row| self.moved(*row))
            .try_fold(Balance::ZERO, Balance::plus)
    }

    /// Days in order and rows of a day in any: each day must lead from the balance before it to one
    /// of its own.
    fn by_day(&self, rows: &[usize], newest_first: bool) -> Option<FittingBalances> {
        let mut days: BTreeMap<jiff::civil::Date, Vec<usize>> = BTreeMap::new();
        for row in rows {
            let own = self.row(*row)?;
            if own.kind == RowKind::LeftOut {
                return None;
            }
            if self.interpretation.moves(own.kind) {
                days.entry(own.date?).or_default().push(*row);
            }
        }
        let mut known = self
            .named(rows, BalanceWord::Opening)
            .map(|(_, balance)| balance);
        let mut first = known;
        let mut compared = 0_u64;
        for rows in days.values() {
            // Every balance is left as often as it is reached, but for the first and the last.
            let mut reached: BTreeMap<Balance, i64> = BTreeMap::new();
            for row in rows {
                let after = self.shown(*row)?;
                let before = after.minus(self.moved(*row))?;
                let mut count = |balance: Balance, by: i64| {
                    let own = reached.entry(balance).or_default();
                    *own = own.saturating_add(by);
                };
                count(after, 1);
                count(before, -1);
                compared = compared.saturating_add(1);
            }
            let ends: Vec<(Balance, i64)> = reached
                .iter()
                .filter(|(_, count)| **count != 0)
                .map(|(own, count)| (*own, *count))
                .collect();
            let (open, close) = match ends.as_slice() {
                [] => {
                    let back = known
                        .filter(|own| reached.contains_key(own))
                        .or_else(|| reached.keys().next().copied());
                    (back?, back?)
                }
                [(one, -1), (other, 1)] | [(other, 1), (one, -1)] => (*one, *other),
                _ => return None,
            };
            if known.is_some_and(|known| known != open) {
                return None;
            }
            first = first.or(Some(open));
            known = Some(close);
        }
        let last = known?;
        if let Some((_, closing)) = self.named(rows, BalanceWord::Closing)
            && closing != last
        {
            return None;
        }
        // A single row agrees with itself.
        (compared > 1).then_some(FittingBalances {
            compared: compared.saturating_sub(1),
            newest_first: Some(newest_first),
            has_order: true,
            ends: first.map(|first| (first, last)),
        })
    }
}
