use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use event_ledger::audit::{Finding, HeadFound, KeptHead, TORN_TAIL, Verified, verify};
use event_ledger::event::Head;
use event_ledger::ledger::{ReplicaCheck, ReplicaFound};
use event_ledger::log::LogReader;
use event_ledger::replay::Cutoff;

use super::proving;
use super::reading::{self, Moments};
use super::writing;
use crate::failure::{Correction, Failure};
use crate::flags::UntilFlags;
use crate::output::check_report::{Check, CheckFormat, CheckReport};
use crate::output::json_audit::VerifyAnswer;
use crate::output::progress::Progress;
use crate::output::sentence::{self, counted};
use crate::session::{Done, Session};
use crate::ssh_keygen::verify_signatures;

/// Bytes between updates of the progress bar, which reads the clock each time.
const PROGRESS_STEP: u64 = 1024 * 1024;
/// More findings than this are counted and not listed.
const MOST_FINDINGS: usize = 100_000;

/// Check every line: form, number, time, hash and the rules of the ledger
///
/// All findings are listed, not just the first. Rules are checked up to the first damaged line,
/// because after it the balances are unknown. A torn tail (an append that did not finish) is listed
/// but is not an error. A redacted note is not damage.
///
/// Every line is always checked: --until and --known-at only decide which event counts as the
/// newest, so that `events` and `head` are those of that moment.
#[derive(Debug, Args)]
#[command(after_help = super::help::judging(
    "a finding, another head, or not a ledger",
    "ledger verify --head \"$(cat head.txt)\""
))]
pub(crate) struct VerifyArgs {
    /// Compare with a kept head: SEQ:HASH, or a head file
    #[arg(long, value_name = "HEAD|FILE")]
    head: Option<String>,
    /// The allowed signers of the head file, in a file as OpenSSH reads it
    #[arg(long, value_name = "FILE", requires = "head", value_hint = clap::ValueHint::FilePath)]
    signers: Option<PathBuf>,
    /// How the answer is written
    #[arg(
        long,
        value_name = "FORMAT",
        hide_possible_values = true,
        help = "How the answer is written: text, json, github, junit or tap"
    )]
    format: Option<CheckFormat>,
    #[command(flatten)]
    until: UntilFlags,
}

pub(crate) fn run(arguments: &VerifyArgs, session: &mut Session) -> Done {
    let moments = Moments::parse(&arguments.until, None)?;
    let (head, unchecked) = kept_head(arguments)?;
    let format = reading::check_format(arguments.format, session, "ledger verify --format json")?;
    session.json = format == CheckFormat::Json;
    let (log, cutoff) = open(arguments, &moments, session)?;
    let mut audit = audit(&log, head.as_ref(), &cutoff, session)?;
    let replicas = if audit.verified.is_sound() {
        session.check_replicas(&log)?
    } else {
        Vec::new()
    };
    writing::torn(session, audit.verified.torn_bytes);
    let mismatch = mismatch(&audit.verified);
    if format == CheckFormat::Json {
        if let Some(mismatch) = &mismatch {
            audit
                .findings
                .push(head_finding(mismatch, &audit.verified, &log)?);
        }
    } else if let Some(path) = unchecked.filter(|_| !session.quiet) {
        session.printer.note(
            "unchecked_signatures",
            &format!("the signatures of {path} were not checked; --signers FILE checks them"),
        );
    }
    match format {
        CheckFormat::Json => {
            let answer = VerifyAnswer::of(&audit.verified, &audit.findings, &replicas);
            session.answer(&answer);
        }
        CheckFormat::Text => {
            show(&audit, session);
            show_replicas(&replicas, session);
        }
        CheckFormat::Github | CheckFormat::Junit | CheckFormat::Tap => {
            let text = report(&audit, &replicas, &log)
                .render(format)
                .unwrap_or_default();
            session.rendered(&text);
        }
    }
    if let Some(mismatch) = mismatch.filter(|_| format != CheckFormat::Json) {
        bail!(mismatch);
    }
    if audit.verified.is_ok() && !replicas.iter().any(ReplicaCheck::is_rotten) {
        return Ok(0);
    }
    if format == CheckFormat::Text {
        let hint = session.hint("ledger doctor");
        session.printer.hint(&hint);
    }
    Ok(6)
}

/// The head to compare with, and the head file whose signatures are not checked.
fn kept_head(arguments: &VerifyArgs) -> anyhow::Result<(Option<KeptHead>, Option<&str>)> {
    let Some(text) = arguments.head.as_deref() else {
        return Ok((None, None));
    };
    let event = text.parse::<Head>();
    let path = Path::new(text);
    if event.is_ok() || (arguments.signers.is_none() && !path.exists()) {
        if arguments.signers.is_some() {
            bail!(
                Failure::usage("--signers checks the signatures of a head file")
                    .corrected([Correction::flag("--head", "ledger.head")])
            );
        }
        return Ok((Some(KeptHead::Event(event?)), None));
    }
    let head = proving::read_head(path)?;
    let unchecked = match &arguments.signers {
        Some(signers) => {
            verify_signatures(&head, signers).with_context(|| text.to_owned())?;
            None
        }
        None => Some(text),
    };
    Ok((Some(KeptHead::Tree(head.head)), unchecked))
}

/// A head that does not fit, as a finding.
fn head_finding(
    mismatch: &Failure,
    verified: &Verified,
    log: &LogReader,
) -> anyhow::Result<Finding> {
    let seq = match &verified.head_found {
        HeadFound::Other { asked, .. } => asked.seq,
        HeadFound::OtherTree { asked, lines } => asked.size.get().min(*lines).saturating_sub(1),
        HeadFound::Shorter { last, .. } => last.saturating_add(1),
        HeadFound::NotAsked | HeadFound::Yes | HeadFound::NotReached => 0,
    };
    let before = match seq.checked_sub(1) {
        Some(before) => log.position_of(before)?,
        None => None,
    };
    Ok(Finding {
        line: seq.saturating_add(1),
        byte: before.map_or(0, |position| position.offset),
        code: "head",
        detail: mismatch.message(),
    })
}

/// The log and the moment. Nothing is read from a possibly damaged log unless a moment must be
/// resolved.
fn open(
    arguments: &VerifyArgs,
    moments: &Moments,
    session: &mut Session,
) -> anyhow::Result<(LogReader, Cutoff)> {
    let until = &arguments.until;
    if until.until.is_none() && until.known_at.is_none() {
        return Ok((session.log()?, Cutoff::default()));
    }
    let (reading, cutoff) = super::reading::open(session, moments)?;
    Ok((reading.into_log(), cutoff))
}

struct Audit {
    verified: Verified,
    findings: Vec<Finding>,
}

fn audit(
    log: &LogReader,
    head: Option<&KeptHead>,
    cutoff: &Cutoff,
    session: &mut Session,
) -> anyhow::Result<Audit> {
    let shown = session.printer.shows_progress() && !session.quiet;
    let mut progress = Progress::new("checking", log.length(), shown);
    let mut findings: Vec<Finding> = Vec::new();
    let mut unlisted = 0_u64;
    let mut verifier = session.checkpoint_verifier(log);
    let mut unsaid = 0_u64;
    let verified = verify(
        log,
        head,
        cutoff,
        |finding| {
            if findings.len() < MOST_FINDINGS || finding.is_harmless() {
                findings.push(finding);
            } else {
                unlisted = unlisted.saturating_add(1);
            }
        },
        |bytes| {
            unsaid = unsaid.saturating_add(bytes);
            if unsaid >= PROGRESS_STEP {
                progress.advance(std::mem::take(&mut unsaid));
            }
        },
        verifier.as_mut(),
    );
    progress.finish();
    match (&verified, verifier) {
        (Ok(verified), Some(verifier)) if verified.is_sound() => {
            if !verifier.agrees(log, verified.first_broken) {
                session.printer.warning(
                    "checkpoint",
                    "the checkpoint differed from the log and was deleted; this answer does not \
                     depend on it",
                );
            }
        }
        (_, Some(verifier)) => verifier.give_up(log),
        (_, None) => {}
    }
    let verified = verified?;
    if unlisted > 0
        && let Some(last) = findings.last_mut()
    {
        last.detail = format!("{}; {unlisted} more findings are not listed", last.detail);
    }
    Ok(Audit { verified, findings })
}

fn show(audit: &Audit, session: &mut Session) {
    let Audit { verified, findings } = audit;
    for finding in findings.iter().filter(|finding| finding.code != TORN_TAIL) {
        session.line(&format!(
            "line {}, byte {}: {}: {}",
            finding.line, finding.byte, finding.code, finding.detail
        ));
    }
    if session.quiet {
        return;
    }
    let holes = match verified.redacted {
        0 => String::new(),
        count => format!(", {}", counted(count, "redacted note")),
    };
    let pending = match verified.pending.len() {
        0 => String::new(),
        count => format!(", {} pending", counted(count, "erasure")),
    };
    let head = verified.head.map(|(seq, hash)| {
        let events = counted(seq, "event");
        format!("{events}, head {seq}:{}{holes}{pending}", hash.short(16))
    });
    let line = match (head, verified.findings) {
        (Some(head), 0) => format!("sound: {head}"),
        (Some(head), count) if verified.is_sound() => {
            format!(
                "{} against the rules, every line sound: {head}",
                counted(count, "finding")
            )
        }
        (Some(head), count) => {
            format!("{}, valid up to there: {head}", counted(count, "finding"))
        }
        (None, count) => format!(
            "{}, even the first line is invalid",
            counted(count, "finding")
        ),
    };
    session.line(&line);
}

/// Shows each server's copy of a log on an engine.
fn show_replicas(replicas: &[ReplicaCheck], session: &mut Session) {
    for replica in replicas {
        let is_rotten = replica.is_rotten();
        if is_rotten || !session.quiet {
            let text = sentence::of_replica(replica);
            session.line(&text);
        }
    }
}

fn mismatch(verified: &Verified) -> Option<Failure> {
    let (message, asked) = match &verified.head_found {
        HeadFound::NotAsked | HeadFound::Yes | HeadFound::NotReached => return None,
        HeadFound::OtherTree { asked, lines } => {
            return Some(Failure::head_mismatch(if *lines < asked.size.get() {
                format!(
                    "the log has {lines} lines, but the head file has size {}: its end was cut \
                     off, or it is another log",
                    asked.size
                )
            } else {
                format!(
                    "the log does not begin with the {} lines of the head file: it was changed, or \
                     is another",
                    asked.size
                )
            }));
        }
        HeadFound::Shorter { asked, last } => (
            format!(
                "the log is shorter than the head {}: its last event is {last}, later events were cut off",
                short(asked)
            ),
            asked,
        ),
        HeadFound::Other { asked, hash } => (
            format!(
                "the log is not the one of the head {}: its event {} has the hash {}",
                short(asked),
                asked.seq,
                hash.short(16)
            ),
            asked,
        ),
    };
    let hint = format!("ledger doctor --head {asked}");
    Some(Failure::head_mismatch(message).with_hint(hint))
}

/// A head as receipts show it.
fn short(head: &Head) -> String {
    let hash: String = head.hash_prefix.chars().take(16).collect();
    format!("{}:{hash}", head.seq)
}

/// A check of each kind that found nothing, and one a finding.
fn report(audit: &Audit, replicas: &[ReplicaCheck], log: &LogReader) -> CheckReport {
    const KINDS: [&str; 5] = ["form", "length", "seq", "time", "hash"];
    let Audit { verified, findings } = audit;
    let mut checks = Vec::new();
    let is_rule = |finding: &Finding| !finding.is_harmless() && !KINDS.contains(&finding.code);
    for kind in KINDS {
        if !findings.iter().any(|finding| finding.code == kind) {
            checks.push(Check::passed(kind));
        }
    }
    // Behind damage the rules were not asked.
    if verified.is_sound() && !findings.iter().any(is_rule) {
        checks.push(Check::passed("rules"));
    }
    checks.extend(findings.iter().map(|finding| {
        let name = format!("{} at line {}", finding.code, finding.line);
        let detail = format!("byte {}: {}", finding.byte, finding.detail);
        let line = Some(finding.line);
        if finding.is_harmless() {
            Check::warned(name, line, detail)
        } else {
            Check::failed(name, line, detail)
        }
    }));
    match (&verified.head_found, mismatch(verified)) {
        (HeadFound::Yes, _) => checks.push(Check::passed("head")),
        (_, Some(failure)) => checks.push(Check::failed("head", None, failure.message())),
        _ => {}
    }
    checks.extend(replicas.iter().map(|replica| {
        let name = format!("copy of {}", replica.node);
        match replica.found {
            ReplicaFound::Equal => Check::passed(&name),
            ReplicaFound::NotRead(_) => Check::warned(name, None, sentence::of_replica(replica)),
            ReplicaFound::Differs { line, .. } | ReplicaFound::Missing { line, .. } => {
                Check::failed(name, Some(line), sentence::of_replica(replica))
            }
        }
    }));
    CheckReport {
        suite: "ledger verify".to_owned(),
        file: log.path().display().to_string(),
        checks,
    }
}
