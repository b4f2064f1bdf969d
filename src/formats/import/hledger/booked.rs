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
    pub(super) place: FilePlace,
}
