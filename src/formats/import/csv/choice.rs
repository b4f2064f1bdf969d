//! The one interpretation that a file allows: by its balances if it has any, otherwise by itself. Two
//! interpretations that move different money are a question.

use super::super::options::Options;
use super::super::{Fault, ImportError, Question};
use super::balances::{BalanceBreak, BalanceCheck, BalanceFit, FittingBalances};
use super::candidates::Candidates;
use super::columns::ColumnRole;
use super::interpretation::{Interpretation, MoneyColumns, RowMoney};
use super::rows::RowKind;
use crate::money::Balance;

/// How many balances a column without a known header must confirm.
const CONFIRMED: u64 = 3;

/// The interpretation of a file, with what its balances say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    pub(super) interpretation: Interpretation,
    pub(super) newest_first: Option<bool>,
    /// The balances before the first row and after the last.
    pub(super) ends: Option<(Balance, Balance)>,
}

/// An interpretation that is possible for each row, and what it moves.
struct Possible {
    interpretation: Interpretation,
    outcome: u64,
    fit: BalanceFit,
}

impl Candidates<'_> {
    /// Chooses.
    pub(super) fn choose(&self) -> Result<Choice, ImportError> {
        let options = self.options;
        let named: Vec<usize> = self.columns.all(&ColumnRole::Balance).collect();
        let has_rows = self
            .figures
            .rows
            .iter()
            .any(|row| matches!(row.kind, RowKind::Balance { .. }));
        let checks = options.checks_balances;
        let has_balances = checks && (!named.is_empty() || has_rows);
        let tries_others = checks && named.is_empty() && !self.unclaimed.is_empty();
        let mut possible = Vec::new();
        let mut first_error = None;
        for interpretation in self.all() {
            if !interpretation.is_plain && !has_balances && !tries_others {
                continue;
            }
            match interpretation.outcome(self.table, self.figures) {
                Ok(outcome) => {
                    let fit = if has_balances {
                        self.best_fit(&interpretation, &named)
                    } else {
                        BalanceFit::Unknown
                    };
                    possible.push(Possible {
                        interpretation,
                        outcome,
                        fit,
                    });
                }
                // A column that may only be the money is not, if a row lacks it.
                Err(error) if self.is_named(&interpretation) && first_error.is_none() => {
                    first_error = Some(error);
                }
                Err(_) => {}
            }
        }
        if tries_others {
            for own in &mut possible {
                self.confirm(own);
            }
        }
        let fitting = Self::fitting(&possible, options);
        if let Some(found) = self.one_of(&fitting)? {
            return Ok(found);
        }
        // With --invert a file may be right as it is written or as it will be booked.
        if options.invert
            && let Some(turned) = possible
                .iter()
                .find(|own| own.interpretation.flipped && own.fit.fitting().is_some())
        {
            let same = |own: &&Possible| {
                !own.interpretation.flipped
                    && own.interpretation.money == turned.interpretation.money
            };
            if let Some(found) = possible.iter().find(same) {
                return Ok(choice(found));
            }
        }
        let plain: Vec<&Possible> = possible
            .iter()
            .filter(|own| own.interpretation.is_plain)
            .collect();
        let broken = plain.iter().find_map(|own| match own.fit {
            BalanceFit::Breaks(found) => Some(found),
            _ => None,
        });
        if let Some(broken) = broken {
            return Err(self.broken(broken));
        }
        // A named column that cannot be read is not silently replaced by another.
        if let Some(error) = first_error {
            return Err(error);
        }
        let missing = || Fault::NoAmount.on_line(self.table.line);
        self.one_of(&plain)?.ok_or_else(missing)
    }

    /// True of a plain interpretation of columns that headers or the user name.
    fn is_named(&self, interpretation: &Interpretation) -> bool {
        let mut columns = interpretation.columns().into_iter();
        interpretation.is_plain && !columns.any(|column| self.unclaimed.contains(&column))
    }

    /// The interpretations that the balances confirm. One that is not plain counts if no plain one fits; an
    /// interpretation with every sign turned round also if nothing tells the order of the rows, as it then
    /// fits the other order.
    fn fitting<'p>(possible: &'p [Possible], options: &Options) -> Vec<&'p Possible> {
        let plain = possible
            .iter()
            .any(|own| own.interpretation.is_plain && own.fit.fitting().is_some());
        let compared = |own: &Possible| own.fit.fitting().map_or(0, |fitting| fitting.compared);
        // Rows that are balances and confirmed as such are no movements.
        let is_confirmed = |own: &Possible| {
            possible.iter().any(|other| {
                let is_same = Interpretation {
                    books_balances: true,
                    ..other.interpretation
                } == own.interpretation;
                is_same && !other.interpretation.books_balances && compared(other) > compared(own)
            })
        };
        let counts = |own: &&Possible| {
            let Some(FittingBalances { has_order, .. }) = own.fit.fitting() else {
                return false;
            };
            if own.interpretation.books_balances && is_confirmed(own) {
                return false;
            }
            let is_open = own.interpretation.flipped && !has_order;
            (own.interpretation.is_plain || !plain || is_open)
                && !(own.interpretation.flipped && options.invert)
        };
        possible.iter().filter(counts).collect()
    }

    /// The fit of the balance column that fits best.
    fn best_fit(&self, interpretation: &Interpretation, named: &[usize]) -> BalanceFit {
        let mut best = BalanceFit::Unknown;
        let columns: Vec<Option<usize>> = match named {
            [] => vec![None],
            named => named.iter().copied().map(Some).collect(),
        };
        for column in columns {
            let check = BalanceCheck {
                figures: self.figures,
                interpretation,
                column,
            };
            match check.fit() {
                fit @ BalanceFit::Fits(_) => return fit,
                fit @ BalanceFit::Breaks(_) => best = fit,
                BalanceFit::Unknown => {}
            }
        }
        best
    }

    /// Looks for balances in a column whose header does not say so.
    fn confirm(&self, own: &mut Possible) {
        let used = own.interpretation.columns();
        for column in self
            .unclaimed
            .iter()
            .filter(|column| !used.contains(column))
        {
            let check = BalanceCheck {
                figures: self.figures,
                interpretation: &own.interpretation,
                column: Some(*column),
            };
            let fit = check.fit();
            if matches!(fit, BalanceFit::Fits(fitting) if fitting.compared >= CONFIRMED) {
                own.fit = fit;
            }
        }
    }

    /// The one outcome of several interpretations; `None` if there is none.
    fn one_of(&self, possible: &[&Possible]) -> Result<Option<Choice>, ImportError> {
        let Some((first, rest)) = possible.split_first() else {
            return Ok(None);
        };
        match rest.iter().find(|other| other.outcome != first.outcome) {
            None => Ok(Some(choice(first))),
            Some(other) => Err(self.question(&first.interpretation, &other.interpretation)),
        }
    }

    /// The error of a row whose balance no interpretation leads to.
    fn broken(&self, broken: BalanceBreak) -> ImportError {
        if let Some(error) = &self.figures.open_balance {
            return error.clone();
        }
        let fault = Fault::balance_breaks(broken.found, broken.expected);
        let line = self.line_of(broken.row);
        match broken.column {
            Some(column) => fault.at(self.table.place(line, column)),
            None => fault.on_line(line),
        }
    }

    fn line_of(&self, row: usize) -> u64 {
        let row = self.figures.rows.get(row);
        row.map_or(self.table.line, |row| row.line)
    }

    /// The question of two interpretations that move different money.
    fn question(&self, one: &Interpretation, other: &Interpretation) -> ImportError {
        if one.books_balances != other.books_balances
            && let Some(error) = &self.figures.open_balance
        {
            return error.clone();
        }
        let money = |interpretation: &Interpretation, row: usize| -> Option<RowMoney> {
            let own = self.figures.rows.get(row)?;
            interpretation
                .moves(own.kind)
                .then(|| interpretation.money(self.figures, row).ok())
                .flatten()
        };
        let rows = 0..self.figures.rows.len();
        let differing = rows.filter_map(|row| {
            let (left, right) = (money(one, row), money(other, row));
            let is_other = left.map(RowMoney::total) != right.map(RowMoney::total)
                || left.map(|own| own.fee.value) != right.map(|own| own.fee.value);
            is_other.then_some((row, left?, right?))
        });
        let Some((row, left, right)) = differing.into_iter().next() else {
            return Fault::NoAmount.on_line(self.table.line);
        };
        let text = |money: RowMoney| {
            let scale = money.amount.scale.max(money.fee.scale);
            money.total().to_text(scale)
        };
        let (one_mapping, other_mapping) = (self.mapping(one.money), self.mapping(other.money));
        let question = if one.fee != other.fee {
            let column = one.fee.or(other.fee).map(|(column, _)| column);
            let column = column.map_or_else(String::new, |column| self.table.name(column));
            Question::Fee { column }
        } else if one_mapping == other_mapping {
            Question::Direction
        } else {
            Question::Columns {
                one: one_mapping,
                other: other_mapping,
            }
        };
        let cell = self.figures.cell(row, left.column).unwrap_or_default();
        let number = cell.number;
        let fault = Fault::TwoReadings {
            text: number.value.to_text(number.scale),
            one: text(left),
            other: text(right),
            question: Box::new(question),
        };
        fault.at(self.table.place(self.line_of(row), left.column))
    }

    /// The mapping that says these columns.
    fn mapping(&self, money: MoneyColumns) -> String {
        let name = |column: usize| self.table.name(column);
        match money {
            MoneyColumns::One { column, .. } => format!("amount={}", name(column)),
            MoneyColumns::Sides { debit, credit } => {
                let debit = debit.map(|(column, _)| format!("debit={}", name(column)));
                let credit = credit.map(|(column, _)| format!("credit={}", name(column)));
                let sides: Vec<String> = debit.into_iter().chain(credit).collect();
                sides.join(",")
            }
        }
    }
}

fn choice(own: &Possible) -> Choice {
    let fitting = own.fit.fitting();
    Choice {
        interpretation: own.interpretation,
        newest_first: fitting.and_then(|own| own.newest_first),
        ends: fitting.and_then(|own| own.ends),
    }
}
