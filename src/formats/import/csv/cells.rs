//! The numbers of all rows, read once: what interpretations are tried on.
//!
//! A row takes little room here; its texts are read in a later pass.

use hashbrown::HashMap;

use jiff::civil::Date;

use super::super::days::DateReader;
use super::super::figures::{self, DecimalMark, Number};
use super::super::options::Options;
use super::super::text::ReadSeek;
use super::super::words::Direction;
use super::super::{Fault, ImportError};
use super::columns::{ColumnRole, ColumnRoles};
use super::records::CsvRecord;
use super::rows::{RowKind, RowSorter};
use super::table::CsvTable;

/// A number in a row, with the direction that stands beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) number: Number,
    pub(super) direction: Option<Direction>,
}

impl Cell {
    /// The number of a balance: `DR` beside it means below zero.
    pub(super) fn balance(self) -> Number {
        let is_negative = self.number.value.is_negative();
        let turns = match self.direction {
            Some(Direction::Out) => !is_negative,
            Some(Direction::In) => is_negative,
            None => false,
        };
        self.number.turned(turns)
    }
}

/// A row without its texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowFigures {
    pub(super) line: u64,
    pub(super) kind: RowKind,
    pub(super) date: Option<Date>,
    /// Rows of one account and one currency have one group.
    pub(super) group: u32,
}

/// The rows of a file without their texts.
#[derive(Default)]
pub(super) struct FileFigures {
    money: Vec<usize>,
    pub(super) words: Vec<usize>,
    pub(super) rows: Vec<RowFigures>,
    cells: Vec<Option<Cell>>,
    directions: Vec<Option<Direction>>,
    pub(super) groups: u32,
    /// The first cell of each column that is no number.
    pub(super) wrong: HashMap<usize, ImportError>,
    /// The question about the first row that can be a balance or a movement.
    pub(super) open_balance: Option<ImportError>,
    /// The first word of each direction column that is not known.
    pub(super) unknown: HashMap<usize, ImportError>,
}

/// What the cells are read with.
pub(super) struct CellReader<'a> {
    pub(super) table: &'a CsvTable,
    pub(super) columns: &'a ColumnRoles,
    pub(super) sorter: &'a RowSorter,
    pub(super) options: &'a Options,
    pub(super) dates: &'a DateReader,
    /// The columns of numbers with their decimal marks.
    pub(super) money: Vec<(usize, DecimalMark)>,
    /// The columns of directions.
    pub(super) words: Vec<usize>,
}

impl CellReader<'_> {
    /// Reads all rows.
    pub(super) fn read(&self, input: &mut dyn ReadSeek) -> Result<FileFigures, ImportError> {
        let mut found = FileFigures {
            money: self.money.iter().map(|(place, _)| *place).collect(),
            words: self.words.clone(),
            ..FileFigures::default()
        };
        let date = self.columns.one(&ColumnRole::Date).unwrap_or_default();
        let mut groups: HashMap<String, u32> = HashMap::new();
        let mut rows = self.table.rows(input, self.options)?;
        while let Some(record) = rows.next()? {
            let kind = self.sorter.kind(&record);
            let day = self.dates.read(record.field(date));
            let day = match (kind, day) {
                (RowKind::Movement, Err(fault)) => {
                    return Err(self.table.error(&record, date, fault));
                }
                (_, day) => day.ok().map(|day| day.date),
            };
            if let RowKind::Balance {
                column,
                certain: false,
                ..
            } = kind
                && found.open_balance.is_none()
            {
                let fault = Fault::BalanceRow {
                    text: record.field(column).to_owned(),
                    column: self.table.name(column),
                };
                found.open_balance = Some(self.table.error(&record, column, fault));
            }
            let group = self.group(&record, &mut groups);
            found.rows.push(RowFigures {
                line: record.line,
                kind,
                date: day,
                group,
            });
            for (place, mark) in &self.money {
                let cell = self.cell(&record, *place, *mark);
                let cell = match (cell, kind) {
                    (Err(error), RowKind::Movement) => {
                        found.wrong.entry(*place).or_insert(error);
                        None
                    }
                    (cell, _) => cell.ok().flatten(),
                };
                found.cells.push(cell);
            }
            for place in &self.words {
                let word = record.field(*place);
                let direction = self.options.direction_of(word);
                if direction.is_none() && kind == RowKind::Movement {
                    let fault = Fault::Direction {
                        word: word.to_owned(),
                        column: self.table.name(*place),
                    };
                    let error = self.table.error(&record, *place, fault);
                    found.unknown.entry(*place).or_insert(error);
                }
                found.directions.push(direction);
            }
        }
        found.groups = u32::try_from(groups.len()).unwrap_or(u32::MAX);
        Ok(found)
    }

    fn group(&self, record: &CsvRecord, groups: &mut HashMap<String, u32>) -> u32 {
        let roles = [ColumnRole::Account, ColumnRole::Currency];
        let places = roles.iter().filter_map(|role| self.columns.one(role));
        let mut name = String::new();
        for place in places {
            name.push_str(record.field(place));
            name.push('\n');
        }
        let next = u32::try_from(groups.len()).unwrap_or(u32::MAX);
        *groups.entry(name).or_insert(next)
    }

    fn cell(
        &self,
        record: &CsvRecord,
        place: usize,
        mark: DecimalMark,
    ) -> Result<Option<Cell>, ImportError> {
        let text = record.field(place);
        if text.is_empty() {
            return Ok(None);
        }
        let written = figures::take_apart(text).ok_or_else(|| {
            let fault = Fault::NotANumber {
                text: text.to_owned(),
                mark: None,
            };
            self.table.error(record, place, fault)
        })?;
        let number = figures::signed(written, mark)
            .map_err(|fault| self.table.error(record, place, fault))?;
        Ok(Some(Cell {
            number,
            direction: written.direction,
        }))
    }
}

impl FileFigures {
    /// The number in a column of a row.
    pub(super) fn cell(&self, row: usize, column: usize) -> Option<Cell> {
        let at = self.money.iter().position(|own| *own == column)?;
        let first = row.checked_mul(self.money.len())?;
        self.cells.get(first.checked_add(at)?).copied().flatten()
    }

    /// The direction in a column of a row.
    pub(super) fn direction(&self, row: usize, column: usize) -> Option<Direction> {
        let at = self.words.iter().position(|own| *own == column)?;
        let first = row.checked_mul(self.words.len())?;
        self.directions
            .get(first.checked_add(at)?)
            .copied()
            .flatten()
    }
}
