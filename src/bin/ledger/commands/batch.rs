mod answers;
mod input;
pub(crate) mod line;
mod stream;

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;
use event_ledger::event::Head;
use event_ledger::ledger::{LedgerError, Mode, Outcome};
use event_ledger::time::Zone;

use super::writing::{self, RunOf};
use crate::failure::{Failure, InLine};
use crate::flags::{InputLimit, optional};
use crate::input_file::InputFile;
use crate::output::usage::shown;
use crate::session::{Done, Session};
use answers::show_each;
use input::BatchLines;

/// Record many events at once, one JSON object a line
///
/// A line has the words of the flags: `type` (deposit, withdraw, transfer, exchange, hold, capture,
/// release, refund, correct, open, limit, close, reverse, undo), `account`, `from`, `to`, `amount`
/// (a text, or a number that is taken by its digits), `currency`, `for`, `floor`, `expires`, `keep`,
/// `memo`, `tags` (an object of texts), `untag` (a list of texts), `effective`, `key`, and `seq` (the
/// event that is meant: its number, or "key:KEY"). Each type takes its own; blank lines are skipped.
///
/// All lines are recorded or none, under one lock and with one sync. With a `key` on each line a
/// batch may be sent again, whatever became of it.
///
/// With --stream a program can keep the pipe open: each line is recorded for itself and answered by a
/// receipt or an error object, in order, after it was synced. Other processes can write between two
/// groups. The stream ends with its input, or with exit code 12 if a sync failed.
#[derive(Debug, Args)]
#[command(after_help = super::help::writing(
    "echo '{\"type\":\"deposit\",\"amount\":\"5\",\"key\":\"a-1\"}' | ledger batch"
))]
pub(crate) struct BatchArgs {
    /// The lines; `-` is standard input, also the default if input is piped
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    input: Option<PathBuf>,
    #[command(flatten)]
    limit: InputLimit,
    /// Record what can be recorded, with a result a line; the exit code is the first failed line's
    #[arg(long)]
    keep_going: bool,
    /// Record lines as they arrive, all that are there with one sync, and answer each in JSON
    #[arg(long, conflicts_with_all = ["keep_going", "if_head", "dry_run", "max_bytes"])]
    stream: bool,
    /// Record only if the log still ends at this head, as printed by `ledger head`
    #[arg(long, value_name = "HEAD")]
    if_head: Option<String>,
    /// Show what would be recorded, without recording it
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Accepted only to report where they belong.
    #[command(flatten)]
    misplaced: Misplaced,
}

/// The flags of one event, which on a batch belong to its lines.
#[derive(Debug, Args)]
struct Misplaced {
    #[arg(long, hide = true)]
    key: Option<String>,
    #[arg(short, long, hide = true)]
    memo: Option<String>,
    #[arg(long = "tag", hide = true)]
    tags: Vec<String>,
    #[arg(long, hide = true)]
    effective: Option<String>,
}

pub(crate) fn run(arguments: &BatchArgs, session: &mut Session) -> Done {
    arguments.misplaced.refuse()?;
    let if_head = optional(arguments.if_head.as_deref(), str::parse::<Head>)?;
    let source = InputFile::of(arguments.input.as_deref());
    if arguments.input.is_none() && std::io::stdin().is_terminal() {
        show_help(session);
        return Ok(2);
    }
    if arguments.stream {
        session.answer_in_json();
        return stream::run(source, session);
    }
    let mode = if arguments.keep_going {
        Mode::EachForItself
    } else {
        Mode::Together
    };
    let shows_progress = session.printer.shows_progress();
    let mut asked = input::read(source, arguments.limit, mode, shows_progress)?;
    for request in &mut asked.requests {
        request.if_head.clone_from(&if_head);
    }
    if asked.requests.is_empty() {
        let run = RunOf {
            dry_run: arguments.dry_run,
            started: false,
            zone: &Zone::utc(),
        };
        if asked.mistakes.is_empty() && !session.quiet {
            let text = "the batch has no lines; nothing was recorded";
            session.printer.note("empty_batch", text);
        }
        return Ok(show_each(session, asked, None, run));
    }
    let outcome = session.record(&asked.requests, mode, arguments.dry_run);
    let Outcome {
        results,
        notices,
        zone,
        head,
    } = outcome.map_err(|error| of_line(error, &asked))?;
    let run = writing::tell(session, arguments.dry_run, &notices, &zone);
    let code = show_each(session, asked, results, run);
    writing::show_head(session, head, arguments.dry_run);
    Ok(code)
}

impl Misplaced {
    fn refuse(&self) -> anyhow::Result<()> {
        let misplaced = [
            ("--key", "key", self.key.is_some()),
            ("--memo", "memo", self.memo.is_some()),
            ("--tag", "tags", !self.tags.is_empty()),
            ("--effective", "effective", self.effective.is_some()),
        ];
        match misplaced.into_iter().find(|(_, _, given)| *given) {
            None => Ok(()),
            Some((flag, word, _)) => Err(Failure::usage(format!(
                "{flag} is for one event; in a batch each line has its own `{word}`"
            ))
            .with_advice("write {\"type\":\"deposit\",\"amount\":\"5\",\"key\":\"a-1\"}")
            .into()),
        }
    }
}

/// Nothing is piped in: print a hint instead of waiting.
fn show_help(session: &mut Session) {
    let mut command = (session.definition)();
    let Some(batch) = command.find_subcommand_mut("batch") else {
        return;
    };
    let help = shown(&batch.render_help(), session.printer.err_colour());
    session.printer.guide(&help);
}

/// The line for which a whole batch was refused, if there is one.
fn of_line(error: anyhow::Error, asked: &BatchLines) -> anyhow::Error {
    let line = match error.downcast_ref() {
        Some(LedgerError::OfRequest { request, .. }) => asked.numbers.get(*request),
        _ => None,
    };
    match line {
        Some(number) => input::refuse_all(error.context(InLine(*number))),
        None => error,
    }
}
