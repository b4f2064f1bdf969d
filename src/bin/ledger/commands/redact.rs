use anyhow::bail;
use clap::Args;
use event_ledger::accounts::Operation;
use event_ledger::event::{Event, EventRef};
use event_ledger::ledger::{Mode, Notice, Outcome, Receipt};
use event_ledger::log::copies_beside;

use super::writing::{self, RunOf};
use crate::confirm;
use crate::failure::{Correction, Failure, Recorded, quoted};
use crate::flags::WriteFlags;
use crate::output::json::{ErasureAnswer, ReceiptAnswer};
use crate::output::sentence;
use crate::session::{Done, Session};

/// Erase memo and tags of events for good
///
/// The event stays, with its accounts, amount, times and key, and so does every hash: heads and
/// receipts stay valid. The log is written again without the note and takes its own place. Until that
/// is done, every command shows the note as erased, and the next write finishes it.
///
/// It cannot reach backups, exports, other copies of the log, its history in git or in snapshots, and
/// receipts that show the note. Files that an earlier repair kept beside the log are named.
///
/// Events that are linked to this one (its reversal, its correction and so on) may carry the same
/// memo or an equal tag: they are named, and --linked erases theirs too.
#[derive(Debug, Args)]
#[command(mut_arg("effective", |effective| effective.hide(true)))]
#[command(after_help = super::help::writing("ledger redact 17 -m 'on request of the customer'"))]
pub(crate) struct RedactArgs {
    /// The events: numbers, key:KEY, head or head~N
    #[arg(value_name = "SEQ", required = true)]
    seqs: Vec<String>,
    /// Also erase copies in linked events
    #[arg(long)]
    linked: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    writing: WriteFlags,
}

pub(crate) fn run(arguments: RedactArgs, session: &mut Session) -> Done {
    let flags = arguments.writing;
    writing::refuse_effective(&flags, "redact")?;
    let events = arguments.seqs.iter().map(|seq| seq.parse::<EventRef>());
    let operation = Operation::Redact {
        events: events.collect::<Result<_, _>>()?,
        linked: arguments.linked,
    };
    if flags.memo.as_ref().is_none_or(String::is_empty) {
        let why = Correction::flag("--memo", "the customer asked for it");
        let asks = !arguments.yes && !flags.dry_run && !confirm::can_ask(session);
        let yes = asks.then(|| Correction::Add(vec!["--yes".to_owned()]));
        let corrections = [Some(why), yes].into_iter().flatten();
        bail!(Failure::usage("an erasure needs a reason").corrected(corrections));
    }
    if !session.can_erase_notes()
        && let Some(place) = session.place_on_an_engine()
    {
        let copy = format!("ledger copy {} copy.jsonl", quoted(&place));
        bail!(
            Failure::usage(
                "notes of a log on this engine are not erased in place: copy it to a file, erase them \
                 there, copy the file to a new log on the engine and delete the old one"
            )
            .with_hint(copy)
        );
    }
    let dry_run = flags.dry_run;
    let asks = !arguments.yes && !dry_run;
    if asks && !confirm::can_ask(session) {
        let yes = Correction::Add(vec!["--yes".to_owned()]);
        bail!(Failure::usage("an erasure cannot be taken back").corrected([yes]));
    }
    let request = [writing::request(session, operation, flags)?];
    if asks {
        let planned = session.record(&request, Mode::Together, true)?;
        let events = erased_by(receipts(&planned).filter(|receipt| !receipt.replayed));
        if !events.is_empty() {
            let kept = match copies_in(&planned).as_slice() {
                [] => String::new(),
                copies => format!(" Copies in {} stay.", sentence::of_numbers(copies)),
            };
            let events = sentence::of_numbers(&events);
            let question = format!("Erase memo and tags of {events} for good?{kept}");
            confirm::ask(session, &question)?;
        }
    }
    let mut outcome = session.record(&request, Mode::Together, dry_run)?;
    let pending = take_pending(&mut outcome.notices);
    let run = writing::tell(session, dry_run, &outcome.notices, &outcome.zone);
    show(session, &outcome, run);
    match pending {
        Some(pending) => Err(pending
            .with_recorded(Recorded::Yes)
            .with_hint("ledger doctor --repair")
            .into()),
        None => Ok(0),
    }
}

fn receipts(outcome: &Outcome) -> impl Iterator<Item = Receipt> {
    outcome.results.receipts().flat_map(Receipt::into_all)
}

/// The events whose notes these receipts erase.
fn erased_by(receipts: impl Iterator<Item = Receipt>) -> Vec<u64> {
    let mut events: Vec<u64> = receipts
        .filter_map(|receipt| match receipt.entry.event {
            Event::Redact { event } => Some(event),
            _ => None,
        })
        .collect();
    events.sort_unstable();
    events
}

/// The linked events that keep copies.
fn copies_in(outcome: &Outcome) -> Vec<u64> {
    let copies = outcome.notices.iter().find_map(|notice| match notice {
        Notice::Copies { events } => Some(events.clone()),
        _ => None,
    });
    copies.unwrap_or_default()
}

/// That bytes are still in the file is an error here, and a warning after other writes.
fn take_pending(notices: &mut Vec<Notice>) -> Option<Failure> {
    let mut pending = None;
    notices.retain(|notice| match notice {
        Notice::ErasurePending { events, reason } => {
            pending = Some(Failure::io(writing::erasure_pending(events, reason)));
            false
        }
        _ => true,
    });
    pending
}

fn show(session: &mut Session, outcome: &Outcome, run: RunOf<'_>) {
    let left_behind: Vec<String> = copies_beside(session.path())
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let erasure = ErasureAnswer {
        redacted: erased_by(receipts(outcome)),
        copies: copies_in(outcome),
        left_behind,
    };
    for receipt in receipts(outcome) {
        if session.json {
            let answer = ReceiptAnswer::of(&receipt, run.dry_run, run.started)
                .in_file(session.path_in_a_parent())
                .with_erasure(erasure.clone());
            session.answer(&answer);
        } else if !session.quiet {
            session.line(&sentence::of_receipt(&receipt, run.dry_run, run.zone));
        }
    }
    if !erasure.left_behind.is_empty() && !session.json {
        let files = erasure.left_behind.join(", ");
        session.printer.warning(
            "left_behind",
            &format!("files beside the log may still contain it: {files}"),
        );
    }
    writing::show_head(session, outcome.head, run.dry_run);
}
