//! The JSON answer of `assert`.

use schemars::JsonSchema;
use serde::Serialize;

use super::json::OmittedAnswer;

/// What was asserted, and what is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "assert")]
pub(crate) struct AssertAnswer {
    /// Whether all of them are true.
    pub(crate) ok: bool,
    pub(crate) until: Option<String>,
    pub(crate) known_at: Option<String>,
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
    /// The line of the last event that changed it, counted from 1.
    pub(crate) line: Option<u64>,
    /// That event's number.
    pub(crate) seq: Option<u64>,
}
