//! The transaction: lock, read, replay, decide, append, sync, for one or several requests under one
//! lock.

use std::path::Path;

use crate::accounts::Request;
use crate::checkpoint::{CacheDir, Checkpoint, Ready};
use crate::log::{AppendError, LockWaiter, LogError, LogReader, ProgressObserver, Writer};
use crate::time::Timestamp;

use super::LedgerError;
use super::batch::{Batch, Decided};
use super::outcome::Outcome;

/// How several requests go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// All or none; the first refusal refuses all.
    Together,
    /// Each for itself; a refused one is skipped.
    EachForItself,
}

/// What a transaction needs from outside.
pub struct RecordOptions<'a> {
    /// The clock's answer.
    pub now: Timestamp,
    /// How long to wait for the lock.
    pub waiter: &'a mut dyn LockWaiter,
    /// How several requests go together.
    pub mode: Mode,
    /// Decide, but write nothing.
    pub dry_run: bool,
    /// The directory of checkpoints, if they are used.
    pub checkpoints: Option<&'a CacheDir>,
    /// Progress callback for long reads.
    pub observer: Option<ProgressObserver>,
    /// Called after each request that was decided.
    pub progress: &'a mut dyn FnMut(),
}

/// Records requests, and returns after they were synced.
///
/// # Errors
/// [`LedgerError`]; nothing was written unless the outcome is unknown.
pub fn record(
    path: &Path,
    requests: &[Request],
    options: &mut RecordOptions<'_>,
) -> Result<Outcome, LedgerError> {
    if options.dry_run {
        catch_up(path, options)?;
        let log = match LogReader::open(path, options.waiter) {
            Ok(log) => Some(log.with_observer(options.observer.clone())),
            Err(LogError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let checkpoint = log.as_ref().and_then(|log| found(log, options));
        let decided = decide_all(log.as_ref(), checkpoint, path, requests, options)?;
        return Ok(decided.not_appended());
    }
    match open(path, options) {
        Ok((mut writer, checkpoint)) => append(&mut writer, checkpoint, path, requests, options),
        Err(LogError::NotFound { .. }) => {
            // A first write that is refused leaves no file, so it is decided before one is made.
            let rehearsed = decide_all(None, None, path, requests, options)?;
            if rehearsed.is_empty() {
                return Ok(rehearsed.not_appended());
            }
            let mut writer = Writer::open_or_create(path, options.waiter)?;
            let appended = if writer.log().length() == 0 {
                append_decided(&mut writer, rehearsed)
            } else {
                // Another process was faster: decide again, on what is there now.
                drop(rehearsed);
                append(&mut writer, None, path, requests, options)
            };
            appended.inspect_err(|error| {
                if leaves_nothing(error) {
                    writer.discard_if_empty();
                }
            })
        }
        Err(error) => Err(error.into()),
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
        Some((home, opening)) => Checkpoint::ready(home, log, &opening),
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
    let Some(home) = options.checkpoints else {
        return Ok(());
    };
    let log = match LogReader::open(path, options.waiter) {
        Err(LogError::NotFound { .. }) => return Ok(()),
        log => log?.with_observer(options.observer.clone()),
    };
    if let Ok(Some(opening)) = log.opening() {
        Checkpoint::of(home, &log, &opening);
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

fn append(
    writer: &mut Writer,
    checkpoint: Option<Checkpoint>,
    path: &Path,
    requests: &[Request],
    options: &mut RecordOptions<'_>,
) -> Result<Outcome, LedgerError> {
    let decided = decide_all(Some(writer.log()), checkpoint, path, requests, options)?;
    append_decided(writer, decided)
}

fn append_decided(writer: &mut Writer, mut decided: Decided) -> Result<Outcome, LedgerError> {
    if decided.is_empty() {
        if decided.repeats() {
            // Success means that the event was synced, even if it was recorded before.
            writer.make_durable()?;
        }
        return Ok(decided.not_appended());
    }
    let (end, records) = decided.take_records();
    let appended = writer.append(&end, records)?;
    Ok(decided.appended(appended))
}

fn decide_all(
    log: Option<&LogReader>,
    checkpoint: Option<Checkpoint>,
    path: &Path,
    requests: &[Request],
    options: &mut RecordOptions<'_>,
) -> Result<Decided, LedgerError> {
    let Some(log) = log else {
        return decide_in(Batch::blank(path), requests, options);
    };
    if let Some(checkpoint) = checkpoint
        && let Some(batch) = Batch::from_checkpoint(checkpoint, log, path, requests)
    {
        match decide_in(batch, requests, options) {
            // The checkpoint turned out to be unusable: read the log itself.
            Err(LedgerError::Checkpoint(_)) => {}
            decided => return decided,
        }
    }
    decide_in(Batch::read(log, path, requests)?, requests, options)
}

fn decide_in(
    mut batch: Batch<'_>,
    requests: &[Request],
    options: &mut RecordOptions<'_>,
) -> Result<Decided, LedgerError> {
    batch.decide_all(requests, options)?;
    batch.commit()
}
