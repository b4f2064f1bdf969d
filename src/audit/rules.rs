//! Checks the rules for every event of a log.
//!
//! Its only own rule is that a key is used once.

use hashbrown::HashMap;
use sha2::{Digest as _, Sha256};

use crate::accounts::{Refusal, RefusedRecord, RuleChecker, State};
use crate::event::{Entry, Record};

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
    checker: RuleChecker,
    state: State,
    /// The first event that breaks a rule, but for that of keys.
    pub(super) first_broken: Option<u64>,
    /// Half of each key's digest, so that long keys cost no more than short ones, with the event
    /// that used it.
    keys: HashMap<[u8; 16], u64>,
}

impl Rules {
    /// Every rule that an event breaks, asked of the state before it; then it is applied. `target`
    /// finds an earlier event.
    pub(super) fn ask<E>(
        &mut self,
        entry: &Entry<'_>,
        target: impl FnOnce(u64) -> Result<Option<Record<'static>>, E>,
    ) -> Result<Vec<Broken>, E> {
        let mut broken = Vec::new();
        broken.extend(self.key_used_before(entry));
        let checked = self.checker.check(&self.state, entry, target)?;
        // What does not fit is refused, and changes nothing.
        let _ = self.state.apply_to(checked.touched, entry);
        if let Some(refused) = checked.refused.first() {
            self.first_broken.get_or_insert(refused.record.seq);
        }
        broken.extend(
            checked
                .refused
                .into_iter()
                .map(|RefusedRecord { refusal, .. }| Broken::from(refusal)),
        );
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
