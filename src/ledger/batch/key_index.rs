//! Which event was recorded first under each key.

use hashbrown::HashMap;

use crate::event::Entry;

/// The keys of logged events, each with the first event that was recorded under it.
pub(super) type KeyIndex = HashMap<Box<str>, u64>;

/// Keeps the first event under each key.
pub(super) fn note_in(keys: &mut KeyIndex, entry: &Entry<'_>) {
    if let Some(key) = &entry.key
        && !keys.contains_key(key.as_str())
    {
        keys.insert(key.as_str().into(), entry.seq);
    }
}
