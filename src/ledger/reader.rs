//! Reader a log up to a moment.

use std::convert::Infallible;
use std::path::Path;
use std::sync::OnceLock;

use crate::accounts::{Overflow, State};
use crate::checkpoint::{CacheDir, Checkpoint};
use crate::event::{Entry, Opening};
use crate::log::{LockWaiter, LogError, LogReader, Place, ProgressObserver, ScanError, Scanned};
use crate::replay::{Bound, Cutoff, Replay};
use crate::time::{Moment, Position, Timestamp, When, Zone};

use super::LedgerError;

mod shortcut;

pub use shortcut::EventContext;

/// A ledger opened for reading, as it stood at one moment.
#[derive(Debug)]
pub struct Reader {
    log: LogReader,
    opening: Opening<'static>,
    zone: Zone,
    home: Option<CacheDir>,
    checkpoint: OnceLock<Option<Checkpoint>>,
}

/// What a replay came to.
#[derive(Debug)]
pub struct Replayed {
    /// The fold.
    pub replay: Replay,
    /// Where the log ended.
    pub scanned: Scanned,
}

impl Replayed {
    /// The bytes of a torn tail.
    pub fn torn_bytes(&self) -> u64 {
        self.scanned.tail.torn_bytes()
    }

    /// The state the counted events add up to.
    pub fn state(&self) -> &State {
        self.replay.state()
    }
}

/// What can stop a scan that folds.
pub(super) enum Stop<E> {
    Overflow(Overflow),
    Other(E),
}

impl Reader {
    /// Opens a ledger for reading. Nothing is ever written, made or repaired.
    ///
    /// # Errors
    /// [`LedgerError::NoLedger`] where there is none, else what the log says.
    pub fn open(path: &Path, waiter: &mut dyn LockWaiter) -> Result<Reader, LedgerError> {
        let log = match LogReader::open(path, waiter) {
            Err(LogError::NotFound { path }) => {
                return Err(LedgerError::NoLedger {
                    path,
                    torn_bytes: 0,
                });
            }
            other => other?,
        };
        let Some(opening) = log.opening()? else {
            // The scan knows whether this is nothing yet, damage, or somebody else's file.
            let scanned = checked(&log)?;
            return Err(LedgerError::NoLedger {
                path: path.to_owned(),
                torn_bytes: scanned.tail.torn_bytes(),
            });
        };
        match Zone::named(&opening.zone) {
            Ok(zone) => Ok(Reader {
                log,
                opening,
                zone,
                home: None,
                checkpoint: OnceLock::new(),
            }),
            Err(unknown) => {
                // A zone that nobody knows may be a damaged name: then the damage is what to tell.
                checked(&log)?;
                Err(unknown.into())
            }
        }
    }

    /// The same, with checkpoints kept here: what was checked before is not read again.
    #[must_use]
    pub fn with_checkpoints(self, home: Option<CacheDir>) -> Reader {
        Reader { home, ..self }
    }

    /// What the ledger is.
    pub fn opening(&self) -> &Opening<'static> {
        &self.opening
    }

    /// The zone its days are in.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The log it is read from.
    pub fn log(&self) -> &LogReader {
        &self.log
    }

    /// The same, with the rest let go.
    pub fn into_log(self) -> LogReader {
        self.log.looked_at(None)
    }

    /// The same, with somebody who is told how far a long read has come: all but [`Reader::walk`],
    /// whose caller may print on the way.
    #[must_use]
    pub fn looked_at(self, observer: Option<ProgressObserver>) -> Reader {
        Reader {
            log: self.log.looked_at(observer),
            ..self
        }
    }

    /// The bound that `--until` or `--known-at` means: the end of a day or longer.
    ///
    /// # Errors
    /// [`LedgerError::When`], [`LedgerError::NoSuchPosition`].
    pub fn until(&self, when: &When, now: Timestamp) -> Result<Bound, LedgerError> {
        let moment = when.resolve(now, &self.zone)?;
        self.bound(when, &moment, moment.until())
    }

    /// The bound that `--since` means: the start of a day or longer.
    ///
    /// # Errors
    /// [`LedgerError::When`], [`LedgerError::NoSuchPosition`].
    pub fn since(&self, when: &When, now: Timestamp) -> Result<Bound, LedgerError> {
        let moment = when.resolve(now, &self.zone)?;
        self.bound(when, &moment, moment.since())
    }

    fn bound(
        &self,
        when: &When,
        moment: &Moment,
        edge: Option<Timestamp>,
    ) -> Result<Bound, LedgerError> {
        match (moment, edge) {
            (Moment::Position(position), _) => self.seq_of(when, position).map(Bound::Seq),
            (_, Some(instant)) => Ok(Bound::Time(instant)),
            (_, None) => Err(LedgerError::PositionNotTime {
                text: when.text().to_owned(),
            }),
        }
    }

    fn seq_of(&self, when: &When, position: &Position) -> Result<u64, LedgerError> {
        let head = self.log.last_seq()?.unwrap_or(0);
        let missing = |reason: String| match checked(&self.log) {
            Ok(_) => LedgerError::NoSuchPosition {
                text: when.text().to_owned(),
                reason,
                head,
            },
            // Where the end is damaged it tells no number, and the damage is what to tell.
            Err(damage) => damage,
        };
        match position {
            Position::Seq(seq) if *seq <= head => Ok(*seq),
            Position::Seq(_) => Err(missing(format!("its head is event {head}"))),
            Position::BeforeHead(steps) => head
                .checked_sub(*steps)
                .ok_or_else(|| missing(format!("it has only {head} events"))),
            Position::Hash(prefix) => {
                let mut found = Vec::new();
                self.scan(|entry, _| {
                    if entry.hash.as_str().starts_with(prefix) {
                        found.push(entry.seq);
                    }
                    Ok(())
                })?;
                match found.as_slice() {
                    [seq] => Ok(*seq),
                    [] => Err(missing("no event has this hash".to_owned())),
                    [one, other, ..] => Err(missing(format!(
                        "events {one} and {other} both start so, write more of the hash"
                    ))),
                }
            }
        }
    }

    /// Reads and checks the whole log.
    fn scan(
        &self,
        each: impl FnMut(&Entry<'_>, Place) -> Result<(), Infallible> + Send,
    ) -> Result<Scanned, LedgerError> {
        never_stopped(self.log.scan(None, each))
    }

    /// Folds the log up to a cutoff: the state, and nothing of the events on the way.
    ///
    /// # Errors
    /// What the log says; no figure is to be had from one that is not sound.
    pub fn replay(&self, cutoff: Cutoff, now: Option<Timestamp>) -> Result<Replayed, LedgerError> {
        self.gather(cutoff, now, |_, _, _| Ok(()))
    }

    /// Folds the log up to a cutoff, and shows every entry with the fold as it stands behind it and
    /// whether it counted.
    ///
    /// # Errors
    /// What the log says, or what `each` answered.
    pub fn walk<E: From<LedgerError> + Send>(
        &self,
        cutoff: Cutoff,
        now: Option<Timestamp>,
        mut each: impl FnMut(&Entry<'_>, &Replay, bool) -> Result<(), E> + Send,
    ) -> Result<Replayed, E> {
        let mut replay = Replay::new(cutoff, now);
        let scanned = self
            .log
            .scan_unseen(None, |entry, _| step(&mut replay, &mut each, entry));
        walked(replay, scanned)
    }

    /// The same for whoever prints nothing on the way.
    fn gather<E: From<LedgerError> + Send>(
        &self,
        cutoff: Cutoff,
        now: Option<Timestamp>,
        mut each: impl FnMut(&Entry<'_>, &Replay, bool) -> Result<(), E> + Send,
    ) -> Result<Replayed, E> {
        let mut replay = Replay::new(cutoff, now);
        let scanned = self
            .log
            .scan(None, |entry, _| step(&mut replay, &mut each, entry));
        walked(replay, scanned)
    }

    /// The event of this number, in a log that was read and found sound.
    ///
    /// # Errors
    /// [`LedgerError::Log`].
    pub fn entry(&self, seq: u64) -> Result<Option<Entry<'static>>, LedgerError> {
        Ok(self.log.entry(seq)?)
    }
}

fn step<E>(
    replay: &mut Replay,
    each: &mut impl FnMut(&Entry<'_>, &Replay, bool) -> Result<(), E>,
    entry: &Entry<'_>,
) -> Result<(), Stop<E>> {
    let counted = replay.take(entry).map_err(Stop::Overflow)?;
    each(entry, replay, counted).map_err(Stop::Other)
}

fn walked<E: From<LedgerError>>(
    replay: Replay,
    scanned: Result<Scanned, ScanError<Stop<E>>>,
) -> Result<Replayed, E> {
    match scanned {
        Ok(scanned) => Ok(Replayed { replay, scanned }),
        Err(ScanError::Log(error)) => Err(LedgerError::from(error).into()),
        Err(ScanError::Stopped(Stop::Overflow(overflow))) => {
            Err(LedgerError::from(overflow).into())
        }
        Err(ScanError::Stopped(Stop::Other(error))) => Err(error),
    }
}

/// Checks a whole log and looks at nothing in it.
fn checked(log: &LogReader) -> Result<Scanned, LedgerError> {
    never_stopped(log.scan(None, |_, _| Ok(())))
}

pub(super) fn never_stopped(
    scanned: Result<Scanned, ScanError<Infallible>>,
) -> Result<Scanned, LedgerError> {
    match scanned {
        Ok(scanned) => Ok(scanned),
        Err(ScanError::Log(error)) => Err(error.into()),
        Err(ScanError::Stopped(never)) => match never {},
    }
}
