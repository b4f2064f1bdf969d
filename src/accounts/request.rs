//! What a decision is asked and what it answers with.
//!
//! Names and figures are parsed by now; what is still open is what only the accounts can say: the
//! currency, the digits, the rules.

use crate::event::{AccountName, Entry, Event, Hash, Head, Key, Tags};
use crate::money::{Currency, Figure, TypedAmount};
use crate::time::Timestamp;

/// What somebody asks to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is to happen.
    pub command: Command,
    /// When it took effect, where that is not now.
    pub effective: Option<Timestamp>,
    /// Free text; an empty one is none.
    pub memo: Option<String>,
    /// Pairs to find it by.
    pub tags: Tags<'static>,
    /// The idempotency key.
    pub key: Option<Key<'static>>,
    /// Where the log must end for this to be taken.
    pub if_head: Option<Head>,
}

impl From<Command> for Request {
    fn from(command: Command) -> Request {
        Request {
            command,
            effective: None,
            memo: None,
            tags: Tags::default(),
            key: None,
            if_head: None,
        }
    }
}

/// What is to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open an account, or open a closed one again.
    Open {
        /// Which.
        account: AccountName<'static>,
        /// What it is to hold.
        currency: Option<Currency>,
        /// How low it may go.
        floor: Option<FloorWish>,
    },
    /// Set an account's floor.
    Limit {
        /// Which.
        account: AccountName<'static>,
        /// How low it may go.
        floor: FloorWish,
    },
    /// Bring money in.
    Deposit {
        /// Where it arrives.
        account: AccountName<'static>,
        /// How much of what.
        amount: TypedAmount,
    },
    /// Take money out.
    Withdraw {
        /// Where it leaves.
        account: AccountName<'static>,
        /// How much of what.
        amount: TypedAmount,
    },
    /// Move money between two accounts.
    Transfer {
        /// Where it leaves.
        from: AccountName<'static>,
        /// Where it arrives.
        to: AccountName<'static>,
        /// How much of what.
        amount: TypedAmount,
    },
    /// Close an account.
    Close {
        /// Which.
        account: AccountName<'static>,
    },
    /// Record the opposite of an event.
    Reverse {
        /// Its number.
        seq: u64,
    },
}

/// A floor as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloorWish {
    /// No lower bound.
    None,
    /// Not below this figure.
    At(Figure),
}

/// What was looked up in the log for a decision.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Where the log ends; none where there is no log.
    pub head: Option<(u64, Hash)>,
    /// The event that was recorded under the request's key.
    pub keyed: Option<Entry<'static>>,
    /// The event that `Reverse` names.
    pub target: Option<Entry<'static>>,
}

/// An event that may be recorded: the log adds its number, its time and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What happened.
    pub event: Event<'static>,
    /// The event that it undoes.
    pub reverses: Option<u64>,
    /// When it took effect, as asked; the log leaves it out where that is when it is recorded.
    pub effective: Option<Timestamp>,
    /// The idempotency key.
    pub key: Option<Key<'static>>,
    /// Free text, not empty.
    pub memo: Option<String>,
    /// Pairs to find it by.
    pub tags: Tags<'static>,
}

/// The answer to a request that is not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Record this.
    Record(Draft),
    /// Nothing is to be recorded: this is what the key was used for, with the same content.
    Repeat(Entry<'static>),
}
