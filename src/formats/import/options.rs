//! What the user says about a file that is imported.
//!
//! Only the small grammars of those answers; not how they are asked for.

use thiserror::Error;

use super::decimal_mark::DecimalMark;
use super::words::Direction;
use crate::event::AccountName;
use crate::money::Currency;

/// A format that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFormat {
    /// Rows with a header.
    Csv,
    /// One JSON object per line.
    Jsonl,
    /// A journal of hledger.
    Hledger,
    /// OFX 1 (SGML) and OFX 2 (XML).
    Ofx,
    /// ISO 20022 account statements (XML).
    Camt053,
    /// SWIFT account statements.
    Mt940,
}

impl ImportFormat {
    /// The word of the command line.
    pub fn word(self) -> &'static str {
        match self {
            ImportFormat::Csv => "csv",
            ImportFormat::Jsonl => "jsonl",
            ImportFormat::Hledger => "hledger",
            ImportFormat::Ofx => "ofx",
            ImportFormat::Camt053 => "camt053",
            ImportFormat::Mt940 => "mt940",
        }
    }
}

/// What the user says about a file.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own"
)]
pub struct Options {
    /// The account of a statement.
    pub account: AccountName<'static>,
    /// The currency of amounts that name none.
    pub currency: Option<Currency>,
    /// Turns every sign round.
    pub invert: bool,
    /// The fields that columns or names of the file are.
    pub map: Vec<Pair>,
    /// Other values for values of the file.
    pub values: Vec<ValueMap>,
    /// The character between units and fractions.
    pub decimal: Option<DecimalMark>,
    /// How dates are written.
    pub date_format: Option<DateFormat>,
    /// The character between the fields of a row.
    pub delimiter: Option<u8>,
    /// Where the header is.
    pub skip: Skip,
    /// How many lines at the end are no rows.
    pub footer: Footer,
    /// False if there is no header and columns are numbers.
    pub has_header: bool,
    /// Knows transactions by their content and not by the numbers in the file.
    pub by_content: bool,
    /// Rows to record: those with these values in these columns.
    pub only: Vec<Pair>,
    /// Rows to leave out: those with one of these values.
    pub left_out: Vec<Pair>,
    /// Rows that are movements although they read like balances.
    pub movements: Vec<Pair>,
    /// Words of the direction column that mean money in.
    pub in_words: Vec<String>,
    /// Words of the direction column that mean money out.
    pub out_words: Vec<String>,
    /// What decides over the direction of a movement.
    pub direction: Option<SignRule>,
    /// False if the balances of the file are not to be checked.
    pub checks_balances: bool,
    /// The encoding of the text.
    pub encoding: Option<Encoding>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            account: AccountName::main(),
            currency: None,
            invert: false,
            map: Vec::new(),
            values: Vec::new(),
            decimal: None,
            date_format: None,
            delimiter: None,
            skip: Skip::Lines(0),
            footer: Footer::Lines(0),
            has_header: true,
            by_content: false,
            only: Vec::new(),
            left_out: Vec::new(),
            movements: Vec::new(),
            in_words: Vec::new(),
            out_words: Vec::new(),
            direction: None,
            checks_balances: true,
            encoding: None,
        }
    }
}

impl Options {
    /// The value that the user gives for a value of this field.
    pub(super) fn value<'v>(&'v self, field: &str, value: &'v str) -> &'v str {
        let mut values = self.values.iter();
        let mapped = values.find(|own| own.field == field && own.from == value);
        mapped.map_or(value, |own| own.to.as_str())
    }

    /// What the user maps a name of the file to.
    pub(super) fn mapped(&self, name: &str) -> Option<&str> {
        let pair = self.map.iter().find(|pair| pair.left == name);
        pair.map(|pair| pair.right.as_str())
    }

    /// The direction that a word names, by the user's words first.
    pub(super) fn direction_of(&self, word: &str) -> Option<Direction> {
        let is_own = |own: &String| own.eq_ignore_ascii_case(word.trim());
        let is_in = |words: &[String]| words.iter().any(is_own);
        match (is_in(&self.out_words), is_in(&self.in_words)) {
            (true, false) => Some(Direction::Out),
            (false, true) => Some(Direction::In),
            _ => super::words::direction_of(word),
        }
    }
}

/// What decides over the direction of a movement if a word or a column says it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignRule {
    /// The sign of the number alone.
    Sign,
    /// The word or the column alone.
    Word,
    /// The word or the column, and a minus turns it round.
    Both,
}

/// Where a header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// After so many lines.
    Lines(u64),
    /// At the first line that reads like one.
    ToHeader,
}

/// Which lines at the end of a file are no rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Footer {
    /// So many.
    Lines(u64),
    /// All after the last row with a date and an amount.
    AfterLastRow,
}

/// What is wrong with an answer about a file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OptionError {
    /// Not `A=B`.
    #[error("`{0}` is not of the form A=B")]
    Pair(String),
    /// Not `FIELD:A=B`.
    #[error("`{0}` is not of the form FIELD:VALUE=VALUE")]
    Value(String),
    /// An encoding that does not exist.
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
    /// Before the sign.
    pub left: String,
    /// After it.
    pub right: String,
}

impl Pair {
    /// Reads one pair, split at the first `=`.
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

/// Another value for a value of a field: `account:Main Account=assets:giro`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueMap {
    /// The field: account, from, to or currency.
    pub field: String,
    /// The value in the file.
    pub from: String,
    /// The value to use.
    pub to: String,
}

impl ValueMap {
    /// Reads `FIELD:A=B`. Account names have colons too: the first one ends the field, the last `=`
    /// the value.
    ///
    /// # Errors
    /// [`OptionError::Value`].
    pub fn parse(text: &str) -> Result<ValueMap, OptionError> {
        const FIELDS: [&str; 4] = ["account", "from", "to", "currency"];
        let parts = text.split_once(':').and_then(|(field, rest)| {
            let (from, to) = rest.rsplit_once('=')?;
            let field = field.trim();
            let is_good =
                FIELDS.contains(&field) && !from.trim().is_empty() && !to.trim().is_empty();
            is_good.then(|| ValueMap {
                field: field.to_owned(),
                from: from.trim().to_owned(),
                to: to.trim().to_owned(),
            })
        });
        parts.ok_or_else(|| OptionError::Value(text.to_owned()))
    }
}

/// An encoding by one of its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(pub(super) &'static encoding_rs::Encoding);

impl Encoding {
    /// The encoding of this name: `utf-8`, `windows-1252`, `latin1`, `utf-16le` and the other names
    /// of the Encoding Standard of the web.
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
pub struct DateFormat(pub(super) Vec<DateToken>);

/// A part of a date's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateToken {
    Year,
    ShortYear,
    Month,
    NamedMonth,
    Day,
    Hour,
    /// An hour before or after noon.
    HalfHour,
    Minute,
    Second,
    /// `AM` or `PM`.
    Half,
    Letter(char),
}

impl DateFormat {
    /// Reads a format: `%d %m %Y`, `%y` (two digits), `%b` (a month's name), `%H %M %S`, `%I %p`.
    ///
    /// # Errors
    /// [`OptionError::DateFormat`] if a letter is not known, or day, month or year is missing.
    pub fn parse(text: &str) -> Result<DateFormat, OptionError> {
        let wrong = |fault: String| OptionError::DateFormat {
            text: text.to_owned(),
            fault,
        };
        let mut tokens = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                tokens.push(DateToken::Letter(letter));
                continue;
            }
            tokens.push(match letters.next() {
                Some('Y') => DateToken::Year,
                Some('y') => DateToken::ShortYear,
                Some('m') => DateToken::Month,
                Some('b' | 'B') => DateToken::NamedMonth,
                Some('d' | 'e') => DateToken::Day,
                Some('H') => DateToken::Hour,
                Some('I') => DateToken::HalfHour,
                Some('p' | 'P') => DateToken::Half,
                Some('M') => DateToken::Minute,
                Some('S') => DateToken::Second,
                Some('%') => DateToken::Letter('%'),
                Some(other) => return Err(wrong(format!("has `%{other}`, which is not known"))),
                None => return Err(wrong("ends in `%`".to_owned())),
            });
        }
        let count = |wanted: &[DateToken]| tokens.iter().filter(|own| wanted.contains(own)).count();
        for (name, wanted) in [
            ("year", &[DateToken::Year, DateToken::ShortYear][..]),
            ("month", &[DateToken::Month, DateToken::NamedMonth]),
            ("day", &[DateToken::Day]),
        ] {
            match count(wanted) {
                1 => {}
                0 => return Err(wrong(format!("has no {name}"))),
                _ => return Err(wrong(format!("has a {name} twice"))),
            }
        }
        if count(&[DateToken::HalfHour]) != count(&[DateToken::Half]) {
            return Err(wrong("needs `%I` and `%p` together".to_owned()));
        }
        Ok(DateFormat(tokens))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_split_at_commas_that_a_pair_follows() {
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
    fn a_value_map_names_its_field() {
        let map = ValueMap::parse("account:Main Account=assets:giro").unwrap();
        assert_eq!(
            (map.field.as_str(), map.from.as_str(), map.to.as_str()),
            ("account", "Main Account", "assets:giro")
        );
        for bad in ["Main Account=giro", "memo:a=b", "account:=b", "account:a="] {
            assert!(ValueMap::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_date_format_names_day_month_and_year_once() {
        assert!(DateFormat::parse("%d.%m.%Y %H:%M:%S").is_ok());
        for bad in [
            "%d.%m",
            "%d.%m.%Y.%y",
            "%q",
            "%",
            "dd.mm.yyyy",
            "%d.%m.%Y %I:%M",
        ] {
            assert!(DateFormat::parse(bad).is_err(), "{bad}");
        }
    }
}
