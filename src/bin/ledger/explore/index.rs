//! [`LogIndex`]: what `explore` keeps of a log in memory, so that a step through time never reads it again.
//!
//! Of each event only its times, of each account the balance after each of its events, in the order in which
//! events were recorded and in that in which they took effect. Events themselves are read when they are
//! shown.

use event_ledger::event::{AccountName, Entry, Event, Posting};
use event_ledger::money::{Balance, Currency};
use event_ledger::replay::EventOrder;
use event_ledger::time::Timestamp;
use hashbrown::HashMap;

use super::history::AccountHistory;
use super::holds::HoldHistory;
use super::orders::{EventOrders, HistoryMoment};
use super::sums::{AccountSums, AccountsSum};

#[derive(Debug, Default)]
pub(crate) struct LogIndex {
    orders: EventOrders,
    accounts: Vec<AccountHistory>,
    ids: HashMap<Box<str>, usize>,
    /// The accounts by name.
    sorted: Vec<usize>,
    /// The accounts that events named since the index was whole.
    changed: Vec<usize>,
    sums: AccountSums,
    holds: HoldHistory,
    /// What refers to an event: its number and that of the one that refers to it, sorted.
    references: Vec<(u32, u32)>,
    default_currency: Option<Currency>,
}

/// A log with more events than an index can number.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the log has too many events to explore")]
pub(crate) struct TooManyEvents;

impl LogIndex {
    /// Takes the next event. After the last, [`LogIndex::settle`] makes the index whole.
    pub(crate) fn push(&mut self, entry: &Entry<'_>) -> Result<(), TooManyEvents> {
        if let Event::Ledger(opening) = &entry.event {
            self.default_currency = opening.currency;
            return Ok(());
        }
        let seq = u32::try_from(entry.seq).map_err(|_| TooManyEvents)?;
        self.orders.push(entry.at, entry.took_effect());
        let mut moves_money = false;
        for posting in entry.event.postings() {
            moves_money = true;
            let account = self.touch(entry, seq, posting.account, Some(&posting));
            if let Some(history) = self.accounts.get_mut(account) {
                history.balances.post(seq, posting.change);
                self.sums.post(account, history, seq, posting.change);
            }
        }
        if !moves_money {
            for name in entry.event.accounts() {
                self.touch(entry, seq, name, None);
            }
        }
        let ids = &self.ids;
        self.holds
            .push(entry, seq, |name| ids.get(name.as_str()).copied());
        if let Some(target) = entry.refers_to()
            && let Ok(target) = u32::try_from(target)
        {
            self.references.push((target, seq));
        }
        Ok(())
    }

    /// Notes that an event names an account, and what it posts to it.
    fn touch(
        &mut self,
        entry: &Entry<'_>,
        seq: u32,
        name: &AccountName<'_>,
        posting: Option<&Posting<'_>>,
    ) -> usize {
        let account = self.account_id(name);
        if let Some(history) = self.accounts.get_mut(account)
            && history.touch(entry, seq, posting, self.default_currency)
        {
            self.changed.push(account);
        }
        account
    }

    fn account_id(&mut self, name: &AccountName<'_>) -> usize {
        if let Some(id) = self.ids.get(name.as_str()) {
            return *id;
        }
        let id = self.accounts.len();
        self.ids.insert(name.as_str().into(), id);
        self.accounts.push(AccountHistory::new(name.to_string()));
        id
    }

    /// Brings the order of effect, the names and the references up to the events taken.
    pub(crate) fn settle(&mut self) {
        self.orders.settle();
        let orders = &self.orders;
        let position = |seq: u32| orders.effect_position(seq);
        for id in self.changed.drain(..) {
            if let Some(account) = self.accounts.get_mut(id) {
                account.settle(position);
            }
        }
        self.sums.settle(position);
        if self.sorted.len() < self.accounts.len() {
            let accounts = &self.accounts;
            self.sorted = (0..accounts.len()).collect();
            let name = |id: &usize| accounts.get(*id).map(|account| account.name.as_str());
            self.sorted
                .sort_by(|one, other| name(one).cmp(&name(other)));
        }
        self.references.sort_unstable();
    }

    pub(crate) fn orders(&self) -> &EventOrders {
        &self.orders
    }

    pub(crate) fn len(&self) -> usize {
        self.orders.len()
    }

    pub(crate) fn sorted(&self) -> &[usize] {
        &self.sorted
    }

    pub(crate) fn id_of(&self, name: &str) -> Option<usize> {
        self.ids.get(name).copied()
    }

    pub(crate) fn account(&self, id: usize) -> Option<&AccountHistory> {
        self.accounts.get(id)
    }

    pub(crate) fn moment(&self, order: EventOrder, position: usize) -> HistoryMoment<'_> {
        self.orders.moment(order, position)
    }

    pub(crate) fn balance(&self, account: usize, moment: &HistoryMoment<'_>) -> Balance {
        let history = self.account(account);
        history.map_or(Balance::ZERO, |history| history.balances.at(moment))
    }

    /// What is on hold on an account, if its holds are looked at then.
    pub(crate) fn held(
        &self,
        account: usize,
        moment: &HistoryMoment<'_>,
        as_of: Timestamp,
    ) -> Balance {
        self.holds.held(account, moment, as_of)
    }

    /// The sums below a list of accounts.
    pub(crate) fn sums(&self, moment: &HistoryMoment<'_>) -> Vec<AccountsSum> {
        self.sums.at(moment)
    }

    /// The sums of these accounts alone, one for each currency.
    pub(crate) fn sums_of(
        &self,
        accounts: &[usize],
        moment: &HistoryMoment<'_>,
    ) -> Vec<AccountsSum> {
        AccountsSum::of(accounts.iter().filter_map(|id| self.account(*id)), moment)
    }

    /// What refers to an event, in the order of the log.
    pub(crate) fn references_to(&self, seq: u32) -> impl Iterator<Item = u32> {
        let start = self.references.partition_point(|(target, _)| *target < seq);
        let later = self.references.get(start..).unwrap_or_default();
        let own = later.iter().take_while(move |(target, _)| *target == seq);
        own.map(|(_, by)| *by)
    }
}
