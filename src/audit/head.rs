//! Holding a log against a head that was kept elsewhere: the one thing that shows a cut-off end.

use crate::event::{Hash, Head};

/// What became of a head that was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadFound {
    /// None was asked about.
    NotAsked,
    /// The log holds that event.
    Yes,
    /// The log ends before it: its end was cut off.
    Shorter {
        /// The head that was asked about.
        asked: Head,
        /// The log's last event.
        last: u64,
    },
    /// The event of that number has another hash: this is another log, or one written anew.
    Other {
        /// The head that was asked about.
        asked: Head,
        /// The hash that is there.
        hash: Hash,
    },
    /// Damage lies ahead of it.
    NotReached {
        /// The head that was asked about.
        asked: Head,
    },
}

impl HeadFound {
    /// True where the log is not the one that the head was taken from.
    pub fn is_mismatch(&self) -> bool {
        matches!(self, HeadFound::Shorter { .. } | HeadFound::Other { .. })
    }
}

/// Looks out for a head while events go by.
#[derive(Debug)]
pub(super) struct HeadCheck<'h> {
    asked: Option<&'h Head>,
    seen: Option<Hash>,
}

impl<'h> HeadCheck<'h> {
    pub(super) fn new(asked: Option<&'h Head>) -> HeadCheck<'h> {
        HeadCheck { asked, seen: None }
    }

    pub(super) fn see(&mut self, seq: u64, hash: &Hash) {
        if self.asked.is_some_and(|head| head.seq == seq) {
            self.seen = Some(*hash);
        }
    }

    /// `last` is the last sound event, `is_sound` whether the log ends there.
    pub(super) fn found(&self, last: u64, is_sound: bool) -> HeadFound {
        let Some(asked) = self.asked else {
            return HeadFound::NotAsked;
        };
        let asked = asked.clone();
        match self.seen {
            Some(hash) if asked.is_of(asked.seq, &hash) => HeadFound::Yes,
            Some(hash) => HeadFound::Other { asked, hash },
            None if is_sound => HeadFound::Shorter { asked, last },
            None => HeadFound::NotReached { asked },
        }
    }
}
