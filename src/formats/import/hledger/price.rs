//! Prices: what a posting is worth in another currency. A posting with a price is one side of an
//! exchange.

use super::super::figures::Number;
use super::super::{Fault, ImportError};
use super::journal::{WrittenAmount, WrittenPrice};
use super::{Booked, JournalBooker, amount_of};
use crate::accounts::Operation;
use crate::money::{Balance, Currency};

impl JournalBooker<'_, '_> {
    /// What an amount is worth at a price, with its sign. Nothing is rounded.
    pub(super) fn worth(
        &self,
        price: &WrittenPrice<'_>,
        number: Number,
        currency: Option<Currency>,
    ) -> Result<(Number, Option<Currency>), ImportError> {
        let WrittenAmount { text, place } = &price.amount;
        let at = |fault: Fault| ImportError::at(place.clone(), fault);
        let (of, unit) = self.amount(&price.amount)?;
        if unit.is_none() || currency.is_none() || unit == currency {
            return Err(at(unsupported("a price that is not in another currency")));
        }
        if of.value.is_negative() || of.is_zero() {
            return Err(at(Fault::Expected {
                found: format!("`{text}`"),
                expected: "a price above zero".to_owned(),
            }));
        }
        let worth = if price.is_total {
            let value = if number.value.is_negative() {
                of.value.negated().unwrap_or(of.value)
            } else {
                of.value
            };
            Number { value, ..of }
        } else {
            let too_large = || at(Fault::TooLarge((*text).to_owned()));
            product(number.value, of.value)
                .ok_or_else(too_large)?
                .filter(|worth| fits(*worth, unit))
                .map(|value| Number {
                    value,
                    scale: value.finest_scale(),
                })
                .ok_or_else(|| {
                    let code = unit.map_or_else(String::new, |unit| unit.to_string());
                    at(Fault::InexactPrice(code))
                })?
        };
        Ok((worth, unit))
    }
}

/// Two figures multiplied: nothing if that is too large, and nothing inside if it is not exact.
#[expect(clippy::option_option, reason = "two ways to have no product")]
fn product(one: Balance, other: Balance) -> Option<Option<Balance>> {
    const ONE: i128 = 1_000_000_000;
    let product = one.billionths().checked_mul(other.billionths())?;
    let (whole, rest) = (product.checked_div(ONE)?, product.checked_rem(ONE)?);
    Some((rest == 0).then(|| Balance::from_billionths(whole)))
}

fn fits(worth: Balance, currency: Option<Currency>) -> bool {
    let most = currency.and_then(Currency::minor_digits);
    most.is_none_or(|most| worth.finest_scale() <= most)
}

fn unsupported(what: &str) -> Fault {
    Fault::Unsupported {
        what: what.to_owned(),
        hint: None,
    }
}

/// Refuses a posting with a price that is more than the other one is worth: the part of its amount
/// that a part of its price is for would be made up.
pub(super) fn permit_whole(posting: &Booked, counted: &Booked) -> Result<(), ImportError> {
    let worth = |one: &Booked| one.worth().0.value.billionths().unsigned_abs();
    if posting.price.is_none() || worth(posting) == worth(counted) {
        return Ok(());
    }
    let fault = unsupported("a posting with a price against several others");
    Err(ImportError::at(posting.place.clone(), fault))
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
