//! A batch on a kept state of the log, and what other processes appended since.

use std::path::Path;

use crate::accounts::Request;
use crate::checkpoint::CheckpointError;
use crate::event::{AccountName, Entry, Event};
use crate::ledger::LedgerError;
use crate::log::{LogReader, ScanError, ScanOptions, ScanRange};

use super::key_index::note_in;
use super::loaded_state::first_under;
use super::{Batch, LogState};

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
