//! [`Refusal`]: every reason why a request is not recorded, with its figures.
//!
//! Messages say what happened; hints are added by the command line.

use std::fmt;

use thiserror::Error;

use super::hold::HoldStatus;
use crate::event::{Event, EventRef, Hash, Head, Key, Kind};
use crate::money::{Amount, AmountError, Balance, Currency, Floor, Scale};
use crate::time::Timestamp;

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
    /// The log does not end at the expected head.
    #[error("the head is {}, not {asked}", shown_head(.actual.as_ref()))]
    HeadConflict {
        /// The expected end.
        asked: Head,
        /// The actual end; `None` if there is no log.
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
        /// If it was corrected: the event that stands in its place now.
        replacement: Option<u64>,
    },
    /// No account of this name.
    #[error("there is no account {account}")]
    UnknownAccount {
        /// The name.
        account: String,
        /// The account that may have been meant.
        did_you_mean: Option<String>,
        /// True if the ledger requires accounts to be opened first.
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
    #[error("{}", mismatch(.account, *.holds, *.asked, *.since))]
    CurrencyMismatch {
        /// Its name.
        account: String,
        /// What it holds, or would from this event on.
        holds: Option<Currency>,
        /// What was named.
        asked: Option<Currency>,
        /// Its first event, which fixed its currency.
        since: Option<u64>,
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
    /// An account with an open hold from or to it is not closed.
    #[error("cannot close {account}: event {hold} holds {}{} there", .rest.to_text(*.scale), word(*.currency))]
    AccountHasHold {
        /// Its name.
        account: String,
        /// The number of the hold.
        hold: u64,
        /// What is left of it.
        rest: Balance,
        /// The decimals to show.
        scale: Scale,
        /// Its currency.
        currency: Option<Currency>,
    },
    /// The event would take effect in a sealed period.
    #[error("everything up to {through} is sealed")]
    PeriodSealed {
        /// The last moment that is sealed.
        through: Timestamp,
    },
    /// A seal that cannot be taken back would be.
    #[error("the seal up to {through} is final")]
    FinalSeal {
        /// The last moment that is sealed for good.
        through: Timestamp,
    },
    /// There is no such hold, or the event does not match it.
    #[error("{}", unknown_hold(*.seq, *.reason))]
    UnknownHold {
        /// The number that was named.
        seq: u64,
        /// Why not.
        reason: HoldMismatch,
    },
    /// Nothing is left of the hold.
    #[error("nothing is left of hold {seq}: it is {}", .status.as_str())]
    HoldClosed {
        /// Its number.
        seq: u64,
        /// How it ended.
        status: HoldStatus,
    },
    /// The hold ended by itself.
    #[error("hold {seq} expired at {expired}")]
    HoldExpired {
        /// Its number.
        seq: u64,
        /// When.
        expired: Timestamp,
        /// The movement that a capture asked for, without the hold.
        instead: Option<Box<Event<'static>>>,
    },
    /// A moment that does not fit.
    #[error("{reason}: {moment}")]
    InvalidTime {
        /// What is wrong.
        reason: TimeMismatch,
        /// The moment that does not fit.
        moment: Timestamp,
    },
    /// More than is left of the hold.
    #[error("only {}{} is left of hold {seq}, not {}", .rest.to_text(*.scale), word(*.currency), .asked.as_balance().to_text(*.scale))]
    ExceedsHold {
        /// The number of the hold.
        seq: u64,
        /// How much was asked for.
        asked: Amount,
        /// How much is left.
        rest: Balance,
        /// The decimals to show.
        scale: Scale,
        /// Its currency.
        currency: Option<Currency>,
    },
    /// More than can still be refunded.
    #[error("only {}{} of event {seq} can still be refunded, not {}", .rest.to_text(*.scale), word(*.currency), .asked.map_or_else(|| "more".to_owned(), |asked| asked.as_balance().to_text(*.scale)))]
    ExceedsRefundable {
        /// The number of the event.
        seq: u64,
        /// How much was asked for; none if everything that is left.
        asked: Option<Amount>,
        /// How much can still be refunded.
        rest: Balance,
        /// The decimals to show.
        scale: Scale,
        /// Its currency.
        currency: Option<Currency>,
    },
    /// The event has no note that could be erased.
    #[error("there is nothing to redact in event {event}")]
    NothingToRedact {
        /// Which.
        event: EventRef,
    },
    /// A capture names another account than its hold.
    #[error("hold {seq} is to {to}, so the capture cannot name another account")]
    CaptureTo {
        /// The number of the hold.
        seq: u64,
        /// The account that the hold names.
        to: String,
    },
    /// A capture names an account, but its hold sets nothing aside.
    #[error("hold {seq} sets nothing aside, so a capture of it cannot name another account")]
    CaptureWithoutFrom {
        /// The number of the hold.
        seq: u64,
    },
    /// An exchange with an account that has no currency.
    #[error("an exchange needs a currency on both sides, {account} has none")]
    CurrencyNeeded {
        /// Its name.
        account: String,
    },
    /// Both sides of an exchange have one currency.
    #[error("an exchange needs two currencies, both are {}", named(*.currency))]
    SameCurrency {
        /// The one currency.
        currency: Option<Currency>,
        /// True if that was typed.
        is_typed: bool,
    },
    /// Nothing is different in the correction.
    #[error("the correction of event {seq} changes nothing")]
    NothingToCorrect {
        /// Its number.
        seq: u64,
    },
    /// The event cannot be corrected in this way.
    #[error("a correction of event {seq} cannot change `{word}`: its type is {}", .kind.as_str())]
    NotCorrectable {
        /// Its number.
        seq: u64,
        /// The word that does not fit.
        word: &'static str,
        /// Its type.
        kind: Kind,
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
            Refusal::AccountNotEmpty { .. } | Refusal::AccountHasHold { .. } => "account_not_empty",
            Refusal::PeriodSealed { .. } | Refusal::FinalSeal { .. } => "period_sealed",
            Refusal::UnknownHold { .. } => "unknown_hold",
            Refusal::HoldClosed { .. } => "hold_closed",
            Refusal::HoldExpired { .. } => "hold_expired",
            Refusal::InvalidTime { .. } => "invalid_time",
            Refusal::ExceedsHold { .. } => "exceeds_hold",
            Refusal::ExceedsRefundable { .. } => "exceeds_refundable",
            Refusal::NothingToRedact { .. } => "nothing_to_redact",
            Refusal::CurrencyMismatch { .. }
            | Refusal::CurrencyNeeded { .. }
            | Refusal::SameCurrency {
                is_typed: false, ..
            } => "currency_mismatch",
            Refusal::SameCurrency { .. }
            | Refusal::CaptureTo { .. }
            | Refusal::CaptureWithoutFrom { .. }
            | Refusal::NothingToCorrect { .. }
            | Refusal::NotCorrectable { .. }
            | Refusal::SelfTransfer { .. } => "usage",
            Refusal::InsufficientFunds(_) => "insufficient_funds",
            Refusal::BalanceOverflow { .. } => "balance_overflow",
            Refusal::Amount(_) => "invalid_amount",
        }
    }
}

/// A difference between a request and the event recorded with its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key of the field as in the log; `tags.NAME` for a tag.
    pub field: String,
    /// What was recorded.
    pub recorded: Option<String>,
    /// The current request.
    pub asked: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let recorded = self.recorded.as_deref().unwrap_or("none");
        let asked = self.asked.as_deref().unwrap_or("none");
        write!(f, "{} was {recorded}, now {asked}", self.field)
    }
}

/// Why an event cannot be reversed, or a recorded reversal is wrong.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NotReversible {
    /// There is no earlier event with this number.
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
    /// It is refunded, at least in part.
    #[error("it has refunds")]
    HasRefunds,
    /// It is a reversal or a refund itself.
    #[error("it is a reversal or a refund itself")]
    IsReversalOrRefund,
    /// It is the reversal of a refund or of a corrected event.
    #[error("it reverses a refund or an event that was corrected")]
    ReversesSpecial,
    /// A logged correction is not of the same type and currency, or not right after the reversal.
    #[error("what claims to correct it does not replace it")]
    NotItsReplacement,
    /// A recorded refund is not a part of the opposite of its event.
    #[error("what claims to refund it is not part of its opposite")]
    NotItsRefund,
    /// A reversal in the log is not the opposite of its event.
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
    /// To another account in another currency.
    Exchange,
    /// Set aside by a hold.
    Hold,
    /// Back to where a refunded event had it from.
    Refund,
    /// What a corrected event takes more than the original.
    Correct,
    /// Returns money to its origin, in a reversal.
    Reverse,
}

impl Outflow {
    fn verb(self) -> &'static str {
        match self {
            Outflow::Withdraw => "withdraw",
            Outflow::Transfer => "transfer",
            Outflow::Exchange => "exchange",
            Outflow::Hold => "hold",
            Outflow::Refund => "refund",
            Outflow::Correct => "take",
            Outflow::Reverse => "take back",
        }
    }
}

/// The figures of a refusal for lack of funds.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "cannot {} {}{word} from {account}: balance {}{word}{}, floor {}{word}",
    .outflow.verb(),
    .amount.as_balance().to_text(.amount.scale().max(*.scale)),
    .balance.to_text(*.scale),
    available_text(*.available, *.balance, *.scale, &word(*.currency)),
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
    /// What is available of it at the worst moment from then on, without what holds set aside and
    /// what takes effect later.
    pub available: Balance,
    /// The lowest balance it may reach.
    pub floor: Floor,
    /// What it holds.
    pub currency: Option<Currency>,
    /// The digits to show.
    pub scale: Scale,
}

fn available_text(available: Balance, balance: Balance, scale: Scale, word: &str) -> String {
    if available == balance {
        return String::new();
    }
    format!(", available {}{word}", available.to_text(scale))
}

/// Why an event does not match a hold.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum HoldMismatch {
    /// There is no hold of this number.
    #[error("there is no hold with this number")]
    Missing,
    /// Nothing was recorded under the key that names it.
    #[error("nothing was recorded under the key of the hold")]
    KeyUnknown,
    /// The accounts, the type or the currency are not the hold's.
    #[error("its accounts, type or currency are not the hold's")]
    Different,
}

/// Why a moment does not fit.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TimeMismatch {
    /// A capture or release takes effect before its hold.
    #[error("it would take effect before its hold")]
    BeforeHold,
    /// A hold expires before it takes effect.
    #[error("a hold expires after it takes effect")]
    ExpiresTooSoon,
    /// A seal of a time that is not over.
    #[error("only what is over can be sealed")]
    SealNotOver,
    /// A seal that is not later than the one in force.
    #[error("everything up to that moment is sealed already")]
    SealedAlready,
    /// An unseal that leaves the seal as it is.
    #[error("nothing after that moment is sealed")]
    NotSealed,
}

/// A currency after a figure; empty if there is none.
fn word(currency: Option<Currency>) -> String {
    currency.map_or_else(String::new, |currency| format!(" {currency}"))
}

fn named(currency: Option<Currency>) -> String {
    currency.map_or_else(|| "no currency".to_owned(), |currency| currency.to_string())
}

fn mismatch(
    account: &str,
    holds: Option<Currency>,
    asked: Option<Currency>,
    since: Option<u64>,
) -> String {
    match (holds, asked, since) {
        (Some(holds), Some(asked), _) => format!("{account} holds {holds}, not {asked}"),
        (Some(holds), None, _) => {
            format!("{account} is in {holds}, but the amount has no currency")
        }
        (None, Some(asked), Some(first)) => format!(
            "{account} has no currency, because event {first}, its first, named none; this amount is \
             in {asked}"
        ),
        (None, asked, _) => {
            let asked =
                asked.map_or_else(String::new, |asked| format!("; this amount is in {asked}"));
            format!("{account} has no currency{asked}")
        }
    }
}

fn joined(differences: &[Difference]) -> String {
    let texts: Vec<_> = differences.iter().map(Difference::to_string).collect();
    texts.join("; ")
}

fn not_reversible(seq: u64, reason: NotReversible) -> String {
    let cannot = |be: &str| format!("event {seq} cannot be {be}: {reason}");
    match reason {
        NotReversible::NothingToUndo | NotReversible::KeyUnknown => reason.to_string(),
        // Refunds and corrections are refused for these too.
        NotReversible::MovesNothing(_) => cannot("reversed, corrected or refunded"),
        NotReversible::IsReversalOrRefund => cannot("corrected or refunded"),
        NotReversible::HasRefunds => cannot("reversed or corrected"),
        _ => format!("cannot reverse event {seq}: {reason}"),
    }
}

fn unknown_hold(seq: u64, reason: HoldMismatch) -> String {
    match reason {
        HoldMismatch::Missing => format!("event {seq} is not a hold"),
        HoldMismatch::KeyUnknown => reason.to_string(),
        HoldMismatch::Different => format!("it does not match hold {seq}: {reason}"),
    }
}

fn shown_head(head: Option<&(u64, Hash)>) -> String {
    head.map_or_else(
        || "missing (there is no ledger yet)".to_owned(),
        |(seq, hash)| format!("{seq}:{}", hash.short(12)),
    )
}
