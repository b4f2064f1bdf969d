//! What somebody wants recorded, before the log was opened.

use crate::accounts::{Command, Request};
use crate::event::{Head, Key, Tags};
use crate::time::{Timestamp, When, Zone};

use super::{LedgerError, NewLedger};

/// What is to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Start a log.
    Init(NewLedger),
    /// What one event says.
    Command(Command),
    /// Reverse the newest event that is neither reversed nor a reversal.
    Undo,
    /// Reverse the event that was recorded under this key: for whoever does not know its number yet.
    ReverseKeyed(Key<'static>),
}

/// What somebody wants recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What is to happen.
    pub intent: Intent,
    /// When it took effect, where that is not now.
    pub effective: Option<When>,
    /// Free text.
    pub memo: Option<String>,
    /// Pairs to find it by.
    pub tags: Tags<'static>,
    /// The idempotency key.
    pub key: Option<Key<'static>>,
    /// Where the log must end for this to be taken.
    pub if_head: Option<Head>,
}

impl Intent {
    /// The key of what it reverses, where it knows no number.
    pub(super) fn reversed_key(&self) -> Option<&Key<'static>> {
        match self {
            Intent::ReverseKeyed(key) => Some(key),
            _ => None,
        }
    }
}

impl From<Intent> for Wish {
    fn from(intent: Intent) -> Wish {
        Wish {
            intent,
            effective: None,
            memo: None,
            tags: Tags::default(),
            key: None,
            if_head: None,
        }
    }
}

impl Wish {
    /// The memo, where it says anything.
    pub(super) fn memo(&self) -> Option<String> {
        self.memo.clone().filter(|memo| !memo.is_empty())
    }

    /// The instant it took effect, in the ledger's zone: a day or longer means its start.
    pub(super) fn effective(
        &self,
        now: Timestamp,
        zone: &Zone,
    ) -> Result<Option<Timestamp>, LedgerError> {
        let Some(when) = &self.effective else {
            return Ok(None);
        };
        match when.resolve(now, zone)?.start() {
            // What takes effect now does so when it is recorded, which is a little later.
            Some(instant) => Ok((instant != now).then_some(instant)),
            None => Err(LedgerError::PositionNotTime {
                text: when.text().to_owned(),
            }),
        }
    }

    /// The request that this comes to.
    pub(super) fn request(&self, command: Command, effective: Option<Timestamp>) -> Request {
        Request {
            command,
            effective,
            memo: self.memo(),
            tags: self.tags.clone(),
            key: self.key.clone(),
            if_head: self.if_head.clone(),
        }
    }
}
