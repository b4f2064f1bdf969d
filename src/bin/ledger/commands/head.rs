use anyhow::bail;
use clap::Args;
use event_ledger::ledger::{AccountQuery, LedgerError, ReadOptions};

use super::reading::{self, Moments};
use super::writing;
use crate::failure::Failure;
use crate::flags::UntilFlags;
use crate::output::json::{self, bound_text};
use crate::output::json_reading::HeadAnswer;
use crate::output::sentence;
use crate::session::{Done, Session};

/// Show where the log ends, as SEQ:HASH: keep it elsewhere, and nobody can rewrite what was
#[derive(Debug, Args)]
#[command(after_help = super::help::reading!("ledger withdraw 20 --if-head \"$(ledger head)\""))]
pub(crate) struct HeadArgs {
    #[command(flatten)]
    until: UntilFlags,
}

pub(crate) fn run(arguments: &HeadArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, None)?;
    let (reading, cutoff) = reading::open(session, &moments)?;
    let mut newest = None;
    let replayed = if cutoff.until.is_none() {
        reading.query(cutoff, None, AccountQuery::None)?
    } else {
        reading.scan::<LedgerError>(cutoff, None, ReadOptions::SILENT, |entry, _, counted| {
            if counted {
                newest = Some((entry.seq, entry.hash, entry.at));
            }
            Ok(())
        })?
    };
    let Some((seq, hash, at)) = newest.or_else(|| replayed.replay.last()) else {
        bail!(Failure::damaged("the log has no first line"));
    };
    writing::torn(session, replayed.torn_bytes());
    let head = format!("{seq}:{hash}");
    if session.json {
        let answer = HeadAnswer {
            ledger: reading.opening().id.to_string(),
            seq,
            hash: hash.to_string(),
            head,
            at: at.to_string(),
            until: bound_text(cutoff.until),
            known_at: bound_text(cutoff.known_at),
            torn_bytes: replayed.torn_bytes(),
        };
        let _ = session.printer.json(&json::text(&answer));
        return Ok(0);
    }
    // Beside the answer, which is one word for a script.
    if let Some(resolved) = sentence::of_cutoff(&cutoff, reading.zone())
        && !session.quiet
    {
        session.printer.note(&resolved);
    }
    let _ = session.printer.line(&head);
    Ok(0)
}
