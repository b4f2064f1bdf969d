//! Statements as rows with a header, which is what banks hand out.
//!
//! Owns how a row becomes a line of a statement. Every figure and every date of the file is looked at
//! before one of them is read, so that the file decides where it can and nobody where it cannot.

mod amount;
mod columns;
mod headers;
mod own;
mod quotes;
mod table;

use super::bank::{self, Other, Posting};
use super::days::{self, Dates};
use super::figures::{self, Mark, Signed};
use super::keys::Occurrences;
use super::options::{Options, Pair};
use super::text::on_one_line;
use super::{Fault, ImportError, Imported};
use crate::event::{AccountName, Key};
use crate::money::Currency;
use amount::{Amount, amount_in, mark, one_sign};
use columns::{Columns, Role};
use table::{Record, Table};

/// Reads a statement.
pub(super) fn read(text: &str, options: &Options) -> Result<Imported, ImportError> {
    let mut table = Table::read(text, options)?;
    if options.map.is_empty() && options.only.is_empty() && own::is_own(&table) {
        return own::read(&table, options);
    }
    let columns = Columns::of(&table.header, &options.map)
        .map_err(|fault| ImportError::on_line(table.line, fault))?;
    refuse_row_for_header(&table, &columns)?;
    let left_out = leave_out(&mut table, &columns, options)?;
    let amounts = table
        .records
        .iter()
        .map(|record| amount_in(&table, &columns, record))
        .collect::<Result<Vec<_>, _>>()?;
    one_sign(&table, &amounts)?;
    let mark = mark(&table, &amounts, options)?;
    let dates = dates(&table, &columns, options)?;
    let mut occurrences = Occurrences::default();
    let mut postings = Vec::with_capacity(amounts.len());
    let mut zeros = 0_u64;
    let reader = Reader {
        table: &table,
        columns: &columns,
        options,
        mark,
        dates,
    };
    for (record, amount) in table.records.iter().zip(&amounts) {
        match reader.posting(record, amount, &mut occurrences)? {
            Some(posting) => postings.push(posting),
            None => zeros = zeros.saturating_add(1),
        }
    }
    Ok(Imported {
        rows: bank::rows(postings, options)?,
        zeros,
        left_out,
        ..Imported::default()
    })
}

/// Takes out the rows that are not wanted, and asks where rows are in several states.
fn leave_out(table: &mut Table, columns: &Columns, options: &Options) -> Result<u64, ImportError> {
    let mut wanted: Vec<(usize, Vec<&str>)> = Vec::new();
    for Pair { left, right } in &options.only {
        let place = columns::place(&table.header, left).ok_or_else(|| {
            ImportError::on_line(
                table.line,
                Fault::NoSuchColumn {
                    name: left.clone(),
                    columns: table.header.clone(),
                },
            )
        })?;
        match wanted.iter_mut().find(|(own, _)| *own == place) {
            Some((_, values)) => values.push(right),
            None => wanted.push((place, vec![right])),
        }
    }
    let before = table.records.len();
    table.records.retain(|record| {
        wanted
            .iter()
            .all(|(place, values)| values.contains(&record.field(*place)))
    });
    let is_settled = |column: usize| wanted.iter().any(|(place, _)| *place == column);
    ask_for_state(table, columns.one(&Role::State), &is_settled)?;
    let left_out = before.saturating_sub(table.records.len());
    Ok(u64::try_from(left_out).unwrap_or(u64::MAX))
}

/// What banks call what is not booked yet, folded.
const PENDING: [&str; 8] = [
    "pending",
    "vorgemerkt",
    "umsatz vorgemerkt",
    "authorised",
    "authorized",
    "reserved",
    "reserviert",
    "declined",
];

/// Asks where rows are in several states, or in one that may never come to be.
fn ask_for_state(
    table: &Table,
    state: Option<usize>,
    is_settled: &dyn Fn(usize) -> bool,
) -> Result<(), ImportError> {
    for (column, name) in table
        .header
        .iter()
        .enumerate()
        .filter(|(own, _)| !is_settled(*own))
    {
        let mut values: Vec<String> = Vec::new();
        let mut is_open = false;
        for record in &table.records {
            let value = record.field(column);
            let is_pending = PENDING.contains(&value.to_lowercase().as_str());
            let is_new = !values.iter().any(|own| own == value);
            is_open |= is_pending || (state == Some(column) && is_new && !values.is_empty());
            if is_new && values.len() < 2 {
                values.push(value.to_owned());
            }
            if is_open && (values.len() > 1 || is_pending) {
                let column_name = name.clone();
                let fault = Fault::States {
                    column: column_name,
                    values,
                };
                return Err(ImportError::at(table.place(record.line, column), fault));
            }
        }
    }
    Ok(())
}

/// Where a row stands in the header's place, it would be lost.
fn refuse_row_for_header(table: &Table, columns: &Columns) -> Result<(), ImportError> {
    let place = columns.one(&Role::Date).unwrap_or_default();
    match table.header.get(place) {
        Some(text) if days::is_like_one(text) => {
            let text = text.clone();
            Err(ImportError::on_line(
                table.line,
                Fault::RowForHeader { text },
            ))
        }
        _ => Ok(()),
    }
}

/// How all dates are read.
fn dates(table: &Table, columns: &Columns, options: &Options) -> Result<Dates, ImportError> {
    let column = columns.one(&Role::Date).unwrap_or_default();
    let cells = table.records.iter().map(|record| record.field(column));
    Dates::of(options.date_format.as_ref(), cells).map_err(|(number, fault)| {
        let record = table.records.get(number);
        let place = record.map(|record| table.place(record.line, column));
        ImportError::at(place.unwrap_or_default(), fault)
    })
}

struct Reader<'a> {
    table: &'a Table,
    columns: &'a Columns,
    options: &'a Options,
    mark: Mark,
    dates: Dates,
}

impl Reader<'_> {
    /// A row as a line of a statement; nothing where nothing moved.
    fn posting(
        &self,
        record: &Record,
        amount: &Amount<'_>,
        occurrences: &mut Occurrences,
    ) -> Result<Option<Posting>, ImportError> {
        let at = |place: usize, fault: Fault| {
            ImportError::at(self.table.place(record.line, place), fault)
        };
        let date = self.columns.one(&Role::Date).unwrap_or_default();
        let effective = self
            .dates
            .read(record.field(date))
            .map_err(|fault| at(date, fault))?;
        let mut signed =
            figures::signed(amount.figure, self.mark).map_err(|fault| at(amount.place, fault))?;
        signed.negative |= amount.is_debit;
        let currency = self.currency(record, amount)?;
        if signed.is_zero() {
            return Ok(None);
        }
        let account = match self.columns.one(&Role::Account) {
            Some(place) if !record.field(place).is_empty() => {
                name(record.field(place)).map_err(|fault| at(place, fault))?
            }
            _ => self.options.account.clone(),
        };
        let side = |role: &Role| match self.columns.one(role) {
            Some(place) if !record.field(place).is_empty() => name(record.field(place))
                .map(Some)
                .map_err(|fault| at(place, fault)),
            _ => Ok(None),
        };
        let other = match (side(&Role::From)?, side(&Role::To)?) {
            (Some(from), Some(to)) => Some(Other::Both(from, to)),
            (Some(from), None) => Some(Other::From(from)),
            (None, Some(to)) => Some(Other::To(to)),
            (None, None) => None,
        };
        let key = self.key(record, amount, &effective, &signed, &account, occurrences)?;
        let memo: Vec<String> = self
            .columns
            .all(&Role::Memo)
            .map(|place| on_one_line(record.field(place)))
            .filter(|text| !text.is_empty())
            .collect();
        let tags = self.columns.tags().filter_map(|(tag, place)| {
            let value = on_one_line(record.field(place));
            (!value.is_empty()).then(|| (tag.to_owned(), value))
        });
        Ok(Some(Posting {
            line: record.line,
            amount_at: self.table.place(record.line, amount.place),
            effective,
            signed,
            currency,
            account,
            other,
            memo: memo.join(" "),
            tags: tags.collect(),
            key,
        }))
    }

    /// What the row says it is in: beside the figure, in a column of its own, or in the header.
    fn currency(
        &self,
        record: &Record,
        amount: &Amount<'_>,
    ) -> Result<Option<Currency>, ImportError> {
        let mut found: Option<Currency> = self.columns.currency;
        let in_column = self.columns.one(&Role::Currency);
        let said = [
            Some((amount.place, amount.figure.unit)),
            in_column.map(|place| (place, record.field(place))),
        ];
        for (place, text) in said
            .into_iter()
            .flatten()
            .filter(|(_, text)| !text.is_empty())
        {
            let at = |fault: Fault| ImportError::at(self.table.place(record.line, place), fault);
            let currency = match (figures::currency_of(text), self.options.currency) {
                (Some(currency), _) => currency,
                // A sign of several currencies, and whoever imports it says which it is.
                (None, Some(asked)) if text == "$" || text == "¥" || text == "kr" => asked,
                (None, _) => return Err(at(Fault::Currency(text.to_owned()))),
            };
            if let Some(before) = found
                && before != currency
            {
                return Err(at(Fault::CurrencyContradicts {
                    file: currency.to_string(),
                    asked: before.to_string(),
                }));
            }
            found = Some(currency);
        }
        Ok(found)
    }

    /// What a row is known again by: its own key, or else its account, day and amount, and every
    /// other field but figures, which are balances. In no order, so that a bank may move its columns.
    fn key(
        &self,
        record: &Record,
        amount: &Amount<'_>,
        effective: &str,
        signed: &Signed,
        account: &AccountName<'_>,
        occurrences: &mut Occurrences,
    ) -> Result<Key<'static>, ImportError> {
        if let Some(place) = self.columns.one(&Role::Key)
            && !record.field(place).is_empty()
        {
            let key = Key::new(record.field(place).to_owned());
            let at = |fault: Fault| ImportError::at(self.table.place(record.line, place), fault);
            return key.map_err(|error| at(error.into()));
        }
        let date = self.columns.one(&Role::Date);
        let mut texts: Vec<String> = record
            .fields()
            .enumerate()
            .filter(|(place, field)| {
                *place != amount.place && Some(*place) != date && !is_money(field)
            })
            .map(|(_, field)| on_one_line(field))
            .filter(|text| !text.is_empty())
            .collect();
        texts.sort_unstable();
        let signed = signed.normal();
        let mut parts = vec![account.as_str(), effective, signed.as_str()];
        parts.extend(texts.iter().map(String::as_str));
        Ok(occurrences.key("csv", &parts))
    }
}

/// True of what looks like money, with a fraction: a balance, which is another in another statement.
fn is_money(field: &str) -> bool {
    field.contains([',', '.'])
        && figures::take_apart(field).is_some_and(|figure| {
            [Mark::Comma, Mark::Point]
                .into_iter()
                .any(|mark| figures::read(figure.digits, mark).is_some())
        })
}

fn name(text: &str) -> Result<AccountName<'static>, Fault> {
    Ok(AccountName::typed(text)?)
}

#[cfg(test)]
mod tests;
