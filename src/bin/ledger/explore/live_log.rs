//! The log while it is explored: its index, and its events when they are shown.

use std::cell::RefCell;

use event_ledger::event::Entry;
use event_ledger::ledger::{LedgerError, ReadOptions, Reader, Subscription};
use event_ledger::replay::Cutoff;
use event_ledger::time::Timestamp;
use hashbrown::HashMap;

use super::index::{LogIndex, TooManyEvents};
use super::search::matches;
use super::state::{EventSource, LogView};
use super::update::Input;
use crate::failure::Failure;

/// How many events are kept, so that a screen is drawn without reading.
const KEPT: usize = 4096;

/// The log while it is explored.
pub(super) struct LiveLog {
    pub(super) follower: Subscription,
    index: LogIndex,
    kept: RefCell<HashMap<u32, Entry<'static>>>,
    name: String,
    pub(super) now: Timestamp,
}

/// Why the log could not be read.
enum ReadStopped {
    Ledger(LedgerError),
    TooMany(TooManyEvents),
}

impl From<LedgerError> for ReadStopped {
    fn from(error: LedgerError) -> ReadStopped {
        ReadStopped::Ledger(error)
    }
}

impl From<ReadStopped> for anyhow::Error {
    fn from(stopped: ReadStopped) -> anyhow::Error {
        match stopped {
            ReadStopped::Ledger(error) => error.into(),
            ReadStopped::TooMany(error) => Failure::io(error.to_string()).into(),
        }
    }
}

impl LiveLog {
    pub(super) fn read(reading: Reader, name: String, now: Timestamp) -> anyhow::Result<LiveLog> {
        let mut index = LogIndex::default();
        let options = ReadOptions {
            ignores_notes: true,
            ..ReadOptions::default()
        };
        let replayed =
            reading.scan::<ReadStopped>(Cutoff::default(), None, options, |entry, _, _| {
                index.push(entry).map_err(ReadStopped::TooMany)
            })?;
        index.settle();
        Ok(LiveLog {
            follower: Subscription::after(reading, replayed),
            index,
            kept: RefCell::default(),
            name,
            now,
        })
    }

    pub(super) fn view(&self) -> LogView<'_> {
        LogView {
            index: &self.index,
            events: self,
            zone: self.follower.zone(),
            name: &self.name,
            now: self.now,
        }
    }

    /// Takes in what was recorded since. The events that hold the text of a search are its hits.
    pub(super) fn grow(&mut self, search: Option<&str>) -> anyhow::Result<Input> {
        let before = self.index.len();
        let index = &mut self.index;
        let mut hits = Vec::new();
        self.follower.take::<ReadStopped>(|entry, _, _| {
            let is_hit = search.is_some_and(|text| matches(entry, text));
            if let (true, Ok(seq)) = (is_hit, u32::try_from(entry.seq)) {
                hits.push(seq);
            }
            index.push(entry).map_err(ReadStopped::TooMany)
        })?;
        self.index.settle();
        Ok(Input::Grown { before, hits })
    }
}

impl EventSource for LiveLog {
    fn event(&self, seq: u32) -> Option<Entry<'static>> {
        if let Some(entry) = self.kept.borrow().get(&seq) {
            return Some(entry.clone());
        }
        let entry = self.follower.entry(u64::from(seq)).ok()??;
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(seq, entry.clone());
        Some(entry)
    }
}
