//! Words of other programs, and what does the same here: for the hint of a command line that was not
//! understood.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use event_ledger::event::EventRef;
use event_ledger::money::{Currency, TypedAmount};
use event_ledger::time::When;

use crate::failure::{Correction, retyped_words};
use crate::flags::UnknownChoice;
use crate::groups;

/// Words of other programs, by the command that does the same.
const COMMANDS: &[(&str, &[&str])] = &[
    ("--version", &["version"]),
    ("accounts", &["list", "ls"]),
    ("balance", &["bal", "status"]),
    ("completions", &["completion"]),
    ("correct", &["amend", "change", "edit", "modify"]),
    ("deposit", &["add", "credit"]),
    ("doctor --repair", &["fix", "repair"]),
    ("exchange", &["buy", "convert", "sell"]),
    ("export --to jsonl", &["dump"]),
    (
        "history",
        &["log", "reg", "register", "statement", "transactions"],
    ),
    ("history --memo", &["find", "grep", "search"]),
    ("hold", &["freeze", "reserve"]),
    ("refund", &["chargeback"]),
    ("replay", &["cat", "print"]),
    ("report", &["stats", "summary"]),
    ("report --chart", &["chart"]),
    ("reverse", &["delete", "remove", "revert", "rm", "void"]),
    ("seal", &["lock"]),
    ("transfer", &["move", "mv", "rename", "send"]),
    ("undo", &["rollback"]),
    ("undo --help", &["redo"]),
    ("verify", &["audit", "fsck", "validate"]),
    ("watch", &["follow", "tail"]),
    ("why", &["blame"]),
    ("withdraw", &["debit", "pay", "spend"]),
];

/// Flags of other programs, by those that are the same here; the first that the command has.
const FLAGS: &[(&str, &[&str])] = &[
    ("--by", &["--interval", "--period"]),
    ("--color", &["--colour"]),
    ("--dry-run", &["--dry"]),
    (
        "--effective --until",
        &["--at", "--date", "--on", "--when", "-d"],
    ),
    ("--file", &["--journal", "--ledger", "--log"]),
    ("--key", &["--id", "--idempotency-key"]),
    (
        "--limit",
        &["--count", "--last", "--max", "--number", "--tail", "-n"],
    ),
    (
        "--memo",
        &[
            "--comment",
            "--desc",
            "--description",
            "--message",
            "--note",
            "--reason",
        ],
    ),
    ("--output", &["--out"]),
    ("--repair", &["--fix"]),
    ("--since", &["--begin", "--start", "-b"]),
    ("--since --account", &["--from"]),
    ("--tag", &["--category", "--label", "--tags"]),
    ("--to --from", &["--format"]),
    ("--until", &["--as-of", "--end", "-e"]),
    ("--until --account", &["--to"]),
];

/// What would correct a command line that clap refused: one that it takes, or the help of the command
/// that was meant.
pub(crate) fn corrections(
    error: &clap::Error,
    raw: &[OsString],
    whole: &clap::Command,
) -> Vec<Correction> {
    /// How many mistakes of one command line are corrected.
    const MOST_MISTAKES: usize = 4;
    let mut line: Vec<OsString> = raw.to_vec();
    let mut way = once(error, &line, whole);
    for _ in 0..MOST_MISTAKES {
        let Some(words) = retyped_words(&line, &way, whole).filter(|_| !way.is_empty()) else {
            break;
        };
        line.truncate(1);
        line.extend(words.iter().map(OsString::from));
        match whole.clone().try_get_matches_from(&line) {
            Ok(matches) if !is_understood(&matches) => break,
            Ok(_) => return vec![Correction::Anew(words)],
            Err(error) if !error.use_stderr() => return vec![Correction::Anew(words)],
            Err(error) => way = once(&error, &line, whole),
        }
    }
    if line == raw {
        return Vec::new();
    }
    let words = line.iter().skip(1).filter_map(|word| word.to_str());
    let mut names = words.filter(|word| whole.find_subcommand(word).is_some());
    let help = |name: &str| Correction::Anew(vec![name.to_owned(), "--help".to_owned()]);
    names.next().map(help).into_iter().collect()
}

/// False of a command line that clap takes and the command would refuse: `hold savings` holds no
/// amount.
fn is_understood(matches: &clap::ArgMatches) -> bool {
    let Some((name, own)) = matches.subcommand() else {
        return true;
    };
    let is = |id: &str, parses: fn(&str) -> bool| match own.try_get_one::<String>(id) {
        Ok(Some(text)) => parses(text),
        _ => true,
    };
    is("amount", |text| TypedAmount::parse(text).is_ok())
        && is("currency", |code| Currency::new(code).is_some())
        && is("when", |text| When::parse(text).is_ok())
        // `show` also takes positions.
        && (name == "show" || is("seq", |text| text.parse::<EventRef>().is_ok()))
}

/// What would correct the first mistake of a command line.
fn once(error: &clap::Error, raw: &[OsString], whole: &clap::Command) -> Vec<Correction> {
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
            .and_then(|wrong| command(wrong, raw, whole))
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

fn command(wrong: &str, raw: &[OsString], whole: &clap::Command) -> Option<Correction> {
    let words = |words: &str| words.split(' ').map(str::to_owned).collect();
    let lower = wrong.to_lowercase();
    let mut rest = raw.iter().skip_while(|word| *word != wrong).skip(1);
    let is_flag = |word: &OsString| word.to_string_lossy().starts_with('-');
    match &*lower {
        // What changes is not said.
        "amend" | "change" | "edit" | "modify" if !rest.any(is_flag) => {
            return Some(Correction::Anew(words("correct --help")));
        }
        "create" | "new" => {
            let is_account = rest.next().is_some_and(|word| !is_flag(word));
            let meant = if is_account { "open" } else { "init" };
            return Some(Correction::word(wrong, meant));
        }
        _ => {}
    }
    let synonym = |is_it: &dyn Fn(&str) -> bool| {
        let (right, _) = COMMANDS
            .iter()
            .find(|(_, others)| others.iter().any(|word| is_it(word)))?;
        Some(Correction::Replace(wrong.to_owned(), words(right)))
    };
    if let Some(found) = synonym(&|word| word == lower) {
        return Some(found);
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
    synonym(&|word| strsim::damerau_levenshtein(word, &lower) == 1)
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
    // `-m pocket money`
    let join = vec![Correction::Join(wrong.to_owned())];
    if !wrong.starts_with('-') && retyped_words(raw, &join, whole).is_some() {
        return Some(join);
    }
    // `-f -books.jsonl`
    if wrong.starts_with('-') && matches!(before, "-f" | "--file" | "-o" | "--output") {
        return Some(vec![Correction::word(
            whole_word,
            format!("./{whole_word}"),
        )]);
    }
    match name {
        // `deposit 5 to giro`
        "deposit" | "withdraw" if matches!(before, "to" | "from" | "in" | "into" | "on" | "at") => {
            return Some(vec![
                Correction::without(before),
                flagged("--account", wrong),
            ]);
        }
        // Money comes from there, or goes there: that is another command.
        "deposit" if wrong == "--from" => return None,
        "withdraw" if wrong == "--to" => return None,
        // `import giro bank.csv`
        "import" if !wrong.starts_with('-') => return imported(&typed, wrong, before),
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
            Correction::without(whole_word),
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
        return Some(vec![Correction::without(whole_word)]);
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
        ("report", word) if period(word).is_some() => {
            return replaced(&["--by", period(word)?]);
        }
        // `report 2026`
        ("report", moment) if is_figure && !wrong.starts_with('-') => {
            When::parse(moment).ok()?;
            return replaced(&["--since", moment, "--until", moment]);
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
        return Some(vec![Correction::without(whole_word)]);
    }
    // `report 'expenses:*'`: an account is named with a flag there.
    if !wrong.starts_with('-') && !name.is_empty() && has("--account") {
        return Some(vec![flagged("--account", wrong)]);
    }
    let synonyms = FLAGS.iter().find(|(_, others)| others.contains(&wrong));
    let right = synonyms.and_then(|(flags, _)| flags.split(' ').find(|flag| has(flag)));
    let suggested = suggested.filter(|flag| strsim::damerau_levenshtein(flag, wrong) <= 2);
    Some(vec![Correction::word(wrong, right.or(suggested)?)])
}

/// The period that `report` is to be cut into.
fn period(word: &str) -> Option<&'static str> {
    Some(match word {
        "day" | "days" | "daily" | "D" => "day",
        "week" | "weeks" | "weekly" | "W" => "week",
        "month" | "months" | "monthly" | "M" => "month",
        "quarter" | "quarters" | "quarterly" | "Q" => "quarter",
        "year" | "years" | "yearly" | "annual" | "annually" | "Y" => "year",
        _ => return None,
    })
}

/// An account and a file, as if `import` took both.
fn imported(typed: &[&str], file: &str, account: &str) -> Option<Vec<Correction>> {
    let (_, kind) = file.rsplit_once('.')?;
    if account == "import" || account.starts_with('-') || account.contains('.') {
        return None;
    }
    let has = |flags: &[&str]| typed.iter().any(|word| flags.contains(word));
    let mut words: Vec<&str> = typed
        .iter()
        .copied()
        .filter(|word| *word != account)
        .collect();
    if !has(&["--account", "-a"]) {
        words.extend(["--account", account]);
    }
    let format = match kind.to_lowercase().as_str() {
        "csv" | "tsv" => Some("csv"),
        "ofx" | "qfx" => Some("ofx"),
        "sta" | "mt940" => Some("mt940"),
        "journal" | "hledger" => Some("hledger"),
        "jsonl" => Some("jsonl"),
        _ => None,
    };
    if let Some(format) = format.filter(|_| !has(&["--from", "--rules"])) {
        words.extend(["--from", format]);
    }
    let words = words.into_iter().map(str::to_owned).collect();
    Some(vec![Correction::Anew(words)])
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
    let mut corrections: Vec<Correction> = fillers.map(|word| Correction::without(*word)).collect();
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
        for (right, others) in COMMANDS {
            for word in *others {
                assert!(whole.find_subcommand(word).is_none(), "{word} is a command");
            }
            let first = right.split(' ').next().unwrap();
            assert!(
                first.starts_with('-') || whole.find_subcommand(first).is_some(),
                "{first}"
            );
        }
        for flag in FLAGS.iter().flat_map(|(flags, _)| flags.split(' ')) {
            let long = flag.trim_start_matches("--");
            let mut commands = whole.get_subcommands();
            let known = commands.any(|command| {
                let mut arguments = command.get_arguments();
                arguments.any(|argument| argument.get_long() == Some(long))
            });
            assert!(known, "{flag}");
        }
    }
}
