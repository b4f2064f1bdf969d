//! The difference between two moments.

use std::collections::BTreeSet;

use crate::accounts::{Account, Overflow, State};
use crate::money::{Balance, Currency, Scale};

/// One account at two moments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountDiff {
    /// Its name.
    pub account: String,
    /// The first balance; zero if the account did not exist.
    pub from: Balance,
    /// The second balance; zero if the account does not exist.
    pub to: Balance,
    /// `to` less `from`.
    pub change: Balance,
    /// What it holds.
    pub currency: Option<Currency>,
    /// The digits to show.
    pub scale: Scale,
}

/// The accounts that differ between two states, sorted by name: with another balance, or in only
/// one of them.
///
/// # Errors
/// [`Overflow::Change`] if a difference does not fit.
pub fn diff(from: &State, to: &State) -> Result<Vec<AccountDiff>, Overflow> {
    let names: BTreeSet<&str> = [from, to]
        .into_iter()
        .flat_map(State::unsorted)
        .map(|(name, _)| name)
        .collect();
    let mut found = Vec::new();
    for name in names {
        let (before, after) = (from.account(name), to.account(name));
        let balance =
            |account: Option<&Account>| account.map_or(Balance::ZERO, |account| account.balance);
        let (from, to) = (balance(before), balance(after));
        if before.is_some() == after.is_some() && from == to {
            continue;
        }
        let change = to.minus(from).ok_or_else(|| Overflow::Change {
            account: name.to_owned(),
        })?;
        let both = || [after, before].into_iter().flatten();
        found.push(AccountDiff {
            account: name.to_owned(),
            from,
            to,
            change,
            currency: both().find_map(|account| account.currency),
            scale: both()
                .map(|account| account.scale)
                .max()
                .unwrap_or_default(),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
