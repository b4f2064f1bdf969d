//! `Timestamp`: a moment in UTC as a number, and its canonical text.
//!
//! Fast, because each line of a log has up to two of them. Must not depend on zones or jiff.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

const MICROS_A_SECOND: i64 = 1_000_000;
const MICROS_A_DAY: i64 = 86_400 * MICROS_A_SECOND;

/// The highest bit of each byte.
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// A moment in UTC, stored as microseconds since 1970-01-01T00:00:00Z. Its canonical form,
/// `2026-11-23T10:15:02.123456Z`, has 27 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The canonical form of a [`Timestamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstantText([u8; 27]);

/// A parsed date; for further moments of the same day only the time of day is parsed.
#[derive(Clone, Copy, Debug)]
pub struct Day {
    /// The date and the `T`.
    text: [u8; 11],
    midnight: i64,
}

impl Day {
    /// The day of a moment in canonical form; `None` if the date does not exist.
    pub fn of(text: &[u8; 27]) -> Option<Day> {
        let text = *text.first_chunk::<11>()?;
        let [y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T'] = text else {
            return None;
        };
        let digits = [y1, y2, y3, y4, mo1, mo2, d1, d2];
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let (year, month, day) = (
            number(&[y1, y2, y3, y4]),
            number(&[mo1, mo2]),
            number(&[d1, d2]),
        );
        let exists = (1..=days_in_month(year, month)).contains(&day) && year != 0;
        exists.then_some(Day {
            text,
            midnight: days_from_civil(year.into(), month.into(), day.into())
                .wrapping_mul(MICROS_A_DAY),
        })
    }

    /// Parses the canonical form of a moment on this day. `None` for invalid text and for any other day.
    #[must_use]
    #[inline]
    pub fn moment(&self, text: &[u8; 27]) -> Option<Timestamp> {
        let (day, clock) = text.split_first_chunk::<11>()?;
        if *day != self.text {
            return None;
        }
        let at = self
            .midnight
            .wrapping_add(micros_of_clock(clock.first_chunk()?)?);
        // The last day ends early.
        (at <= Timestamp::MAX.0).then_some(Timestamp(at))
    }
}

impl Timestamp {
    /// The earliest supported moment: the start of the year 1 in UTC.
    pub const MIN: Timestamp = Timestamp(-62_135_596_800_000_000);

    /// The latest supported moment: `9999-12-30T22:00:00.999999Z`. It leaves out the end of the year 9999,
    /// so that every moment has a local time in every zone (it is the calendar library's limit).
    pub const MAX: Timestamp = Timestamp(253_402_207_200_999_999);

    /// Parses exactly the canonical form: 27 bytes, an existing date, hours below 24, minutes and seconds
    /// below 60 (no leap seconds), from [`Timestamp::MIN`] to [`Timestamp::MAX`]. Does not allocate.
    #[must_use]
    pub fn from_canonical(text: &[u8]) -> Option<Timestamp> {
        let text = text.try_into().ok()?;
        Day::of(text)?.moment(text)
    }

    /// The system's time, truncated to microseconds. `None` outside [`Timestamp::MIN`] to [`Timestamp::MAX`].
    #[must_use]
    pub fn from_system(system: SystemTime) -> Option<Timestamp> {
        let nanos = match system.duration_since(UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_nanos()).ok()?,
            Err(before) => i128::try_from(before.duration().as_nanos())
                .ok()?
                .checked_neg()?,
        };
        Timestamp::from_unix_micros(i64::try_from(nanos.div_euclid(1000)).ok()?)
    }

    /// Microseconds since 1970-01-01T00:00:00Z. `None` outside [`Timestamp::MIN`] to [`Timestamp::MAX`].
    #[must_use]
    pub fn from_unix_micros(micros: i64) -> Option<Timestamp> {
        let found = Timestamp(micros);
        (Timestamp::MIN..=Timestamp::MAX)
            .contains(&found)
            .then_some(found)
    }

    /// Like [`Timestamp::from_unix_micros`], but clamped to [`Timestamp::MIN`] and [`Timestamp::MAX`].
    pub(super) fn from_unix_micros_clamped(micros: i64) -> Timestamp {
        Timestamp(micros).clamp(Timestamp::MIN, Timestamp::MAX)
    }

    /// Microseconds since 1970-01-01T00:00:00Z, negative before.
    #[must_use]
    pub fn unix_micros(self) -> i64 {
        self.0
    }

    /// The canonical text, as in the log.
    #[must_use]
    pub fn text(self) -> InstantText {
        let day = self.0.div_euclid(MICROS_A_DAY);
        let in_day = self.0.rem_euclid(MICROS_A_DAY);
        let (seconds, fraction) = (in_day / MICROS_A_SECOND, in_day % MICROS_A_SECOND);
        let (year, month, day) = civil_from_days(day);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let mut bytes = *b"0000-00-00T00:00:00.000000Z";
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
            put_digits(bytes.get_mut(place).unwrap_or_default(), value);
        }
        InstantText(bytes)
    }

    /// One microsecond later; `None` at [`Timestamp::MAX`].
    #[must_use]
    pub fn next_micro(self) -> Option<Timestamp> {
        Timestamp::from_unix_micros(self.unix_micros().checked_add(1)?)
    }

    /// One microsecond earlier; `None` at [`Timestamp::MIN`].
    #[must_use]
    pub fn previous_micro(self) -> Option<Timestamp> {
        Timestamp::from_unix_micros(self.unix_micros().checked_sub(1)?)
    }
}

impl InstantText {
    /// The 27 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The bytes are always ASCII, so this never returns the default.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The 27 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 27] {
        &self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text().as_str())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

/// Microseconds since midnight of `10:15:02.123456Z`. Both halves are numbers of eight bytes whose
/// lowest byte is the first character.
#[inline]
fn micros_of_clock(clock: &[u8; 16]) -> Option<i64> {
    let (time, fraction) = clock.split_first_chunk::<8>()?;
    // Each digit becomes its value, each separator zero.
    let time = u64::from_le_bytes(*time) ^ u64::from_le_bytes(*b"00:00:00");
    let fraction = u64::from_le_bytes(*fraction.first_chunk()?) ^ u64::from_le_bytes(*b".000000Z");
    // A byte's highest bit marks a value that is too large. A carry only reaches bytes after a marked one.
    let strays =
        beyond(time, [2, 9, 0, 5, 9, 0, 5, 9]) | beyond(fraction, [0, 9, 9, 9, 9, 9, 9, 0]);
    let pairs = time.wrapping_mul(10).wrapping_add(time >> 8);
    let [hours, _, _, minutes, _, _, seconds, _] = pairs.to_le_bytes();
    if strays & HIGH_BITS != 0 || hours > 23 {
        return None;
    }
    // Two zeros, then six digits: neighbours are combined to pairs, pairs to fours, and so on.
    let digits = fraction << 8;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let micros = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    let seconds = u64::from(hours)
        .wrapping_mul(3600)
        .wrapping_add(u64::from(minutes).wrapping_mul(60))
        .wrapping_add(u64::from(seconds));
    Some(
        seconds
            .wrapping_mul(1_000_000)
            .wrapping_add(micros)
            .cast_signed(),
    )
}

/// A number whose bytes have their highest bit set if the byte of `word` is above its `most`.
#[inline]
fn beyond(word: u64, most: [u8; 8]) -> u64 {
    let room = u64::from_le_bytes(most.map(|most| 0x7f_u8.wrapping_sub(most)));
    word.wrapping_add(room) | word
}

/// The number of days of a month; 0 for a month that does not exist, so that no day is valid.
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

/// Fills a slice with the last digits of a number that is not negative.
fn put_digits(place: &mut [u8], mut value: i64) {
    for digit in place.iter_mut().rev() {
        let last = u8::try_from(value % 10).unwrap_or_default();
        *digit = b'0'.wrapping_add(last);
        value /= 10;
    }
}

/// The value of at most four bytes that are known to be digits.
fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0_u32, |sum, digit| {
        sum.wrapping_mul(10).wrapping_add(u32::from(digit & 0x0f))
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
