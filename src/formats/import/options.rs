//! What whoever imports a file says about it.
//!
//! Owns the small grammars of those answers. Must not know how they are asked for.

use thiserror::Error;

use super::figures::Mark;
use crate::event::AccountName;
use crate::money::Currency;

/// A format that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Rows with a header.
    Csv,
    /// A JSON object a line.
    Jsonl,
    /// A journal of hledger.
    Hledger,
    /// What banks hand out for programs: OFX 1 (SGML) and OFX 2 (XML).
    Ofx,
}

/// What is to be known of a file.
#[derive(Clone, Debug)]
pub struct Options {
    /// The account a statement is of.
    pub account: AccountName<'static>,
    /// What it is in, where the file does not say.
    pub currency: Option<Currency>,
    /// Turns every sign round.
    pub invert: bool,
    /// Which of the file's words is which of ours.
    pub map: Vec<Pair>,
    /// What parts units from fractions.
    pub decimal: Option<Mark>,
    /// How dates are written.
    pub date_format: Option<DateFormat>,
    /// What parts the fields of a row.
    pub delimiter: Option<u8>,
    /// Where the header is.
    pub skip: Skip,
    /// False where there is none, and columns are numbers.
    pub has_header: bool,
    /// Knows transactions by what they say, where their own numbers cannot be relied on.
    pub by_content: bool,
    /// The rows that are wanted: those with these values in these columns.
    pub only: Vec<Pair>,
    /// How the text is encoded.
    pub encoding: Option<Encoding>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            account: AccountName::main(),
            currency: None,
            invert: false,
            map: Vec::new(),
            decimal: None,
            date_format: None,
            delimiter: None,
            skip: Skip::Lines(0),
            has_header: true,
            by_content: false,
            only: Vec::new(),
            encoding: None,
        }
    }
}

/// Where a header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Behind so many lines.
    Lines(u64),
    /// Where the first line is that reads like one.
    ToHeader,
}

/// What an answer about a file has wrong.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OptionError {
    /// Not `A=B`.
    #[error("`{0}` is not of the form A=B")]
    Pair(String),
    /// An encoding nobody knows.
    #[error("there is no encoding `{0}`")]
    Encoding(String),
    /// A date format with an unknown or a missing part.
    #[error("the date format `{text}` {fault}")]
    DateFormat {
        /// As typed.
        text: String,
        /// What is wrong.
        fault: String,
    },
    /// Not one character.
    #[error("`{0}` is not a delimiter: one character, or tab")]
    Delimiter(String),
}

/// `A=B`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// In front of the sign.
    pub left: String,
    /// Behind it.
    pub right: String,
}

impl Pair {
    /// Reads one pair: the first `=` parts it.
    ///
    /// # Errors
    /// [`OptionError::Pair`].
    pub fn parse(text: &str) -> Result<Pair, OptionError> {
        match text.split_once('=') {
            Some((left, right)) if !left.trim().is_empty() => Ok(Pair {
                left: left.trim().to_owned(),
                right: right.trim().to_owned(),
            }),
            _ => Err(OptionError::Pair(text.to_owned())),
        }
    }

    /// Reads pairs with commas between them. A comma that no pair follows is part of a name.
    ///
    /// # Errors
    /// [`OptionError::Pair`].
    pub fn parse_list(text: &str) -> Result<Vec<Pair>, OptionError> {
        let mut pairs: Vec<String> = Vec::new();
        for piece in text.split(',') {
            match pairs.last_mut() {
                Some(last) if !piece.contains('=') => {
                    last.push(',');
                    last.push_str(piece);
                }
                _ => pairs.push(piece.to_owned()),
            }
        }
        pairs.iter().map(|pair| Pair::parse(pair)).collect()
    }
}

/// An encoding by one of its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(pub(super) &'static encoding_rs::Encoding);

impl Encoding {
    /// The encoding of this name: `utf-8`, `windows-1252`, `latin1`, `utf-16le` and what else the
    /// Encoding Standard of the web knows.
    ///
    /// # Errors
    /// [`OptionError::Encoding`].
    pub fn named(label: &str) -> Result<Encoding, OptionError> {
        encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
            .map(Encoding)
            .ok_or_else(|| OptionError::Encoding(label.to_owned()))
    }
}

/// How a date is written, in the letters of `strftime`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateFormat(pub(super) Vec<Token>);

/// A part of a date's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Year,
    ShortYear,
    Month,
    NamedMonth,
    Day,
    Hour,
    Minute,
    Second,
    Letter(char),
}

impl DateFormat {
    /// Reads a format: `%d %m %Y`, `%y` (two digits), `%b` (a month's name), `%H %M %S`.
    ///
    /// # Errors
    /// [`OptionError::DateFormat`] where a letter is not known, or day, month or year is missing.
    pub fn parse(text: &str) -> Result<DateFormat, OptionError> {
        let wrong = |fault: String| OptionError::DateFormat {
            text: text.to_owned(),
            fault,
        };
        let mut tokens = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                tokens.push(Token::Letter(letter));
                continue;
            }
            tokens.push(match letters.next() {
                Some('Y') => Token::Year,
                Some('y') => Token::ShortYear,
                Some('m') => Token::Month,
                Some('b' | 'B') => Token::NamedMonth,
                Some('d' | 'e') => Token::Day,
                Some('H') => Token::Hour,
                Some('M') => Token::Minute,
                Some('S') => Token::Second,
                Some('%') => Token::Letter('%'),
                Some(other) => return Err(wrong(format!("has `%{other}`, which is not known"))),
                None => return Err(wrong("ends in `%`".to_owned())),
            });
        }
        let count = |wanted: &[Token]| tokens.iter().filter(|own| wanted.contains(own)).count();
        for (name, wanted) in [
            ("year", &[Token::Year, Token::ShortYear][..]),
            ("month", &[Token::Month, Token::NamedMonth]),
            ("day", &[Token::Day]),
        ] {
            match count(wanted) {
                1 => {}
                0 => return Err(wrong(format!("has no {name}"))),
                _ => return Err(wrong(format!("has a {name} twice"))),
            }
        }
        Ok(DateFormat(tokens))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_parted_at_commas_that_a_pair_follows() {
        let pairs = Pair::parse_list("date=Buchungstag,memo=Name, Vorname,amount=Betrag").unwrap();
        let texts: Vec<_> = pairs
            .iter()
            .map(|pair| format!("{}<{}>", pair.left, pair.right))
            .collect();
        assert_eq!(
            texts,
            ["date<Buchungstag>", "memo<Name, Vorname>", "amount<Betrag>"]
        );
        assert!(Pair::parse_list("date").is_err());
        assert!(Pair::parse_list("=x").is_err());
    }

    #[test]
    fn a_date_format_names_day_month_and_year_once() {
        assert!(DateFormat::parse("%d.%m.%Y %H:%M:%S").is_ok());
        for bad in ["%d.%m", "%d.%m.%Y.%y", "%q", "%", "dd.mm.yyyy"] {
            assert!(DateFormat::parse(bad).is_err(), "{bad}");
        }
    }
}
