//! Holds over the whole log, and what is left of them at any moment.

use event_ledger::event::{AccountName, Entry, Event, Link};
use event_ledger::money::Balance;
use event_ledger::time::Timestamp;
use hashbrown::HashMap;

use super::orders::HistoryMoment;

/// Every hold from an account.
#[derive(Debug, Default)]
pub(super) struct HoldHistory {
    holds: HashMap<u32, HoldEvents>,
    /// The holds from each account.
    by_account: HashMap<usize, Vec<u32>>,
}

#[derive(Debug)]
struct HoldEvents {
    amount: Balance,
    expires: Option<Timestamp>,
    /// Captures and releases: number, amount, and whether nothing is left after it.
    settlements: Vec<(u32, Balance, bool)>,
}

impl HoldHistory {
    pub(super) fn push(
        &mut self,
        entry: &Entry<'_>,
        seq: u32,
        account: impl Fn(&AccountName<'_>) -> Option<usize>,
    ) {
        let settled = match (entry.link, &entry.event) {
            (Some(Link::Captures { hold, keep }), event) => {
                event.amount().map(|(amount, _)| (hold, amount, !keep))
            }
            (_, Event::Release { hold, amount, .. }) => Some((*hold, *amount, false)),
            _ => None,
        };
        if let Some((hold, amount, ends)) = settled
            && let Ok(hold) = u32::try_from(hold)
            && let Some(hold) = self.holds.get_mut(&hold)
        {
            hold.settlements.push((seq, amount.as_balance(), ends));
        }
        if let Event::Hold(hold) = &entry.event
            && let Some(from) = hold.from.as_ref().and_then(account)
        {
            self.by_account.entry(from).or_default().push(seq);
            let events = HoldEvents {
                amount: hold.amount.as_balance(),
                expires: hold.expires,
                settlements: Vec::new(),
            };
            self.holds.insert(seq, events);
        }
    }

    /// What the holds from an account set aside at a moment, looked at then.
    pub(super) fn held(
        &self,
        account: usize,
        moment: &HistoryMoment<'_>,
        as_of: Timestamp,
    ) -> Balance {
        let own = self.by_account.get(&account).into_iter().flatten();
        let mut held = Balance::ZERO;
        for seq in own.filter(|seq| moment.counts(**seq)) {
            let rest = self.holds.get(seq).map(|hold| hold.rest(moment, as_of));
            held = held.plus(rest.unwrap_or_default()).unwrap_or(held);
        }
        held
    }
}

impl HoldEvents {
    fn rest(&self, moment: &HistoryMoment<'_>, as_of: Timestamp) -> Balance {
        if self.expires.is_some_and(|expires| expires <= as_of) {
            return Balance::ZERO;
        }
        let mut rest = self.amount;
        let counted = self.settlements.iter();
        for (_, amount, ends) in counted.filter(|(seq, ..)| moment.counts(*seq)) {
            if *ends {
                return Balance::ZERO;
            }
            rest = rest.minus(*amount).unwrap_or_default();
        }
        if rest.is_negative() {
            Balance::ZERO
        } else {
            rest
        }
    }
}
