//! The receipts and notices of a transaction.

use std::path::PathBuf;

use super::SettledEvents;
use crate::accounts::{Account, HoldState, Pending, State};
use crate::event::{AccountName, Entry, Event, Link, Record};
use crate::money::{Balance, Currency, Scale};
use crate::time::Timestamp;

/// An account as it was right after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountAfter {
    /// Its name.
    pub name: String,
    /// The account.
    pub account: Account,
    /// What is on hold on it.
    pub pending: Pending,
    /// True if the event made the account.
    pub is_new: bool,
    /// The account that was probably meant, if this one is new and named by a single request.
    pub similar: Option<Box<str>>,
}

/// A hold as it was right after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldAfter {
    /// Its number.
    pub seq: u64,
    /// What is left of it.
    pub rest: Balance,
    /// The decimals to show.
    pub scale: Scale,
    /// Its currency.
    pub currency: Option<Currency>,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
}

impl HoldAfter {
    /// The hold that a record makes, captures or releases, in the state right after it.
    pub(super) fn of(state: &State, record: &Record<'_>) -> Option<HoldAfter> {
        let seq = match (&record.event, record.link) {
            (Event::Hold(_), _) => record.seq,
            (Event::Release { hold, .. }, _) => *hold,
            (_, Some(Link::Captures { hold, .. })) => hold,
            _ => return None,
        };
        let hold = state.commitments().hold(seq)?;
        Some(HoldAfter {
            seq,
            rest: hold.rest(record.at),
            scale: hold.scale(),
            currency: hold.currency,
            expires: hold.expires,
        })
    }
}

impl AccountAfter {
    /// The accounts that a record touches, in the state right after it.
    pub(super) fn all(state: &State, record: &Record<'_>) -> Vec<AccountAfter> {
        let commitments = state.commitments();
        let mut names: Vec<&str> = record.event.accounts().map(AccountName::as_str).collect();
        let hold = match (&record.event, record.link) {
            (Event::Release { hold, .. }, _) => commitments.hold(*hold),
            (_, Some(Link::Captures { hold, .. })) => commitments.hold(hold),
            _ => None,
        };
        for name in hold.into_iter().flat_map(HoldState::accounts) {
            if !names.contains(&name.as_str()) {
                names.push(name.as_str());
            }
        }
        // A batch of a million lines has a million of these: no room is left free in them.
        let mut after = Vec::with_capacity(names.len());
        after.extend(names.into_iter().filter_map(|name| {
            Some(AccountAfter {
                name: name.to_owned(),
                account: *state.account(name)?,
                pending: commitments.pending_of(name, record.at),
                is_new: false,
                similar: None,
            })
        }));
        after
    }
}

/// What became of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The event as it was recorded.
    pub entry: Entry<'static>,
    /// True if its key was used before and nothing was written.
    pub replayed: bool,
    /// The accounts it touched, right after it.
    pub accounts_after: Vec<AccountAfter>,
    /// The hold that it made, captured or released, right after it.
    pub hold: Option<HoldAfter>,
    /// The receipts of the events that the same request recorded before it.
    pub earlier: Vec<Receipt>,
}

impl Receipt {
    /// The receipts of all events of the request, in their order.
    pub fn all(&self) -> impl Iterator<Item = &Receipt> {
        self.earlier.iter().chain(std::iter::once(self))
    }

    /// The same, each for itself.
    pub fn into_all(mut self) -> impl Iterator<Item = Receipt> {
        let earlier = std::mem::take(&mut self.earlier);
        earlier.into_iter().chain(std::iter::once(self))
    }
}

/// Something to report beside the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// There was no log; one was started.
    Started {
        /// Where.
        path: PathBuf,
    },
    /// What became of an append whose outcome an earlier command did not learn.
    Settled(SettledEvents),
    /// There is no log; one would be started.
    WouldStart {
        /// Where.
        path: PathBuf,
    },
    /// The first event of format version 2: earlier programs cannot read the log any more.
    NewerVersion {
        /// Its number.
        seq: u64,
    },
    /// A torn tail was set aside before the append.
    SetAside {
        /// How many bytes.
        bytes: u64,
        /// Where they are now.
        to: PathBuf,
    },
    /// The log ends in a torn tail; nothing was written, so it is still there.
    Torn {
        /// How many bytes.
        bytes: u64,
    },
    /// These events are linked to those whose notes are erased, and carry copies of them.
    Copies {
        /// Their numbers.
        events: Vec<u64>,
    },
    /// Notes count as erased, but their bytes are still in the file.
    ErasurePending {
        /// The events.
        events: Vec<u64>,
        /// Why.
        reason: String,
    },
    /// The clock is behind the log's last event, whose time was used instead.
    ClockBehind {
        /// The clock's time.
        now: Timestamp,
        /// The last event's time.
        last: Timestamp,
    },
}
