//! [`Turn`]: an event after which a condition turned.

use crate::accounts::Pending;
use crate::money::Balance;

/// An event after which a condition turned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which condition, as an index.
    pub condition: usize,
    /// The number of the event.
    pub seq: u64,
    /// Whether the condition is true after it.
    pub holds: bool,
    /// The figure after it.
    pub value: Balance,
    /// The accounts of the condition before it.
    pub before: Vec<AccountFigures>,
    /// The same after it.
    pub after: Vec<AccountFigures>,
}

/// The figures of one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountFigures {
    /// Its name.
    pub account: String,
    /// What it holds.
    pub balance: Balance,
    /// What is on hold on it.
    pub pending: Pending,
}
