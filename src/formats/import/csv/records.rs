//! Text as rows of fields: quotes, delimiters and line ends.
//!
//! Reads piece by piece. A quote that is not closed where it should be is an error: a reader that
//! goes on would take the rows after it for text.

use super::super::text::TextReader;
use super::super::{Fault, FilePlace, ImportError};

/// A row with the line it begins on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CsvRecord {
    pub(super) line: u64,
    text: String,
    /// Where each field ends.
    ends: Vec<usize>,
}

impl CsvRecord {
    /// A field without the blanks around it; empty if the row is shorter.
    pub(super) fn field(&self, place: usize) -> &str {
        self.raw(place).trim()
    }

    /// A field as written.
    pub(super) fn raw(&self, place: usize) -> &str {
        let start = match place.checked_sub(1) {
            None => 0,
            Some(before) => self.ends.get(before).copied().unwrap_or(self.text.len()),
        };
        let end = self.ends.get(place).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Start,
    Plain,
    Quoted,
    /// After a quote that closes the field or is the first of two that mean one.
    Closed,
    /// After that quote and some blanks.
    After,
}

/// The rows of a text.
pub(super) struct Records<'i> {
    text: TextReader<'i>,
    delimiter: u8,
    line: u64,
}

impl<'i> Records<'i> {
    /// Rows of a text that begins with this line.
    pub(super) fn new(text: TextReader<'i>, delimiter: u8, line: u64) -> Records<'i> {
        Records {
            text,
            delimiter,
            line,
        }
    }

    /// The next row that has a field; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<CsvRecord>, ImportError> {
        let mut bytes = Vec::new();
        let mut ends = Vec::new();
        let mut state = Quoting::Start;
        let (mut start, mut opened) = (self.line, (self.line, 0_usize));
        loop {
            let piece = self.text.fill()?;
            if piece.is_empty() {
                if state == Quoting::Quoted {
                    return Err(misquoted(opened, Fault::QuoteOpen));
                }
                let is_over = state == Quoting::Start && ends.is_empty();
                return Ok((!is_over).then(|| record(start, bytes, ends)));
            }
            let mut used = 0_usize;
            let mut is_done = false;
            let mut stray = false;
            for byte in piece {
                used = used.saturating_add(1);
                if *byte == b'\n' {
                    self.line = self.line.saturating_add(1);
                }
                let ends_row = matches!(byte, b'\r' | b'\n');
                state = match (state, *byte) {
                    (Quoting::Start, b'"') => {
                        opened = (self.line, ends.len());
                        Quoting::Quoted
                    }
                    (Quoting::Quoted, b'"') => Quoting::Closed,
                    (Quoting::Closed, b'"') | (Quoting::Quoted, _) => {
                        bytes.push(*byte);
                        Quoting::Quoted
                    }
                    (Quoting::Start, _) if ends_row && ends.is_empty() => {
                        start = self.line;
                        Quoting::Start
                    }
                    (_, byte) if byte == self.delimiter => {
                        ends.push(bytes.len());
                        Quoting::Start
                    }
                    _ if ends_row => {
                        is_done = true;
                        break;
                    }
                    (Quoting::Closed | Quoting::After, b' ' | b'\t') => Quoting::After,
                    (Quoting::Closed | Quoting::After, _) => {
                        stray = true;
                        used = used.saturating_sub(1);
                        break;
                    }
                    (Quoting::Start | Quoting::Plain, byte) => {
                        bytes.push(byte);
                        Quoting::Plain
                    }
                };
            }
            self.text.consume(used);
            if stray {
                return Err(self.stray(opened)?);
            }
            if is_done {
                return Ok(Some(record(start, bytes, ends)));
            }
        }
    }

    /// The error of what follows a closing quote.
    fn stray(&mut self, opened: (u64, usize)) -> Result<ImportError, ImportError> {
        const SHOWN: usize = 20;
        let mut after = Vec::new();
        'text: loop {
            let piece = self.text.fill()?.to_vec();
            if piece.is_empty() {
                break;
            }
            for byte in &piece {
                let ends = matches!(byte, b'\r' | b'\n') || *byte == self.delimiter;
                if ends || after.len() > SHOWN.saturating_mul(4) {
                    break 'text;
                }
                after.push(*byte);
            }
            self.text.consume(piece.len());
        }
        let after = String::from_utf8_lossy(&after)
            .chars()
            .take(SHOWN)
            .collect();
        Ok(misquoted(opened, Fault::QuoteAstray(after)))
    }
}

fn misquoted((line, column): (u64, usize), fault: Fault) -> ImportError {
    fault.at(FilePlace::in_column(line, column.saturating_add(1)))
}

fn record(line: u64, bytes: Vec<u8>, mut ends: Vec<usize>) -> CsvRecord {
    ends.push(bytes.len());
    CsvRecord {
        line,
        // It is UTF-8: it was decoded, and it is split at ASCII characters only.
        text: String::from_utf8(bytes).unwrap_or_default(),
        ends,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, delimiter: u8) -> Result<Vec<(u64, Vec<String>)>, ImportError> {
        let mut input = Cursor::new(text.as_bytes().to_vec());
        let text = TextReader::new(&mut input, None)?;
        let mut records = Records::new(text, delimiter, 1);
        let mut found = Vec::new();
        while let Some(record) = records.next()? {
            let fields = (0..record.len()).map(|place| record.raw(place).to_owned());
            found.push((record.line, fields.collect()));
        }
        Ok(found)
    }

    #[test]
    fn rows_have_the_line_they_begin_on_whatever_lines_end_in() {
        for end in ["\n", "\r\n"] {
            let text = "a,b\n\n\n\"c\nd\",\"e\"\"f\"\nlast,".replace('\n', end);
            let inner = format!("c{end}d");
            assert_eq!(
                read(&text, b',').unwrap(),
                [
                    (1, vec!["a".to_owned(), "b".to_owned()]),
                    (4, vec![inner, "e\"f".to_owned()]),
                    (6, vec!["last".to_owned(), String::new()]),
                ]
            );
        }
        assert_eq!(read("a\rb\r", b',').unwrap().len(), 2);
    }

    #[test]
    fn quotes_that_do_not_pair_are_refused_where_they_open() {
        let wrong = |text: &str| {
            let error = read(text, b',').unwrap_err();
            (error.place.line, error.place.column, *error.fault)
        };
        assert_eq!(
            wrong("a,b\nc,\"d\ne,f\n"),
            (Some(2), Some(2), Fault::QuoteOpen)
        );
        assert_eq!(wrong("\""), (Some(1), Some(1), Fault::QuoteOpen));
        // The row below is closed by the quote that opens there.
        assert_eq!(
            wrong("a,\"b\nc,\"d\"\n"),
            (Some(1), Some(2), Fault::QuoteAstray("d\"".to_owned()))
        );
        assert!(read("\"a\" ,b\n", b',').is_ok());
    }

    proptest! {
        #[test]
        fn what_is_written_with_quotes_is_read_as_it_was(rows in proptest::collection::vec(
            proptest::collection::vec("[a\", \n\r;]{0,6}", 2), 0..6,
        )) {
            let mut writer = ::csv::Writer::from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let found: Vec<Vec<String>> = read(&text, b',').unwrap().into_iter().map(|(_, fields)| fields).collect();
            prop_assert_eq!(found, rows);
        }
    }
}
