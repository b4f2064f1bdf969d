//! [`Booked`]: a posting of a journal with its account and its amount.

use super::super::FilePlace;
use super::super::figures::Number;
use crate::event::AccountName;
use crate::money::Currency;

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
}
