//! An interpretation of a file: which columns are the money, and what decides over its direction.
//!
//! One interpretation gives one value for each row. Which interpretation is right is decided in `choice`.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::super::figures::Number;
use super::super::options::SignRule;
use super::super::words::Direction;
use super::super::{Fault, ImportError};
use super::cells::{Cell, FileFigures};
use super::rows::RowKind;
use super::table::CsvTable;
use crate::money::Balance;

/// Where the word of a direction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WordSource {
    Column(usize),
    /// Beside the number; numbers without a word have this direction.
    Suffix(Option<Direction>),
}

/// The columns of the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MoneyColumns {
    One {
        column: usize,
        words: Option<WordSource>,
        rule: SignRule,
    },
    /// Money out in one column, money in in another.
    Sides {
        debit: Option<(usize, SignRule)>,
        credit: Option<(usize, SignRule)>,
    },
}

/// What a fee above zero means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FeeSign {
    /// Money out.
    Cost,
    /// Money in: fees have the sign of the account.
    Signed,
}

/// One way to understand the rows of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interpretation {
    pub(super) money: MoneyColumns,
    pub(super) fee: Option<(usize, FeeSign)>,
    /// True if every sign is turned round.
    pub(super) flipped: bool,
    /// True if rows that could be balances are movements.
    pub(super) books_balances: bool,
    /// True if it is possible without balances that confirm it.
    pub(super) is_plain: bool,
}

/// What a row moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RowMoney {
    /// The column of the amount.
    pub(super) column: usize,
    pub(super) amount: Number,
    pub(super) fee: Number,
}

impl RowMoney {
    pub(super) fn total(self) -> Balance {
        self.amount
            .value
            .plus(self.fee.value)
            .unwrap_or(Balance::ZERO)
    }
}

/// A number with the sign that the rule gives it; `None` if the rule needs a word and there is none.
fn directed(cell: Cell, word: Option<Direction>, rule: SignRule) -> Option<Number> {
    let number = cell.number;
    if number.is_zero() {
        return Some(number);
    }
    let is_negative = number.value.is_negative();
    Some(match rule {
        SignRule::Sign => number,
        SignRule::Word => number.turned((word? == Direction::Out) != is_negative),
        SignRule::Both => number.turned(word? == Direction::Out),
    })
}

impl Interpretation {
    /// True if the row is a movement in this interpretation.
    pub(super) fn moves(&self, kind: RowKind) -> bool {
        match kind {
            RowKind::Movement => true,
            RowKind::Balance { certain, .. } => !certain && self.books_balances,
            RowKind::Note | RowKind::LeftOut => false,
        }
    }

    /// What a row moves.
    pub(super) fn money(
        &self,
        figures: &FileFigures,
        row: usize,
    ) -> Result<RowMoney, (usize, Fault)> {
        let (column, amount) = self.amount(figures, row)?;
        let fee = self.fee.and_then(|(column, sign)| {
            let number = figures.cell(row, column)?.number;
            Some(number.turned(sign == FeeSign::Cost))
        });
        Ok(RowMoney {
            column,
            amount: amount.turned(self.flipped),
            fee: fee.unwrap_or_default(),
        })
    }

    fn amount(&self, figures: &FileFigures, row: usize) -> Result<(usize, Number), (usize, Fault)> {
        match self.money {
            MoneyColumns::One {
                column,
                words,
                rule,
            } => {
                let missing = || (column, Fault::NoAmount);
                let cell = figures.cell(row, column).ok_or_else(missing)?;
                let word = match words {
                    Some(WordSource::Column(place)) => figures.direction(row, place),
                    Some(WordSource::Suffix(unmarked)) => cell.direction.or(unmarked),
                    None => None,
                };
                let without = || (column, Fault::missing("the direction"));
                Ok((column, directed(cell, word, rule).ok_or_else(without)?))
            }
            MoneyColumns::Sides { debit, credit } => {
                let side = |side: Option<(usize, SignRule)>, word: Direction| {
                    let (column, rule) = side?;
                    let cell = figures.cell(row, column)?;
                    // `CR` beside a number in a debit column is that bank's own word for it.
                    let word = cell.direction.unwrap_or(word);
                    Some((column, directed(cell, Some(word), rule)?))
                };
                let out = side(debit, Direction::Out);
                let into = side(credit, Direction::In);
                match (out, into) {
                    // Some banks fill the side on which nothing moves with zeros.
                    (Some((_, zero)), Some(into)) if zero.is_zero() => Ok(into),
                    (Some(out), Some((_, zero))) if zero.is_zero() => Ok(out),
                    (Some(_), Some((column, _))) => {
                        Err((column, Fault::Sides("both sides are filled in")))
                    }
                    (Some(one), None) | (None, Some(one)) => Ok(one),
                    (None, None) => {
                        let column = debit.or(credit).map_or(0, |(column, _)| column);
                        Err((column, Fault::Sides("neither side is filled in")))
                    }
                }
            }
        }
    }

    /// The value of a row that is a balance or a total.
    pub(super) fn balance(
        &self,
        figures: &FileFigures,
        row: usize,
        balances: Option<usize>,
    ) -> Option<Balance> {
        let in_column = balances.and_then(|column| figures.cell(row, column));
        if let Some(cell) = in_column {
            return Some(cell.balance().value);
        }
        match self.money {
            MoneyColumns::One {
                column,
                words: Some(WordSource::Column(place)),
                rule,
            } => {
                let cell = figures.cell(row, column)?;
                match figures.direction(row, place) {
                    Some(word) => directed(cell, Some(word), rule).map(|number| number.value),
                    None => Some(cell.balance().value),
                }
            }
            MoneyColumns::One { column, .. } => {
                let balance = figures.cell(row, column)?.balance();
                Some(balance.turned(self.flipped).value)
            }
            MoneyColumns::Sides { debit, credit } => {
                let value = |side: Option<(usize, SignRule)>| {
                    let number = figures.cell(row, side?.0)?.number;
                    Some(number.turned(number.value.is_negative()).value)
                };
                match (value(debit), value(credit)) {
                    (None, None) => None,
                    (out, into) => into.unwrap_or_default().minus(out.unwrap_or_default()),
                }
            }
        }
    }

    /// The columns of the money.
    pub(super) fn columns(&self) -> Vec<usize> {
        let mut columns = match self.money {
            MoneyColumns::One { column, .. } => vec![column],
            MoneyColumns::Sides { debit, credit } => {
                let sides = debit.into_iter().chain(credit);
                sides.map(|(column, _)| column).collect()
            }
        };
        columns.extend(self.fee.map(|(column, _)| column));
        columns
    }

    /// A digest of what all rows move, fees and amounts together: interpretations with the same digest
    /// lead to the same balance after every row.
    pub(super) fn outcome(
        &self,
        table: &CsvTable,
        figures: &FileFigures,
    ) -> Result<u64, ImportError> {
        for column in self.columns() {
            if let Some(error) = figures.wrong.get(&column) {
                return Err(error.clone());
            }
        }
        if let MoneyColumns::One {
            words: Some(WordSource::Column(place)),
            rule: SignRule::Word | SignRule::Both,
            ..
        } = self.money
            && let Some(error) = figures.unknown.get(&place)
        {
            return Err(error.clone());
        }
        let mut hasher = DefaultHasher::new();
        for (row, own) in figures.rows.iter().enumerate() {
            if !self.moves(own.kind) {
                continue;
            }
            let money = self
                .money(figures, row)
                .map_err(|(column, fault)| fault.at(table.place(own.line, column)))?;
            if money.total() == Balance::ZERO {
                continue;
            }
            row.hash(&mut hasher);
            money.total().hash(&mut hasher);
        }
        Ok(hasher.finish())
    }
}
