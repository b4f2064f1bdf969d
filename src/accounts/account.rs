//! [`Account`]: one account as the events leave it.

use crate::event::Record;
use crate::money::{Balance, Currency, Floor, Scale};
use crate::time::Timestamp;

/// One account as the events so far leave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// What it holds.
    pub currency: Option<Currency>,
    /// True once an event has fixed the currency, possibly to none. Only false if a part of a log
    /// was applied that has a `limit` or `close` without what came before.
    pub currency_is_fixed: bool,
    /// How much.
    pub balance: Balance,
    /// How low it may go.
    pub floor: Floor,
    /// The digits its figures are shown with: the finest of its amounts so far, and at least those
    /// that ISO 4217 gives its currency.
    pub scale: Scale,
    /// False once closed.
    pub open: bool,
    /// The number of the first event that touched it.
    pub first: u64,
    /// The number of the last event that touched it.
    pub last: u64,
    /// When the first was recorded.
    pub first_at: Timestamp,
    /// When the last was recorded.
    pub last_at: Timestamp,
}

impl Account {
    /// An account that does not exist yet.
    pub fn not_yet(currency: Option<Currency>) -> Account {
        Account {
            currency,
            currency_is_fixed: true,
            balance: Balance::ZERO,
            floor: Floor::default(),
            scale: currency
                .and_then(Currency::minor_digits)
                .unwrap_or_default(),
            open: false,
            first: 0,
            last: 0,
            first_at: Timestamp::MIN,
            last_at: Timestamp::MIN,
        }
    }

    pub(super) fn first_seen_in(entry: &Record<'_>) -> Account {
        Account {
            currency: None,
            currency_is_fixed: false,
            balance: Balance::ZERO,
            floor: Floor::default(),
            scale: Scale::WHOLE,
            open: true,
            first: entry.seq,
            last: entry.seq,
            first_at: entry.at,
            last_at: entry.at,
        }
    }

    /// Fixes the currency, once; later calls cost one comparison.
    pub(super) fn settle(
        &mut self,
        said: Option<Currency>,
        default: impl FnOnce() -> Option<Currency>,
    ) {
        if self.currency_is_fixed {
            return;
        }
        self.currency = said.or_else(default);
        self.currency_is_fixed = true;
        let minor = self.currency.and_then(Currency::minor_digits);
        self.scale = self.scale.max(minor.unwrap_or_default());
    }

    pub(super) fn touched_by(&mut self, entry: &Record<'_>) {
        self.last = entry.seq;
        self.last_at = entry.at;
    }
}
