//! A log on an engine: reads go through its local mirror, and an append is decided again if another
//! machine was faster.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::random::random;
use super::{EngineError, LedgerError};
use crate::event::Entry;
use crate::log::{LogReader, Refreshed, are_same_events, continues, decode, without_notes};
use crate::remote::{
    AppendPosition, Clock, Deadline, EngineHead, LogName, Mirror, NotAppended, Seen, Settled,
    SettledAppend, Store, StoreError,
};
use crate::time::Timestamp;

/// The first pause after a conflict, and the longest.
const SHORTEST_PAUSE: Duration = Duration::from_micros(300);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// How long a program that follows a log waits for one answer: it asks again later.
const REFRESH_WAIT: Duration = Duration::from_secs(2);
/// How far the engine's clock may be from this machine's.
const MOST_CLOCK_SECONDS: u64 = 300;

/// A log on an engine, with its mirror on this machine.
pub struct EngineLog {
    store: Box<dyn Store>,
    clock: Arc<dyn Clock>,
    /// The directory of mirrors.
    cache: PathBuf,
    /// How long one operation may take.
    wait: Duration,
    is_offline: bool,
    takes_any_clock: bool,
    /// When the mirror was synced that was read last.
    as_of: Option<SystemTime>,
    /// How far it went.
    synced: AppendPosition,
}

/// The locked mirror as a log. What the engine had when it was synced is in it.
pub(super) struct Mirrored {
    pub(super) mirror: Mirror,
    /// The log; `None` if it has no line.
    pub(super) log: Option<LogReader>,
    head: EngineHead,
}

/// An append of an earlier command whose outcome was unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledEvents {
    /// Its events.
    pub entries: Vec<Entry<'static>>,
    /// True if they were recorded; false if they never will be.
    pub is_recorded: bool,
}

impl EngineLog {
    /// A log of this store. Mirrors are below the directory `cache`; an operation may take `wait`.
    pub fn new(
        store: Box<dyn Store>,
        clock: Arc<dyn Clock>,
        cache: PathBuf,
        wait: Duration,
    ) -> EngineLog {
        EngineLog {
            store,
            clock,
            cache,
            wait,
            is_offline: false,
            takes_any_clock: false,
            as_of: None,
            synced: AppendPosition::START,
        }
    }

    /// The same, which reads the mirror without a connection.
    #[must_use]
    pub fn offline(self, is_offline: bool) -> EngineLog {
        EngineLog { is_offline, ..self }
    }

    /// The same, which records even if this machine's clock is far from the engine's.
    #[must_use]
    pub fn taking_any_clock(self, takes_any_clock: bool) -> EngineLog {
        EngineLog {
            takes_any_clock,
            ..self
        }
    }

    /// True if the mirror is read without a connection.
    pub(super) fn is_offline(&self) -> bool {
        self.is_offline
    }

    /// The log's name for messages.
    pub fn log_name(&self) -> &LogName {
        self.store.log_name()
    }

    /// The engine itself.
    pub fn store(&mut self) -> &mut dyn Store {
        self.store.as_mut()
    }

    /// The same as a path, for messages that name a log by its path.
    pub(super) fn path(&self) -> PathBuf {
        Path::new(self.log_name().as_str()).to_owned()
    }

    /// The moment of the engine's clock at which the mirror was synced that was read last.
    pub fn as_of(&self) -> Option<SystemTime> {
        self.as_of
    }

    /// How far the log went that was opened last.
    pub(super) fn synced(&self) -> AppendPosition {
        self.synced
    }

    /// The end of an operation that starts now.
    pub fn deadline(&self) -> Deadline {
        let now = self.clock.now();
        Deadline::at(now.checked_add(self.wait).unwrap_or(now))
    }

    /// Makes the empty log, unless it is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn create(&mut self, replicas: u8) -> Result<(), EngineError> {
        let until = self.deadline();
        self.store.create(replicas, until)?;
        Ok(())
    }

    /// Opens the log for reading, as it is on the engine now.
    ///
    /// # Errors
    /// [`LedgerError::Engine`]; [`LedgerError::NoLedger`] if it has no line.
    pub fn open(&mut self) -> Result<LogReader, LedgerError> {
        if self.is_offline {
            return self.open_mirror();
        }
        let until = self.deadline();
        let mirrored = self.sync(until)?;
        self.as_of = mirrored.head.time;
        self.synced = mirrored.mirror.synced().position;
        mirrored.log.ok_or_else(|| self.no_ledger())
    }

    /// Opens the mirror as it is.
    fn open_mirror(&mut self) -> Result<LogReader, LedgerError> {
        let log_name = self.log_name().clone();
        let found = Mirror::find(&self.cache, &log_name).into_iter().next();
        let (path, synced) = found.ok_or(EngineError::NoMirror { log_name })?;
        self.as_of = synced.time;
        Ok(LogReader::open_prefix(&path, synced.bytes)?)
    }

    /// Opens the log again, compared with an earlier reader of it.
    ///
    /// # Errors
    /// As [`EngineLog::open`].
    pub fn refresh(&mut self, earlier: &LogReader) -> Result<Refreshed, LedgerError> {
        let wait = self.wait;
        self.wait = wait.min(REFRESH_WAIT);
        let log = self.open();
        self.wait = wait;
        let log = log?;
        Ok(earlier.compare(log)?)
    }

    /// Locks the mirror and updates it to the engine's head.
    ///
    /// A mirror that gets a redaction is fetched again: notes may be erased on the engine by now.
    pub(super) fn sync(&mut self, mut until: Deadline) -> Result<Mirrored, EngineError> {
        let store = self.store.as_mut();
        let clock = self.clock.as_ref();
        let first = store.head(until)?;
        let log_name = store.log_name().clone();
        let mut mirror = Mirror::open(&self.cache, &log_name, &first.identity, until, clock)?;
        let mut start = mirror.synced().bytes;
        let head = loop {
            let before = mirror.synced().position;
            match mirror.sync(store, first.clone(), &mut check, until, clock) {
                Ok(_) if has_redaction(&mirror, start) => {
                    mirror.discard()?;
                    start = 0;
                }
                Ok(head) => break head,
                // A long log may take longer than one operation, as long as it arrives.
                Err(StoreError::Unreachable { .. }) if mirror.synced().position > before => {
                    let now = clock.now();
                    until = Deadline::at(now.checked_add(self.wait).unwrap_or(now));
                }
                Err(error) => return Err(error.into()),
            }
        };
        let bytes = mirror.synced().bytes;
        let log = (bytes > 0)
            .then(|| LogReader::open_prefix(&mirror.path(), bytes))
            .transpose()
            .map_err(|error| StoreError::Refused {
                log_name,
                problem: error.to_string(),
            })?;
        Ok(Mirrored { mirror, log, head })
    }

    /// Empties the mirror, which is fetched again when it is needed next.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub fn discard_mirror(&mut self) -> Result<(), EngineError> {
        let until = self.deadline();
        let head = self.store.head(until)?;
        let log_name = self.store.log_name().clone();
        let clock = self.clock.as_ref();
        let mut mirror = Mirror::open(&self.cache, &log_name, &head.identity, until, clock)?;
        Ok(mirror.discard()?)
    }

    /// True if this is the log of one of this machine's mirrors.
    pub fn is_mirror(&self, path: &Path) -> bool {
        path.starts_with(&self.cache) && path.file_name().is_some_and(|name| name == "log.jsonl")
    }

    /// Refuses to record if the clocks are far apart: every later event would get the wrong time.
    pub(super) fn check_clock(
        &self,
        mirrored: &Mirrored,
        now: Option<Timestamp>,
    ) -> Result<(), EngineError> {
        let there = mirrored.head.time.and_then(Timestamp::from_system);
        let (Some(here), Some(there)) = (now, there) else {
            return Ok(());
        };
        let apart = here.unix_micros().abs_diff(there.unix_micros());
        if self.takes_any_clock || apart <= MOST_CLOCK_SECONDS.saturating_mul(1_000_000) {
            return Ok(());
        }
        let log_name = self.log_name().clone();
        Err(EngineError::WrongClock {
            log_name,
            here,
            there,
        })
    }

    /// The appends on the engine that have notes of these events, without those notes.
    pub(super) fn without_notes(
        &mut self,
        mirrored: &Mirrored,
        events: &[u64],
        until: Deadline,
    ) -> Result<Vec<(AppendPosition, Vec<u8>)>, EngineError> {
        let events = events.iter().copied().collect();
        let mut replaced = Vec::new();
        let head = mirrored.mirror.synced().position;
        self.store
            .fetch(AppendPosition::START.next(), head, until, &mut |fetched| {
                let new = without_notes(fetched.lines, &events);
                replaced.extend(new.map(|new| (fetched.position, new)));
                ControlFlow::Continue(())
            })?;
        Ok(replaced)
    }

    /// Appends lines to the engine and the mirror, and replaces the lines of earlier appends; false if
    /// another machine was faster.
    pub(super) fn append(
        &mut self,
        mirrored: &mut Mirrored,
        lines: &[u8],
        replaced: &[(AppendPosition, Vec<u8>)],
        until: Deadline,
    ) -> Result<bool, EngineError> {
        let (store, clock) = (self.store.as_mut(), self.clock.as_ref());
        match mirrored.mirror.append(store, lines, replaced, until, clock) {
            Ok(_) => {
                if !replaced.is_empty() {
                    // If that fails, the next command does it.
                    let _ = mirrored.mirror.discard();
                }
                Ok(true)
            }
            Err(NotAppended::Conflict) => Ok(false),
            Err(NotAppended::NotRecorded(error)) => Err(EngineError::Store(error)),
            Err(NotAppended::Unknown(error)) => Err(EngineError::OutcomeUnknown(error)),
        }
    }

    /// What became of the appends that earlier commands left unknown.
    pub(super) fn settle(
        &mut self,
        mirrored: &mut Mirrored,
        until: Deadline,
    ) -> Result<Vec<SettledEvents>, EngineError> {
        let settled = mirrored.mirror.settle_kept(self.store.as_mut(), until)?;
        Ok(settled.into_iter().map(SettledEvents::from).collect())
    }

    /// Pauses after a conflict; an error once the deadline has passed.
    pub(super) fn back_off(
        &self,
        pause: &mut ConflictPause,
        until: Deadline,
    ) -> Result<(), LedgerError> {
        let left = until.left(self.clock.as_ref());
        if left.is_zero() {
            let log_name = self.log_name().clone();
            return Err(EngineError::Contended { log_name }.into());
        }
        self.clock.pause(pause.next()?.min(left));
        Ok(())
    }

    pub(super) fn no_ledger(&self) -> LedgerError {
        LedgerError::NoLedger {
            path: self.path(),
            torn_bytes: 0,
        }
    }
}

/// Checks what is fetched.
fn check(seen: Seen<'_>, lines: &[u8]) -> Result<(), String> {
    match seen {
        Seen::Before(line) => continues(line, lines),
        Seen::Same(before) if are_same_events(before, lines) => Ok(()),
        Seen::Same(_) => Err("this machine has seen another one".to_owned()),
    }
}

/// True if the lines of a mirror from an offset on redact events. A log that cannot be read is left to
/// its reader.
fn has_redaction(mirror: &Mirror, from: u64) -> bool {
    if from == 0 || from >= mirror.synced().bytes {
        return false;
    }
    let log = LogReader::open_prefix(&mirror.path(), mirror.synced().bytes);
    let erased = log.and_then(|log| log.erased_from(from));
    erased.is_ok_and(|events| !events.is_empty())
}

impl From<SettledAppend> for SettledEvents {
    fn from(settled: SettledAppend) -> SettledEvents {
        let lines = settled.lines.split(|byte| *byte == b'\n');
        let entries = lines.filter_map(|line| decode(line).ok());
        SettledEvents {
            entries: entries.map(Entry::into_owned).collect(),
            is_recorded: matches!(settled.outcome, Settled::Recorded(_)),
        }
    }
}

/// The growing pause after conflicts, of random length, so that machines do not keep meeting.
pub(super) struct ConflictPause(Duration);

impl Default for ConflictPause {
    fn default() -> ConflictPause {
        ConflictPause(SHORTEST_PAUSE)
    }
}

impl ConflictPause {
    /// Between half of the current pause and all of it.
    fn next(&mut self) -> Result<Duration, LedgerError> {
        let [number, ..] = random()?;
        let half = self.0.checked_div(2).unwrap_or(self.0);
        let part = half.saturating_mul(u32::from(number)).checked_div(256);
        let pause = half.saturating_add(part.unwrap_or(half));
        self.0 = self.0.saturating_mul(2).min(LONGEST_PAUSE);
        Ok(pause)
    }
}
