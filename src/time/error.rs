//! Errors of typed moments and zones, with a hint that has the spelling to use.
//!
//! Messages contain the user's text shortened, but not escaped for terminals.

use thiserror::Error;

/// The maximum bytes of the user's text in a message.
const LONGEST_QUOTE: usize = 72;

const FORMS: &str = "write 2026-11-23, 2026-11, 2026-Q4, 2026, 2026-11-23 10:15, \
    2026-11-23T10:15:02Z, today, yesterday, 2 days ago, 90m ago, in 7 days, @1700000000, seq:17, head~3 or hash:3fa9c1d2";

/// Why a text is not a moment. Every variant has the text as typed, shortened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WhenError {
    /// Empty or white space only.
    #[error("no time was given")]
    Empty,
    /// No form of the grammar matches.
    #[error("`{text}` is not a known form of time")]
    NotUnderstood {
        /// The text as typed.
        text: String,
    },
    /// Close to a form of the grammar, with one possible meaning.
    #[error("`{text}` is not understood: {reason}")]
    Misspelt {
        /// The text as typed.
        text: String,
        /// Why it is refused.
        reason: &'static str,
        /// The spelling to use.
        accepted: String,
    },
    /// A date that is read differently in different countries.
    #[error("`{text}` can be read as more than one date")]
    Ambiguous {
        /// The text as typed.
        text: String,
        /// The possible meanings, in a spelling that is accepted.
        readings: Vec<String>,
    },
    /// A part of a date or of a time of day that does not exist.
    #[error("`{text}` does not exist: {field} {value} is not between {first} and {last}")]
    Field {
        /// The text as typed.
        text: String,
        /// The part: `year`, `quarter`, `month`, `week`, `day`, `hour`, `minute`, `second`, `offset hour`…
        field: &'static str,
        /// Its value.
        value: u32,
        /// The lowest allowed value.
        first: u32,
        /// The highest allowed value.
        last: u32,
    },
    /// A number that is too large.
    #[error("`{text}` contains a number that is too large")]
    NumberTooLarge {
        /// The text as typed.
        text: String,
    },
    /// Before [`Timestamp::MIN`](super::Timestamp::MIN) or after [`Timestamp::MAX`](super::Timestamp::MAX).
    #[error("`{text}` is outside 0001-01-01 to 9999-12-30")]
    OutOfRange {
        /// The text as typed.
        text: String,
    },
    /// A date that the zone skipped when it crossed the date line.
    #[error("`{text}` does not exist in {zone}: the calendar there skipped it")]
    SkippedDay {
        /// The text as typed.
        text: String,
        /// The zone's IANA name.
        zone: String,
    },
    /// `… ago` with an unknown unit.
    #[error("`{text}` is not understood: `{unit}` is not a unit of time")]
    Unit {
        /// The text as typed.
        text: String,
        /// The unknown unit.
        unit: String,
    },
    /// A hash with fewer than 8 or more than 64 digits.
    #[error("`{text}` is not understood: a hash has 8 to 64 hex digits here, not {digits}")]
    HashLength {
        /// The text as typed.
        text: String,
        /// Its number of digits.
        digits: usize,
    },
    /// A hash with characters other than `0-9a-f`.
    #[error("`{text}` is not understood: a hash has lower-case hex digits only")]
    HashDigits {
        /// The text as typed.
        text: String,
        /// The hash in lower case, if that makes it valid.
        accepted: Option<String>,
    },
    /// Not an RFC 3339 date-time with an offset.
    #[error("`{text}` is not an RFC 3339 time")]
    NotRfc3339 {
        /// The text as typed.
        text: String,
    },
}

impl WhenError {
    /// The text as typed, shortened.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            WhenError::Empty => "",
            WhenError::NotUnderstood { text }
            | WhenError::Misspelt { text, .. }
            | WhenError::Ambiguous { text, .. }
            | WhenError::Field { text, .. }
            | WhenError::NumberTooLarge { text }
            | WhenError::OutOfRange { text }
            | WhenError::SkippedDay { text, .. }
            | WhenError::Unit { text, .. }
            | WhenError::HashLength { text, .. }
            | WhenError::HashDigits { text, .. }
            | WhenError::NotRfc3339 { text } => text,
        }
    }

    /// The spellings to use instead, each of which is accepted.
    #[must_use]
    pub fn readings(&self) -> &[String] {
        match self {
            WhenError::Misspelt { accepted, .. } => std::slice::from_ref(accepted),
            WhenError::Ambiguous { readings, .. } => readings,
            WhenError::HashDigits { accepted, .. } => accepted.as_slice(),
            _ => &[],
        }
    }

    /// The spelling to use instead, if there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            WhenError::Empty | WhenError::NotUnderstood { .. } => Some(FORMS.to_owned()),
            WhenError::Misspelt { accepted, .. } => Some(format!("write {accepted}")),
            WhenError::Ambiguous { readings, .. } => {
                Some(format!("write {}", readings.join(" or ")))
            }
            WhenError::Field {
                field: "hour",
                value: 24,
                ..
            } => Some("midnight is 00:00 of the day that begins".to_owned()),
            WhenError::Field {
                field: "second",
                value: 60,
                ..
            } => Some("leap seconds are not counted: write second 59".to_owned()),
            WhenError::Unit { .. } => Some(
                "units are s, m (minutes), h, d, w, mo (months), q, y, or their names: 2 days ago"
                    .to_owned(),
            ),
            WhenError::HashLength { .. } => Some(
                "`ledger head` and `ledger show SEQ` print hashes; the first 8 digits are enough"
                    .to_owned(),
            ),
            WhenError::HashDigits { accepted, .. } => accepted
                .as_ref()
                .map(|spelling| format!("write {spelling}")),
            WhenError::NotRfc3339 { .. } => {
                Some("write 2026-11-23T10:15:02Z or 2026-11-23T11:15:02.5+01:00".to_owned())
            }
            WhenError::SkippedDay { .. } => Some("name the day before or the day after".to_owned()),
            WhenError::NumberTooLarge { .. }
            | WhenError::OutOfRange { .. }
            | WhenError::Field { .. } => None,
        }
    }
}

/// Why a name is not a time zone.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ZoneError {
    /// The time zone database has no zone of exactly this name.
    #[error("`{name}` is not the name of a time zone")]
    Unknown {
        /// The text as typed, shortened.
        name: String,
        /// The existing name that was probably meant.
        suggestion: Option<String>,
    },
}

impl ZoneError {
    /// The name that was probably meant, or an example.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let ZoneError::Unknown { suggestion, .. } = self;
        Some(match suggestion {
            Some(name) => format!("did you mean {name}?"),
            None => {
                "zones have IANA names such as Europe/Vienna, America/New_York or UTC".to_owned()
            }
        })
    }
}

/// The text, cut and with an ellipsis if it is long.
pub(super) fn quoted(text: &str) -> String {
    if text.len() <= LONGEST_QUOTE {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(LONGEST_QUOTE);
    format!("{}…", text.get(..end).unwrap_or_default())
}
