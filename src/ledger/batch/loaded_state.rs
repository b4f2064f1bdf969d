//! The state of a log with a checkpoint: the checkpoint, and the events after it.

use hashbrown::HashSet;

use crate::accounts::{Settings, State};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::event::Entry;
use crate::log::LogReader;

/// A checkpoint, and what came after it.
pub(super) struct LoadedState {
    pub(super) checkpoint: Checkpoint,
    pub(super) tail: State,
    pub(super) settings: Settings,
    pub(super) looked_up: LookedUp,
}

/// What was looked up in a checkpoint, found or not, and is in the state.
#[derive(Clone, Debug, Default)]
pub(super) struct LookedUp {
    pub(super) accounts: HashSet<Box<str>>,
    pub(super) has_all_accounts: bool,
    /// The events whose reversal was looked up.
    pub(super) reversals: HashSet<u64>,
    /// The events under which commitments were looked up.
    pub(super) commitments: HashSet<u64>,
}

impl LoadedState {
    pub(super) fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// What was looked up; it belongs to the state that it was put in.
    pub(super) fn looked_up(&self) -> &LookedUp {
        &self.looked_up
    }

    /// Goes back to a state in which only this had been looked up.
    pub(super) fn forget_all_but(&mut self, looked_up: LookedUp) {
        self.looked_up = looked_up;
    }

    /// Adds an account, as it is at the end of the log, to a state.
    pub(super) fn put(&self, name: &str, state: &mut State) -> Result<(), CheckpointError> {
        let later = self.tail.account(name);
        if let Some(account) = self.checkpoint.account(name)? {
            state.put_account(name, account);
            state.put_outstanding(name, self.checkpoint.outstanding(name)?);
        }
        let join = |later| state.join_account(name, later, self.settings.of(name));
        if later.is_none_or(join) {
            Ok(())
        } else {
            Err(CheckpointError::Wrong("its accounts cannot be joined"))
        }
    }
}

/// The first event that was recorded under a key.
pub(super) fn first_under(
    log: &LogReader,
    checkpoint: &Checkpoint,
    key: &str,
) -> Result<Option<Entry<'static>>, CheckpointError> {
    for offset in checkpoint.lines_under(key)? {
        let (entry, _) = log
            .checked_at(offset)?
            .ok_or(CheckpointError::Wrong("the log is not what it was"))?;
        if entry.key.as_ref().is_some_and(|own| own.as_str() == key) {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}
