//! What was recorded since a head.

use crate::event::{Hash, Head};
use crate::ledger::Since;
use crate::log::LogReader;

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
