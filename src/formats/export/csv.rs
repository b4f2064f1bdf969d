//! CSV as of RFC 4180: a row for each account whose money an event moved, so that a sum over `amount`
//! is a balance.
//!
//! Owns the cells, and that no text in them is a formula to a spreadsheet. Figures stay plain
//! numbers, those below zero too.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ::csv::{Terminator, Writer, WriterBuilder};

use super::calendar::Calendar;
use super::row::{COLUMNS, currency, rows};
use super::{About, Export, ExportError, Format, Kind};
use crate::event::{Entry, Key};
use crate::money::{Currency, CurrencyText};

const NAME: &str = "csv";
pub(super) const FORMAT: Format = Format {
    name: NAME,
    kind: Kind::Text,
    tells_the_first_line: false,
    make: |about| Box::new(Csv::new(about)),
};

/// Rows wait until there are so many bytes of them.
const BLOCK: usize = 64 * 1024;

struct Csv {
    about: About,
    calendar: Calendar,
    rows: Writer<Vec<u8>>,
}

fn writer() -> Writer<Vec<u8>> {
    WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new())
}

fn failed(reason: &impl ToString) -> ExportError {
    ExportError::Library {
        format: NAME,
        reason: reason.to_string(),
    }
}

impl Csv {
    fn new(about: &About) -> Csv {
        Csv {
            about: about.clone(),
            calendar: Calendar::new(&about.zone),
            rows: writer(),
        }
    }

    fn hand_over(&mut self, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let full = std::mem::replace(&mut self.rows, writer());
        out.append(&mut full.into_inner().map_err(|error| failed(&error))?);
        Ok(())
    }
}

impl Export for Csv {
    fn head(&mut self, _: &[String], _: &mut Vec<u8>) -> Result<(), ExportError> {
        self.rows
            .write_record(COLUMNS)
            .map_err(|error| failed(&error))
    }

    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let (took_effect, at) = (entry.took_effect().text(), entry.at.text());
        let date = self.calendar.day(entry);
        let currency = currency(&entry.event, &self.about).map(Currency::text);
        let currency = currency
            .as_ref()
            .map(CurrencyText::as_str)
            .unwrap_or_default();
        let memo = defused(entry.memo().unwrap_or_default());
        let tags = tags(entry);
        let key = defused(entry.key.as_ref().map(Key::as_str).unwrap_or_default());
        let seq = entry.seq.to_string();
        let reverses = entry.reverses().map(|seq| seq.to_string());
        for row in rows(entry, &self.about.selection) {
            let amount = row.change.to_text(row.scale);
            let cells: [&str; COLUMNS.len()] = [
                &seq,
                date,
                took_effect.as_str(),
                at.as_str(),
                entry.event.kind().as_str(),
                &defused(row.account),
                &defused(row.other.unwrap_or_default()),
                &amount,
                currency,
                &memo,
                &tags,
                &key,
                reverses.as_deref().unwrap_or_default(),
            ];
            self.rows
                .write_record(cells)
                .map_err(|error| failed(&error))?;
        }
        if self.rows.get_ref().len() >= BLOCK {
            self.hand_over(out)?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), ExportError> {
        self.hand_over(out)
    }
}

/// The tags as one JSON object, or nothing.
pub(super) fn tags(entry: &Entry<'_>) -> String {
    let tags: BTreeMap<&str, &str> = entry.tags().iter().collect();
    if tags.is_empty() {
        return String::new();
    }
    // Text keys and text values: nothing in them can fail.
    serde_json::to_string(&tags).unwrap_or_default()
}

/// What a spreadsheet takes for the beginning of a formula, or drops ahead of one.
fn begins_a_formula(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
    )
}

fn is_to_be_marked(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(begins_a_formula)
}

/// A text that is no formula to a spreadsheet: an apostrophe stands ahead of what would be one, and
/// ahead of what already reads so. [`restored`] takes it away again.
pub fn defused(text: &str) -> Cow<'_, str> {
    if is_to_be_marked(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that was written by [`defused`].
pub fn restored(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_to_be_marked(rest) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_formula_gets_an_apostrophe_and_every_other_text_none() {
        for (raw, written) in [
            ("=1+1", "'=1+1"),
            ("+43 1 234", "'+43 1 234"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r\n", "'\r\n"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("lunch", "lunch"),
            ("'quoted'", "'quoted'"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(defused(raw), written);
            assert_eq!(restored(written), raw);
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back_from_its_cell(text in "['=+@\\-\t\r\na-c＝]{0,6}") {
            let written = defused(&text);
            prop_assert!(!written.starts_with(begins_a_formula));
            prop_assert_eq!(restored(&written), text.as_str());
        }
    }
}
