//! The JSON answers of `assert` and `bisect`.

use event_ledger::formats::event_json::EventJson;
use schemars::JsonSchema;
use serde::Serialize;

use super::json::{BalanceOf, OmittedAnswer};

/// What was asserted, and what is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "assert")]
pub(crate) struct AssertAnswer {
    /// Whether all of them are true.
    pub(crate) ok: bool,
    pub(crate) until: Option<String>,
    pub(crate) known_at: Option<String>,
    /// With `--always`, the order in which every event was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) always: Option<String>,
    /// In the order in which they were asked.
    pub(crate) assertions: Vec<AssertionAnswer>,
    #[serde(flatten)]
    pub(crate) omitted: Option<OmittedAnswer>,
    pub(crate) torn_bytes: u64,
}

/// One assertion.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "assertion")]
pub(crate) struct AssertionAnswer {
    /// As it was typed.
    pub(crate) assertion: String,
    pub(crate) ok: bool,
    /// The account, or the glob whose accounts were added up.
    pub(crate) account: String,
    pub(crate) operator: String,
    pub(crate) expected: String,
    pub(crate) actual: String,
    pub(crate) currency: Option<String>,
    /// The line of the last event that changed it, counted from 1; with `--always`, of the first after
    /// which it is not true.
    pub(crate) line: Option<u64>,
    /// That event's number.
    pub(crate) seq: Option<u64>,
}

/// What `bisect` answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "bisect")]
pub(crate) struct BisectAnswer<'e> {
    /// Whether there is such an event.
    pub(crate) found: bool,
    /// As it was typed; `null` with `--exec`.
    pub(crate) assertion: Option<String>,
    /// The event after which it is no longer true.
    pub(crate) event: Option<EventJson<'e>>,
    /// The asserted accounts before the event.
    pub(crate) before: Vec<BalanceOf>,
    /// The asserted accounts after the event.
    pub(crate) after: Vec<BalanceOf>,
    /// With `--all`, whether it is true after the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) holds: Option<bool>,
    /// How many events were asked.
    pub(crate) events: u64,
    #[serde(flatten)]
    pub(crate) omitted: Option<OmittedAnswer>,
}

impl BisectAnswer<'_> {
    /// There is no such event.
    pub(crate) fn not_found(events: u64) -> BisectAnswer<'static> {
        BisectAnswer {
            found: false,
            assertion: None,
            event: None,
            before: Vec::new(),
            after: Vec::new(),
            holds: None,
            events,
            omitted: None,
        }
    }
}
