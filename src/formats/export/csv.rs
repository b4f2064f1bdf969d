//! CSV (RFC 4180): a row for each account whose balance an event changed, so that the sum of `amount`
//! is the balance.
//!
//! Text that a spreadsheet would run as a formula is escaped. Figures stay plain numbers, negative
//! ones too.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::day::DayFormatter;
use super::exporter::{ContentKind, ExportContext, ExportError, ExportFormat, Exporter};
use super::row::{COLUMNS, currency, links, rows};
use crate::event::{Entry, Key};
use crate::money::{Currency, CurrencyText};
use crate::time::Timestamp;

pub(super) const FORMAT: ExportFormat = ExportFormat {
    name: "csv",
    kind: ContentKind::Text,
    is_by_event: true,
    make: |context| Box::new(Csv::new(context)),
};

struct Csv {
    context: ExportContext,
    day: DayFormatter,
    /// The cells that the rows of an event share: those before its account, and those after the
    /// currency.
    shared: (Vec<u8>, Vec<u8>),
}

impl Csv {
    fn new(context: &ExportContext) -> Csv {
        Csv {
            context: context.clone(),
            day: DayFormatter::new(&context.zone),
            shared: Default::default(),
        }
    }
}

impl Exporter for Csv {
    fn start(&mut self, _: &[String], out: &mut Vec<u8>) -> Result<(), ExportError> {
        for column in COLUMNS {
            cell(out, column);
        }
        end_row(out);
        Ok(())
    }

    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let rows = rows(entry, &self.context.selection);
        if rows.is_empty() {
            return Ok(());
        }
        let default = currency(&entry.event, &self.context);
        let (before, after) = &mut self.shared;
        before.clear();
        cell(before, itoa::Buffer::new().format(entry.seq));
        cell(before, self.day.day(entry));
        let at = entry.at.text();
        let effective = entry.effective.map_or(at, Timestamp::text);
        cell(before, effective.as_str());
        cell(before, at.as_str());
        cell(before, entry.event.kind().as_str());
        after.clear();
        cell(after, &escape_formula(entry.memo().unwrap_or_default()));
        cell(after, &tags(entry));
        let key = entry.key.as_ref().map(Key::as_str);
        cell(after, &escape_formula(key.unwrap_or_default()));
        for link in links(entry) {
            let mut digits = itoa::Buffer::new();
            cell(after, link.map_or("", |seq| digits.format(seq)));
        }
        end_row(after);
        for row in rows {
            let currency = row.currency.or(default).map(Currency::text);
            out.extend_from_slice(before);
            cell(out, &escape_formula(row.account));
            cell(out, &escape_formula(row.other.unwrap_or_default()));
            cell(out, &row.change.to_text(row.scale));
            cell(out, currency.as_ref().map_or("", CurrencyText::as_str));
            out.extend_from_slice(after);
        }
        Ok(())
    }
}

/// Writes a cell and a comma. The `csv` crate takes a third of an export's time for this.
fn cell(out: &mut Vec<u8>, text: &str) {
    let is_special = |byte: u8| matches!(byte, b',' | b'"' | b'\r' | b'\n');
    if text.bytes().any(is_special) {
        out.push(b'"');
        out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
    out.push(b',');
}

/// Ends a row in place of the comma after its last cell.
fn end_row(out: &mut Vec<u8>) {
    out.pop();
    out.extend_from_slice(b"\r\n");
}

/// The tags as one JSON object; empty if there are none.
pub(super) fn tags(entry: &Entry<'_>) -> String {
    if entry.tags().is_empty() {
        return String::new();
    }
    let tags: BTreeMap<&str, &str> = entry.tags().iter().collect();
    // Serializing a map of strings cannot fail.
    serde_json::to_string(&tags).unwrap_or_default()
}

/// True for characters that start a formula in a spreadsheet, or that it skips before one.
fn starts_formula(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
    )
}

/// Where in a cell a program may see the start of something: the cell itself, what follows a semicolon
/// (spreadsheets may split there), and each line (a CI system runs commands from its log).
#[derive(Clone, Copy, PartialEq, Eq)]
enum PartStart {
    Cell,
    Line,
}

/// The offset of every start in a text.
fn part_starts(text: &str) -> impl Iterator<Item = (usize, PartStart)> {
    let bytes = text.as_bytes();
    let further = memchr::memchr3_iter(b';', b'\n', b'\r', bytes).map(|at| {
        let kind = match bytes.get(at) {
            Some(b';') => PartStart::Cell,
            _ => PartStart::Line,
        };
        (at.saturating_add(1), kind)
    });
    std::iter::once((0, PartStart::Cell)).chain(further)
}

/// True if a part would act as a formula or a command, or already looks escaped.
fn needs_apostrophe(part: &str, start: PartStart) -> bool {
    let part = part.trim_start_matches('\'');
    match start {
        PartStart::Cell => part.starts_with(starts_formula),
        PartStart::Line => part.starts_with("::") || part.starts_with("##["),
    }
}

/// The text with an apostrophe before each part that a spreadsheet would take for a formula or a CI
/// system for a command, or that already looks escaped. [`unescape_formula`] reverses it.
pub fn escape_formula(text: &str) -> Cow<'_, str> {
    let mut escaped = String::new();
    let mut copied = 0;
    for (at, start) in part_starts(text) {
        let part = text.get(at..).unwrap_or_default();
        if needs_apostrophe(part, start) {
            escaped.push_str(text.get(copied..at).unwrap_or_default());
            escaped.push('\'');
            copied = at;
        }
    }
    if escaped.is_empty() {
        return Cow::Borrowed(text);
    }
    escaped.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(escaped)
}

/// The text that [`escape_formula`] was given.
pub fn unescape_formula(text: &str) -> Cow<'_, str> {
    let mut raw = String::new();
    let mut copied = 0;
    for (at, start) in part_starts(text) {
        let part = text.get(at..).and_then(|part| part.strip_prefix('\''));
        if part.is_some_and(|part| needs_apostrophe(part, start)) {
            raw.push_str(text.get(copied..at).unwrap_or_default());
            copied = at.saturating_add(1);
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    raw.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(raw)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A row as the `csv` crate writes it.
    fn row_of_the_crate(cells: &[String]) -> Vec<u8> {
        let mut writer = ::csv::WriterBuilder::new()
            .terminator(::csv::Terminator::CRLF)
            .from_writer(Vec::new());
        writer.write_record(cells).unwrap();
        writer.into_inner().unwrap()
    }

    #[test]
    fn only_formulas_get_an_apostrophe() {
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
            ("a;=1", "a;'=1"),
            ("a;b; c", "a;b; c"),
            (";;@x", ";;'@x"),
            ("a\n::error::x", "a\n'::error::x"),
            ("a\r\n##[group]", "a\r\n'##[group]"),
            ("a\n'::x", "a\n''::x"),
            ("a\n=1", "a\n=1"),
            ("", ""),
        ] {
            assert_eq!(escape_formula(raw), written);
            assert_eq!(unescape_formula(written), raw);
        }
    }

    proptest! {
        #[test]
        fn a_row_is_what_the_csv_crate_writes(
            cells in proptest::collection::vec("[a-c,\"'; \r\n\\\\#é]{0,6}", 2..5),
        ) {
            let mut out = Vec::new();
            for text in &cells {
                cell(&mut out, text);
            }
            end_row(&mut out);
            prop_assert_eq!(out, row_of_the_crate(&cells));
        }

        #[test]
        fn every_text_round_trips(text in "['=+@;:#\\[\\-\t\r\na-c＝]{0,8}") {
            let written = escape_formula(&text);
            prop_assert!(!written.starts_with(starts_formula));
            prop_assert_eq!(unescape_formula(&written), text.as_str());
        }
    }
}
