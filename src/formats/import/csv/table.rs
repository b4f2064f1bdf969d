//! Text as rows of fields: where the header is, what parts the fields, and on which line a row lies.
//!
//! Must not know what the columns mean, beyond whether they make a header.

use csv::{ReaderBuilder, StringRecord};

use super::super::options::{Options, Skip};
use super::super::text::on_one_line;
use super::super::{Fault, ImportError, Place};
use super::columns::Columns;
use super::quotes;

/// What may stand between fields where nobody says.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// A row with the line it begins on.
pub(super) struct Record {
    pub(super) line: u64,
    fields: StringRecord,
}

impl Record {
    /// A field without the blanks around it; nothing where the row is short.
    pub(super) fn field(&self, place: usize) -> &str {
        self.fields.get(place).unwrap_or_default().trim()
    }

    /// A field as it is.
    pub(super) fn raw(&self, place: usize) -> &str {
        self.fields.get(place).unwrap_or_default()
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(str::trim)
    }
}

/// A header and the rows below it.
pub(super) struct Table {
    pub(super) header: Vec<String>,
    pub(super) records: Vec<Record>,
    /// The line of the header.
    pub(super) line: u64,
}

impl Table {
    /// Reads a file.
    pub(super) fn read(text: &str, options: &Options) -> Result<Table, ImportError> {
        let (line, rest) = match options.skip {
            Skip::Lines(lines) => behind(text, lines),
            Skip::ToHeader => header_line(text, options).unwrap_or((1, text)),
        };
        let first = rest.lines().next().unwrap_or_default();
        if first.trim().is_empty() && rest.trim().is_empty() {
            return Err(ImportError::on_line(line, Fault::Empty));
        }
        let delimiter = delimiter(first, options)
            .map_err(|fault| ImportError::on_line(line, at_another_line(fault, text, options)))?;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(rest.as_bytes());
        let mut records = reader.records();
        let header: Vec<String> = if options.has_header {
            let header = records.next().and_then(Result::ok);
            header.map_or_else(Vec::new, |header| header.iter().map(on_one_line).collect())
        } else {
            numbered(names(first, delimiter).len())
        };
        let mut table = Table {
            header,
            records: Vec::new(),
            line,
        };
        if let Some(astray) = quotes::astray(rest, delimiter) {
            let place = table.place(line.saturating_add(astray.lines), astray.column);
            return Err(ImportError::at(place, astray.fault));
        }
        let mut lines = Lines {
            text: rest.as_bytes(),
            at: 0,
            line,
        };
        for record in records {
            let fields = record
                .map_err(|error| ImportError::on_line(line, Fault::Json(error.to_string())))?;
            let line = lines.of(&fields);
            // Files that were put one behind the other bring their header along.
            let is_header = options.has_header && fields.iter().map(on_one_line).eq(table.names());
            if !is_header {
                table.add(line, fields)?;
            }
        }
        Ok(table)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.header.iter().map(String::as_str)
    }

    fn add(&mut self, line: u64, fields: StringRecord) -> Result<(), ImportError> {
        if fields.iter().all(|field| field.trim().is_empty()) {
            return Ok(());
        }
        let expected = self.header.len();
        let surplus = fields.iter().skip(expected);
        // Some banks close each row with a delimiter, and only some of them the header too.
        let closes = surplus.clone().all(|field| field.trim().is_empty());
        let header_closes = self.header.last().is_some_and(String::is_empty);
        let is_short = fields.len() < expected
            && !(header_closes && fields.len().checked_add(1) == Some(expected));
        if is_short || !closes {
            return Err(ImportError::on_line(
                line,
                Fault::Fields {
                    found: fields.len(),
                    expected,
                },
            ));
        }
        self.records.push(Record { line, fields });
        Ok(())
    }

    /// The place of a field.
    pub(super) fn place(&self, line: u64, column: usize) -> Place {
        Place {
            line: Some(line),
            column: u64::try_from(column.saturating_add(1)).ok(),
            field: self
                .header
                .get(column)
                .cloned()
                .filter(|name| !name.is_empty()),
        }
    }
}

/// Counts the lines up to a record. The crate's own count lags behind where lines end in CR and LF,
/// and where there are empty ones.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, record: &StringRecord) -> u64 {
        let byte = record.position().map_or(0, csv::Position::byte);
        let start = usize::try_from(byte).unwrap_or(usize::MAX);
        let behind = self.text.get(start..).unwrap_or_default();
        let empty = behind
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let start = start.saturating_add(empty);
        let between = self.text.get(self.at..start).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', between).count();
        self.at = start;
        self.line = self
            .line
            .saturating_add(u64::try_from(lines).unwrap_or(u64::MAX));
        self.line
    }
}

/// The text behind so many lines, and the number of the line it begins with.
fn behind(text: &str, lines: u64) -> (u64, &str) {
    let mut rest = text;
    let mut number = 1_u64;
    while number <= lines {
        let Some((_, behind)) = rest.split_once('\n') else {
            return (number, "");
        };
        rest = behind;
        number = number.saturating_add(1);
    }
    (number, rest)
}

/// The first line that reads like a header, and the text from there.
fn header_line<'t>(text: &'t str, options: &Options) -> Option<(u64, &'t str)> {
    const FURTHEST: u64 = 100;
    let mut rest = text;
    for number in 1..=FURTHEST {
        let first = rest.lines().next()?;
        if !fitting(first, options).is_empty() {
            return Some((number, rest));
        }
        rest = rest.split_once('\n')?.1;
    }
    None
}

/// The delimiters with which a line is a header.
fn fitting(line: &str, options: &Options) -> Vec<u8> {
    let candidates = match &options.delimiter {
        Some(delimiter) => std::slice::from_ref(delimiter),
        None => &DELIMITERS,
    };
    let fits = |delimiter: &&u8| Columns::fit(&header(line, **delimiter, options), &options.map);
    candidates.iter().filter(fits).copied().collect()
}

/// The names of the columns, where this line is the first.
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
        // With one delimiter there is one reason, and it is the better one to tell.
        ([], Some(named)) => match Columns::of(&header(first, named, options), &options.map) {
            Err(fault) => Err(fault),
            Ok(_) => Ok(named),
        },
        ([], None) => {
            let most = DELIMITERS
                .into_iter()
                .max_by_key(|delimiter| names(first, *delimiter).len());
            let parted = most.filter(|delimiter| names(first, *delimiter).len() > 2);
            match parted
                .map(|delimiter| Columns::of(&header(first, delimiter, options), &options.map))
            {
                Some(Err(fault)) => Err(fault),
                _ => Err(Fault::NoHeader {
                    text: shown(first),
                    skip: None,
                    delimiter: None,
                }),
            }
        }
    }
}

/// Where no header was found, but further down there is one: says where.
fn at_another_line(fault: Fault, text: &str, options: &Options) -> Fault {
    let (Fault::NoHeader { text: line, .. }, Some((number, _))) =
        (&fault, header_line(text, options))
    else {
        return match (&fault, header_line(text, options)) {
            (Fault::NoColumn { columns, .. }, Some((number, _))) => Fault::NoHeader {
                text: shown(&columns.join(" ")),
                skip: number.checked_sub(1),
                delimiter: None,
            },
            _ => fault,
        };
    };
    Fault::NoHeader {
        text: line.clone(),
        skip: number.checked_sub(1),
        delimiter: None,
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
