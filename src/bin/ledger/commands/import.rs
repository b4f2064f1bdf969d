mod duplicates;
mod file_options;
mod input;
mod plan;
mod show;
mod summary;

use std::io::IsTerminal as _;
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use event_ledger::event::Head;
use event_ledger::formats::import::{self, ImportFormat};
use event_ledger::ledger::{Mode, Outcome};

use super::writing;
use crate::failure::{Failure, Recorded};
use crate::flags::{InputLimit, optional};
use crate::input_file::InputFile;
use crate::session::{Done, Session};
use file_options::FileOptions;
use input::nothing_imported;
use plan::{DuplicateRule, ImportTerms, Plan};
use show::ImportAnswer;

/// Record the events of a bank statement, a journal or another program's file
///
/// CSV is read by its header: the columns of many banks are known, others are named with --map. What
/// a file leaves open (day or month first, which column is the money, which way it goes) is decided
/// by its own balances or asked, never guessed. Dates become the effective time. All of the file is
/// recorded or nothing of it.
///
/// A second import of the same file, or of one that overlaps it, adds only what is new. A row is
/// known by the bank's number or by account, day, amount and texts; equal rows of a day are counted.
/// A row of the same day, account and amount in other words is asked about (--duplicates). A row that
/// is known but would be recorded otherwise is a conflict (exit 5).
///
/// Fields for --map: date, amount (or debit and credit, or amount and direction), fee, balance,
/// currency, memo, account, from, to, key, ignore, tag:NAME; a column by name or number (`date=#1`).
/// Of OFX, camt.053 and MT940 it names accounts (`--map 4711=giro`), of a journal accounts and
/// commodities (`--map 'Food out=food,$=USD'`). Deposits and withdrawals of a journal are postings
/// against equity:external.
#[derive(Debug, Args)]
#[command(after_help = super::help::writing(
    "ledger import --from csv giro.csv --account giro --open --dry-run"
))]
pub(crate) struct ImportArgs {
    /// File; `-` or nothing is standard input
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    input: Option<PathBuf>,
    #[command(flatten)]
    limit: InputLimit,
    /// Open accounts that do not exist, without a floor
    #[arg(long)]
    open: bool,
    /// Leave known rows as recorded, even if the file now says otherwise
    #[arg(long)]
    keep_known: bool,
    /// Rows that may be known events in other words: skip or record
    #[arg(long, value_name = "RULE", hide_possible_values = true)]
    duplicates: Option<DuplicateRule>,
    /// The file repeats nothing: count equal rows as new ones
    #[arg(long, conflicts_with_all = ["keep_known", "duplicates"])]
    no_overlap: bool,
    /// Read flags about the file from a TOML profile
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    rules: Option<PathBuf>,
    /// Save the flags about the file as a TOML profile
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    save_rules: Option<PathBuf>,
    /// Only if the log still ends there, as `ledger head` printed it
    #[arg(long, value_name = "HEAD")]
    if_head: Option<String>,
    /// Show what would be recorded, without recording it
    #[arg(short = 'n', long)]
    dry_run: bool,
    #[command(flatten)]
    file: FileOptions,
}

pub(crate) fn run(arguments: &ImportArgs, session: &mut Session) -> Done {
    let file = match &arguments.rules {
        Some(rules) => arguments.file.clone().with_rules(rules)?,
        None => arguments.file.clone(),
    };
    let format = file.format(arguments.input.as_deref())?;
    file.refuse_strays(format)?;
    let options = file.options()?;
    let if_head = optional(arguments.if_head.as_deref(), str::parse::<Head>)?;
    let source = InputFile::of(arguments.input.as_deref());
    if arguments.input.is_none() && std::io::stdin().is_terminal() {
        bail!(
            Failure::usage("there is no file to import")
                .with_hint("ledger import --from csv giro.csv, or `-` to type it")
        );
    }
    let imported = import::read(format, &mut *source.open(arguments.limit)?, &options)
        .map_err(|error| nothing_imported(anyhow::Error::from(error).context(source.name())))?;
    let plan = Plan::of(
        session,
        imported,
        &ImportTerms {
            if_head: if_head.as_ref(),
            opens: arguments.open,
            keeps_known: arguments.keep_known,
            duplicates: arguments.duplicates,
            repeats_nothing: arguments.no_overlap,
            file: &source.name(),
            has_columns: format == ImportFormat::Csv,
            is_statement: !matches!(format, ImportFormat::Hledger | ImportFormat::Jsonl),
        },
    )?;
    let profile = optional(arguments.save_rules.as_deref(), |rules| {
        FileOptions::start_profile(rules, session.path())
    })?;
    let requests = plan.requests();
    let outcome = session.record(requests, Mode::Together, arguments.dry_run);
    let Outcome {
        results,
        notices,
        zone,
        head,
    } = outcome.map_err(|error| plan.refused(error, &source.name()))?;
    writing::tell(session, arguments.dry_run, &notices, &zone);
    let answer = ImportAnswer {
        results: &results,
        zone: &zone,
        plan: &plan,
        dry_run: arguments.dry_run,
    };
    answer.print(session)?;
    writing::show_head(session, head, arguments.dry_run);
    if let Some(profile) = profile {
        file.save(profile).map_err(|failure| {
            if arguments.dry_run {
                failure
            } else {
                failure.with_recorded(Recorded::Yes)
            }
        })?;
    }
    Ok(0)
}
