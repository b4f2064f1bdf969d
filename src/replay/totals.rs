//! Sums over accounts, one a currency.

use std::collections::BTreeMap;

use crate::accounts::{Account, Overflow};
use crate::money::{Balance, Currency, Scale};

/// The total of accounts in one currency, or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// Its currency.
    pub currency: Option<Currency>,
    /// How much.
    pub balance: Balance,
    /// The digits to show: the finest of its accounts.
    pub scale: Scale,
}

impl From<&Account> for Total {
    fn from(account: &Account) -> Total {
        Total {
            currency: account.currency,
            balance: account.balance,
            scale: account.scale,
        }
    }
}

/// Adds up accounts, one total per currency, sorted, without currency first.
///
/// # Errors
/// [`Overflow::Total`] if a sum does not fit.
pub fn totals<P: Into<Total>>(parts: impl Iterator<Item = P>) -> Result<Vec<Total>, Overflow> {
    let mut sums: BTreeMap<Option<Currency>, Total> = BTreeMap::new();
    for part in parts {
        let Total {
            currency,
            balance,
            scale,
        } = part.into();
        let total = sums.entry(currency).or_insert(Total {
            currency,
            balance: Balance::ZERO,
            scale,
        });
        let sum = total.balance.plus(balance);
        total.balance = sum.ok_or(Overflow::Total { currency })?;
        total.scale = total.scale.max(scale);
    }
    Ok(sums.into_values().collect())
}

#[cfg(test)]
mod tests;
