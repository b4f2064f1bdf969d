//! The result of a transaction: what became of each request.

use hashbrown::HashMap;

use super::LedgerError;
use super::batch::{PendingEvents, Slot};
use super::receipt::{Notice, Receipt};
use crate::event::Hash;
use crate::time::Zone;

/// What became of all requests, in their order.
#[derive(Debug)]
pub struct Outcome {
    /// A receipt for each request, or why it was refused.
    pub results: Results,
    /// Notices.
    pub notices: Vec<Notice>,
    /// The ledger's zone, to show times in.
    pub zone: Zone,
    /// Where the log ends now.
    pub head: Option<(u64, Hash)>,
}

/// What became of each request, in their order: a receipt, or why it was refused
/// ([`super::Mode::EachForItself`] only).
///
/// Each receipt is made from its line as the caller reaches it, so that those of a large batch are not all in
/// memory at once.
#[derive(Debug)]
pub struct Results {
    slots: Vec<Result<Slot, Box<LedgerError>>>,
    receipts: Receipts,
}

/// The events that receipts are made from.
#[derive(Debug)]
struct Receipts {
    new: PendingEvents,
    /// The receipts of events that were recorded before.
    old: HashMap<u64, Box<Receipt>>,
}

impl Results {
    pub(super) fn new(
        slots: Vec<Result<Slot, Box<LedgerError>>>,
        new: PendingEvents,
        old: HashMap<u64, Box<Receipt>>,
    ) -> Results {
        Results {
            slots,
            receipts: Receipts { new, old },
        }
    }

    /// True if a request was recorded, or had been before.
    pub fn has_receipts(&self) -> bool {
        self.slots.iter().any(Result::is_ok)
    }

    /// How many requests were recorded, or had been before.
    pub fn receipt_count(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    /// The receipts of the requests that were not refused.
    pub fn receipts(&self) -> impl Iterator<Item = Receipt> + '_ {
        let slots = self.slots.iter().flatten();
        slots.filter_map(|slot| self.receipts.of(slot))
    }
}

/// The results one after the other.
#[derive(Debug)]
pub struct IntoResults {
    slots: std::vec::IntoIter<Result<Slot, Box<LedgerError>>>,
    receipts: Receipts,
}

impl IntoIterator for Results {
    type Item = Result<Receipt, LedgerError>;
    type IntoIter = IntoResults;

    fn into_iter(self) -> IntoResults {
        IntoResults {
            slots: self.slots.into_iter(),
            receipts: self.receipts,
        }
    }
}

impl Iterator for IntoResults {
    type Item = Result<Receipt, LedgerError>;

    fn next(&mut self) -> Option<Result<Receipt, LedgerError>> {
        let receipts = &self.receipts;
        self.slots.find_map(|slot| match slot {
            Ok(slot) => receipts.of(&slot).map(Ok),
            Err(error) => Some(Err(*error)),
        })
    }
}

impl Receipts {
    fn of(&self, slot: &Slot) -> Option<Receipt> {
        let earlier = slot.seq.saturating_sub(slot.earlier)..slot.seq;
        let earlier = earlier.filter_map(|seq| self.find(seq, slot.replayed));
        Some(Receipt {
            earlier: earlier.collect(),
            ..self.find(slot.seq, slot.replayed)?
        })
    }

    fn find(&self, seq: u64, replayed: bool) -> Option<Receipt> {
        if let Some(old) = self.old.get(&seq) {
            return Some(Receipt {
                replayed,
                ..(**old).clone()
            });
        }
        let (entry, after) = self.new.entry(seq)?;
        Some(Receipt {
            entry,
            replayed,
            accounts_after: after.accounts.to_vec(),
            hold: after.hold.as_deref().cloned(),
            earlier: Vec::new(),
        })
    }
}
