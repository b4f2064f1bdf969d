//! Words of other programs, and what does the same here: for the hint of a command line that was not
//! understood.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use event_ledger::time::When;

use crate::failure::Correction;
use crate::flags::UnknownChoice;
use crate::groups;

/// Commands of other programs.
const COMMANDS: &[(&str, &[&str])] = &[
    ("add", &["deposit"]),
    ("amend", &["correct"]),
    ("bal", &["balance"]),
    ("cat", &["replay"]),
    ("change", &["correct"]),
    ("chart", &["report", "--chart"]),
    ("completion", &["completions"]),
    ("credit", &["deposit"]),
    ("debit", &["withdraw"]),
    ("delete", &["reverse"]),
    ("dump", &["export", "--to", "jsonl"]),
    ("edit", &["correct"]),
    ("find", &["history", "--memo"]),
    ("fix", &["doctor", "--repair"]),
    ("follow", &["watch"]),
    ("fsck", &["verify"]),
    ("grep", &["history", "--memo"]),
    ("list", &["accounts"]),
    ("log", &["history"]),
    ("ls", &["accounts"]),
    ("modify", &["correct"]),
    ("move", &["transfer"]),
    ("pay", &["withdraw"]),
    ("print", &["replay"]),
    ("reg", &["history"]),
    ("register", &["history"]),
    ("remove", &["reverse"]),
    ("repair", &["doctor", "--repair"]),
    ("revert", &["reverse"]),
    ("rm", &["reverse"]),
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
    ("--format", &["--to", "--from"]),
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
    ("--on", &["--effective", "--until"]),
    ("--out", &["--output"]),
    ("--period", &["--by"]),
    ("--reason", &["--memo"]),
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
    let word = |right: Option<String>| {
        let wrong = named(ContextKind::InvalidValue)?;
        Some(vec![Correction::word(wrong, right?)])
    };
    let found = match error.kind() {
        ErrorKind::InvalidSubcommand => named(ContextKind::InvalidSubcommand)
            .and_then(|wrong| command(wrong, whole))
            .map(|correction| vec![correction]),
        ErrorKind::UnknownArgument => {
            let suggested = named(ContextKind::SuggestedArg);
            named(ContextKind::InvalidArg).and_then(|wrong| argument(wrong, suggested, raw, whole))
        }
        ErrorKind::InvalidValue => word(match error.get(ContextKind::SuggestedValue) {
            Some(ContextValue::String(value)) => Some(value.clone()),
            _ => None,
        }),
        ErrorKind::ValueValidation => {
            let source = std::error::Error::source(error);
            let choice = source.and_then(|source| source.downcast_ref::<UnknownChoice>());
            word(choice.and_then(UnknownChoice::meant).map(str::to_owned))
        }
        _ => None,
    };
    found.unwrap_or_default()
}

fn command(wrong: &str, whole: &clap::Command) -> Option<Correction> {
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
    let lower = wrong.to_lowercase();
    if let Some((_, right)) = COMMANDS.iter().find(|(word, _)| *word == lower) {
        return Some(Correction::Replace(wrong.to_owned(), words(right)));
    }
    let names = || whole.get_subcommands().map(clap::Command::get_name);
    let mut begun = names().filter(|name| lower.len() > 2 && name.starts_with(&lower));
    if let (Some(name), None) = (begun.next(), begun.next()) {
        return Some(Correction::word(wrong, name));
    }
    let close = names().filter_map(|name| {
        let distance = strsim::damerau_levenshtein(name, &lower);
        // A command that writes is only offered for what can hardly be another word.
        let most = if groups::writes(name) || name.len() < 4 {
            1
        } else {
            2
        };
        (distance <= most).then_some((distance, name))
    });
    if let Some((_, name)) = close.min() {
        return Some(Correction::word(wrong, name));
    }
    let is_close = |word: &str| strsim::damerau_levenshtein(word, &lower) == 1;
    let (_, right) = COMMANDS.iter().find(|(word, _)| is_close(word))?;
    Some(Correction::Replace(wrong.to_owned(), words(right)))
}

/// What would correct an argument that clap does not expect.
fn argument(
    wrong: &str,
    suggested: Option<&str>,
    raw: &[OsString],
    whole: &clap::Command,
) -> Option<Vec<Correction>> {
    let words = raw.iter().skip(1);
    let typed: Vec<&str> = words.filter_map(|word| word.to_str()).collect();
    let command = typed.iter().find_map(|word| whole.find_subcommand(word));
    let name = command.map_or("", clap::Command::get_name);
    let find = |is_it: &dyn Fn(&clap::Arg) -> bool| {
        let commands = [command, Some(whole)].into_iter().flatten();
        let mut all = commands.flat_map(clap::Command::get_arguments);
        all.find(|argument| is_it(argument) && !argument.is_hide_set())
    };
    let has = |flag: &str| {
        let long = flag.trim_start_matches("--");
        find(&|argument| argument.get_long() == Some(long)).is_some()
    };
    // clap takes `-100` for a row of short flags, of which it names the first.
    let whole_word = typed.iter().position(|word| word.starts_with(wrong));
    let at = typed
        .iter()
        .position(|word| *word == wrong)
        .or(whole_word)?;
    let before = at.checked_sub(1).and_then(|before| typed.get(before));
    let (whole_word, before) = (*typed.get(at)?, before.copied().unwrap_or_default());
    let is_figure = whole_word
        .trim_start_matches('-')
        .starts_with(|c: char| c.is_ascii_digit());
    match name {
        // `limit main -100`
        "limit" | "open" if is_figure => return Some(vec![flagged("--floor", whole_word)]),
        // `undo 5`: it takes the newest.
        "undo" if is_figure => return Some(vec![Correction::word("undo", "reverse")]),
        // `transfer 5 main savings`
        "transfer" | "exchange" if !wrong.starts_with('-') => return both_sides(&typed),
        _ => {}
    }
    // `-m -5`: the value of the flag before begins with a dash.
    let long = find(&|argument| {
        let long = argument.get_long().map(|long| format!("--{long}"));
        let short = argument.get_short().map(|short| format!("-{short}"));
        argument.get_action().takes_values()
            && [long, short].iter().flatten().any(|flag| flag == before)
    });
    let long = long.and_then(clap::Arg::get_long);
    let is_text = |long: &&str| wrong.starts_with('-') && matches!(*long, "memo" | "tag" | "key");
    if let Some(long) = long.filter(is_text) {
        return Some(vec![
            Correction::Replace(whole_word.to_owned(), Vec::new()),
            Correction::word(before, format!("--{long}={whole_word}")),
        ]);
    }
    // `--until -7d`
    let is_when = |long: &str| {
        matches!(
            long,
            "until" | "since" | "known-at" | "effective" | "expires"
        )
    };
    if is_figure && long.is_some_and(is_when) {
        let mistake = When::parse(whole_word).err()?;
        return Some(vec![Correction::word(
            whole_word,
            mistake.readings().first()?,
        )]);
    }
    if wrong == "--no-color" || wrong == "--no-colour" {
        return Some(vec![Correction::word(wrong, "--color=never")]);
    }
    // `deposit 5 --currency EUR`: it comes after the amount.
    let takes_currency = find(&|argument| argument.get_id() == "currency").is_some();
    if takes_currency && whole_word == "--currency" && at == 2 {
        return Some(vec![Correction::Replace(whole_word.to_owned(), Vec::new())]);
    }
    // `verify books.jsonl`
    if matches!(name, "verify" | "doctor" | "head") && !wrong.starts_with('-') {
        return Some(vec![flagged("--file", wrong)]);
    }
    // `export csv`, `report month`, `report --month`
    let replaced = |right: &[&str]| {
        let right = right.iter().map(ToString::to_string).collect();
        Some(vec![Correction::Replace(whole_word.to_owned(), right)])
    };
    match (name, whole_word.trim_start_matches('-')) {
        ("report", period @ ("day" | "week" | "month" | "quarter" | "year")) => {
            return replaced(&["--by", period]);
        }
        ("export", format @ ("csv" | "jsonl" | "hledger" | "ledger" | "beancount" | "parquet")) => {
            return replaced(&["--to", format]);
        }
        ("history", "all") => return replaced(&["*"]),
        _ => {}
    }
    // `correct 4 45`
    let is_figure = wrong.starts_with(|first: char| first.is_ascii_digit());
    if name == "correct" && is_figure {
        return Some(vec![flagged("--amount", wrong)]);
    }
    // `seal --until 2026-10-31`
    if matches!(name, "seal" | "unseal") && matches!(whole_word, "--until" | "--through") {
        return Some(vec![Correction::Replace(whole_word.to_owned(), Vec::new())]);
    }
    // `report 'expenses:*'`: an account is named with a flag there.
    if !wrong.starts_with('-') && !name.is_empty() && has("--account") {
        return Some(vec![flagged("--account", wrong)]);
    }
    let synonyms = FLAGS.iter().find(|(flag, _)| *flag == wrong);
    let right = synonyms.and_then(|(_, flags)| flags.iter().find(|flag| has(flag)).copied());
    let suggested = suggested.filter(|flag| strsim::damerau_levenshtein(flag, wrong) <= 2);
    Some(vec![Correction::word(wrong, right.or(suggested)?)])
}

/// A word that becomes the value of a flag.
fn flagged(flag: &str, word: &str) -> Correction {
    let right = vec![flag.to_owned(), word.to_owned()];
    Correction::Replace(word.to_owned(), right)
}

/// Two accounts that were named without `--from` and `--to`, with or without these words.
fn both_sides(typed: &[&str]) -> Option<Vec<Correction>> {
    if typed.iter().any(|word| word.starts_with('-')) {
        return None;
    }
    // The command and the amount come first, then perhaps a currency in upper case.
    let words = typed.iter().skip(2);
    let is_filler = |word: &&&str| matches!(**word, "from" | "to");
    let fillers = words.clone().filter(is_filler);
    let mut corrections: Vec<Correction> = fillers
        .map(|word| Correction::Replace((*word).to_owned(), Vec::new()))
        .collect();
    let is_code = |word: &str| {
        word.chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    let mut names = words.filter(|word| !matches!(**word, "from" | "to") && !is_code(word));
    let (from, to) = (names.next()?, names.next()?);
    if names.next().is_some() {
        return None;
    }
    corrections.extend([flagged("--from", from), flagged("--to", to)]);
    Some(corrections)
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
