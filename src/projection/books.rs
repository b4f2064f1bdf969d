//! What is known of the tables while they are written: scales, and what is to be written before the
//! next commit.
//!
//! Owns which figures have grown finer, and the changes of days that were not written yet. Must not
//! know SQL.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use crate::accounts::{Account, Overflow};
use crate::money::{Balance, Currency, Scale};
use crate::time::{Instant, Period, Step, Zone};

/// An account as its rows have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) currency: Option<Currency>,
    pub(super) scale: Scale,
}

impl Held {
    pub(super) fn of(account: &Account) -> Held {
        Held {
            currency: account.currency,
            scale: account.scale,
        }
    }
}

/// What each account's days changed by, and by which day.
pub(super) type Days = BTreeMap<Box<str>, Balance>;

/// What is known of the tables.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) accounts: HashMap<Box<str>, Held>,
    pub(super) currencies: HashMap<Option<Currency>, Scale>,
    /// Accounts whose rows are to be written anew.
    pub(super) stale: BTreeSet<Box<str>>,
    /// Changes that stand in no day's row yet.
    pub(super) days: BTreeMap<Box<str>, Days>,
    today: Option<(Period, Box<str>)>,
}

impl Books {
    /// The day in which a moment lies, `2026-11-23`.
    pub(super) fn day(&mut self, zone: &Zone, at: Instant) -> Box<str> {
        if let Some((period, label)) = &self.today
            && (period.first..=period.last).contains(&at)
        {
            return label.clone();
        }
        let label: Box<str> = zone.label(Step::Day, at).into();
        self.today = Some((zone.period(Step::Day, at), label.clone()));
        label
    }

    /// The scale of a currency's whole numbers; as fine as ISO 4217 has it where there are none yet.
    pub(super) fn scale(&self, currency: Option<Currency>) -> Scale {
        let minor = currency.and_then(Currency::minor_digits);
        let known = self.currencies.get(&currency).copied();
        known.or(minor).unwrap_or_default()
    }

    pub(super) fn touch(&mut self, account: &str) {
        if !self.stale.contains(account) {
            self.stale.insert(account.into());
        }
    }

    /// Every account of a currency is to be written anew.
    pub(super) fn touch_all(&mut self, currency: Option<Currency>) {
        let of_it = self.accounts.iter();
        let of_it = of_it.filter(|(_, held)| held.currency == currency);
        self.stale.extend(of_it.map(|(name, _)| name.clone()));
    }

    /// Notes that an account changed on a day.
    pub(super) fn note(
        &mut self,
        account: &str,
        day: &str,
        change: Balance,
    ) -> Result<(), Overflow> {
        if !self.days.contains_key(account) {
            self.days.insert(account.into(), Days::new());
        }
        let Some(days) = self.days.get_mut(account) else {
            return Ok(());
        };
        match days.get_mut(day) {
            Some(sum) => *sum = plus(*sum, change, account)?,
            None => drop(days.insert(day.into(), change)),
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
