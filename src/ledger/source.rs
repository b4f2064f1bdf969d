//! Where a log is: in a file, or on an engine. Both are opened, recorded in and followed alike.

use std::path::{Path, PathBuf};

use super::engine::EngineLog;
use super::transaction::{LogState, Transaction};
use super::{LedgerError, Outcome, RecordOptions};
use crate::accounts::Request;
use crate::log::{LockWaiter, LogError, LogReader, Refreshed};

/// Where a log is.
pub enum LogSource {
    /// In a file.
    File(PathBuf),
    /// On an engine, with a mirror on this machine.
    Engine(Box<EngineLog>),
}

/// With more keys than this in memory, the state is loaded again, since a checkpoint may have them.
const MOST_KEYS: usize = 1 << 20;

/// Records groups of requests, one after the other. Other processes may write between two groups; the
/// state is kept, so that only what they wrote is read.
#[derive(Default)]
pub struct Recorder {
    kept: Option<LogState>,
}

impl LogSource {
    /// The log's path, or its name on the engine in place of one.
    pub fn path(&self) -> PathBuf {
        match self {
            LogSource::File(path) => path.clone(),
            LogSource::Engine(engine) => engine.path(),
        }
    }

    /// The file, if the log is in one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            LogSource::File(path) => Some(path),
            LogSource::Engine(_) => None,
        }
    }

    /// The engine, if the log is on one.
    pub fn engine(&mut self) -> Option<&mut EngineLog> {
        match self {
            LogSource::File(_) => None,
            LogSource::Engine(engine) => Some(engine),
        }
    }

    /// Opens the log for reading as it is now.
    ///
    /// # Errors
    /// [`LedgerError::NoLedger`] if there is none, otherwise the error of the log or the engine.
    pub fn open(&mut self, waiter: &mut dyn LockWaiter) -> Result<LogReader, LedgerError> {
        match self {
            LogSource::File(path) => match LogReader::open(path, waiter) {
                Err(LogError::NotFound { path }) => Err(LedgerError::NoLedger {
                    path,
                    torn_bytes: 0,
                }),
                log => Ok(log?),
            },
            LogSource::Engine(engine) => engine.open(),
        }
    }

    /// Looks at the log again.
    ///
    /// # Errors
    /// As [`LogSource::open`].
    pub fn refresh(
        &mut self,
        log: &LogReader,
        waiter: &mut dyn LockWaiter,
    ) -> Result<Refreshed, LedgerError> {
        match self {
            LogSource::File(_) => match log.refresh(waiter) {
                Err(LogError::NotFound { path }) => Err(LedgerError::NoLedger {
                    path,
                    torn_bytes: 0,
                }),
                refreshed => Ok(refreshed?),
            },
            LogSource::Engine(engine) => engine.refresh(log),
        }
    }

    /// Records requests, and returns after they were synced.
    ///
    /// # Errors
    /// [`LedgerError`]; nothing was written unless the outcome is unknown.
    pub fn record(
        &mut self,
        requests: &[Request],
        options: &mut RecordOptions<'_>,
    ) -> Result<Outcome, LedgerError> {
        Ok(self.transact(requests, None, false, options)?.0)
    }

    fn transact(
        &mut self,
        requests: &[Request],
        kept: Option<LogState>,
        keeps: bool,
        options: &mut RecordOptions<'_>,
    ) -> Result<(Outcome, Option<LogState>), LedgerError> {
        let path = self.path();
        let transaction = Transaction {
            path: &path,
            requests,
            keeps,
        };
        match self {
            LogSource::File(_) => transaction.run(kept, options),
            LogSource::Engine(engine) => transaction.run_on(engine, kept, options),
        }
    }
}

impl Recorder {
    /// Records a group of requests with one sync, and returns after it. The lock is held no longer.
    ///
    /// # Errors
    /// As [`LogSource::record`].
    pub fn record(
        &mut self,
        source: &mut LogSource,
        requests: &[Request],
        options: &mut RecordOptions<'_>,
    ) -> Result<Outcome, LedgerError> {
        let (outcome, kept) = source.transact(requests, self.kept.take(), true, options)?;
        self.kept =
            kept.filter(|kept| kept.key_count() <= MOST_KEYS || options.checkpoints.is_none());
        Ok(outcome)
    }
}
