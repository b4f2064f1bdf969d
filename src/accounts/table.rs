//! Accounts by name.
//!
//! An account's index stays valid until an account is added, so that it is looked up once.

use std::hash::BuildHasher as _;

use hashbrown::hash_table::{Entry, IntoIter};
use hashbrown::{DefaultHashBuilder, HashTable};

use super::account::Account;

/// Accounts by their names, in no order.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountTable {
    hasher: DefaultHashBuilder,
    entries: HashTable<Named>,
}

/// An account under its name.
#[derive(Clone, Debug)]
pub(super) struct Named {
    name: Box<str>,
    account: Account,
}

/// Where an account was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found(usize);

impl AccountTable {
    /// Looks for an account.
    #[inline]
    pub(super) fn find(&self, name: &str) -> Option<Found> {
        let hash = self.hasher.hash_one(name);
        let is_it = |named: &Named| *named.name == *name;
        self.entries.find_bucket_index(hash, is_it).map(Found)
    }

    /// The account at this index.
    #[inline]
    pub(super) fn at(&self, found: Found) -> Option<&Account> {
        let named = self.entries.get_bucket(found.0)?;
        Some(&named.account)
    }

    /// The same, to be changed.
    #[inline]
    pub(super) fn at_mut(&mut self, found: Found) -> Option<&mut Account> {
        let named = self.entries.get_bucket_mut(found.0)?;
        Some(&mut named.account)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Account> {
        self.at(self.find(name)?)
    }

    /// The account with this name, and whether it is new; a new one is the given account.
    pub(super) fn enter(&mut self, name: &str, account: &Account) -> (&mut Account, bool) {
        let hasher = &self.hasher;
        let hash = hasher.hash_one(name);
        let is_it = |named: &Named| *named.name == *name;
        let entry = self
            .entries
            .entry(hash, is_it, |named| hasher.hash_one(&*named.name));
        match entry {
            Entry::Occupied(there) => (&mut there.into_mut().account, false),
            Entry::Vacant(room) => {
                let named = Named {
                    name: name.into(),
                    account: *account,
                };
                (&mut room.insert(named).into_mut().account, true)
            }
        }
    }

    /// Inserts an account, replacing one of the same name.
    pub(super) fn insert(&mut self, name: &str, account: Account) {
        *self.enter(name, &account).0 = account;
    }

    /// Reserves capacity for more accounts.
    pub(super) fn reserve(&mut self, more: usize) {
        let hasher = &self.hasher;
        self.entries
            .reserve(more, |named| hasher.hash_one(&*named.name));
    }

    /// Removes every account whose name does not pass the filter.
    pub(super) fn retain(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.entries.retain(|named| is_kept(&named.name));
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Account)> {
        self.entries
            .iter()
            .map(|named| (&*named.name, &named.account))
    }
}

impl IntoIterator for AccountTable {
    type Item = (Box<str>, Account);
    type IntoIter = std::iter::Map<IntoIter<Named>, fn(Named) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries
            .into_iter()
            .map(|named| (named.name, named.account))
    }
}

/// The same accounts under the same names.
impl PartialEq for AccountTable {
    fn eq(&self, other: &AccountTable) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .all(|(name, account)| other.get(name) == Some(account))
    }
}

impl Eq for AccountTable {}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_one_letter_or_in_length_are_two_accounts() {
        let account = Account::not_yet(None);
        let mut table = AccountTable::default();
        let mut count = 0;
        for length in 1..40 {
            for at in 0..=length {
                let mut name = "a".repeat(length);
                if at < length {
                    name.replace_range(at..=at, "b");
                }
                let first = count;
                table.insert(&name, Account { first, ..account });
                count += 1;
            }
        }
        assert_eq!(u64::try_from(table.len()), Ok(count));
        for (name, account) in table.iter() {
            assert_eq!(table.get(name), Some(account));
            let is_it = |named: &Named| *named.name == *name;
            assert_eq!(table.entries.iter().filter(|named| is_it(named)).count(), 1);
        }
    }
}
