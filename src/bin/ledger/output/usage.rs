//! clap's output: help, or a mistake as one message and one hint.
//!
//! clap prints arguments raw on a terminal, so its errors are never printed by clap: every value in
//! them is made harmless first.

use std::error::Error as _;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::text::{harmless, harmless_lines, harmless_styled};

/// The result of a command line that clap did not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotRun {
    /// Help or the version, as requested: to standard output, exit 0.
    Asked(String),
    /// No command was given: exit 2.
    Nothing,
    /// The command line is wrong: exit 2.
    Mistake(UsageMistake),
}

/// A mistake on the command line, in harmless text of one line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UsageMistake {
    /// What is wrong, without `error:`.
    pub(crate) message: String,
    /// What to do, without `hint:`.
    pub(crate) hint: Option<String>,
}

/// Reads clap's error. `colour` is that of standard output.
pub(crate) fn not_run(error: clap::Error, colour: bool) -> NotRun {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            NotRun::Asked(shown(&error.render(), colour))
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => NotRun::Nothing,
        _ => NotRun::Mistake(mistake(error)),
    }
}

/// clap's text as it may be shown: it can contain values from the environment, which are not trusted.
pub(crate) fn shown(text: &StyledStr, colour: bool) -> String {
    if colour {
        harmless_styled(&text.ansi().to_string())
    } else {
        harmless_lines(&text.to_string()).into_owned()
    }
}

fn mistake(mut error: clap::Error) -> UsageMistake {
    // Since no value has a line feed, all line feeds are clap's own, and its text can be split.
    let values: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| Some((kind, without_line_feeds(value)?)))
        .collect();
    for (kind, value) in values {
        error.insert(kind, value);
    }
    let rendered = error.render().to_string();
    let text = harmless_lines(rendered.strip_prefix("error: ").unwrap_or(&rendered));
    let message = match error.kind() {
        ErrorKind::ValueValidation => rejected_value(&error),
        // clap lists every command there is.
        ErrorKind::MissingSubcommand => match error.get(ContextKind::InvalidSubcommand) {
            Some(ContextValue::String(name)) => Some(format!("{name} needs a command")),
            _ => None,
        },
        _ => None,
    };
    UsageMistake {
        message: message.unwrap_or_else(|| one_line(&text)),
        hint: help_command(&error),
    }
}

fn without_line_feeds(value: &ContextValue) -> Option<ContextValue> {
    match value {
        ContextValue::String(text) => Some(ContextValue::String(harmless(text).into_owned())),
        ContextValue::Strings(texts) => Some(ContextValue::Strings(
            texts
                .iter()
                .map(|text| harmless(text).into_owned())
                .collect(),
        )),
        ContextValue::StyledStrs(texts) => Some(ContextValue::StyledStrs(
            texts
                .iter()
                .map(|text| {
                    harmless(&uncoloured(&text.ansi().to_string()))
                        .into_owned()
                        .into()
                })
                .collect(),
        )),
        // The usage line is clap's own, and numbers are numbers.
        _ => None,
    }
}

/// Without clap's colours; other escape sequences are left for [`harmless`].
fn uncoloured(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once('m') {
            Some((codes, rest)) if codes.chars().all(|c| c.is_ascii_digit() || c == ';') => {
                out.push_str(rest);
            }
            _ => out.extend(["\u{1b}[", piece]),
        }
    }
    out
}

/// A value that one of our own parsers refused: its reason may quote the value with line feeds.
fn rejected_value(error: &clap::Error) -> Option<String> {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text),
        _ => None,
    };
    let (value, argument) = (
        named(ContextKind::InvalidValue)?,
        named(ContextKind::InvalidArg)?,
    );
    let reason = error.source()?.to_string();
    Some(format!(
        "invalid value '{value}' for '{argument}': {}",
        harmless(&reason)
    ))
}

/// The first paragraph on one line: what clap lists below each other is separated by commas.
fn one_line(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    let mut message = String::new();
    for line in paragraph.lines().map(str::trim) {
        if !message.is_empty() {
            let goes_on = message.ends_with(':') || line.starts_with('[');
            message.push_str(if goes_on { " " } else { ", " });
        }
        message.push_str(line);
    }
    message
}

/// `ledger deposit --help` from `Usage: ledger deposit [OPTIONS] <AMOUNT>`.
fn help_command(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else {
        return None;
    };
    let usage = usage.to_string();
    let mut words: Vec<&str> = usage
        .lines()
        .next()?
        .split_whitespace()
        .skip_while(|word| *word == "Usage:")
        .take_while(|word| !word.starts_with(['[', '<', '-']))
        .collect();
    words.push("--help");
    Some(harmless(&words.join(" ")).into_owned())
}

#[cfg(test)]
mod tests;
