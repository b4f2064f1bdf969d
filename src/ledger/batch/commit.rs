//! What a batch decided: the records to append, and the receipts that follow from them.

use std::path::PathBuf;

use hashbrown::{HashMap, HashSet};

use crate::accounts::State;
use crate::ledger::LedgerError;
use crate::ledger::outcome::{Outcome, Results};
use crate::ledger::reader::FoldError;
use crate::ledger::receipt::{AccountAfter, HoldAfter, Notice, Receipt};
use crate::log::{ScanError, ScanOptions, ScanRange, Scanned, Tail};
use crate::time::Zone;

use super::{Batch, LogState, PendingEvents, Slot, applied};

/// The accounts of more repeated events than this are found in one read of the log.
const FOUND_ONE_BY_ONE: usize = 8;

/// Everything that was decided.
pub(in crate::ledger) struct Decided {
    /// What is to be appended.
    pending: PendingEvents,
    slots: Vec<Result<Slot, Box<LedgerError>>>,
    /// The receipts of events that were recorded before.
    old: HashMap<u64, Box<Receipt>>,
    end: Scanned,
    notices: Vec<Notice>,
    zone: Zone,
    started: Option<PathBuf>,
    /// The newest version of the lines before.
    version: u64,
    kept: Option<LogState>,
    /// The events whose notes count as erased, those that were erased last at the end.
    redacted: Vec<u64>,
}

impl Batch<'_> {
    /// Ends the batch: what is to be appended, and everything that the receipts need.
    pub(in crate::ledger) fn commit(mut self) -> Result<Decided, LedgerError> {
        let starts = self.end.last.is_none() && !self.pending.is_empty();
        if starts && self.pending.len() == 1 && !self.is_init {
            // Only an automatic first line.
            self.pending.truncate(0);
        }
        let old = self.old_receipts()?;
        let started = starts && !self.pending.is_empty() && !self.is_init;
        let redactions = self.state.commitments().redactions();
        let redacted = redactions.map(|(_, event)| event).collect();
        self.pending.finish(self.together);
        self.pending.check()?;
        let is_void = self.end.last.is_none() && self.pending.is_empty();
        let index = self.index.filter(|_| !is_void);
        let kept = index.map(|keys| LogState {
            state: self.state,
            loaded: self.loaded,
            zone: self.zone.clone(),
            end: self.end,
            version: self.version,
            keys,
        });
        Ok(Decided {
            pending: self.pending,
            slots: self.slots,
            old,
            end: self.end,
            notices: self.notices,
            zone: self.zone,
            started: started.then_some(self.path),
            version: self.version,
            kept,
            redacted,
        })
    }

    /// The receipts of repeated events, with the accounts as they were right after them: one more
    /// read of the log for all of them together.
    fn old_receipts(&mut self) -> Result<HashMap<u64, Box<Receipt>>, LedgerError> {
        let first_new = self.first_new();
        let wanted: HashSet<u64> = self
            .slots
            .iter()
            .flatten()
            .filter(|slot| slot.replayed && slot.seq < first_new)
            .flat_map(|slot| slot.seq.saturating_sub(slot.earlier)..=slot.seq)
            .collect();
        for seq in &wanted {
            // Those that a repeated key is not on.
            if let Some(entry) = self.log.map(|log| log.entry(*seq)).transpose()?.flatten()
                && !entry
                    .key
                    .as_ref()
                    .is_some_and(|key| self.keyed.contains_key(key.as_str()))
            {
                self.keyed.insert(format!("\0{seq}"), Box::new(entry));
            }
        }
        let mut found: HashMap<u64, Box<Receipt>> = std::mem::take(&mut self.keyed)
            .into_values()
            .filter(|entry| wanted.contains(&entry.seq))
            .map(|entry| {
                let receipt = Receipt {
                    entry: *entry,
                    replayed: true,
                    accounts_after: Vec::new(),
                    hold: None,
                    earlier: Vec::new(),
                };
                (receipt.entry.seq, Box::new(receipt))
            })
            .collect();
        let (Some(log), Some(newest)) = (self.log, wanted.iter().max().copied()) else {
            return Ok(found);
        };
        if wanted.len() <= FOUND_ONE_BY_ONE {
            let mut is_found = true;
            for receipt in found.values_mut() {
                match self.state_after(&receipt.entry)? {
                    Some(state) => {
                        receipt.accounts_after = AccountAfter::all(&state, &receipt.entry);
                        receipt.hold = HoldAfter::of(&state, &receipt.entry);
                    }
                    None => is_found = false,
                }
            }
            if is_found {
                return Ok(found);
            }
        }
        let mut state = State::default();
        let scanned = log.scan(ScanRange::ALL, ScanOptions::default(), |entry, place| {
            if entry.seq > newest {
                return Err(FoldError::Caller(()));
            }
            applied(state.apply(entry), log, place)?;
            if let Some(receipt) = found.get_mut(&entry.seq) {
                receipt.accounts_after = AccountAfter::all(&state, entry);
                receipt.hold = HoldAfter::of(&state, entry);
            }
            Ok(())
        });
        match scanned {
            Err(ScanError::Log(error)) => Err(error.into()),
            Err(ScanError::Stopped(FoldError::Log(error))) => Err(error),
            Ok(_) | Err(ScanError::Stopped(FoldError::Caller(()))) => Ok(found),
        }
    }

    fn first_new(&self) -> u64 {
        self.pending.first().unwrap_or(u64::MAX)
    }
}

impl Decided {
    /// True if nothing is to be appended.
    pub(in crate::ledger) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// True if an event that is in the log already answers a request.
    pub(in crate::ledger) fn repeats(&self) -> bool {
        self.slots.iter().flatten().any(|slot| slot.replayed)
    }

    /// The lines to append, each with its line feed.
    pub(in crate::ledger) fn lines(&self) -> &[u8] {
        self.pending.lines()
    }

    /// The end of the log that they follow.
    pub(in crate::ledger) fn end(&self) -> &Scanned {
        &self.end
    }

    /// The events whose notes count as erased, those that were erased last at the end.
    pub(in crate::ledger) fn redacted(&self) -> &[u64] {
        &self.redacted
    }

    /// How many notes it erases.
    pub(in crate::ledger) fn erases(&self) -> usize {
        self.pending.redactions()
    }

    /// Adds a notice.
    pub(in crate::ledger) fn notice(&mut self, notice: Option<Notice>) {
        self.notices.extend(notice);
    }

    /// The outcome if nothing is appended: of a dry run, a refusal or a repeat. The state is kept if no
    /// event was decided.
    pub(in crate::ledger) fn not_appended(mut self) -> (Outcome, Option<LogState>) {
        let kept = self.kept.take().filter(|_| self.pending.is_empty());
        if let Tail::Torn { bytes, .. } = self.end.tail {
            self.notices.insert(0, Notice::Torn { bytes });
        }
        if let Some(path) = self.started.take() {
            self.notices.push(Notice::WouldStart { path });
        }
        (self.outcome(), kept)
    }

    /// The outcome of an append after which the log has this length, and the state after it.
    pub(in crate::ledger) fn appended(
        mut self,
        quarantine: Option<PathBuf>,
        length: u64,
    ) -> (Outcome, Option<LogState>) {
        if let (Tail::Torn { bytes, .. }, Some(to)) = (self.end.tail, quarantine) {
            self.notices.insert(0, Notice::SetAside { bytes, to });
        }
        if let Some(path) = self.started.take() {
            self.notices.push(Notice::Started { path });
        }
        if let Some(seq) = self.pending.newer().filter(|_| self.version == 1) {
            self.notices.push(Notice::NewerVersion { seq });
        }
        let kept = self.kept.take();
        let kept = kept.map(|kept| kept.after(self.pending.entries(), length));
        (self.outcome(), kept)
    }

    fn outcome(self) -> Outcome {
        let end = self.end.last.map(|last| (last.seq, last.hash));
        Outcome {
            head: self.pending.end().or(end),
            results: Results::new(self.slots, self.pending, self.old),
            notices: self.notices,
            zone: self.zone,
        }
    }
}
