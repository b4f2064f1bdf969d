//! The log while it is explored: its index, and its events when they are shown.

use std::cell::RefCell;

use event_ledger::event::Entry;
use event_ledger::ledger::{ReadOptions, Reader, Subscription};
use event_ledger::replay::Cutoff;
use event_ledger::time::Timestamp;
use hashbrown::HashMap;

use super::index::LogIndex;
use super::search::matches;
use super::state::{EventSource, LogView};
use super::update::Grown;

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

impl LiveLog {
    pub(super) fn read(reading: Reader, name: String, now: Timestamp) -> anyhow::Result<LiveLog> {
        let mut index = LogIndex::default();
        let options = ReadOptions {
            ignores_notes: true,
            ..ReadOptions::default()
        };
        let replayed =
            reading.scan::<anyhow::Error>(Cutoff::default(), None, options, |entry, _, _| {
                Ok(index.push(entry)?)
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
    pub(super) fn grow(&mut self, search: Option<&str>) -> anyhow::Result<Grown> {
        let before = self.index.len();
        let index = &mut self.index;
        let mut hits = Vec::new();
        self.follower.take::<anyhow::Error>(|entry, _, _| {
            let is_hit = search.is_some_and(|text| matches(entry, text));
            if let (true, Ok(seq)) = (is_hit, u32::try_from(entry.seq)) {
                hits.push(seq);
            }
            Ok(index.push(entry)?)
        })?;
        self.index.settle();
        Ok(Grown { before, hits })
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
