//! [`Reversals`]: which events cancel out an earlier one.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use hashbrown::{HashMap, HashSet};

use crate::accounts::opposite;
use crate::event::{Event, Record};

/// Finds the event that each reversal cancels out. In a log that breaks the rules a reversal may not be
/// the opposite of what it names, or not be the first: it cancels out nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Reversals {
    /// A digest of what reverses each event that moved money.
    opposites: HashMap<u64, u64>,
    reversed: HashSet<u64>,
}

impl Reversals {
    /// Takes the next event, and returns the number of the one that it cancels out.
    pub(super) fn take(&mut self, record: &Record<'_>) -> Option<u64> {
        let event = &record.event;
        if let Some(opposite) = opposite(event) {
            self.opposites.insert(record.seq, digest(&opposite));
        }
        let target = record.reverses()?;
        let is_opposite = self.opposites.get(&target) == Some(&digest(event));
        (is_opposite && self.reversed.insert(target)).then_some(target)
    }
}

/// A digest of what an event moves. Two movements that differ have the same one only by a chance that
/// does not matter: a log in which that is seen breaks the rules.
fn digest(event: &Event<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    event.kind().hash(&mut hasher);
    for posting in event.postings() {
        posting.account.hash(&mut hasher);
        posting.change.hash(&mut hasher);
        posting.currency.hash(&mut hasher);
    }
    hasher.finish()
}
