//! Comparison of a log with a head that was kept elsewhere, the only way to detect a cut-off end.

use crate::event::{Entry, Event, Hash, Head};
use crate::proof::{TreeBuilder, TreeHead};

/// How a log compares with a head.
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
    /// The event with that number has another hash: this is another log, or a rewritten one.
    Other {
        /// The head that was asked about.
        asked: Head,
        /// The hash that is there.
        hash: Hash,
    },
    /// The log does not begin with the lines of a head file.
    OtherTree {
        /// The head file's head.
        asked: TreeHead,
        /// How many lines the log has.
        lines: u64,
    },
    /// There is damage before it.
    NotReached,
}

/// A head that was kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptHead {
    /// The last event, by its number and hash.
    Event(Head),
    /// The head of a head file.
    Tree(TreeHead),
}

impl HeadFound {
    /// True if the head was taken from another log.
    pub fn is_mismatch(&self) -> bool {
        matches!(
            self,
            HeadFound::Shorter { .. } | HeadFound::Other { .. } | HeadFound::OtherTree { .. }
        )
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

    /// `last` is the last valid event, `is_sound` whether the log ends there.
    pub(super) fn found(&self, last: u64, is_sound: bool) -> HeadFound {
        let Some(asked) = self.asked else {
            return HeadFound::NotAsked;
        };
        let asked = asked.clone();
        match self.seen {
            Some(hash) if asked.is_of(asked.seq, &hash) => HeadFound::Yes,
            Some(hash) => HeadFound::Other { asked, hash },
            None if is_sound => HeadFound::Shorter { asked, last },
            None => HeadFound::NotReached,
        }
    }
}

/// Compares the tree of a log with a head file's head, while events go by.
pub(super) struct TreeCheck {
    asked: TreeHead,
    tree: TreeBuilder,
    lines: u64,
    is_same_ledger: bool,
}

impl TreeCheck {
    pub(super) fn new(asked: TreeHead) -> TreeCheck {
        TreeCheck {
            asked,
            tree: TreeBuilder::new(),
            lines: 0,
            is_same_ledger: false,
        }
    }

    pub(super) fn see(&mut self, entry: &Entry<'_>) {
        if let Event::Ledger(opening) = &entry.event {
            self.is_same_ledger = opening.id == self.asked.ledger;
        }
        if self.tree.size() < self.asked.size.get() {
            self.tree.push(&entry.hash);
        }
        self.lines = self.lines.saturating_add(1);
    }

    /// `is_sound` says whether every line of the log was seen.
    pub(super) fn found(&self, is_sound: bool) -> HeadFound {
        let TreeCheck {
            asked, ref tree, ..
        } = *self;
        let is_reached = tree.size() == asked.size.get();
        if !is_reached && !is_sound {
            HeadFound::NotReached
        } else if is_reached && self.is_same_ledger && tree.root() == Some(asked.root) {
            HeadFound::Yes
        } else {
            HeadFound::OtherTree {
                asked,
                lines: self.lines,
            }
        }
    }
}
