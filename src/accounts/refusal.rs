//! [`Refusal`]: every reason for which a request is not recorded, with its figures.
//!
//! The sentences say what happened; what to do about it is for whoever prints them.

use std::fmt;

use thiserror::Error;

use crate::event::{Hash, Head, Key, Kind};
use crate::money::{Amount, AmountError, Balance, Currency, Floor, Scale};

/// Why a request is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// The key was used before, with other content.
    #[error("the key `{key}` was used for event {seq} with other content: {}", joined(.differences))]
    KeyConflict {
        /// The key.
        key: Key<'static>,
        /// The event recorded under it.
        seq: u64,
        /// What differs, field by field; at least one.
        differences: Vec<Difference>,
    },
    /// The log does not end where it was said to.
    #[error("the head is {}, not {asked}", shown_head(.actual.as_ref()))]
    HeadConflict {
        /// Where it was said to end.
        asked: Head,
        /// Where it ends; none where there is no log.
        actual: Option<(u64, Hash)>,
    },
    /// The event cannot be reversed.
    #[error("{}", not_reversible(*.seq, *.reason))]
    NotReversible {
        /// Its number.
        seq: u64,
        /// Why.
        reason: NotReversible,
    },
    /// The event is reversed already.
    #[error("event {seq} was reversed before, by event {by}")]
    AlreadyReversed {
        /// Its number.
        seq: u64,
        /// The event that reverses it.
        by: u64,
    },
    /// No account of this name.
    #[error("there is no account {account}")]
    UnknownAccount {
        /// The name.
        account: String,
        /// The account that may have been meant.
        did_you_mean: Option<String>,
        /// True where the ledger wants accounts opened first.
        strict: bool,
    },
    /// The account is closed.
    #[error("the account {account} is closed")]
    AccountClosed {
        /// Its name.
        account: String,
    },
    /// The account is open already.
    #[error("the account {account} is open already")]
    AccountExists {
        /// Its name.
        account: String,
    },
    /// The account holds another currency.
    #[error("{account} holds {}, not {}", named(*.holds), named(*.asked))]
    CurrencyMismatch {
        /// Its name.
        account: String,
        /// What it holds, or would from this event on.
        holds: Option<Currency>,
        /// What was named.
        asked: Option<Currency>,
    },
    /// An account with money on it, or with debts, is not closed.
    #[error("cannot close {account}: balance {}{}", .balance.to_text(*.scale), word(*.currency))]
    AccountNotEmpty {
        /// Its name.
        account: String,
        /// Its balance.
        balance: Balance,
        /// The digits to show.
        scale: Scale,
        /// What it holds.
        currency: Option<Currency>,
    },
    /// The account would fall below its floor.
    #[error(transparent)]
    InsufficientFunds(Box<Shortfall>),
    /// The balance would not fit.
    #[error("the balance of {account} would go beyond what a ledger can hold")]
    BalanceOverflow {
        /// Whose.
        account: String,
    },
    /// The figure does not fit the account's currency.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// Both sides of a transfer are one account.
    #[error("a transfer needs two accounts, {account} is both")]
    SelfTransfer {
        /// The one account.
        account: String,
    },
}

impl Refusal {
    /// The error code that scripts rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::KeyConflict { .. } => "key_conflict",
            Refusal::HeadConflict { .. } => "head_conflict",
            Refusal::NotReversible { .. } => "not_reversible",
            Refusal::AlreadyReversed { .. } => "already_reversed",
            Refusal::UnknownAccount { .. } => "unknown_account",
            Refusal::AccountClosed { .. } => "account_closed",
            Refusal::AccountExists { .. } => "account_exists",
            Refusal::CurrencyMismatch { .. } => "currency_mismatch",
            Refusal::AccountNotEmpty { .. } => "account_not_empty",
            Refusal::InsufficientFunds(_) => "insufficient_funds",
            Refusal::BalanceOverflow { .. } => "balance_overflow",
            Refusal::Amount(_) => "invalid_amount",
            Refusal::SelfTransfer { .. } => "usage",
        }
    }
}

/// Where what was asked under a key differs from what was recorded under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key of the field as in the log; `tags.NAME` for a tag.
    pub field: String,
    /// What was recorded.
    pub recorded: Option<String>,
    /// What is asked now.
    pub asked: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let recorded = self.recorded.as_deref().unwrap_or("none");
        let asked = self.asked.as_deref().unwrap_or("none");
        write!(f, "{} was {recorded}, now {asked}", self.field)
    }
}

/// Why an event cannot be reversed, or why what claims to reverse it does not.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NotReversible {
    /// No event of this number lies before.
    #[error("there is no such event")]
    Missing,
    /// Every event that moved money is reversed, or there is none.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// Nothing was recorded under the key that names it.
    #[error("nothing was recorded under its key")]
    KeyUnknown,
    /// It moved no money.
    #[error("its type is {}, which moves no money", .0.as_str())]
    MovesNothing(Kind),
    /// A logged reversal is something else than the event turned round.
    #[error("what claims to reverse it is not its opposite")]
    NotItsOpposite,
}

/// How money was to leave an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outflow {
    /// Out of the ledger.
    Withdraw,
    /// To another account.
    Transfer,
    /// Back to where an event that is reversed had it from.
    Reverse,
}

impl Outflow {
    fn verb(self) -> &'static str {
        match self {
            Outflow::Withdraw => "withdraw",
            Outflow::Transfer => "transfer",
            Outflow::Reverse => "take back",
        }
    }
}

/// The figures of a refusal for want of funds.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "cannot {} {}{word} from {account}: balance {}{word}, floor {}{word}",
    .outflow.verb(),
    .amount.as_balance().to_text(.amount.scale().max(*.scale)),
    .balance.to_text(*.scale),
    .floor.to_text(*.scale),
    word = word(*.currency)
)]
pub struct Shortfall {
    /// How it was to leave.
    pub outflow: Outflow,
    /// The account it was to leave.
    pub account: String,
    /// How much was to leave.
    pub amount: Amount,
    /// What is there.
    pub balance: Balance,
    /// How low it may go.
    pub floor: Floor,
    /// What it holds.
    pub currency: Option<Currency>,
    /// The digits to show.
    pub scale: Scale,
}

/// A currency behind a figure: nothing where there is none.
fn word(currency: Option<Currency>) -> String {
    currency.map_or_else(String::new, |currency| format!(" {currency}"))
}

fn named(currency: Option<Currency>) -> String {
    currency.map_or_else(|| "no currency".to_owned(), |currency| currency.to_string())
}

fn joined(differences: &[Difference]) -> String {
    let texts: Vec<_> = differences.iter().map(Difference::to_string).collect();
    texts.join("; ")
}

fn not_reversible(seq: u64, reason: NotReversible) -> String {
    match reason {
        NotReversible::NothingToUndo | NotReversible::KeyUnknown => reason.to_string(),
        _ => format!("cannot reverse event {seq}: {reason}"),
    }
}

fn shown_head(head: Option<&(u64, Hash)>) -> String {
    head.map_or_else(
        || "nowhere, as there is no ledger yet".to_owned(),
        |(seq, hash)| format!("{seq}:{}", hash.short(12)),
    )
}
