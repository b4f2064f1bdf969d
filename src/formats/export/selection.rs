//! The accounts whose events are exported.

use crate::accounts::State;
use crate::event::Entry;
use crate::replay::Glob;

/// Accounts selected by names and globs; all accounts if there are none.
#[derive(Clone, Debug, Default)]
pub struct Selection(Vec<Glob>);

impl Selection {
    /// Selects the accounts that match any of these names or globs.
    pub fn new<'t>(wanted: impl IntoIterator<Item = &'t str>) -> Selection {
        Selection(wanted.into_iter().map(Glob::new).collect())
    }

    /// True if all accounts are selected.
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// True if this account is selected.
    pub fn has(&self, account: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|glob| glob.matches(account))
    }

    /// True if an event touches a selected account; of a selection of all accounts, also an event
    /// without accounts. `state` says which accounts a release is about.
    pub fn touched_by(&self, entry: &Entry<'_>, state: &State) -> bool {
        self.0.is_empty() || state.accounts_of(&entry.event).any(|name| self.has(name))
    }
}
