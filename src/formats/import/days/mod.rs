//! Dates as banks and bookkeepers write them.
//!
//! Finds the readings of a date (which number is day, month, year) that all dates of a file allow.

mod clock;
mod file_date;
mod format;

use super::Fault;
use super::options::DateFormat;
pub(super) use clock::{ClockTime, of_parts as offset_of};
use file_date::named_month;
pub(super) use file_date::{FileDate, civil};

/// Which of a date's three numbers is the first; the other two follow in their usual order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberOrder {
    Day,
    Month,
    Year,
}

const ORDERS: [NumberOrder; 3] = [NumberOrder::Day, NumberOrder::Month, NumberOrder::Year];

/// How the dates of a file are read.
#[derive(Clone, Debug)]
pub(super) enum DateReader {
    /// As the user says.
    Format(DateFormat),
    /// Each as its form says; numbers that leave it open in this order.
    Found(Option<NumberOrder>),
}

/// A date before the order of its numbers is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written<'a> {
    Certain([u16; 3], &'a str),
    Open {
        numbers: [u16; 3],
        /// False if the last number has four digits and so is the year.
        short: bool,
        separator: char,
        time: &'a str,
    },
}

/// Finds the order that all dates of a file allow.
#[derive(Clone, Debug)]
pub(super) struct DateDetector<P> {
    format: Option<DateFormat>,
    possible: Vec<NumberOrder>,
    open: Option<(P, String)>,
}

impl<P: Clone> DateDetector<P> {
    pub(super) fn new(format: Option<&DateFormat>) -> DateDetector<P> {
        DateDetector {
            format: format.cloned(),
            possible: ORDERS.to_vec(),
            open: None,
        }
    }

    /// Takes in a date and its place.
    pub(super) fn add(&mut self, place: impl FnOnce() -> P, cell: &str) -> Result<(), (P, Fault)> {
        if self.format.is_some() {
            return Ok(());
        }
        let Some(written) = written(cell) else {
            return Err((place(), Fault::not_a_date(cell)));
        };
        let Written::Open {
            numbers,
            short,
            separator,
            ..
        } = written
        else {
            return Ok(());
        };
        let fits = |order: &NumberOrder| {
            // With points the day is first; a short year is first only before dashes.
            let allowed = match order {
                NumberOrder::Day => true,
                NumberOrder::Month => separator != '.',
                NumberOrder::Year => short && separator == '-',
            };
            allowed && in_order(*order, numbers, short).is_some()
        };
        let possible: Vec<NumberOrder> = self.possible.iter().copied().filter(fits).collect();
        if possible.is_empty() {
            let fault = if century_is_open(numbers, short) {
                Fault::Century(cell.trim().to_owned())
            } else {
                Fault::not_a_date(cell)
            };
            return Err((place(), fault));
        }
        self.possible = possible;
        if self.open.is_none() {
            self.open = Some((place(), cell.trim().to_owned()));
        }
        Ok(())
    }

    /// The reader of all dates; otherwise the date that leaves the order open.
    pub(super) fn reader(&self) -> Result<DateReader, (P, Fault)> {
        if let Some(format) = &self.format {
            return Ok(DateReader::Format(format.clone()));
        }
        let Some((place, cell)) = &self.open else {
            return Ok(DateReader::Found(None));
        };
        match self.possible.as_slice() {
            [order] => Ok(DateReader::Found(Some(*order))),
            orders => Err((place.clone(), order_is_open(cell, orders))),
        }
    }
}

impl DateReader {
    /// The date of a cell.
    pub(super) fn read(&self, cell: &str) -> Result<FileDate, Fault> {
        let not_a_date = || Fault::not_a_date(cell);
        let (numbers, time) = match self {
            DateReader::Format(format) => {
                return format::read(format, cell.trim()).ok_or_else(|| Fault::NotADate {
                    text: cell.to_owned(),
                    has_format: true,
                });
            }
            DateReader::Found(order) => match written(cell).ok_or_else(not_a_date)? {
                Written::Certain(numbers, time) => (numbers, time),
                Written::Open {
                    numbers,
                    short,
                    time,
                    ..
                } => {
                    let found = order.and_then(|order| in_order(order, numbers, short));
                    (found.ok_or_else(not_a_date)?, time)
                }
            },
        };
        let date = civil(numbers).ok_or_else(|| not_in_the_calendar(cell, numbers))?;
        let time = match time {
            "" => None,
            text => Some(clock::read(text).ok_or_else(|| Fault::NotATime(text.to_owned()))?),
        };
        Ok(FileDate::new(date, time))
    }
}

/// True of what can be read as a date in one way or another.
pub(super) fn is_like_one(cell: &str) -> bool {
    written(cell).is_some()
}

fn not_in_the_calendar(cell: &str, [year, month, day]: [u16; 3]) -> Fault {
    if (1..=12).contains(&month) && (1..=31).contains(&day) {
        Fault::NoSuchDay { year, month, day }
    } else {
        Fault::not_a_date(cell)
    }
}

/// Years of statements: two digits mean this century up to 49 and the last one from 70.
fn full_year(year: u16, short: bool) -> Option<u16> {
    match year {
        year if !short => Some(year),
        0..=49 => year.checked_add(2000),
        70..=99 => year.checked_add(1900),
        _ => None,
    }
}

fn century_is_open(numbers: [u16; 3], short: bool) -> bool {
    short
        && ORDERS.iter().any(|order| {
            let [year, month, day] = arranged(*order, numbers);
            (50..70).contains(&year) && civil([2000_u16.saturating_add(year), month, day]).is_some()
        })
}

fn arranged(order: NumberOrder, [first, second, third]: [u16; 3]) -> [u16; 3] {
    match order {
        NumberOrder::Day => [third, second, first],
        NumberOrder::Month => [third, first, second],
        NumberOrder::Year => [first, second, third],
    }
}

/// Year, month and day in this order, if they are a date.
fn in_order(order: NumberOrder, numbers: [u16; 3], short: bool) -> Option<[u16; 3]> {
    let [year, month, day] = arranged(order, numbers);
    let found = [full_year(year, short)?, month, day];
    civil(found).map(|_| found)
}

fn order_is_open(cell: &str, orders: &[NumberOrder]) -> Fault {
    let Some(Written::Open {
        numbers,
        short,
        separator,
        ..
    }) = written(cell)
    else {
        return Fault::not_a_date(cell);
    };
    let mut readings = Vec::new();
    let mut formats = Vec::new();
    for order in orders {
        let Some([year, month, day]) = in_order(*order, numbers, short) else {
            continue;
        };
        let year_letter = if short { "%y" } else { "%Y" };
        let letters = match order {
            NumberOrder::Day => ["%d", "%m", year_letter],
            NumberOrder::Month => ["%m", "%d", year_letter],
            NumberOrder::Year => [year_letter, "%m", "%d"],
        };
        readings.push(format!("{year:04}-{month:02}-{day:02}"));
        formats.push(letters.join(&separator.to_string()));
    }
    Fault::DateOrder {
        text: cell.to_owned(),
        readings,
        formats,
    }
}

/// Takes at most `most` digits off the front, if no more follow them.
fn digits(text: &str, most: usize) -> Option<(u16, usize, &str)> {
    let found @ (_, _, rest) = clock::digits(text, most)?;
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some(found)
}

fn written(cell: &str) -> Option<Written<'_>> {
    let cell = without_weekday(cell.trim());
    let leading = cell.bytes().take_while(u8::is_ascii_digit).count();
    match leading {
        8 => return compact(cell),
        4 => {
            let (year, _, rest) = digits(cell, 4)?;
            let separator = rest
                .chars()
                .next()
                .filter(|c| matches!(c, '-' | '/' | '.'))?;
            let (month, _, rest) = digits(rest.strip_prefix(separator)?, 2)?;
            let (day, _, rest) = digits(rest.strip_prefix(separator)?, 2)?;
            return Some(Written::Certain([year, month, day], time_after(rest)?));
        }
        0 => {
            let (month, rest) = named_month(cell)?;
            let (day, _, rest) = digits(rest.trim_start_matches([' ', '-', '/']), 2)?;
            let rest = ["st", "nd", "rd", "th"]
                .iter()
                .find_map(|ending| rest.strip_prefix(ending))
                .unwrap_or(rest);
            let rest = rest.strip_prefix(',').unwrap_or(rest);
            let (year, rest) = named_year(rest.trim_start_matches([' ', '-', '/']))?;
            return Some(Written::Certain([year, month, day], time_after(rest)?));
        }
        _ => {}
    }
    let (first, _, rest) = digits(cell, 2)?;
    let separator = rest.chars().next()?;
    let after = rest.strip_prefix(separator)?.trim_start();
    if let Some((month, rest)) = named_month(after.strip_prefix("de ").unwrap_or(after)) {
        let rest = rest.trim_start_matches(['-', '/', '.', ' ', ',']);
        let rest = rest.strip_prefix("de ").unwrap_or(rest);
        let (year, rest) = named_year(rest)?;
        return Some(Written::Certain([year, month, first], time_after(rest)?));
    }
    matches!(separator, '-' | '/' | '.').then_some(())?;
    let (second, _, rest) = digits(after, 2)?;
    let (third, length, rest) = digits(rest.strip_prefix(separator)?.trim_start(), 4)?;
    let short = match length {
        4 => false,
        2 => true,
        _ => return None,
    };
    Some(Written::Open {
        numbers: [first, second, third],
        short,
        separator,
        time: time_after(rest)?,
    })
}

/// `20261231`: of the two orders in use only one makes a year of ours.
fn compact(cell: &str) -> Option<Written<'_>> {
    let number = |from: usize, to: usize| cell.get(from..to)?.parse::<u16>().ok();
    let numbers = [number(0, 4)?, number(4, 6)?, number(6, 8)?];
    let is_ours = (1900..2100).contains(&numbers.first().copied()?) && civil(numbers).is_some();
    is_ours.then_some(())?;
    Some(Written::Certain(numbers, time_after(cell.get(8..)?)?))
}

fn without_weekday(cell: &str) -> &str {
    const DAYS: [&str; 14] = [
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "mo", "di", "mi", "do", "fr", "sa", "so",
    ];
    let Some((word, rest)) = cell.split_once([' ', ',']) else {
        return cell;
    };
    let word = word.trim_end_matches('.').to_lowercase();
    if DAYS.contains(&word.as_str()) || word.ends_with("day") {
        rest.trim_start_matches([' ', ','])
    } else {
        cell
    }
}

/// A year beside a month's name: its place leaves nothing open but the century.
fn named_year(text: &str) -> Option<(u16, &str)> {
    let (year, length, rest) = digits(text, 4)?;
    match length {
        4 => Some((year, rest)),
        2 => Some((full_year(year, true)?, rest)),
        _ => None,
    }
}

/// What follows a date: nothing, or a time of day.
fn time_after(rest: &str) -> Option<&str> {
    let time = rest.trim_start_matches(|c: char| matches!(c, 'T' | ',') || c.is_whitespace());
    let is_apart = time.len() < rest.len();
    let hours = time.bytes().take_while(u8::is_ascii_digit).count();
    let is_time = is_apart
        && (1..=2).contains(&hours)
        && matches!(time.as_bytes().get(hours), Some(b':' | b'.' | b'h'));
    if rest.trim().is_empty() {
        return Some("");
    }
    is_time.then_some(time.trim_end())
}

#[cfg(test)]
mod tests;
