//! The JSON answers of the commands that keep somebody in step with the log.
//!
//! Owns their keys. Must not know how an answer was come by.

use event_ledger::accounts::{State, changes};
use event_ledger::event::Entry;
use schemars::JsonSchema;
use serde::Serialize;

use super::json::{EventAnswer, currency_text, signed};

/// What `watch` prints of an event: that of `replay`, and the balances before it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "watch")]
pub(crate) struct WatchAnswer {
    event: EventAnswer,
    changes: Vec<WatchedChange>,
}

/// What an event did to one account.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "watched_change")]
pub(crate) struct WatchedChange {
    pub(crate) account: String,
    change: String,
    pub(crate) before: String,
    pub(crate) balance: String,
    pub(crate) currency: Option<String>,
}

impl WatchAnswer {
    /// An event, with the accounts as they stand right behind it.
    pub(crate) fn of(entry: &Entry<'_>, state: &State) -> WatchAnswer {
        WatchAnswer {
            event: EventAnswer::of(entry),
            changes: WatchedChange::all(entry, state),
        }
    }
}

impl WatchedChange {
    pub(crate) fn all(entry: &Entry<'_>, state: &State) -> Vec<WatchedChange> {
        changes(&entry.event)
            .into_iter()
            .flatten()
            .filter_map(|(name, change)| {
                let account = state.account(name.as_str())?;
                let before = account.balance.minus(change)?;
                Some(WatchedChange {
                    account: name.to_string(),
                    change: signed(change, account.scale),
                    before: before.to_text(account.scale),
                    balance: account.balance.to_text(account.scale),
                    currency: currency_text(account.currency),
                })
            })
            .collect()
    }
}
