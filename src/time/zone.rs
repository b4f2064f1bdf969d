//! `Zone`: an IANA time zone, its local times, and its days, weeks, months, quarters and years.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, AmbiguousTimestamp, TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp as JiffTimestamp, ToSpan as _, Zoned};

use super::error::quoted;
use super::names::{is_listed, suggestion};
use super::{Timestamp, ZoneError};

/// A calendar step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A date, usually of 23 to 25 hours.
    Day,
    /// An ISO week, Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months, from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
}

/// A period from its first to its last microsecond, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first microsecond.
    pub first: Timestamp,
    /// The last microsecond.
    pub last: Timestamp,
}

/// An IANA time zone by name.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

/// What a change of a zone's clocks does to a local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockChange {
    /// The clocks skip it; the later time is meant.
    Skipped,
    /// It comes twice; the first is meant.
    Twice,
}

impl Zone {
    /// The zone of exactly this IANA name, including case. The compiled-in database comes first: it is the
    /// same on every machine and takes 0.1 ms instead of 1.3 ms. The system's database is used for names
    /// that are newer than this program.
    ///
    /// # Errors
    /// [`ZoneError::Unknown`], with the name that was probably meant, if there is one.
    pub fn named(name: &str) -> Result<Zone, ZoneError> {
        if name == "UTC" {
            return Ok(Zone::utc());
        }
        let unknown = || ZoneError::Unknown {
            name: quoted(name),
            suggestion: suggestion(name),
        };
        if !is_listed(name) {
            return Err(unknown());
        }
        // The database ignores case, but a log must have one spelling for a zone.
        let find = |database: &TimeZoneDatabase| {
            database
                .get(name)
                .ok()
                .filter(|rules| rules.iana_name() == Some(name))
        };
        find(&TimeZoneDatabase::bundled())
            .or_else(|| find(jiff::tz::db()))
            .map(|rules| Zone {
                name: name.to_owned(),
                rules,
            })
            .ok_or_else(unknown)
    }

    /// UTC.
    #[must_use]
    pub fn utc() -> Zone {
        Zone {
            name: "UTC".to_owned(),
            rules: TimeZone::UTC,
        }
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Local time with its offset, `2026-11-23 11:15:02 +01:00`, with a fraction only if it is not zero.
    /// [`When::parse`](super::When::parse) accepts it.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> String {
        let local = self.zoned(at);
        let mut text = format!(
            "{} {:02}:{:02}:{:02}",
            date_text(local.date()),
            local.hour(),
            local.minute(),
            local.second()
        );
        let micros = local.subsec_nanosecond() / 1000;
        if micros != 0 {
            text.push_str(format!(".{micros:06}").trim_end_matches('0'));
        }
        text.push_str(&offset_text(local.offset().seconds()));
        text
    }

    /// Local time to the minute, `2026-11-23 11:15`.
    #[must_use]
    pub fn local_minute(&self, at: Timestamp) -> String {
        let local = self.zoned(at);
        format!(
            "{} {:02}:{:02}",
            date_text(local.date()),
            local.hour(),
            local.minute()
        )
    }

    /// The local date, `2026-11-23`.
    #[must_use]
    pub fn local_date(&self, at: Timestamp) -> String {
        date_text(self.zoned(at).date())
    }

    /// The day, week, month, quarter or year in this zone that contains `at`. Periods have no gaps and do
    /// not overlap; the first and the last are cut at the supported range.
    #[must_use]
    pub fn period(&self, step: Step, at: Timestamp) -> Period {
        let bounds = self.bounds_around(step, at);
        let (first, last) = self.micros(bounds);
        Period {
            first: Timestamp::from_unix_micros_clamped(first),
            last: Timestamp::from_unix_micros_clamped(last),
        }
    }

    /// The name of [`Zone::period`]: `2026-11-23`, `2026-W48`, `2026-11`, `2026-Q4` or `2026`.
    #[must_use]
    pub fn label(&self, step: Step, at: Timestamp) -> String {
        let first = self.bounds_around(step, at).first;
        match step {
            Step::Day => date_text(first),
            Step::Week => {
                let week = first.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Step::Month => format!("{:04}-{:02}", first.year(), first.month()),
            Step::Quarter => {
                let quarter = (first.month() / 3).saturating_add(1);
                format!("{:04}-Q{quarter}", first.year())
            }
            Step::Year => format!("{:04}", first.year()),
        }
    }

    /// The period that contains a date, cut at the supported range; `None` if it is outside. For a day
    /// that the zone skipped, `first` is after `last`.
    pub(super) fn period_of(&self, step: Step, date: Date) -> Option<Period> {
        let (first, last) = self.micros(Bounds::around(step, date));
        let is_in_time =
            first <= Timestamp::MAX.unix_micros() && last >= Timestamp::MIN.unix_micros();
        is_in_time.then(|| Period {
            first: Timestamp::from_unix_micros_clamped(first),
            last: Timestamp::from_unix_micros_clamped(last),
        })
    }

    /// What a change of the clocks does to a local time.
    pub(super) fn clock_change(&self, local: DateTime) -> Option<ClockChange> {
        match self.rules.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { .. } => None,
            AmbiguousOffset::Gap { .. } => Some(ClockChange::Skipped),
            AmbiguousOffset::Fold { .. } => Some(ClockChange::Twice),
        }
    }

    /// The moment of a local time: the later one in a gap, the first one in a fold.
    pub(super) fn at_local(&self, local: DateTime) -> Option<Timestamp> {
        let found = self.rules.to_ambiguous_timestamp(local).compatible().ok()?;
        Timestamp::from_unix_micros(micros_of(found))
    }

    /// The same time of day a number of calendar steps earlier (later if negative); the month's last day if
    /// it is too short.
    pub(super) fn steps_back(&self, at: Timestamp, step: Step, count: i64) -> Option<Timestamp> {
        if count == 0 {
            // Converting to local time would turn the second pass of a fold into the first.
            return Some(at);
        }
        let back = match step {
            Step::Day => Span::new().try_days(count),
            Step::Week => Span::new().try_weeks(count),
            Step::Month => Span::new().try_months(count),
            Step::Quarter => Span::new().try_months(count.checked_mul(3)?),
            Step::Year => Span::new().try_years(count),
        };
        self.at_local(self.zoned(at).datetime().checked_sub(back.ok()?).ok()?)
    }

    #[expect(
        clippy::expect_used,
        reason = "Timestamp::MIN and MAX lie inside jiff's range; a test asks both ends"
    )]
    fn zoned(&self, at: Timestamp) -> Zoned {
        // Not `from_microsecond`: jiff 0.2.46 refuses the last second's fractions there.
        let nanos = i128::from(at.unix_micros()).saturating_mul(1000);
        let at = JiffTimestamp::from_nanosecond(nanos).expect("an instant is a jiff timestamp");
        at.to_zoned(self.rules.clone())
    }

    fn bounds_around(&self, step: Step, at: Timestamp) -> Bounds {
        let bounds = Bounds::around(step, self.zoned(at).date());
        // Clocks that are set back over midnight show a date that has not begun yet.
        match bounds.first.yesterday() {
            Ok(before) if at.unix_micros() < self.day_start(bounds.first) => {
                Bounds::around(step, before)
            }
            _ => bounds,
        }
    }

    fn micros(&self, bounds: Bounds) -> (i64, i64) {
        let next = bounds.next.map_or(i64::MAX, |date| self.day_start(date));
        (self.day_start(bounds.first), next.saturating_sub(1))
    }

    /// Unix microseconds of the first moment at or after a date's midnight; `i64::MAX` if that is out of
    /// jiff's range (the last days of the year 9999).
    fn day_start(&self, date: Date) -> i64 {
        let midnight = self
            .rules
            .to_ambiguous_timestamp(date.to_datetime(jiff::civil::Time::midnight()));
        // A gap can begin before midnight (Toronto in 1919: 23:30 to 00:30), and the usual "later" rule
        // would lose the day's first half hour. The day starts at the gap.
        if let AmbiguousOffset::Gap { after, .. } = midnight.offset()
            && let Ok(before_jump) = after.to_timestamp(midnight.datetime())
            && let Some(jump) = self
                .rules
                .following(before_jump)
                .find(|jump| jump.offset() == after)
        {
            return micros_of(jump.timestamp());
        }
        // Clocks that are set back over midnight (St. John's until 2011: from 00:01 to 23:01) show the old
        // date once more: the day starts at its last midnight.
        let day_start = if self.goes_back_before(date, &midnight) {
            midnight.later()
        } else {
            midnight.compatible()
        };
        day_start.map_or(i64::MAX, micros_of)
    }

    /// Whether clocks are set back from a date into the one before it.
    fn goes_back_before(&self, date: Date, midnight: &AmbiguousTimestamp) -> bool {
        let AmbiguousOffset::Fold { before, after } = midnight.offset() else {
            return false;
        };
        let first = before.to_timestamp(midnight.datetime());
        let jump = first
            .ok()
            .and_then(|first| self.rules.following(first).next());
        jump.is_some_and(|jump| after.to_datetime(jump.timestamp()).date() < date)
    }
}

/// A period's first date and the first date after it (`None` after the end of the calendar).
#[derive(Clone, Copy)]
struct Bounds {
    first: Date,
    next: Option<Date>,
}

impl Bounds {
    fn around(step: Step, date: Date) -> Bounds {
        let (first, length) = match step {
            Step::Day => (Some(date), 1.day()),
            Step::Week => {
                let since_monday = date.weekday().since(Weekday::Monday);
                (
                    date.checked_sub(i64::from(since_monday).days()).ok(),
                    1.week(),
                )
            }
            Step::Month => (Some(date.first_of_month()), 1.month()),
            Step::Quarter => {
                let first_month = date.month().saturating_sub(1) / 3;
                let first = Date::new(date.year(), first_month.wrapping_mul(3).wrapping_add(1), 1);
                (first.ok(), 3.months())
            }
            Step::Year => (Some(date.first_of_year()), 1.year()),
        };
        let first = first.unwrap_or(date);
        Bounds {
            first,
            next: first.checked_add(length).ok(),
        }
    }
}

fn micros_of(at: JiffTimestamp) -> i64 {
    i64::try_from(at.as_nanosecond().div_euclid(1000)).unwrap_or(i64::MAX)
}

fn date_text(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

fn offset_text(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if seconds == 0 {
        return format!(" {sign}{hours:02}:{minutes:02}");
    }
    // Before time zones, offsets had seconds.
    format!(" {sign}{hours:02}:{minutes:02}:{seconds:02}")
}
