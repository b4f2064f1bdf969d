mod servers;

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use event_ledger::audit::{Diagnosis, Problem, ProblemKind, Salvaged, salvage};
use event_ledger::event::Head;

use self::servers::Servers;
use crate::failure::{Failure, quoted};
use crate::flags::optional;
use crate::monitor::Monitored;
use crate::output::json_audit::DoctorAnswer;
use crate::output::sentence::counted;
use crate::output::text::shorten;
use crate::session::{Done, Session};

/// Explain what is wrong with the log, and repair it if nothing is lost
///
/// --repair removes what contains no event (a torn tail, blank lines, carriage returns, spaces, a
/// byte order mark, a line's second copy) and splits lines that were joined. It first checks that
/// every event is still there afterwards, and keeps a copy of the original in FILE.damaged-0. Other
/// damage is left as it is; --salvage-to writes the valid beginning to a new log and lists what it
/// left out.
///
/// Of a log on an engine it also says which servers keep it. Nothing there is repaired: `ledger copy`
/// brings a log to another place. --monitor asks a server of NATS whether it syncs each append before
/// it acknowledges it, which a connection does not show.
#[derive(Debug, Args)]
#[command(after_help = super::help::judging(
    "damage that was not repaired, or not a ledger",
    "ledger doctor --repair"
))]
pub(crate) struct DoctorArgs {
    /// Repair what can be repaired without loss; a copy of the original is kept beside the log
    #[arg(long, conflicts_with = "salvage_to")]
    repair: bool,
    /// Also ask whether the log holds this event, as `ledger head` once printed it
    #[arg(long, value_name = "HEAD")]
    head: Option<String>,
    /// Write the valid beginning to a new log
    #[arg(long, value_name = "NEW", value_hint = clap::ValueHint::FilePath)]
    salvage_to: Option<PathBuf>,
    /// Also ask the server of NATS with this monitoring port, as `http://HOST:8222` (repeatable)
    #[arg(long, value_name = "URL")]
    monitor: Vec<String>,
}

pub(crate) fn run(arguments: &DoctorArgs, session: &mut Session) -> Done {
    let head = optional(arguments.head.as_deref(), str::parse::<Head>)?;
    if arguments.repair {
        if session.is_on_an_engine() {
            bail!(
                Failure::usage("--repair repairs a file; this log is on an engine")
                    .with_hint("ledger doctor")
            );
        }
        return repair(head.as_ref(), session);
    }
    if !arguments.monitor.is_empty() && !session.is_on_an_engine() {
        bail!(Failure::usage(
            "--monitor is about a log on NATS; this log is a file"
        ));
    }
    let log = session.log()?;
    let diagnosis = session.diagnose(&log, head.as_ref())?;
    let salvaged = match &arguments.salvage_to {
        Some(to) => Some((salvage(&log, to)?, to)),
        None => None,
    };
    let servers = Servers::ask(&arguments.monitor, session)?;
    let code = if servers.monitored.iter().any(Monitored::is_ill) {
        6
    } else {
        code(&diagnosis)
    };
    if session.json {
        let answer = DoctorAnswer::of(&diagnosis, command(&diagnosis, session), fix);
        let answer = answer.with_servers(&servers.nodes, &servers.monitored);
        let answer = match &salvaged {
            Some((salvaged, to)) => answer.with_salvage(salvaged, to),
            None => answer,
        };
        session.answer(&answer);
        return Ok(code);
    }
    list(&diagnosis, session);
    if let Some((salvaged, to)) = &salvaged {
        show_salvage(salvaged, &to.display().to_string(), session);
    } else {
        conclude(&diagnosis, session);
    }
    servers.show(session);
    Ok(code)
}

fn repair(head: Option<&Head>, session: &mut Session) -> Done {
    let repaired = session.repair(head)?;
    if session.json {
        let answer = DoctorAnswer::repaired(&repaired, command(&repaired.after, session), fix);
        session.answer(&answer);
        return Ok(code(&repaired.after));
    }
    list(&repaired.before, session);
    if repaired.changed {
        let kept = repaired.quarantine.as_ref().map_or_else(String::new, |to| {
            let what = if repaired.before.is_sound {
                "the torn bytes"
            } else {
                "the original, whole,"
            };
            format!("; {what} are in {}", to.display()).replace("whole, are", "whole, is")
        });
        session.line(&format!("repaired{kept}"));
        let is_left = |problem: &&Problem| !repaired.before.problems.contains(problem);
        for problem in repaired.after.problems.iter().filter(is_left) {
            show(problem, session);
        }
    }
    conclude(&repaired.after, session);
    Ok(code(&repaired.after))
}

fn code(diagnosis: &Diagnosis) -> u8 {
    if diagnosis.is_ill() { 6 } else { 0 }
}

fn list(diagnosis: &Diagnosis, session: &mut Session) {
    for problem in &diagnosis.problems {
        show(problem, session);
    }
}

fn show(problem: &Problem, session: &mut Session) {
    let place = match (problem.line, problem.byte) {
        (Some(line), Some(byte)) => format!("line {line}, byte {byte}: "),
        (Some(line), None) => format!("line {line}: "),
        _ => String::new(),
    };
    let more = match problem.count {
        0 | 1 => String::new(),
        2 => ", and 1 more".to_owned(),
        count => format!(", and {} more", count.saturating_sub(1)),
    };
    let (kind, detail) = (problem.kind, &problem.detail);
    session.line(&format!("{place}{kind}: {detail}{more}"));
    session.line(&format!("  fix: {}", fix(problem)));
}

/// How the log is on the whole, and the command that helps.
fn conclude(diagnosis: &Diagnosis, session: &mut Session) {
    let path = session.path().display().to_string();
    let end = diagnosis.head.map_or_else(String::new, |(seq, hash)| {
        let events = counted(seq, "event");
        format!(": {events}, head {seq}:{}", hash.short(16))
    });
    let line = if !diagnosis.is_ill() {
        format!("{path} is sound{end}")
    } else if diagnosis.is_sound {
        format!("{path} is whole line by line{end}")
    } else if diagnosis.is_repairable {
        format!("{path} is damaged; a repair loses nothing{end}")
    } else if diagnosis.head.is_some() {
        format!("{path} is damaged; its valid beginning has{end}").replacen(": ", " ", 1)
    } else {
        format!("{path} is damaged; even its first line is invalid")
    };
    if !session.quiet || diagnosis.is_ill() {
        session.line(&line);
    }
    if let Some(copy) = &diagnosis.unfinished {
        session.printer.warning(
            "doctor",
            &format!(
                "a repair was interrupted; this is the diagnosis of the original, which is in {}",
                copy.display()
            ),
        );
    }
    if let Some(command) = command(diagnosis, session) {
        session.printer.hint(&command);
    }
}

/// The command that helps, if there is one.
fn command(diagnosis: &Diagnosis, session: &Session) -> Option<String> {
    if diagnosis.can_be_repaired() {
        return Some(session.hint("ledger doctor --repair"));
    }
    if !diagnosis.is_repairable && diagnosis.head.is_some() {
        let new = session.path().with_extension("salvaged.jsonl");
        let new = quoted(&new.display().to_string());
        return Some(session.hint(&format!("ledger doctor --salvage-to {new}")));
    }
    let broken = |problem: &&Problem| problem.kind == ProblemKind::BrokenRule;
    let line = diagnosis.problems.iter().find(broken)?.line?;
    Some(session.hint(&format!("ledger show {}", line.saturating_sub(1))))
}

/// How to fix it, in words.
fn fix(problem: &Problem) -> String {
    match problem.kind {
        ProblemKind::TornTail => "set it aside, as the next write does by itself",
        ProblemKind::MissingLineFeed => "add it, as the next write does by itself",
        ProblemKind::PendingErasure => "erase it, as the next write does by itself",
        ProblemKind::ByteOrderMark => "take the mark away",
        ProblemKind::CarriageReturns => "take the carriage returns away",
        ProblemKind::BlankLines => "take the blank lines away",
        ProblemKind::StrayBlanks => "take the blanks away",
        ProblemKind::GluedLines => "split the line where one event ends and the next starts",
        ProblemKind::DoubledLines => "take the second copy away",
        ProblemKind::MergeMarks | ProblemKind::Fork => {
            "keep one version of the file, and record again what only the other one has"
        }
        ProblemKind::MissingLines => "take the missing events from a copy of the log, or salvage",
        ProblemKind::TooLong | ProblemKind::ChangedBytes => {
            "take this line from a copy of the log, or salvage"
        }
        ProblemKind::NewerVersion => "read the log with the ledger that wrote it",
        ProblemKind::CutEnd => {
            "take the end of the log from a copy; this file has only its beginning"
        }
        ProblemKind::OtherLog => "find the log that the head is from; this is another one",
        ProblemKind::BrokenRule => "record an event that corrects it; lines are never changed",
        ProblemKind::OtherCurrency => {
            "take the log from a copy without this event, or salvage what is before it"
        }
        ProblemKind::UnknownZone => {
            "install a newer ledger, or write times with their offset: 2026-11-23T10:15:02+01:00"
        }
    }
    .to_owned()
}

fn show_salvage(salvaged: &Salvaged, to: &str, session: &mut Session) {
    const COLUMNS: usize = 60;
    let (seq, hash) = salvaged.head;
    let events = counted(seq, "event");
    session.line(&format!(
        "salvaged {events} to {to}, head {seq}:{}",
        hash.short(16)
    ));
    let lines = match salvaged.left_out_lines {
        0 => "nothing was left out".to_owned(),
        1 => "1 line was left out:".to_owned(),
        count => format!("{count} lines were left out:"),
    };
    session.line(&lines);
    for left_out in &salvaged.left_out {
        let (line, byte) = (left_out.line, left_out.byte);
        session.line(&format!("  line {line}, byte {byte}: {}", left_out.reason));
        let text = String::from_utf8_lossy(&left_out.excerpt);
        let text = crate::output::text::harmless(&text);
        session.line(&format!("    {}", shorten(&text, COLUMNS)));
    }
    let unlisted = u64::try_from(salvaged.left_out.len())
        .map_or(0, |listed| salvaged.left_out_lines.saturating_sub(listed));
    if unlisted > 0 {
        session.line(&format!("  and {unlisted} more"));
    }
}
