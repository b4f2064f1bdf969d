//! A row's amount: one figure with a sign, a debit beside a credit, or a figure beside a word.
//!
//! Owns where it stands and which way it goes, and by all of them how they are written.

use super::super::figures::{self, DecimalMarkDetector, Figure, Mark};
use super::super::options::Options;
use super::super::{Fault, ImportError};
use super::columns::{Columns, Role};
use super::table::{Record, Table};

/// A row's amount before it is read: the figure, its column, and the direction that another column
/// or the figure's own column gives it.
pub(super) struct Amount<'a> {
    pub(super) figure: Figure<'a>,
    pub(super) place: usize,
    /// True where money goes out whatever the sign says.
    pub(super) is_debit: bool,
}

pub(super) fn amount_in<'a>(
    table: &Table,
    columns: &Columns,
    record: &'a Record,
) -> Result<Amount<'a>, ImportError> {
    let at = |place: usize, fault: Fault| ImportError::at(table.place(record.line, place), fault);
    let (place, is_debit) = if let Some(place) = columns.one(&Role::Amount) {
        let is_debit = match columns.one(&Role::Direction) {
            Some(column) => is_debit(record.field(column)).map_err(|fault| at(column, fault))?,
            None => false,
        };
        (place, is_debit)
    } else {
        let side = |role: &Role| {
            let place = columns.one(role)?;
            let is_filled = !record.field(place).is_empty();
            Some((place, is_filled, is_zero(record.field(place))))
        };
        let (debit, credit) = (side(&Role::Debit), side(&Role::Credit));
        match (debit, credit) {
            // Some banks fill the side where nothing moves with zeros.
            (Some((place, true, zero)), Some((_, true, false))) if zero => {
                let (credit, ..) = credit.unwrap_or((place, true, false));
                (credit, false)
            }
            (Some((place, true, _)), Some((_, true, true))) => (place, true),
            (Some((_, true, _)), Some((place, true, _))) => {
                return Err(at(place, Fault::Sides("both sides are filled in")));
            }
            (Some((place, true, _)), _) => (place, true),
            (_, Some((place, true, _))) => (place, false),
            (Some((place, ..)), _) | (_, Some((place, ..))) => {
                return Err(at(place, Fault::Sides("neither side is filled in")));
            }
            (None, None) => {
                return Err(ImportError::on_line(
                    record.line,
                    Fault::Missing("the amount".to_owned()),
                ));
            }
        }
    };
    let cell = record.field(place);
    let figure = figures::take_apart(cell).ok_or_else(|| {
        let fault = match cell {
            "" => Fault::Missing("the amount".to_owned()),
            text => Fault::NotAFigure {
                text: text.to_owned(),
                mark: None,
            },
        };
        at(place, fault)
    })?;
    if figure.negative && (is_debit || columns.one(&Role::Direction).is_some()) {
        // A debit of less than nothing: banks that write debits with a sign mean the debit. A sign
        // that contradicts the word beside it is another matter.
        if !is_debit {
            return Err(at(
                place,
                Fault::Sides("its sign and its direction say two things"),
            ));
        }
    }
    Ok(Amount {
        figure,
        place,
        is_debit,
    })
}

/// Debits are written with a sign or without one: both in one column would be two directions.
pub(super) fn one_sign(table: &Table, amounts: &[Amount<'_>]) -> Result<(), ImportError> {
    let mut debits = amounts.iter().zip(&table.records).filter(|(amount, _)| {
        let digits = amount.figure.digits;
        amount.is_debit && digits.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
    });
    let Some((first, _)) = debits.next() else {
        return Ok(());
    };
    match debits.find(|(amount, _)| amount.figure.negative != first.figure.negative) {
        None => Ok(()),
        Some((amount, record)) => Err(ImportError::at(
            table.place(record.line, amount.place),
            Fault::Sides("debits stand here with a sign and without one"),
        )),
    }
}

fn is_zero(cell: &str) -> bool {
    figures::take_apart(cell).is_some_and(|figure| {
        !figure
            .digits
            .bytes()
            .any(|byte| matches!(byte, b'1'..=b'9'))
    })
}

fn is_debit(word: &str) -> Result<bool, Fault> {
    match word.to_lowercase().as_str() {
        "s" | "soll" | "d" | "dr" | "db" | "dbit" | "debit" | "out" | "-" => Ok(true),
        "h" | "haben" | "c" | "cr" | "crdt" | "credit" | "in" | "+" => Ok(false),
        _ => Err(Fault::Direction(word.to_owned())),
    }
}

/// The decimal mark of all figures.
pub(super) fn mark(
    table: &Table,
    amounts: &[Amount<'_>],
    options: &Options,
) -> Result<Mark, ImportError> {
    let mut ballot = DecimalMarkDetector::default();
    for (number, amount) in amounts.iter().enumerate() {
        ballot.add(number, amount.figure.digits);
    }
    ballot.mark(options.decimal).map_err(|(number, fault)| {
        let place = amounts
            .get(number)
            .zip(table.records.get(number))
            .map(|(amount, record)| table.place(record.line, amount.place));
        ImportError::at(place.unwrap_or_default(), fault)
    })
}
