//! What can be wrong with a moment or a zone that somebody typed: the reason in one line, and a hint
//! with the spelling to use.
//!
//! Must not know terminals: the user's text stands raw in a message (shortened, never escaped).

use thiserror::Error;

/// Longest piece of the user's text, in bytes, that a message repeats.
const LONGEST_QUOTE: usize = 72;

const FORMS: &str = "write 2026-11-23, 2026-11, 2026-Q4, 2026, 2026-11-23 10:15, \
    2026-11-23T10:15:02Z, today, yesterday, 2 days ago, 90m ago, @1700000000, seq:17, head~3 or hash:3fa9c1d2";

/// Why a text is no moment. Every variant carries the text as typed, shortened where it is long.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WhenError {
    /// Nothing but blanks.
    #[error("no time was given")]
    Empty,
    /// No form of the grammar fits.
    #[error("`{text}` is not a time that is understood here")]
    NotUnderstood {
        /// What was typed.
        text: String,
    },
    /// Nearly a form of the grammar; there is one way to mean it.
    #[error("`{text}` is not understood: {reason}")]
    Misspelt {
        /// What was typed.
        text: String,
        /// Why it is refused.
        reason: &'static str,
        /// The spelling that is understood.
        accepted: String,
    },
    /// A date that people of different countries read differently.
    #[error("`{text}` can be read as more than one date")]
    Ambiguous {
        /// What was typed.
        text: String,
        /// The readings, spelled as they are understood.
        readings: Vec<String>,
    },
    /// A part of a date or of a time of day that does not exist.
    #[error("`{text}` does not exist: {field} {value} is not within {first} to {last}")]
    Field {
        /// What was typed.
        text: String,
        /// Which part: `year`, `quarter`, `month`, `week`, `day`, `hour`, `minute`, `second`, `offset hour`…
        field: &'static str,
        /// What it was.
        value: u32,
        /// The least it may be.
        first: u32,
        /// The most it may be.
        last: u32,
    },
    /// A number that no ledger will ever need.
    #[error("`{text}` holds a number that is too large")]
    NumberTooLarge {
        /// What was typed.
        text: String,
    },
    /// Before [`Timestamp::MIN`](super::Timestamp::MIN) or after [`Timestamp::MAX`](super::Timestamp::MAX).
    #[error("`{text}` lies outside 0001-01-01 to 9999-12-30")]
    OutOfRange {
        /// What was typed.
        text: String,
    },
    /// A date that the zone left out when it changed sides of the date line.
    #[error("`{text}` never happened in {zone}: the calendar there skipped it")]
    SkippedDay {
        /// What was typed.
        text: String,
        /// The zone's IANA name.
        zone: String,
    },
    /// `… ago` with a unit that is not known.
    #[error("`{text}` is not understood: `{unit}` is no unit of time")]
    Unit {
        /// What was typed.
        text: String,
        /// The word in the unit's place.
        unit: String,
    },
    /// A hash that is shorter than 8 or longer than 64 digits.
    #[error("`{text}` is not understood: a hash is given by 8 to 64 hex digits, this has {digits}")]
    HashLength {
        /// What was typed.
        text: String,
        /// How many digits it had.
        digits: usize,
    },
    /// A hash with anything but `0-9a-f` in it.
    #[error("`{text}` is not understood: a hash is lower-case hex digits")]
    HashDigits {
        /// What was typed.
        text: String,
        /// The same in lower case, where that is all that is wrong.
        accepted: Option<String>,
    },
    /// Not an RFC 3339 date-time with an offset.
    #[error("`{text}` is not an RFC 3339 time")]
    NotRfc3339 {
        /// What was typed.
        text: String,
    },
}

impl WhenError {
    /// The spelling to use instead, where there is one to name.
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

/// Why a name is no time zone.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ZoneError {
    /// The time zone database has no zone of exactly this name.
    #[error("`{name}` is not the name of a time zone")]
    Unknown {
        /// What was typed, shortened where it is long.
        name: String,
        /// A name that exists and was probably meant.
        suggestion: Option<String>,
    },
}

impl ZoneError {
    /// The name that was probably meant, or what names look like.
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

/// The text itself, or its beginning and an ellipsis where it is long.
pub(super) fn quoted(text: &str) -> String {
    if text.len() <= LONGEST_QUOTE {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(LONGEST_QUOTE);
    format!("{}…", text.get(..end).unwrap_or_default())
}
