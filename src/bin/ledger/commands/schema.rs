use clap::Args;
use schemars::Schema as Form;
use serde_json::{Map, Value};

use crate::failure::{ErrorAnswer, Failure};
use crate::output::json::{self, ReceiptAnswer, StateAnswer};
use crate::output::schema::of;
use crate::session::{Done, Session};

/// Every answer in JSON, the commands that give it, and its schema.
const ANSWERS: [(&str, &str, fn() -> Form); 3] = [
    ("receipt", "every writing command", of::<ReceiptAnswer>),
    (
        "balance",
        "balance, the last line of replay",
        of::<StateAnswer>,
    ),
    (
        "error",
        "every command, on standard error",
        of::<ErrorAnswer>,
    ),
];

/// Print the JSON Schema of a JSON answer
///
/// Answers of several lines (history, replay, batch) are JSON Lines; the schema is that of one line.
/// Later versions may add keys and values, and take none away.
#[derive(Debug, Args)]
#[command(after_help = super::help::offline!("ledger schema receipt > receipt.schema.json"))]
pub(crate) struct Schema {
    /// Which answer; their names are listed unless one is named
    #[arg(value_name = "ANSWER", ignore_case = true, hide_possible_values = true,
        value_parser = clap::builder::PossibleValuesParser::new(ANSWERS.map(|(name, ..)| name)))]
    answer: Option<String>,
}

pub(crate) fn run(arguments: &Schema, session: &mut Session) -> Done {
    match &arguments.answer {
        Some(wanted) => {
            let schema = ANSWERS
                .iter()
                .find(|(name, ..)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, _, schema)| schema())
                .ok_or_else(|| Failure::usage(format!("there is no answer `{wanted}`")))?;
            let _ = session.printer.rendered(&json::readable(&schema));
        }
        None if session.json => {
            let all: Map<String, Value> = ANSWERS
                .iter()
                .map(|(name, _, schema)| ((*name).to_owned(), schema().to_value()))
                .collect();
            let _ = session.printer.json(&json::text(&all));
        }
        None => {
            for (name, commands, _) in ANSWERS {
                let _ = session.printer.line(&format!("{name:<10} {commands}"));
            }
        }
    }
    Ok(0)
}
