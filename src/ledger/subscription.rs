//! Following a log: its events in order from a position, each once, and then those recorded later.
//!
//! It keeps the position and the accounts there, and detects a log that does not continue. The caller
//! decides how to wait.

use std::io::ErrorKind;
use std::path::PathBuf;

use crate::accounts::State;
use crate::checkpoint::RuleWatch;
use crate::event::{Entry, Hash, LedgerId, Opening};
use crate::log::{
    LockWaiter, LogError, LogPosition, LogReader, Refreshed, ScanError, ScanOptions, ScanRange,
    Scanned,
};
use crate::replay::{Bound, Cutoff};
use crate::time::Zone;

use super::reader::{FoldError, applied, checked, never_stopped};
use super::{Break, LedgerError, LogSource, Reader, Replayed, RulesKept};

/// A position in a ledger, stored to continue after it later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedPosition {
    /// Which ledger.
    pub ledger: LedgerId,
    /// The event's number.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

/// Where a follower starts.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    /// With the first line.
    Front,
    /// After the last event.
    Head,
    /// After the event of this number.
    After(u64),
    /// After an event that was read before.
    SavedPosition(SavedPosition),
}

/// Hands on a log's events in order.
#[derive(Debug)]
pub struct Subscription {
    log: LogReader,
    path: PathBuf,
    opening: Opening<'static>,
    zone: Zone,
    state: State,
    position: Option<LogPosition>,
    rules: RulesKept,
    /// What the last look found: all of it is checked.
    scanned: Scanned,
}

impl Subscription {
    /// Checks the whole log and starts at the named position. The first [`Subscription::take`]
    /// delivers what was in the log then.
    ///
    /// # Errors
    /// The error of the log, and [`LedgerError::NotContinued`] if it does not contain the position.
    pub fn start(reading: Reader, start: Start) -> Result<Subscription, LedgerError> {
        let opening = reading.opening().clone();
        let path = reading.log().path().to_owned();
        let broken = |seq, hash, found| LedgerError::NotContinued {
            path: path.clone(),
            seq,
            hash: Box::new(hash),
            found: Box::new(found),
        };
        if let Start::SavedPosition(SavedPosition { ledger, seq, hash }) = start
            && ledger != opening.id
        {
            let (found, was) = (opening.id, ledger);
            return Err(broken(seq, hash, Break::Foreign { found, was }));
        }
        let until = match start {
            Start::Front => Some(0),
            Start::Head => None,
            Start::After(seq) | Start::SavedPosition(SavedPosition { seq, .. }) => Some(seq),
        };
        let cutoff = Cutoff {
            until: until.map(Bound::Seq),
            ..Cutoff::default()
        };
        // From the first line on, the accounts are those of no event.
        let (scanned, state) = if let Start::Front = start {
            (checked(reading.log())?, State::default())
        } else {
            let replayed = reading.replay(cutoff, None)?;
            (replayed.scanned, replayed.replay.into_state())
        };
        let zone = reading.zone().clone();
        let rules = reading.rules();
        let log = reading.into_log();
        let position = match (start, until) {
            (Start::Front, _) => None,
            (_, None) => scanned.last,
            (_, Some(seq)) => log.position_of(seq)?,
        };
        if let Start::SavedPosition(SavedPosition { seq, hash, .. }) = start
            && position.is_none_or(|position| position.hash != hash)
        {
            let found = match position {
                Some(position) => Break::Other {
                    hash: position.hash,
                },
                None => Break::Cut {
                    head: scanned.last.map(|position| position.seq),
                },
            };
            return Err(broken(seq, hash, found));
        }
        Ok(Subscription {
            log,
            path,
            opening,
            zone,
            state,
            position,
            rules,
            scanned,
        })
    }

    /// Continues after a scan of the whole log that the caller has made.
    pub fn after(reading: Reader, replayed: Replayed) -> Subscription {
        let path = reading.log().path().to_owned();
        Subscription {
            path,
            opening: reading.opening().clone(),
            zone: reading.zone().clone(),
            position: replayed.scanned.last,
            rules: reading.rules(),
            scanned: replayed.scanned,
            state: replayed.replay.into_state(),
            log: reading.into_log(),
        }
    }

    /// An event that was delivered or checked before.
    ///
    /// # Errors
    /// [`LedgerError::Log`].
    pub fn entry(&self, seq: u64) -> Result<Option<Entry<'static>>, LedgerError> {
        Ok(self.log.entry(seq)?)
    }

    /// What the ledger is.
    pub fn opening(&self) -> &Opening<'static> {
        &self.opening
    }

    /// The path of the log.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// The zone its days are in.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The accounts after the last delivered event.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The last delivered event, or the one after which this started.
    pub fn position(&self) -> Option<SavedPosition> {
        self.position.map(|position| SavedPosition {
            ledger: self.opening.id,
            seq: position.seq,
            hash: position.hash,
        })
    }

    /// The bytes of a torn tail, as of the last look.
    pub fn torn_bytes(&self) -> u64 {
        self.scanned.tail.torn_bytes()
    }

    /// How many bytes of events are there to be taken.
    pub fn bytes_ahead(&self) -> u64 {
        let end = self.scanned.last.map_or(0, |position| position.offset);
        end.saturating_sub(self.position.map_or(0, |position| position.offset))
    }

    /// Delivers every event that the last check found, each with the accounts after it and the
    /// bytes of its line. If `each` stops it, this subscription must not be used further.
    ///
    /// # Errors
    /// The error of the log, or of `each`.
    pub fn take<E: From<LedgerError> + Send>(
        &mut self,
        mut each: impl FnMut(&Entry<'_>, &State, u64) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let (range, is_checked) = ScanRange::after(self.position).again(Some(&self.scanned));
        let options = ScanOptions {
            is_checked,
            ..ScanOptions::default()
        };
        let Subscription { log, state, .. } = self;
        let reader = &*log;
        // Otherwise the events before this position were read, and the rules checked with them.
        let is_first = self.position.is_none() && !self.rules.are_known();
        let mut watch = is_first.then(RuleWatch::new);
        let scanned = log.scan(range, options, |entry, place| {
            let touched = match &mut watch {
                Some(watch) => {
                    let checked = watch.check(state, reader, entry, place);
                    checked.map_err(|error| FoldError::Log(error.into()))?
                }
                None => state.touched_by(&entry.event),
            };
            applied(state.apply_to(touched, entry), reader, place)?;
            each(entry, state, place.end.saturating_sub(place.offset)).map_err(FoldError::Caller)
        });
        if let Some(watch) = watch.filter(|_| scanned.is_ok()) {
            self.rules.found(watch);
        }
        match scanned {
            Ok(scanned) => {
                self.position = scanned.last;
                if !is_checked {
                    self.scanned = scanned;
                }
                Ok(())
            }
            Err(ScanError::Log(error)) => Err(LedgerError::from(error).into()),
            Err(ScanError::Stopped(FoldError::Log(error))) => Err(error.into()),
            Err(ScanError::Stopped(FoldError::Caller(error))) => Err(error),
        }
    }

    /// Checks what was recorded since; true if [`Subscription::take`] has something to deliver.
    /// Only synced events are visible.
    ///
    /// # Errors
    /// The error of the log, [`LedgerError::NotContinued`] if it was cut or replaced, and
    /// [`LedgerError::NoLedger`] if it was deleted.
    pub fn look(
        &mut self,
        source: &mut LogSource,
        waiter: &mut dyn LockWaiter,
    ) -> Result<bool, LedgerError> {
        let (log, is_new) = match source.refresh(&self.log, waiter)? {
            Refreshed::Same => return Ok(false),
            Refreshed::Changed(log) => (log, false),
            Refreshed::Replaced(log) => (log, true),
        };
        match self.look_at(&log, is_new) {
            Ok(scanned) => self.scanned = scanned,
            // The log became shorter meanwhile; the next check reports why.
            Err(LedgerError::Log(LogError::Io { source, .. }))
                if source.kind() == ErrorKind::UnexpectedEof =>
            {
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        self.log = log;
        Ok(self.scanned.last.map(|position| position.seq)
            > self.position.map(|position| position.seq))
    }

    fn look_at(&mut self, log: &LogReader, is_new: bool) -> Result<Scanned, LedgerError> {
        let found = match &self.position {
            Some(position) if !is_new => log.locate(position)?,
            _ => None,
        };
        match found {
            Some(position) => {
                self.position = Some(position);
                never_stopped(log.scan(
                    ScanRange::after(Some(position)),
                    ScanOptions::CHECK,
                    |_, _| Ok(()),
                ))
            }
            None => self.find_again(log),
        }
    }

    /// Checks all of a log that is not what it was, and finds the place again.
    fn find_again(&mut self, log: &LogReader) -> Result<Scanned, LedgerError> {
        let wanted = self.position.map(|position| position.seq);
        let mut at_place = None;
        let scanned =
            never_stopped(
                log.scan(ScanRange::ALL, ScanOptions::CHECK, |entry, place| {
                    if Some(entry.seq) == wanted {
                        at_place = Some(LogPosition {
                            offset: place.end,
                            seq: entry.seq,
                            hash: entry.hash,
                            at: entry.at,
                        });
                    }
                    Ok(())
                }),
            )?;
        let Some(position) = self.position else {
            return Ok(scanned);
        };
        let found = match at_place {
            Some(found) if found.hash == position.hash => {
                self.position = Some(found);
                return Ok(scanned);
            }
            Some(found) => Break::Other { hash: found.hash },
            None => Break::Cut {
                head: scanned.last.map(|position| position.seq),
            },
        };
        Err(LedgerError::NotContinued {
            path: self.path.clone(),
            seq: position.seq,
            hash: Box::new(position.hash),
            found: Box::new(found),
        })
    }
}

#[cfg(test)]
mod tests;
