use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use event_ledger::event::Entry;
use event_ledger::ledger::{EngineError, LedgerError, Reader, Start, Subscription};
use event_ledger::log::LogError;
use event_ledger::projection::Cursor;
use event_ledger::remote::StoreError;
use event_ledger::replay::{AccountFilter, Bound, Cutoff, EventFilter};
use event_ledger::time::{Timestamp, When};

use self::delivery::{Delivery, DeliveryCommand};
use super::{reading, writing};
use crate::failure::{Advice, Correction, Failure};
use crate::flags::FilterFlags;
use crate::output::print::QuietEnd;
use crate::session::{Done, Session};
use crate::waiting::Waiting;

mod delivery;

/// Show each event as it is recorded, with the balances before and after
///
/// Starts with events recorded from now on; --since starts at an earlier moment or position. An
/// event is shown after it was synced and checked, a batch when it is complete. A log that is cut
/// or replaced meanwhile is an error (exit 6). Ends on Ctrl-C, on SIGTERM, and when the reader
/// closes the pipe.
///
/// --cursor FILE stores the position, so that the next run continues after it: every event is
/// delivered at least once, even if this is killed. FILE changes only after a line was written, or
/// after CMD ended with exit code 0. A FILE that does not exist yet starts with the log's first
/// line, or at --since.
///
/// --exec CMD runs CMD with sh for each event instead of printing it, one after the other, with the
/// event as a line of JSON on standard input. Its output goes where ours would. If it fails, it is
/// run again after a pause of 0.1 to 30 seconds until it succeeds: no event is left out. A command
/// that takes longer than --exec-limit for one event is ended, and counts as failed.
#[derive(Debug, Args)]
#[command(after_help = super::help::following("ledger watch --cursor sent --no-follow --exec 'cat >> booked.jsonl'"))]
pub(crate) struct WatchArgs {
    /// Start with what was recorded from this moment on; a day, month or year means its start
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Continue after the event that FILE names, and update it
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    cursor: Option<PathBuf>,
    /// Only events that touch this account (repeatable)
    #[arg(long, value_name = "ACCOUNT")]
    account: Vec<String>,
    #[command(flatten)]
    filter: FilterFlags,
    /// Run a command for each event, with the event on its standard input
    #[arg(long, value_name = "CMD", value_hint = clap::ValueHint::CommandString)]
    exec: Option<String>,
    /// How long CMD may take for one event; 0 is without a limit
    #[arg(long, value_name = "SECONDS", default_value_t = 300, requires = "exec")]
    exec_limit: u64,
    /// Stop at the log's end and wait for nothing
    #[arg(long)]
    no_follow: bool,
}

pub(crate) fn run(arguments: &WatchArgs, session: &mut Session) -> Done {
    let since = arguments.since.as_deref().map(When::parse).transpose()?;
    reading::names(&arguments.account)?;
    let filter = EventFilter {
        accounts: AccountFilter::new(below_too(&arguments.account).as_deref()),
        ..arguments.filter.parse()?
    };
    let cursor = match &arguments.cursor {
        Some(file) => Some(Cursor::open(file, &mut session.lock_wait())?),
        None => None,
    };
    let log = session.reading()?;
    let now = session.now()?;
    let kept = cursor.as_ref().and_then(Cursor::at);
    let start = match (kept, &since) {
        (Some(position), _) => Start::SavedPosition(position),
        (None, Some(since)) => {
            let bound = log.since(since, now)?;
            let start = start_of(&log, since, bound, now)?;
            let cutoff = Cutoff {
                since: Some(bound),
                ..Cutoff::default()
            };
            reading::note_resolved(session, &cutoff, &log);
            start
        }
        (None, None) if cursor.is_some() => Start::Front,
        (None, None) => Start::Head,
    };
    let mut follower = Subscription::start(log, start)
        .map_err(|error| continued_or_not(error.into(), cursor.is_some()))?;
    writing::torn(session, follower.torn_bytes());
    let waiting = session.waiting(arguments.exec.is_none())?;
    let mut delivery = Delivery::new(
        filter,
        arguments.exec.as_ref().map(|text| DeliveryCommand {
            text: text.clone(),
            limit: Some(arguments.exec_limit)
                .filter(|limit| *limit > 0)
                .map(Duration::from_secs),
        }),
        cursor,
        waiting,
        follower.zone().clone(),
    );
    if let Some(position) = follower.position() {
        // A new cursor starts where this run starts.
        delivery.keep(position)?;
    }
    if matches!(start, Start::Head) && !session.json && !session.quiet {
        let head = follower.position().map_or(0, |position| position.seq);
        let rest = "--since shows earlier ones";
        session.printer.note(
            "waiting",
            &if arguments.no_follow {
                format!("no new events after event {head}; {rest}")
            } else {
                format!("waiting for events after event {head}; {rest}")
            },
        );
    }
    follow(&mut follower, &mut delivery, arguments.no_follow, session)
        .map_err(|error| continued_or_not(error, arguments.cursor.is_some()))?;
    Ok(0)
}

/// Names, with the accounts below each: an account that is not there yet may be opened later. `None` is
/// all accounts.
fn below_too(accounts: &[String]) -> Option<Vec<String>> {
    let both = |text: &String| [text.clone(), format!("{text}:*")];
    let names = reading::named(accounts)?;
    Some(names.iter().flat_map(both).collect())
}

/// Says what to do where the log is another than the cursor's.
fn continued_or_not(error: anyhow::Error, has_cursor: bool) -> anyhow::Error {
    if has_cursor && let Some(LedgerError::NotContinued { .. }) = error.downcast_ref() {
        error.context(Advice(
            "a new --cursor file starts with this log's first line".to_owned(),
        ))
    } else {
        error
    }
}

fn follow(
    follower: &mut Subscription,
    delivery: &mut Delivery,
    stop_at_head: bool,
    session: &mut Session,
) -> anyhow::Result<()> {
    loop {
        let ledger = follower.opening().id;
        let taken = follower.take(|entry, state, _| delivery.take(entry, state, ledger, session));
        // What was delivered stays delivered, whatever the reason for the end.
        delivery.keep_all(session)?;
        if let Err(error) = taken {
            let error: LedgerError = error.downcast()?;
            bail!(explained(error, follower, delivery.waiting(), session));
        }
        if stop_at_head {
            return Ok(());
        }
        session.warn_of_broken_rules();
        while !look(follower, delivery.waiting(), session)? {
            delivery.waiting().for_more();
            if delivery.waiting().is_over() {
                bail!(QuietEnd);
            }
        }
    }
}

/// Looks for more. While a writer holds the lock, or an engine cannot be reached, there is nothing yet.
pub(super) fn look(
    follower: &mut Subscription,
    waiting: &Waiting,
    session: &mut Session,
) -> Result<bool, LedgerError> {
    match session.look(follower, waiting) {
        Err(LedgerError::Log(LogError::LockTimeout { .. })) => Ok(false),
        Err(LedgerError::Engine(EngineError::Store(
            StoreError::Unreachable { .. } | StoreError::MirrorLocked { .. },
        ))) => Ok(false),
        other => other,
    }
}

/// Why the events could not be read to the end: a log that was cut meanwhile is cut, and not
/// unreadable.
pub(super) fn explained(
    error: LedgerError,
    follower: &mut Subscription,
    waiting: &Waiting,
    session: &mut Session,
) -> LedgerError {
    match &error {
        LedgerError::Log(LogError::Io { .. }) => {
            session.look(follower, waiting).err().unwrap_or(error)
        }
        _ => error,
    }
}

/// The position of the first event recorded from a moment on.
fn start_of(log: &Reader, since: &When, bound: Bound, now: Timestamp) -> anyhow::Result<Start> {
    let first = match bound {
        Bound::Seq(seq) => seq,
        Bound::Time(time) if time > now => {
            bail!(
                Failure::invalid_time(format!(
                    "`{}` is in the future; nothing was recorded then yet",
                    since.text()
                ))
                .corrected([Correction::Drop("--since")])
            );
        }
        Bound::Time(time) => recorded_from(log, time)?,
    };
    Ok(match first.checked_sub(1) {
        Some(before) => Start::After(before),
        None => Start::Front,
    })
}

/// The number of the first event recorded at this time or later, by bisection, because recording
/// times never go back. If the log is damaged, the result is useless, but then the check reports
/// it.
fn recorded_from(log: &Reader, time: Timestamp) -> anyhow::Result<u64> {
    let head = log.log().last_seq().map_err(LedgerError::from)?;
    let (mut low, mut high) = (0, head.map_or(0, |head| head.saturating_add(1)));
    while low < high {
        let middle = low.midpoint(high);
        let is_before = |entry: &Entry<'_>| entry.at < time;
        if log.entry(middle)?.as_ref().is_some_and(is_before) {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    Ok(low)
}
