//! [`Event`]: what happened, as a value without a position, and what can be asked of it.
//!
//! An event is a fact, not a result: it holds no balance.

use std::borrow::Cow;

use super::{AccountName, LedgerId};
use crate::money::{Amount, Balance, Currency, Floor, Scale};
use crate::time::Timestamp;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The first line of every log.
    Ledger(Opening<'a>),
    /// An account was opened, or opened again.
    Open {
        /// Which.
        account: AccountName<'a>,
        /// What it holds, if a currency was named or the ledger has a default.
        currency: Option<Currency>,
        /// The lowest balance it may reach; zero if absent.
        floor: Option<Floor>,
    },
    /// An account's floor was set.
    Limit {
        /// Which.
        account: AccountName<'a>,
        /// The lowest balance it may reach from now on.
        floor: Floor,
    },
    /// Money came in from outside.
    Deposit(Movement<'a>),
    /// Money went out.
    Withdraw(Movement<'a>),
    /// Money went from one account to another.
    Transfer {
        /// Where it left.
        from: AccountName<'a>,
        /// Where it arrived.
        to: AccountName<'a>,
        /// How much.
        amount: Amount,
        /// Its currency.
        currency: Option<Currency>,
    },
    /// An account was closed.
    Close {
        /// Which.
        account: AccountName<'a>,
    },
    /// Money was set aside, or announced.
    Hold(Box<Hold<'a>>),
    /// Money that a hold set aside became available again.
    Release {
        /// The number of the hold.
        hold: u64,
        /// How much.
        amount: Amount,
        /// Its currency.
        currency: Option<Currency>,
    },
    /// Money in one currency left an account, and money in another arrived on another account.
    Exchange(Box<Exchange<'a>>),
    /// Everything up to a moment was sealed.
    Seal {
        /// The last moment that is sealed.
        through: Timestamp,
        /// True if the seal cannot be taken back.
        is_final: bool,
    },
    /// The seal was taken back.
    Unseal {
        /// The last moment that is still sealed; nothing is if absent.
        through: Option<Timestamp>,
    },
    /// An event's note was erased.
    Redact {
        /// The number of the event.
        event: u64,
    },
}

/// Money that is set aside on an account, or announced to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold<'a> {
    /// The account on which it is set aside.
    pub from: Option<AccountName<'a>>,
    /// The account to which it is announced. At least one of the two is there.
    pub to: Option<AccountName<'a>>,
    /// How much.
    pub amount: Amount,
    /// Its currency.
    pub currency: Option<Currency>,
    /// When the hold ends by itself.
    pub expires: Option<Timestamp>,
}

/// An exchange of two currencies between two accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange<'a> {
    /// Where the money left.
    pub from: AccountName<'a>,
    /// Where the money arrived.
    pub to: AccountName<'a>,
    /// How much left.
    pub amount: Amount,
    /// Its currency.
    pub currency: Currency,
    /// How much arrived.
    pub to_amount: Amount,
    /// Its currency.
    pub to_currency: Currency,
}

/// What a ledger is: the first line's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening<'a> {
    /// Drawn at random when the log was made.
    pub id: LedgerId,
    /// The default currency.
    pub currency: Option<Currency>,
    /// The IANA name of the zone its days are in.
    pub zone: Cow<'a, str>,
    /// True if accounts must be opened before money moves.
    pub strict: bool,
}

impl Opening<'_> {
    /// The same opening, owned.
    pub fn into_owned(self) -> Opening<'static> {
        Opening {
            zone: Cow::Owned(self.zone.into_owned()),
            ..self
        }
    }
}

/// Money that enters or leaves the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement<'a> {
    /// Whose balance changes.
    pub account: AccountName<'a>,
    /// How much.
    pub amount: Amount,
    /// Its currency.
    pub currency: Option<Currency>,
}

/// What an event changes on one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting<'e> {
    /// Whose balance changes.
    pub account: &'e AccountName<'e>,
    /// By how much; below zero if money leaves.
    pub change: Balance,
    /// The decimals that the amount was recorded with.
    pub scale: Scale,
    /// Its currency.
    pub currency: Option<Currency>,
}

impl<'e> Posting<'e> {
    #[inline]
    fn arrives(account: &'e AccountName<'_>, amount: Amount, currency: Option<Currency>) -> Self {
        Posting {
            account,
            change: amount.as_balance(),
            scale: amount.scale(),
            currency,
        }
    }

    #[inline]
    fn leaves(account: &'e AccountName<'_>, amount: Amount, currency: Option<Currency>) -> Self {
        Posting {
            account,
            // An amount is above zero, and every such `i128` has an opposite: this cannot wrap.
            change: Balance::from_billionths(amount.billionths().wrapping_neg()),
            scale: amount.scale(),
            currency,
        }
    }
}

/// The type of an event, as the log and the command line call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `ledger`
    Ledger,
    /// `open`
    Open,
    /// `limit`
    Limit,
    /// `deposit`
    Deposit,
    /// `withdraw`
    Withdraw,
    /// `transfer`
    Transfer,
    /// `close`
    Close,
    /// `hold`
    Hold,
    /// `release`
    Release,
    /// `exchange`
    Exchange,
    /// `seal`
    Seal,
    /// `unseal`
    Unseal,
    /// `redact`
    Redact,
}

impl Kind {
    /// Every kind, in the order of the format's page.
    pub const ALL: [Kind; 13] = [
        Kind::Ledger,
        Kind::Open,
        Kind::Limit,
        Kind::Deposit,
        Kind::Withdraw,
        Kind::Transfer,
        Kind::Close,
        Kind::Hold,
        Kind::Release,
        Kind::Exchange,
        Kind::Seal,
        Kind::Unseal,
        Kind::Redact,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Ledger => "ledger",
            Kind::Open => "open",
            Kind::Limit => "limit",
            Kind::Deposit => "deposit",
            Kind::Withdraw => "withdraw",
            Kind::Transfer => "transfer",
            Kind::Close => "close",
            Kind::Hold => "hold",
            Kind::Release => "release",
            Kind::Exchange => "exchange",
            Kind::Seal => "seal",
            Kind::Unseal => "unseal",
            Kind::Redact => "redact",
        }
    }

    /// The kind this word names.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// True if events of this kind change balances.
    pub fn moves_money(self) -> bool {
        matches!(
            self,
            Kind::Deposit | Kind::Withdraw | Kind::Transfer | Kind::Exchange
        )
    }

    /// True if events of this kind act when they are recorded and cannot take effect at another time.
    pub fn acts_at_once(self) -> bool {
        matches!(self, Kind::Seal | Kind::Unseal | Kind::Redact)
    }

    /// The lowest version of the format that has this kind.
    pub fn version(self) -> u64 {
        match self {
            Kind::Ledger
            | Kind::Open
            | Kind::Limit
            | Kind::Deposit
            | Kind::Withdraw
            | Kind::Transfer
            | Kind::Close => 1,
            Kind::Hold
            | Kind::Release
            | Kind::Exchange
            | Kind::Seal
            | Kind::Unseal
            | Kind::Redact => 2,
        }
    }
}

impl Event<'_> {
    /// Its type.
    pub fn kind(&self) -> Kind {
        match self {
            Event::Ledger(_) => Kind::Ledger,
            Event::Open { .. } => Kind::Open,
            Event::Limit { .. } => Kind::Limit,
            Event::Deposit(_) => Kind::Deposit,
            Event::Withdraw(_) => Kind::Withdraw,
            Event::Transfer { .. } => Kind::Transfer,
            Event::Close { .. } => Kind::Close,
            Event::Hold(_) => Kind::Hold,
            Event::Release { .. } => Kind::Release,
            Event::Exchange(_) => Kind::Exchange,
            Event::Seal { .. } => Kind::Seal,
            Event::Unseal { .. } => Kind::Unseal,
            Event::Redact { .. } => Kind::Redact,
        }
    }

    /// What it changes, account by account: what leaves before what arrives.
    #[inline]
    pub fn postings(&self) -> impl Iterator<Item = Posting<'_>> {
        self.both_postings().into_iter().flatten()
    }

    /// The same postings as an array, for the paths on which time matters.
    #[inline]
    pub(crate) fn both_postings(&self) -> [Option<Posting<'_>>; 2] {
        match self {
            Event::Deposit(movement) => [
                Some(Posting::arrives(
                    &movement.account,
                    movement.amount,
                    movement.currency,
                )),
                None,
            ],
            Event::Withdraw(movement) => [
                Some(Posting::leaves(
                    &movement.account,
                    movement.amount,
                    movement.currency,
                )),
                None,
            ],
            Event::Transfer {
                from,
                to,
                amount,
                currency,
            } => [
                Some(Posting::leaves(from, *amount, *currency)),
                Some(Posting::arrives(to, *amount, *currency)),
            ],
            Event::Exchange(exchange) => [
                Some(Posting::leaves(
                    &exchange.from,
                    exchange.amount,
                    Some(exchange.currency),
                )),
                Some(Posting::arrives(
                    &exchange.to,
                    exchange.to_amount,
                    Some(exchange.to_currency),
                )),
            ],
            Event::Ledger(_)
            | Event::Open { .. }
            | Event::Limit { .. }
            | Event::Close { .. }
            | Event::Hold(_)
            | Event::Release { .. }
            | Event::Seal { .. }
            | Event::Unseal { .. }
            | Event::Redact { .. } => [None, None],
        }
    }

    /// The amount it is about, and of what.
    pub fn amount(&self) -> Option<(Amount, Option<Currency>)> {
        match self {
            Event::Deposit(movement) | Event::Withdraw(movement) => {
                Some((movement.amount, movement.currency))
            }
            Event::Transfer {
                amount, currency, ..
            }
            | Event::Release {
                amount, currency, ..
            } => Some((*amount, *currency)),
            Event::Hold(hold) => Some((hold.amount, hold.currency)),
            Event::Exchange(exchange) => Some((exchange.amount, Some(exchange.currency))),
            Event::Ledger(_)
            | Event::Open { .. }
            | Event::Limit { .. }
            | Event::Close { .. }
            | Event::Seal { .. }
            | Event::Unseal { .. }
            | Event::Redact { .. } => None,
        }
    }

    /// The currency it names, if it names one.
    pub fn currency(&self) -> Option<Currency> {
        match self {
            Event::Ledger(opening) => opening.currency,
            Event::Open { currency, .. } => *currency,
            other => other.amount().and_then(|(_, currency)| currency),
        }
    }

    /// The accounts it touches: the one that gives before the one that takes.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountName<'_>> {
        self.touched().into_iter().flatten()
    }

    /// The same side by side.
    #[inline]
    pub(crate) fn touched(&self) -> [Option<&AccountName<'_>>; 2] {
        match self {
            Event::Ledger(_)
            | Event::Release { .. }
            | Event::Seal { .. }
            | Event::Unseal { .. }
            | Event::Redact { .. } => [None, None],
            Event::Hold(hold) => [hold.from.as_ref(), hold.to.as_ref()],
            Event::Exchange(exchange) => [Some(&exchange.from), Some(&exchange.to)],
            Event::Open { account, .. }
            | Event::Limit { account, .. }
            | Event::Close { account } => [Some(account), None],
            Event::Deposit(movement) | Event::Withdraw(movement) => [Some(&movement.account), None],
            Event::Transfer { from, to, .. } => [Some(from), Some(to)],
        }
    }

    /// The same event, owned.
    pub fn into_owned(self) -> Event<'static> {
        let owned = |movement: Movement<'_>| Movement {
            account: movement.account.into_owned(),
            amount: movement.amount,
            currency: movement.currency,
        };
        match self {
            Event::Ledger(opening) => Event::Ledger(opening.into_owned()),
            Event::Open {
                account,
                currency,
                floor,
            } => Event::Open {
                account: account.into_owned(),
                currency,
                floor,
            },
            Event::Limit { account, floor } => Event::Limit {
                account: account.into_owned(),
                floor,
            },
            Event::Deposit(movement) => Event::Deposit(owned(movement)),
            Event::Withdraw(movement) => Event::Withdraw(owned(movement)),
            Event::Transfer {
                from,
                to,
                amount,
                currency,
            } => Event::Transfer {
                from: from.into_owned(),
                to: to.into_owned(),
                amount,
                currency,
            },
            Event::Close { account } => Event::Close {
                account: account.into_owned(),
            },
            Event::Hold(hold) => Event::Hold(Box::new(Hold {
                from: hold.from.map(AccountName::into_owned),
                to: hold.to.map(AccountName::into_owned),
                amount: hold.amount,
                currency: hold.currency,
                expires: hold.expires,
            })),
            Event::Release {
                hold,
                amount,
                currency,
            } => Event::Release {
                hold,
                amount,
                currency,
            },
            Event::Exchange(exchange) => Event::Exchange(Box::new(Exchange {
                from: exchange.from.into_owned(),
                to: exchange.to.into_owned(),
                amount: exchange.amount,
                currency: exchange.currency,
                to_amount: exchange.to_amount,
                to_currency: exchange.to_currency,
            })),
            Event::Seal { through, is_final } => Event::Seal { through, is_final },
            Event::Unseal { through } => Event::Unseal { through },
            Event::Redact { event } => Event::Redact { event },
        }
    }
}
