//! What a batch decided: the records to append, and the receipts that follow from them.

use std::path::PathBuf;

use hashbrown::{HashMap, HashSet};

use crate::accounts::State;
use crate::event::Event;
use crate::ledger::LedgerError;
use crate::ledger::outcome::{AccountAfter, HoldAfter, Notice, Outcome, Receipt};
use crate::ledger::reader::FoldError;
use crate::log::{ScanError, ScanOptions, ScanRange, Scanned, Tail, encode};
use crate::time::Zone;

use super::{Batch, LogState, PendingEvent, Slot, applied};

/// The accounts of more repeated events than this are found in one read of the log.
const FOUND_ONE_BY_ONE: usize = 8;

/// Everything that was decided.
pub(in crate::ledger) struct Decided {
    /// What is to be appended.
    pending: Vec<Box<PendingEvent>>,
    slots: Vec<Result<Slot, LedgerError>>,
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
    /// How many of them are new.
    erases: usize,
}

/// The lines to append, and the end of the log that they follow.
pub(in crate::ledger) struct Encoded {
    /// Whole lines, each with its line feed.
    pub(in crate::ledger) lines: Vec<u8>,
    /// The end of the log.
    pub(in crate::ledger) end: Scanned,
    /// A receipt for each line.
    receipts: Vec<Box<Receipt>>,
}

impl Batch<'_> {
    /// Ends the batch: what is to be appended, and everything that the receipts need.
    pub(in crate::ledger) fn commit(mut self) -> Result<Decided, LedgerError> {
        let starts = self.end.last.is_none() && !self.pending.is_empty();
        if starts && self.pending.len() == 1 && !self.is_init {
            // Only an automatic first line.
            self.pending.clear();
        }
        let old = self.old_receipts()?;
        let started = starts && !self.pending.is_empty() && !self.is_init;
        let redactions = self.state.commitments().redactions();
        let redacted = redactions.map(|(_, event)| event).collect();
        let new = self.pending.iter().map(|pending| &pending.record.event);
        let erases = new
            .filter(|event| matches!(event, Event::Redact { .. }))
            .count();
        let count = self.pending.len();
        let mut pending = std::mem::take(&mut self.pending);
        for (index, PendingEvent { record, .. }) in pending.iter_mut().map(Box::as_mut).enumerate()
        {
            let is_last = index.saturating_add(1) == count;
            record.more |= self.together;
            record.more &= record.seq > 0 && !is_last;
        }
        let is_void = self.end.last.is_none() && pending.is_empty();
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
            pending,
            slots: self.slots,
            old,
            end: self.end,
            notices: self.notices,
            zone: self.zone,
            started: started.then_some(self.path),
            version: self.version,
            kept,
            redacted,
            erases,
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
        let first = self.pending.first();
        first.map_or(u64::MAX, |pending| pending.record.seq)
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

    /// The lines to append.
    pub(in crate::ledger) fn encode(&mut self) -> Encoded {
        let mut last = self.end.last.map(|last| last.hash);
        let mut lines = Vec::new();
        let receipts = std::mem::take(&mut self.pending)
            .into_iter()
            .map(|pending| {
                let PendingEvent {
                    record,
                    accounts_after,
                    hold,
                } = *pending;
                let (line, entry) = encode(record, last.as_ref());
                lines.extend_from_slice(line.as_bytes());
                lines.push(b'\n');
                last = Some(entry.hash);
                Box::new(Receipt {
                    entry,
                    replayed: false,
                    accounts_after,
                    hold,
                    earlier: Vec::new(),
                })
            });
        let receipts = receipts.collect();
        Encoded {
            lines,
            end: self.end,
            receipts,
        }
    }

    /// The events whose notes count as erased, those that were erased last at the end.
    pub(in crate::ledger) fn redacted(&self) -> &[u64] {
        &self.redacted
    }

    /// How many notes it erases.
    pub(in crate::ledger) fn erases(&self) -> usize {
        self.erases
    }

    /// Adds a notice.
    pub(in crate::ledger) fn notice(&mut self, notice: Option<Notice>) {
        self.notices.extend(notice);
    }

    /// The outcome if nothing is appended: of a dry run, a refusal or a repeat. The state is kept if no
    /// event was decided.
    pub(in crate::ledger) fn not_appended(mut self) -> (Outcome, Option<LogState>) {
        let kept = self.kept.take().filter(|_| self.pending.is_empty());
        let encoded = self.encode();
        if let Tail::Torn { bytes, .. } = self.end.tail {
            self.notices.insert(0, Notice::Torn { bytes });
        }
        if let Some(path) = self.started.take() {
            self.notices.push(Notice::WouldStart { path });
        }
        (self.outcome(encoded.receipts), kept)
    }

    /// The outcome of an append after which the log has this length, and the state after it.
    pub(in crate::ledger) fn appended(
        mut self,
        encoded: Encoded,
        quarantine: Option<PathBuf>,
        length: u64,
    ) -> (Outcome, Option<LogState>) {
        if let (Tail::Torn { bytes, .. }, Some(to)) = (self.end.tail, quarantine) {
            self.notices.insert(0, Notice::SetAside { bytes, to });
        }
        if let Some(path) = self.started.take() {
            self.notices.push(Notice::Started { path });
        }
        let receipts = encoded.receipts;
        let mut newer = receipts.iter().filter(|new| new.entry.version() > 1);
        if let Some(first) = newer.next().filter(|_| self.version == 1) {
            let seq = first.entry.seq;
            self.notices.push(Notice::NewerVersion { seq });
        }
        let kept = self.kept.take();
        let kept = kept.map(|kept| kept.after(receipts.iter().map(|new| &new.entry), length));
        (self.outcome(receipts), kept)
    }

    fn outcome(self, new: Vec<Box<Receipt>>) -> Outcome {
        let end = self.end.last.map(|last| (last.seq, last.hash));
        let last = new.last().map(|new| (new.entry.seq, new.entry.hash));
        let head = last.or(end);
        let mut receipts = Receipts {
            first_new: new.first().map_or(u64::MAX, |new| new.entry.seq),
            new: new.into_iter().map(Some).collect(),
            old: self.old,
            taken: HashMap::new(),
        };
        let mut results = Vec::with_capacity(self.slots.len());
        for slot in self.slots {
            match slot {
                Ok(slot) => results.extend(receipts.take(&slot, &results).map(Ok)),
                Err(error) => results.push(Err(error)),
            }
        }
        Outcome {
            results,
            notices: self.notices,
            zone: self.zone,
            head,
        }
    }
}

type Answer = Result<Box<Receipt>, LedgerError>;

/// Receipts by the numbers of their events. A request that repeats another one's key finds its
/// receipt among the results.
struct Receipts {
    first_new: u64,
    new: Vec<Option<Box<Receipt>>>,
    old: HashMap<u64, Box<Receipt>>,
    taken: HashMap<u64, usize>,
}

impl Receipts {
    fn take(&mut self, slot: &Slot, results: &[Answer]) -> Option<Box<Receipt>> {
        let mut receipt = self.find(slot.seq, results)?;
        receipt.replayed = slot.replayed;
        for seq in slot.seq.saturating_sub(slot.earlier)..slot.seq {
            let earlier = self.find(seq, results);
            receipt.earlier.extend(earlier.map(|mut earlier| {
                earlier.replayed = slot.replayed;
                *earlier
            }));
        }
        if receipt.entry.key.is_some() {
            self.taken.entry(slot.seq).or_insert(results.len());
        }
        Some(receipt)
    }

    fn find(&mut self, seq: u64, results: &[Answer]) -> Option<Box<Receipt>> {
        if let Some(at) = self.taken.get(&seq) {
            return results.get(*at)?.as_ref().ok().cloned();
        }
        match seq.checked_sub(self.first_new) {
            Some(index) => self.new.get_mut(usize::try_from(index).ok()?)?.take(),
            None => self.old.remove(&seq),
        }
    }
}
