//! Two postings as an exchange: one of them has a price, or both amounts are given.

use super::super::figures::Number;
use super::super::{Fault, FilePlace, ImportError};
use super::booked::Booked;
use crate::accounts::Operation;
use crate::money::{Currency, TypedAmount};

pub(super) fn unsupported(what: &str) -> Fault {
    Fault::unsupported(what)
}

/// Refuses a posting with a price that is more than the other one is worth: the part of its amount
/// that a part of its price is for would be made up.
pub(super) fn permit_whole(posting: &Booked, counted: &Booked) -> Result<(), ImportError> {
    let worth = |one: &Booked| one.worth().0.value.billionths().unsigned_abs();
    if posting.price.is_none() || worth(posting) == worth(counted) {
        return Ok(());
    }
    let fault = unsupported("a posting with a price against several others");
    Err(fault.at(posting.place.clone()))
}

/// The exchange of two postings, at least one of which has a price; an amount without one is what
/// `counted` is worth.
pub(super) fn exchange(
    giver: &Booked,
    taker: &Booked,
    counted: &Booked,
) -> Result<Operation, ImportError> {
    let (worth, currency) = counted.worth();
    let side = |posting: &Booked| {
        if posting.price.is_none() {
            amount_of(worth, currency, &counted.place)
        } else {
            amount_of(posting.number, posting.currency, &posting.place)
        }
    };
    Ok(Operation::Exchange {
        from: giver.account.clone(),
        to: taker.account.clone(),
        amount: side(giver)?,
        arrives: side(taker)?,
    })
}

/// An amount of a posting.
pub(super) fn amount_of(
    number: Number,
    currency: Option<Currency>,
    place: &FilePlace,
) -> Result<TypedAmount, ImportError> {
    let amount = number.amount(currency);
    amount.ok_or_else(|| Fault::TooLarge(number.normal()).at(place.clone()))
}
