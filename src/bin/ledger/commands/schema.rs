use clap::Args;
use schemars::{JsonSchema, Schema as Form};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::failure::{ErrorAnswer, Failure};
use event_ledger::formats::event_json::EventJson;

use crate::output::json::{self, HoldsAnswer, NoteAnswer, ReceiptAnswer, StateAnswer};
use crate::output::json_assert::{AssertAnswer, BisectAnswer};
use crate::output::json_audit::{DoctorAnswer, VerifyAnswer};
use crate::output::json_following::{CopyAnswer, ProjectAnswer, WatchAnswer};
use crate::output::json_proof::{CheckAnswer, ProveAnswer};
use crate::output::json_reading::{
    AccountsAnswer, DiffAnswer, ExportedAnswer, HeadAnswer, HistoryAnswer, ReplayAnswer,
    ReplayedAnswer, ShowAnswer,
};
use crate::output::json_report::ReportAnswer;
use crate::output::json_why::WhyAnswer;
use crate::output::schema::of;
use crate::session::{Done, Session};

/// An answer's name, what it is, and its schema.
type Answer = (&'static str, &'static str, fn() -> Form);

/// Every answer in JSON.
const ANSWERS: &[Answer] = &[
    (
        "receipt",
        "what a writing command recorded, and the balances after it",
        of::<ReceiptAnswer<'static>>,
    ),
    (
        "batch",
        "a line of batch: a receipt, or with --keep-going an error",
        of::<BatchAnswer>,
    ),
    (
        "import",
        "a line of import: the receipt of an event",
        of::<ReceiptAnswer<'static>>,
    ),
    (
        "balance",
        "balances and totals at a moment",
        of::<StateAnswer>,
    ),
    (
        "history",
        "a line of history: a change of an account, and its balance",
        of::<HistoryAnswer>,
    ),
    (
        "replay",
        "a line of replay: an event and its changes; last, the state",
        of::<ReplayLine>,
    ),
    (
        "show",
        "an event, its links, and the balances before and after it",
        of::<ShowAnswer>,
    ),
    (
        "accounts",
        "every account with its settings and balance",
        of::<AccountsAnswer>,
    ),
    (
        "holds",
        "holds, and how much of each was captured or released",
        of::<HoldsAnswer>,
    ),
    ("diff", "the changes between two moments", of::<DiffAnswer>),
    (
        "report",
        "money in, money out and closing balance per period or group",
        of::<ReportAnswer>,
    ),
    (
        "assert",
        "the assertions, and whether each is true",
        of::<AssertAnswer>,
    ),
    (
        "bisect",
        "the first event after which an assertion is not true",
        of::<BisectAnswer>,
    ),
    ("why", "what makes up a balance", of::<WhyAnswer>),
    (
        "export",
        "a line of export --to jsonl: an event",
        of::<EventJson<'static>>,
    ),
    (
        "exported",
        "the file that export --output wrote",
        of::<ExportedAnswer>,
    ),
    (
        "head",
        "number and hash of the last event, or a head file",
        of::<HeadAnswer>,
    ),
    ("prove", "a receipt or a proof of growth", of::<ProveAnswer>),
    (
        "check",
        "whether a receipt, proof or head is right, and who signed it",
        of::<CheckAnswer>,
    ),
    (
        "watch",
        "a line of watch: an event, and the balances before and after it",
        of::<WatchAnswer>,
    ),
    (
        "project",
        "the position of the SQLite file; with --follow a line each time",
        of::<ProjectAnswer>,
    ),
    (
        "copy",
        "what was copied, from where to where",
        of::<CopyAnswer>,
    ),
    (
        "verify",
        "whether the log is sound, and every finding",
        of::<VerifyAnswer>,
    ),
    (
        "doctor",
        "what is wrong with the log, and the fix for it",
        of::<DoctorAnswer>,
    ),
    (
        "note",
        "a note or warning of any command, on standard error",
        of::<NoteAnswer>,
    ),
    (
        "error",
        "an error of any command, on standard error",
        of::<ErrorAnswer>,
    ),
];

/// A line of `batch`: a receipt, or with `--keep-going` an error.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "batch")]
#[expect(dead_code, reason = "only its schema is asked for")]
enum BatchAnswer {
    Receipt(Box<ReceiptAnswer<'static>>),
    Error(ErrorAnswer),
}

/// A line of `replay`: an event, or last the state.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "replay")]
#[expect(dead_code, reason = "only its schema is asked for")]
enum ReplayLine {
    Event(Box<ReplayAnswer<'static>>),
    State(Box<ReplayedAnswer>),
}

/// Print the JSON Schema of a JSON answer
///
/// Answers of several lines (history, replay, batch, import, watch) are JSON Lines; the schema is
/// that of one line. Later versions may add keys and values, and remove none.
#[derive(Debug, Args)]
#[command(after_help = super::help::offline("ledger schema receipt > receipt.schema.json"))]
pub(crate) struct SchemaArgs {
    /// Which answer; their names are listed unless one is named
    #[arg(value_name = "ANSWER", ignore_case = true, hide_possible_values = true,
        value_parser = clap::builder::PossibleValuesParser::new(ANSWERS.iter().map(|(name, ..)| *name)))]
    answer: Option<String>,
}

pub(crate) fn run(arguments: &SchemaArgs, session: &mut Session) -> Done {
    match &arguments.answer {
        Some(wanted) => {
            let schema = ANSWERS
                .iter()
                .find(|(name, ..)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, _, schema)| schema())
                .ok_or_else(|| Failure::usage(format!("there is no answer `{wanted}`")))?;
            session.rendered(&json::readable(&schema));
        }
        None if session.json => {
            let all: Map<String, Value> = ANSWERS
                .iter()
                .map(|(name, _, schema)| ((*name).to_owned(), schema().to_value()))
                .collect();
            session.answer(&all);
        }
        None => {
            for (name, meaning, _) in ANSWERS {
                session.line(&format!("{name:<10} {meaning}"));
            }
        }
    }
    Ok(0)
}
