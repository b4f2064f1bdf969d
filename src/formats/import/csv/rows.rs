//! What kind of row a row is: a movement, a balance, a note, or one that the user leaves out.

use super::super::ImportError;
use super::super::days::{self, DateReader};
use super::super::options::{Options, Pair};
use super::super::words::{BalanceWord, balance_word};
use super::columns::{self, ColumnRole, ColumnRoles};
use super::records::CsvRecord;

/// The kind of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    Movement,
    /// A balance or a total.
    Balance {
        word: BalanceWord,
        /// The column whose text says so.
        column: usize,
        /// False if the row has a date and an amount too, and so could be a movement.
        certain: bool,
    },
    /// Neither a date nor an amount.
    Note,
    /// Left out by the user.
    LeftOut,
}

/// Values in a column.
struct Condition {
    column: usize,
    values: Vec<String>,
}

/// Tells the rows of a table apart.
pub(super) struct RowSorter {
    only: Vec<Condition>,
    left_out: Vec<Condition>,
    movements: Vec<Condition>,
    date: usize,
    format: Option<DateReader>,
    money: Vec<usize>,
}

impl RowSorter {
    /// For rows below a header, which is on this line.
    pub(super) fn new(
        header: &[String],
        line: u64,
        columns: &ColumnRoles,
        options: &Options,
    ) -> Result<RowSorter, ImportError> {
        let conditions = |pairs: &[Pair]| conditions(header, line, pairs);
        Ok(RowSorter {
            only: conditions(&options.only)?,
            left_out: conditions(&options.left_out)?,
            movements: conditions(&options.movements)?,
            date: columns.one(&ColumnRole::Date).unwrap_or_default(),
            format: options.date_format.clone().map(DateReader::Format),
            money: columns.money(),
        })
    }

    /// True if the user has chosen rows by this column.
    pub(super) fn is_settled(&self, column: usize) -> bool {
        let mut all = self.only.iter().chain(&self.left_out);
        all.any(|condition| condition.column == column)
    }

    pub(super) fn has_date(&self, record: &CsvRecord) -> bool {
        let cell = record.field(self.date);
        match &self.format {
            Some(reader) => reader.read(cell).is_ok(),
            None => days::is_like_one(cell),
        }
    }

    pub(super) fn has_amount(&self, record: &CsvRecord) -> bool {
        self.money
            .iter()
            .any(|place| !record.field(*place).is_empty())
    }

    pub(super) fn kind(&self, record: &CsvRecord) -> RowKind {
        let matches = |condition: &Condition| {
            condition
                .values
                .iter()
                .any(|value| value == record.field(condition.column))
        };
        if !self.only.iter().all(matches) || self.left_out.iter().any(matches) {
            return RowKind::LeftOut;
        }
        if self.movements.iter().any(matches) {
            return RowKind::Movement;
        }
        let (has_date, has_amount) = (self.has_date(record), self.has_amount(record));
        let word = (0..record.len())
            .filter(|place| !self.money.contains(place))
            .find_map(|place| Some((balance_word(record.field(place))?, place)));
        match (word, has_date, has_amount) {
            (Some((word, column)), ..) => RowKind::Balance {
                word,
                column,
                certain: !(has_date && has_amount),
            },
            (None, false, false) => RowKind::Note,
            (None, ..) => RowKind::Movement,
        }
    }
}

fn conditions(header: &[String], line: u64, pairs: &[Pair]) -> Result<Vec<Condition>, ImportError> {
    let mut found: Vec<Condition> = Vec::new();
    for Pair { left, right } in pairs {
        let column = columns::place(header, left).map_err(|fault| fault.on_line(line))?;
        match found.iter_mut().find(|own| own.column == column) {
            Some(condition) => condition.values.push(right.clone()),
            None => found.push(Condition {
                column,
                values: vec![right.clone()],
            }),
        }
    }
    Ok(found)
}
