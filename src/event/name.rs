//! Account names: `main`, `assets:bank:giro`, `Küche/2026`.
//!
//! A name never needs an escape in JSON and never moves a terminal's cursor.

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The most characters a name has.
const MAX_CHARACTERS: usize = 64;

/// The name of an account: 1 to 64 characters in Unicode's NFC; segments joined by `:`; each starts
/// with a letter or digit of any script, followed by those and `.`, `_`, `-`, `@`, `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountName<'a>(Cow<'a, str>);

/// Why a text is not an account name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{text}` is not an account name: {fault}")]
pub struct NameError {
    /// As typed, shortened.
    pub text: String,
    /// What is wrong with it.
    pub fault: NameFault,
    /// A similar valid name, if there is one.
    pub suggestion: Option<String>,
}

/// What can be wrong with a name.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NameFault {
    /// No characters at all.
    #[error("it is empty")]
    Empty,
    /// Longer than 64 characters.
    #[error("it has more than 64 characters")]
    TooLong,
    /// `a::b`, `:a`, `a:`.
    #[error("a segment between colons is empty")]
    EmptySegment,
    /// A segment that starts with `.`, `_`, `-`, `@` or `/`.
    #[error("a segment starts with {0:?}, not with a letter or a digit")]
    Start(char),
    /// A character no name holds.
    #[error("it holds {0:?}")]
    Character(char),
    /// Letters and accents that are not composed.
    #[error("its accents are not in composed form (NFC)")]
    NotComposed,
}

impl<'a> AccountName<'a> {
    /// Parses a name exactly as written.
    ///
    /// # Errors
    /// [`NameError`] with the first mistake.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<AccountName<'a>, NameError> {
        let text = text.into();
        match fault_in(&text) {
            None => Ok(AccountName(text)),
            Some(fault) => Err(NameError {
                suggestion: suggestion(&text),
                text: text.chars().take(80).collect(),
                fault,
            }),
        }
    }

    /// Parses a name, or returns `None`, without the cost of an error message.
    pub fn from_text(text: &'a str) -> Option<AccountName<'a>> {
        fault_in(text)
            .is_none()
            .then_some(AccountName(Cow::Borrowed(text)))
    }

    /// Reads a name that was typed: accents are composed first, as keyboards differ in that.
    ///
    /// # Errors
    /// [`NameError`] with the first thing that is wrong.
    pub fn typed(text: &str) -> Result<AccountName<'static>, NameError> {
        if text.is_ascii() {
            // Composed already, as nearly all are.
            return AccountName::new(text.to_owned());
        }
        AccountName::new(text.nfc().collect::<String>())
    }

    /// The account that is used if none is named.
    pub fn main() -> AccountName<'static> {
        AccountName(Cow::Borrowed("main"))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same name, free of the line it was read from.
    pub fn into_owned(self) -> AccountName<'static> {
        AccountName(Cow::Owned(self.0.into_owned()))
    }
}

impl fmt::Display for AccountName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn fault_in(text: &str) -> Option<NameFault> {
    if text.is_empty() {
        return Some(NameFault::Empty);
    }
    let mut at_start = true;
    for byte in text.bytes() {
        let goes_on = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => true,
            b'.' | b'_' | b'-' | b'@' | b'/' => !at_start,
            b':' if !at_start => {
                at_start = true;
                continue;
            }
            _ => return fault_in_any_script(text),
        };
        if !goes_on {
            return fault_in_any_script(text);
        }
        at_start = false;
    }
    if at_start {
        return Some(NameFault::EmptySegment);
    }
    (text.len() > MAX_CHARACTERS).then_some(NameFault::TooLong)
}

fn fault_in_any_script(text: &str) -> Option<NameFault> {
    let mut at_start = true;
    for c in text.chars() {
        at_start = match c {
            ':' if at_start => return Some(NameFault::EmptySegment),
            ':' => true,
            c if c.is_alphanumeric() => false,
            '.' | '_' | '-' | '@' | '/' if at_start => return Some(NameFault::Start(c)),
            '.' | '_' | '-' | '@' | '/' => false,
            c if !is_nfc(text) && text.nfc().all(|c| c != '\u{fffd}') && is_mark(c) => {
                return Some(NameFault::NotComposed);
            }
            c => return Some(NameFault::Character(c)),
        };
    }
    if at_start {
        return Some(NameFault::EmptySegment);
    }
    if text.chars().count() > MAX_CHARACTERS {
        return Some(NameFault::TooLong);
    }
    (!is_nfc(text)).then_some(NameFault::NotComposed)
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// The text with `-` for spaces and without other invalid characters.
fn suggestion(text: &str) -> Option<String> {
    let mut segments = Vec::new();
    for segment in text.trim().split(':') {
        let kept: String = segment
            .trim()
            .nfc()
            .map(|c| if c.is_whitespace() { '-' } else { c })
            .filter(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '/'))
            .collect();
        let kept = kept.trim_start_matches(['.', '_', '-', '@', '/']);
        if !kept.is_empty() {
            segments.push(kept.to_owned());
        }
    }
    let name = segments.join(":");
    (name != text && fault_in(&name).is_none()).then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(text: &str) -> Option<NameFault> {
        AccountName::new(text).err().map(|error| error.fault)
    }

    #[test]
    fn names_of_the_contract_are_taken() {
        for name in [
            "main",
            "a",
            "9",
            "assets:bank:giro",
            "me@example.org",
            "Küche/2026",
            "日本:円",
            "a.b_c-d",
        ] {
            assert_eq!(fault(name), None, "{name}");
        }
        assert_eq!(fault(&"x".repeat(64)), None);
        assert_eq!(fault(&"é".repeat(64)), None);
    }

    #[test]
    fn what_is_no_name_is_refused_with_the_reason() {
        assert_eq!(fault(""), Some(NameFault::Empty));
        assert_eq!(fault(&"x".repeat(65)), Some(NameFault::TooLong));
        assert_eq!(fault(&"é".repeat(65)), Some(NameFault::TooLong));
        for name in ["a::b", ":a", "a:", ":", "é:"] {
            assert_eq!(fault(name), Some(NameFault::EmptySegment), "{name}");
        }
        assert_eq!(fault("-a"), Some(NameFault::Start('-')));
        assert_eq!(fault("a:.b"), Some(NameFault::Start('.')));
        for (name, c) in [
            ("a b", ' '),
            ("a\"", '"'),
            ("a\u{202e}", '\u{202e}'),
            ("a*", '*'),
        ] {
            assert_eq!(fault(name), Some(NameFault::Character(c)), "{name}");
        }
        assert_eq!(fault("Ku\u{308}che"), Some(NameFault::NotComposed));
    }

    #[test]
    fn a_typed_name_is_composed_first() {
        assert_eq!(
            AccountName::typed("Ku\u{308}che").unwrap().as_str(),
            "Küche"
        );
    }

    #[test]
    fn a_refused_name_suggests_one_that_is_close() {
        let suggestion = |text: &str| AccountName::new(text).unwrap_err().suggestion;
        assert_eq!(suggestion("my wallet").as_deref(), Some("my-wallet"));
        assert_eq!(suggestion("a::b").as_deref(), Some("a:b"));
        assert_eq!(suggestion("***"), None);
    }

    proptest! {
        #[test]
        fn a_name_needs_no_escape_in_json(text in "\\PC{1,20}") {
            if AccountName::new(text.as_str()).is_ok() {
                prop_assert!(!text.contains(['"', '\\']));
                prop_assert!(text.chars().all(|c| !c.is_control()));
            }
        }
    }
}
