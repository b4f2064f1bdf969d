//! The history of one account: its balance after each of its events, in both orders.

use event_ledger::event::{Entry, Event, Posting};
use event_ledger::money::{Balance, Currency, Scale};
use event_ledger::replay::EventOrder;

use super::lists::{BalanceList, GrowingList, sorted_indexes};
use super::orders::HistoryMoment;

/// One account over the whole log.
#[derive(Debug)]
pub(crate) struct AccountHistory {
    pub(crate) name: String,
    /// What it holds, by all events; its first event fixes it.
    pub(crate) currency: Option<Currency>,
    is_settled: bool,
    /// True if there are events that it was not settled after.
    is_touched: bool,
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
    recorded: BalanceSteps,
    /// The same in the order of effect, if that is another one.
    in_effect: Option<BalanceSteps>,
    settled: usize,
    /// The last event and the balance after it. The lists would have to be fetched from memory for it.
    last: (u32, Balance),
    /// The lowest and the highest balance, zero included.
    extremes: (Balance, Balance),
}

/// Events in an order, with the balance after each.
#[derive(Debug, Default)]
struct BalanceSteps {
    seqs: GrowingList<u32>,
    after: BalanceList,
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
            is_touched: false,
            scale: Scale::WHOLE,
            balances: Balances::default(),
            first: u32::MAX,
            first_in_effect: u32::MAX,
            touches: Vec::new(),
            openings: Vec::new(),
        }
    }

    /// Takes an event that names it, with what it posts to it. Returns true if it is the first since it was settled.
    pub(super) fn touch(
        &mut self,
        entry: &Entry<'_>,
        seq: u32,
        own: Option<&Posting<'_>>,
        default: Option<Currency>,
    ) -> bool {
        self.first = self.first.min(seq);
        let (said, scale) = match (own, &entry.event) {
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
        !std::mem::replace(&mut self.is_touched, true)
    }

    /// Brings it up to its events in the order of effect.
    pub(super) fn settle(&mut self, position: impl Fn(u32) -> u32) {
        self.is_touched = false;
        self.balances.settle(&position);
        let touches = self.touches.iter().copied();
        let own = touches.chain(self.balances.first_in_effect());
        let first = own.min_by_key(|seq| position(*seq));
        self.first_in_effect = first.unwrap_or(self.first);
    }

    /// What it is at a moment.
    pub(crate) fn life(&self, moment: &HistoryMoment<'_>) -> AccountLife {
        let first = match moment.order() {
            EventOrder::Recorded => self.first,
            EventOrder::Effective => self.first_in_effect,
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
        let (last, before) = self.last;
        let balance = before.plus(change).unwrap_or(before);
        self.last = (seq, balance);
        let (low, high) = self.extremes;
        self.extremes = (low.min(balance), high.max(balance));
        let BalanceSteps { seqs, after } = &mut self.recorded;
        if last == seq {
            // Only a log that breaks the rules has a transfer from an account to itself; a sum of all
            // accounts has both sides of every transfer.
            after.replace_last(balance);
            return;
        }
        seqs.push(seq);
        after.push(balance);
    }

    /// Sorts what was added into the order of effect, if that is another one.
    pub(super) fn settle(&mut self, position: impl Fn(u32) -> u32) {
        let seqs = &self.recorded.seqs;
        let from = self.settled.saturating_sub(1);
        self.settled = seqs.len();
        let added = seqs.iter_from(from).map(&position);
        if self.in_effect.is_none() && added.is_sorted() {
            return;
        }
        let mut in_effect = BalanceSteps::default();
        let mut sum = Balance::ZERO;
        let order = sorted_indexes(seqs.iter().map(position));
        for step in order.filter_map(|index| self.recorded.change(index)) {
            sum = sum.plus(step.change).unwrap_or(sum);
            in_effect.seqs.push(step.seq);
            in_effect.after.push(sum);
        }
        self.in_effect = Some(in_effect);
    }

    fn steps(&self, order: EventOrder) -> &BalanceSteps {
        match (order, &self.in_effect) {
            (EventOrder::Effective, Some(steps)) => steps,
            _ => &self.recorded,
        }
    }

    /// The first of its events in the order of effect.
    fn first_in_effect(&self) -> Option<u32> {
        self.steps(EventOrder::Effective).seqs.get(0)
    }

    /// How many of its events count at a moment.
    pub(crate) fn count(&self, moment: &HistoryMoment<'_>) -> usize {
        let steps = self.steps(moment.order());
        steps.seqs.partition_point(|seq| moment.counts(seq))
    }

    pub(crate) fn len(&self) -> usize {
        self.recorded.seqs.len()
    }

    /// The lowest and the highest balance in the order of recording, zero included.
    pub(crate) fn extremes(&self) -> (Balance, Balance) {
        self.extremes
    }

    pub(crate) fn at(&self, moment: &HistoryMoment<'_>) -> Balance {
        let index = self.count(moment).checked_sub(1);
        let last = index.and_then(|index| self.steps(moment.order()).after.get(index));
        last.unwrap_or_default()
    }

    /// One of its events, counted from 0 in one of the orders.
    pub(crate) fn change(&self, order: EventOrder, index: usize) -> Option<BalanceChange> {
        self.steps(order).change(index)
    }
}

impl BalanceSteps {
    fn change(&self, index: usize) -> Option<BalanceChange> {
        let balance = self.after.get(index)?;
        let before = index
            .checked_sub(1)
            .and_then(|before| self.after.get(before));
        Some(BalanceChange {
            seq: self.seqs.get(index)?,
            change: balance.minus(before.unwrap_or_default())?,
            balance,
        })
    }
}
