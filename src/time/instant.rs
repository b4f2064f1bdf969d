//! `Instant`: a moment in UTC as its canonical bytes, and the arithmetic between bytes and numbers.
//!
//! Must not know zones, what people type, or jiff: reading a log checks two of these a line.

use std::cmp::Ordering;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{WhenError, parse};

const MICROS_A_SECOND: i64 = 1_000_000;
const SECONDS_A_DAY: i64 = 86_400;

/// The least that each byte of the canonical form may be, and the most.
const LEAST: &[u8; 27] = b"0000-00-00T00:00:00.000000Z";
const MOST: &[u8; 27] = b"9999-19-39T29:59:59.999999Z";

/// A moment in UTC with microseconds, kept as its 27 canonical bytes
/// `2026-11-23T10:15:02.123456Z`, so that bytes compare as times. Five zeros behind them make it two
/// whole machine words of the widest kind: 27 bytes are copied in pieces that overlap, and whoever
/// reads them right behind that waits for both.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Instant([u8; 32]);

impl Instant {
    /// The first moment there is: the start of the year 1 in UTC.
    pub const MIN: Instant = Instant(*b"0001-01-01T00:00:00.000000Z\0\0\0\0\0");

    /// The last moment there is: `9999-12-30T22:00:00.999999Z`. The last two hours and one day of the
    /// year 9999 are left out so that every instant has a local time in every zone (it is the last
    /// whole microsecond that the calendar library holds).
    pub const MAX: Instant = Instant(*b"9999-12-30T22:00:00.999999Z\0\0\0\0\0");

    /// Reads exactly the canonical form: 27 bytes, a date that exists, hours below 24, minutes and
    /// seconds below 60 (no leap second), within [`Instant::MIN`] and [`Instant::MAX`]. Allocates nothing.
    #[must_use]
    pub fn from_canonical(text: &[u8]) -> Option<Instant> {
        let bytes: &[u8; 27] = text.try_into().ok()?;
        // Every byte against the least and the most it may be, without a branch a byte: this runs twice a line.
        let shape = LEAST.iter().zip(MOST);
        let strays = bytes
            .iter()
            .zip(shape)
            .fold(0, |strays, (byte, (least, most))| {
                strays | u8::from(byte < least) | u8::from(byte > most)
            });
        if strays != 0 {
            return None;
        }
        let [y1, y2, y3, y4, _, mo1, mo2, _, d1, d2, _, h1, h2, ..] = *bytes;
        let (month, day) = (pair(mo1, mo2), pair(d1, d2));
        let date_is_good = (1..=12).contains(&month)
            && day >= 1
            && (day <= 28 || {
                let year = u32::from(pair(y1, y2))
                    .wrapping_mul(100)
                    .wrapping_add(u32::from(pair(y3, y4)));
                u32::from(day) <= days_in_month(year, u32::from(month))
            });
        let hour_is_good = pair(h1, h2) < 24;
        let found = Instant::of(bytes);
        // Only the first and the last year have moments beyond the ends.
        let is_in_time = match [y1, y2, y3, y4] {
            [b'0', b'0', b'0', b'0'] => false,
            [b'9', b'9', b'9', b'9'] => found <= Instant::MAX,
            _ => true,
        };
        let is_good = hour_is_good && date_is_good && is_in_time;
        is_good.then_some(found)
    }

    /// The moment of these bytes, whose form was looked at.
    #[inline]
    fn of(text: &[u8; 27]) -> Instant {
        let first = text.first_chunk::<16>().copied().unwrap_or_default();
        let last = text.last_chunk::<16>().copied().unwrap_or_default();
        // Five of the last sixteen stand among the first.
        let last = (u128::from_le_bytes(last) >> 40).to_le_bytes();
        let mut bytes = [0; 32];
        if let [front, behind] = bytes.as_chunks_mut::<16>().0 {
            (*front, *behind) = (first, last);
        }
        Instant(bytes)
    }

    /// Reads the canonical form of a moment on this same UTC day, whose date needs no second look.
    /// `None` says nothing about the text: it may be a moment of another day.
    #[must_use]
    #[expect(
        clippy::inline_always,
        reason = "handed back through memory, 32 bytes cost more than the look at them"
    )]
    #[inline(always)]
    pub fn same_day_from_canonical(&self, text: &[u8; 27]) -> Option<Instant> {
        let (own_day, (day, clock)) =
            (self.0.first_chunk::<11>()?, text.split_first_chunk::<11>()?);
        // The last year ends early: its moments are left to the full reading.
        if own_day != day || day.starts_with(b"9999") {
            return None;
        }
        let clock: &[u8; 16] = clock.try_into().ok()?;
        let shape = LEAST.iter().zip(MOST).skip(11);
        let strays = clock
            .iter()
            .zip(shape)
            .fold(0, |strays, (byte, (least, most))| {
                strays | u8::from(byte < least) | u8::from(byte > most)
            });
        let [h1, h2, ..] = *clock;
        (strays == 0 && pair(h1, h2) < 24).then_some(Instant::of(text))
    }

    /// Reads RFC 3339 with any offset and 0 to 9 fraction digits, cut down to whole microseconds.
    ///
    /// # Errors
    /// [`WhenError::NotRfc3339`] for another form, [`WhenError::Field`] for a part that does not exist
    /// (a 30th of February, a leap second), [`WhenError::OutOfRange`] beyond the two ends of time.
    pub fn parse_rfc3339(text: &str) -> Result<Instant, WhenError> {
        parse::rfc3339(text)
    }

    /// The system's time, cut down to whole microseconds. `None` outside [`Instant::MIN`] to [`Instant::MAX`].
    #[must_use]
    pub fn from_system(system: SystemTime) -> Option<Instant> {
        let nanos = match system.duration_since(UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_nanos()).ok()?,
            Err(before) => i128::try_from(before.duration().as_nanos())
                .ok()?
                .checked_neg()?,
        };
        Instant::from_unix_micros(i64::try_from(nanos.div_euclid(1000)).ok()?)
    }

    /// Microseconds since 1970-01-01T00:00:00Z. `None` outside [`Instant::MIN`] to [`Instant::MAX`].
    #[must_use]
    pub fn from_unix_micros(micros: i64) -> Option<Instant> {
        let seconds = micros.div_euclid(MICROS_A_SECOND);
        let fraction = micros.rem_euclid(MICROS_A_SECOND);
        let clock = seconds.rem_euclid(SECONDS_A_DAY);
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_A_DAY));
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        if !(1..=9999).contains(&year) {
            return None;
        }
        let mut bytes = *LEAST;
        let parts = [
            (0..4, year),
            (5..7, month),
            (8..10, day),
            (11..13, hour),
            (14..16, minute),
            (17..19, second),
            (20..26, fraction),
        ];
        for (place, value) in parts {
            put_digits(bytes.get_mut(place)?, u32::try_from(value).ok()?);
        }
        let found = Instant::of(&bytes);
        (found <= Instant::MAX).then_some(found)
    }

    /// As [`Instant::from_unix_micros`], with what lies outside taken as the nearer end.
    pub(super) fn from_unix_micros_clamped(micros: i64) -> Instant {
        let nearer_end = if micros < 0 {
            Instant::MIN
        } else {
            Instant::MAX
        };
        Instant::from_unix_micros(micros).unwrap_or(nearer_end)
    }

    /// Microseconds since 1970-01-01T00:00:00Z, negative before.
    #[must_use]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "four-digit years keep every term below 2^58"
    )]
    pub fn unix_micros(self) -> i64 {
        let [
            y1,
            y2,
            y3,
            y4,
            _,
            mo1,
            mo2,
            _,
            d1,
            d2,
            _,
            h1,
            h2,
            _,
            mi1,
            mi2,
            _,
            s1,
            s2,
            _,
            f1,
            f2,
            f3,
            f4,
            f5,
            f6,
            _,
        ] = *self.as_bytes();
        let days = days_from_civil(
            number(&[y1, y2, y3, y4]),
            number(&[mo1, mo2]),
            number(&[d1, d2]),
        );
        let clock = number(&[h1, h2]) * 3600 + number(&[mi1, mi2]) * 60 + number(&[s1, s2]);
        (days * SECONDS_A_DAY + clock) * MICROS_A_SECOND + number(&[f1, f2, f3, f4, f5, f6])
    }

    /// The 27 characters as they stand in the log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII ever gets in, so the empty answer cannot come up.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The 27 bytes as they stand in the log.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 27] {
        const NONE: &[u8; 27] = &[0; 27];
        self.0.first_chunk().unwrap_or(NONE)
    }

    /// One microsecond later; `None` at [`Instant::MAX`].
    #[must_use]
    pub fn next_micro(self) -> Option<Instant> {
        Instant::from_unix_micros(self.unix_micros().checked_add(1)?)
    }

    /// One microsecond earlier; `None` at [`Instant::MIN`].
    #[must_use]
    pub fn previous_micro(self) -> Option<Instant> {
        Instant::from_unix_micros(self.unix_micros().checked_sub(1)?)
    }
}

impl Ord for Instant {
    /// The order of the bytes. Every line is held against the one ahead, so this asks for two numbers
    /// and not for a function of the system's.
    #[inline]
    fn cmp(&self, other: &Instant) -> Ordering {
        fn numbers(bytes: &[u8; 32]) -> [u128; 2] {
            let mut numbers = [0; 2];
            for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks().0) {
                *number = u128::from_be_bytes(*bytes);
            }
            numbers
        }
        numbers(&self.0).cmp(&numbers(&other.0))
    }
}

impl PartialOrd for Instant {
    #[inline]
    fn partial_cmp(&self, other: &Instant) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many days a month has; 0 for a month that does not exist, so that no day fits it.
pub(super) fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 0,
    }
}

/// The value of two bytes that are known to be digits.
fn pair(tens: u8, ones: u8) -> u8 {
    (tens & 0x0f).wrapping_mul(10).wrapping_add(ones & 0x0f)
}

/// Fills a place with the last digits of a number.
fn put_digits(place: &mut [u8], mut value: u32) {
    for digit in place.iter_mut().rev() {
        let last = u8::try_from(value % 10).unwrap_or_default();
        *digit = b'0'.wrapping_add(last);
        value /= 10;
    }
}

/// The value of at most six bytes that are known to be digits.
fn number(digits: &[u8]) -> i64 {
    digits.iter().fold(0_i64, |sum, digit| {
        sum.wrapping_mul(10).wrapping_add(i64::from(digit & 0x0f))
    })
}

/// Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant's `days_from_civil`).
#[expect(
    clippy::arithmetic_side_effects,
    reason = "callers hand in four-digit years"
)]
pub(super) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The year, month and day of a number of days since 1970-01-01 (the inverse of the above).
#[expect(
    clippy::arithmetic_side_effects,
    reason = "days come from microseconds in an i64, so they are below 2^27"
)]
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
