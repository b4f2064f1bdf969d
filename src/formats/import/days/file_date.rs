//! [`FileDate`]: a day with perhaps a time, and days from numbers and names of months.

use jiff::civil::Date;

use super::clock::ClockTime;
use crate::time::{When, WhenError};

/// A date of a file, with a time of day if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats::import) struct FileDate {
    pub(in crate::formats::import) date: Date,
    pub(in crate::formats::import) time: Option<ClockTime>,
}

impl FileDate {
    pub(in crate::formats::import) fn new(date: Date, time: Option<ClockTime>) -> FileDate {
        // Midnight without an offset is how programs write a day.
        let time = time.filter(|time| !time.is_local_midnight());
        FileDate { date, time }
    }

    /// As the ledger takes moments.
    pub(in crate::formats::import) fn when(self) -> Result<When, WhenError> {
        match self.time {
            None => Ok(When::on(self.date)),
            Some(ClockTime { time, offset }) => When::at(self.date.to_datetime(time), offset),
        }
    }

    /// What rows are sorted by: the local time, or the instant if an offset is written.
    pub(in crate::formats::import) fn sort_key(self) -> jiff::civil::DateTime {
        match self.time {
            None => self.date.at(0, 0, 0, 0),
            Some(time) => time.sort_key(self.date),
        }
    }
}

/// The day of numbers that are year, month and day.
pub(in crate::formats::import) fn civil([year, month, day]: [u16; 3]) -> Option<Date> {
    let small = |number: u16| i8::try_from(number).ok();
    Date::new(
        i16::try_from(year).ok().filter(|year| *year > 0)?,
        small(month)?,
        small(day)?,
    )
    .ok()
}

/// The names of months in the languages of many banks, and their usual short forms.
const MONTHS: [&[&str]; 12] = [
    &[
        "january", "januar", "jänner", "jaenner", "jan", "janvier", "janv", "enero", "ene",
        "gennaio", "gen", "januari", "janeiro", "sty", "stycznia",
    ],
    &[
        "february",
        "februar",
        "feber",
        "feb",
        "février",
        "fevrier",
        "févr",
        "fév",
        "febrero",
        "febbraio",
        "februari",
        "fevereiro",
        "fev",
        "lut",
        "lutego",
    ],
    &[
        "march", "märz", "maerz", "mär", "mrz", "mar", "mars", "marzo", "maart", "mrt", "março",
        "marca",
    ],
    &[
        "april", "apr", "avril", "avr", "abril", "abr", "aprile", "kwi", "kwietnia",
    ],
    &[
        "may", "mai", "mayo", "maggio", "mag", "mei", "maio", "maj", "maja",
    ],
    &[
        "june", "juni", "jun", "juin", "junio", "giugno", "giu", "junho", "cze", "czerwca",
    ],
    &[
        "july", "juli", "jul", "juillet", "juil", "julio", "luglio", "lug", "julho", "lip", "lipca",
    ],
    &[
        "august", "aug", "août", "aout", "agosto", "ago", "augustus", "augusti", "sie", "sierpnia",
    ],
    &[
        "september",
        "sept",
        "sep",
        "septembre",
        "septiembre",
        "settembre",
        "set",
        "setembro",
        "wrz",
        "września",
    ],
    &[
        "october",
        "oktober",
        "oct",
        "okt",
        "octobre",
        "octubre",
        "ottobre",
        "ott",
        "outubro",
        "out",
        "paź",
        "października",
    ],
    &[
        "november",
        "nov",
        "novembre",
        "noviembre",
        "novembro",
        "lis",
        "listopada",
    ],
    &[
        "december",
        "dezember",
        "dec",
        "dez",
        "décembre",
        "decembre",
        "déc",
        "diciembre",
        "dic",
        "dicembre",
        "dezembro",
        "gru",
        "grudnia",
    ],
];

/// A month's name off the front, with the point after a short one.
pub(super) fn named_month(text: &str) -> Option<(u16, &str)> {
    let end = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let name = name.to_lowercase();
    let index = MONTHS
        .iter()
        .position(|names| names.contains(&name.as_str()))?;
    let number = u16::try_from(index.checked_add(1)?).ok()?;
    Some((number, rest.strip_prefix('.').unwrap_or(rest)))
}
