//! Hints that can be pasted: the command that was typed, with the mistake corrected, or another
//! command on the same log.

use std::ffi::OsString;

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
}

impl Correction {
    /// A flag is given this value, whether it was there or not.
    pub(crate) fn flag(flag: impl Into<String>, value: impl Into<String>) -> Correction {
        Correction::Add(vec![flag.into(), value.into()])
    }

    /// One word becomes another.
    pub(crate) fn word(wrong: impl Into<String>, right: impl Into<String>) -> Correction {
        Correction::Replace(wrong.into(), vec![right.into()])
    }
}

/// Flags without a value, among those that are left out.
const SWITCHES: &[&str] = &["--chart", "--json", "--move", "--offline"];
/// Short forms of flags that are given anew.
const SHORT: &[(&str, &str)] = &[
    ("--account", "-a"),
    ("--file", "-f"),
    ("--memo", "-m"),
    ("--output", "-o"),
];

/// An assertion with another account.
fn with_account(assertion: &str, wrong: &str, right: &str) -> Option<String> {
    let (before, after) = assertion.split_once(wrong)?;
    let is_start = before.is_empty() || before.ends_with('(');
    let is_end = after.starts_with([' ', ')', '=', '!', '<', '>']);
    (is_start && is_end).then(|| format!("{before}{right}{after}"))
}

/// Removes a flag and its value, so that the flag can be given again.
fn drop_flag(words: &mut Vec<String>, flag: &str) {
    let short = SHORT.iter().find(|(long, _)| *long == flag);
    let is_it = |word: &String| word == flag || short.is_some_and(|(_, short)| word == short);
    let glued = format!("{flag}=");
    if let Some(at) = words.iter().position(is_it) {
        let count = if SWITCHES.contains(&flag) { 1 } else { 2 };
        words.drain(at..words.len().min(at.saturating_add(count)));
    }
    words.retain(|word| !word.starts_with(&glued));
}

/// The command line with corrections, as it would be typed. `None` if it does not hold what is to be
/// replaced.
pub(crate) fn retyped(raw: &[OsString], corrections: &[Correction]) -> Option<String> {
    let words = raw.iter().skip(1);
    let mut words = words
        .map(|word| word.to_str().map(str::to_owned))
        .collect::<Option<Vec<String>>>()?;
    if words.iter().any(|word| word.contains(char::is_control)) {
        return None;
    }
    for correction in corrections {
        match correction {
            Correction::Drop(flag) => drop_flag(&mut words, flag),
            Correction::Given(flag) => {
                let glued = format!("{flag}=");
                let is_it = |word: &String| word == flag || word.starts_with(&glued);
                words.iter().any(is_it).then_some(())?;
            }
            Correction::Add(more) => {
                if let Some(flag) = more.first().filter(|flag| flag.starts_with("--")) {
                    drop_flag(&mut words, flag);
                }
                words.extend(more.iter().cloned());
            }
            Correction::Replace(wrong, right) => {
                let asserts = words
                    .iter()
                    .any(|word| word == "assert" || word == "bisect");
                let (at, new) = words.iter().enumerate().find_map(|(at, word)| {
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
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    Some(format!("ledger {}", words.join(" ")))
}

/// A hint about the log that `--file` named: the commands in it repeat the flag.
pub(crate) fn on_file(hint: &str, file: Option<&str>) -> String {
    let Some(file) = file.filter(|_| hint.starts_with("ledger ") && !hint.contains("--file"))
    else {
        return hint.to_owned();
    };
    let rest = hint.strip_prefix("ledger ").unwrap_or(hint);
    format!("ledger --file {} {rest}", quoted(file))
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

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || "-_./:@%+=,".contains(c));
    if is_plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_corrected_command_line_can_be_pasted() {
        let right = |line: &str, corrections: &[Correction]| retyped(&raw(line), corrections);
        assert_eq!(
            right(
                "/bin/ledger -f x balance savngs",
                &[Correction::word("savngs", "savings")]
            ),
            Some("ledger -f x balance savings".to_owned())
        );
        assert_eq!(
            right(
                "ledger deposit 5 --date=today",
                &[Correction::word("--date", "--effective")]
            ),
            Some("ledger deposit 5 --effective=today".to_owned())
        );
        assert_eq!(
            right(
                "ledger deposit 5 --account=savngs",
                &[Correction::word("savngs", "a b")]
            ),
            Some("ledger deposit 5 '--account=a b'".to_owned())
        );
        assert_eq!(
            right(
                "ledger deposit 5",
                &[Correction::Add(vec!["EUR".to_owned()])]
            ),
            Some("ledger deposit 5 EUR".to_owned())
        );
        assert_eq!(
            right("ledger deposit 5", &[Correction::word("6", "7")]),
            None
        );
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
