mod input;
mod plan;
mod show;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use event_ledger::event::Head;
use event_ledger::interop::import::{
    self, DateFormat, Encoding, Format, Mark, OptionError, Options, Pair, Skip,
};
use event_ledger::ledger::{Mode, Outcome};

use super::writing;
use crate::failure::Failure;
use crate::output::progress::Progress;
use crate::session::{Done, Session};
use input::{Source, nothing_imported};
use plan::Plan;

/// Record what a bank statement, a journal or another program's file says
///
/// CSV is read by its header: the columns of many banks are known in English and German, others are
/// named with --map. What a file leaves open (day or month first, comma or point) is asked for and
/// never guessed. Dates become the effective time. All of the file is recorded or nothing of it.
///
/// A second import of the same file, or of one that overlaps it, adds only what is new. OFX numbers
/// its transactions. A row of CSV is known by account, day, amount and its texts, figures left out;
/// rows that are alike on one day are counted. A transaction of a journal is known by all it says, a
/// line of JSON by its `key` or by all it says. A row that is known but would be recorded otherwise,
/// by another --map, is a conflict (exit 5).
///
/// Words for --map: date, amount (or debit and credit, or amount and direction), currency, memo,
/// account, from, to, key, tag:NAME; a column by name or number (`date=#1`). Of OFX it names accounts
/// (`--map 4711=giro`), of a journal accounts and commodities (`--map 'Food out=food,$=USD'`).
/// Deposits and withdrawals of a journal are postings against equity:external.
#[derive(Debug, Args)]
#[command(after_help = super::help::writing!(
    "ledger import --from csv giro.csv --account giro --open --dry-run"
))]
pub(crate) struct Import {
    /// The file; `-` or nothing is standard input
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    input: Option<PathBuf>,
    /// What it is: csv, jsonl, hledger or ofx
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    from: From,
    /// The account that a statement is of; `main` unless named
    #[arg(short, long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// What amounts are in where the file does not say
    #[arg(long, value_name = "CURRENCY")]
    currency: Option<String>,
    /// Open accounts that are not there yet, with no floor
    #[arg(long)]
    open: bool,
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
    /// Only where the log still ends there, as `ledger head` printed it
    #[arg(long, value_name = "HEAD")]
    if_head: Option<String>,
    /// Decide and show, write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum From {
    Csv,
    Jsonl,
    Hledger,
    Ofx,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Decimal {
    Comma,
    Point,
}

pub(crate) fn run(arguments: &Import, session: &mut Session) -> Done {
    let options = arguments.options()?;
    let if_head = arguments
        .if_head
        .as_deref()
        .map(str::parse::<Head>)
        .transpose()?;
    let source = Source::of(arguments.input.as_deref());
    let bytes = source.bytes()?;
    let imported = import::read(arguments.from.into(), &bytes, &options)
        .map_err(|error| nothing_imported(Failure::from(error).in_file(&source.name())))?;
    drop(bytes);
    let plan = Plan::of(session, &imported, arguments.open, &source.name())?;
    let wishes = plan.wishes(if_head.as_ref());
    let shows_progress = session.printer.shows_progress() && !session.quiet;
    let total = u64::try_from(wishes.len()).unwrap_or(u64::MAX);
    let mut progress = Progress::new("deciding", total, shows_progress);
    let outcome = session.record(&wishes, Mode::Together, arguments.dry_run, &mut || {
        progress.advance(1);
    });
    progress.finish();
    let Outcome {
        results,
        notices,
        zone,
        head,
    } = outcome.map_err(|error| plan.refused(error, &source.name()))?;
    writing::tell(session, &notices, &zone);
    let receipts: Vec<_> = results.into_iter().flatten().collect();
    show::answer(session, &receipts, &zone, &imported, arguments.dry_run)?;
    writing::show_head(session, head, arguments.dry_run);
    Ok(0)
}

impl Import {
    fn options(&self) -> Result<Options, Failure> {
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

impl std::convert::From<From> for Format {
    fn from(from: From) -> Format {
        match from {
            From::Csv => Format::Csv,
            From::Jsonl => Format::Jsonl,
            From::Hledger => Format::Hledger,
            From::Ofx => Format::Ofx,
        }
    }
}
