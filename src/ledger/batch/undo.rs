//! The event that `undo` reverses, and what came since a head.

use crate::accounts::{NotReversible, Refusal, Request};
use crate::event::{Hash, Head, Record};
use crate::ledger::{LedgerError, Since};
use crate::log::LogReader;

use super::Batch;

impl Batch<'_> {
    /// The newest event that is neither reversed nor a reversal. A repeat under the same key means
    /// the event that was reversed the first time.
    pub(super) fn undo(&mut self, request: &Request) -> Result<u64, LedgerError> {
        if let Some(seq) = self.keyed(request).and_then(Record::reverses) {
            return Ok(seq);
        }
        while let Some(seq) = self.undoable.last().copied() {
            self.load_reversal(seq)?;
            if self.state.reversed_by(seq).is_none() {
                return Ok(seq);
            }
            self.undoable.pop();
        }
        // An event that was reversed once, or is a reversal, remains so: the next `undo` starts
        // where this one ends.
        let newest = self.end.last.map_or(0, |last| last.seq);
        let mut seq = self.undone_down_to.unwrap_or(newest);
        while seq > 0 {
            self.undone_down_to = Some(seq);
            self.load_reversal(seq)?;
            if self.state.reversed_by(seq).is_none()
                && let Some(entry) = self.log.map(|log| log.entry(seq)).transpose()?.flatten()
                && can_be_undone(&entry)
            {
                return Ok(seq);
            }
            seq = seq.saturating_sub(1);
        }
        self.undone_down_to = Some(0);
        let refusal = Refusal::NotReversible {
            seq: newest,
            reason: NotReversible::NothingToUndo,
        };
        Err(self.refused(refusal))
    }
}

/// True if `undo` may reverse this event, unless it is reversed.
pub(super) fn can_be_undone(record: &Record<'_>) -> bool {
    record.event.kind().moves_money() && record.reverses().is_none()
}

/// What was recorded since a head that is not the last one any more.
pub(super) fn since(log: &LogReader, asked: &Head, actual: Option<(u64, Hash)>) -> Option<Since> {
    const SHOWN: u64 = 5;
    let (head, _) = actual?;
    let is_known = log
        .entry(asked.seq)
        .ok()?
        .is_some_and(|entry| asked.is_of(entry.seq, &entry.hash));
    let count = if is_known {
        head.saturating_sub(asked.seq)
    } else {
        0
    };
    let from = head.saturating_sub(count.min(SHOWN)).saturating_add(1);
    let newest = (from..=head)
        .filter_map(|seq| log.entry(seq).ok().flatten())
        .collect();
    Some(Since {
        is_known,
        count,
        newest: if is_known { newest } else { Vec::new() },
        head: actual,
    })
}
