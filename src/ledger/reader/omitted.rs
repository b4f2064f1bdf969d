//! What is left out as if it had not happened, and which of the rest the rules would then have refused.

use crate::accounts::{RefusedRecord, RuleChecker, State};
use crate::event::Entry;
use crate::ledger::LedgerError;
use crate::replay::{Cutoff, Replay};

/// What is left out as if it had not happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Omitted {
    /// The numbers of the events that were named and of those that refer to them, in the order of the
    /// log.
    pub without: Vec<u64>,
    /// The counted events that a rule would have refused without these, with the rule's code, in the
    /// order of the log. They count all the same.
    pub refused: Vec<(u64, &'static str)>,
}

/// Finds what is left out while the log is read.
pub(super) struct OmittedBuilder {
    cutoff: Cutoff,
    found: Omitted,
    checker: RuleChecker,
    state: State,
}

impl OmittedBuilder {
    /// None if nothing is left out.
    pub(super) fn new(cutoff: &Cutoff) -> Option<OmittedBuilder> {
        (!cutoff.without.is_empty()).then(|| OmittedBuilder {
            cutoff: cutoff.clone(),
            found: Omitted::default(),
            checker: RuleChecker::default(),
            state: State::default(),
        })
    }

    /// Takes the next entry, which the fold has taken.
    pub(super) fn take(
        &mut self,
        entry: &Entry<'_>,
        replay: &Replay,
        target: impl FnOnce(u64) -> Result<Option<Entry<'static>>, LedgerError>,
    ) -> Result<(), LedgerError> {
        if !self.cutoff.knows(entry) {
            return Ok(());
        }
        if replay.is_left_out(entry.seq) {
            self.found.without.push(entry.seq);
            return Ok(());
        }
        let target = |seq| Ok::<_, LedgerError>(target(seq)?.map(|entry| entry.record));
        let checked = self.checker.check(&self.state, entry, target)?;
        // What does not fit is refused, and changes nothing.
        let _ = self.state.apply_to(checked.touched, entry);
        for refused in checked.refused {
            self.refuse(&refused);
        }
        Ok(())
    }

    fn refuse(&mut self, RefusedRecord { record, refusal }: &RefusedRecord) {
        let is_new = self
            .found
            .refused
            .last()
            .is_none_or(|(seq, _)| *seq != record.seq);
        if is_new && self.cutoff.counts(record) {
            self.found.refused.push((record.seq, refusal.code()));
        }
    }

    pub(super) fn finish(mut self) -> Omitted {
        if let Some(refused) = std::mem::take(&mut self.checker).finish() {
            self.refuse(&refused);
        }
        self.found
    }
}
