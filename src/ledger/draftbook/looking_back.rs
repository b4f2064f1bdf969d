//! What lies behind: the event that `undo` means, and what came since a head.

use crate::accounts::{Command, NotReversible, Refusal};
use crate::event::{Entry, Hash, Head};
use crate::ledger::{LedgerError, Since, Wish};
use crate::log::LogReader;

use super::Draftbook;

impl Draftbook<'_> {
    /// What `undo` comes to: the newest event that is neither reversed nor a reversal. Asked again
    /// under its key, it means the event it undid then.
    pub(super) fn undo(&mut self, wish: &Wish) -> Result<Command, LedgerError> {
        if let Some(seq) = self.keyed(wish).and_then(|first| first.reverses()) {
            return Ok(Command::Reverse { seq });
        }
        while let Some(seq) = self.undoable.last().copied() {
            self.know_reversal(seq)?;
            if self.state.reversed_by(seq).is_none() {
                return Ok(Command::Reverse { seq });
            }
            self.undoable.pop();
        }
        // What was once reversed, or is a reversal, stays so: the next `undo` starts where this
        // one ends.
        let newest = self.last.map_or(0, |last| last.seq);
        let mut seq = self.undone_down_to.unwrap_or(newest);
        while seq > 0 {
            self.undone_down_to = Some(seq);
            self.know_reversal(seq)?;
            if self.state.reversed_by(seq).is_none()
                && let Some(entry) = self.log.map(|log| log.entry(seq)).transpose()?.flatten()
                && can_be_undone(&entry)
            {
                return Ok(Command::Reverse { seq });
            }
            seq = seq.saturating_sub(1);
        }
        self.undone_down_to = Some(0);
        let refusal = Refusal::NotReversible {
            seq: self.last.map_or(0, |last| last.seq),
            reason: NotReversible::NothingToUndo,
        };
        Err(self.refused(refusal))
    }
}

/// True where `undo` may mean this event, unless it is reversed.
pub(super) fn can_be_undone(entry: &Entry<'_>) -> bool {
    entry.event.kind().moves_money() && entry.reverses().is_none()
}

/// What was recorded behind a head that is not the last one any more.
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
