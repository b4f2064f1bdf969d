//! What was decided, as lines to append and receipts to show.

use std::path::PathBuf;

use hashbrown::{HashMap, HashSet};

use crate::accounts::State;
use crate::event::{Entry, Record};
use crate::ledger::LedgerError;
use crate::ledger::reader::Stop;
use crate::ledger::transaction::{AccountAfter, Notice, Outcome, Receipt};
use crate::log::{Appended, LogPosition, ScanError, Tail, encode};

use super::{Draftbook, Pending, Slot};

/// Of more repeated events than this the accounts are found in one read of the log.
const FOUND_ONE_BY_ONE: usize = 8;

/// Everything decided, as lines and receipts.
pub(in crate::ledger) struct Decided {
    lines: Vec<u8>,
    tail: Tail,
    outcome: Outcome,
    started: Option<PathBuf>,
}

/// Receipts that wait for the wish that asked for them. A wish that repeats another's key finds its
/// receipt among the results.
struct Waiting {
    first_fresh: u64,
    fresh: Vec<Option<Box<Receipt>>>,
    old: HashMap<u64, Box<Receipt>>,
    taken: HashMap<u64, usize>,
}

impl Waiting {
    fn take(&mut self, slot: &Slot, results: &[Answer]) -> Option<Box<Receipt>> {
        let mut receipt = self.find(slot.seq, results)?;
        receipt.replayed = slot.replayed;
        if receipt.entry.key.is_some() {
            self.taken.entry(slot.seq).or_insert(results.len());
        }
        Some(receipt)
    }

    fn find(&mut self, seq: u64, results: &[Answer]) -> Option<Box<Receipt>> {
        if let Some(at) = self.taken.get(&seq) {
            return results.get(*at)?.as_ref().ok().cloned();
        }
        match seq.checked_sub(self.first_fresh) {
            Some(index) => self.fresh.get_mut(usize::try_from(index).ok()?)?.take(),
            None => self.old.remove(&seq),
        }
    }
}

type Answer = Result<Box<Receipt>, LedgerError>;

impl Draftbook<'_> {
    /// Makes lines of what was decided.
    pub(in crate::ledger) fn close(mut self) -> Result<Decided, LedgerError> {
        let starts = self.last.is_none() && !self.pending.is_empty();
        if starts && self.pending.len() == 1 && !self.is_init {
            // Nothing but a first line that nobody asked for.
            self.pending.clear();
        }
        let mut waiting = Waiting {
            first_fresh: self.pending.first().map_or(u64::MAX, Pending::seq),
            fresh: Vec::new(),
            old: self.old_receipts()?,
            taken: HashMap::new(),
        };
        let mut lines = Vec::new();
        let last_pending = self.pending.last().map(Pending::seq);
        // Collected in place: of a batch only one copy is held.
        let fresh = std::mem::take(&mut self.pending)
            .into_iter()
            .map(|pending| {
                let mut receipt = pending.0;
                let seq = receipt.entry.seq;
                let more = self.together && seq > 0 && Some(seq) != last_pending;
                let previous = self.last.map(|last| last.hash);
                let (line, entry) = encode(record_of(receipt.entry, more), previous.as_ref());
                lines.extend_from_slice(line.as_bytes());
                lines.push(b'\n');
                self.last = Some(LogPosition {
                    offset: 0,
                    seq,
                    hash: entry.hash,
                    at: entry.at,
                });
                receipt.entry = entry;
                Some(receipt)
            });
        waiting.fresh = fresh.collect();
        let mut results = Vec::with_capacity(self.slots.len());
        for slot in self.slots {
            match slot {
                Ok(slot) => results.extend(waiting.take(&slot, &results).map(Ok)),
                Err(error) => results.push(Err(error)),
            }
        }
        let started = (starts && !lines.is_empty() && !self.is_init).then(|| self.path.clone());
        Ok(Decided {
            lines,
            tail: self.tail,
            outcome: Outcome {
                results,
                notices: self.notices,
                zone: self.zone,
                head: self.last.map(|last| (last.seq, last.hash)),
            },
            started,
        })
    }

    /// The receipts of repeated events, with the accounts as they stood right behind them: one
    /// more read of the log, for all of them together.
    fn old_receipts(&mut self) -> Result<HashMap<u64, Box<Receipt>>, LedgerError> {
        let first_fresh = self.pending.first().map_or(u64::MAX, Pending::seq);
        let wanted: HashSet<u64> = self
            .slots
            .iter()
            .flatten()
            .filter(|slot| slot.replayed && slot.seq < first_fresh)
            .map(|slot| slot.seq)
            .collect();
        let mut found: HashMap<u64, Box<Receipt>> = std::mem::take(&mut self.keyed)
            .into_values()
            .filter(|receipt| wanted.contains(&receipt.entry.seq))
            .map(|receipt| (receipt.entry.seq, receipt))
            .collect();
        let (Some(log), Some(newest)) = (self.log, wanted.iter().max().copied()) else {
            return Ok(found);
        };
        if wanted.len() <= FOUND_ONE_BY_ONE {
            let mut is_found = true;
            for receipt in found.values_mut() {
                match self.standings_at(&receipt.entry)? {
                    Some(state) => receipt.accounts_after = accounts_after(&state, &receipt.entry),
                    None => is_found = false,
                }
            }
            if is_found {
                return Ok(found);
            }
        }
        let mut state = State::default();
        let scanned = log.scan(None, |entry, _| {
            if entry.seq > newest {
                return Err(Stop::Other(()));
            }
            state.apply(entry).map_err(Stop::Overflow)?;
            if let Some(receipt) = found.get_mut(&entry.seq) {
                receipt.accounts_after = accounts_after(&state, entry);
            }
            Ok(())
        });
        match scanned {
            Err(ScanError::Log(error)) => Err(error.into()),
            Err(ScanError::Stopped(Stop::Overflow(overflow))) => Err(overflow.into()),
            Ok(_) | Err(ScanError::Stopped(Stop::Other(()))) => Ok(found),
        }
    }
}

impl Decided {
    /// The lines to append, each with its line feed.
    pub(in crate::ledger) fn lines(&self) -> &[u8] {
        &self.lines
    }

    /// True where an event that is in the log already answers a wish.
    pub(in crate::ledger) fn repeats(&self) -> bool {
        let mut receipts = self.outcome.results.iter().flatten();
        receipts.any(|receipt| receipt.replayed)
    }

    /// What lies behind the log's last event.
    pub(in crate::ledger) fn tail(&self) -> Tail {
        self.tail
    }

    /// The outcome, with what the append had to tell; nothing was appended where there is none.
    pub(in crate::ledger) fn outcome(self, appended: Option<Appended>) -> Outcome {
        let mut outcome = self.outcome;
        let was_appended = appended.is_some();
        match (self.tail, appended) {
            (
                Tail::Torn { bytes, .. },
                Some(Appended {
                    quarantine: Some(to),
                }),
            ) => {
                outcome.notices.insert(0, Notice::SetAside { bytes, to });
            }
            (Tail::Torn { bytes, .. }, None) => outcome.notices.insert(0, Notice::Torn { bytes }),
            _ => {}
        }
        if let Some(path) = self.started {
            outcome.notices.push(if was_appended {
                Notice::Started { path }
            } else {
                Notice::WouldStart { path }
            });
        }
        outcome
    }
}

pub(super) fn record_of(entry: Entry<'static>, more: bool) -> Record<'static> {
    Record {
        more,
        ..entry.record
    }
}

pub(super) fn accounts_after(state: &State, entry: &Entry<'_>) -> Vec<AccountAfter> {
    entry
        .event
        .accounts()
        .filter_map(|name| {
            state.account(name.as_str()).map(|account| AccountAfter {
                name: name.to_string(),
                account: *account,
            })
        })
        .collect()
}
