//! The history of one account: its balance after each of its events, in both orders.

use event_ledger::event::{Entry, Event};
use event_ledger::money::{Balance, Currency, Scale};

use super::orders::{HistoryMoment, TimeOrder};

/// One account over the whole log.
#[derive(Debug)]
pub(crate) struct AccountHistory {
    pub(crate) name: String,
    /// What it holds, by all events; its first event fixes it.
    pub(crate) currency: Option<Currency>,
    is_settled: bool,
    /// The digits of its figures, by all events.
    pub(crate) scale: Scale,
    pub(crate) balances: Balances,
    /// The first event that names it, by recording and by effect.
    first: u32,
    first_in_effect: u32,
    /// The events that name it without moving money, from which it may exist.
    touches: Vec<u32>,
    /// The events that opened and closed it.
    openings: Vec<(u32, bool)>,
}

/// The state of an account's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountLife {
    /// No event has named it.
    NotYet,
    Open,
    Closed,
}

/// Balances after events, in the order of recording and in that of effect.
#[derive(Debug, Default)]
pub(crate) struct Balances {
    seqs: Vec<u32>,
    after: Vec<Balance>,
    /// The same in the order of effect, if that is another one.
    in_effect: Option<(Vec<u32>, Vec<Balance>)>,
    settled: usize,
    /// The lowest and the highest balance, zero included.
    extremes: (Balance, Balance),
}

/// An event's change of a balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BalanceChange {
    pub(crate) seq: u32,
    pub(crate) change: Balance,
    pub(crate) balance: Balance,
}

impl AccountHistory {
    pub(super) fn new(name: String) -> AccountHistory {
        AccountHistory {
            name,
            currency: None,
            is_settled: false,
            scale: Scale::WHOLE,
            balances: Balances::default(),
            first: u32::MAX,
            first_in_effect: u32::MAX,
            touches: Vec::new(),
            openings: Vec::new(),
        }
    }

    /// Takes an event that names it.
    pub(super) fn touch(&mut self, entry: &Entry<'_>, seq: u32, default: Option<Currency>) {
        self.first = self.first.min(seq);
        let own = entry
            .event
            .postings()
            .find(|posting| posting.account.as_str() == self.name);
        let (said, scale) = match (&own, &entry.event) {
            (Some(posting), _) => (posting.currency, Some(posting.scale)),
            (None, event) => (
                event.currency(),
                event.amount().map(|(amount, _)| amount.scale()),
            ),
        };
        let fixes = !matches!(entry.event, Event::Limit { .. } | Event::Close { .. });
        if fixes && !self.is_settled {
            self.is_settled = true;
            self.currency = said.or(default);
            let minor = self.currency.and_then(Currency::minor_digits);
            self.scale = self.scale.max(minor.unwrap_or_default());
        }
        self.scale = self.scale.max(scale.unwrap_or_default());
        match &entry.event {
            Event::Open { .. } => self.openings.push((seq, true)),
            Event::Close { .. } => self.openings.push((seq, false)),
            _ => {}
        }
        if own.is_none() {
            self.touches.push(seq);
        }
    }

    /// Brings it up to its events in the order of effect.
    pub(super) fn settle(&mut self, position: impl Fn(u32) -> u32) {
        self.balances.settle(&position);
        let own = self.touches.iter().chain(&self.balances.seqs);
        let first = own.copied().min_by_key(|seq| position(*seq));
        self.first_in_effect = first.unwrap_or(self.first);
    }

    /// What it is at a moment.
    pub(crate) fn life(&self, moment: &HistoryMoment<'_>) -> AccountLife {
        let first = match moment.order() {
            TimeOrder::Recorded => self.first,
            TimeOrder::Effective => self.first_in_effect,
        };
        if !moment.counts(first) {
            return AccountLife::NotYet;
        }
        let mut said = self.openings.iter().rev();
        match said.find(|(seq, _)| moment.counts(*seq)) {
            Some((_, false)) => AccountLife::Closed,
            Some((_, true)) | None => AccountLife::Open,
        }
    }
}

impl Balances {
    /// Adds the change of the next event. A balance that does not fit stays where it is.
    pub(super) fn post(&mut self, seq: u32, change: Balance) {
        let before = self.after.last().copied().unwrap_or_default();
        let after = before.plus(change).unwrap_or(before);
        let (low, high) = self.extremes;
        self.extremes = (low.min(after), high.max(after));
        if self.seqs.last() == Some(&seq)
            && let Some(last) = self.after.last_mut()
        {
            // Only a log that breaks the rules has a transfer from an account to itself; a sum of all
            // accounts has both sides of every transfer.
            *last = after;
            return;
        }
        self.seqs.push(seq);
        self.after.push(after);
    }

    /// Sorts what was added into the order of effect, if that is another one.
    pub(super) fn settle(&mut self, position: impl Fn(u32) -> u32) {
        let from = self.settled.saturating_sub(1);
        let added = self.seqs.get(from..).unwrap_or_default();
        let is_ordered = |seqs: &[u32]| {
            seqs.windows(2).all(|pair| match pair {
                [one, next] => position(*one) < position(*next),
                _ => true,
            })
        };
        let was_ordered = self.in_effect.is_none();
        self.settled = self.seqs.len();
        if was_ordered && is_ordered(added) {
            return;
        }
        let mut changes: Vec<(u32, Balance)> = (0..self.seqs.len())
            .filter_map(|index| self.recorded(index))
            .map(|one| (one.seq, one.change))
            .collect();
        changes.sort_by_key(|(seq, _)| position(*seq));
        let mut sum = Balance::ZERO;
        let mut after = Vec::with_capacity(changes.len());
        for (_, change) in &changes {
            sum = sum.plus(*change).unwrap_or(sum);
            after.push(sum);
        }
        let seqs = changes.into_iter().map(|(seq, _)| seq).collect();
        self.in_effect = Some((seqs, after));
    }

    fn lists(&self, order: TimeOrder) -> (&[u32], &[Balance]) {
        match (order, &self.in_effect) {
            (TimeOrder::Effective, Some((seqs, after))) => (seqs, after),
            _ => (&self.seqs, &self.after),
        }
    }

    /// How many of its events count at a moment.
    pub(crate) fn count(&self, moment: &HistoryMoment<'_>) -> usize {
        let (seqs, _) = self.lists(moment.order());
        seqs.partition_point(|seq| moment.counts(*seq))
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.seqs.len()
    }

    /// The lowest and the highest balance in the order of recording, zero included.
    pub(crate) fn extremes(&self) -> (Balance, Balance) {
        self.extremes
    }

    /// The balance at a moment.
    pub(crate) fn at(&self, moment: &HistoryMoment<'_>) -> Balance {
        let (_, after) = self.lists(moment.order());
        let index = self.count(moment).checked_sub(1);
        let last = index.and_then(|index| after.get(index));
        last.copied().unwrap_or_default()
    }

    /// One of its events, counted from 0 in one of the orders.
    pub(crate) fn change(&self, order: TimeOrder, index: usize) -> Option<BalanceChange> {
        change_of(self.lists(order), index)
    }

    fn recorded(&self, index: usize) -> Option<BalanceChange> {
        change_of((&self.seqs, &self.after), index)
    }
}

fn change_of((seqs, after): (&[u32], &[Balance]), index: usize) -> Option<BalanceChange> {
    let balance = after.get(index).copied()?;
    let before = index.checked_sub(1).and_then(|before| after.get(before));
    Some(BalanceChange {
        seq: seqs.get(index).copied()?,
        change: balance.minus(before.copied().unwrap_or_default())?,
        balance,
    })
}
