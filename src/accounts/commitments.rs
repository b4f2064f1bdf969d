//! [`Commitments`]: what earlier events have settled for later ones, beside the balances: holds, the
//! seal, refunds, corrections, erased notes, and money that moves at a later time.
//!
//! Kept as the records themselves, so that two states that were folded apart can be joined. They may
//! rest on a checkpoint: then of the events before it only what is outstanding on the accounts, and
//! what was looked up of single events, is here.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use crate::event::{AccountName, Event, Link, Record};
use crate::money::Amount;
use crate::time::Timestamp;

use super::hold::{HoldState, Pending, Settlement};
use super::outstanding::{Outstanding, OutstandingBook};

/// What earlier events have settled for later ones.
#[derive(Clone, Debug, Default)]
pub struct Commitments {
    /// Every record that is kept here, by its number and without its note.
    records: BTreeMap<u64, Record<'static>>,
    /// The last event before which only `outstanding` and what was looked up is known.
    base: Option<u64>,
    /// What accounts expect after the last event.
    outstanding: OutstandingBook,
    holds: BTreeMap<u64, HoldState>,
    /// Captures and releases of holds that are not in `holds`.
    loose: HashMap<u64, Vec<Settlement>>,
    seal: Seal,
    /// The refunds of each event.
    refunds: HashMap<u64, Vec<(u64, Amount)>>,
    /// The event that each refund refunds.
    refunded: HashMap<u64, u64>,
    /// Each corrected event with the event that replaces it.
    corrections: BTreeMap<u64, u64>,
    /// Each redaction with the event whose note it erased.
    redactions: BTreeMap<u64, u64>,
    redacted: BTreeSet<u64>,
}

/// Everything else follows from these.
impl PartialEq for Commitments {
    fn eq(&self, other: &Commitments) -> bool {
        (&self.records, self.base, self.seal, &self.redactions)
            == (&other.records, other.base, other.seal, &other.redactions)
    }
}

impl Eq for Commitments {}

/// What is sealed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seal {
    /// The last moment that is sealed.
    pub through: Option<Timestamp>,
    /// The last moment whose seal cannot be taken back.
    pub final_through: Option<Timestamp>,
}

/// True if later events depend on this record, beside the balances.
pub fn commits(record: &Record<'_>) -> bool {
    let is_linked = !matches!(record.link, None | Some(Link::Reverses(_)));
    let is_later = || {
        record
            .effective
            .is_some_and(|effective| effective > record.at)
    };
    match record.event {
        Event::Hold(_)
        | Event::Release { .. }
        | Event::Seal { .. }
        | Event::Unseal { .. }
        | Event::Redact { .. } => true,
        Event::Deposit(_) | Event::Withdraw(_) | Event::Transfer { .. } | Event::Exchange(_) => {
            is_linked || is_later()
        }
        Event::Ledger(_) | Event::Open { .. } | Event::Limit { .. } | Event::Close { .. } => false,
    }
}

/// The event under which a record is kept: the one that it names, or itself.
pub fn kept_under(record: &Record<'_>) -> u64 {
    match (record.link, &record.event) {
        (None, Event::Release { hold, .. }) => *hold,
        (None | Some(Link::Reverses(_)), _) => record.seq,
        (Some(link), _) => link.target(),
    }
}

impl Commitments {
    /// Those that rest on a checkpoint which ends with this event.
    pub fn resting_on(
        base: u64,
        seal: Seal,
        redactions: impl IntoIterator<Item = (u64, u64)>,
    ) -> Commitments {
        let redactions: BTreeMap<u64, u64> = redactions.into_iter().collect();
        Commitments {
            base: Some(base),
            seal,
            redacted: redactions.values().copied().collect(),
            redactions,
            ..Commitments::default()
        }
    }

    /// True if nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.outstanding.is_empty()
    }

    /// Takes in what an account expects after the events that these commitments rest on.
    pub fn put_outstanding(&mut self, name: &str, outstanding: Outstanding) {
        self.outstanding.put(name, outstanding);
    }

    /// Takes in a record that these commitments rest on, unless it is here.
    pub fn recall(&mut self, record: &Record<'_>) {
        if !self.records.contains_key(&record.seq) {
            self.apply(record);
        }
    }

    /// Takes in a record, if later events depend on it. What it names settles nothing unless it is an
    /// earlier event.
    pub fn apply(&mut self, record: &Record<'_>) {
        if !commits(record) {
            return;
        }
        let kept = Record {
            note: None,
            ..record.clone()
        };
        self.records.insert(record.seq, kept.into_owned());
        // Otherwise it comes with its accounts.
        let is_after_base = self.base.is_none_or(|base| record.seq > base);
        if is_after_base {
            self.outstanding.apply(record);
        }
        match &record.event {
            Event::Hold(hold) => {
                let state = HoldState {
                    seq: record.seq,
                    at: record.at,
                    took_effect: record.took_effect(),
                    from: hold.from.clone().map(AccountName::into_owned),
                    to: hold.to.clone().map(AccountName::into_owned),
                    amount: hold.amount,
                    currency: hold.currency,
                    expires: hold.expires,
                    key: record.key.as_ref().map(ToString::to_string),
                    settlements: self.loose.remove(&record.seq).unwrap_or_default(),
                };
                self.holds.insert(record.seq, state);
            }
            Event::Release { hold, .. } if *hold < record.seq => self.settle(*hold, record),
            Event::Seal { through, is_final } if is_after_base => {
                self.seal.through = Some(*through);
                if *is_final {
                    self.seal.final_through = Some(*through);
                }
            }
            Event::Unseal { through } if is_after_base => self.seal.through = *through,
            Event::Redact { event } if *event < record.seq => {
                self.redactions.insert(record.seq, *event);
                self.redacted.insert(*event);
            }
            _ => {}
        }
        match (record.link_back(), record.event.amount()) {
            (Some(Link::Captures { hold, .. }), _) => self.settle(hold, record),
            (Some(Link::Refunds(target)), Some((amount, _))) => {
                let refunds = self.refunds.entry(target).or_default();
                let place = refunds.partition_point(|(seq, _)| *seq < record.seq);
                refunds.insert(place, (record.seq, amount));
                self.refunded.insert(record.seq, target);
            }
            (Some(Link::Corrects(target)), _) => {
                let first = self.corrections.entry(target).or_insert(record.seq);
                *first = record.seq.min(*first);
            }
            _ => {}
        }
    }

    /// Adds a capture or a release to its hold, in the order of their numbers.
    fn settle(&mut self, seq: u64, record: &Record<'_>) {
        let Some(settlement) = Settlement::of(record) else {
            return;
        };
        let hold = self.holds.get_mut(&seq);
        let settlements = match hold {
            Some(hold) => &mut hold.settlements,
            None => self.loose.entry(seq).or_default(),
        };
        let place = settlements.partition_point(|one| one.seq < settlement.seq);
        settlements.insert(place, settlement);
    }

    /// Lets the time pass up to the next event: holds expire, captures and releases take effect.
    #[inline]
    pub fn advance(&mut self, at: Timestamp) {
        self.outstanding.advance(at);
    }

    /// Takes in what later events settled, which were applied apart.
    pub fn append(&mut self, later: &Commitments) {
        for record in later.records.values() {
            self.apply(record);
        }
    }

    /// A hold by its number. If these commitments rest on a checkpoint, only a hold after it or one that
    /// was looked up is found.
    pub fn hold(&self, seq: u64) -> Option<&HoldState> {
        self.holds.get(&seq)
    }

    /// Every hold, oldest first. If these commitments rest on a checkpoint, most holds before it are missing.
    pub fn holds(&self) -> impl Iterator<Item = &HoldState> {
        self.holds.values()
    }

    /// What is sealed.
    pub fn seal(&self) -> Seal {
        self.seal
    }

    /// The refunds of an event with their amounts, also those that were reversed.
    pub fn refunds_of(&self, seq: u64) -> &[(u64, Amount)] {
        self.refunds.get(&seq).map_or(&[], Vec::as_slice)
    }

    /// The event that this one refunds.
    pub fn refund_target(&self, seq: u64) -> Option<u64> {
        self.refunded.get(&seq).copied()
    }

    /// The event that replaces this one.
    pub fn corrected_by(&self, seq: u64) -> Option<u64> {
        self.corrections.get(&seq).copied()
    }

    /// True if the note of this event counts as erased.
    pub fn is_redacted(&self, seq: u64) -> bool {
        self.redacted.contains(&seq)
    }

    /// The redactions, oldest first: the number of each, and that of the event whose note it erased.
    pub fn redactions(&self) -> impl DoubleEndedIterator<Item = (u64, u64)> {
        let redactions = self.redactions.iter();
        redactions.map(|(seq, event)| (*seq, *event))
    }

    /// What is on hold on each account at a moment.
    pub fn pending(&self, moment: Timestamp) -> HashMap<&str, Pending> {
        let mut found: HashMap<&str, Pending> = HashMap::new();
        for hold in self.holds.values() {
            let rest = hold.rest(moment).billionths();
            if rest == 0 {
                continue;
            }
            for (name, is_outgoing) in [(&hold.from, true), (&hold.to, false)] {
                if let Some(name) = name {
                    let pending = found.entry(name.as_str()).or_default();
                    pending.shift(is_outgoing, rest);
                }
            }
        }
        for (account, is_outgoing, hold) in self.outstanding.holds() {
            // Of a hold in `holds`, everything is known there.
            if !self.holds.contains_key(&hold.seq) {
                let pending = found.entry(account).or_default();
                pending.shift(is_outgoing, hold.rest(moment).billionths());
            }
        }
        found
    }

    /// What is on hold on one account right after the last event, which was recorded at `at`.
    pub fn pending_of(&self, account: &str, at: Timestamp) -> Pending {
        self.outstanding.pending_of(account, at)
    }

    /// What accounts expect after the last event.
    pub(super) fn outstanding(&self) -> &OutstandingBook {
        &self.outstanding
    }
}
