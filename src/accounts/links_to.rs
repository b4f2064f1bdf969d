//! [`LinksTo`]: the later events that refer to an event.

use super::hold::Settlement;
use super::state::State;

/// The later events that refer to an event, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinksTo {
    /// The event that reverses it.
    pub reversed_by: Option<u64>,
    /// The captures of it, if it is a hold.
    pub captured_by: Vec<u64>,
    /// The releases of it, if it is a hold.
    pub released_by: Vec<u64>,
    /// The event that stands in its place.
    pub corrected_by: Option<u64>,
    /// Its refunds, also those that were reversed.
    pub refunded_by: Vec<u64>,
}

impl LinksTo {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = u64> {
        let [reversed, corrected] = [self.reversed_by, self.corrected_by];
        let settled = self.captured_by.iter().chain(&self.released_by);
        let several = settled.chain(&self.refunded_by).copied();
        reversed.into_iter().chain(corrected).chain(several)
    }
}

impl State {
    /// The later events that refer to this one, as far as they were applied.
    pub fn links_to(&self, seq: u64) -> LinksTo {
        let commitments = self.commitments();
        let hold = commitments.hold(seq);
        let settlements = hold.map_or(&[][..], |hold| hold.settlements.as_slice());
        let numbers = |is_wanted: fn(&Settlement) -> bool| {
            let wanted = settlements.iter().filter(|one| is_wanted(one));
            wanted.map(|one| one.seq).collect()
        };
        LinksTo {
            reversed_by: self.reversed_by(seq),
            captured_by: numbers(|one| one.is_capture),
            released_by: numbers(|one| !one.is_capture),
            corrected_by: commitments.corrected_by(seq),
            refunded_by: commitments
                .refunds_of(seq)
                .iter()
                .map(|(refund, _)| *refund)
                .collect(),
        }
    }
}
