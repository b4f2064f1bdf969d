//! Sums over accounts, one a currency.

use std::collections::BTreeMap;

use crate::accounts::{Account, Overflow};
use crate::money::{Balance, Currency, Scale};

/// The total of accounts in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// Its currency.
    pub currency: Option<Currency>,
    /// How much.
    pub balance: Balance,
    /// The digits to show: the finest of its accounts.
    pub scale: Scale,
}

/// Adds up accounts, one total per currency, sorted, without currency first.
///
/// # Errors
/// [`Overflow::Total`] if a sum does not fit.
pub fn totals<'a>(accounts: impl Iterator<Item = &'a Account>) -> Result<Vec<Total>, Overflow> {
    let mut sums: BTreeMap<Option<Currency>, Total> = BTreeMap::new();
    for account in accounts {
        let currency = account.currency;
        let total = sums.entry(currency).or_insert(Total {
            currency,
            balance: Balance::ZERO,
            scale: account.scale,
        });
        let sum = total.balance.plus(account.balance);
        total.balance = sum.ok_or(Overflow::Total { currency })?;
        total.scale = total.scale.max(account.scale);
    }
    Ok(sums.into_values().collect())
}

#[cfg(test)]
mod tests;
