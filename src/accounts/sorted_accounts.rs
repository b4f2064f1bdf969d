//! [`SortedAccounts`]: accounts in the order of their names, for iteration and not for look-up.
//!
//! Each name is stored once; a hash table would cost more than reading all accounts.

use super::account::Account;
use super::state::State;

/// Accounts in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SortedAccounts {
    /// All names, one after the other.
    names: String,
    /// Each account, and the end of its name.
    accounts: Vec<(usize, Account)>,
}

impl SortedAccounts {
    /// An empty collection with capacity for this many accounts.
    pub fn with_room(accounts: usize) -> SortedAccounts {
        /// As many bytes as most names have.
        const NAME: usize = 24;
        SortedAccounts {
            names: String::with_capacity(accounts.saturating_mul(NAME)),
            accounts: Vec::with_capacity(accounts),
        }
    }

    /// The accounts of a state.
    pub fn of(state: &State) -> SortedAccounts {
        let mut sorted = SortedAccounts::with_room(state.account_count());
        for (name, account) in state.accounts() {
            sorted.push(name, *account);
        }
        sorted
    }

    /// Adds an account whose name sorts after all others.
    pub fn push(&mut self, name: &str, account: Account) {
        debug_assert!(self.last_name().is_none_or(|last| last < name));
        self.names.push_str(name);
        self.accounts.push((self.names.len(), account));
    }

    fn last_name(&self) -> Option<&str> {
        let (end, _) = self.accounts.last()?;
        let before = self.accounts.iter().rev().nth(1);
        self.names.get(before.map_or(0, |(end, _)| *end)..*end)
    }

    /// Every account with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Account)> {
        let mut start = 0;
        self.accounts.iter().map(move |(end, account)| {
            let name = self.names.get(start..*end).unwrap_or_default();
            start = *end;
            (name, account)
        })
    }
}
