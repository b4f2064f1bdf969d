//! The accounts whose events are exported.

use crate::event::Entry;
use crate::replay::Glob;

/// Accounts picked by names and globs; all of them where nothing is named.
#[derive(Clone, Debug, Default)]
pub struct Selection(Vec<Glob>);

impl Selection {
    /// The accounts that any of these names or globs fits.
    pub fn new<'t>(wanted: impl IntoIterator<Item = &'t str>) -> Selection {
        Selection(wanted.into_iter().map(Glob::new).collect())
    }

    /// True where this account is picked.
    pub fn has(&self, account: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|glob| glob.matches(account))
    }

    /// True where an event touches an account that is picked. The first line of a log touches none
    /// and is never picked: it is what the ledger is, not what happened in it.
    pub fn touched_by(&self, entry: &Entry<'_>) -> bool {
        entry.event.accounts().any(|name| self.has(name.as_str()))
    }
}
