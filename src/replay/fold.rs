//! The fold: entries in order of their numbers, each either counted or not.

use hashbrown::HashMap;

use crate::accounts::{Overflow, State};
use crate::event::{Entry, Event, Hash};
use crate::money::Currency;
use crate::time::Instant;

use super::Cutoff;

/// How far a fold has come: what a later one needs to go on from there.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// What the counted events add up to.
    pub state: State,
    /// How many were counted; the first line is none.
    pub events: u64,
    /// The last entry that was known: number, hash, when it was recorded.
    pub last: Option<(u64, Hash, Instant)>,
    /// How many of the counted take effect after now.
    pub future: u64,
}

/// Folds entries one at a time.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    cutoff: Cutoff,
    now: Option<Instant>,
    progress: Progress,
    /// Accounts of known entries that were not counted, with what they hold.
    uncounted: HashMap<Box<str>, Option<Currency>>,
}

impl Replay {
    /// A fold from the first line on. Without `now` no event lies in the future.
    pub fn new(cutoff: Cutoff, now: Option<Instant>) -> Replay {
        Replay::resume(cutoff, now, Progress::default())
    }

    /// A fold that goes on from where one with the same cutoff had come.
    pub fn resume(cutoff: Cutoff, now: Option<Instant>, progress: Progress) -> Replay {
        Replay {
            cutoff,
            now,
            progress,
            uncounted: HashMap::new(),
        }
    }

    /// Takes the next entry and says whether it counted. The first line is what the ledger is, not
    /// what happened in it: it is taken whatever the cutoff.
    ///
    /// # Errors
    /// [`Overflow`] where a balance does not fit; the entry did not count then.
    pub fn take(&mut self, entry: &Entry<'_>) -> Result<bool, Overflow> {
        let is_first_line = matches!(entry.event, Event::Ledger(_));
        if !is_first_line && !self.cutoff.counts(entry) {
            if self.cutoff.knows(entry) {
                self.progress.last = Some((entry.seq, entry.hash, entry.at));
                self.note_uncounted(entry);
            }
            return Ok(false);
        }
        self.progress.state.apply(entry)?;
        self.progress.last = Some((entry.seq, entry.hash, entry.at));
        if !is_first_line {
            self.progress.events = self.progress.events.saturating_add(1);
            if self.now.is_some_and(|now| entry.took_effect() > now) {
                self.progress.future = self.progress.future.saturating_add(1);
            }
        }
        Ok(true)
    }

    fn note_uncounted(&mut self, entry: &Entry<'_>) {
        let said = match &entry.event {
            Event::Open { currency, .. } | Event::Transfer { currency, .. } => *currency,
            Event::Deposit(movement) | Event::Withdraw(movement) => movement.currency,
            Event::Ledger(_) | Event::Limit { .. } | Event::Close { .. } => None,
        };
        for name in entry.event.accounts() {
            match self.uncounted.get_mut(name.as_str()) {
                Some(holds) => *holds = holds.or(said),
                None => drop(self.uncounted.insert(name.as_str().into(), said)),
            }
        }
    }

    /// What the counted events add up to.
    pub fn state(&self) -> &State {
        &self.progress.state
    }

    /// The same, with the rest let go.
    pub fn into_state(self) -> State {
        self.progress.state
    }

    /// How far this has come.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The cutoff that this was made with.
    pub fn cutoff(&self) -> &Cutoff {
        &self.cutoff
    }

    /// How many events were counted; the first line is none.
    pub fn events(&self) -> u64 {
        self.progress.events
    }

    /// The last entry that was known, the first line included: number, hash, when it was recorded.
    pub fn last(&self) -> Option<(u64, Hash, Instant)> {
        self.progress.last
    }

    /// How many counted events take effect after now.
    pub fn future(&self) -> u64 {
        self.progress.future
    }

    /// The currency of an account that exists in what was known, counted or not; `None` where it
    /// does not.
    pub fn known_account(&self, name: &str) -> Option<Option<Currency>> {
        let counted = self.progress.state.account(name);
        let uncounted = self.uncounted.get(name).copied();
        match counted {
            Some(account) => Some(account.currency.or(uncounted.flatten())),
            None => uncounted,
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
mod tests;
