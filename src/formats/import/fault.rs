//! What is wrong with a file that is imported, or what it leaves open.

use thiserror::Error;

use super::decimal_mark::DecimalMark;
use super::options::ImportFormat;
use crate::event::{KeyError, NameError, TagsError};
use crate::money::{AmountError, Balance, Scale};
use crate::time::{WhenError, ZoneError};

/// What is wrong. The message of a variant says what its fields are.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are explained by the messages")]
pub enum Fault {
    /// It cannot be read.
    #[error("cannot read it: {0}")]
    Unread(String),
    /// It is longer than what is held at once.
    #[error("it has more than {0} bytes")]
    TooLong(u64),
    /// White space only.
    #[error("there is nothing in it")]
    Empty,
    /// Bytes that are not of the encoding.
    #[error("{}", not_text(.encoding, *.byte))]
    NotText { encoding: String, byte: u8 },
    /// The file declares an encoding, but its bytes are UTF-8.
    #[error("it says that it is {declared}, but reads as utf-8")]
    EncodingOpen { declared: String },
    /// The byte order mark says one encoding, the user another.
    #[error("it begins with the byte order mark of {mark}, not of {asked}")]
    MarkContradicts { mark: String, asked: String },
    /// No line that could be a header.
    #[error("this is not a header: no columns for date and amount are found in `{text}`")]
    NoHeader {
        text: String,
        /// How many lines are before one that could be.
        skip: Option<u64>,
    },
    /// Two delimiters make a header of the same line.
    #[error("`{text}` is a header with `{one}` between its columns, and one with `{other}`")]
    Delimiter {
        text: String,
        one: char,
        other: char,
    },
    /// A column was named that is not there.
    #[error("there is no column `{name}`; the columns are {}", listed(.columns))]
    NoSuchColumn { name: String, columns: Vec<String> },
    /// Several columns could be the one.
    #[error("`{one}` and `{other}` can both be the {role}")]
    TwoColumns {
        /// Our word.
        role: String,
        one: String,
        other: String,
    },
    /// A column that is needed is not there.
    #[error("no column is known for the {role}; the columns are {}", listed(.columns))]
    NoColumn {
        /// Our word.
        role: String,
        columns: Vec<String>,
    },
    /// An unknown field of a mapping.
    #[error("`{name}` is not a field; the fields are {}", listed(.known))]
    NoSuchRole { name: String, known: Vec<String> },
    /// A row of another length than the header.
    #[error("{found} field{} where the header has {expected}", if *.found == 1 { "" } else { "s" })]
    Fields { found: usize, expected: usize },
    /// A quote without a second one.
    #[error("a quote opens this field, and none closes it")]
    QuoteOpen,
    /// A quote that closes a field too early.
    #[error("a quote closes this field, and `{0}` follows it")]
    QuoteAstray(String),
    /// Rows of several states, and the file does not say which of them are booked.
    #[error("rows say {} here, and the file does not say which of them count", listed(.values))]
    States {
        column: String,
        values: Vec<String>,
        /// The value that reads like `not booked`, if one does.
        pending: Option<String>,
    },
    /// A number with two readings, and nothing in the file that decides.
    #[error("`{text}` can be {comma} or {point}, and nothing else in the file decides")]
    Decimal {
        text: String,
        comma: String,
        point: String,
    },
    /// Numbers with a comma and numbers with a point.
    #[error("`{text}` and the earlier `{earlier}` have different decimal marks")]
    DecimalMixed { text: String, earlier: String },
    /// Not a number.
    #[error("`{text}` is not a number{}", with_mark(*.mark))]
    NotANumber {
        text: String,
        mark: Option<DecimalMark>,
    },
    /// A row without an amount.
    #[error("the amount is missing")]
    NoAmount,
    /// An element that is no amount.
    #[error("`{0}` is not an amount")]
    NotAnOfxAmount(String),
    /// A row without an amount, or with two.
    #[error("a row has one amount: {0}")]
    Sides(&'static str),
    /// An unknown word for a direction.
    #[error("`{word}` is not known as money in or money out")]
    Direction { word: String, column: String },
    /// More than nine digits after the decimal mark.
    #[error("`{0}` has more than nine digits after the decimal mark")]
    TooFine(String),
    /// More than 18 digits before the decimal mark.
    #[error("`{0}` has more than 18 digits before the decimal mark")]
    TooLarge(String),
    /// A movement with two readings.
    #[error("`{text}` can be {one} or {other}, and nothing else in the file decides")]
    TwoReadings {
        text: String,
        one: String,
        other: String,
        question: Box<Question>,
    },
    /// Balances that no reading of the file fits.
    #[error("the balance is {found} here, but the rows lead to {expected}")]
    BalanceBreaks { found: String, expected: String },
    /// A row that names a balance and reads like a movement.
    #[error("`{text}` can be a balance or a movement, and nothing else in the file decides")]
    BalanceRow { text: String, column: String },
    /// A date with several readings, and nothing in the file that decides.
    #[error("`{text}` can be {}, and nothing else in the file decides", .readings.join(" or "))]
    DateOrder {
        text: String,
        readings: Vec<String>,
        /// A format for each of them.
        formats: Vec<String>,
    },
    /// A year of two digits that can be of two centuries.
    #[error("the year of `{0}` can be of this century or the last")]
    Century(String),
    /// A day that the calendar does not have.
    #[error("{year} has no {} {day}", month_name(*.month))]
    NoSuchDay { year: u16, month: u16, day: u16 },
    /// A time of day or an offset that cannot be read.
    #[error("`{0}` is not a time of day with an offset such as Z or +01:00")]
    NotATime(String),
    /// Not a date.
    #[error("`{text}` is not a date{}", if *.has_format { " of the given format" } else { " that can be read in one way" })]
    NotADate { text: String, has_format: bool },
    /// No code of a currency.
    #[error("`{0}` does not name one currency for certain: use a code like EUR")]
    Currency(String),
    /// The file is in another format.
    #[error("it is {is}, not {asked}")]
    OtherFormat {
        is: String,
        asked: &'static str,
        /// The format, if it can be imported.
        from: Option<ImportFormat>,
    },
    /// The file says another currency than the user.
    #[error("the file says {file}, not {asked}")]
    CurrencyContradicts { file: String, asked: String },
    /// Something that must be there is not.
    #[error("{0} is missing")]
    Missing(String),
    /// Not what was expected.
    #[error("found {found}, expected {expected}")]
    Expected { found: String, expected: String },
    /// Something that is understood and cannot be recorded.
    #[error("{what} cannot be imported")]
    Unsupported { what: String, hint: Option<String> },
    /// The file is of an account that is not mapped.
    #[error("it is of the account `{0}`, which is not mapped")]
    OtherAccount(String),
    /// The file has several accounts.
    #[error("it is of several accounts: {}", listed(.0))]
    SeveralAccounts(Vec<String>),
    /// A column with the names of several accounts.
    #[error("it is of several accounts: {}", listed(.values))]
    AccountColumn { column: String, values: Vec<String> },
    /// A value that is no account name.
    #[error("`{0}` is not an account name")]
    AccountValue(String),
    /// Two transactions have one number.
    #[error("another transaction has the number `{0}`")]
    NumberTwice(String),
    /// A row in the place of the header.
    #[error("this is a row and not a header: `{text}` is a date")]
    RowForHeader {
        text: String,
        /// The numbers of the columns that read like a date and an amount.
        columns: Option<(usize, usize)>,
    },
    /// A mapping of something that the file does not have.
    #[error("`{0}` is mapped, but is not in the file")]
    NotInIt(String),
    /// Names that are no account names.
    #[error("these are not account names: {}", listed(.0))]
    Names(Vec<String>),
    /// An account and an amount with one blank between them.
    #[error("`{0}` ends in an amount: two blanks separate an account from its amount")]
    OneBlank(String),
    /// A transaction whose postings do not add up to zero.
    #[error("the postings add up to {sum}, not to 0")]
    Unbalanced { sum: String },
    /// A price of one unit at which the whole is not worth an exact amount.
    #[error("at this price of one unit the whole is no exact amount of {0}")]
    InexactPrice(String),
    /// An assertion that does not hold.
    #[error("{account} is {actual} here, not {expected}")]
    Assertion {
        account: String,
        actual: String,
        expected: String,
    },
    /// Not an amount.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// Not an account name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Not a moment.
    #[error(transparent)]
    When(#[from] WhenError),
    /// Not a zone.
    #[error(transparent)]
    Zone(#[from] ZoneError),
    /// Not a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Not tags.
    #[error(transparent)]
    Tags(#[from] TagsError),
    /// Not JSON.
    #[error("{0}")]
    Json(String),
}

impl Fault {
    pub(super) fn missing(what: impl Into<String>) -> Fault {
        Fault::Missing(what.into())
    }

    pub(super) fn expected(found: impl Into<String>, expected: impl Into<String>) -> Fault {
        let (found, expected) = (found.into(), expected.into());
        Fault::Expected { found, expected }
    }

    pub(super) fn unsupported(what: impl Into<String>) -> Fault {
        let what = what.into();
        Fault::Unsupported { what, hint: None }
    }

    pub(super) fn not_a_date(text: &str) -> Fault {
        Fault::NotADate {
            text: text.to_owned(),
            has_format: false,
        }
    }

    pub(super) fn balance_breaks(found: Balance, expected: Balance) -> Fault {
        let text = |balance: Balance| balance.to_text(Scale::new(2).unwrap_or_default());
        Fault::BalanceBreaks {
            found: text(found),
            expected: text(expected),
        }
    }
}

/// What two readings of a movement differ in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are explained by the variants")]
pub enum Question {
    /// The columns of the money: their mappings.
    Columns { one: String, other: String },
    /// Whether a fee is booked beside the amount.
    Fee { column: String },
    /// The direction.
    Direction,
}

fn month_name(month: u16) -> String {
    let month = i8::try_from(month).unwrap_or_default();
    let first = jiff::civil::Date::new(2000, month, 1);
    first.map_or_else(|_| String::new(), |day| day.strftime("%B").to_string())
}

fn not_text(encoding: &str, byte: u8) -> String {
    match byte {
        0 => format!("a NUL byte: this is not text in {encoding}"),
        byte if encoding == "UTF-8" => format!("the byte {byte:02X} is not {encoding}"),
        _ => format!("these bytes are not {encoding}"),
    }
}

fn with_mark(mark: Option<DecimalMark>) -> &'static str {
    match mark {
        Some(DecimalMark::Comma) => " with a decimal comma",
        Some(DecimalMark::Point) => " with a decimal point",
        None => "",
    }
}

fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
