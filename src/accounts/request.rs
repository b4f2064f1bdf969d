//! [`Request`]: what somebody asks to be recorded. [`Decision`]: what the rules answer.
//!
//! Names and amounts are parsed. What is still open depends on the accounts: the currency, the
//! decimals, the rules.

use crate::event::{AccountName, Event, EventRef, Hash, Head, Key, LedgerId, Link, Record, Tags};
use crate::money::{Currency, Figure, TypedAmount};
use crate::time::{Timestamp, When, Zone};

/// What somebody asks to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is to happen.
    pub operation: Operation,
    /// When it takes effect, if that is not now.
    pub effective: Option<When>,
    /// Free text; an empty one is none.
    pub memo: Option<String>,
    /// Key and value pairs to find it by.
    pub tags: Tags<'static>,
    /// The idempotency key.
    pub key: Option<Key<'static>>,
    /// Where the log must end for this to be recorded.
    pub if_head: Option<Head>,
}

impl From<Operation> for Request {
    fn from(operation: Operation) -> Request {
        Request {
            operation,
            effective: None,
            memo: None,
            tags: Tags::default(),
            key: None,
            if_head: None,
        }
    }
}

impl Request {
    /// The memo, unless it is empty.
    pub fn memo(&self) -> Option<&str> {
        self.memo.as_deref().filter(|memo| !memo.is_empty())
    }
}

/// What is to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Start a log.
    Init(NewLedger),
    /// Open an account, or open a closed one again.
    Open {
        /// Which.
        account: AccountName<'static>,
        /// What it is to hold.
        currency: Option<Currency>,
        /// The lowest balance it may reach.
        floor: Option<TypedFloor>,
    },
    /// Set an account's floor.
    Limit {
        /// Which.
        account: AccountName<'static>,
        /// The lowest balance it may reach.
        floor: TypedFloor,
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
        /// Which event.
        event: EventRef,
    },
    /// Reverse the newest event that is neither reversed nor a reversal.
    Undo,
}

impl Operation {
    /// The earlier event that it names.
    pub fn target(&self) -> Option<&EventRef> {
        match self {
            Operation::Reverse { event } => Some(event),
            _ => None,
        }
    }

    /// The accounts that it names: what leaves before what arrives.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountName<'static>> {
        let named = match self {
            Operation::Open { account, .. }
            | Operation::Limit { account, .. }
            | Operation::Deposit { account, .. }
            | Operation::Withdraw { account, .. }
            | Operation::Close { account } => [Some(account), None],
            Operation::Transfer { from, to, .. } => [Some(from), Some(to)],
            Operation::Init(_) | Operation::Reverse { .. } | Operation::Undo => [None, None],
        };
        named.into_iter().flatten()
    }
}

/// What a new ledger is to be.
#[derive(Clone, Debug)]
pub struct NewLedger {
    /// The default currency.
    pub currency: Option<Currency>,
    /// The zone its days are in.
    pub zone: Zone,
    /// True if accounts must be opened first.
    pub strict: bool,
}

impl PartialEq for NewLedger {
    fn eq(&self, other: &NewLedger) -> bool {
        (self.currency, self.strict, self.zone.name())
            == (other.currency, other.strict, other.zone.name())
    }
}

impl Eq for NewLedger {}

impl Default for NewLedger {
    fn default() -> NewLedger {
        NewLedger {
            currency: None,
            zone: Zone::utc(),
            strict: false,
        }
    }
}

/// A floor as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypedFloor {
    /// No lower bound.
    None,
    /// Not below this figure.
    At(Figure),
}

/// What a decision needs beside the state.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    /// When the request takes effect, if that is not now.
    pub effective: Option<Timestamp>,
    /// Where the log ends; none if there is no log.
    pub head: Option<(u64, Hash)>,
    /// The event that was recorded under the request's key.
    pub keyed: Option<&'a Record<'static>>,
    /// The event that the operation names.
    pub target: Option<&'a Record<'static>>,
    /// The id of a ledger that `init` starts.
    pub id: Option<LedgerId>,
}

/// The answer to a request that is not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Record this.
    Record(Proposal),
    /// Record nothing: the key was used for the event of this number, with the same content.
    Repeat(u64),
}

/// An event that may be recorded; the log adds its number, its time and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What happens.
    pub event: Event<'static>,
    /// How it relates to an earlier event.
    pub link: Option<Link>,
    /// When it takes effect, if that is not now.
    pub effective: Option<Timestamp>,
    /// Free text, not empty.
    pub memo: Option<String>,
    /// Key and value pairs to find it by.
    pub tags: Tags<'static>,
}
