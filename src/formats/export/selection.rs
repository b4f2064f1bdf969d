//! The accounts whose events are exported.

use crate::accounts::State;
use crate::event::Entry;
use crate::replay::Glob;

/// Accounts selected by names and globs, or all of them.
#[derive(Clone, Debug, Default)]
pub struct Selection(Option<Vec<Glob>>);

impl Selection {
    /// Selects the accounts that match any of these names or globs: with an empty list none, with
    /// `None` all.
    pub fn new(wanted: Option<&[String]>) -> Selection {
        Selection(wanted.map(|wanted| wanted.iter().map(|text| Glob::new(text)).collect()))
    }

    /// True if all accounts are selected.
    pub fn is_all(&self) -> bool {
        self.0.is_none()
    }

    /// True if this account is selected.
    pub fn has(&self, account: &str) -> bool {
        let matches = |globs: &Vec<Glob>| globs.iter().any(|glob| glob.matches(account));
        self.0.as_ref().is_none_or(matches)
    }

    /// True if an event touches a selected account; of a selection of all accounts, also an event
    /// without accounts. `state` says which accounts a release is about.
    pub fn touched_by(&self, entry: &Entry<'_>, state: &State) -> bool {
        self.is_all() || state.accounts_of(&entry.event).any(|name| self.has(name))
    }
}
