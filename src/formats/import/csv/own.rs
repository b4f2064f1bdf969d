//! CSV as an export of ours writes it: a row for each account whose money an event moved.
//!
//! Owns how such rows go back together to events.

use super::super::options::Options;
use super::super::told::{self, EventFields, RequestBuilder};
use super::super::{Fault, ImportError, Imported, Row, json};
use super::table::{Record, Table};
use crate::formats::export::{COLUMNS, unescape_formula};

/// True of a file that an export of ours wrote.
pub(super) fn is_own(table: &Table) -> bool {
    table.header == COLUMNS
}

fn column(name: &str) -> usize {
    COLUMNS
        .iter()
        .position(|own| *own == name)
        .unwrap_or_default()
}

/// Reads an export.
pub(super) fn read(table: &Table, options: &Options) -> Result<Imported, ImportError> {
    let mut imported = Imported::default();
    let mut teller = RequestBuilder::new(options);
    let mut records = table.records.iter().peekable();
    while let Some(record) = records.next() {
        let at = |(word, fault): told::Wrong| {
            let word = match word {
                "from" | "to" => "account",
                other => other,
            };
            ImportError::at(table.place(record.line, column(word)), fault)
        };
        let told = told(record).map_err(at)?;
        // The other side of a transfer says the same again.
        if told.kind == "transfer"
            && let Some(next) = records.peek()
            && next.field(column("seq")) == record.field(column("seq"))
        {
            let other = self::told(next).map_err(at)?;
            if (&other.from, &other.to, &other.amount) != (&told.from, &told.to, &told.amount) {
                let fault = Fault::Expected {
                    found: "another movement under the same number".to_owned(),
                    expected: "the other side of the transfer".to_owned(),
                };
                return Err(ImportError::at(
                    table.place(next.line, column("seq")),
                    fault,
                ));
            }
            records.next();
        }
        let request = teller.request(&told).map_err(at)?;
        imported.rows.push(Row {
            line: record.line,
            request,
        });
    }
    Ok(imported)
}

fn told(record: &Record) -> Result<EventFields, told::Wrong> {
    let text = |name: &str| record.raw(column(name));
    let filled = |name: &str| {
        Some(unescape_formula(text(name)).into_owned()).filter(|text| !text.is_empty())
    };
    let number = |name: &'static str| match text(name) {
        "" => Ok(None),
        digits => digits.parse().map(Some).map_err(|_| {
            let found = format!("`{digits}`");
            (
                name,
                Fault::Expected {
                    found,
                    expected: "a number".to_owned(),
                },
            )
        }),
    };
    let (is_out, amount) = told::signed(text("amount")).ok_or_else(|| {
        let text = text("amount").to_owned();
        ("amount", Fault::NotAFigure { text, mark: None })
    })?;
    let kind = text("type").to_owned();
    let (account, other) = (filled("account"), filled("other_account"));
    let (account, from, to) = match (kind.as_str(), is_out) {
        ("transfer", true) => (None, account, other),
        ("transfer", false) => (None, other, account),
        ("deposit", false) | ("withdraw", true) => (account, None, None),
        _ => {
            let found = format!("`{}` of {}", kind, text("amount"));
            let expected = "a deposit above zero, a withdrawal below it or a transfer".to_owned();
            return Err(("type", Fault::Expected { found, expected }));
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
        floor: None,
        effective: filled("effective"),
        memo: filled("memo"),
        tags,
        key: filled("key"),
        seq: number("seq")?,
        at: filled("at"),
        reverses: number("reverses")?,
    })
}
