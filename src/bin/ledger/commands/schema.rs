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

/// An answer's name, the commands that give it, and its schema.
type Answer = (&'static str, &'static str, fn() -> Form);

/// Every answer in JSON.
const ANSWERS: &[Answer] = &[
    (
        "receipt",
        "every writing command",
        of::<ReceiptAnswer<'static>>,
    ),
    ("batch", "batch, a line", of::<BatchAnswer>),
    ("import", "import, a line", of::<ReceiptAnswer<'static>>),
    ("balance", "balance", of::<StateAnswer>),
    ("history", "history, a line", of::<HistoryAnswer>),
    ("replay", "replay, a line", of::<ReplayLine>),
    ("show", "show", of::<ShowAnswer>),
    ("accounts", "accounts", of::<AccountsAnswer>),
    ("holds", "holds", of::<HoldsAnswer>),
    ("diff", "diff", of::<DiffAnswer>),
    ("report", "report", of::<ReportAnswer>),
    ("assert", "assert", of::<AssertAnswer>),
    ("bisect", "bisect, with --all a line", of::<BisectAnswer>),
    ("why", "why", of::<WhyAnswer>),
    (
        "export",
        "export --to jsonl, a line",
        of::<EventJson<'static>>,
    ),
    ("exported", "export --output", of::<ExportedAnswer>),
    ("head", "head", of::<HeadAnswer>),
    ("prove", "prove", of::<ProveAnswer>),
    ("check", "check", of::<CheckAnswer>),
    ("watch", "watch, a line", of::<WatchAnswer>),
    (
        "project",
        "project, with --follow a line",
        of::<ProjectAnswer>,
    ),
    ("copy", "copy", of::<CopyAnswer>),
    ("verify", "verify", of::<VerifyAnswer>),
    ("doctor", "doctor", of::<DoctorAnswer>),
    ("note", "every command, on standard error", of::<NoteAnswer>),
    (
        "error",
        "every command, on standard error",
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
            for (name, commands, _) in ANSWERS {
                session.line(&format!("{name:<10} {commands}"));
            }
        }
    }
    Ok(0)
}
