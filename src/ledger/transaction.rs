//! The transaction: lock, read, replay, decide, append, sync.
//!
//! Owns the order of those steps and what becomes of several wishes under one lock.

use std::path::{Path, PathBuf};

use crate::accounts::Account;
use crate::checkpoint::{CacheDir, Checkpoint, Ready};
use crate::event::{Entry, Hash};
use crate::log::{AppendError, LockWaiter, LogError, LogReader, ProgressObserver, Writer};
use crate::time::{Timestamp, Zone};

use super::draftbook::{Decided, Draftbook};
use super::{LedgerError, Wish};

/// How several wishes go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// All or none; the first refusal refuses all.
    Together,
    /// Each for itself; a refused one is passed over.
    EachForItself,
}

/// What a transaction needs from outside.
pub struct RecordOptions<'a> {
    /// The clock's answer.
    pub now: Timestamp,
    /// How long to wait for the lock.
    pub waiter: &'a mut dyn LockWaiter,
    /// How several wishes go together.
    pub mode: Mode,
    /// Decide, and write nothing.
    pub dry_run: bool,
    /// Where checkpoints are kept, where they are.
    pub checkpoints: Option<&'a CacheDir>,
    /// Told how far a long read has come.
    pub observer: Option<ProgressObserver>,
    /// Told of every wish that was decided.
    pub progress: &'a mut dyn FnMut(),
}

/// An account right behind an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountAfter {
    /// Its name.
    pub name: String,
    /// The account.
    pub account: Account,
}

/// What became of one wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The event as it was recorded.
    pub entry: Entry<'static>,
    /// True where the key was used before and nothing was written.
    pub replayed: bool,
    /// The accounts it touched, right behind it.
    pub accounts_after: Vec<AccountAfter>,
}

impl Receipt {
    /// The receipt of an event that was recorded before, without its accounts_after.
    pub(super) fn old(entry: Entry<'static>) -> Receipt {
        Receipt {
            entry,
            replayed: true,
            accounts_after: Vec::new(),
        }
    }
}

/// Something to tell besides the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// There was no log; one was started.
    Started {
        /// Where.
        path: PathBuf,
    },
    /// There is no log; one would be started.
    WouldStart {
        /// Where.
        path: PathBuf,
    },
    /// A torn tail was set aside before the append.
    SetAside {
        /// How many bytes.
        bytes: u64,
        /// Where they are now.
        to: PathBuf,
    },
    /// A torn tail lies behind the last event; nothing was written, so it is still there.
    Torn {
        /// How many bytes.
        bytes: u64,
    },
    /// The clock is behind the log's last event, whose time was taken instead.
    ClockBehind {
        /// What the clock says.
        now: Timestamp,
        /// The last event's time.
        last: Timestamp,
    },
}

/// What became of all wishes, in their order.
#[derive(Debug)]
pub struct Outcome {
    /// A receipt, or why it was refused ([`Mode::EachForItself`] only).
    pub results: Vec<Result<Box<Receipt>, LedgerError>>,
    /// What else happened.
    pub notices: Vec<Notice>,
    /// The ledger's zone, to show times in.
    pub zone: Zone,
    /// Where the log ends now.
    pub head: Option<(u64, Hash)>,
}

/// Records wishes: returns when they are on the disk.
///
/// # Errors
/// [`LedgerError`]; nothing was written unless it is an unknown outcome.
pub fn record(
    path: &Path,
    wishes: &[Wish],
    conditions: &mut RecordOptions<'_>,
) -> Result<Outcome, LedgerError> {
    if conditions.dry_run {
        catch_up(path, conditions)?;
        let log = match LogReader::open(path, conditions.waiter) {
            Ok(log) => Some(log.looked_at(conditions.observer.clone())),
            Err(LogError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let checkpoint = log.as_ref().and_then(|log| found(log, conditions));
        let decided = decide_all(log.as_ref(), checkpoint, path, wishes, conditions)?;
        return Ok(decided.outcome(None));
    }
    match open(path, conditions) {
        Ok((mut writer, checkpoint)) => append(&mut writer, checkpoint, path, wishes, conditions),
        Err(LogError::NotFound { .. }) => {
            // A first write that is refused leaves no file, so it is decided before one is made.
            let rehearsed = decide_all(None, None, path, wishes, conditions)?;
            if rehearsed.lines().is_empty() {
                return Ok(rehearsed.outcome(None));
            }
            let mut writer = Writer::open_or_create(path, conditions.waiter)?;
            let appended = if writer.log().length() == 0 {
                append_decided(&mut writer, rehearsed)
            } else {
                // Somebody else was faster: it is decided again, on what is there by now.
                drop(rehearsed);
                append(&mut writer, None, path, wishes, conditions)
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

/// Opens and locks the log, with its checkpoint brought up to about its end: what takes long is done
/// while nobody waits for the lock.
fn open(
    path: &Path,
    conditions: &mut RecordOptions<'_>,
) -> Result<(Writer, Option<Checkpoint>), LogError> {
    let mut writer = Writer::open(path, conditions.waiter)?;
    let checkpoint = match ready(writer.log(), conditions) {
        Ready::There(checkpoint) => Some(*checkpoint),
        Ready::Nothing => None,
        Ready::Behind => {
            drop(writer);
            catch_up(path, conditions)?;
            writer = Writer::open(path, conditions.waiter)?;
            found(writer.log(), conditions)
        }
    };
    Ok((writer.looked_at(conditions.observer.clone()), checkpoint))
}

/// The checkpoint of a log that reaches to about its end, or what there is instead.
fn ready(log: &LogReader, conditions: &RecordOptions<'_>) -> Ready {
    let opening = log.opening().ok().flatten();
    match conditions.checkpoints.zip(opening) {
        Some((home, opening)) => Checkpoint::ready(home, log, &opening),
        None => Ready::Nothing,
    }
}

/// The checkpoint of a log as it lies there. Under the lock none is made: that may take long.
fn found(log: &LogReader, conditions: &RecordOptions<'_>) -> Option<Checkpoint> {
    let opening = log.opening().ok()??;
    Checkpoint::open(conditions.checkpoints?, log, &opening).ok()?
}

/// Brings the checkpoint of a log up to its end, where there are checkpoints and where it is worth it.
fn catch_up(path: &Path, conditions: &mut RecordOptions<'_>) -> Result<(), LogError> {
    let Some(home) = conditions.checkpoints else {
        return Ok(());
    };
    let log = match LogReader::open(path, conditions.waiter) {
        Err(LogError::NotFound { .. }) => return Ok(()),
        log => log?.looked_at(conditions.observer.clone()),
    };
    if let Ok(Some(opening)) = log.opening() {
        Checkpoint::of(home, &log, &opening);
    }
    // Waiting for a lock begins anew.
    conditions.waiter.starts();
    Ok(())
}

/// True where a failed first write is known to have left an empty file at most.
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
    wishes: &[Wish],
    conditions: &mut RecordOptions<'_>,
) -> Result<Outcome, LedgerError> {
    let decided = decide_all(Some(writer.log()), checkpoint, path, wishes, conditions)?;
    append_decided(writer, decided)
}

fn append_decided(writer: &mut Writer, decided: Decided) -> Result<Outcome, LedgerError> {
    if decided.lines().is_empty() {
        if decided.repeats() {
            // Success says that the event is on the disk, an older one too.
            writer.make_durable()?;
        }
        return Ok(decided.outcome(None));
    }
    let (tail, lines) = (decided.tail(), decided.lines());
    let appended = writer.append(tail, lines)?;
    Ok(decided.outcome(Some(appended)))
}

fn decide_all(
    log: Option<&LogReader>,
    checkpoint: Option<Checkpoint>,
    path: &Path,
    wishes: &[Wish],
    conditions: &mut RecordOptions<'_>,
) -> Result<Decided, LedgerError> {
    let Some(log) = log else {
        return decide_in(Draftbook::blank(path), wishes, conditions);
    };
    if let Some(checkpoint) = checkpoint
        && let Some(book) = Draftbook::from_checkpoint(checkpoint, log, path, wishes)
    {
        match decide_in(book, wishes, conditions) {
            // It went bad on the way: the log itself is read.
            Err(LedgerError::Checkpoint(_)) => {}
            decided => return decided,
        }
    }
    decide_in(Draftbook::read(log, path, wishes)?, wishes, conditions)
}

fn decide_in(
    mut book: Draftbook<'_>,
    wishes: &[Wish],
    conditions: &mut RecordOptions<'_>,
) -> Result<Decided, LedgerError> {
    book.decide_all(wishes, conditions)?;
    book.close()
}
