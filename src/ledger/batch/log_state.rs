//! The state at the end of a log, kept between the groups of a stream, so that the log is not read
//! again for each group.

use std::path::Path;

use hashbrown::HashMap;

use crate::accounts::{Request, State};
use crate::checkpoint::CheckpointError;
use crate::event::{AccountName, Entry, Event};
use crate::ledger::LedgerError;
use crate::log::{LogReader, ScanError, ScanOptions, ScanRange, Scanned, Tail};
use crate::time::Zone;

use super::Batch;
use super::loaded_state::{LoadedState, first_under};

/// The keys of logged events, each with the first event that was recorded under it.
pub(super) type KeyIndex = HashMap<Box<str>, u64>;

/// The state at the end of a log. It is valid only for this log and this end.
pub(in crate::ledger) struct LogState {
    pub(super) state: State,
    pub(super) loaded: Option<LoadedState>,
    pub(super) zone: Zone,
    pub(super) end: Scanned,
    pub(super) version: u64,
    pub(super) keys: KeyIndex,
}

/// Why a kept state cannot be continued.
enum NotContinued {
    /// The log or the checkpoint must be read again, which also tells what is wrong with it.
    ReadAgain,
}

impl From<CheckpointError> for NotContinued {
    fn from(_: CheckpointError) -> NotContinued {
        NotContinued::ReadAgain
    }
}

impl LogState {
    /// How many keys are held in memory.
    pub(in crate::ledger) fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// The same after these lines were appended; nothing if the log was empty before.
    pub(super) fn after(
        mut self,
        entries: impl Iterator<Item = Entry<'static>>,
        length: u64,
    ) -> LogState {
        let last = entries
            .inspect(|entry| {
                note_in(&mut self.keys, entry);
                self.version = entry.version().max(self.version);
            })
            .last();
        if let Some(last) = last {
            self.end = Scanned {
                last: Some(crate::log::LogPosition {
                    offset: length,
                    seq: last.seq,
                    hash: last.hash,
                    at: last.at,
                }),
                tail: Tail::Clean,
            };
        }
        self
    }
}

/// Keeps the first event under each key.
pub(super) fn note_in(keys: &mut KeyIndex, entry: &Entry<'_>) {
    if let Some(key) = &entry.key
        && !keys.contains_key(key.as_str())
    {
        keys.insert(key.as_str().into(), entry.seq);
    }
}

impl<'l> Batch<'l> {
    /// The batch on a log from a kept state of it on; `None` if the log does not continue after it.
    pub(in crate::ledger) fn resume(
        kept: LogState,
        log: &'l LogReader,
        path: &Path,
        requests: &[Request],
    ) -> Result<Option<Batch<'l>>, LedgerError> {
        let mut batch = Batch::blank(path);
        batch.log = Some(log);
        batch.state = kept.state;
        batch.loaded = kept.loaded;
        batch.zone = kept.zone;
        batch.end = kept.end;
        batch.version = kept.version;
        batch.index = Some(kept.keys);
        if batch.catch_up(log).is_err() {
            return Ok(None);
        }
        for key in Batch::keys(requests) {
            if let Some(first) = batch.logged_under(key, log)? {
                batch.keyed.insert(key.to_owned(), Box::new(first));
            }
        }
        Ok(Some(batch))
    }

    /// Applies what other processes have appended since.
    fn catch_up(&mut self, log: &LogReader) -> Result<(), NotContinued> {
        let end = self.end.last.ok_or(NotContinued::ReadAgain)?;
        let position = log.locate(&end).ok().flatten();
        let position = position.ok_or(NotContinued::ReadAgain)?;
        let redactions = self.state.commitments().redactions();
        let redacted: Vec<u64> = redactions.map(|(_, event)| event).collect();
        if !log.knows_erased(&position, &redacted).unwrap_or(false) {
            return Err(NotContinued::ReadAgain);
        }
        let scanned = log.scan(
            ScanRange::after(Some(position)),
            ScanOptions::default(),
            |entry, _| self.apply_foreign(entry),
        );
        match scanned {
            Ok(scanned) => {
                self.end = scanned;
                Ok(())
            }
            Err(ScanError::Log(_) | ScanError::Stopped(_)) => Err(NotContinued::ReadAgain),
        }
    }

    /// Applies an event of another process.
    fn apply_foreign(&mut self, entry: &Entry<'_>) -> Result<(), NotContinued> {
        if matches!(entry.event, Event::Redact { .. }) {
            // Lines were changed, and with them the offsets that the checkpoint holds.
            return Err(NotContinued::ReadAgain);
        }
        for name in entry.event.accounts().map(AccountName::as_str) {
            self.load_account(name)
                .map_err(|_| NotContinued::ReadAgain)?;
        }
        if let Some(index) = &mut self.index {
            note_in(index, entry);
        }
        self.version = entry.version().max(self.version);
        self.state.apply(entry).map_err(|_| NotContinued::ReadAgain)
    }

    /// The logged event that was recorded first under a key.
    fn logged_under(
        &self,
        key: &str,
        log: &LogReader,
    ) -> Result<Option<Entry<'static>>, LedgerError> {
        if let Some(loaded) = &self.loaded
            && let Some(first) = first_under(log, loaded.checkpoint(), key)?
        {
            return Ok(Some(first));
        }
        match self.index.as_ref().and_then(|index| index.get(key)) {
            Some(seq) => Ok(log.entry(*seq)?),
            None => Ok(None),
        }
    }
}
