//! Words of other programs, and what does the same here: for the hint of a command line that was not
//! understood.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::failure::Correction;
use crate::flags::UnknownChoice;
use crate::groups;

/// Commands of other programs.
const COMMANDS: &[(&str, &[&str])] = &[
    ("add", &["deposit"]),
    ("bal", &["balance"]),
    ("cat", &["replay"]),
    ("chart", &["report", "--chart"]),
    ("completion", &["completions"]),
    ("credit", &["deposit"]),
    ("debit", &["withdraw"]),
    ("dump", &["export", "--to", "jsonl"]),
    ("find", &["history", "--memo"]),
    ("fix", &["doctor", "--repair"]),
    ("follow", &["watch"]),
    ("fsck", &["verify"]),
    ("grep", &["history", "--memo"]),
    ("list", &["accounts"]),
    ("log", &["history"]),
    ("ls", &["accounts"]),
    ("move", &["transfer"]),
    ("pay", &["withdraw"]),
    ("print", &["replay"]),
    ("reg", &["history"]),
    ("register", &["history"]),
    ("repair", &["doctor", "--repair"]),
    ("revert", &["reverse"]),
    ("rollback", &["undo"]),
    ("search", &["history", "--memo"]),
    ("spend", &["withdraw"]),
    ("statement", &["history"]),
    ("stats", &["report"]),
    ("status", &["balance"]),
    ("summary", &["report"]),
    ("tail", &["watch"]),
    ("transactions", &["history"]),
    ("version", &["--version"]),
];

/// Flags of other programs; of several, the first that the command has.
const FLAGS: &[(&str, &[&str])] = &[
    ("--as-of", &["--until"]),
    ("--at", &["--effective", "--until"]),
    ("--begin", &["--since"]),
    ("--category", &["--tag"]),
    ("--colour", &["--color"]),
    ("--comment", &["--memo"]),
    ("--count", &["--limit"]),
    ("--date", &["--effective", "--until"]),
    ("--desc", &["--memo"]),
    ("--description", &["--memo"]),
    ("--dry", &["--dry-run"]),
    ("--end", &["--until"]),
    ("--fix", &["--repair"]),
    ("--id", &["--key"]),
    ("--idempotency-key", &["--key"]),
    ("--interval", &["--by"]),
    ("--journal", &["--file"]),
    ("--label", &["--tag"]),
    ("--last", &["--limit"]),
    ("--ledger", &["--file"]),
    ("--log", &["--file"]),
    ("--message", &["--memo"]),
    ("--note", &["--memo"]),
    ("--out", &["--output"]),
    ("--period", &["--by"]),
    ("--tags", &["--tag"]),
    ("--when", &["--effective", "--until"]),
];

/// What would correct a command line that clap refused.
pub(crate) fn corrections(
    error: &clap::Error,
    raw: &[OsString],
    whole: &clap::Command,
) -> Vec<Correction> {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let found = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            named(ContextKind::InvalidSubcommand).and_then(|wrong| command(wrong, whole))
        }
        ErrorKind::UnknownArgument => {
            let suggested = named(ContextKind::SuggestedArg);
            named(ContextKind::InvalidArg).and_then(|wrong| argument(wrong, suggested, raw, whole))
        }
        ErrorKind::InvalidValue => {
            let wrong = named(ContextKind::InvalidValue);
            let right = match error.get(ContextKind::SuggestedValue) {
                Some(ContextValue::String(value)) => Some(value.clone()),
                _ => None,
            };
            wrong
                .zip(right)
                .map(|(wrong, right)| Correction::word(wrong, right))
        }
        ErrorKind::ValueValidation => {
            let source = std::error::Error::source(error);
            let choice = source.and_then(|source| source.downcast_ref::<UnknownChoice>());
            let right = choice.and_then(UnknownChoice::meant);
            named(ContextKind::InvalidValue)
                .zip(right)
                .map(|(wrong, right)| Correction::word(wrong, right))
        }
        _ => None,
    };
    found.into_iter().collect()
}

fn command(wrong: &str, whole: &clap::Command) -> Option<Correction> {
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
    let lower = wrong.to_lowercase();
    if let Some((_, right)) = COMMANDS.iter().find(|(word, _)| *word == lower) {
        return Some(Correction::Replace(wrong.to_owned(), words(right)));
    }
    let names = whole.get_subcommands().map(clap::Command::get_name);
    let close = names.filter_map(|name| {
        let distance = strsim::damerau_levenshtein(name, &lower);
        // A command that writes is only offered for what can hardly be another word.
        let most = if groups::writes(name) { 1 } else { 2 };
        (distance <= most).then_some((distance, name))
    });
    if let Some((_, name)) = close.min() {
        return Some(Correction::word(wrong, name));
    }
    let is_close = |word: &str| strsim::damerau_levenshtein(word, &lower) == 1;
    let (_, right) = COMMANDS.iter().find(|(word, _)| is_close(word))?;
    Some(Correction::Replace(wrong.to_owned(), words(right)))
}

fn argument(
    wrong: &str,
    suggested: Option<&str>,
    raw: &[OsString],
    whole: &clap::Command,
) -> Option<Correction> {
    let typed: Vec<&str> = raw
        .iter()
        .skip(1)
        .filter_map(|word| word.to_str())
        .collect();
    let command = typed.iter().find_map(|word| whole.find_subcommand(word));
    let name = command.map_or("", clap::Command::get_name);
    // `limit main -100`: clap takes the figure for a row of short flags.
    let figure = typed.iter().find(|word| {
        word.starts_with(wrong)
            && word
                .trim_start_matches('-')
                .starts_with(|c: char| c.is_ascii_digit())
    });
    if let Some(figure) = figure.filter(|_| matches!(name, "limit" | "open")) {
        let right = vec!["--floor".to_owned(), (*figure).to_owned()];
        return Some(Correction::Replace((*figure).to_owned(), right));
    }
    let has = |flag: &&&str| {
        let long = flag.trim_start_matches("--");
        [command, Some(whole)]
            .into_iter()
            .flatten()
            .flat_map(clap::Command::get_arguments)
            .any(|argument| argument.get_long() == Some(long) && !argument.is_hide_set())
    };
    if wrong == "--no-color" || wrong == "--no-colour" {
        return Some(Correction::word(wrong, "--color=never"));
    }
    let synonyms = FLAGS.iter().find(|(flag, _)| *flag == wrong);
    let right = synonyms.and_then(|(_, flags)| flags.iter().find(has).copied());
    let suggested = suggested.filter(|flag| strsim::damerau_levenshtein(flag, wrong) <= 2);
    Some(Correction::word(wrong, right.or(suggested)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_synonym_leads_to_a_command_or_flag_that_is_there() {
        let whole = Cli::whole();
        for (word, right) in COMMANDS {
            assert!(whole.find_subcommand(word).is_none(), "{word} is a command");
            let first = right.first().unwrap();
            assert!(
                first.starts_with('-') || whole.find_subcommand(first).is_some(),
                "{word}: {first}"
            );
        }
        for (word, flags) in FLAGS {
            for flag in *flags {
                let long = flag.trim_start_matches("--");
                let known = whole
                    .get_subcommands()
                    .flat_map(clap::Command::get_arguments)
                    .any(|argument| argument.get_long() == Some(long));
                assert!(known, "{word}: {flag}");
            }
        }
    }
}
