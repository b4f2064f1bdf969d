//! Prices: what a posting is worth in another currency.

use super::super::figures::Number;
use super::super::{Fault, ImportError};
use super::JournalBooker;
use super::journal::{WrittenAmount, WrittenPrice};
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
        let at = |fault: Fault| fault.at(place.clone());
        let (of, unit) = self.amount(&price.amount)?;
        if unit.is_none() || currency.is_none() || unit == currency {
            return Err(at(Fault::unsupported(
                "a price that is not in another currency",
            )));
        }
        if of.value.is_negative() || of.is_zero() {
            return Err(at(Fault::expected(
                format!("`{text}`"),
                "a price above zero",
            )));
        }
        let worth = if price.is_total {
            of.turned(number.value.is_negative())
        } else {
            let too_large = || at(Fault::TooLarge((*text).to_owned()));
            product(number.value, of.value)
                .ok_or_else(too_large)?
                .filter(|worth| fits(*worth, unit))
                .map(Number::exact)
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
