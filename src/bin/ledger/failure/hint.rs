//! Hints that can be pasted: the command that was typed, with the mistake corrected, or another
//! command on the same log.

use std::ffi::OsString;
use std::io;
use std::path::Path;

/// A correction of the command line that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Correction {
    /// One word becomes these words.
    Replace(String, Vec<String>),
    /// These words are added at the end.
    Add(Vec<String>),
    /// This flag is left out, with its value if it takes one.
    Drop(&'static str),
    /// Nothing changes, but the command line has this word.
    Given(&'static str),
    /// The words of the command that belong to no flag become these. Every flag stays.
    Operands(Vec<String>),
    /// Another command takes the place of the one that was typed, with the flags that every writing
    /// command has.
    Instead(Vec<String>),
    /// This word belongs to the value of the flag before it, which was not quoted.
    Join(String),
    /// These words take the place of all that were typed.
    Anew(Vec<String>),
}

impl Correction {
    /// A flag is given this value, whether it was there or not.
    pub(crate) fn flag(flag: impl Into<String>, value: impl Into<String>) -> Correction {
        Correction::Add(vec![flag.into(), value.into()])
    }

    /// True if it corrects the command line itself, not a line of its input.
    pub(super) fn is_of_the_whole(&self) -> bool {
        !matches!(
            self,
            Correction::Replace(..) | Correction::Drop(_) | Correction::Given(_)
        )
    }

    /// One word is left out.
    pub(crate) fn without(word: impl Into<String>) -> Correction {
        Correction::Replace(word.into(), Vec::new())
    }

    /// One word becomes another.
    pub(crate) fn word(wrong: impl Into<String>, right: impl Into<String>) -> Correction {
        Correction::Replace(wrong.into(), vec![right.into()])
    }
}

/// The command line's definition, as far as a command that was typed has flags of it.
#[derive(Clone, Copy)]
struct DefinedFlags<'d> {
    whole: &'d clap::Command,
    typed: &'d clap::Command,
}

impl<'d> DefinedFlags<'d> {
    fn of(words: &[String], whole: &'d clap::Command) -> DefinedFlags<'d> {
        let typed = words.iter().find_map(|word| whole.find_subcommand(word));
        DefinedFlags {
            whole,
            typed: typed.unwrap_or(whole),
        }
    }

    /// The flag in its long or short form.
    fn find(self, flag: &str) -> Option<&'d clap::Arg> {
        let (long, short) = (flag.strip_prefix("--"), flag.chars().nth(1));
        let is_it = |one: &&clap::Arg| match long {
            Some(_) => one.get_long() == long,
            None => short.is_some() && one.get_short() == short,
        };
        let mut all = self.typed.get_arguments().chain(self.whole.get_arguments());
        all.find(is_it)
    }

    fn takes_value(self, flag: &str) -> bool {
        self.find(flag)
            .is_some_and(|found| found.get_action().takes_values())
    }

    /// The same for a command that has the flags of every writing command, and no others.
    fn of_every_writing_command(self) -> DefinedFlags<'d> {
        DefinedFlags {
            typed: self.whole.find_subcommand("undo").unwrap_or(self.whole),
            ..self
        }
    }
}

/// What a word of the command line of a writing command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Command,
    Operand,
    /// A flag, perhaps with its value in the same word.
    Flag,
    /// The value of the flag before it.
    Value,
}

fn roles(words: &[String], flags: DefinedFlags<'_>) -> Vec<Role> {
    let mut has_command = false;
    let mut takes_value = false;
    let mut is_rest = false;
    let role = |word: &String| {
        if std::mem::take(&mut takes_value) {
            return Role::Value;
        }
        if !is_rest && word.len() > 1 && word.starts_with('-') && !is_figure(word) {
            is_rest = word == "--";
            takes_value = ends_with_value_flag(word, flags);
            return Role::Flag;
        }
        if std::mem::replace(&mut has_command, true) {
            Role::Operand
        } else {
            Role::Command
        }
    };
    words.iter().map(role).collect()
}

fn is_figure(word: &str) -> bool {
    let digits = word.trim_start_matches(['-', '+', '.']);
    digits.starts_with(|first: char| first.is_ascii_digit())
}

/// True if the next word is the value of this flag, or of the last of these short ones: `-m`, `-nm`.
fn ends_with_value_flag(word: &str, flags: DefinedFlags<'_>) -> bool {
    if word.starts_with("--") {
        return flags.takes_value(word);
    }
    let mut letters = word.chars().skip(1);
    let takes_value = |letter: char| flags.takes_value(&format!("-{letter}"));
    letters.by_ref().any(takes_value) && letters.next().is_none()
}

/// The words without those that belong to no flag, which these replace.
fn with_operands(words: &[String], flags: DefinedFlags<'_>, operands: &[String]) -> Vec<String> {
    let mut new = Vec::new();
    for (word, role) in words.iter().zip(roles(words, flags)) {
        if role != Role::Operand {
            new.push(word.clone());
        }
        if role == Role::Command {
            new.extend_from_slice(operands);
        }
    }
    new
}

/// Another command with the common flags that were typed.
fn with_common_flags(words: &[String], flags: DefinedFlags<'_>, command: &[String]) -> Vec<String> {
    let common = flags.of_every_writing_command();
    let mut new = command.to_vec();
    let mut is_kept = false;
    for (word, role) in words.iter().zip(roles(words, flags)) {
        match role {
            Role::Flag => {
                let name = word.split_once('=').map_or(word.as_str(), |(name, _)| name);
                is_kept = common.find(name).is_some();
            }
            Role::Value => {}
            Role::Command | Role::Operand => is_kept = false,
        }
        if is_kept {
            new.push(word.clone());
        }
    }
    new
}

/// The words with the one that was not quoted as part of the value of the flag before it, and those
/// after it up to the next flag.
fn joined(words: &[String], flags: DefinedFlags<'_>, wrong: &str) -> Option<Vec<String>> {
    let all: Vec<(&String, Role)> = words.iter().zip(roles(words, flags)).collect();
    let is_operand = |(_, role): &(&String, Role)| *role == Role::Operand;
    let found = all
        .iter()
        .position(|one| is_operand(one) && one.0.as_str() == wrong)?;
    let (before, after) = (all.get(..found)?, all.get(found..)?);
    let first = before
        .iter()
        .rposition(|one| !is_operand(one))?
        .checked_add(1)?;
    let count = after.iter().take_while(|one| is_operand(one)).count();
    let end = found.checked_add(count)?;
    let at = first.checked_sub(1)?;
    // An operand that stands before the flag is the amount or the event.
    if !before.get(..at)?.iter().any(is_operand) {
        return None;
    }
    let (value, role) = all.get(at)?;
    let flag = match role {
        Role::Value => words.get(at.checked_sub(1)?)?.as_str(),
        Role::Flag => value.split_once('=')?.0,
        Role::Command | Role::Operand => return None,
    };
    let between = match flag {
        "--memo" | "-m" | "--tag" => " ",
        "--account" | "-a" | "--from" | "--to" => "-",
        _ => return None,
    };
    let whole = words.get(at..end)?.join(between);
    let start = words.get(..at)?.iter().cloned();
    let rest = words.get(end..)?.iter().cloned();
    Some(start.chain([whole]).chain(rest).collect())
}

/// True if both sides of a movement are the same account.
fn moves_nothing(words: &[String]) -> bool {
    let value = |flag: &str| {
        let at = words.iter().position(|word| word == flag);
        let next = at.and_then(|at| words.get(at.checked_add(1)?));
        let glued = words.iter().find_map(|word| {
            let (name, value) = word.split_once('=')?;
            (name == flag).then_some(value)
        });
        next.map(String::as_str).or(glued)
    };
    let is_movement = |word: &String| matches!(word.as_str(), "transfer" | "exchange" | "hold");
    words.iter().any(is_movement) && value("--from").is_some() && value("--from") == value("--to")
}

/// An assertion with another account.
fn with_account(assertion: &str, wrong: &str, right: &str) -> Option<String> {
    let (before, after) = assertion.split_once(wrong)?;
    let is_start = before.is_empty() || before.ends_with('(');
    let is_end = after.starts_with([' ', ')', '=', '!', '<', '>']);
    (is_start && is_end).then(|| format!("{before}{right}{after}"))
}

/// Removes a flag and its value, so that the flag can be given again.
fn drop_flag(words: &mut Vec<String>, flag: &str, flags: DefinedFlags<'_>) {
    let short = flags.find(flag).and_then(clap::Arg::get_short);
    let short = short.map(|letter| format!("-{letter}"));
    let is_it = |word: &String| word == flag || Some(word) == short.as_ref();
    let glued = format!("{flag}=");
    if let Some(at) = words.iter().position(is_it) {
        let count = if flags.takes_value(flag) { 2 } else { 1 };
        words.drain(at..words.len().min(at.saturating_add(count)));
    }
    words.retain(|word| !word.starts_with(&glued));
}

/// The command line with corrections, as it would be typed. `None` if it does not hold what is to be
/// replaced.
pub(super) fn retyped(
    raw: &[OsString],
    corrections: &[Correction],
    whole: &clap::Command,
) -> Option<String> {
    let words = retyped_words(raw, corrections, whole)?;
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    Some(format!("ledger {}", words.join(" ")))
}

/// The words of the command line with corrections, without that of the program.
pub(crate) fn retyped_words(
    raw: &[OsString],
    corrections: &[Correction],
    whole: &clap::Command,
) -> Option<Vec<String>> {
    let words = raw.iter().skip(1);
    let mut words = words
        .map(|word| word.to_str().map(str::to_owned))
        .collect::<Option<Vec<String>>>()?;
    if words.iter().any(|word| word.contains(char::is_control)) {
        return None;
    }
    let flags = DefinedFlags::of(&words, whole);
    for correction in corrections {
        match correction {
            Correction::Operands(operands) => words = with_operands(&words, flags, operands),
            Correction::Instead(command) => words = with_common_flags(&words, flags, command),
            Correction::Join(wrong) => words = joined(&words, flags, wrong)?,
            Correction::Anew(new) => words.clone_from(new),
            Correction::Drop(flag) => drop_flag(&mut words, flag, flags),
            Correction::Given(flag) => {
                let glued = format!("{flag}=");
                let is_it = |word: &String| word == flag || word.starts_with(&glued);
                words.iter().any(is_it).then_some(())?;
            }
            Correction::Add(more) => {
                if let Some(flag) = more.first().filter(|flag| flag.starts_with("--")) {
                    drop_flag(&mut words, flag, flags);
                }
                words.extend(more.iter().cloned());
            }
            Correction::Replace(wrong, right) => {
                let asserts = words
                    .iter()
                    .any(|word| word == "assert" || word == "bisect");
                // The name of the log may be the same word, and is seldom what is wrong.
                let (log, others): (Vec<_>, Vec<_>) = (0..)
                    .zip(&words)
                    .partition(|(at, _)| is_of_file(&words, *at));
                let (at, new) = others.into_iter().chain(log).find_map(|(at, word)| {
                    if word == wrong {
                        return Some((at, right.clone()));
                    }
                    // An account of an assertion: `mian >= 0`, `available(mian) >= 0`.
                    if asserts && let [right] = right.as_slice() {
                        let corrected = with_account(word, wrong, right)?;
                        return Some((at, vec![corrected]));
                    }
                    // `--flag=value`, of which either may be wrong.
                    let (flag, value) = word.split_once('=').filter(|_| word.starts_with('-'))?;
                    let (first, rest) = right.split_first()?;
                    let new = if flag == wrong {
                        format!("{first}={value}")
                    } else if value == wrong && rest.is_empty() {
                        format!("{flag}={first}")
                    } else {
                        return None;
                    };
                    Some((at, vec![new]))
                })?;
                words.splice(at..at.saturating_add(1), new);
            }
        }
    }
    (!moves_nothing(&words)).then_some(words)
}

/// A hint about the log that `--file` named: the commands in it repeat the flag.
pub(crate) fn on_file(hint: &str, file: Option<&str>) -> String {
    let Some(file) = file.filter(|_| hint.starts_with("ledger ") && !hint.contains("--file"))
    else {
        return hint.to_owned();
    };
    let rest = hint.strip_prefix("ledger ").unwrap_or(hint);
    let dash = if file.starts_with('-') { "./" } else { "" };
    format!("ledger --file {} {rest}", quoted(&format!("{dash}{file}")))
}

/// True if this word is the value of `--file`, or holds it.
fn is_of_file(words: &[String], at: usize) -> bool {
    let word = |at: usize| words.get(at).map(String::as_str);
    let before = at.checked_sub(1).and_then(word);
    matches!(before, Some("-f" | "--file"))
        || word(at).is_some_and(|own| own.starts_with("--file="))
}

/// The value of `--file` on a command line, if there is one.
pub(crate) fn file_flag(raw: &[OsString]) -> Option<String> {
    let mut words = raw.iter().skip(1).map(|word| word.to_string_lossy());
    let mut file = None;
    while let Some(word) = words.next() {
        match word.as_ref() {
            "--" => break,
            "-f" | "--file" => file = words.next().map(std::borrow::Cow::into_owned),
            other => {
                let value = other.strip_prefix("--file=");
                let value = value.or_else(|| other.strip_prefix("-f").filter(|v| !v.is_empty()));
                file = value.map(str::to_owned).or(file);
            }
        }
    }
    file
}

/// The command that makes the directory of a file, if the error is that there is none.
pub(crate) fn make_directory(path: &Path, error: &io::Error) -> Option<String> {
    let directory = path.parent()?.display().to_string();
    let is_missing = error.kind() == io::ErrorKind::NotFound && !directory.is_empty();
    is_missing.then(|| format!("mkdir -p {}", quoted(&directory)))
}

/// A word as a shell takes it, on one line.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || "-_./:@%+=,".contains(c));
    if is_plain {
        word.to_owned()
    } else if word.contains(char::is_control) {
        format!("${}", escaped(word))
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A word in the quotes of bash, zsh and POSIX in which control characters are escaped.
fn escaped(word: &str) -> String {
    let mut text = String::from("'");
    for c in word.chars() {
        match c {
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            '\'' | '\\' => text.extend(['\\', c]),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    text.push_str(&format!("\\{byte:03o}"));
                }
            }
            c => text.push(c),
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;

    fn raw(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_corrected_command_line_can_be_pasted() {
        let whole = Cli::whole();
        for (line, correction, corrected) in [
            (
                "/bin/ledger -f x balance savngs",
                Correction::word("savngs", "savings"),
                Some("ledger -f x balance savings"),
            ),
            (
                "ledger deposit 5 --date=today",
                Correction::word("--date", "--effective"),
                Some("ledger deposit 5 --effective=today"),
            ),
            (
                "ledger deposit 5 --account=savngs",
                Correction::word("savngs", "a b"),
                Some("ledger deposit 5 '--account=a b'"),
            ),
            (
                "ledger deposit 5",
                Correction::Add(vec!["EUR".to_owned()]),
                Some("ledger deposit 5 EUR"),
            ),
            ("ledger deposit 5", Correction::word("6", "7"), None),
            (
                "ledger -f x export -o x",
                Correction::word("x", "y"),
                Some("ledger -f x export -o y"),
            ),
            (
                "ledger --file=x report --html=x",
                Correction::word("x", "y"),
                Some("ledger --file=x report --html=y"),
            ),
            (
                "ledger show 1 -f x",
                Correction::word("x", "y"),
                Some("ledger show 1 -f y"),
            ),
        ] {
            let found = retyped(&raw(line), &[correction], &whole);
            assert_eq!(found.as_deref(), corrected);
        }
    }

    #[test]
    fn a_hint_repeats_the_file() {
        assert_eq!(
            on_file("ledger doctor", Some("a b")),
            "ledger --file 'a b' doctor"
        );
        assert_eq!(on_file("ledger doctor", None), "ledger doctor");
        assert_eq!(on_file("df -h", Some("x")), "df -h");
        for line in [
            "ledger -f x show 1",
            "ledger show 1 --file=x",
            "ledger -fx show",
            "ledger --file x",
        ] {
            assert_eq!(file_flag(&raw(line)), Some("x".to_owned()), "{line}");
        }
        assert_eq!(file_flag(&raw("ledger show -- -f x")), None);
    }
}
