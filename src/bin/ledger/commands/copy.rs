use std::ffi::OsString;
use std::path::Path;

use anyhow::bail;
use clap::Args;
use event_ledger::ledger::{Copied, LogSource};

use crate::failure::{Correction, Failure};
use crate::locate::Located;
use crate::output::json_audit::EndAnswer;
use crate::output::json_following::CopyAnswer;
use crate::output::sentence::counted;
use crate::session::{Done, Session};

/// Copy a log to another file or engine, every byte and hash kept
///
/// FROM and TO are files or addresses: `nats://HOST/STREAM`, or
/// `postgres://USER@HOST/DATABASE?ledger=NAME`. What TO has already must be the beginning of FROM
/// (otherwise exit 5); the rest is appended and synced. So it clones, pushes, pulls, backs up and
/// restores, and a copy that was stopped is continued by the same command.
#[derive(Debug, Args)]
#[command(after_help = super::help::copying("ledger copy ledger.jsonl nats://localhost/books"))]
pub(crate) struct CopyArgs {
    /// The log to copy
    #[arg(value_name = "FROM", value_hint = clap::ValueHint::FilePath)]
    from: OsString,
    /// Where to; made if it is not there
    #[arg(value_name = "TO", value_hint = clap::ValueHint::FilePath)]
    to: OsString,
    /// Rename the file FROM to FROM.moved in the end, so that nothing more is recorded in it
    #[arg(long = "move")]
    moves: bool,
    /// On a NATS cluster: how many servers keep a new log
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=5))]
    replicas: u8,
}

pub(crate) fn run(arguments: &CopyArgs, session: &mut Session) -> Done {
    if crate::failure::file_flag(&session.raw).is_some() {
        bail!(
            Failure::usage("copy names both logs, FROM and TO, and takes no --file")
                .corrected([Correction::Drop("--file")])
        );
    }
    let from = session.located(&arguments.from)?;
    let to = session.located(&arguments.to)?;
    if from.address.is_some() && arguments.moves {
        bail!(
            Failure::usage("--move renames a file; FROM is on an engine")
                .corrected([Correction::Drop("--move")])
        );
    }
    if is_same(&from, &to) {
        bail!(Failure::usage("FROM and TO are the same log"));
    }
    let mut source = session.open_source(&from)?;
    let mut target = session.open_source(&to)?;
    let copied = session.copy(
        &mut source,
        &mut target,
        arguments.replicas,
        arguments.moves,
    )?;
    show(&copied, &source, &target, session);
    Ok(0)
}

fn is_same(from: &Located, to: &Located) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    from.path == to.path || (real(&from.path).is_some() && real(&from.path) == real(&to.path))
}

fn show(copied: &Copied, from: &LogSource, to: &LogSource, session: &mut Session) {
    let (seq, hash) = copied.head;
    let name = |source: &LogSource| source.path().display().to_string();
    if copied.torn_bytes > 0 {
        super::writing::torn(session, copied.torn_bytes);
    }
    if let Some(path) = &copied.set_aside {
        let text = format!(
            "an append to {} that never finished was set aside in {}",
            name(to),
            path.display()
        );
        session.printer.warning("torn_tail", &text);
    }
    if session.json {
        let answer = CopyAnswer {
            from: name(from),
            to: name(to),
            copied: copied.events,
            head: EndAnswer::of(copied.head),
            moved_to: copied
                .moved_to
                .as_ref()
                .map(|path| path.display().to_string()),
        };
        session.answer(&answer);
        return;
    }
    if session.quiet {
        return;
    }
    let events = match copied.events {
        0 => "no new events".to_owned(),
        count => counted(count, "event"),
    };
    let line = format!("copied {events} to {}", name(to));
    session.line(&line);
    session.line(&format!("head {seq}:{}", hash.short(16)));
    if let Some(path) = &copied.moved_to {
        let line = format!("{} is now {}", name(from), path.display());
        session.line(&line);
    }
}
