//! MT940: account statements of SWIFT, as many European banks still give them.
//!
//! The lines of a statement must lead from its opening to its closing balance.

mod fields;

use super::days::{self, FileDate};
use super::figures::{self, DecimalMark, Number};
use super::keys::{self, Occurrences, RowIdentity};
use super::options::Options;
use super::statement::{self, StatementMovement};
use super::{Fault, FilePlace, ImportError, Imported};
use crate::event::AccountName;
use crate::money::Currency;
use fields::{Field, details, fields};

/// An amount with its sign, a day and a currency, as in `:60F:C260101EUR1234,56`.
struct WrittenBalance {
    number: Number,
    currency: Currency,
    date: FileDate,
}

/// A line of a statement, as in `:61:2601130113D5,00NMSCREF//BANK`.
struct StatementLine {
    number: Number,
    date: FileDate,
    kind: String,
    reference: String,
    bank_reference: String,
}

/// Reads a file.
pub(super) fn read(text: &str, options: &Options) -> Result<Imported, ImportError> {
    let fields = fields(text);
    let numbers = fields.iter().filter(|own| own.tag == "25");
    let mut reader = FieldReader {
        options,
        numbers: numbers.map(|own| own.text.trim()).collect(),
        account: options.account.clone(),
        known: None,
        statements: 0,
        occurrences: Occurrences::default(),
        movements: Vec::new(),
        imported: Imported::default(),
    };
    let mut fields = fields.iter().peekable();
    while let Some(field) = fields.next() {
        match field.tag.as_str() {
            "25" => reader.account(field)?,
            "60F" | "60M" => reader.opening(field)?,
            "61" => {
                let text = fields.next_if(|next| next.tag == "86");
                reader.movement(field, text.map_or("", |text| text.text.as_str()))?;
            }
            "62F" | "62M" => reader.closing(field)?,
            _ => {}
        }
    }
    if reader.statements == 0 {
        let fault = Fault::missing("a statement (:60F:)");
        return Err(fault.on_line(1));
    }
    if reader.known.is_some() {
        let fault = Fault::missing("the closing balance (:62F:)");
        return Err(fault.whole());
    }
    let mut imported = reader.imported;
    imported.rows = statement::rows(reader.movements, None, options)?;
    Ok(imported)
}

/// What is read so far.
struct FieldReader<'f> {
    options: &'f Options,
    /// The numbers of all accounts in the file.
    numbers: Vec<&'f str>,
    account: AccountName<'static>,
    /// The opening balance of the open statement, and what its lines lead to.
    known: Option<(WrittenBalance, Number)>,
    statements: u64,
    occurrences: Occurrences,
    movements: Vec<StatementMovement>,
    imported: Imported,
}

impl FieldReader<'_> {
    fn account(&mut self, field: &Field) -> Result<(), ImportError> {
        let account = statement::account_of(field.text.trim(), &self.numbers, self.options);
        self.account = account.map_err(|fault| fault.on_line(field.line))?;
        Ok(())
    }

    fn opening(&mut self, field: &Field) -> Result<(), ImportError> {
        let opening = balance(field)?;
        if field.tag == "60F" {
            self.statements = self.statements.saturating_add(1);
        }
        let sum = opening.number;
        self.known = Some((opening, sum));
        Ok(())
    }

    fn movement(&mut self, field: &Field, text: &str) -> Result<(), ImportError> {
        self.imported.read = self.imported.read.saturating_add(1);
        let line = line(field)?;
        let Some((opening, sum)) = &mut self.known else {
            return Err(without_opening(field));
        };
        sum.value = sum
            .value
            .plus(line.number.value)
            .ok_or_else(|| Fault::TooLarge(field.text.clone()).on_line(field.line))?;
        if line.number.is_zero() {
            self.imported.zeros = self.imported.zeros.saturating_add(1);
            return Ok(());
        }
        let (memo, mut tags) = details(text);
        for (tag, value) in [("reference", &line.reference), ("kind", &line.kind)] {
            if !value.is_empty() && value != "NONREF" {
                tags.push((tag.to_owned(), value.clone()));
            }
        }
        let (day, amount) = (line.date.date.to_string(), line.number.normal());
        let account = self.account.as_str();
        let mut parts = vec![account, &day, &amount, &line.bank_reference, &memo];
        parts.extend(tags.iter().map(|(_, value)| value.as_str()));
        let key = self.occurrences.key("mt940", &parts);
        self.movements.push(StatementMovement {
            line: field.line,
            amount_at: FilePlace::on_line(field.line),
            date: line.date,
            number: line.number,
            currency: Some(opening.currency),
            account: self.account.clone(),
            from: None,
            to: None,
            memo,
            tags,
            key,
            identity: RowIdentity::Content,
        });
        Ok(())
    }

    fn closing(&mut self, field: &Field) -> Result<(), ImportError> {
        let at = |fault: Fault| fault.on_line(field.line);
        let closing = balance(field)?;
        let Some((opening, sum)) = self.known.take() else {
            return Err(without_opening(field));
        };
        let value = closing.number.value;
        if self.options.checks_balances && sum.value != value {
            return Err(at(Fault::balance_breaks(value, sum.value)));
        }
        let first = self
            .imported
            .ends
            .map_or(opening.number.value, |(first, _)| first);
        self.imported.ends = (self.statements == 1).then_some((first, value));
        if field.tag == "62F" {
            let currency = Some(closing.currency);
            let balance = statement::bank_balance(
                &self.account,
                closing.number,
                currency,
                closing.date,
                self.options,
            );
            self.imported.closings.push(balance.map_err(at)?);
        }
        Ok(())
    }
}

fn without_opening(field: &Field) -> ImportError {
    let fault = Fault::missing("the opening balance (:60F:)");
    fault.on_line(field.line)
}

/// `260131`: a year of two digits, as SWIFT counts them.
fn day(text: &str) -> Option<jiff::civil::Date> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
    let year = number(0, 2)?;
    let year = year.checked_add(if year < 80 { 2000 } else { 1900 })?;
    days::civil([year, number(2, 4)?, number(4, 6)?])
}

fn number(text: &str, is_out: bool) -> Option<Number> {
    // The comma is always written, even if nothing follows it.
    let digits = text.strip_suffix(',').unwrap_or(text);
    let number = figures::read(digits, DecimalMark::Comma).ok()?;
    Some(number.turned(is_out))
}

fn wrong(field: &Field, expected: &str) -> ImportError {
    let found: String = field.text.chars().take(30).collect();
    let fault = Fault::expected(format!("`{found}`"), expected.to_owned());
    fault.on_line(field.line)
}

fn balance(field: &Field) -> Result<WrittenBalance, ImportError> {
    let read = || {
        let (mark, rest) = field.text.trim().split_at_checked(1)?;
        let (date, rest) = rest.split_at_checked(6)?;
        let (currency, digits) = rest.split_at_checked(3)?;
        let is_out = match mark {
            "D" => true,
            "C" => false,
            _ => return None,
        };
        Some(WrittenBalance {
            number: number(digits, is_out)?,
            currency: Currency::new(currency)?,
            date: FileDate::new(day(date)?, None),
        })
    };
    read().ok_or_else(|| wrong(field, "a balance like C260131EUR1234,56"))
}

fn line(field: &Field) -> Result<StatementLine, ImportError> {
    let read = || {
        let first = field.text.lines().next()?;
        let (date, rest) = first.split_at_checked(6)?;
        let value = day(date)?;
        let has_entry = rest.bytes().take(4).filter(u8::is_ascii_digit).count() == 4;
        let (entry, rest) = if has_entry {
            rest.split_at_checked(4)?
        } else {
            ("", rest)
        };
        let date = if has_entry {
            booked(value, entry)?
        } else {
            value
        };
        // A reversal of a credit takes money back.
        let (is_out, rest) = [
            ("RC", true),
            ("RD", false),
            ("EC", false),
            ("ED", true),
            ("C", false),
            ("D", true),
        ]
        .into_iter()
        .find_map(|(mark, is_out)| Some((is_out, rest.strip_prefix(mark)?)))?;
        let rest = rest
            .strip_prefix(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(rest);
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != ',')
            .unwrap_or(rest.len());
        let (digits, rest) = rest.split_at_checked(end)?;
        let number = number(digits, is_out)?;
        let (kind, rest) = rest.split_at_checked(4.min(rest.len()))?;
        let (reference, bank) = rest.split_once("//").unwrap_or((rest, ""));
        Some(StatementLine {
            number,
            date: FileDate::new(date, None),
            kind: kind.trim().to_owned(),
            reference: keys::comparable(reference.trim()),
            bank_reference: bank.trim().to_owned(),
        })
    };
    read().ok_or_else(|| wrong(field, "a line like 2601310131D5,00NMSCREFERENCE"))
}

/// The day of booking, whose year is that of the value date or the one beside it.
fn booked(value: jiff::civil::Date, entry: &str) -> Option<jiff::civil::Date> {
    let number = |from: usize, to: usize| entry.get(from..to)?.parse::<i8>().ok();
    let (month, day) = (number(0, 2)?, number(2, 4)?);
    let years = [0, -1, 1]
        .into_iter()
        .filter_map(|by| value.year().checked_add(by));
    let days = years.filter_map(|year| jiff::civil::Date::new(year, month, day).ok());
    days.min_by_key(|day| {
        let apart = day.since(value).map_or(i32::MAX, |span| span.get_days());
        apart.checked_abs().unwrap_or(i32::MAX)
    })
}

#[cfg(test)]
mod tests;
