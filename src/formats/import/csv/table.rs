//! A file as a header and rows: where the header is, and the delimiter of the fields.
//!
//! Rows are read in passes and not kept. Knows of the columns only whether they make a header.

use csv::ReaderBuilder;

use super::super::options::{Footer, Options, Skip};
use super::super::text::{ReadSeek, TextReader, on_one_line};
use super::super::{Fault, FilePlace, ImportError, days, figures};
use super::columns::{self, ColumnRoles};
use super::records::{CsvRecord, Records};
use super::rows::RowSorter;

/// Delimiters that are tried if the user names none.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];
/// How far a header is looked for.
const FURTHEST: usize = 100;

/// A header and how to read the rows below it.
#[derive(Clone, Debug, Default)]
pub(super) struct CsvTable {
    pub(super) header: Vec<String>,
    /// The line of the header, or of the first row if there is none.
    pub(super) line: u64,
    delimiter: u8,
    has_header: bool,
    /// The last line that can be a row.
    last_line: Option<u64>,
}

impl CsvTable {
    /// Finds the header of a file.
    pub(super) fn find(
        input: &mut dyn ReadSeek,
        options: &Options,
    ) -> Result<CsvTable, ImportError> {
        let lines = first_lines(input, options)?;
        if lines.iter().all(|line| line.trim().is_empty()) {
            return Err(Fault::Empty.whole());
        }
        let skipped = match options.skip {
            Skip::Lines(lines) => usize::try_from(lines).unwrap_or(usize::MAX),
            Skip::ToHeader => header_line(&lines, options).unwrap_or_default(),
        };
        let line = u64::try_from(skipped).unwrap_or(u64::MAX).saturating_add(1);
        let Some(first) = lines.get(skipped) else {
            return Err(Fault::Empty.on_line(line));
        };
        let delimiter = delimiter(first, options)
            .map_err(|fault| at_another_line(fault, &lines, options).on_line(line))?;
        let mut table = CsvTable {
            header: Vec::new(),
            line,
            delimiter,
            has_header: options.has_header,
            last_line: None,
        };
        table.header = if options.has_header {
            // A header's cell may take several lines.
            let mut records = table.records(input, options)?;
            let header = records.next()?.unwrap_or_default();
            (0..header.len())
                .map(|place| on_one_line(header.raw(place)))
                .collect()
        } else {
            numbered(names(first, delimiter).len())
        };
        if let Footer::Lines(lines @ 1..) = options.footer {
            let mut text = TextReader::new(input, options.encoding)?;
            let mut count = 0_u64;
            while text.line()?.is_some() {
                count = count.saturating_add(1);
            }
            table.last_line = Some(count.saturating_sub(lines));
        }
        Ok(table)
    }

    /// Ends the rows after the last one with a date and an amount.
    pub(super) fn end_after_last_row(
        &mut self,
        input: &mut dyn ReadSeek,
        sorter: &RowSorter,
        options: &Options,
    ) -> Result<(), ImportError> {
        let mut last = self.line;
        let mut rows = self.rows(input, options)?;
        while let Some(record) = rows.next()? {
            if sorter.has_date(&record) && sorter.has_amount(&record) {
                last = record.line;
            }
        }
        self.last_line = Some(last);
        Ok(())
    }

    /// A pass over the rows, from the first one.
    pub(super) fn rows<'i>(
        &self,
        input: &'i mut dyn ReadSeek,
        options: &Options,
    ) -> Result<Rows<'i, '_>, ImportError> {
        let mut records = self.records(input, options)?;
        if self.has_header {
            records.next()?;
        }
        Ok(Rows {
            table: self,
            records,
        })
    }

    fn records<'i>(
        &self,
        input: &'i mut dyn ReadSeek,
        options: &Options,
    ) -> Result<Records<'i>, ImportError> {
        let mut text = TextReader::new(input, options.encoding)?;
        for _ in 1..self.line {
            text.line()?;
        }
        Ok(Records::new(text, self.delimiter, self.line))
    }

    /// A column as the user names it in a mapping.
    pub(super) fn name(&self, column: usize) -> String {
        columns::name(&self.header, column)
    }

    /// The place of a field.
    pub(super) fn place(&self, line: u64, column: usize) -> FilePlace {
        let name = self.header.get(column).cloned();
        FilePlace {
            field: name.filter(|name| !name.is_empty()),
            ..FilePlace::in_column(line, column.saturating_add(1))
        }
    }

    /// The error of a field.
    pub(super) fn error(&self, record: &CsvRecord, column: usize, fault: Fault) -> ImportError {
        fault.at(self.place(record.line, column))
    }

    /// Refuses a row that has not as many fields as the header.
    pub(super) fn check_width(&self, record: &CsvRecord) -> Result<(), ImportError> {
        let (found, expected) = (record.len(), self.header.len());
        // Some banks end each row with a delimiter, and only some of them the header too.
        let mut surplus = (expected..found).map(|place| record.field(place));
        let header_ends = self.header.last().is_some_and(String::is_empty);
        let is_short = found < expected && !(header_ends && found.checked_add(1) == Some(expected));
        if is_short || !surplus.all(str::is_empty) {
            let fault = Fault::Fields { found, expected };
            return Err(fault.on_line(record.line));
        }
        Ok(())
    }
}

/// A pass over the rows of a table.
pub(super) struct Rows<'i, 't> {
    table: &'t CsvTable,
    records: Records<'i>,
}

impl Rows<'_, '_> {
    /// The next row that holds anything and does not repeat the header.
    pub(super) fn next(&mut self) -> Result<Option<CsvRecord>, ImportError> {
        while let Some(record) = self.records.next().map_err(|error| self.named(error))? {
            if self.table.last_line.is_some_and(|last| record.line > last) {
                return Ok(None);
            }
            // Files that were joined bring their header along.
            let is_header = self.table.has_header
                && record.len() == self.table.header.len()
                && self
                    .table
                    .header
                    .iter()
                    .enumerate()
                    .all(|(place, name)| *name == on_one_line(record.raw(place)));
            if !is_header && !record.is_blank() {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// An error of quotes with the name of its column.
    fn named(&self, mut error: ImportError) -> ImportError {
        if matches!(*error.fault, Fault::QuoteOpen | Fault::QuoteAstray(_)) {
            let column = error
                .place
                .column
                .and_then(|column| usize::try_from(column).ok());
            let place = column
                .and_then(|column| column.checked_sub(1))
                .unwrap_or_default();
            error.place = self.table.place(error.place.line.unwrap_or(1), place);
        }
        error
    }
}

fn first_lines(input: &mut dyn ReadSeek, options: &Options) -> Result<Vec<String>, ImportError> {
    let most = match options.skip {
        Skip::Lines(lines) => usize::try_from(lines)
            .unwrap_or(usize::MAX)
            .saturating_add(FURTHEST),
        Skip::ToHeader => FURTHEST,
    };
    let mut text = TextReader::new(input, options.encoding)?;
    let mut lines = Vec::new();
    while lines.len() < most {
        match text.line()? {
            Some(line) => lines.push(line),
            None => break,
        }
    }
    Ok(lines)
}

/// How many lines are before the first one that reads like a header.
fn header_line(lines: &[String], options: &Options) -> Option<usize> {
    lines
        .iter()
        .position(|line| !fitting(line, options).is_empty())
}

/// The delimiters with which a line is a header.
fn fitting(line: &str, options: &Options) -> Vec<u8> {
    let candidates = match &options.delimiter {
        Some(delimiter) => std::slice::from_ref(delimiter),
        None => &DELIMITERS,
    };
    let fits =
        |delimiter: &&u8| ColumnRoles::fit(&header(line, **delimiter, options), &options.map);
    candidates.iter().filter(fits).copied().collect()
}

/// The names of the columns if this line is the first.
fn header(line: &str, delimiter: u8, options: &Options) -> Vec<String> {
    let names = names(line, delimiter);
    if options.has_header {
        names
    } else {
        numbered(names.len())
    }
}

/// Names for columns that have none.
fn numbered(columns: usize) -> Vec<String> {
    (1..=columns).map(|number| format!("#{number}")).collect()
}

fn names(line: &str, delimiter: u8) -> Vec<String> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(line.as_bytes());
    let record = reader.records().next().and_then(Result::ok);
    record.map_or_else(Vec::new, |record| record.iter().map(on_one_line).collect())
}

/// The one delimiter with which the first line is a header.
fn delimiter(first: &str, options: &Options) -> Result<u8, Fault> {
    let fitting = fitting(first, options);
    match (fitting.as_slice(), options.delimiter) {
        ([one], _) => Ok(*one),
        ([one, other, ..], _) => Err(Fault::Delimiter {
            text: shown(first),
            one: char::from(*one),
            other: char::from(*other),
        }),
        ([], named) => {
            let most = DELIMITERS
                .into_iter()
                .max_by_key(|delimiter| names(first, *delimiter).len());
            let split = most.filter(|delimiter| names(first, *delimiter).len() > 2);
            let read = named.or(split).map(|delimiter| {
                let columns = ColumnRoles::of(&header(first, delimiter, options), &options.map);
                (delimiter, columns)
            });
            match (read, named) {
                // With one delimiter there is one reason, and it says more.
                (Some((delimiter, Err(fault))), _) => Err(as_row(fault, first, delimiter)),
                (_, Some(named)) => Ok(named),
                (_, None) => Err(Fault::NoHeader {
                    text: shown(first),
                    skip: None,
                }),
            }
        }
    }
}

/// The fault of a first line that is a row: the columns in it that read like a date and an amount.
fn as_row(fault: Fault, first: &str, delimiter: u8) -> Fault {
    let cells = names(first, delimiter);
    let date = cells.iter().position(|cell| days::is_like_one(cell));
    let is_money = |cell: &String| !days::is_like_one(cell) && figures::take_apart(cell).is_some();
    match (date, cells.iter().rposition(is_money)) {
        (Some(date), Some(amount)) if matches!(fault, Fault::NoColumn { .. }) => {
            Fault::RowForHeader {
                text: cells.get(date).cloned().unwrap_or_default(),
                columns: Some((date.saturating_add(1), amount.saturating_add(1))),
            }
        }
        _ => fault,
    }
}

/// The fault of a line that is no header, with the line of a later one that is.
fn at_another_line(fault: Fault, lines: &[String], options: &Options) -> Fault {
    let text = match &fault {
        Fault::NoHeader { text, .. } => text.clone(),
        Fault::NoColumn { columns, .. } => shown(&columns.join(" ")),
        _ => return fault,
    };
    match header_line(lines, options) {
        Some(skip) => Fault::NoHeader {
            text,
            skip: u64::try_from(skip).ok(),
        },
        None => fault,
    }
}

fn shown(line: &str) -> String {
    const MOST: usize = 60;
    let line = on_one_line(line);
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
