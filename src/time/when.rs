//! `When`: what a person typed for a moment, and the `Moment` it is once clock and zone are known.
//!
//! Must not know the grammar (`parse`), nor what the caller does with a moment.

use super::error::quoted;
use super::form::{Fine, Form, Position};
use super::{Period, Step, Timestamp, WhenError, Zone, hints, parse};

/// What a person typed for a moment; parsed without knowing zone or clock, so that a mistake is
/// found before any file is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    text: String,
    form: Form,
}

/// What a [`When`] turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// An instant in whole microseconds.
    At(Timestamp),
    /// A day, week, month, quarter or year.
    ///
    /// Also an instant that was typed finer than a microsecond: it lies between two neighbouring
    /// microseconds, so `first` (the one after it) is later than `last` (the one before it). What
    /// happened since it and what happened until it then have no microsecond in common.
    Span(Period),
    /// A place in the log; only the log can say when that was.
    Position(Position),
}

impl When {
    /// Reads one of the forms of `WHEN`; blanks around it do not count, capitals in words neither.
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

    /// The moment that is meant, at the time `now` in the ledger's zone.
    ///
    /// A local time in a gap means the later, in a fold the first. Days and longer steps back keep
    /// the local time of day; hours and shorter are exact.
    ///
    /// # Errors
    /// [`WhenError::OutOfRange`] beyond the two ends of time, [`WhenError::SkippedDay`] for a date
    /// that the zone never had.
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
            // By neighbouring microseconds and not by dates, so that a skipped day is passed over.
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

    /// The text as typed, without the blanks around it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it names a place in the log and not a time.
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
    /// The last microsecond that `--until` lets in: the end of a span, or the instant. `None` for a position.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Moment::At(at) => Some(*at),
            Moment::Span(period) => Some(period.last),
            Moment::Position(_) => None,
        }
    }

    /// The first microsecond that `--since` lets in: the start of a span, or the instant (rounded up
    /// where it was typed finer than a microsecond). `None` for a position.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        match self {
            Moment::At(at) => Some(*at),
            Moment::Span(period) => Some(period.first),
            Moment::Position(_) => None,
        }
    }

    /// The one microsecond that `--effective` writes: the start of a span, or the instant (cut down
    /// where it was typed finer than a microsecond). `None` for a position.
    #[must_use]
    pub fn start(&self) -> Option<Timestamp> {
        match self {
            Moment::At(at) => Some(*at),
            Moment::Span(period) => Some(period.first.min(period.last)),
            Moment::Position(_) => None,
        }
    }
}
