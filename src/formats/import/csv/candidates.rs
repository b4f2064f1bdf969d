//! The interpretations that a file allows, the likeliest first.

use super::super::options::{Options, SignRule};
use super::super::words::Direction;
use super::cells::FileFigures;
use super::columns::{ColumnRole, ColumnRoles, MONEY};
use super::headers::SIGNED_DEBITS;
use super::interpretation::{FeeSign, Interpretation, MoneyColumns, WordSource};
use super::rows::RowKind;
use super::survey::Survey;
use super::table::CsvTable;

/// What interpretations are made of.
pub(super) struct Candidates<'a> {
    pub(super) table: &'a CsvTable,
    pub(super) columns: &'a ColumnRoles,
    pub(super) survey: &'a Survey,
    pub(super) figures: &'a FileFigures,
    pub(super) options: &'a Options,
    /// Columns that could be the money without a header that says so.
    pub(super) unclaimed: &'a [usize],
}

/// Money columns, and whether they are possible without balances that confirm them.
type Plan = (MoneyColumns, bool);

impl Candidates<'_> {
    /// All interpretations.
    pub(super) fn all(&self) -> Vec<Interpretation> {
        let books: &[bool] = if self.figures.open_balance.is_some() {
            &[false, true]
        } else {
            &[false]
        };
        let mut interpretations = Vec::new();
        for (money, is_plain) in self.plans() {
            for fee in self.fees() {
                interpretations.extend(books.iter().map(|books_balances| Interpretation {
                    money,
                    fee,
                    flipped: false,
                    books_balances: *books_balances,
                    is_plain,
                }));
            }
        }
        let turned: Vec<Interpretation> = interpretations
            .iter()
            .filter(|interpretation| {
                let by_sign = matches!(interpretation.money, MoneyColumns::One { words: None, .. });
                by_sign && self.options.direction != Some(SignRule::Sign)
            })
            .map(|interpretation| Interpretation {
                flipped: true,
                is_plain: false,
                ..*interpretation
            })
            .collect();
        interpretations.extend(turned);
        interpretations
    }

    fn plans(&self) -> Vec<Plan> {
        let mut plans = Vec::new();
        let mapped = self.columns.one(&ColumnRole::Amount);
        let amounts: Vec<usize> = mapped
            .into_iter()
            .chain(self.columns.amounts.iter().copied())
            .collect();
        for amount in &amounts {
            plans.extend(self.one(*amount, true));
        }
        let debit = self.columns.one(&ColumnRole::Debit);
        let credit = self.columns.one(&ColumnRole::Credit);
        match (debit, credit) {
            (Some(_), Some(_)) => {
                let sides = self.sides(debit, credit, true);
                // Beside an amount with signs, a minus in a side says what the side says.
                let most = if amounts.is_empty() { sides.len() } else { 1 };
                plans.extend(sides.into_iter().take(most));
            }
            (None, None) => {}
            _ => {
                plans.extend(self.sides(debit, credit, amounts.is_empty()));
                let known = debit.or(credit).unwrap_or_default();
                for other in self.unclaimed {
                    if self.are_apart(known, *other) {
                        let (debit, credit) = (debit.or(Some(*other)), credit.or(Some(*other)));
                        plans.extend(self.sides(debit, credit, amounts.is_empty()));
                    }
                }
            }
        }
        let is_chosen = MONEY.iter().any(|role| self.columns.is_mapped(role));
        for other in self.unclaimed {
            plans.extend(self.one(*other, !is_chosen));
        }
        plans
    }

    /// One column, with what can decide over its direction.
    fn one(&self, column: usize, is_plain: bool) -> Vec<Plan> {
        let plan = |words, rule, plain| {
            let money = MoneyColumns::One {
                column,
                words,
                rule,
            };
            (money, is_plain && plain)
        };
        let Some(profile) = self.survey.profile(column) else {
            return Vec::new();
        };
        let by_sign = plan(None, SignRule::Sign, true);
        if self.options.direction == Some(SignRule::Sign) {
            return vec![by_sign];
        }
        let sources = self.sources(column);
        if sources.is_empty() {
            let half_known = self.survey.half_known_directions(self.columns);
            return match half_known.filter(|_| profile.negative == 0) {
                // Words that are not known are asked for: balances say nothing about the first row.
                Some(place) => vec![plan(Some(WordSource::Column(place)), SignRule::Word, true)],
                None => vec![by_sign],
            };
        }
        let conflicts = |source| profile.negative > 0 && !self.agrees(column, source);
        // Signs that are written decide if only the cells of another column read like directions.
        let signs_are_enough = |source| {
            let is_found = matches!(source, WordSource::Column(place)
                if Some(place) != self.columns.one(&ColumnRole::Direction));
            profile.negative > 0 && is_found
        };
        let mut plans = Vec::new();
        for source in sources {
            let rules = match self.options.direction {
                Some(rule) => vec![(rule, true)],
                None => vec![
                    (SignRule::Word, !signs_are_enough(source)),
                    (
                        SignRule::Both,
                        conflicts(source) && !signs_are_enough(source),
                    ),
                ],
            };
            for (rule, plain) in rules {
                plans.push(plan(Some(source), rule, plain));
            }
            let sign_is_possible = self.options.direction.is_none()
                && (conflicts(source) || signs_are_enough(source) || self.is_about_cards(source));
            plans.push(plan(None, SignRule::Sign, sign_is_possible));
        }
        plans
    }

    /// What can say the direction of a column's numbers.
    fn sources(&self, column: usize) -> Vec<WordSource> {
        let profile = self.survey.profile(column);
        if let Some(profile) = profile.filter(|profile| profile.marked > 0) {
            if profile.marked >= profile.nonzero {
                return vec![WordSource::Suffix(None)];
            }
            // Only some numbers have a word beside them.
            return match self.options.direction_of("") {
                Some(unmarked) => vec![WordSource::Suffix(Some(unmarked))],
                None => vec![
                    WordSource::Suffix(Some(Direction::Out)),
                    WordSource::Suffix(Some(Direction::In)),
                ],
            };
        }
        if let Some(place) = self.columns.one(&ColumnRole::Direction) {
            return vec![WordSource::Column(place)];
        }
        let found = self.survey.direction_columns(self.columns);
        found.into_iter().map(WordSource::Column).collect()
    }

    /// A column of `Debit` and `Credit` may be about cards.
    fn is_about_cards(&self, source: WordSource) -> bool {
        let WordSource::Column(place) = source else {
            return false;
        };
        let header = self.survey.profile(place).map(|own| own.header.as_str());
        let is_named = |name: &str| name.contains("card") || name.contains("kart");
        !self.columns.is_settled(place) && header.is_some_and(is_named)
    }

    /// True if every number below zero has a word for money out and every other one for money in.
    fn agrees(&self, column: usize, source: WordSource) -> bool {
        (0..)
            .zip(&self.figures.rows)
            .filter(|(_, row)| row.kind == RowKind::Movement)
            .all(|(row, _)| {
                let Some(cell) = self
                    .figures
                    .cell(row, column)
                    .filter(|cell| !cell.number.is_zero())
                else {
                    return true;
                };
                let word = match source {
                    WordSource::Column(place) => self.figures.direction(row, place),
                    WordSource::Suffix(unmarked) => cell.direction.or(unmarked),
                };
                word.is_some_and(|word| (word == Direction::Out) == cell.number.value.is_negative())
            })
    }

    /// Two columns, with what a minus in them can mean.
    fn sides(&self, debit: Option<usize>, credit: Option<usize>, is_plain: bool) -> Vec<Plan> {
        let plan = |out: SignRule, into: SignRule, plain: bool| {
            let money = MoneyColumns::Sides {
                debit: debit.map(|column| (column, out)),
                credit: credit.map(|column| (column, into)),
            };
            (money, is_plain && plain)
        };
        let profile = |column: Option<usize>| self.survey.profile(column?);
        let negative = |column| profile(column).is_some_and(|own| own.negative > 0);
        let all_negative = |column| profile(column).is_some_and(|own| own.negative == own.nonzero);
        match self.options.direction {
            Some(rule) => return vec![plan(rule, rule, true)],
            None if !negative(debit) && !negative(credit) => {
                return vec![plan(SignRule::Word, SignRule::Word, true)];
            }
            None => {}
        }
        let name = debit.and_then(|place| self.table.header.get(place));
        let is_usual = name
            .is_some_and(|name| SIGNED_DEBITS.contains(&name.to_lowercase().as_str()))
            && all_negative(debit)
            && !negative(credit);
        let rules = |column| {
            let turned = negative(column).then_some(SignRule::Both);
            [SignRule::Word].into_iter().chain(turned)
        };
        let mut plans = Vec::new();
        for out in rules(debit) {
            for into in rules(credit) {
                let is_first = plans.is_empty();
                plans.push(plan(out, into, is_first || !is_usual));
            }
        }
        plans
    }

    /// True if no row has money in both columns.
    fn are_apart(&self, one: usize, other: usize) -> bool {
        let has = |row: usize, column: usize| {
            self.figures
                .cell(row, column)
                .is_some_and(|cell| !cell.number.is_zero())
        };
        (0..self.figures.rows.len()).all(|row| !(has(row, one) && has(row, other)))
    }

    /// Without a fee, and with the fee of each column that has one.
    fn fees(&self) -> Vec<Option<(usize, FeeSign)>> {
        let is_mapped = self.columns.is_mapped(&ColumnRole::Fee);
        let mut fees = Vec::new();
        for column in self.columns.all(&ColumnRole::Fee) {
            let Some(profile) = self
                .survey
                .profile(column)
                .filter(|profile| profile.nonzero > 0)
            else {
                continue;
            };
            let has_minus = profile.negative > 0;
            let signs: &[FeeSign] = match self.options.direction {
                Some(SignRule::Sign) => &[FeeSign::Signed],
                Some(_) => &[FeeSign::Cost],
                None if !has_minus => &[FeeSign::Cost],
                None if profile.negative == profile.nonzero => &[FeeSign::Signed],
                None => &[FeeSign::Signed, FeeSign::Cost],
            };
            fees.extend(signs.iter().map(|sign| Some((column, *sign))));
        }
        if !is_mapped || fees.is_empty() {
            fees.insert(0, None);
        }
        fees
    }
}
