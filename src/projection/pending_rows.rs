//! The state of the tables while they are written: scales, and rows that wait for the next commit.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::accounts::{Account, Overflow};
use crate::money::{Balance, Currency, Scale};
use crate::time::{Period, Step, Timestamp, Zone};

/// An account as its rows have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeldAccounts {
    pub(super) currency: Option<Currency>,
    pub(super) scale: Scale,
}

impl HeldAccounts {
    pub(super) fn of(account: &Account) -> HeldAccounts {
        HeldAccounts {
            currency: account.currency,
            scale: account.scale,
        }
    }
}

/// By how much an account changed on each day.
pub(super) type DailyChanges = BTreeMap<Box<str>, Balance>;

/// What must be written for an account before the next commit, besides its own row. It waits so
/// that neighbouring rows are written together.
#[derive(Debug, Default)]
pub(super) struct PendingRow {
    /// Events, their changes of the balance, and the balance after each.
    pub(super) changes: Vec<(u64, Balance, Balance)>,
    pub(super) days: DailyChanges,
}

/// What is known of the tables.
#[derive(Debug, Default)]
pub(super) struct PendingRows {
    pub(super) accounts: HashMap<Box<str>, HeldAccounts>,
    pub(super) currencies: HashMap<Option<Currency>, Scale>,
    pub(super) pending: HashMap<String, PendingRow>,
    today: Option<(Period, Box<str>)>,
}

impl PendingRows {
    /// The day of a moment, `2026-11-23`.
    pub(super) fn day(&mut self, zone: &Zone, at: Timestamp) -> Box<str> {
        if let Some((period, label)) = &self.today
            && (period.first..=period.last).contains(&at)
        {
            return label.clone();
        }
        let label: Box<str> = zone.label(Step::Day, at).into();
        self.today = Some((zone.period(Step::Day, at), label.clone()));
        label
    }

    /// The scale of a currency's integers; that of ISO 4217 if there are none yet.
    pub(super) fn scale(&self, currency: Option<Currency>) -> Scale {
        let known = self.currencies.get(&currency).copied();
        let minor = || currency.and_then(Currency::minor_digits);
        known.or_else(minor).unwrap_or_default()
    }

    /// The account of this name is to be written.
    pub(super) fn touch(&mut self, name: &str) -> &mut PendingRow {
        self.pending.entry_ref(name).or_default()
    }

    /// Every account of a currency is to be written.
    pub(super) fn touch_all(&mut self, currency: Option<Currency>) {
        for (name, held) in &self.accounts {
            if held.currency == currency {
                self.pending.entry_ref(&**name).or_default();
            }
        }
    }

    /// Takes the waiting rows, in the order of the tables.
    pub(super) fn take_pending(&mut self) -> Vec<(String, PendingRow)> {
        let mut pending: Vec<_> = self.pending.drain().collect();
        pending.sort_by(|(one, _), (other, _)| one.cmp(other));
        pending
    }
}

impl PendingRow {
    /// Notes that an event changed the account.
    pub(super) fn note(
        &mut self,
        name: &str,
        day: &str,
        (seq, change, balance): (u64, Balance, Balance),
    ) -> Result<(), Overflow> {
        self.changes.push((seq, change, balance));
        match self.days.get_mut(day) {
            Some(sum) => *sum = plus(*sum, change, name)?,
            None => drop(self.days.insert(day.into(), change)),
        }
        Ok(())
    }
}

/// A sum, or that it is beyond what a ledger can hold.
pub(super) fn plus(one: Balance, other: Balance, account: &str) -> Result<Balance, Overflow> {
    one.plus(other).ok_or_else(|| Overflow::Balance {
        account: account.to_owned(),
    })
}
