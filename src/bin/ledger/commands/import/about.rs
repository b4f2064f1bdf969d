//! What is to be known of a file, as flags.

use clap::{Args, ValueEnum};
use event_ledger::interop::import::{DateFormat, Encoding, Mark, OptionError, Options, Pair, Skip};

use crate::commands::writing;
use crate::failure::Failure;

/// What the file says, where it does not say it itself.
#[derive(Debug, Args)]
#[command(next_help_heading = "About the file")]
pub(super) struct About {
    /// The account that a statement is of; `main` unless named
    #[arg(short, long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// What amounts are in where the file does not say
    #[arg(long, value_name = "CURRENCY")]
    currency: Option<String>,
    /// Turn every sign round, as some statements of credit cards want it
    #[arg(long)]
    invert: bool,
    /// Which of the file's words is which of ours: date=Buchungstag,amount=Betrag
    #[arg(long, value_name = "OURS=THEIRS,…")]
    map: Vec<String>,
    /// What parts units from fractions: comma or point
    #[arg(long, value_name = "MARK", hide_possible_values = true)]
    decimal: Option<Decimal>,
    /// How dates are written: %d.%m.%Y, %m/%d/%y
    #[arg(long, value_name = "PATTERN")]
    date_format: Option<String>,
    /// What parts the fields of a row: `;`, `,` or tab
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<String>,
    /// Lines to skip before the header; `auto` goes to the first that reads like one
    #[arg(long, value_name = "N")]
    skip_lines: Option<String>,
    /// Only rows with this value in this column; of one column with any of several
    #[arg(long, value_name = "COLUMN=VALUE")]
    only: Vec<String>,
    /// How the text is encoded, where that is not UTF-8: windows-1252, utf-16le
    #[arg(long, value_name = "ENCODING")]
    encoding: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Decimal {
    Comma,
    Point,
}

impl About {
    pub(super) fn options(&self) -> Result<Options, Failure> {
        let mut map = Vec::new();
        for text in &self.map {
            map.extend(Pair::parse_list(text)?);
        }
        let only = self.only.iter().map(|text| Pair::parse(text));
        let only = only
            .collect::<Result<Vec<_>, OptionError>>()
            .map_err(|error| {
                Failure::from(error).with_hint(Some("--only Status=Gebucht".to_owned()))
            })?;
        Ok(Options {
            account: writing::account_or_main(self.account.as_deref())?,
            currency: self
                .currency
                .as_deref()
                .map(writing::currency)
                .transpose()?,
            invert: self.invert,
            map,
            decimal: self.decimal.map(|decimal| match decimal {
                Decimal::Comma => Mark::Comma,
                Decimal::Point => Mark::Point,
            }),
            date_format: self
                .date_format
                .as_deref()
                .map(DateFormat::parse)
                .transpose()?,
            delimiter: self.delimiter.as_deref().map(delimiter).transpose()?,
            skip: self
                .skip_lines
                .as_deref()
                .map_or(Ok(Skip::Lines(0)), skip)?,
            only,
            encoding: self.encoding.as_deref().map(Encoding::named).transpose()?,
        })
    }
}

fn delimiter(text: &str) -> Result<u8, OptionError> {
    match text.as_bytes() {
        [one] if one.is_ascii() && !one.is_ascii_alphanumeric() && *one != b'"' => Ok(*one),
        b"tab" | b"\\t" => Ok(b'\t'),
        _ => Err(OptionError::Delimiter(text.to_owned())),
    }
}

fn skip(text: &str) -> Result<Skip, Failure> {
    match text {
        "auto" => Ok(Skip::ToHeader),
        digits => digits.parse().map(Skip::Lines).map_err(|_| {
            Failure::usage(format!("`{text}` is not a number of lines"))
                .with_hint(Some("--skip-lines 5, or --skip-lines auto".to_owned()))
        }),
    }
}
