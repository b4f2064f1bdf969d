//! CSV as `export` writes it: a row for each account whose money an event moved.

use super::super::event_fields::{self, EventFields, RequestBuilder};
use super::super::figures;
use super::super::options::Options;
use super::super::text::ReadSeek;
use super::super::{DecimalMark, Fault, ImportError, Imported, json};
use super::records::CsvRecord;
use super::table::CsvTable;
use crate::formats::export::{COLUMNS, unescape_formula};

/// True of a file that `export` wrote.
pub(super) fn is_own(table: &CsvTable) -> bool {
    table.header == COLUMNS
}

fn column(name: &str) -> usize {
    COLUMNS
        .iter()
        .position(|own| *own == name)
        .unwrap_or_default()
}

/// Reads an export.
pub(super) fn read(
    input: &mut dyn ReadSeek,
    table: &CsvTable,
    options: &Options,
) -> Result<Imported, ImportError> {
    let mut imported = Imported::default();
    let mut builder = RequestBuilder::new(options);
    let mut rows = table.rows(input, options)?;
    let mut next = rows.next()?;
    while let Some(record) = next.take() {
        table.check_width(&record)?;
        next = rows.next()?;
        imported.read = imported.read.saturating_add(1);
        let at = |record: &CsvRecord, (word, fault): event_fields::WrongField| {
            let word = match word {
                "from" | "to" => "account",
                other => other,
            };
            table.error(record, column(word), fault)
        };
        let mut fields = fields(&record).map_err(|wrong| at(&record, wrong))?;
        let has_two_rows = matches!(fields.kind.as_str(), "transfer" | "exchange");
        // The other side of a transfer has the same content.
        if has_two_rows
            && let Some(other_row) = &next
            && other_row.field(column("seq")) == record.field(column("seq"))
        {
            let other = self::fields(other_row).map_err(|wrong| at(other_row, wrong))?;
            let is_same = (&other.from, &other.to) == (&fields.from, &fields.to)
                && (fields.kind == "exchange" || other.amount == fields.amount);
            if !is_same {
                let fault = Fault::expected(
                    "another movement with the same number",
                    "the other side of the transfer",
                );
                return Err(table.error(other_row, column("seq"), fault));
            }
            if fields.kind == "exchange" {
                (fields.to_amount, fields.to_currency) = (other.amount, other.currency);
            }
            next = rows.next()?;
            imported.read = imported.read.saturating_add(1);
        }
        builder
            .add(record.line, &fields, &mut imported.rows)
            .map_err(|wrong| at(&record, wrong))?;
    }
    builder.finish(&mut imported.rows);
    Ok(imported)
}

fn fields(record: &CsvRecord) -> Result<EventFields, event_fields::WrongField> {
    let text = |name: &str| record.raw(column(name));
    let filled = |name: &str| {
        Some(unescape_formula(text(name)).into_owned()).filter(|text| !text.is_empty())
    };
    let number = |name: &'static str| match text(name) {
        "" => Ok(None),
        digits => digits.parse().map(Some).map_err(|_| {
            let found = format!("`{digits}`");
            (name, Fault::expected(found, "a number"))
        }),
    };
    let (is_out, amount) = signed(text("amount")).ok_or_else(|| {
        let text = text("amount").to_owned();
        ("amount", Fault::NotANumber { text, mark: None })
    })?;
    let kind = text("type").to_owned();
    let (account, other) = (filled("account"), filled("other_account"));
    let (account, from, to) = match (kind.as_str(), is_out) {
        ("transfer" | "exchange", true) => (None, account, other),
        ("transfer" | "exchange", false) => (None, other, account),
        ("deposit", false) | ("withdraw", true) => (account, None, None),
        _ => {
            let found = format!("`{}` of {}", kind, text("amount"));
            let expected = "a deposit above zero, a withdrawal below it or a transfer".to_owned();
            return Err(("type", Fault::expected(found, expected)));
        }
    };
    let tags = match text("tags") {
        "" => Vec::new(),
        object => json::tags(object).map_err(|fault| ("tags", fault))?,
    };
    Ok(EventFields {
        kind,
        account,
        from,
        to,
        amount: Some(amount),
        currency: filled("currency"),
        effective: filled("effective"),
        memo: filled("memo"),
        tags,
        key: filled("key"),
        seq: number("seq")?,
        at: filled("at"),
        reverses: number("reverses")?,
        corrects: number("corrects")?,
        refunds: number("refunds")?,
        ..EventFields::default()
    })
}

/// The sign and the digits of a number as `export` writes it.
fn signed(text: &str) -> Option<(bool, String)> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let number = figures::read(digits, DecimalMark::Point).ok()?;
    let is_canonical = number.value.to_text(number.scale) == digits;
    is_canonical.then(|| (is_negative, digits.to_owned()))
}
