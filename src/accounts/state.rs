//! [`State`]: every account after the events so far, and `apply`, the only way to change it.
//!
//! It checks no rules: it accepts any events in order, including a part of a log or a log that
//! breaks the rules.

use hashbrown::HashMap;
use thiserror::Error;

use crate::event::{AccountName, Event, Opening, Posting, Record};
use crate::money::Currency;

use super::account::Account;
use super::commitments::Commitments;
use super::hold::HoldState;
use super::outstanding::Outstanding;
use super::table::{AccountTable, Found};

/// A figure beyond what an `i128` of billionths holds.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Overflow {
    /// An account's balance.
    #[error("the balance of {account} is beyond what a ledger can hold")]
    Balance {
        /// Whose.
        account: String,
    },
    /// The difference of two balances of one account.
    #[error("the change of {account} is beyond what a ledger can hold")]
    Change {
        /// Whose.
        account: String,
    },
    /// The sum of several accounts.
    #[error("the total{} is beyond what a ledger can hold", .currency.map_or_else(String::new, |c| format!(" in {c}")))]
    Total {
        /// Its currency.
        currency: Option<Currency>,
    },
}

/// Why an event cannot be applied.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ApplyError {
    /// A balance does not fit.
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// An account is in another currency than the event: there is no sum.
    #[error("{account} is {}, but this event is {}", in_currency(*holds), in_currency(*said))]
    OtherCurrency {
        /// Whose.
        account: Box<str>,
        /// What it holds.
        holds: Option<Currency>,
        /// What the event says.
        said: Option<Currency>,
    },
}

fn in_currency(currency: Option<Currency>) -> String {
    currency.map_or_else(
        || "without a currency".to_owned(),
        |code| format!("in {code}"),
    )
}

/// Everything that the events so far add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub(super) opening: Option<Opening<'static>>,
    pub(super) last_seq: Option<u64>,
    pub(super) accounts: AccountTable,
    pub(super) reversals: HashMap<u64, u64>,
    pub(super) commitments: Commitments,
}

/// The indices of an event's accounts, `from` of a transfer first; `None` for one that does not
/// exist. Valid until the next event is applied.
#[derive(Clone, Copy, Debug)]
pub struct Touched(pub(super) [Option<Found>; 2]);

impl State {
    /// Reserves capacity for more accounts.
    pub fn reserve(&mut self, accounts: usize) {
        self.accounts.reserve(accounts);
    }

    /// The first line's content.
    pub fn opening(&self) -> Option<&Opening<'static>> {
        self.opening.as_ref()
    }

    /// The ledger's default currency.
    pub fn default_currency(&self) -> Option<Currency> {
        self.opening.as_ref().and_then(|opening| opening.currency)
    }

    /// True if accounts must be opened before money moves.
    pub fn is_strict(&self) -> bool {
        self.opening.as_ref().is_some_and(|opening| opening.strict)
    }

    /// The number of the last event applied.
    pub fn last_seq(&self) -> Option<u64> {
        self.last_seq
    }

    /// Where the accounts are that an event touches.
    #[inline]
    pub fn touched_by(&self, event: &Event<'_>) -> Touched {
        let [one, other] = event.touched();
        let find = |name: &AccountName<'_>| self.accounts.find(name.as_str());
        Touched([one.and_then(find), other.and_then(find)])
    }

    /// An account that was found.
    #[inline]
    pub(super) fn account_at(&self, found: Option<Found>) -> Option<&Account> {
        self.accounts.at(found?)
    }

    /// The account of this name, open or closed.
    pub fn account(&self, name: &str) -> Option<&Account> {
        self.accounts.get(name)
    }

    /// The names of the accounts that an event is about: those that it names; of a release, those of its
    /// hold.
    pub fn accounts_of<'a>(&'a self, event: &'a Event<'a>) -> impl Iterator<Item = &'a str> {
        let hold = match event {
            Event::Release { hold, .. } => self.commitments.hold(*hold),
            _ => None,
        };
        let held = hold.into_iter().flat_map(HoldState::accounts);
        let held = held.map(AccountName::as_str);
        event.accounts().map(AccountName::as_str).chain(held)
    }

    /// Every account, sorted by name.
    pub fn accounts(&self) -> Vec<(&str, &Account)> {
        let mut sorted: Vec<_> = self.unsorted().collect();
        sorted.sort_unstable_by_key(|(name, _)| *name);
        sorted
    }

    /// Every account in no particular order, which is cheaper.
    pub fn unsorted(&self) -> impl Iterator<Item = (&str, &Account)> {
        self.accounts.iter()
    }

    /// How many accounts there are.
    pub fn account_count(&self) -> usize {
        self.accounts.len()
    }

    /// The event that reverses this one.
    pub fn reversed_by(&self, seq: u64) -> Option<u64> {
        self.reversals.get(&seq).copied()
    }

    /// What was reversed, each with the event that reverses it, in no order.
    pub fn reversals(&self) -> impl Iterator<Item = (u64, u64)> {
        self.reversals.iter().map(|(target, by)| (*target, *by))
    }

    /// What earlier events have settled for later ones, beside the balances.
    pub fn commitments(&self) -> &Commitments {
        &self.commitments
    }

    /// Takes in commitments that were kept elsewhere.
    pub fn put_commitments(&mut self, commitments: Commitments) {
        self.commitments = commitments;
    }

    /// Takes in what an account expects, as it was kept elsewhere.
    pub fn put_outstanding(&mut self, name: &str, outstanding: Outstanding) {
        self.commitments.put_outstanding(name, outstanding);
    }

    /// Takes in what an earlier record settled for later ones, as it was kept elsewhere.
    pub fn recall(&mut self, record: &Record<'_>) {
        self.commitments.recall(record);
    }

    /// Applies an entry. It checks no rules.
    ///
    /// # Errors
    /// [`ApplyError`] if a balance does not fit, or an account is in another currency; nothing is changed
    /// then.
    pub fn apply(&mut self, entry: &Record<'_>) -> Result<(), ApplyError> {
        let touched = self.touched_by(&entry.event);
        self.apply_to(touched, entry)
    }

    /// Like [`State::apply`], with the accounts of the entry already looked up.
    ///
    /// # Errors
    /// Those of [`State::apply`].
    #[inline]
    pub fn apply_to(&mut self, touched: Touched, entry: &Record<'_>) -> Result<(), ApplyError> {
        match entry.event.both_postings() {
            [None, _] => self.set(entry)?,
            postings => self.shift(touched, entry, postings)?,
        }
        self.last_seq = Some(entry.seq);
        if entry.version() > 1 || entry.effective.is_some() {
            self.commitments.apply(entry);
        }
        self.commitments.advance(entry.at);
        if let Some(target) = entry.reverses() {
            // A log that breaks the rules may reverse twice: the first is the one that counted.
            self.reversals.entry(target).or_insert(entry.seq);
        }
        Ok(())
    }

    /// Applies what an entry says about the ledger or an account itself.
    fn set(&mut self, entry: &Record<'_>) -> Result<(), ApplyError> {
        if let Event::Open { currency, .. } = &entry.event {
            self.check_currency(entry, *currency)?;
        }
        if let Event::Hold(hold) = &entry.event {
            self.check_currency(entry, hold.currency)?;
        }
        match &entry.event {
            Event::Ledger(opening) => self.opening = Some(opening.clone().into_owned()),
            Event::Open {
                account,
                currency,
                floor,
            } => {
                let default = self.default_currency();
                self.update(account, entry, |account| {
                    account.settle(*currency, || default);
                    account.floor = floor.unwrap_or_default();
                    account.open = true;
                });
            }
            Event::Limit { account, floor } => {
                self.update(account, entry, |account| account.floor = *floor);
            }
            Event::Close { account } => self.update(account, entry, |account| account.open = false),
            Event::Hold(hold) => {
                let default = self.default_currency();
                for name in hold.from.iter().chain(&hold.to) {
                    self.update(name, entry, |account| {
                        account.settle(hold.currency, || default);
                        account.scale = account.scale.max(hold.amount.scale());
                    });
                }
            }
            Event::Deposit(_)
            | Event::Withdraw(_)
            | Event::Transfer { .. }
            | Event::Exchange(_)
            | Event::Release { .. }
            | Event::Seal { .. }
            | Event::Unseal { .. }
            | Event::Redact { .. } => {}
        }
        Ok(())
    }

    /// Refuses an event whose accounts are in another currency.
    fn check_currency(&self, entry: &Record<'_>, said: Option<Currency>) -> Result<(), ApplyError> {
        for name in entry.event.accounts() {
            self.check_posting(name, self.account(name.as_str()), said)?;
        }
        Ok(())
    }

    /// Refuses a currency that is not the account's, or not the one that its first event must name.
    #[inline]
    fn check_posting(
        &self,
        name: &AccountName<'_>,
        known: Option<&Account>,
        said: Option<Currency>,
    ) -> Result<(), ApplyError> {
        let holds = match known {
            Some(account) if account.currency_is_fixed => account.currency,
            _ => said.or(self.default_currency()),
        };
        if holds == said {
            Ok(())
        } else {
            Err(other_currency(name, holds, said))
        }
    }

    fn update(
        &mut self,
        name: &AccountName<'_>,
        entry: &Record<'_>,
        with: impl FnOnce(&mut Account),
    ) {
        let account = known_or_new(&mut self.accounts, name, entry);
        with(account);
        account.touched_by(entry);
    }

    /// Moves the money of an event: both sides or neither.
    #[inline]
    fn shift(
        &mut self,
        touched: Touched,
        entry: &Record<'_>,
        [first, second]: [Option<Posting<'_>>; 2],
    ) -> Result<(), ApplyError> {
        let Touched([one, other]) = touched;
        if let Some(posting) = &first {
            self.check_posting(posting.account, self.account_at(one), posting.currency)?;
        }
        if let (Some(giver), Some(taker)) = (first, second) {
            // Checked before the giver changes; its own balance is checked when it does.
            let known = self.account_at(other);
            self.check_posting(taker.account, known, taker.currency)?;
            let fits = known.is_none_or(|known| known.balance.plus(taker.change).is_some());
            if !fits && giver.account != taker.account {
                return Err(overflow(taker.account));
            }
        }
        if let Some(posting) = first {
            self.shift_one(one, &posting, entry)?;
        }
        if let Some(posting) = second {
            // Adding an account may have moved the others.
            let other = other.filter(|_| one.is_some());
            self.shift_one(other, &posting, entry)?;
        }
        Ok(())
    }

    #[inline]
    fn shift_one(
        &mut self,
        found: Option<Found>,
        posting: &Posting<'_>,
        entry: &Record<'_>,
    ) -> Result<(), ApplyError> {
        let name = posting.account;
        let account = if let Some(known) = found.and_then(|found| self.accounts.at_mut(found)) {
            known
        } else {
            // It did not exist before the event, but may now: a log that breaks the rules can move
            // money from a new account to itself.
            known_or_new(&mut self.accounts, name, entry)
        };
        let sum = account.balance.plus(posting.change);
        account.balance = sum.ok_or_else(|| overflow(name))?;
        account.settle(posting.currency, || self.opening.as_ref()?.currency);
        account.scale = account.scale.max(posting.scale);
        account.touched_by(entry);
        Ok(())
    }
}

/// The account with this name, created if necessary.
#[cold]
fn known_or_new<'a>(
    accounts: &'a mut AccountTable,
    name: &AccountName<'_>,
    entry: &Record<'_>,
) -> &'a mut Account {
    let new = Account::first_seen_in(entry);
    accounts.enter(name.as_str(), &new).0
}

#[cold]
fn overflow(name: &AccountName<'_>) -> ApplyError {
    ApplyError::Overflow(Overflow::Balance {
        account: name.to_string(),
    })
}

#[cold]
fn other_currency(
    name: &AccountName<'_>,
    holds: Option<Currency>,
    said: Option<Currency>,
) -> ApplyError {
    ApplyError::OtherCurrency {
        account: name.as_str().into(),
        holds,
        said,
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
mod tests;
