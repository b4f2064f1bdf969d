//! What is wrong with a file, and where.

use std::fmt;

use thiserror::Error;

use super::figures::Mark;
use crate::event::{KeyError, NameError, TagsError};
use crate::money::AmountError;
use crate::time::{WhenError, ZoneError};

/// A place in a file; lines and columns are counted from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: Option<u64>,
    /// The character on the line or, where there is a field, the field in its row.
    pub column: Option<u64>,
    /// The field's name.
    pub field: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        if let Some(field) = &self.field {
            write!(f, " ({field})")?;
        }
        Ok(())
    }
}

/// Why a file is not imported.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{fault}")]
pub struct ImportError {
    /// Where.
    pub place: Place,
    /// Why.
    pub fault: Box<Fault>,
}

impl ImportError {
    /// Of no one place.
    pub(super) fn whole(fault: Fault) -> ImportError {
        ImportError::at(Place::default(), fault)
    }

    pub(super) fn at(place: Place, fault: Fault) -> ImportError {
        let fault = Box::new(fault);
        ImportError { place, fault }
    }

    pub(super) fn on_line(line: u64, fault: Fault) -> ImportError {
        let place = Place {
            line: Some(line),
            ..Place::default()
        };
        ImportError::at(place, fault)
    }

    pub(super) fn in_column(line: u64, column: usize, fault: Fault) -> ImportError {
        let place = Place {
            line: Some(line),
            column: u64::try_from(column).ok(),
            field: None,
        };
        ImportError::at(place, fault)
    }
}

/// What is wrong.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Fault {
    /// Nothing but blanks.
    #[error("there is nothing in it")]
    Empty,
    /// Bytes that are not of the encoding.
    #[error("{}", not_text(.encoding, *.byte))]
    NotText {
        /// What it was read as.
        encoding: String,
        /// The first byte that does not fit.
        byte: u8,
    },
    /// The file says one encoding, and its letters read as UTF-8.
    #[error("it says that it is {declared}, and reads as utf-8")]
    EncodingOpen {
        /// What it says.
        declared: String,
    },
    /// The mark in front says one encoding, whoever imports another.
    #[error("it begins with the mark of {mark}, not of {asked}")]
    MarkContradicts {
        /// What the file says.
        mark: String,
        /// What was asked for.
        asked: String,
    },
    /// No line that could be a header.
    #[error("this is not a header: no columns for date and amount are found in `{text}`")]
    NoHeader {
        /// The line that was looked at.
        text: String,
        /// How many lines stand before one that could be.
        skip: Option<u64>,
        /// A delimiter with which there are several columns.
        delimiter: Option<char>,
    },
    /// Two delimiters make a header of the same line.
    #[error("`{text}` is a header with `{one}` between its columns, and one with `{other}`")]
    Delimiter {
        /// The line.
        text: String,
        /// One delimiter.
        one: char,
        /// Another.
        other: char,
    },
    /// A column was named that is not there.
    #[error("there is no column `{name}`; the columns are {}", listed(.columns))]
    NoSuchColumn {
        /// As named.
        name: String,
        /// What there is.
        columns: Vec<String>,
    },
    /// Several columns could be the one.
    #[error("`{one}` and `{other}` can both be the {role}")]
    TwoColumns {
        /// Our word.
        role: String,
        /// One.
        one: String,
        /// Another.
        other: String,
    },
    /// A column that is needed is not there.
    #[error("no column is known for the {role}; the columns are {}", listed(.columns))]
    NoColumn {
        /// Our word.
        role: String,
        /// What there is.
        columns: Vec<String>,
    },
    /// A word of a mapping that we do not have.
    #[error("`{name}` is none of our words: {}", listed(.known))]
    NoSuchRole {
        /// As typed.
        name: String,
        /// Ours.
        known: Vec<String>,
    },
    /// A row of another length than the header.
    #[error("{found} field{} where the header has {expected}", if *.found == 1 { "" } else { "s" })]
    Fields {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A quote that takes in all that follows.
    #[error("a quote opens this field, and none closes it")]
    QuoteOpen,
    /// A quote that closes a field too early.
    #[error("a quote closes this field, and `{0}` stands behind it")]
    QuoteAstray(
        /// What stands there.
        String,
    ),
    /// Rows of several states, and nobody said which count.
    #[error("rows say {} here, and which of them count is not said", listed(.values))]
    States {
        /// The column.
        column: String,
        /// What stands in it.
        values: Vec<String>,
    },
    /// A figure with two readings, and nothing in the file that decides.
    #[error("`{text}` can be {comma} or {point}, and nothing else in the file decides")]
    Decimal {
        /// The figure.
        text: String,
        /// With a decimal comma.
        comma: String,
        /// With a decimal point.
        point: String,
    },
    /// Figures with a comma and figures with a point.
    #[error("`{text}` and `{earlier}` before it cannot be written alike")]
    DecimalMixed {
        /// The figure.
        text: String,
        /// One before it.
        earlier: String,
    },
    /// Not a figure.
    #[error("`{text}` is not a figure{}", with_mark(*.mark))]
    NotAFigure {
        /// What stands there.
        text: String,
        /// How figures are written here.
        mark: Option<Mark>,
    },
    /// A row without an amount, or with two.
    #[error("a row has one amount: {0}")]
    Sides(&'static str),
    /// A word for a direction that nobody knows.
    #[error("`{0}` is neither debit nor credit: S or H, D or C, debit or credit")]
    Direction(String),
    /// A date with two readings, and nothing in the file that decides.
    #[error("`{text}` can be {day_first} or {month_first}, and nothing else in the file decides")]
    DateOrder {
        /// The date.
        text: String,
        /// Its day first.
        day_first: String,
        /// Its month first.
        month_first: String,
        /// What stands between.
        separator: char,
    },
    /// Not a date.
    #[error("`{text}` is not a date{}", if *.has_format { " of the format that was named" } else { " that can be read in one way" })]
    NotADate {
        /// What stands there.
        text: String,
        /// Whether a format was named.
        has_format: bool,
    },
    /// No currency's code.
    #[error("`{0}` is no currency that is known for certain: a code like EUR is wanted")]
    Currency(String),
    /// The file says another currency than whoever imports it.
    #[error("the file says {file}, not {asked}")]
    CurrencyContradicts {
        /// What the file says.
        file: String,
        /// What was asked for.
        asked: String,
    },
    /// Something that must be there is not.
    #[error("{0} is missing")]
    Missing(String),
    /// Not what was expected.
    #[error("{found} stands here, {expected} is wanted")]
    Expected {
        /// What stands there.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// Something that is understood and not taken.
    #[error("{what} cannot be imported")]
    Unsupported {
        /// What.
        what: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The file is of an account that was not named.
    #[error("it is of the account `{0}`, which is not mapped")]
    OtherAccount(String),
    /// The file has several accounts.
    #[error("it is of several accounts: {}", listed(.0))]
    SeveralAccounts(Vec<String>),
    /// A number stands for two transactions.
    #[error("the number `{0}` stands for another transaction already")]
    NumberTwice(String),
    /// A row where the header should be.
    #[error("this is a row and not a header: `{text}` is a date")]
    RowForHeader {
        /// What stands where the date should be named.
        text: String,
    },
    /// A mapping of something that the file does not have.
    #[error("there is no `{0}` in it, which is mapped")]
    NotInIt(String),
    /// Names that are no account names of ours.
    #[error("these are no account names here: {}", listed(.0))]
    Names(Vec<String>),
    /// A transaction whose postings do not add up to nothing.
    #[error("the postings add up to {sum}, not to 0")]
    Unbalanced {
        /// What they come to.
        sum: String,
    },
    /// A transaction that is no set of transfers.
    #[error("{0} postings give and {1} take: who gave what to whom is not said")]
    ManyToMany(usize, usize),
    /// An assertion that does not hold.
    #[error("{account} is {actual} here, not {expected}")]
    Assertion {
        /// Whose balance.
        account: String,
        /// What it is.
        actual: String,
        /// What it is said to be.
        expected: String,
    },
    /// An amount that is none.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// A name that is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A moment that is none.
    #[error(transparent)]
    When(#[from] WhenError),
    /// A zone that is none.
    #[error(transparent)]
    Zone(#[from] ZoneError),
    /// A key that is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Tags that are none.
    #[error(transparent)]
    Tags(#[from] TagsError),
    /// Not JSON.
    #[error("{0}")]
    Json(String),
}

fn not_text(encoding: &str, byte: u8) -> String {
    match byte {
        0 => format!("a NUL stands here: this is not text in {encoding}"),
        byte if encoding == "UTF-8" => format!("the byte {byte:02X} is not {encoding}"),
        _ => format!("these bytes are not {encoding}"),
    }
}

fn with_mark(mark: Option<Mark>) -> &'static str {
    match mark {
        Some(Mark::Comma) => " with a decimal comma",
        Some(Mark::Point) => " with a decimal point",
        None => "",
    }
}

fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
