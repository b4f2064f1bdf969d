//! What became of a transaction: receipts, and notices beside them.

use std::path::PathBuf;

use super::LedgerError;
use crate::accounts::{Account, State};
use crate::event::{Entry, Hash, Record};
use crate::time::{Timestamp, Zone};

/// An account as it was right after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountAfter {
    /// Its name.
    pub name: String,
    /// The account.
    pub account: Account,
}

impl AccountAfter {
    /// The accounts that a record touches, in the state right after it.
    pub(super) fn all(state: &State, record: &Record<'_>) -> Vec<AccountAfter> {
        let touched = record.event.accounts();
        let after = touched.filter_map(|name| {
            let account = *state.account(name.as_str())?;
            let name = name.to_string();
            Some(AccountAfter { name, account })
        });
        after.collect()
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
}

/// Something to report beside the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// There was no log; one was started.
    Started {
        /// Where.
        path: PathBuf,
    },
    /// There is no log; one would be started.
    WouldStart {
        /// Where.
        path: PathBuf,
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
    /// The clock is behind the log's last event, whose time was taken instead.
    ClockBehind {
        /// What the clock says.
        now: Timestamp,
        /// The last event's time.
        last: Timestamp,
    },
}

/// What became of all requests, in their order.
#[derive(Debug)]
pub struct Outcome {
    /// A receipt, or why it was refused ([`super::Mode::EachForItself`] only).
    pub results: Vec<Result<Box<Receipt>, LedgerError>>,
    /// What else happened.
    pub notices: Vec<Notice>,
    /// The ledger's zone, to show times in.
    pub zone: Zone,
    /// Where the log ends now.
    pub head: Option<(u64, Hash)>,
}
