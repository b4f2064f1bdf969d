//! The JSON answer of `why`.

use std::collections::BTreeMap;

use event_ledger::money::{Balance, Scale};
use event_ledger::replay::{Bound, WhyGroup, WhyRow};
use schemars::JsonSchema;
use serde::Serialize;

use super::json::{HoldAnswer, OmittedAnswer, bound_text, tags_of};

/// What makes up a figure.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "why")]
pub(crate) struct WhyAnswer {
    /// The account, or the glob whose accounts were added up.
    pub(crate) account: String,
    pub(crate) currency: Option<String>,
    pub(crate) opening: OpeningAnswer,
    /// The events that stand, or with `--group` the groups.
    pub(crate) rows: Vec<WhyRowAnswer>,
    /// How many events cancel out.
    pub(crate) cancelled: u64,
    /// What is on hold from or to the accounts.
    pub(crate) holds: Vec<HoldAnswer>,
    /// The opening and all rows added up.
    pub(crate) balance: String,
    pub(crate) available: String,
    /// With `--without`.
    #[serde(flatten)]
    pub(crate) omitted: Option<OmittedAnswer>,
}

/// The balance before the first row.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "why_opening")]
pub(crate) struct OpeningAnswer {
    /// The last moment that it includes; `null` if it is the beginning.
    at: Option<String>,
    balance: String,
}

impl OpeningAnswer {
    pub(crate) fn of(at: Option<Bound>, balance: Balance, scale: Scale) -> OpeningAnswer {
        OpeningAnswer {
            at: bound_text(at),
            balance: balance.to_text(scale),
        }
    }
}

/// A row of `why`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "why_row")]
pub(crate) enum WhyRowAnswer {
    /// An event that stands.
    Event {
        seq: u64,
        effective: String,
        #[serde(rename = "type")]
        kind: String,
        change: String,
        memo: Option<String>,
        tags: Option<BTreeMap<String, String>>,
    },
    /// The events of a group.
    Group {
        /// `null` for the events that have none.
        group: Option<String>,
        change: String,
        events: u64,
    },
}

impl WhyRowAnswer {
    pub(crate) fn event(row: &WhyRow, scale: Scale) -> WhyRowAnswer {
        let entry = &row.entry;
        WhyRowAnswer::Event {
            seq: entry.seq,
            effective: entry.took_effect().to_string(),
            kind: entry.event.kind().as_str().to_owned(),
            change: row.change.to_text(scale),
            memo: entry.memo().map(str::to_owned),
            tags: tags_of(entry),
        }
    }

    pub(crate) fn group(group: &WhyGroup, scale: Scale) -> WhyRowAnswer {
        WhyRowAnswer::Group {
            group: group.name.clone(),
            change: group.change.to_text(scale),
            events: group.events,
        }
    }
}
