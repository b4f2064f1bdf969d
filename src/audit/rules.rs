//! Checks the rules for every event of a log.
//!
//! It keeps what that needs: the state so far and the keys. Its only own rule is that a key is used
//! once.

use hashbrown::HashMap;
use sha2::{Digest as _, Sha256};

use crate::accounts::{Refusal, State, permit_link, permit_to};
use crate::event::{Entry, Event, Link, Record};

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
    /// The reversal directly before, if it may be the first event of a correction.
    before: Option<Record<'static>>,
    /// That reversal's own refusal, which counts unless a correction follows.
    postponed: Option<(Record<'static>, Option<Refusal>)>,
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
        let named = match (entry.link, &entry.event) {
            (Some(link), _) => Some(link.target()),
            (None, Event::Redact { event }) => Some(*event),
            _ => None,
        };
        let target = match named.filter(|seq| *seq < entry.seq) {
            Some(seq) => target(seq)?,
            None => None,
        };
        let corrects = matches!(entry.link, Some(Link::Corrects(_)));
        // Floors of a correction are judged once, after both of its events.
        if let Some((before, refusal)) = self.postponed.take()
            && !(corrects && entry.link.map(Link::target) == before.reverses())
        {
            broken.extend(refusal.map(Broken::from));
        }
        let touched = self.state.touched_by(&entry.event);
        if !matches!(entry.event, Event::Ledger(_)) {
            let before = self.before.as_ref().filter(|_| corrects);
            let linked = permit_link(&self.state, entry, target.as_deref(), before);
            broken.extend(linked.err().map(Broken::from));
            let permitted = permit_to(&self.state, touched, entry, target.as_deref(), before);
            match permitted {
                Err(refusal @ Refusal::InsufficientFunds(_))
                    if entry.more && entry.reverses().is_some() =>
                {
                    let own = entry.record.clone().into_owned();
                    self.postponed = Some((own, Some(refusal)));
                }
                permitted => broken.extend(permitted.err().map(Broken::from)),
            }
        }
        self.before =
            (entry.more && entry.reverses().is_some()).then(|| entry.record.clone().into_owned());
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
