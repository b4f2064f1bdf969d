//! Accounts folded from consecutive events, separately from those before them, and how two such
//! folds are merged.

use super::table::PagedTable;
use super::{CheckpointError, record};
use crate::accounts::{Account, Setting, Settings, State};
use crate::event::Opening;

/// Some events folded apart from those before them, and what they set.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountFold {
    pub(super) state: State,
    pub(super) settings: Settings,
}

impl AccountFold {
    pub(super) fn empty(opening: &Opening<'static>) -> AccountFold {
        AccountFold {
            state: State::empty(opening.clone()),
            settings: Settings::default(),
        }
    }

    pub(super) fn append(&mut self, later: AccountFold) -> Result<(), CheckpointError> {
        let joined = self.state.append(later.state, &later.settings);
        self.settings.append(later.settings);
        if joined {
            Ok(())
        } else {
            Err(CheckpointError::Wrong("its accounts cannot be joined"))
        }
    }

    /// Its accounts as records, sorted by name; the names follow this prefix.
    pub(super) fn records(&self, prefix: &[u8], mut put: impl FnMut(&[u8], &[u8])) {
        let mut key = prefix.to_vec();
        let mut value = Vec::new();
        for (name, account) in self.state.accounts() {
            key.truncate(prefix.len());
            key.extend_from_slice(name.as_bytes());
            value.clear();
            record::put_account(&mut value, account, self.settings.of(name));
            put(&key, &value);
        }
    }

    /// Adds every account of a table; the names follow this prefix.
    pub(super) fn take_all(
        &mut self,
        table: &PagedTable,
        prefix: &[u8],
    ) -> Result<(), CheckpointError> {
        table.each(prefix, |key, value| {
            let name = record::name_after(prefix, key);
            self.take(
                name.ok_or(CheckpointError::Wrong("a name is not in its form"))?,
                value,
            )
        })
    }

    /// Takes in an account from a record.
    pub(super) fn take(&mut self, name: &str, value: &[u8]) -> Result<(), CheckpointError> {
        let (account, setting) = record::get_account(value)
            .ok_or(CheckpointError::Wrong("an account is not in its form"))?;
        self.add(name, account, setting)
    }

    fn add(
        &mut self,
        name: &str,
        account: Account,
        setting: Setting,
    ) -> Result<(), CheckpointError> {
        if !self.state.join_account(name, &account, setting) {
            return Err(CheckpointError::Wrong("its accounts cannot be joined"));
        }
        self.settings.add(name, setting);
        Ok(())
    }
}

/// Combines what several tables say about an account, oldest first.
pub(super) fn join_accounts(values: &[Vec<u8>]) -> Result<Vec<u8>, CheckpointError> {
    const NAME: &str = "it";
    let mut joined = AccountFold::default();
    for value in values {
        joined.take(NAME, value)?;
    }
    let mut found = Vec::new();
    joined.records(b"", |_, value| found.extend_from_slice(value));
    Ok(found)
}
