//! The state at the end of a log, kept between the groups of a stream, so that the log is not read
//! again for each group.

use crate::accounts::State;
use crate::event::Entry;
use crate::log::{Scanned, Tail};
use crate::time::Zone;

use super::key_index::{KeyIndex, note_in};
use super::loaded_state::LoadedState;

/// The state at the end of a log. It is valid only for this log and this end.
pub(in crate::ledger) struct LogState {
    pub(super) state: State,
    pub(super) loaded: Option<LoadedState>,
    pub(super) zone: Zone,
    pub(super) end: Scanned,
    pub(super) version: u64,
    pub(super) keys: KeyIndex,
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
