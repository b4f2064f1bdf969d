mod about;
mod input;
mod plan;
mod show;

use anyhow::bail;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use event_ledger::event::Head;
use event_ledger::formats::import::{self, Format};
use event_ledger::ledger::{Mode, Outcome};

use super::writing;
use crate::failure::Failure;
use crate::flags::InputLimit;
use crate::output::progress::Progress;
use crate::session::{Done, Session};
use about::About;
use input::{Source, nothing_imported};
use plan::{Plan, Terms};
use show::Told;

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
pub(crate) struct ImportArgs {
    /// The file; `-` or nothing is standard input
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    input: Option<PathBuf>,
    #[command(flatten)]
    limit: InputLimit,
    /// What it is: csv, jsonl, hledger or ofx
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    from: Foreign,
    /// Open accounts that are not there yet, with no floor
    #[arg(long)]
    open: bool,
    /// Leave what is known as it is, even where the file says something else of it by now
    #[arg(long)]
    keep_known: bool,
    /// Only where the log still ends there, as `ledger head` printed it
    #[arg(long, value_name = "HEAD")]
    if_head: Option<String>,
    /// Decide and show, write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    #[command(flatten)]
    about: About,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Foreign {
    Csv,
    Jsonl,
    Hledger,
    Ofx,
}

pub(crate) fn run(arguments: &ImportArgs, session: &mut Session) -> Done {
    let format = Format::from(arguments.from);
    arguments.about.refuse_strays(format)?;
    let options = arguments.about.options()?;
    let if_head = arguments
        .if_head
        .as_deref()
        .map(str::parse::<Head>)
        .transpose()?;
    let source = Source::of(arguments.input.as_deref());
    if arguments.input.is_none() && std::io::stdin().is_terminal() {
        bail!(Failure::usage("there is no file to import").with_hint(Some(
            "ledger import --from csv giro.csv, or `-` for what is typed".to_owned(),
        )));
    }
    let bytes = source.bytes(arguments.limit)?;
    let imported = import::read(format, &bytes, &options)
        .map_err(|error| nothing_imported(anyhow::Error::from(error).context(source.name())))?;
    drop(bytes);
    let plan = Plan::of(
        session,
        imported,
        &Terms {
            if_head: if_head.as_ref(),
            opens: arguments.open,
            keeps_known: arguments.keep_known,
            file: &source.name(),
            has_columns: format == Format::Csv,
        },
    )?;
    let requests = plan.requests();
    let shows_progress = session.printer.shows_progress() && !session.quiet;
    let total = u64::try_from(requests.len()).unwrap_or(u64::MAX);
    let mut progress = Progress::new("deciding", total, shows_progress);
    let outcome = session.record(requests, Mode::Together, arguments.dry_run, &mut || {
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
    let told = Told {
        receipts: &receipts,
        zone: &zone,
        plan: &plan,
        dry_run: arguments.dry_run,
    };
    told.answer(session)?;
    writing::show_head(session, head, arguments.dry_run);
    Ok(0)
}

impl From<Foreign> for Format {
    fn from(from: Foreign) -> Format {
        match from {
            Foreign::Csv => Format::Csv,
            Foreign::Jsonl => Format::Jsonl,
            Foreign::Hledger => Format::Hledger,
            Foreign::Ofx => Format::Ofx,
        }
    }
}
