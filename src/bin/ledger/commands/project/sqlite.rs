//! `ledger project sqlite`: keeps the database in step with the log.

use event_ledger::ledger::{LedgerError, Start, Subscription};
use event_ledger::projection::{Database, Progressed, ProjectionError};

use super::arguments::Sqlite;
use crate::commands::{watch, writing};
use crate::failure::{Hint, quoted};
use crate::output::json;
use crate::output::json_following::ProjectAnswer;
use crate::output::print::Printed;
use crate::output::progress::Progress;
use crate::output::sentence::counted;
use crate::session::{Done, Session};
use crate::waiting::Waiting;

pub(super) fn run(arguments: &Sqlite, session: &mut Session) -> Done {
    let is_new = Database::is_new(&arguments.into)?;
    let log = session.reading()?;
    let ledger = log.opening().id;
    let open = |session: &mut Session| {
        let (patience, anew) = (session.wait(), arguments.rebuild);
        let mut waiter = session.lock_wait();
        Database::open(&arguments.into, ledger, anew, patience, &mut waiter)
            .map_err(|error| offering_a_rebuild(error, arguments))
    };
    // Nothing is created or discarded before the log was checked.
    let (mut follower, mut database) = if is_new || arguments.rebuild {
        let follower = Subscription::start(log, Start::Front)?;
        (follower, open(session)?)
    } else {
        let database = open(session)?;
        let start = database.at().map_or(Start::Front, Start::SavedPosition);
        let follower = Subscription::start(log, start);
        let follower = follower.map_err(|error| offering_a_rebuild(error.into(), arguments))?;
        (follower, database)
    };
    writing::torn(session, follower.torn_bytes());
    let outcome = keep_in_step(arguments, &mut follower, &mut database, session);
    database.close();
    outcome
}

fn keep_in_step(
    arguments: &Sqlite,
    follower: &mut Subscription,
    database: &mut Database,
    session: &mut Session,
) -> Done {
    // Without --follow a signal may end this at any moment: the file is always consistent.
    let mut waiting = if arguments.follow {
        Some(session.waiting(!session.quiet)?)
    } else {
        None
    };
    let mut rebuilt = arguments.rebuild;
    loop {
        let label = format!("writing {}", arguments.into.display());
        let shown = session.printer.shows_progress() && !session.quiet;
        let mut progress = Progress::new(&label, follower.bytes_ahead(), shown);
        let brought = database.bring(follower, &mut |bytes| {
            progress.advance(bytes);
            !waiting.as_ref().is_some_and(Waiting::is_over)
        });
        progress.finish();
        let brought = match (brought, &waiting) {
            (Err(ProjectionError::Ledger(error)), Some(waiting)) => {
                return Err(watch::explained(error, follower, waiting, session).into());
            }
            (other, _) => other?,
        };
        let printed = show(arguments, brought, rebuilt, follower, database, session);
        rebuilt = false;
        let Some(waiting) = waiting.as_mut() else {
            return Ok(0);
        };
        if !brought.to_the_end || printed.is_err() {
            return Ok(0);
        }
        session.warn_of_broken_rules();
        while !watch::look(follower, waiting, session)? {
            waiting.for_more();
            if waiting.is_over() {
                return Ok(0);
            }
        }
    }
}

fn show(
    arguments: &Sqlite,
    brought: Progressed,
    rebuilt: bool,
    follower: &Subscription,
    database: &Database,
    session: &mut Session,
) -> Printed {
    let Some(at) = database.at() else {
        return Ok(());
    };
    let printer = &mut session.printer;
    if session.json {
        let answer = ProjectAnswer {
            ledger: at.ledger.to_string(),
            seq: at.seq,
            hash: at.hash.to_string(),
            added: brought.added,
            rebuilt,
            torn_bytes: follower.torn_bytes(),
        };
        let _ = printer.json(&json::text(&answer));
    } else if !session.quiet {
        let how = match (rebuilt, brought.added) {
            (true, _) => "made again".to_owned(),
            (false, 0) => "nothing to add".to_owned(),
            (false, added) => format!("{} added", counted(added, "event")),
        };
        let file = arguments.into.display();
        let _ = printer.line(&format!("{file} is at event {}, {how}", at.seq));
    }
    printer.flush()
}

/// Where the file and the log do not fit together any more, a rebuild helps.
fn offering_a_rebuild(error: ProjectionError, arguments: &Sqlite) -> anyhow::Error {
    let helps = matches!(
        error,
        ProjectionError::OtherLedger { .. }
            | ProjectionError::Ledger(LedgerError::NotContinued { .. })
    );
    let error = anyhow::Error::from(error);
    if !helps {
        return error;
    }
    let file = quoted(&arguments.into.display().to_string());
    error.context(Hint(format!("ledger project sqlite {file} --rebuild")))
}
