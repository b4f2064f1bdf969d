//! [`HoldState`]: a hold, and what became of it.

use crate::event::{AccountName, Event, Link, Record};
use crate::money::{Amount, Balance, Currency, Scale};
use crate::time::Timestamp;

/// A hold, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldState {
    /// Its number.
    pub seq: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// When it took effect.
    pub took_effect: Timestamp,
    /// The account on which the money is set aside.
    pub from: Option<AccountName<'static>>,
    /// The account to which it is announced.
    pub to: Option<AccountName<'static>>,
    /// How much.
    pub amount: Amount,
    /// Its currency.
    pub currency: Option<Currency>,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// The key it was recorded under.
    pub key: Option<String>,
    /// Captures and releases, in the order in which they were recorded.
    pub settlements: Vec<Settlement>,
}

/// A capture or a release of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Its number.
    pub seq: u64,
    /// When it took effect.
    pub took_effect: Timestamp,
    /// How much.
    pub amount: Amount,
    /// True for a capture, false for a release.
    pub is_capture: bool,
    /// True if nothing is left after it.
    pub ends: bool,
}

/// How a hold is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldStatus {
    /// Something is left.
    Open,
    /// A capture took the rest, or let it go.
    Captured,
    /// A release let the rest go.
    Released,
    /// It ended by itself.
    Expired,
}

impl HoldStatus {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            HoldStatus::Open => "open",
            HoldStatus::Captured => "captured",
            HoldStatus::Released => "released",
            HoldStatus::Expired => "expired",
        }
    }
}

/// What is on hold on one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// The rests of holds to it.
    pub incoming: Balance,
    /// The rests of holds from it.
    pub outgoing: Balance,
}

impl Settlement {
    /// What a record takes from a hold or lets go; `None` if it is no capture and no release.
    pub(super) fn of(record: &Record<'_>) -> Option<Settlement> {
        let (amount, _) = record.event.amount()?;
        let (is_capture, ends) = match (record.link, &record.event) {
            (Some(Link::Captures { keep, .. }), _) => (true, !keep),
            (None, Event::Release { .. }) => (false, false),
            _ => return None,
        };
        Some(Settlement {
            seq: record.seq,
            took_effect: record.took_effect(),
            amount,
            is_capture,
            ends,
        })
    }
}

impl HoldState {
    /// True if the hold has ended by itself at a moment.
    pub fn is_expired(&self, at: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= at)
    }

    /// What is left of it, counting everything that was recorded but not its expiry.
    pub fn unsettled(&self) -> Balance {
        left(self.amount.as_balance(), &self.settlements)
    }

    /// What is left of it: everything recorded counts, and the moment decides whether it has expired.
    pub fn rest(&self, moment: Timestamp) -> Balance {
        if self.is_expired(moment) {
            Balance::ZERO
        } else {
            self.unsettled()
        }
    }

    /// How it is: everything recorded counts, and the moment decides whether it has expired.
    pub fn status(&self, moment: Timestamp) -> HoldStatus {
        if self.unsettled() == Balance::ZERO {
            return match self.settlements.last() {
                Some(last) if !last.is_capture => HoldStatus::Released,
                _ => HoldStatus::Captured,
            };
        }
        if self.is_expired(moment) {
            HoldStatus::Expired
        } else {
            HoldStatus::Open
        }
    }

    /// What captures have taken.
    pub fn captured(&self) -> Balance {
        let taken = self.settlements.iter();
        let taken = taken.filter(|one| one.is_capture);
        taken.fold(Balance::ZERO, |sum, one| add(sum, one.amount.billionths()))
    }

    /// What was let go, also by a capture that kept nothing on hold.
    pub fn released(&self) -> Balance {
        let gone = add(
            self.amount.as_balance(),
            self.unsettled().billionths().saturating_neg(),
        );
        add(gone, self.captured().billionths().saturating_neg())
    }

    /// The decimals that its figures are shown with.
    pub fn scale(&self) -> Scale {
        let settled = self.settlements.iter().map(|one| one.amount.scale());
        settled.fold(self.amount.scale(), Scale::max)
    }

    /// The accounts it is about: what leaves before what arrives.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountName<'static>> {
        self.from.iter().chain(&self.to)
    }
}

impl Pending {
    /// What is available of a balance: all of it but what is on hold.
    pub fn available(&self, balance: Balance) -> Balance {
        balance.minus(self.outgoing).unwrap_or(balance)
    }

    /// Adds to what is on hold from the account, or to it.
    pub(super) fn shift(&mut self, is_outgoing: bool, billionths: i128) {
        let side = if is_outgoing {
            &mut self.outgoing
        } else {
            &mut self.incoming
        };
        *side = add(*side, billionths);
    }
}

/// What is left of an amount on hold after captures and releases.
pub(super) fn left<'s>(
    amount: Balance,
    settlements: impl IntoIterator<Item = &'s Settlement>,
) -> Balance {
    let mut left = amount;
    for settlement in settlements {
        if settlement.ends {
            return Balance::ZERO;
        }
        left = add(left, settlement.amount.billionths().saturating_neg());
    }
    if left.is_negative() {
        Balance::ZERO
    } else {
        left
    }
}

pub(super) fn add(balance: Balance, billionths: i128) -> Balance {
    Balance::from_billionths(balance.billionths().saturating_add(billionths))
}
