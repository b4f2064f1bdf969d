//! The doctor: diagnosis of a damaged log, repair of what can be repaired without loss, salvage of
//! the rest.
//!
//! A repair starts only after the original was copied to a file beside the log and all new bytes
//! were checked.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::accounts::{ApplyError, State};
use crate::event::{Hash, Head};
use crate::log::{
    Access, AtomicFile, Code, LockWaiter, LogError, LogPosition, LogReader, ScanError, ScanOptions,
    ScanRange, Tail, Writer, as_u64, is_own, mark_finished, unfinished_copies,
};
use crate::replay::Cutoff;

use super::AuditError;
use super::head::{HeadFound, KeptHead};
use super::problem::{Problem, ProblemKind};
use super::repair::{Piece, RepairedLog, rebuild};
use super::verify::{REDACTED_WITHOUT_EVENT, TORN_TAIL, UNKNOWN_ZONE, verify};

/// The maximum length of the list of what a salvage left out.
const MOST_LEFT_OUT: usize = 1000;
/// As much of a line that was left out is shown.
const EXCERPT_BYTES: usize = 200;
/// No more broken rules are listed.
const MOST_RULES: usize = 1000;

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Everything, in the order in which it first shows.
    pub problems: Vec<Problem>,
    /// The last event that counts: of the repaired log, or before the damage that cannot be
    /// repaired.
    pub head: Option<(u64, Hash)>,
    /// The bytes of a torn tail.
    pub torn_bytes: u64,
    /// True if a repair loses nothing. Also true if nothing needs repair.
    pub is_repairable: bool,
    /// True if every line is valid as it is.
    pub is_sound: bool,
    /// How the log compares with the given head.
    pub head_found: HeadFound,
    /// The original that a repair which stopped in the middle left here.
    pub unfinished: Option<PathBuf>,
    tail: Tail,
    /// The events whose notes count as erased and are still in the file.
    pending: BTreeSet<u64>,
}

impl Diagnosis {
    /// True if there is something to repair.
    pub fn can_be_repaired(&self) -> bool {
        self.is_repairable
            && self
                .problems
                .iter()
                .any(|problem| problem.kind.is_repairable())
    }

    /// True if a problem prevents the log from being read or its figures from being trusted.
    pub fn is_ill(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| !problem.kind.is_harmless())
    }
}

/// A repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// What was found under the lock.
    pub before: Diagnosis,
    /// The size after the repair; the same if nothing could be repaired.
    pub after: Diagnosis,
    /// Whether anything was changed.
    pub changed: bool,
    /// Where the original is, or the torn tail that was set aside.
    pub quarantine: Option<PathBuf>,
}

/// A stretch of a damaged log that a salvage left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its line, counted from 1.
    pub line: u64,
    /// Its offset, counted from 0.
    pub byte: u64,
    /// Why.
    pub reason: String,
    /// The beginning of the raw bytes.
    pub excerpt: Vec<u8>,
}

/// A salvage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salvaged {
    /// The last event of the new log.
    pub head: (u64, Hash),
    /// The first of what was left out.
    pub left_out: Vec<LeftOut>,
    /// How many lines were left out, listed or not.
    pub left_out_lines: u64,
}

/// Diagnoses a log. Changes nothing. If a repair of it was interrupted, this is the diagnosis of
/// the original.
///
/// # Errors
/// [`AuditError::NoLedger`], or [`AuditError::Log`] if the file is not a log that this version can
/// judge.
pub fn diagnose(
    log: &LogReader,
    head: Option<&Head>,
    waiter: &mut dyn LockWaiter,
) -> Result<Diagnosis, AuditError> {
    match original_of(log, waiter)? {
        Some(original) => {
            let mut diagnosis = diagnose_as_it_lies(&original, head)?;
            diagnosis.unfinished = Some(original.path().to_owned());
            diagnosis.is_sound = false;
            Ok(diagnosis)
        }
        None => diagnose_as_it_lies(log, head),
    }
}

/// The original of a log that a repair was writing over when it stopped.
fn original_of(
    log: &LogReader,
    waiter: &mut dyn LockWaiter,
) -> Result<Option<LogReader>, LogError> {
    if !log.is_being_repaired()? {
        return Ok(None);
    }
    for copy in unfinished_copies(log.path()).into_iter().rev() {
        if let Some(copy) = own_copy(log, &copy, waiter)? {
            return Ok(Some(copy));
        }
    }
    Ok(None)
}

/// A copy of a log if a repair made it: it belongs to this user and is of the same ledger. `None` for
/// anything else, which stays as it is.
fn own_copy(
    log: &LogReader,
    copy: &Path,
    waiter: &mut dyn LockWaiter,
) -> Result<Option<LogReader>, LogError> {
    let named = std::fs::symlink_metadata(copy);
    if !named.is_ok_and(|found| found.is_file() && is_own(&found)) {
        return Ok(None);
    }
    let copy = LogReader::open(copy, waiter)?;
    Ok(log.may_be_repaired_from(&copy)?.then_some(copy))
}

fn diagnose_as_it_lies(log: &LogReader, head: Option<&Head>) -> Result<Diagnosis, AuditError> {
    let mut diagnosis = match diagnose_sound(log, head)? {
        Some(diagnosis) => diagnosis,
        None => of_repaired(rebuild::<AuditError>(log, head, |_| Ok(()))?),
    };
    let missing = match &diagnosis.head_found {
        HeadFound::Shorter { asked, last } => Some((
            ProblemKind::CutEnd,
            format!(
                "the log has no event {} as in the head, its last is {last}",
                asked.seq
            ),
        )),
        HeadFound::Other { asked, hash } => Some((
            ProblemKind::OtherLog,
            format!(
                "event {} has the hash {}…, not {}",
                asked.seq,
                hash.short(16),
                asked.hash_prefix
            ),
        )),
        _ => None,
    };
    diagnosis
        .problems
        .extend(missing.map(|(kind, detail)| Problem {
            kind,
            line: None,
            byte: None,
            count: 1,
            detail,
        }));
    Ok(diagnosis)
}

/// The diagnosis of a log whose lines are all valid; `None` if they are not.
fn diagnose_sound(log: &LogReader, head: Option<&Head>) -> Result<Option<Diagnosis>, AuditError> {
    let mut problems = Vec::new();
    let kept = head.cloned().map(KeptHead::Event);
    let verified = verify(
        log,
        kept.as_ref(),
        &Cutoff::default(),
        |finding| {
            let kind = match finding.code {
                // Nothing is to be done about it.
                REDACTED_WITHOUT_EVENT => return,
                TORN_TAIL => ProblemKind::TornTail,
                UNKNOWN_ZONE => ProblemKind::UnknownZone,
                code if code == Code::Currency.as_str() => ProblemKind::OtherCurrency,
                _ => ProblemKind::BrokenRule,
            };
            if problems.len() < MOST_RULES || kind != ProblemKind::BrokenRule {
                problems.push(Problem {
                    kind,
                    line: Some(finding.line),
                    byte: Some(finding.byte),
                    count: 1,
                    detail: finding.detail,
                });
            } else if let Some(last) = problems.last_mut() {
                last.count = last.count.saturating_add(1);
            }
        },
        |_| {},
        None,
    );
    let verified = match verified {
        // A blank first line makes it look like another kind of file.
        Err(AuditError::Log(LogError::NotALedger { .. })) => return Ok(None),
        other => other?,
    };
    if !verified.is_sound() {
        return Ok(None);
    }
    if verified.tail == Tail::Unterminated {
        problems.push(Problem {
            kind: ProblemKind::MissingLineFeed,
            line: verified.head.map(|(seq, _)| seq.saturating_add(1)),
            byte: None,
            count: 1,
            detail: "its line feed is missing".to_owned(),
        });
    }
    if let Some(first) = verified.pending.first() {
        problems.push(Problem {
            kind: ProblemKind::PendingErasure,
            line: Some(first.saturating_add(1)),
            byte: None,
            count: as_u64(verified.pending.len()),
            detail: "its note counts as erased, but is still in the file".to_owned(),
        });
    }
    Ok(Some(Diagnosis {
        head: verified.head,
        torn_bytes: verified.torn_bytes,
        is_repairable: problems
            .iter()
            .all(|problem| problem.kind != ProblemKind::OtherCurrency),
        problems,
        is_sound: true,
        head_found: verified.head_found,
        unfinished: None,
        tail: verified.tail,
        pending: verified.pending,
    }))
}

fn of_repaired(repaired: RepairedLog) -> Diagnosis {
    Diagnosis {
        head: repaired.last.map(|last| (last.seq, last.hash)),
        torn_bytes: repaired.torn_bytes,
        is_repairable: repaired.is_whole(),
        is_sound: false,
        head_found: repaired.head_found,
        unfinished: None,
        tail: Tail::Clean,
        pending: BTreeSet::new(),
        problems: repaired.problems,
    }
}

/// Repairs a log if that loses nothing, under its lock.
///
/// # Errors
/// [`AuditError`]. After [`AuditError::Stopped`] the log was changed and the original is beside it;
/// after any other error it is unchanged.
pub fn repair(
    path: &Path,
    head: Option<&Head>,
    waiter: &mut dyn LockWaiter,
) -> Result<Repaired, AuditError> {
    let writer = Writer::open(path, waiter).map_err(no_ledger)?;
    let before = diagnose(writer.log(), head, waiter)?;
    if !before.can_be_repaired() {
        return Ok(Repaired {
            after: before.clone(),
            before,
            changed: false,
            quarantine: None,
        });
    }
    if before.is_sound {
        let quarantine = writer.settle(before.tail)?;
        let log = writer.log().reopened()?;
        if before.pending.is_empty() {
            return finish(&log, before, head, quarantine);
        }
        // Its end may be another one now.
        drop((writer, log));
        let writer = Writer::open(path, waiter)?;
        let erasure = writer.prepare_erasure(before.pending.len())?;
        let log = writer.erase(erasure, &before.pending)?;
        return finish(&log, before, head, quarantine);
    }
    let original = match original_of(writer.log(), waiter)? {
        Some(original) => original,
        None => writer.keep_original(waiter)?,
    };
    let copy = original.path().to_owned();
    let stopped = |source| AuditError::Stopped {
        path: path.to_owned(),
        copy: copy.clone(),
        source,
    };
    write_over(&writer, &original).map_err(stopped)?;
    let quarantine = mark_finished(path, &copy).map_err(stopped)?;
    finish(&writer.log().reopened()?, before, head, Some(quarantine))
}

/// Writes the rest of the original over the log.
fn write_over(writer: &Writer, original: &LogReader) -> io::Result<()> {
    // Everything is checked once more, in the synced copy, before a byte is written.
    let repaired = rebuild::<ReadFailed>(original, None, |_| Ok(())).map_err(|failed| failed.0)?;
    let Some(last) = repaired.last.filter(|_| repaired.is_whole()) else {
        return Err(io::Error::other(
            "the copy is not what was found under the lock",
        ));
    };
    let mut over = writer
        .overwrite(repaired.unchanged, last.offset)
        .map_err(|error| io::Error::other(error.to_string()))?;
    rebuild::<ReadFailed>(original, None, |piece| match piece {
        Piece::Kept { bytes, offset } if offset >= repaired.unchanged && offset < last.offset => {
            over.line(bytes).map_err(ReadFailed)
        }
        Piece::Kept { .. } | Piece::LeftOut { .. } => Ok(()),
    })
    .map_err(|failed| failed.0)?;
    over.finish(last.offset)
}

/// Looks at the repaired log itself.
fn finish(
    log: &LogReader,
    before: Diagnosis,
    head: Option<&Head>,
    quarantine: Option<PathBuf>,
) -> Result<Repaired, AuditError> {
    let after = diagnose_as_it_lies(log, head)?;
    Ok(Repaired {
        before,
        after,
        changed: true,
        quarantine,
    })
}

/// Writes the events before the damage to a new log.
///
/// # Errors
/// [`AuditError`]; then there is no new log.
pub fn salvage(log: &LogReader, to: &Path) -> Result<Salvaged, AuditError> {
    let no_ledger = |torn_bytes| AuditError::NoLedger {
        path: log.path().to_owned(),
        torn_bytes,
    };
    let found = rebuild::<AuditError>(log, None, |_| Ok(()))?;
    let foreign = before_other_currency(log);
    let last = foreign.as_ref().map(|(last, _)| *last).or(found.last);
    let last = last.ok_or_else(|| no_ledger(found.torn_bytes))?;
    let cannot_write = |source| AuditError::CannotWrite {
        path: to.to_owned(),
        source,
    };
    let exists = || AuditError::Exists {
        path: to.to_owned(),
    };
    if std::fs::symlink_metadata(to).is_ok() {
        return Err(exists());
    }
    let mut new =
        AtomicFile::create(to, Access::Owner).map_err(|error| cannot_write(error.into()))?;
    let mut salvaged = Salvaged {
        head: (last.seq, last.hash),
        left_out: Vec::new(),
        left_out_lines: 0,
    };
    let mut lines = 0_u64;
    rebuild::<AuditError>(log, None, |piece| match piece {
        Piece::Kept { bytes, offset } if foreign.is_some() && offset >= last.offset => {
            let reason = foreign.as_ref().filter(|_| salvaged.left_out.is_empty());
            let reason = reason.map_or("it follows that event", |(_, reason)| reason.as_str());
            let line = lines.saturating_add(1);
            lines = line;
            leave_out(&mut salvaged, line, offset, bytes, reason);
            Ok(())
        }
        Piece::Kept { bytes, .. } => {
            lines = lines.saturating_add(1);
            new.write_all(bytes)
                .and_then(|()| new.write_all(b"\n"))
                .map_err(cannot_write)
        }
        Piece::LeftOut { raw, reason } => {
            leave_out(&mut salvaged, raw.number, raw.offset, raw.bytes, reason);
            Ok(())
        }
    })?;
    // What follows the last event that counts is not written.
    new.set_length(last.offset).map_err(cannot_write)?;
    new.commit_new([to.to_owned()])
        .map_err(|error| match io::Error::from(error) {
            error if error.kind() == io::ErrorKind::AlreadyExists => exists(),
            error => cannot_write(error),
        })?;
    Ok(salvaged)
}

fn leave_out(salvaged: &mut Salvaged, line: u64, byte: u64, bytes: &[u8], reason: &str) {
    salvaged.left_out_lines = salvaged.left_out_lines.saturating_add(1);
    if salvaged.left_out.len() < MOST_LEFT_OUT {
        let shown = bytes.len().min(EXCERPT_BYTES);
        salvaged.left_out.push(LeftOut {
            line,
            byte,
            reason: reason.to_owned(),
            excerpt: bytes.get(..shown).unwrap_or_default().to_vec(),
        });
    }
}

/// Where the events before the first one in another currency than its account's end, and what is wrong
/// with that one. `None` if there is none, or a line is damaged.
fn before_other_currency(log: &LogReader) -> Option<(LogPosition, String)> {
    let mut state = State::default();
    let mut last = None;
    let scanned = log.scan(ScanRange::ALL, ScanOptions::default(), |entry, place| {
        if let Err(error @ ApplyError::OtherCurrency { .. }) = state.apply(entry) {
            return Err(error.to_string());
        }
        // A batch counts as a whole.
        if !entry.more {
            last = Some(LogPosition {
                offset: place.end,
                seq: entry.seq,
                hash: entry.hash,
                at: entry.at,
            });
        }
        Ok(())
    });
    match scanned {
        Err(ScanError::Stopped(reason)) => Some((last?, reason)),
        Ok(_) | Err(ScanError::Log(_)) => None,
    }
}

fn no_ledger(error: LogError) -> AuditError {
    match error {
        LogError::NotFound { path } => AuditError::NoLedger {
            path,
            torn_bytes: 0,
        },
        error => AuditError::Log(error),
    }
}

/// A reading error on the way to a writing one.
struct ReadFailed(io::Error);

impl From<LogError> for ReadFailed {
    fn from(error: LogError) -> ReadFailed {
        ReadFailed(match error {
            LogError::Io { source, .. } => source,
            other => io::Error::other(other.to_string()),
        })
    }
}
