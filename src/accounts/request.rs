//! [`Request`]: what is to be recorded. [`Decision`]: the answer of the rules.
//!
//! Names and amounts are parsed. Currency, decimals and rules depend on the accounts and are still
//! unchecked.

use crate::event::{AccountName, Event, EventRef, Hash, Head, Key, LedgerId, Link, Record, Tags};
use crate::money::{Currency, Figure, TypedAmount};
use crate::time::{Timestamp, When, Zone};

/// What is to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is to happen.
    pub operation: Operation,
    /// When it takes effect, if that is not now.
    pub effective: Option<When>,
    /// Free text; empty text counts as none.
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
        /// Its currency.
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
        /// The amount and its currency.
        amount: TypedAmount,
    },
    /// Take money out.
    Withdraw {
        /// Where it leaves.
        account: AccountName<'static>,
        /// The amount and its currency.
        amount: TypedAmount,
    },
    /// Move money between two accounts.
    Transfer {
        /// Where it leaves.
        from: AccountName<'static>,
        /// Where it arrives.
        to: AccountName<'static>,
        /// The amount and its currency.
        amount: TypedAmount,
    },
    /// Close an account.
    Close {
        /// Which.
        account: AccountName<'static>,
    },
    /// Move money between two accounts of different currencies.
    Exchange {
        /// Where it leaves.
        from: AccountName<'static>,
        /// Where it arrives.
        to: AccountName<'static>,
        /// How much leaves, of what.
        amount: TypedAmount,
        /// How much arrives, of what.
        arrives: TypedAmount,
    },
    /// Set money aside, or announce it.
    Hold {
        /// On which account.
        from: Option<AccountName<'static>>,
        /// To which account. At least one of the two is named.
        to: Option<AccountName<'static>>,
        /// The amount and its currency.
        amount: TypedAmount,
        /// When it ends by itself.
        expires: Option<When>,
    },
    /// Take money that a hold set aside.
    Capture {
        /// Which hold.
        hold: EventRef,
        /// How much; all that is left if not named.
        amount: Option<TypedAmount>,
        /// To which account, if the hold does not say.
        to: Option<AccountName<'static>>,
        /// True if the rest stays on hold.
        keep: bool,
    },
    /// Release money on hold.
    Release {
        /// Which hold.
        hold: EventRef,
        /// How much; all that is left if not named.
        amount: Option<TypedAmount>,
    },
    /// Give back part or all of an event.
    Refund {
        /// Which event.
        event: EventRef,
        /// How much; all that is still refundable if not named.
        amount: Option<TypedAmount>,
    },
    /// Reverse an event and record what should have been recorded.
    Correct(Box<Correction>),
    /// Close everything up to a moment.
    Seal {
        /// The moment; a day or longer means its end.
        through: When,
        /// True if it cannot be taken back.
        is_final: bool,
    },
    /// Take the seal back.
    Unseal {
        /// From when on; everything if not named.
        from: Option<When>,
    },
    /// Erase memo and tags of events.
    Redact {
        /// Which events.
        events: Vec<EventRef>,
        /// True if the events that are linked to them and carry copies are meant too.
        linked: bool,
    },
    /// Record the opposite of an event.
    Reverse {
        /// Which event.
        event: EventRef,
    },
    /// Undo the newest event that can be undone, or the whole batch it belongs to.
    Undo,
}

/// What a correction changes. What is not named stays as it was; so do memo and tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Which event.
    pub event: EventRef,
    /// How much.
    pub amount: Option<TypedAmount>,
    /// How much arrives; of an exchange.
    pub arrives: Option<TypedAmount>,
    /// The account; of a deposit or withdrawal.
    pub account: Option<AccountName<'static>>,
    /// Where it leaves; of a transfer or an exchange.
    pub from: Option<AccountName<'static>>,
    /// Where it arrives; of a transfer or an exchange.
    pub to: Option<AccountName<'static>>,
    /// The tags to leave out.
    pub untag: Vec<String>,
    /// The earlier event whose content comes back, if this undoes a correction.
    pub back_to: Option<Box<Record<'static>>>,
}

impl Correction {
    /// A correction that changes nothing yet.
    pub fn of(event: EventRef) -> Correction {
        Correction {
            event,
            amount: None,
            arrives: None,
            account: None,
            from: None,
            to: None,
            untag: Vec::new(),
            back_to: None,
        }
    }
}

impl Operation {
    /// The earlier event that it names; the last of several.
    pub fn target(&self) -> Option<&EventRef> {
        match self {
            Operation::Redact { events, .. } => events.last(),
            Operation::Reverse { event }
            | Operation::Refund { event, .. }
            | Operation::Capture { hold: event, .. }
            | Operation::Release { hold: event, .. } => Some(event),
            Operation::Correct(correction) => Some(&correction.event),
            _ => None,
        }
    }

    /// Every earlier event that it names.
    pub fn targets(&self) -> &[EventRef] {
        match self {
            Operation::Redact { events, .. } => events,
            _ => self.target().map_or(&[], std::slice::from_ref),
        }
    }

    /// The same operation with a number for the event that it names.
    #[must_use]
    pub fn with_target(mut self, seq: u64) -> Operation {
        match &mut self {
            Operation::Redact { events, .. } => *events = vec![EventRef::Seq(seq)],
            Operation::Reverse { event }
            | Operation::Refund { event, .. }
            | Operation::Capture { hold: event, .. }
            | Operation::Release { hold: event, .. } => *event = EventRef::Seq(seq),
            Operation::Correct(correction) => correction.event = EventRef::Seq(seq),
            _ => {}
        }
        self
    }

    /// The same operation, naming these events.
    #[must_use]
    pub fn with_targets(mut self, targets: Vec<EventRef>) -> Operation {
        match (&mut self, targets.last()) {
            (Operation::Redact { events, .. }, _) => *events = targets,
            (_, Some(EventRef::Seq(seq))) => {
                let seq = *seq;
                return self.with_target(seq);
            }
            _ => {}
        }
        self
    }

    /// The moment that it names.
    pub fn moment(&self) -> Option<&When> {
        match self {
            Operation::Hold { expires, .. } => expires.as_ref(),
            Operation::Seal { through, .. } => Some(through),
            Operation::Unseal { from } => from.as_ref(),
            _ => None,
        }
    }

    /// The accounts that it names: what leaves before what arrives.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountName<'_>> {
        let named = match self {
            Operation::Open { account, .. }
            | Operation::Limit { account, .. }
            | Operation::Deposit { account, .. }
            | Operation::Withdraw { account, .. }
            | Operation::Close { account } => [Some(account), None],
            Operation::Transfer { from, to, .. } | Operation::Exchange { from, to, .. } => {
                [Some(from), Some(to)]
            }
            Operation::Hold { from, to, .. } => [from.as_ref(), to.as_ref()],
            Operation::Capture { to, .. } => [to.as_ref(), None],
            _ => [None, None],
        };
        let corrected = match self {
            Operation::Correct(correction) => [
                correction.account.as_ref(),
                correction.from.as_ref(),
                correction.to.as_ref(),
            ],
            _ => [None, None, None],
        };
        let back_to = match self {
            Operation::Correct(correction) => correction.back_to.as_deref(),
            _ => None,
        };
        let back = back_to
            .into_iter()
            .flat_map(|record| record.event.accounts());
        named.into_iter().chain(corrected).flatten().chain(back)
    }
}

/// The description of a new ledger.
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

/// What a decision needs besides the state.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    /// When the request is recorded.
    pub at: Option<Timestamp>,
    /// The moment that the operation names: when a hold expires, what is sealed, what stays sealed.
    pub moment: Option<Timestamp>,
    /// When the request takes effect, if that is not now.
    pub effective: Option<Timestamp>,
    /// The end of the log; `None` if there is no log.
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
    /// Record these, as one.
    Record(Vec<Proposal>),
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
