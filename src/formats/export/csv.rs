//! CSV (RFC 4180): a row for each account whose balance an event changed, so that the sum of `amount`
//! is the balance.
//!
//! Text that a spreadsheet would run as a formula is escaped. Figures stay plain numbers, negative
//! ones too.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ::csv::{Terminator, Writer, WriterBuilder};

use super::day::DayFormatter;
use super::exporter::{ContentKind, ExportContext, ExportError, ExportFormat, Exporter};
use super::row::{COLUMNS, currency, links, rows};
use crate::event::{Entry, Key};
use crate::money::{Currency, CurrencyText};

const NAME: &str = "csv";
pub(super) const FORMAT: ExportFormat = ExportFormat {
    name: NAME,
    kind: ContentKind::Text,
    has_ledger_line: false,
    make: |context| Box::new(Csv::new(context)),
};

/// Bytes of rows to collect before they are passed on.
const BLOCK: usize = 64 * 1024;

struct Csv {
    context: ExportContext,
    day: DayFormatter,
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
    fn new(context: &ExportContext) -> Csv {
        Csv {
            context: context.clone(),
            day: DayFormatter::new(&context.zone),
            rows: writer(),
        }
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let full = std::mem::replace(&mut self.rows, writer());
        out.append(&mut full.into_inner().map_err(|error| failed(&error))?);
        Ok(())
    }
}

impl Exporter for Csv {
    fn start(&mut self, _: &[String], _: &mut Vec<u8>) -> Result<(), ExportError> {
        self.rows
            .write_record(COLUMNS)
            .map_err(|error| failed(&error))
    }

    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let (took_effect, at) = (entry.took_effect().text(), entry.at.text());
        let date = self.day.day(entry);
        let default = currency(&entry.event, &self.context);
        let memo = escape_formula(entry.memo().unwrap_or_default());
        let tags = tags(entry);
        let key = escape_formula(entry.key.as_ref().map(Key::as_str).unwrap_or_default());
        let seq = entry.seq.to_string();
        let links = links(entry).map(|seq| seq.map_or_else(String::new, |seq| seq.to_string()));
        let [reverses, captures, corrects, refunds] = &links;
        for row in rows(entry, &self.context.selection) {
            let amount = row.change.to_text(row.scale);
            let currency = row.currency.or(default).map(Currency::text);
            let currency = currency
                .as_ref()
                .map(CurrencyText::as_str)
                .unwrap_or_default();
            let cells: [&str; COLUMNS.len()] = [
                &seq,
                date,
                took_effect.as_str(),
                at.as_str(),
                entry.event.kind().as_str(),
                &escape_formula(row.account),
                &escape_formula(row.other.unwrap_or_default()),
                &amount,
                currency,
                &memo,
                &tags,
                &key,
                reverses,
                captures,
                corrects,
                refunds,
            ];
            self.rows
                .write_record(cells)
                .map_err(|error| failed(&error))?;
        }
        if self.rows.get_ref().len() >= BLOCK {
            self.flush(out)?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), ExportError> {
        self.flush(out)
    }
}

/// The tags as one JSON object; empty if there are none.
pub(super) fn tags(entry: &Entry<'_>) -> String {
    let tags: BTreeMap<&str, &str> = entry.tags().iter().collect();
    if tags.is_empty() {
        return String::new();
    }
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
    let further = text.char_indices().filter_map(|(at, c)| {
        let kind = match c {
            ';' => PartStart::Cell,
            '\n' | '\r' => PartStart::Line,
            _ => return None,
        };
        Some((at.saturating_add(c.len_utf8()), kind))
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
        fn every_text_round_trips(text in "['=+@;:#\\[\\-\t\r\na-c＝]{0,8}") {
            let written = escape_formula(&text);
            prop_assert!(!written.starts_with(starts_formula));
            prop_assert_eq!(unescape_formula(&written), text.as_str());
        }
    }
}
