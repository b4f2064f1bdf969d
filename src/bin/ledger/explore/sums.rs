//! The sums of accounts over the whole log: of all in one currency, and by the first segments of their
//! names.

use event_ledger::money::{Balance, Currency, Scale};
use event_ledger::replay::{Total, totals};
use hashbrown::HashMap;

use super::history::{AccountHistory, Balances};
use super::orders::HistoryMoment;

/// First segments for which sums are kept; with more, there is a sum for each currency only.
const MOST_GROUPS: usize = 8;

#[derive(Debug, Default)]
pub(super) struct AccountSums {
    sums: Vec<SumHistory>,
    ids: HashMap<(String, Option<Currency>), usize>,
    /// The sums of each account: that of its currency, and that of its first segment.
    of_accounts: Vec<Option<[usize; 2]>>,
    has_segments: bool,
}

#[derive(Debug)]
struct SumHistory {
    /// The first segment of the accounts' names; empty for all accounts.
    name: String,
    currency: Option<Currency>,
    balances: Balances,
    scale: Scale,
}

/// The sum of some accounts in one currency at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountsSum {
    /// `Total`, or the first segment of their names.
    pub(crate) name: String,
    pub(crate) currency: Option<Currency>,
    pub(crate) balance: Balance,
    pub(crate) scale: Scale,
}

impl AccountsSum {
    /// The sums of these accounts, one for each currency; none if one of them does not fit.
    pub(super) fn of<'a>(
        accounts: impl Iterator<Item = &'a AccountHistory>,
        moment: &HistoryMoment<'_>,
    ) -> Vec<AccountsSum> {
        let counted = accounts.filter(|account| account.balances.count(moment) > 0);
        let parts = counted.map(|account| Total {
            currency: account.currency,
            balance: account.balances.at(moment),
            scale: account.scale,
        });
        let sums = totals(parts).unwrap_or_default().into_iter();
        let sum = |total: Total| AccountsSum {
            name: "Total".to_owned(),
            currency: total.currency,
            balance: total.balance,
            scale: total.scale,
        };
        sums.map(sum).collect()
    }
}

impl AccountSums {
    /// Adds an event's change of an account.
    pub(super) fn post(&mut self, id: usize, account: &AccountHistory, seq: u32, change: Balance) {
        let known = self.of_accounts.get(id).copied().flatten();
        let [total, group] = known.unwrap_or_else(|| self.enter(id, account));
        let both = [Some(total), Some(group).filter(|group| *group != total)];
        for sum in both.into_iter().flatten() {
            if let Some(sum) = self.sums.get_mut(sum) {
                sum.balances.post(seq, change);
                sum.scale = sum.scale.max(account.scale);
            }
        }
    }

    fn enter(&mut self, id: usize, account: &AccountHistory) -> [usize; 2] {
        let (first, rest) = account.name.split_once(':').unwrap_or((&account.name, ""));
        self.has_segments |= !rest.is_empty();
        let first = first.to_owned();
        let total = self.sum(String::new(), account.currency);
        // With too many, the group is that of all accounts and adds nothing.
        let group = if self.sums.len() > MOST_GROUPS.saturating_mul(2) {
            total
        } else {
            self.sum(first, account.currency)
        };
        if self.of_accounts.len() <= id {
            self.of_accounts.resize(id.saturating_add(1), None);
        }
        if let Some(own) = self.of_accounts.get_mut(id) {
            *own = Some([total, group]);
        }
        [total, group]
    }

    fn sum(&mut self, name: String, currency: Option<Currency>) -> usize {
        let next = self.sums.len();
        let id = *self.ids.entry((name.clone(), currency)).or_insert(next);
        if id == next {
            let minor = currency.and_then(Currency::minor_digits);
            self.sums.push(SumHistory {
                name,
                currency,
                balances: Balances::default(),
                scale: minor.unwrap_or_default(),
            });
        }
        id
    }

    pub(super) fn settle(&mut self, position: impl Fn(u32) -> u32) {
        for sum in &mut self.sums {
            sum.balances.settle(&position);
        }
    }

    /// The sums at a moment, as `balance` has them: for each first segment if there are several, otherwise
    /// for each currency.
    pub(super) fn at(&self, moment: &HistoryMoment<'_>) -> Vec<AccountsSum> {
        let mut names: Vec<&str> = self.sums.iter().map(|sum| sum.name.as_str()).collect();
        names.retain(|name| !name.is_empty());
        names.sort_unstable();
        names.dedup();
        let by_group = self.has_segments && (2..=MOST_GROUPS).contains(&names.len());
        let shown = self
            .sums
            .iter()
            .filter(|sum| sum.name.is_empty() != by_group && sum.balances.count(moment) > 0);
        let mut sums: Vec<AccountsSum> = shown
            .map(|sum| AccountsSum {
                name: if by_group { &sum.name } else { "Total" }.to_owned(),
                currency: sum.currency,
                balance: sum.balances.at(moment),
                scale: sum.scale,
            })
            .collect();
        sums.sort_by(|one, other| (&one.name, one.currency).cmp(&(&other.name, other.currency)));
        sums
    }
}
