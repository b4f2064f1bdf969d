//! Movements of the rows of a file, once its interpretation is chosen: account, currency, texts and key.

use super::super::days::{self, DateReader, FileDate};
use super::super::figures::{self, Number};
use super::super::keys::{self, Occurrences, RowIdentity};
use super::super::options::Options;
use super::super::statement::{self, StatementMovement};
use super::super::text::{ReadSeek, on_one_line};
use super::super::{Fault, ImportError, Imported, currencies};
use super::cells::FileFigures;
use super::choice::Choice;
use super::columns::{self, ColumnRole, ColumnRoles};
use super::headers::EDITED;
use super::interpretation::RowMoney;
use super::records::CsvRecord;
use super::rows::RowKind;
use super::table::CsvTable;
use crate::event::{AccountName, Key};
use crate::money::Currency;

/// What the rows are read with.
pub(super) struct MovementReader<'a> {
    pub(super) table: &'a CsvTable,
    pub(super) columns: &'a ColumnRoles,
    pub(super) options: &'a Options,
    pub(super) figures: &'a FileFigures,
    pub(super) dates: &'a DateReader,
    pub(super) choice: Choice,
    /// The column that numbers the rows.
    pub(super) ids: Option<usize>,
}

impl MovementReader<'_> {
    /// Reads the rows.
    pub(super) fn read(&self, input: &mut dyn ReadSeek) -> Result<Imported, ImportError> {
        let mut imported = Imported::default();
        let mut occurrences = Occurrences::default();
        let mut movements = Vec::new();
        let mut rows = self.table.rows(input, self.options)?;
        let count = |counter: &mut u64| *counter = counter.saturating_add(1);
        for (row, own) in self.figures.rows.iter().enumerate() {
            let Some(record) = rows.next()? else {
                break;
            };
            count(&mut imported.read);
            if !self.choice.interpretation.moves(own.kind) {
                match own.kind {
                    RowKind::LeftOut => count(&mut imported.left_out),
                    RowKind::Balance { .. } => count(&mut imported.balances),
                    RowKind::Note | RowKind::Movement => count(&mut imported.notes),
                }
                continue;
            }
            let money = self
                .choice
                .interpretation
                .money(self.figures, row)
                .map_err(|(column, fault)| self.table.error(&record, column, fault))?;
            let found = self.movements(&record, money, &mut occurrences)?;
            if found.is_empty() {
                count(&mut imported.zeros);
            }
            movements.extend(found);
        }
        imported.ends = self.choice.ends;
        imported.rows = statement::rows(movements, self.choice.newest_first, self.options)?;
        Ok(imported)
    }

    /// The movement of a row, and its fee's; none if nothing moved.
    fn movements(
        &self,
        record: &CsvRecord,
        money: RowMoney,
        occurrences: &mut Occurrences,
    ) -> Result<Vec<StatementMovement>, ImportError> {
        let at = |place: usize, fault: Fault| self.table.error(record, place, fault);
        let date_column = self.columns.one(&ColumnRole::Date).unwrap_or_default();
        let date = self
            .dates
            .read(record.field(date_column))
            .map_err(|fault| at(date_column, fault))?;
        let currency = self.currency(record, money.column)?;
        if money.amount.is_zero() && money.fee.is_zero() {
            return Ok(Vec::new());
        }
        let account = self.named(record, "account", &ColumnRole::Account)?;
        let account = account.unwrap_or_else(|| self.options.account.clone());
        let (key, identity) = self.key(record, money, date, &account, occurrences)?;
        let memo: Vec<String> = self
            .columns
            .all(&ColumnRole::Memo)
            .map(|place| keys::comparable(&on_one_line(record.field(place))))
            .filter(|text| !text.is_empty())
            .collect();
        let tags = self.columns.tags().filter_map(|(tag, place)| {
            let value = keys::comparable(&on_one_line(record.field(place)));
            (!value.is_empty()).then(|| (tag.to_owned(), value))
        });
        let movement = StatementMovement {
            line: record.line,
            amount_at: self.table.place(record.line, money.column),
            date,
            number: money.amount,
            currency,
            account,
            from: self.named(record, "from", &ColumnRole::From)?,
            to: self.named(record, "to", &ColumnRole::To)?,
            memo: memo.join(" "),
            tags: tags.collect(),
            key,
            identity,
        };
        let fee = (!money.fee.is_zero()).then(|| Self::fee(&movement, money.fee));
        let main = (!money.amount.is_zero()).then_some(movement);
        // The newest is first in some files; the fee then is too, and both are turned round.
        let mut found: Vec<StatementMovement> = main.into_iter().chain(fee).collect();
        if self.choice.newest_first == Some(true) {
            found.reverse();
        }
        Ok(found)
    }

    /// The fee of a movement as one of its own.
    fn fee(movement: &StatementMovement, number: Number) -> StatementMovement {
        let mut tags = movement.tags.clone();
        tags.retain(|(tag, _)| tag != "kind");
        tags.push(("kind".to_owned(), "fee".to_owned()));
        StatementMovement {
            number,
            from: None,
            to: None,
            tags,
            key: keys::part_of(&movement.key, 2),
            amount_at: movement.amount_at.clone(),
            ..movement.clone()
        }
    }

    /// The account in the column of a role, if there is one.
    fn named(
        &self,
        record: &CsvRecord,
        field: &str,
        role: &ColumnRole,
    ) -> Result<Option<AccountName<'static>>, ImportError> {
        let column = self.columns.one(role);
        let Some(place) = column.filter(|place| !record.field(*place).is_empty()) else {
            return Ok(None);
        };
        let value = record.field(place);
        let name = self.options.value(field, value);
        AccountName::typed(name).map(Some).map_err(|error| {
            let fault = if name == value {
                Fault::AccountValue(value.to_owned())
            } else {
                error.into()
            };
            self.table.error(record, place, fault)
        })
    }

    /// The currency of a row: beside the number, in a column of its own, or in the header.
    fn currency(&self, record: &CsvRecord, amount: usize) -> Result<Option<Currency>, ImportError> {
        let header = self.table.header.get(amount);
        let asked = self.options.currency;
        let mut found = header.and_then(|name| columns::unit_in(name, asked));
        let beside = figures::take_apart(record.field(amount)).map(|number| number.unit);
        let column = self.columns.one(&ColumnRole::Currency);
        let said = [
            beside.map(|unit| (amount, unit)),
            column.map(|place| (place, record.field(place))),
        ];
        for (place, text) in said
            .into_iter()
            .flatten()
            .filter(|(_, text)| !text.is_empty())
        {
            let text = self.options.value("currency", text);
            let currency = currencies::resolve(text, asked.or(found)).ok_or_else(|| {
                self.table
                    .error(record, place, Fault::Currency(text.to_owned()))
            })?;
            if let Some(before) = found
                && before != currency
            {
                let fault = Fault::CurrencyContradicts {
                    file: currency.to_string(),
                    asked: before.to_string(),
                };
                return Err(self.table.error(record, place, fault));
            }
            found = Some(currency);
        }
        Ok(found)
    }

    /// The key of a row: one in the file, or of its account, day and amount and of the texts that
    /// stay the same. In no order, so that a bank may move its columns.
    fn key(
        &self,
        record: &CsvRecord,
        money: RowMoney,
        date: FileDate,
        account: &AccountName<'_>,
        occurrences: &mut Occurrences,
    ) -> Result<(Key<'static>, RowIdentity), ImportError> {
        if let Some(place) = self.columns.one(&ColumnRole::Key)
            && !record.field(place).is_empty()
        {
            let key = Key::new(record.field(place).to_owned());
            let key = key.map_err(|error| self.table.error(record, place, error.into()))?;
            return Ok((key, RowIdentity::Number));
        }
        if let Some(place) = self.ids.filter(|_| !self.options.by_content) {
            let key = keys::numbered("csv", &[account.as_str(), "id", record.field(place)]);
            return Ok((key, RowIdentity::Number));
        }
        let day = date.date.to_string();
        let amount = if money.amount.is_zero() {
            money.fee
        } else {
            money.amount
        }
        .normal();
        let mut texts: Vec<String> = (0..record.len())
            .filter(|place| *place != money.column && !self.is_edited(*place))
            .map(|place| record.field(place))
            .filter(|field| !is_number(field) && !days::is_like_one(field))
            .map(|field| keys::comparable(&on_one_line(field)))
            .filter(|text| !text.is_empty())
            .collect();
        texts.sort_unstable();
        let mut parts = vec![account.as_str(), day.as_str(), amount.as_str()];
        parts.extend(texts.iter().map(String::as_str));
        Ok((occurrences.key("csv", &parts), RowIdentity::Content))
    }

    /// True of a column whose texts are changed after a row is booked, or whose date may be.
    fn is_edited(&self, place: usize) -> bool {
        let folded = self.table.header.get(place).map(|name| columns::fold(name));
        self.columns
            .all(&ColumnRole::Date)
            .any(|date| date == place)
            || folded.is_some_and(|name| EDITED.contains(&name.as_str()))
    }
}

/// True of numbers: balances, which differ between statements, are not told from other numbers.
fn is_number(field: &str) -> bool {
    figures::take_apart(field).is_some_and(|number| currencies::can_be_money(number.unit))
}
