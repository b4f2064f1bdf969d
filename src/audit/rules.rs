//! The rules of the ledger, asked of every event that a log holds.
//!
//! Owns what must be remembered for that: the state so far and the keys. Has no rule of its own but
//! that a key is used once.

use hashbrown::HashMap;
use sha2::{Digest as _, Sha256};

use crate::accounts::{Refusal, State, permit_reversal, permit_to};
use crate::event::{Entry, Event};

/// A rule that an event breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) code: &'static str,
    pub(super) detail: String,
}

impl From<Refusal> for Broken {
    fn from(refusal: Refusal) -> Broken {
        Broken {
            code: refusal.code(),
            detail: refusal.to_string(),
        }
    }
}

/// Asks the rules of event after event.
#[derive(Debug, Default)]
pub(super) struct Rules {
    state: State,
    /// Half of each key's digest, so that long keys cost no more than short ones, with the event
    /// that used it.
    keys: HashMap<[u8; 16], u64>,
}

impl Rules {
    /// Every rule that an event breaks, asked of the state before it; then it is applied. `target`
    /// finds the event that it reverses.
    pub(super) fn ask<E>(
        &mut self,
        entry: &Entry<'_>,
        target: impl FnOnce(u64) -> Result<Option<Entry<'static>>, E>,
    ) -> Result<Vec<Broken>, E> {
        let mut broken = Vec::new();
        broken.extend(self.key_used_before(entry));
        if let Some(seq) = entry.reverses() {
            let target = if seq < entry.seq { target(seq)? } else { None };
            let permitted = permit_reversal(&self.state, entry, target.as_deref());
            broken.extend(permitted.err().map(Broken::from));
        }
        let touched = self.state.touched_by(&entry.event);
        if !matches!(entry.event, Event::Ledger(_)) {
            let permitted = permit_to(&self.state, touched, &entry.event);
            broken.extend(permitted.err().map(Broken::from));
        }
        // What does not fit was refused above, and changes nothing.
        let _ = self.state.apply_to(touched, entry);
        Ok(broken)
    }

    fn key_used_before(&mut self, entry: &Entry<'_>) -> Option<Broken> {
        let key = entry.key.as_ref()?;
        let digest: [u8; 32] = Sha256::digest(key.as_str()).into();
        let (half, _) = digest.split_first_chunk()?;
        self.keys.insert(*half, entry.seq).map(|seq| Broken {
            code: "key_conflict",
            detail: format!("the key `{key}` was used before, by event {seq}"),
        })
    }
}
