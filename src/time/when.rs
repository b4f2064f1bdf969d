//! `When`: a moment as typed, and the `Moment` it resolves to with a clock and a zone.
//!
//! The grammar is in `parse`.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use super::error::quoted;
use super::form::{Fine, FineLocal, Form, Position};
use super::zone::ClockChange;
use super::{Period, Step, Timestamp, WhenError, Zone, hints, parse};

/// A moment as typed. It is parsed without zone and clock, so that a mistake is found before any file
/// is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    text: String,
    form: Form,
}

/// A resolved [`When`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A single microsecond.
    At(Timestamp),
    /// A day, week, month, quarter or year.
    ///
    /// Also an instant typed with more than six decimals. It is between two microseconds, so `first` (the
    /// one after it) is later than `last` (the one before it), and "since" and "until" do not overlap.
    Span(Period),
    /// A position in the log.
    Position(Position),
}

impl When {
    /// Parses a `WHEN`. White space around it and the case of words are ignored.
    ///
    /// `m` is minutes and `mo` months; `head~` is `head~1`, as in git; `@17` is 17 seconds into 1970.
    ///
    /// # Errors
    /// Any [`WhenError`] but `SkippedDay` and `NotRfc3339`; its hint has the spelling to use.
    pub fn parse(text: &str) -> Result<When, WhenError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(WhenError::Empty);
        }
        let form = match parse::attempt(text) {
            Some(Err(error @ WhenError::OutOfRange { .. })) => {
                return Err(hints::milliseconds(text).unwrap_or(error));
            }
            Some(known) => known?,
            None => return Err(hints::refusal(text)),
        };
        Ok(When {
            text: text.to_owned(),
            form,
        })
    }

    /// A day of the calendar.
    #[cfg_attr(not(feature = "formats"), expect(dead_code, reason = "imports use it"))]
    pub(crate) fn on(date: Date) -> When {
        When {
            text: date.to_string(),
            form: Form::Calendar(Step::Day, date),
        }
    }

    /// A local time, or an instant if its offset is known; cut to whole microseconds.
    ///
    /// # Errors
    /// [`WhenError::OutOfRange`] beyond the two ends of time.
    #[cfg_attr(not(feature = "formats"), expect(dead_code, reason = "imports use it"))]
    pub(crate) fn at(local: DateTime, offset: Option<Offset>) -> Result<When, WhenError> {
        let fraction = local.subsec_nanosecond().rem_euclid(1000);
        let local = local
            .checked_sub(SignedDuration::from_nanos(fraction.into()))
            .unwrap_or(local);
        let text = local.to_string().replace('T', " ");
        let Some(offset) = offset else {
            let form = Form::Local(FineLocal {
                floor: local,
                is_finer: false,
            });
            return Ok(When { text, form });
        };
        let instant = offset.to_timestamp(local).ok();
        let instant =
            instant.and_then(|instant| Timestamp::from_unix_micros(instant.as_microsecond()));
        let floor = instant.ok_or_else(|| WhenError::OutOfRange {
            text: quoted(&text),
        })?;
        Ok(When {
            text: floor.text().as_str().to_owned(),
            form: Form::Timestamp(Fine {
                floor,
                is_finer: false,
            }),
        })
    }

    /// Resolves it at the time `now` in the ledger's zone.
    ///
    /// A local time in a gap means the later time, in a fold the first. Steps of days and longer keep the
    /// local time of day; steps of hours and shorter are exact.
    ///
    /// # Errors
    /// [`WhenError::OutOfRange`] outside the supported years, [`WhenError::SkippedDay`] for a date that
    /// the zone skipped.
    pub fn resolve(&self, now: Timestamp, zone: &Zone) -> Result<Moment, WhenError> {
        let day = |at| Moment::Span(zone.period(Step::Day, at));
        let today = zone.period(Step::Day, now);
        let moment = match &self.form {
            Form::Position(position) => Some(Moment::Position(position.clone())),
            Form::Timestamp(fine) => Some(fine.moment()),
            Form::Local(local) => zone.at_local(local.floor).map(|floor| {
                let is_finer = local.is_finer;
                Fine { floor, is_finer }.moment()
            }),
            Form::Calendar(step, date) => zone.period_of(*step, *date).map(Moment::Span),
            Form::Now => Some(Moment::At(now)),
            Form::Today => Some(Moment::Span(today)),
            // Steps by microseconds and not by dates, so that a skipped day is left out.
            Form::Yesterday => today.first.previous_micro().map(day),
            Form::Tomorrow => today.last.next_micro().map(day),
            Form::MicrosAgo(micros) => {
                let then = now.unix_micros().checked_sub(*micros);
                then.and_then(Timestamp::from_unix_micros).map(Moment::At)
            }
            Form::StepsAgo(step, count) => zone.steps_back(now, *step, *count).map(Moment::At),
        };
        match moment {
            Some(Moment::Span(Period { first, last }))
                if first > last && matches!(self.form, Form::Calendar(..)) =>
            {
                Err(WhenError::SkippedDay {
                    text: quoted(&self.text),
                    zone: zone.name().to_owned(),
                })
            }
            Some(moment) => Ok(moment),
            None => Err(WhenError::OutOfRange {
                text: quoted(&self.text),
            }),
        }
    }

    /// The text as typed, without white space around it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it means the time at which it is resolved.
    #[must_use]
    pub fn is_now(&self) -> bool {
        matches!(self.form, Form::Now)
    }

    /// Whether it means another time on another day: `today`, `2 days ago`, but not `now`.
    #[must_use]
    pub fn is_relative(&self) -> bool {
        matches!(
            self.form,
            Form::Yesterday
                | Form::Today
                | Form::Tomorrow
                | Form::MicrosAgo(_)
                | Form::StepsAgo(..)
        )
    }

    /// Whether its moment depends on the zone: a date, a local time, or steps of days and longer.
    #[must_use]
    pub fn needs_zone(&self) -> bool {
        match &self.form {
            Form::Position(_) | Form::Timestamp(_) | Form::Now | Form::MicrosAgo(_) => false,
            Form::StepsAgo(_, count) => *count != 0,
            Form::Local(_)
            | Form::Calendar(..)
            | Form::Yesterday
            | Form::Today
            | Form::Tomorrow => true,
        }
    }

    /// Whether a local time does not exist in the zone, or exists twice.
    #[must_use]
    pub fn clock_change(&self, zone: &Zone) -> Option<ClockChange> {
        match &self.form {
            Form::Local(local) => zone.clock_change(local.floor),
            _ => None,
        }
    }

    /// Whether it is a position in the log and not a time.
    #[must_use]
    pub fn is_position(&self) -> bool {
        matches!(self.form, Form::Position(_))
    }
}

impl Fine {
    fn moment(self) -> Moment {
        match self.floor.next_micro() {
            Some(ceiling) if self.is_finer => Moment::Span(Period {
                first: ceiling,
                last: self.floor,
            }),
            _ => Moment::At(self.floor),
        }
    }
}

impl Moment {
    /// The last microsecond included by `--until`: the end of a span, or the instant. `None` for a position.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Moment::At(at) => Some(*at),
            Moment::Span(period) => Some(period.last),
            Moment::Position(_) => None,
        }
    }

    /// The first microsecond included by `--since`: the start of a span, or the instant, rounded up.
    /// `None` for a position.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        match self {
            Moment::At(at) => Some(*at),
            Moment::Span(period) => Some(period.first),
            Moment::Position(_) => None,
        }
    }

    /// The microsecond that `--effective` records: the start of a span, or the instant, rounded down.
    /// `None` for a position.
    #[must_use]
    pub fn start(&self) -> Option<Timestamp> {
        match self {
            Moment::At(at) => Some(*at),
            Moment::Span(period) => Some(period.first.min(period.last)),
            Moment::Position(_) => None,
        }
    }
}
