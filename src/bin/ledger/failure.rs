//! Every error as a person and a script see it: message, hint, code, exit code.
//!
//! Errors travel as `anyhow::Error`, with context, and are mapped here once, when they are shown: by
//! downcasting to the rooms' error types and matching those exhaustively.

mod context;
mod engine;
mod hint;
mod import;
mod ledger;
mod message;
mod projection;
mod proof;
mod refusal;
mod values;

pub(crate) use context::{Advice, Consequence, Corrected, Hint, InLine};
pub(crate) use hint::{Correction, file_flag, make_directory, on_file, quoted, retyped_words};
pub(crate) use message::{ErrorAnswer, Failure, Recorded};
