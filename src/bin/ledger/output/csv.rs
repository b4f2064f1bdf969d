//! Tables as CSV (RFC 4180): a header in snake case, plain figures, and no text that a spreadsheet would
//! run as a formula.

use event_ledger::formats::export::escape_formula;

use super::text::harmless;

pub(crate) struct CsvTable(csv::Writer<Vec<u8>>);

impl CsvTable {
    pub(crate) fn new(header: &[&str]) -> CsvTable {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        // Writing to memory does not fail.
        let _ = writer.write_record(header);
        CsvTable(writer)
    }

    /// Adds a row, a field for each column.
    pub(crate) fn push(&mut self, row: &[String]) {
        let fields = row.iter().map(|field| harmless_field(field));
        let _ = self.0.write_record(fields);
    }

    pub(crate) fn into_text(self) -> String {
        let bytes = self.0.into_inner().unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// A field that is empty if there is no value.
pub(crate) fn field(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// A field that no spreadsheet runs; a figure stays as it is.
fn harmless_field(field: &str) -> String {
    let is_figure = !field.is_empty()
        && field
            .strip_prefix('-')
            .unwrap_or(field)
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_figure {
        field.to_owned()
    } else {
        escape_formula(&harmless(field)).into_owned()
    }
}
