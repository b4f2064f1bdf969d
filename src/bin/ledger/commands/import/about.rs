//! What is to be known of a file, as flags.

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use event_ledger::formats::import::{
    DateFormat, Encoding, Format, Mark, OptionError, Options, Pair, Skip,
};

use crate::commands::writing;
use crate::failure::{Failure, Hint};

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
    /// There is no header: columns are numbers, as in `--map date=#1,amount=#2`
    #[arg(long)]
    no_header: bool,
    /// Know transactions of OFX by what they say, where the bank's numbers are not its own
    #[arg(long)]
    by_content: bool,
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
    /// Refuses what says nothing of a format: it would be passed over in silence.
    pub(super) fn refuse_strays(&self, format: Format) -> anyhow::Result<()> {
        const STATEMENT: &[Format] = &[Format::Csv, Format::Ofx];
        const ROWS: &[Format] = &[Format::Csv];
        let given: [(&str, bool, &[Format]); 11] = [
            (
                "--account",
                self.account.is_some(),
                &[Format::Csv, Format::Ofx, Format::Jsonl],
            ),
            ("--invert", self.invert, STATEMENT),
            (
                "--map",
                !self.map.is_empty(),
                &[Format::Csv, Format::Ofx, Format::Hledger],
            ),
            (
                "--decimal",
                self.decimal.is_some(),
                &[Format::Csv, Format::Ofx, Format::Hledger],
            ),
            ("--date-format", self.date_format.is_some(), ROWS),
            ("--delimiter", self.delimiter.is_some(), ROWS),
            ("--skip-lines", self.skip_lines.is_some(), ROWS),
            ("--no-header", self.no_header, ROWS),
            ("--only", !self.only.is_empty(), ROWS),
            ("--by-content", self.by_content, &[Format::Ofx]),
            ("--encoding", self.encoding.is_some(), &[format]),
        ];
        let stray = given
            .iter()
            .find(|(_, is_given, formats)| *is_given && !formats.contains(&format));
        match stray {
            None => Ok(()),
            Some((flag, _, formats)) => {
                let formats: Vec<String> = formats
                    .iter()
                    .map(|format| format!("{format:?}").to_lowercase())
                    .collect();
                Err(Failure::usage(format!(
                    "{flag} says something of {} and nothing of {}",
                    formats.join(", "),
                    format!("{format:?}").to_lowercase()
                ))
                .with_hint(Some("ledger import --help".to_owned()))
                .into())
            }
        }
    }

    pub(super) fn options(&self) -> anyhow::Result<Options> {
        let mut map = Vec::new();
        for text in &self.map {
            map.extend(Pair::parse_list(text)?);
        }
        let only = self.only.iter().map(|text| Pair::parse(text));
        let only = only
            .collect::<Result<Vec<_>, OptionError>>()
            .with_context(|| Hint("--only Status=Gebucht".to_owned()))?;
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
            has_header: !self.no_header,
            by_content: self.by_content,
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

fn skip(text: &str) -> anyhow::Result<Skip> {
    match text {
        "auto" => Ok(Skip::ToHeader),
        digits => Ok(digits.parse().map(Skip::Lines).map_err(|_| {
            Failure::usage(format!("`{text}` is not a number of lines"))
                .with_hint(Some("--skip-lines 5, or --skip-lines auto".to_owned()))
        })?),
    }
}
