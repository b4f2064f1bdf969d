//! The JSON answers of the commands that follow the log.

use event_ledger::accounts::State;
use event_ledger::event::Entry;
use event_ledger::formats::event_json::EventJson;
use schemars::JsonSchema;
use serde::Serialize;

use super::json::currency_text;
use super::json_audit::EndAnswer;

/// What `watch` prints of an event: that of `replay`, and the balances before it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "watch")]
pub(crate) struct WatchAnswer<'e> {
    event: EventJson<'e>,
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

impl<'e> WatchAnswer<'e> {
    /// An event with the balances after it.
    pub(crate) fn of(entry: &'e Entry<'_>, state: &State) -> WatchAnswer<'e> {
        WatchAnswer {
            event: EventJson::of(entry),
            changes: WatchedChange::all(entry, state),
        }
    }
}

impl WatchedChange {
    pub(crate) fn all(entry: &Entry<'_>, state: &State) -> Vec<WatchedChange> {
        entry
            .event
            .postings()
            .filter_map(|posting| {
                let account = state.account(posting.account.as_str())?;
                let before = account.balance.minus(posting.change)?;
                Some(WatchedChange {
                    account: posting.account.to_string(),
                    change: posting.change.to_text(account.scale),
                    before: before.to_text(account.scale),
                    balance: account.balance.to_text(account.scale),
                    currency: currency_text(account.currency),
                })
            })
            .collect()
    }
}

/// What `project` answers, with `--follow` each time that something was added.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "project")]
pub(crate) struct ProjectAnswer {
    pub(crate) ledger: String,
    /// The last event that is in the read model.
    pub(crate) seq: u64,
    pub(crate) hash: String,
    /// How many events were added, the first line included.
    pub(crate) added: u64,
    /// True if all rows were made again.
    pub(crate) rebuilt: bool,
    pub(crate) torn_bytes: u64,
}

/// What `copy` did.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "copy")]
pub(crate) struct CopyAnswer {
    /// A path, or an address without secrets.
    pub(crate) from: String,
    pub(crate) to: String,
    /// The number of events that `to` did not have.
    pub(crate) copied: u64,
    pub(crate) head: EndAnswer,
    /// The new name of the file `from`.
    pub(crate) moved_to: Option<String>,
}
