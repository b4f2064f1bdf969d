//! Dates as banks and bookkeepers write them, brought to the form `2026-12-31`.
//!
//! Owns which readings a date has, and what a whole file of them leaves open: day before month or
//! month before day. Two-digit years and bare digits have too many readings; for them a format is
//! asked for.

use super::Fault;
use super::options::{DateFormat, Token};

/// Which of day and month comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    DayFirst,
    MonthFirst,
}

/// How the dates of a file are read.
#[derive(Clone, Debug)]
pub(super) enum Dates {
    /// As they were said to be written.
    Said(DateFormat),
    /// As each of them allows only, or as all of them do.
    Found(Option<OrderFound>),
}

/// The order that every date of a file can be read in.
#[derive(Clone, Copy, Debug)]
pub(super) struct OrderFound(Order);

/// A date as it is written, before anything is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written<'a> {
    /// Year, month, day: nobody writes anything else behind a year.
    Certain(u32, u32, u32, &'a str),
    /// Two numbers of two digits, and a year.
    Open(u32, u32, u32, char, &'a str),
}

impl Dates {
    /// Decides by all dates of a file; else the number of the date that leaves it open, or that no
    /// reading fits, and why.
    pub(super) fn of<'a>(
        asked: Option<&DateFormat>,
        cells: impl Iterator<Item = &'a str>,
    ) -> Result<Dates, (usize, Fault)> {
        if let Some(format) = asked {
            return Ok(Dates::Said(format.clone()));
        }
        let (mut day_first, mut month_first) = (true, true);
        let mut open: Option<(usize, &str)> = None;
        for (number, cell) in cells.enumerate() {
            let Written::Open(first, second, year, ..) =
                written(cell).ok_or_else(|| (number, not_a_date(cell)))?
            else {
                continue;
            };
            let can_be = |order| is_date(in_order(order, first, second, year));
            let (day, month) = (can_be(Order::DayFirst), can_be(Order::MonthFirst));
            if !(day && day_first || month && month_first) {
                return Err((number, not_a_date(cell)));
            }
            (day_first, month_first) = (day_first && day, month_first && month);
            open.get_or_insert((number, cell));
        }
        match (day_first, month_first, open) {
            (true, true, Some((number, cell))) => Err((number, order_is_open(cell))),
            (true, true, None) => Ok(Dates::Found(None)),
            (true, false, _) => Ok(Dates::Found(Some(OrderFound(Order::DayFirst)))),
            _ => Ok(Dates::Found(Some(OrderFound(Order::MonthFirst)))),
        }
    }

    /// A date, and the time where there is one, in the form in which the ledger reads them:
    /// `2026-12-31`, `2026-12-31 23:15:00`, `2026-12-31T23:15:00+01:00`.
    pub(super) fn read(&self, cell: &str) -> Result<String, Fault> {
        let found = match self {
            Dates::Said(format) => read_as(format, cell.trim()),
            Dates::Found(order) => match written(cell) {
                Some(Written::Certain(year, month, day, time)) => Some((year, month, day, time)),
                Some(Written::Open(first, second, year, _, time)) => {
                    order.map(|OrderFound(order)| {
                        let (year, month, day) = in_order(order, first, second, year);
                        (year, month, day, time)
                    })
                }
                None => None,
            }
            .map(|(year, month, day, time)| ((year, month, day), with_zone_apart(time))),
        };
        match found {
            Some((date @ (year, month, day), time)) if is_date(date) => {
                Ok(format!("{year:04}-{month:02}-{day:02}{time}"))
            }
            _ => Err(match self {
                Dates::Said(_) => Fault::NotADate {
                    text: cell.to_owned(),
                    has_format: true,
                },
                Dates::Found(_) => not_a_date(cell),
            }),
        }
    }
}

/// True of what can be read as a date in one way or another.
pub(super) fn is_like_one(cell: &str) -> bool {
    written(cell).is_some()
}

fn not_a_date(cell: &str) -> Fault {
    Fault::NotADate {
        text: cell.to_owned(),
        has_format: false,
    }
}

fn order_is_open(cell: &str) -> Fault {
    let readings = match written(cell) {
        Some(Written::Open(first, second, year, separator, _)) => {
            let text = |order| {
                let (year, month, day) = in_order(order, first, second, year);
                format!("{year:04}-{month:02}-{day:02}")
            };
            Some((text(Order::DayFirst), text(Order::MonthFirst), separator))
        }
        _ => None,
    };
    let (day_first, month_first, separator) = readings.unwrap_or_default();
    Fault::DateOrder {
        text: cell.trim().to_owned(),
        day_first,
        month_first,
        separator,
    }
}

fn in_order(order: Order, first: u32, second: u32, year: u32) -> (u32, u32, u32) {
    match order {
        Order::DayFirst => (year, second, first),
        Order::MonthFirst => (year, first, second),
    }
}

fn is_date((year, month, day): (u32, u32, u32)) -> bool {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let most = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=9999).contains(&year) && (1..=most).contains(&day)
}

/// Reads at most `most` digits off the front.
fn digits(text: &str, most: usize) -> Option<(u32, &str)> {
    let end = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    let (digits, rest) = text.split_at_checked(end)?;
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some(())?;
    Some((digits.parse().ok()?, rest))
}

/// A date by its own form. A year has four digits.
fn written(cell: &str) -> Option<Written<'_>> {
    let cell = cell.trim();
    let leading = cell.bytes().take_while(u8::is_ascii_digit).count();
    if leading == 4 {
        let (year, rest) = digits(cell, 4)?;
        let separator = rest
            .chars()
            .next()
            .filter(|c| matches!(c, '-' | '/' | '.'))?;
        let (month, rest) = digits(rest.strip_prefix(separator)?, 2)?;
        let (day, rest) = digits(rest.strip_prefix(separator)?, 2)?;
        return Some(Written::Certain(year, month, day, time_behind(rest)?));
    }
    if leading == 0 {
        let (month, rest) = named_month(cell)?;
        let (day, rest) = digits(rest.trim_start(), 2)?;
        let rest = rest.strip_prefix(',').unwrap_or(rest);
        let (year, rest) = year(rest.trim_start())?;
        return Some(Written::Certain(year, month, day, time_behind(rest)?));
    }
    let (first, rest) = digits(cell, 2)?;
    let separator = rest.chars().next()?;
    let behind = rest.strip_prefix(separator)?.trim_start();
    if let Some((month, rest)) = named_month(behind) {
        let rest = rest.trim_start_matches(['-', '/', '.', ' ']);
        let (year, rest) = year(rest)?;
        return Some(Written::Certain(year, month, first, time_behind(rest)?));
    }
    matches!(separator, '-' | '/' | '.').then_some(())?;
    let (second, rest) = digits(behind, 2)?;
    let (year, rest) = year(rest.strip_prefix(separator)?)?;
    Some(Written::Open(
        first,
        second,
        year,
        separator,
        time_behind(rest)?,
    ))
}

fn year(text: &str) -> Option<(u32, &str)> {
    let has_four = text.bytes().take_while(u8::is_ascii_digit).count() == 4;
    has_four.then(|| digits(text, 4)).flatten()
}

/// A time of day behind a date, or nothing.
fn time_behind(rest: &str) -> Option<&str> {
    let time = rest.trim_start_matches(|c: char| matches!(c, 'T' | ',') || c.is_whitespace());
    let is_apart = time.len() < rest.len();
    let is_time = is_apart
        && time.bytes().take(2).all(|byte| byte.is_ascii_digit())
        && time.as_bytes().get(2) == Some(&b':');
    if rest.is_empty() {
        return Some("");
    }
    is_time.then_some(time)
}

/// A time as it goes behind a date: local behind a blank, with an offset behind a `T`. Whether it
/// exists is for whoever reads the whole.
fn with_zone_apart(time: &str) -> String {
    let has_offset = time.ends_with(['Z', 'z']) || time.contains(['+', '-']);
    match (time.is_empty(), has_offset) {
        (true, _) => String::new(),
        (false, true) => format!("T{}", time.replace(' ', "")),
        (false, false) => format!(" {time}"),
    }
}

/// The names of months in English and German, and their usual short forms.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "jänner", "jaenner", "jan"],
    &["february", "februar", "feber", "feb"],
    &["march", "märz", "maerz", "mär", "mrz", "mar"],
    &["april", "apr"],
    &["may", "mai"],
    &["june", "juni", "jun"],
    &["july", "juli", "jul"],
    &["august", "aug"],
    &["september", "sept", "sep"],
    &["october", "oktober", "oct", "okt"],
    &["november", "nov"],
    &["december", "dezember", "dec", "dez"],
];

/// A month's name off the front, with the point behind a short one.
fn named_month(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let name = name.to_lowercase();
    let index = MONTHS
        .iter()
        .position(|names| names.contains(&name.as_str()))?;
    let number = u32::try_from(index.checked_add(1)?).ok()?;
    Some((number, rest.strip_prefix('.').unwrap_or(rest)))
}

type Read = ((u32, u32, u32), String);

fn read_as(format: &DateFormat, cell: &str) -> Option<Read> {
    let (mut year, mut month, mut day) = (0, 0, 0);
    let (mut hour, mut minute, mut second) = (None, 0, 0);
    let mut rest = cell;
    for token in &format.0 {
        let (into, most) = match token {
            Token::Letter(' ') => {
                rest = rest.trim_start();
                continue;
            }
            Token::Letter(letter) => {
                rest = rest.strip_prefix(*letter)?;
                continue;
            }
            Token::NamedMonth => {
                (month, rest) = named_month(rest)?;
                continue;
            }
            Token::Year => (&mut year, 4),
            Token::ShortYear => (&mut year, 2),
            Token::Month => (&mut month, 2),
            Token::Day => (&mut day, 2),
            Token::Hour => (hour.insert(0), 2),
            Token::Minute => (&mut minute, 2),
            Token::Second => (&mut second, 2),
        };
        // Fields may touch: `20261231`.
        let end = rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let (digits, behind) = rest.split_at_checked(end)?;
        let is_whole = match token {
            Token::Year => end == 4,
            Token::ShortYear => end == 2,
            _ => end > 0,
        };
        *into = is_whole.then(|| digits.parse().ok()).flatten()?;
        if *token == Token::ShortYear {
            // As POSIX has it: 69 to 99 are of the last century.
            year = year.checked_add(if year < 69 { 2000 } else { 1900 })?;
        }
        rest = behind;
    }
    rest.trim().is_empty().then_some(())?;
    let time = match hour {
        Some(hour) => format!(" {hour:02}:{minute:02}:{second:02}"),
        None => String::new(),
    };
    Some(((year, month, day), time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(cells: &[&str]) -> Result<Vec<String>, (usize, Fault)> {
        let dates = Dates::of(None, cells.iter().copied())?;
        Ok(cells.iter().map(|cell| dates.read(cell).unwrap()).collect())
    }

    #[test]
    fn a_date_that_allows_one_reading_is_read() {
        for (cell, expected) in [
            ("2026-12-31", "2026-12-31"),
            ("2026/1/5", "2026-01-05"),
            ("31.12.2026", "2026-12-31"),
            ("12/31/2026", "2026-12-31"),
            ("01 Jan 2026", "2026-01-01"),
            ("3-Mar-2026", "2026-03-03"),
            ("5. März 2026", "2026-03-05"),
            ("Dec 3, 2026", "2026-12-03"),
            ("31.12.2026 23:15", "2026-12-31 23:15"),
            ("2026-12-31T23:15:00Z", "2026-12-31T23:15:00Z"),
            ("2026-12-31 23:15:00 +01:00", "2026-12-31T23:15:00+01:00"),
        ] {
            assert_eq!(found(&[cell]).unwrap(), [expected], "{cell}");
        }
    }

    #[test]
    fn one_date_decides_for_all_and_none_leaves_it_open() {
        assert_eq!(
            found(&["03/04/2026", "25/04/2026"]).unwrap(),
            ["2026-04-03", "2026-04-25"]
        );
        assert_eq!(
            found(&["03/04/2026", "04/25/2026"]).unwrap(),
            ["2026-03-04", "2026-04-25"]
        );
        let (number, fault) = found(&["2026-01-01", "03/04/2026", "05/05/2026"]).unwrap_err();
        assert_eq!(number, 1);
        let Fault::DateOrder {
            day_first,
            month_first,
            separator,
            ..
        } = fault
        else {
            panic!("{fault:?}");
        };
        assert_eq!(
            (day_first.as_str(), month_first.as_str()),
            ("2026-04-03", "2026-03-04")
        );
        assert_eq!(separator, '/');
    }

    #[test]
    fn dates_that_contradict_each_other_or_do_not_exist_are_no_dates() {
        let number = |cells: &[&str]| found(cells).unwrap_err().0;
        assert_eq!(number(&["25/04/2026", "04/25/2026"]), 1);
        for bad in [
            "31.04.2026",
            "2026-13-01x",
            "1.2.26",
            "20261231",
            "",
            "Foo 3, 2026",
            "13/13/2026",
        ] {
            assert_eq!(number(&[bad]), 0, "{bad}");
        }
    }

    #[test]
    fn a_format_that_was_named_is_kept_to() {
        let read = |format: &str, cell: &str| {
            let format = DateFormat::parse(format).unwrap();
            Dates::of(Some(&format), std::iter::empty())
                .unwrap()
                .read(cell)
                .ok()
        };
        assert_eq!(read("%d.%m.%y", "03.04.26").as_deref(), Some("2026-04-03"));
        assert_eq!(read("%d.%m.%y", "03.04.70").as_deref(), Some("1970-04-03"));
        assert_eq!(
            read("%m/%d/%Y", "03/04/2026").as_deref(),
            Some("2026-03-04")
        );
        assert_eq!(read("%Y%m%d", "20260304").as_deref(), Some("2026-03-04"));
        assert_eq!(
            read("%d %b %Y", "4 Okt 2026").as_deref(),
            Some("2026-10-04")
        );
        assert_eq!(
            read("%d.%m.%Y %H:%M", "03.04.2026 7:05").as_deref(),
            Some("2026-04-03 07:05:00")
        );
        for (format, cell) in [
            ("%d.%m.%Y", "03.04.26"),
            ("%d.%m.%Y", "31.02.2026"),
            ("%d.%m.%Y", "03.04.2026 10:00"),
            ("%d.%m.%Y", "03/04/2026"),
        ] {
            assert_eq!(read(format, cell), None, "{format} {cell}");
        }
    }
}
