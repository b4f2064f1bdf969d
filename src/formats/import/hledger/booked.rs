//! [`Booked`]: a posting of a journal with its account and its amount, and the operation of two of them.

use super::super::figures::Number;
use super::super::{Fault, FilePlace, ImportError};
use crate::accounts::Operation;
use crate::event::AccountName;
use crate::formats::export::EXTERNAL;
use crate::money::{Currency, TypedAmount};

/// A posting that was understood.
pub(super) struct Booked {
    pub(super) account: AccountName<'static>,
    pub(super) currency: Option<Currency>,
    pub(super) number: Number,
    /// What it is worth in another currency, if it has a price.
    pub(super) price: Option<(Number, Option<Currency>)>,
    pub(super) place: FilePlace,
}

impl Booked {
    /// What it counts for when the postings of a transaction are added up.
    pub(super) fn worth(&self) -> (Number, Option<Currency>) {
        self.price.unwrap_or((self.number, self.currency))
    }

    pub(super) fn is_giver(&self) -> bool {
        self.number.value.is_negative()
    }

    /// True of the world outside of the ledger.
    pub(super) fn is_outside(&self) -> bool {
        self.account.as_str() == EXTERNAL
    }

    /// The deposit or the withdrawal of a posting whose other side is the world outside.
    pub(super) fn against_external(&self) -> Result<Operation, ImportError> {
        let amount = self.amount(self.number, self.currency)?;
        let account = self.account.clone();
        Ok(if self.is_giver() {
            Operation::Withdraw { account, amount }
        } else {
            Operation::Deposit { account, amount }
        })
    }

    fn amount(
        &self,
        number: Number,
        currency: Option<Currency>,
    ) -> Result<TypedAmount, ImportError> {
        let amount = number.amount(currency);
        amount.ok_or_else(|| Fault::TooLarge(number.normal()).at(self.place.clone()))
    }

    /// Refuses a posting with a price that is more than the other one is worth: the part of its amount
    /// that a part of its price is for would be made up.
    fn permit_whole(&self, counted: &Booked) -> Result<(), ImportError> {
        let worth = |one: &Booked| one.worth().0.value.billionths().unsigned_abs();
        if self.price.is_none() || worth(self) == worth(counted) {
            return Ok(());
        }
        let fault = Fault::unsupported("a posting with a price against several others");
        Err(fault.at(self.place.clone()))
    }
}

/// What two postings do. The amount is that of `counted`, which is one of them.
pub(super) fn operation(
    giver: &Booked,
    taker: &Booked,
    counted: &Booked,
) -> Result<Operation, ImportError> {
    let (from, to) = (giver.account.clone(), taker.account.clone());
    let outside = (giver.is_outside(), taker.is_outside());
    let itself = || {
        let fault = Fault::unsupported(format!("a transaction from {from} to itself"));
        Err(fault.at(counted.place.clone()))
    };
    if giver.price.is_some() || taker.price.is_some() {
        giver.permit_whole(counted)?;
        taker.permit_whole(counted)?;
        return match outside {
            (true, false) => taker.against_external(),
            (false, true) => giver.against_external(),
            _ if from == to => itself(),
            _ => exchange(giver, taker, counted),
        };
    }
    let amount = counted.amount(counted.number, counted.currency)?;
    match outside {
        (true, false) => Ok(Operation::Deposit {
            account: to,
            amount,
        }),
        (false, true) => Ok(Operation::Withdraw {
            account: from,
            amount,
        }),
        _ if from == to => itself(),
        _ => Ok(Operation::Transfer { from, to, amount }),
    }
}

/// The exchange of two postings, at least one of which has a price; an amount without one is what
/// `counted` is worth.
fn exchange(giver: &Booked, taker: &Booked, counted: &Booked) -> Result<Operation, ImportError> {
    let (worth, currency) = counted.worth();
    let side = |posting: &Booked| match posting.price {
        None => counted.amount(worth, currency),
        Some(_) => posting.amount(posting.number, posting.currency),
    };
    Ok(Operation::Exchange {
        from: giver.account.clone(),
        to: taker.account.clone(),
        amount: side(giver)?,
        arrives: side(taker)?,
    })
}
