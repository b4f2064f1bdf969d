//! Dates by a format that the user names.

use jiff::civil::Time;

use super::super::options::{DateFormat, DateToken};
use super::clock::{self, ClockTime};
use super::file_date::{FileDate, civil, named_month};

/// The date of a cell in this format.
pub(super) fn read(format: &DateFormat, cell: &str) -> Option<FileDate> {
    let (mut year, mut month, mut day) = (0_u16, 0_u16, 0_u16);
    let (mut hour, mut minute, mut second) = (None, 0_u16, 0_u16);
    let mut half = None;
    let mut rest = cell;
    for token in &format.0 {
        let (into, most) = match token {
            DateToken::Letter(' ') => {
                rest = rest.trim_start();
                continue;
            }
            DateToken::Letter(letter) => {
                rest = rest.strip_prefix(*letter)?;
                continue;
            }
            DateToken::NamedMonth => {
                (month, rest) = named_month(rest)?;
                continue;
            }
            DateToken::Half => {
                let (is_afternoon, after) = clock::half(rest.trim_start())?;
                (half, rest) = (Some(is_afternoon), after);
                continue;
            }
            DateToken::Year => (&mut year, 4),
            DateToken::ShortYear => (&mut year, 2),
            DateToken::Month => (&mut month, 2),
            DateToken::Day => (&mut day, 2),
            DateToken::Hour | DateToken::HalfHour => (hour.insert(0), 2),
            DateToken::Minute => (&mut minute, 2),
            DateToken::Second => (&mut second, 2),
        };
        // Numbers may touch: `20261231`. A year has all of its digits.
        let (number, length, after) = clock::digits(rest, most)?;
        let is_year = matches!(token, DateToken::Year | DateToken::ShortYear);
        *into = (length == most || !is_year).then_some(number)?;
        if *token == DateToken::ShortYear {
            // As POSIX has it: 69 to 99 are of the last century.
            year = year.checked_add(if year < 69 { 2000 } else { 1900 })?;
        }
        rest = after;
    }
    rest.trim().is_empty().then_some(())?;
    let small = |number: u16| i8::try_from(number).ok();
    let date = civil([year, month, day])?;
    let Some(hour) = hour else {
        return Some(FileDate::new(date, None));
    };
    let hour = match half {
        Some(is_afternoon) => clock::of_half(small(hour)?, is_afternoon)?,
        None => small(hour)?,
    };
    let time = Time::new(hour, small(minute)?, small(second)?, 0).ok()?;
    Some(FileDate::new(date, Some(ClockTime::new(time, None))))
}
