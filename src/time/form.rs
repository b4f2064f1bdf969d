//! The forms of a `WHEN`, which the parsers return and `When` resolves.

use jiff::civil::{Date, DateTime};

use super::error::quoted;
use super::{Step, Timestamp, WhenError};

/// The forms of the grammar; their dates and times of day exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Position(Position),
    Timestamp(Fine),
    Local(FineLocal),
    Calendar(Step, Date),
    Now,
    Yesterday,
    Today,
    Tomorrow,
    /// Negative for a moment in the future.
    MicrosAgo(i64),
    /// Negative for a moment in the future.
    StepsAgo(Step, i64),
}

/// An instant, and whether it was typed with more than six decimals and so is just after `floor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fine {
    pub floor: Timestamp,
    pub is_finer: bool,
}

/// The same for a local time; `floor` is in whole microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FineLocal {
    pub floor: DateTime,
    pub is_finer: bool,
}

/// A position in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// The event with this number.
    Seq(u64),
    /// This many events before the head: 0 for `head`, 3 for `head~3`.
    BeforeHead(u64),
    /// The event whose hash starts with these 8 to 64 lower-case hex digits.
    Hash(String),
}

/// The form for a number of nanoseconds since 1970.
pub(super) fn instant(text: &str, nanos: i128) -> Result<Form, WhenError> {
    i64::try_from(nanos.div_euclid(1000))
        .ok()
        .and_then(Timestamp::from_unix_micros)
        .map(|floor| {
            Form::Timestamp(Fine {
                floor,
                is_finer: nanos.rem_euclid(1000) != 0,
            })
        })
        .ok_or_else(|| WhenError::OutOfRange { text: quoted(text) })
}
