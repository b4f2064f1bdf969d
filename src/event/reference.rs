//! [`EventRef`]: how a request names an earlier event.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::Key;

/// Names an event: `17`, `key:order-4711`, `head`, `head~3`. Also `#17`, as it is shown, and `HEAD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventRef {
    /// By its number.
    Seq(u64),
    /// By the key it was recorded under.
    Key(Key<'static>),
    /// By its distance from the end of the log; 0 is the last event.
    Head(u64),
}

/// A text that names no event.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` does not name an event: use its number, key:KEY, head or head~N")]
pub struct EventRefError(String);

impl From<u64> for EventRef {
    fn from(seq: u64) -> EventRef {
        EventRef::Seq(seq)
    }
}

impl FromStr for EventRef {
    type Err = EventRefError;

    fn from_str(text: &str) -> Result<EventRef, EventRefError> {
        const SHOWN: usize = 40;
        let number = |digits: &str| {
            let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_plain.then(|| digits.parse().ok()).flatten()
        };
        let lower = text.to_ascii_lowercase();
        let named = if let Some(key) = text.strip_prefix("key:") {
            Key::new(key.to_owned()).ok().map(EventRef::Key)
        } else if lower == "head" {
            Some(EventRef::Head(0))
        } else if let Some(back) = lower.strip_prefix("head~") {
            number(back).map(EventRef::Head)
        } else {
            number(text.strip_prefix('#').unwrap_or(text)).map(EventRef::Seq)
        };
        named.ok_or_else(|| EventRefError(text.chars().take(SHOWN).collect()))
    }
}

impl fmt::Display for EventRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventRef::Seq(seq) => write!(f, "{seq}"),
            EventRef::Key(key) => write!(f, "key:{key}"),
            EventRef::Head(0) => f.write_str("head"),
            EventRef::Head(back) => write!(f, "head~{back}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_read_as_it_is_written() {
        for text in ["17", "0", "key:order-4711", "key:key:x", "head", "head~3"] {
            assert_eq!(text.parse::<EventRef>().unwrap().to_string(), text);
        }
        for (text, read) in [("HEAD", "head"), ("Head~2", "head~2"), ("#17", "17")] {
            assert_eq!(text.parse::<EventRef>().unwrap().to_string(), read);
        }
        for text in [
            "",
            "+1",
            "-1",
            "head~",
            "head~-1",
            "key:",
            "#",
            "#head",
            "99999999999999999999",
        ] {
            assert!(text.parse::<EventRef>().is_err(), "{text}");
        }
    }
}
