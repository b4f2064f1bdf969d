//! Which events count: until when they took effect, until when they were known, and without which.

use crate::event::Record;
use crate::time::Timestamp;

/// A moment, by the clock or by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// An instant, inclusive.
    Time(Timestamp),
    /// An event's number, inclusive.
    Seq(u64),
}

impl Bound {
    fn is_reached(self, time: Timestamp, seq: u64) -> bool {
        match self {
            Bound::Time(bound) => time <= bound,
            Bound::Seq(bound) => seq <= bound,
        }
    }

    pub(super) fn is_begun(self, time: Timestamp, seq: u64) -> bool {
        match self {
            Bound::Time(bound) => time >= bound,
            Bound::Seq(bound) => seq >= bound,
        }
    }
}

/// Which events are known, counted and shown. The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cutoff {
    /// Counts what took effect until then.
    pub until: Option<Bound>,
    /// Knows what was recorded until then.
    pub known_at: Option<Bound>,
    /// Shows what took effect from then on; hides, but counts, what did before.
    pub since: Option<Bound>,
    /// Counts as if these events had not happened, sorted by number. What refers to them is left out
    /// too: a fold finds it while it reads.
    pub without: Vec<u64>,
}

impl Cutoff {
    /// True if this was recorded by then.
    pub fn knows(&self, record: &Record<'_>) -> bool {
        self.knows_at(record.at, record.seq)
    }

    /// True if the event with this number, recorded then, is known.
    pub fn knows_at(&self, at: Timestamp, seq: u64) -> bool {
        let known_at = self.known_at;
        known_at.is_none_or(|bound| bound.is_reached(at, seq))
    }

    /// True if this was known and had taken effect by then, and is not named as left out.
    pub fn counts(&self, record: &Record<'_>) -> bool {
        let until = self.until;
        self.knows(record)
            && self.without.binary_search(&record.seq).is_err()
            && until.is_none_or(|bound| bound.is_reached(record.took_effect(), record.seq))
    }

    /// True if this counts and is in the requested range.
    pub fn shows(&self, record: &Record<'_>) -> bool {
        let since = self.since;
        self.counts(record)
            && since.is_none_or(|bound| bound.is_begun(record.took_effect(), record.seq))
    }

    /// True if every event counts, so that the state of the whole log is the answer.
    pub fn counts_everything(&self) -> bool {
        self.until.is_none() && self.known_at.is_none() && self.without.is_empty()
    }
}

#[cfg(test)]
mod tests;
