//! What was decided, as lines to append and receipts to show.

use std::path::PathBuf;

use hashbrown::{HashMap, HashSet};

use crate::accounts::State;
use crate::event::Entry;
use crate::ledger::LedgerError;
use crate::ledger::reading::Stop;
use crate::ledger::transaction::{Notice, Outcome, Receipt, Standing};
use crate::log::{Appended, Mark, Record, ScanError, Tail, seal};

use super::{Draftbook, Pending};

/// Everything decided, as lines and receipts.
pub(in crate::ledger) struct Decided {
    lines: Vec<u8>,
    tail: Tail,
    outcome: Outcome,
    started: Option<PathBuf>,
}

/// A pending event that has become a line: its receipt waits for the wish that asked for it, and is
/// then found among the results by a wish that repeats its key.
struct Sealed {
    waiting: Option<Receipt>,
    at: usize,
}

impl Sealed {
    fn take(&mut self, results: &[Result<Receipt, LedgerError>]) -> Option<Receipt> {
        if let Some(receipt) = self.waiting.take() {
            self.at = results.len();
            return Some(receipt);
        }
        results.get(self.at)?.as_ref().ok().cloned()
    }
}

impl Draftbook<'_> {
    /// Makes lines of what was decided.
    pub(in crate::ledger) fn close(mut self) -> Result<Decided, LedgerError> {
        let starts = self.last.is_none() && !self.pending.is_empty();
        if starts && self.pending.len() == 1 && !self.is_init {
            // Nothing but a first line that nobody asked for.
            self.pending.clear();
        }
        let old_standings = self.old_standings()?;
        let mut lines = Vec::new();
        let mut previous = self.last.map(|last| last.hash);
        let first_pending = self.pending.first().map_or(u64::MAX, |p| p.entry.seq);
        let last_pending = self.pending.last().map(|pending| pending.entry.seq);
        let mut sealed = Vec::with_capacity(self.pending.len());
        for Pending { entry, standings } in std::mem::take(&mut self.pending) {
            let more = self.together && entry.seq > 0 && Some(entry.seq) != last_pending;
            let (line, entry) = seal(record_of(entry, more), previous.as_ref());
            lines.extend_from_slice(line.as_bytes());
            lines.push(b'\n');
            previous = Some(entry.hash);
            self.last = Some(Mark {
                offset: 0,
                seq: entry.seq,
                hash: entry.hash,
                at: entry.at,
            });
            sealed.push(Sealed {
                waiting: Some(Receipt {
                    entry,
                    replayed: false,
                    standings,
                }),
                at: 0,
            });
        }
        let keyed: HashMap<u64, Entry<'static>> = std::mem::take(&mut self.keyed)
            .into_values()
            .map(|entry| (entry.seq, entry))
            .collect();
        let mut results: Vec<Result<Receipt, LedgerError>> = Vec::with_capacity(self.slots.len());
        for slot in self.slots {
            let slot = match slot {
                Ok(slot) => slot,
                Err(error) => {
                    results.push(Err(error));
                    continue;
                }
            };
            let index = slot
                .seq
                .checked_sub(first_pending)
                .and_then(|index| usize::try_from(index).ok());
            let receipt = match index.and_then(|index| sealed.get_mut(index)) {
                Some(sealed) => sealed.take(&results),
                None => keyed.get(&slot.seq).map(|entry| Receipt {
                    entry: entry.clone(),
                    replayed: true,
                    standings: old_standings.get(&slot.seq).cloned().unwrap_or_default(),
                }),
            };
            results.extend(receipt.map(|receipt| {
                Ok(Receipt {
                    replayed: slot.replayed,
                    ..receipt
                })
            }));
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

    /// How the accounts of repeated events stood right behind them: one more read of the log, for
    /// all of them together.
    fn old_standings(&self) -> Result<HashMap<u64, Vec<Standing>>, LedgerError> {
        let first_pending = self.pending.first().map_or(u64::MAX, |p| p.entry.seq);
        let wanted: HashSet<u64> = self
            .slots
            .iter()
            .flatten()
            .filter(|slot| slot.replayed && slot.seq < first_pending)
            .map(|slot| slot.seq)
            .collect();
        let mut found = HashMap::new();
        let (Some(log), Some(newest)) = (self.log, wanted.iter().max().copied()) else {
            return Ok(found);
        };
        let mut state = State::default();
        let scanned = log.scan(None, |entry, _| {
            if entry.seq > newest {
                return Err(Stop::Other(()));
            }
            state.apply(entry).map_err(Stop::Overflow)?;
            if wanted.contains(&entry.seq) {
                found.insert(entry.seq, standings(&state, entry));
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
        seq: entry.seq,
        at: entry.at,
        effective: entry.effective,
        event: entry.event,
        reverses: entry.reverses,
        key: entry.key,
        more,
        note: entry.note,
    }
}

pub(super) fn standings(state: &State, entry: &Entry<'_>) -> Vec<Standing> {
    entry
        .event
        .accounts()
        .filter_map(|name| {
            state.account(name.as_str()).map(|account| Standing {
                name: name.to_string(),
                account: *account,
            })
        })
        .collect()
}
