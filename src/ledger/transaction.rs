//! The transaction: lock, read, replay, decide, append, sync, for one or several requests under one
//! lock.

use std::collections::BTreeSet;
use std::path::Path;

use crate::accounts::{Operation, Request};
use crate::checkpoint::{Checkpoint, Ready};
use crate::log::{AppendError, Erasure, LogError, LogReader, Writer, as_u64};
use crate::remote::StoreError;

pub(super) use super::batch::LogState;
use super::batch::{Batch, Decided};
use super::engine::{ConflictPause, EngineLog};
use super::options::RecordOptions;
use super::outcome::Outcome;
use super::receipt::Notice;
use super::{EngineError, LedgerError};

/// Records requests, and returns after they were synced.
///
/// # Errors
/// [`LedgerError`]; nothing was written unless the outcome is unknown.
pub fn record(
    path: &Path,
    requests: &[Request],
    options: &mut RecordOptions<'_>,
) -> Result<Outcome, LedgerError> {
    let transaction = Transaction {
        path,
        requests,
        keeps: false,
    };
    Ok(transaction.run(None, options)?.0)
}

/// What is to be recorded, and where.
#[derive(Clone, Copy)]
pub(super) struct Transaction<'a> {
    /// The log's path, or its name on an engine.
    pub(super) path: &'a Path,
    pub(super) requests: &'a [Request],
    /// True if the state after it is needed again.
    pub(super) keeps: bool,
}

/// An outcome, and the state after it if that is kept.
type Done = (Outcome, Option<LogState>);

impl Transaction<'_> {
    /// Records in a file.
    pub(super) fn run(
        self,
        kept: Option<LogState>,
        options: &mut RecordOptions<'_>,
    ) -> Result<Done, LedgerError> {
        let path = self.path;
        if options.dry_run {
            return self.dry_run(options);
        }
        if kept.is_some() {
            return match Writer::open(path, options.waiter) {
                Ok(mut writer) => self.append(&mut writer, kept, None, options),
                // It was deleted meanwhile.
                Err(LogError::NotFound { .. }) => self.start(options),
                Err(error) => Err(error.into()),
            };
        }
        match open(path, options) {
            Ok((mut writer, checkpoint)) => self.append(&mut writer, None, checkpoint, options),
            Err(LogError::NotFound { .. }) => self.start(options),
            Err(error) => Err(error.into()),
        }
    }

    fn dry_run(self, options: &mut RecordOptions<'_>) -> Result<Done, LedgerError> {
        catch_up(self.path, options)?;
        let log = match LogReader::open(self.path, options.waiter) {
            Ok(log) => Some(log.with_observer(options.observer.clone())),
            Err(LogError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let checkpoint = log.as_ref().and_then(|log| found(log, options));
        let decided = self.decide(log.as_ref(), None, checkpoint, options)?;
        Ok(decided.not_appended())
    }

    /// Records in a log that is not there yet. A first write that is refused leaves no file, so it is
    /// decided before one is made.
    fn start(self, options: &mut RecordOptions<'_>) -> Result<Done, LedgerError> {
        let rehearsed = self.decide(None, None, None, options)?;
        if rehearsed.is_empty() {
            return Ok(rehearsed.not_appended());
        }
        let mut writer = Writer::open_or_create(self.path, options.waiter)?;
        let appended = if writer.log().length() == 0 {
            append_decided(&mut writer, rehearsed)
        } else {
            // Another process was faster: decide again, on what is there now.
            drop(rehearsed);
            self.append(&mut writer, None, None, options)
        };
        appended.inspect_err(|error| {
            if leaves_nothing(error) {
                writer.discard_if_empty();
            }
        })
    }

    /// Records on an engine: decided on the mirror, and decided again if another machine was faster.
    pub(super) fn run_on(
        self,
        engine: &mut EngineLog,
        mut kept: Option<LogState>,
        options: &mut RecordOptions<'_>,
    ) -> Result<Done, LedgerError> {
        let until = engine.deadline();
        let mut pause = ConflictPause::default();
        let mut settled = Vec::new();
        let first = self.requests.first();
        let starts = first.is_some_and(|first| matches!(first.operation, Operation::Init(_)));
        let rehearses_start = starts && options.dry_run;
        if options.dry_run && engine.is_offline() {
            let log = engine.open()?;
            return Ok(self.decide(Some(&log), None, None, options)?.not_appended());
        }
        loop {
            let mut mirrored = match engine.sync(until) {
                Err(EngineError::Store(StoreError::NoStream { .. })) if rehearses_start => {
                    return Ok(self.decide(None, None, None, options)?.not_appended());
                }
                mirrored => mirrored?,
            };
            settled.extend(engine.settle(&mut mirrored, until)?);
            engine.check_clock(&mirrored, options.waiter.now())?;
            if mirrored.log.is_none() && !starts {
                return Err(engine.no_ledger());
            }
            let checkpoint = mirrored.log.as_ref().and_then(|log| {
                let opening = log.opening().ok()??;
                Checkpoint::of(options.checkpoints?, log, &opening)
            });
            let log = mirrored.log.take();
            let decided = self.decide(log.as_ref(), kept.take(), checkpoint, options)?;
            let done = if options.dry_run || decided.is_empty() {
                decided.not_appended()
            } else {
                let before = log.as_ref().map_or(0, LogReader::length);
                let replaced = match decided.erases() {
                    0 => Vec::new(),
                    _ => engine.without_notes(&mirrored, decided.redacted(), until)?,
                };
                if !engine.append(&mut mirrored, decided.lines(), &replaced, until)? {
                    drop(mirrored);
                    engine.back_off(&mut pause, until)?;
                    continue;
                }
                // The position of an append that stayed unknown may be taken now.
                settled.extend(engine.settle(&mut mirrored, until).unwrap_or_default());
                let length = before.saturating_add(as_u64(decided.lines().len()));
                decided.appended(None, length)
            };
            let (mut outcome, kept) = done;
            let settled = settled.into_iter().map(Notice::Settled);
            outcome.notices.splice(..0, settled);
            return Ok((outcome, kept));
        }
    }

    fn append(
        self,
        writer: &mut Writer,
        kept: Option<LogState>,
        checkpoint: Option<Checkpoint>,
        options: &mut RecordOptions<'_>,
    ) -> Result<Done, LedgerError> {
        let decided = self.decide(Some(writer.log()), kept, checkpoint, options)?;
        append_decided(writer, decided)
    }

    /// Decides the requests on the log: from the kept state, otherwise from the checkpoint, otherwise
    /// from the whole log.
    fn decide(
        self,
        log: Option<&LogReader>,
        kept: Option<LogState>,
        checkpoint: Option<Checkpoint>,
        options: &mut RecordOptions<'_>,
    ) -> Result<Decided, LedgerError> {
        let Transaction {
            path,
            requests,
            keeps,
        } = self;
        let Some(log) = log else {
            return decide_in(Batch::blank(path).keeping(keeps), requests, options);
        };
        let resumed = match kept {
            Some(kept) => Batch::resume(kept, log, path, requests),
            None => Ok(None),
        };
        let resumed = match resumed {
            Ok(None) => checkpoint.and_then(|checkpoint| {
                Batch::from_checkpoint(checkpoint, log, path, requests, keeps)
            }),
            Ok(batch) => batch,
            Err(LedgerError::Checkpoint(_)) => None,
            Err(error) => return Err(error),
        };
        if let Some(batch) = resumed {
            match decide_in(batch, requests, options) {
                // The checkpoint turned out to be unusable: read the log itself.
                Err(LedgerError::Checkpoint(_)) => {}
                decided => return decided,
            }
        }
        let batch = Batch::read(log, path, requests, keeps)?;
        decide_in(batch, requests, options)
    }
}

/// Opens and locks the log, with its checkpoint brought up to about its end: what takes
/// long is done before the lock is taken.
fn open(
    path: &Path,
    options: &mut RecordOptions<'_>,
) -> Result<(Writer, Option<Checkpoint>), LogError> {
    let mut writer = Writer::open(path, options.waiter)?;
    let checkpoint = match ready(writer.log(), options) {
        Ready::There(checkpoint) => Some(*checkpoint),
        Ready::Nothing => None,
        Ready::Behind => {
            drop(writer);
            catch_up(path, options)?;
            writer = Writer::open(path, options.waiter)?;
            found(writer.log(), options)
        }
    };
    Ok((writer.with_observer(options.observer.clone()), checkpoint))
}

/// The checkpoint of a log, if it reaches nearly to the end, or what there is instead.
fn ready(log: &LogReader, options: &RecordOptions<'_>) -> Ready {
    let opening = log.opening().ok().flatten();
    match options.checkpoints.zip(opening) {
        Some((cache, opening)) => Checkpoint::ready(cache, log, &opening),
        None => Ready::Nothing,
    }
}

/// The existing checkpoint of a log. None is made under the lock, because that may take long.
fn found(log: &LogReader, options: &RecordOptions<'_>) -> Option<Checkpoint> {
    let opening = log.opening().ok()??;
    Checkpoint::open(options.checkpoints?, log, &opening).ok()?
}

/// Updates the checkpoint of a log, if checkpoints are used and it is worthwhile.
fn catch_up(path: &Path, options: &mut RecordOptions<'_>) -> Result<(), LogError> {
    let Some(cache) = options.checkpoints else {
        return Ok(());
    };
    let log = match LogReader::open(path, options.waiter) {
        Err(LogError::NotFound { .. }) => return Ok(()),
        log => log?.with_observer(options.observer.clone()),
    };
    if let Ok(Some(opening)) = log.opening() {
        Checkpoint::of(cache, &log, &opening);
    }
    // Waiting for the next lock starts from zero.
    options.waiter.starts();
    Ok(())
}

/// True if a failed first write is known to have left at most an empty file.
fn leaves_nothing(error: &LedgerError) -> bool {
    !matches!(
        error,
        LedgerError::Append(AppendError::OutcomeUnknown { .. })
    )
}

fn append_decided(writer: &mut Writer, mut decided: Decided) -> Result<Done, LedgerError> {
    if decided.is_empty() {
        if decided.repeats() {
            // Success means that the event was synced, even if it was recorded before.
            writer.make_durable()?;
            let notice = finish_erasures(writer, None, decided.redacted());
            decided.notice(notice);
        }
        return Ok(decided.not_appended());
    }
    let erasure = match decided.erases() {
        0 => None,
        notes => Some(writer.prepare_erasure(notes)?),
    };
    let quarantine = writer.append(decided.end(), decided.lines())?;
    let notice = finish_erasures(writer, erasure, decided.redacted());
    decided.notice(notice);
    Ok(decided.appended(quarantine, writer.log().length()))
}

/// Erases the notes that count as erased and are still in the file. Those that were erased last come
/// last in `redacted`; all before one that is gone are gone, because one rewrite erases all.
fn finish_erasures(writer: &Writer, erasure: Option<Erasure>, redacted: &[u64]) -> Option<Notice> {
    let log = writer.log();
    let newest_first = redacted.iter().rev().copied();
    let is_pending = |event: &u64| log.keeps_note(*event, log.length()).unwrap_or(false);
    let events: BTreeSet<u64> = newest_first.take_while(is_pending).collect();
    if events.is_empty() {
        return None;
    }
    let prepared = match erasure {
        Some(erasure) => Ok(erasure),
        None => writer.prepare_erasure(events.len()),
    };
    let erased = prepared.and_then(|erasure| writer.erase(erasure, &events));
    erased.err().map(|error| Notice::ErasurePending {
        events: events.into_iter().collect(),
        reason: error.to_string(),
    })
}

fn decide_in(
    batch: Batch<'_>,
    requests: &[Request],
    options: &mut RecordOptions<'_>,
) -> Result<Decided, LedgerError> {
    let mut batch = batch.for_requests(requests.len());
    batch.decide_all(requests, options)?;
    batch.commit()
}
