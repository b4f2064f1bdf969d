//! [`Commitments`]: what earlier events have settled for later ones, beside the balances: holds, the
//! seal, refunds, corrections, erased notes, and money that moves at a later time.
//!
//! Kept as the records themselves, so that two states that were folded apart can be joined.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use crate::event::{AccountName, Event, Link, Record};
use crate::money::{Amount, Balance, Currency, Scale};
use crate::time::Timestamp;

/// What earlier events have settled for later ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commitments {
    /// Every record that is kept here, without its note.
    records: Vec<Record<'static>>,
    holds: BTreeMap<u64, HoldState>,
    /// The holds from and to each account that were not used up when they were last changed.
    open: HashMap<Box<str>, BTreeSet<u64>>,
    /// What moves on each account after the time at which it was recorded.
    later: HashMap<Box<str>, Vec<(Timestamp, Balance)>>,
    seal: Seal,
    /// The refunds of each event.
    refunds: HashMap<u64, Vec<(u64, Amount)>>,
    /// The event that each refund refunds.
    refunded: HashMap<u64, u64>,
    /// Each corrected event with the event that replaces it.
    corrections: BTreeMap<u64, u64>,
    redacted: BTreeSet<u64>,
}

/// What is sealed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seal {
    /// The last moment that is sealed.
    pub through: Option<Timestamp>,
    /// The last moment whose seal cannot be taken back.
    pub final_through: Option<Timestamp>,
}

/// A hold, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldState {
    /// Its number.
    pub seq: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// When it took effect.
    pub took_effect: Timestamp,
    /// The account on which the money is set aside.
    pub from: Option<AccountName<'static>>,
    /// The account to which it is announced.
    pub to: Option<AccountName<'static>>,
    /// How much.
    pub amount: Amount,
    /// Its currency.
    pub currency: Option<Currency>,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// The key it was recorded under.
    pub key: Option<String>,
    /// Captures and releases, in the order in which they were recorded.
    pub settlements: Vec<Settlement>,
}

/// A capture or a release of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Its number.
    pub seq: u64,
    /// When it took effect.
    pub took_effect: Timestamp,
    /// How much.
    pub amount: Amount,
    /// True for a capture, false for a release.
    pub is_capture: bool,
    /// True if nothing is left after it.
    pub ends: bool,
}

/// How a hold is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldStatus {
    /// Something is left.
    Open,
    /// A capture took the rest, or let it go.
    Captured,
    /// A release let the rest go.
    Released,
    /// It ended by itself.
    Expired,
}

impl HoldStatus {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            HoldStatus::Open => "open",
            HoldStatus::Captured => "captured",
            HoldStatus::Released => "released",
            HoldStatus::Expired => "expired",
        }
    }
}

/// What is on hold on one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// The rests of holds to it.
    pub incoming: Balance,
    /// The rests of holds from it.
    pub outgoing: Balance,
}

impl HoldState {
    /// True if the hold has ended by itself at a moment.
    pub fn is_expired(&self, at: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= at)
    }

    /// What is left of it, counting everything that was recorded but not its expiry.
    pub fn unsettled(&self) -> Balance {
        self.left(|_| true)
    }

    /// What is left of it at a moment, without its expiry.
    pub fn unsettled_at(&self, moment: Timestamp) -> Balance {
        self.left(|settlement| settlement.took_effect <= moment)
    }

    /// What is left of it: everything recorded counts, and the moment decides whether it has expired.
    pub fn rest(&self, moment: Timestamp) -> Balance {
        if self.is_expired(moment) {
            Balance::ZERO
        } else {
            self.unsettled()
        }
    }

    /// How it is: everything recorded counts, and the moment decides whether it has expired.
    pub fn status(&self, moment: Timestamp) -> HoldStatus {
        if self.unsettled() == Balance::ZERO {
            return match self.settlements.last() {
                Some(last) if !last.is_capture => HoldStatus::Released,
                _ => HoldStatus::Captured,
            };
        }
        if self.is_expired(moment) {
            HoldStatus::Expired
        } else {
            HoldStatus::Open
        }
    }

    /// What captures have taken.
    pub fn captured(&self) -> Balance {
        let taken = self.settlements.iter();
        let taken = taken.filter(|one| one.is_capture);
        taken.fold(Balance::ZERO, |sum, one| add(sum, one.amount.billionths()))
    }

    /// What was let go, also by a capture that kept nothing on hold.
    pub fn released(&self) -> Balance {
        let gone = add(
            self.amount.as_balance(),
            self.unsettled().billionths().saturating_neg(),
        );
        add(gone, self.captured().billionths().saturating_neg())
    }

    /// The decimals that its figures are shown with.
    pub fn scale(&self) -> Scale {
        let settled = self.settlements.iter().map(|one| one.amount.scale());
        settled.fold(self.amount.scale(), Scale::max)
    }

    fn left(&self, counts: impl Fn(&Settlement) -> bool) -> Balance {
        let mut left = self.amount.as_balance();
        for settlement in self.settlements.iter().filter(|one| counts(one)) {
            if settlement.ends {
                return Balance::ZERO;
            }
            left = add(left, settlement.amount.billionths().saturating_neg());
        }
        if left.is_negative() {
            Balance::ZERO
        } else {
            left
        }
    }

    /// The accounts it is about: what leaves before what arrives.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountName<'static>> {
        self.from.iter().chain(&self.to)
    }
}

fn add(balance: Balance, billionths: i128) -> Balance {
    Balance::from_billionths(balance.billionths().saturating_add(billionths))
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

impl Commitments {
    /// True if nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records that are kept, in their order: applied again they give the same commitments.
    pub fn records(&self) -> &[Record<'static>] {
        &self.records
    }

    /// Takes in a record, if later events depend on it.
    pub fn apply(&mut self, record: &Record<'_>) {
        if !commits(record) {
            return;
        }
        self.records.push(
            Record {
                note: None,
                ..record.clone()
            }
            .into_owned(),
        );
        if record
            .effective
            .is_some_and(|effective| effective > record.at)
        {
            let took_effect = record.took_effect();
            for posting in record.event.postings() {
                let later = self
                    .later
                    .entry(posting.account.as_str().into())
                    .or_default();
                later.retain(|(moment, _)| *moment > record.at);
                later.push((took_effect, posting.change));
            }
        }
        match &record.event {
            Event::Hold(hold) => {
                for name in hold.from.iter().chain(&hold.to) {
                    let open = self.open.entry(name.as_str().into()).or_default();
                    open.insert(record.seq);
                }
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
                    settlements: Vec::new(),
                };
                self.holds.insert(record.seq, state);
            }
            Event::Release { hold, amount, .. } => {
                self.settle(*hold, record, *amount, false, false);
            }
            Event::Seal { through, is_final } => {
                self.seal.through = Some(*through);
                if *is_final {
                    self.seal.final_through = Some(*through);
                }
            }
            Event::Unseal { through } => self.seal.through = *through,
            Event::Redact { event } => {
                self.redacted.insert(*event);
            }
            _ => {}
        }
        match (record.link, record.event.amount()) {
            (Some(Link::Captures { hold, keep }), Some((amount, _))) => {
                self.settle(hold, record, amount, true, !keep);
            }
            (Some(Link::Refunds(target)), Some((amount, _))) => {
                self.refunds
                    .entry(target)
                    .or_default()
                    .push((record.seq, amount));
                self.refunded.insert(record.seq, target);
            }
            (Some(Link::Corrects(target)), _) => {
                self.corrections.entry(target).or_insert(record.seq);
            }
            _ => {}
        }
    }

    fn settle(
        &mut self,
        seq: u64,
        record: &Record<'_>,
        amount: Amount,
        is_capture: bool,
        ends: bool,
    ) {
        let Some(hold) = self.holds.get_mut(&seq) else {
            return;
        };
        hold.settlements.push(Settlement {
            seq: record.seq,
            took_effect: record.took_effect(),
            amount,
            is_capture,
            ends,
        });
        let is_over = hold.unsettled_at(record.at) == Balance::ZERO;
        if is_over {
            for name in hold.from.iter().chain(&hold.to) {
                if let Some(open) = self.open.get_mut(name.as_str()) {
                    open.remove(&seq);
                }
            }
        }
    }

    /// Takes in what later events settled, which were applied apart.
    pub fn append(&mut self, later: &Commitments) {
        for record in &later.records {
            self.apply(record);
        }
    }

    /// A hold by its number.
    pub fn hold(&self, seq: u64) -> Option<&HoldState> {
        self.holds.get(&seq)
    }

    /// Every hold, oldest first.
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
        self.records.iter().filter_map(|record| match record.event {
            Event::Redact { event } => Some((record.seq, event)),
            _ => None,
        })
    }

    /// The events that name an earlier one and are kept here, with the event that each names: every
    /// link but a reversal's, and the hold of a release.
    pub fn links(&self) -> impl Iterator<Item = (u64, u64)> {
        self.records.iter().filter_map(|record| {
            let named = match (record.link, &record.event) {
                (Some(link), _) => Some(link.target()),
                (None, Event::Release { hold, .. }) => Some(*hold),
                _ => None,
            };
            named.map(|named| (record.seq, named))
        })
    }

    /// What is on hold on each account at a moment.
    pub fn pending(&self, moment: Timestamp) -> HashMap<&str, Pending> {
        let mut found: HashMap<&str, Pending> = HashMap::new();
        for hold in self.holds.values() {
            let rest = hold.rest(moment).billionths();
            if rest == 0 {
                continue;
            }
            if let Some(from) = &hold.from {
                let pending = found.entry(from.as_str()).or_default();
                pending.outgoing = add(pending.outgoing, rest);
            }
            if let Some(to) = &hold.to {
                let pending = found.entry(to.as_str()).or_default();
                pending.incoming = add(pending.incoming, rest);
            }
        }
        found
    }

    /// What is on hold on one account right after the last event, which was recorded at `at`.
    pub fn pending_of(&self, account: &str, at: Timestamp) -> Pending {
        let mut pending = Pending::default();
        for hold in self.open_holds(account) {
            let rest = hold.rest(at).billionths();
            if hold
                .from
                .as_ref()
                .is_some_and(|from| from.as_str() == account)
            {
                pending.outgoing = add(pending.outgoing, rest);
            } else {
                pending.incoming = add(pending.incoming, rest);
            }
        }
        pending
    }

    /// A hold from or to an account that is open at a moment.
    pub fn open_hold(&self, account: &str, moment: Timestamp) -> Option<&HoldState> {
        let mut holds = self.open_holds(account);
        holds.find(|hold| !hold.is_expired(moment) && hold.unsettled() != Balance::ZERO)
    }

    fn open_holds(&self, account: &str) -> impl Iterator<Item = &HoldState> {
        let open = self.open.get(account).into_iter().flatten();
        open.filter_map(|seq| self.holds.get(seq))
    }

    /// What must be added to the balance of an account to get what is available from a moment on, for
    /// a decision at `at`: at each moment from `from` on at which it changes.
    pub(super) fn adjustments(
        &self,
        account: &str,
        at: Timestamp,
        from: Timestamp,
    ) -> Vec<(Timestamp, i128)> {
        let later = self.later.get(account).map_or(&[][..], Vec::as_slice);
        let open = self.open.get(account).into_iter().flatten();
        let holds: Vec<&HoldState> = open
            .filter_map(|seq| self.holds.get(seq))
            .filter(|hold| {
                hold.from
                    .as_ref()
                    .is_some_and(|from| from.as_str() == account)
            })
            .filter(|hold| !hold.is_expired(at))
            .collect();
        let mut moments: BTreeSet<Timestamp> = BTreeSet::from([from]);
        let settled = holds.iter().flat_map(|hold| &hold.settlements);
        moments.extend(settled.map(|one| one.took_effect).filter(|one| *one > from));
        moments.extend(later.iter().map(|(one, _)| *one).filter(|one| *one > from));
        let adjust = |moment: Timestamp| {
            let not_yet = later.iter().filter(|(one, _)| *one > moment);
            let not_yet = not_yet.fold(0_i128, |sum, (_, change)| {
                sum.saturating_add(change.billionths())
            });
            let held = holds.iter().fold(0_i128, |sum, hold| {
                sum.saturating_add(hold.unsettled_at(moment).billionths())
            });
            (moment, 0_i128.saturating_sub(not_yet).saturating_sub(held))
        };
        moments.into_iter().map(adjust).collect()
    }
}
