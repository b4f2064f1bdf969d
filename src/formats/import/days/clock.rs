//! Times of day beside dates: of 24 or of twice 12 hours, with or without an offset.

use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// A time of day, with an offset if one is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats::import) struct ClockTime {
    pub(super) time: Time,
    pub(super) offset: Option<Offset>,
}

impl ClockTime {
    pub(in crate::formats::import) fn new(time: Time, offset: Option<Offset>) -> ClockTime {
        ClockTime { time, offset }
    }

    pub(super) fn is_local_midnight(self) -> bool {
        self.offset.is_none() && self.time == Time::midnight()
    }

    pub(super) fn sort_key(self, date: Date) -> DateTime {
        let local = date.to_datetime(self.time);
        let utc = self
            .offset
            .and_then(|offset| offset.to_timestamp(local).ok())
            .map(|instant| Offset::UTC.to_datetime(instant));
        utc.unwrap_or(local)
    }
}

/// Reads `14:05`, `14.05`, `2:05:07 PM`, `14:05:07.5Z`, `14:05 +01:00`.
pub(super) fn read(text: &str) -> Option<ClockTime> {
    let (hour, _, rest) = digits(text, 2)?;
    let separator = rest
        .chars()
        .next()
        .filter(|c| matches!(c, ':' | '.' | 'h'))?;
    let (minute, _, mut rest) = digits(rest.strip_prefix(separator)?, 2)?;
    let mut second = 0;
    if let Some(after) = rest.strip_prefix(separator) {
        (second, _, rest) = digits(after, 2)?;
    }
    let mut nanosecond = 0;
    if let Some(after) = rest.strip_prefix(['.', ',']) {
        let length = after.bytes().take_while(u8::is_ascii_digit).count();
        let digits = after.get(..length.min(9)).filter(|own| !own.is_empty())?;
        nanosecond = format!("{digits:0<9}").parse().ok()?;
        rest = after.get(length..)?;
    }
    let rest = rest.trim_start();
    let (hour, rest) = match half(rest) {
        Some((is_afternoon, rest)) => (of_half(hour, is_afternoon)?, rest),
        None => (hour, rest),
    };
    let time = Time::new(hour, minute, second, nanosecond).ok()?;
    let offset = match rest.trim() {
        "" => None,
        text => Some(offset(text)?),
    };
    Some(ClockTime { time, offset })
}

/// The hour of the day of an hour before or after noon.
pub(super) fn of_half(hour: i8, is_afternoon: bool) -> Option<i8> {
    match (hour, is_afternoon) {
        (12, false) => Some(0),
        (12, true) => Some(12),
        (1..=11, false) => Some(hour),
        (1..=11, true) => hour.checked_add(12),
        _ => None,
    }
}

/// Takes `AM` or `PM` off the front; true is the afternoon.
pub(super) fn half(text: &str) -> Option<(bool, &str)> {
    let lower = text.to_ascii_lowercase();
    [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)]
        .into_iter()
        .find(|(word, _)| lower.starts_with(word))
        .and_then(|(word, is_afternoon)| Some((is_afternoon, text.get(word.len()..)?)))
}

/// Takes at most `most` digits off the front: their number, how many they are, and the rest.
pub(super) fn digits<N: FromStr>(text: &str, most: usize) -> Option<(N, usize, &str)> {
    let digits = text.bytes().take(most).take_while(u8::is_ascii_digit);
    let length = digits.count();
    let (digits, rest) = text.split_at_checked(length)?;
    Some((digits.parse().ok()?, length, rest))
}

/// `Z`, `UTC`, `GMT`, `+01:00`, `+0100` or `+01`. A zone's letters are no offset: CST is four of them.
fn offset(text: &str) -> Option<Offset> {
    if matches!(text, "Z" | "z" | "UTC" | "GMT") {
        return Some(Offset::UTC);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    let is_form = matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_form.then_some(())?;
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { "0" } else { minutes };
    of_parts(sign, hours.parse().ok()?, minutes.parse().ok()?)
}

/// An offset of so many hours and minutes.
pub(in crate::formats::import) fn of_parts(sign: i32, hours: i32, minutes: i32) -> Option<Offset> {
    let fits = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
    let seconds = minutes.checked_mul(60)?.checked_mul(sign)?;
    fits.then(|| Offset::from_seconds(seconds).ok()).flatten()
}
