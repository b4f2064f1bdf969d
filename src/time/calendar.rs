//! The forms of `WHEN` that begin with a year: dates, longer periods, and dates with a time of day.
//!
//! The syntax is checked here and only numbers are passed to jiff, whose parsers accept too much.

use jiff::civil::{Date, ISOWeekDate, Time};

use super::error::quoted;
use super::form::{FineLocal, Form, instant};
use super::scan::Scan;
use super::timestamp::{days_from_civil, days_in_month};
use super::{Step, Timestamp, WhenError};

/// The unchecked numbers of a date.
#[derive(Clone, Copy)]
pub(super) struct Ymd {
    year: u32,
    month: u32,
    day: u32,
}

/// The unchecked numbers of a time of day.
#[derive(Clone, Copy)]
pub(super) struct TimeOfDay {
    hour: u32,
    minute: u32,
    second: Option<u32>,
    nanos: u32,
    offset: Option<Offset>,
}

#[derive(Clone, Copy)]
struct Offset {
    is_west: bool,
    hour: u32,
    minute: u32,
    second: u32,
}

#[derive(Clone, Copy)]
pub(super) enum Shape {
    Year(u32),
    Quarter(u32, u32),
    Week(u32, u32),
    Month(u32, u32),
    Day(Ymd),
    Time(Ymd, TimeOfDay),
}

impl Shape {
    /// Whether nothing is left to the reader: seconds and an offset are there.
    pub(super) fn is_rfc3339(self) -> bool {
        matches!(self, Shape::Time(_, time) if time.second.is_some() && time.offset.is_some())
    }
}

/// The form a text's bytes have, its numbers as they stand there.
pub(super) fn shape(text: &str) -> Option<Shape> {
    let mut rest = Scan::new(text);
    let year = rest.digits(4)?;
    if rest.is_at_end() {
        return Some(Shape::Year(year));
    }
    rest.take(b"-")?;
    let found = if rest.take(b"Qq").is_some() {
        Shape::Quarter(year, rest.digits(1)?)
    } else if rest.take(b"Ww").is_some() {
        Shape::Week(year, rest.digits(2)?)
    } else {
        let month = rest.digits(2)?;
        if rest.is_at_end() {
            return Some(Shape::Month(year, month));
        }
        rest.take(b"-")?;
        let date = Ymd {
            year,
            month,
            day: rest.digits(2)?,
        };
        if rest.is_at_end() {
            return Some(Shape::Day(date));
        }
        rest.take(b"Tt ")?;
        Shape::Time(date, clock_of(&mut rest)?)
    };
    rest.is_at_end().then_some(found)
}

impl Timestamp {
    /// Reads RFC 3339 with any offset and 0 to 9 fraction digits, cut down to whole microseconds.
    ///
    /// # Errors
    /// [`WhenError::NotRfc3339`] for another form, [`WhenError::Field`] for a part that does not exist
    /// (a 30th of February, a leap second), [`WhenError::OutOfRange`] outside [`Timestamp::MIN`] to
    /// [`Timestamp::MAX`].
    pub fn parse_rfc3339(text: &str) -> Result<Timestamp, WhenError> {
        let other_form = || WhenError::NotRfc3339 { text: quoted(text) };
        let found = shape(text).filter(|shape| shape.is_rfc3339());
        match named(text, found.ok_or_else(other_form)?)? {
            Form::Timestamp(fine) => Ok(fine.floor),
            _ => Err(other_form()),
        }
    }
}

/// The forms that begin with a year.
pub(super) fn form(text: &str) -> Option<Result<Form, WhenError>> {
    shape(text).map(|shape| named(text, shape))
}

fn named(text: &str, shape: Shape) -> Result<Form, WhenError> {
    let within = |field, value, first, last| {
        if (first..=last).contains(&value) {
            return Ok(());
        }
        Err(WhenError::Field {
            text: quoted(text),
            field,
            value,
            first,
            last,
        })
    };
    let date = |Ymd { year, month, day }| {
        within("year", year, 1, 9999)?;
        within("month", month, 1, 12)?;
        within("day", day, 1, days_in_month(year, month))?;
        civil_date(year, month, day).ok_or_else(|| WhenError::OutOfRange { text: quoted(text) })
    };
    Ok(match shape {
        Shape::Year(year) => Form::Calendar(
            Step::Year,
            date(Ymd {
                year,
                month: 1,
                day: 1,
            })?,
        ),
        Shape::Month(year, month) => Form::Calendar(
            Step::Month,
            date(Ymd {
                year,
                month,
                day: 1,
            })?,
        ),
        Shape::Day(day) => Form::Calendar(Step::Day, date(day)?),
        Shape::Quarter(year, quarter) => {
            within("quarter", quarter, 1, 4)?;
            let month = quarter.saturating_mul(3).saturating_sub(2);
            Form::Calendar(
                Step::Quarter,
                date(Ymd {
                    year,
                    month,
                    day: 1,
                })?,
            )
        }
        Shape::Week(year, week) => {
            // The 28th of December is always in its year's last week.
            let late = date(Ymd {
                year,
                month: 12,
                day: 28,
            })?;
            let late = late.iso_week_date();
            within("week", week, 1, u32::from(late.week().unsigned_abs()))?;
            i8::try_from(week)
                .ok()
                .and_then(|week| ISOWeekDate::new(late.year(), week, late.weekday()).ok())
                .map(|day| Form::Calendar(Step::Week, day.date()))
                .ok_or_else(|| WhenError::OutOfRange { text: quoted(text) })?
        }
        Shape::Time(day, clock) => {
            let date = date(day)?;
            within("hour", clock.hour, 0, 23)?;
            within("minute", clock.minute, 0, 59)?;
            within("second", clock.second.unwrap_or(0), 0, 59)?;
            let Some(offset) = clock.offset else {
                return local(date, clock)
                    .ok_or_else(|| WhenError::OutOfRange { text: quoted(text) });
            };
            within("offset hour", offset.hour, 0, 23)?;
            within("offset minute", offset.minute, 0, 59)?;
            within("offset second", offset.second, 0, 59)?;
            instant(text, unix_nanos(day, clock, offset))?
        }
    })
}

fn civil_date(year: u32, month: u32, day: u32) -> Option<Date> {
    let (year, month, day) = (
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
    );
    Date::new(year, month, day).ok()
}

fn local(date: Date, clock: TimeOfDay) -> Option<Form> {
    let micros = clock.nanos / 1000;
    let time = Time::new(
        clock.hour.try_into().ok()?,
        clock.minute.try_into().ok()?,
        clock.second.unwrap_or(0).try_into().ok()?,
        micros.saturating_mul(1000).try_into().ok()?,
    );
    let floor = date.to_datetime(time.ok()?);
    Some(Form::Local(FineLocal {
        floor,
        is_finer: !clock.nanos.is_multiple_of(1000),
    }))
}

#[expect(
    clippy::arithmetic_side_effects,
    reason = "every part was found to be within its bounds"
)]
fn unix_nanos(date: Ymd, clock: TimeOfDay, offset: Offset) -> i128 {
    let days = days_from_civil(date.year.into(), date.month.into(), date.day.into());
    let local = clock.hour * 3600 + clock.minute * 60 + clock.second.unwrap_or(0);
    let ahead = i64::from(offset.hour * 3600 + offset.minute * 60 + offset.second);
    let ahead = if offset.is_west { -ahead } else { ahead };
    let seconds = days * 86_400 + i64::from(local) - ahead;
    i128::from(seconds) * 1_000_000_000 + i128::from(clock.nanos)
}

/// A time of day to its end: `10:15`, `10:15:02.5Z`, `10:15 +01:00`.
fn clock_of(rest: &mut Scan<'_>) -> Option<TimeOfDay> {
    let hour = rest.digits(2)?;
    rest.take(b":")?;
    let minute = rest.digits(2)?;
    let second = match rest.take(b":") {
        Some(_) => Some(rest.digits(2)?),
        None => None,
    };
    let has_fraction = second.is_some() && rest.begins_with(b'.');
    let nanos = if has_fraction { rest.fraction()? } else { 0 };
    let offset = if rest.is_at_end() {
        None
    } else {
        Some(offset_of(rest)?)
    };
    Some(TimeOfDay {
        hour,
        minute,
        second,
        nanos,
        offset,
    })
}

/// `Z`, `+01:00`, and as other tools write it: after a blank, `+0100`, `+01`, with seconds.
fn offset_of(rest: &mut Scan<'_>) -> Option<Offset> {
    let _ = rest.take(b" ");
    let mut offset = Offset {
        is_west: false,
        hour: 0,
        minute: 0,
        second: 0,
    };
    match rest.take(b"Zz+-")? {
        b'+' => {}
        b'-' => offset.is_west = true,
        _ => return Some(offset),
    }
    offset.hour = rest.digits(2)?;
    if rest.is_at_end() {
        return Some(offset);
    }
    let has_colons = rest.take(b":").is_some();
    offset.minute = rest.digits(2)?;
    if has_colons && rest.take(b":").is_some() {
        offset.second = rest.digits(2)?;
    }
    Some(offset)
}
