//! The commands by name, in the groups of the help.

use std::ffi::OsString;

/// The groups of the help, each with its commands.
pub(crate) const GROUPS: [(&str, &[&str]); 5] = [
    (
        "Write",
        &[
            "init", "open", "limit", "deposit", "withdraw", "transfer", "exchange", "hold",
            "capture", "release", "refund", "close", "reverse", "undo", "correct", "batch",
            "import", "seal", "unseal", "redact",
        ],
    ),
    (
        "Read",
        &[
            "balance", "history", "accounts", "holds", "show", "replay", "diff", "report", "why",
            "explore",
        ],
    ),
    (
        "Prove",
        &["assert", "bisect", "head", "prove", "check", "verify"],
    ),
    ("Follow and move", &["watch", "project", "export", "copy"]),
    ("Care", &["doctor", "completions", "man", "schema", "help"]),
];

/// Commands that print a table that can be CSV.
pub(crate) const TABLES: [&str; 6] = ["balance", "history", "accounts", "report", "diff", "holds"];
/// Commands that only read, and whose answer does not end by itself or is not for people.
pub(crate) const UNPAGED: [&str; 7] = [
    "watch",
    "explore",
    "project",
    "export",
    "copy",
    "completions",
    "man",
];
/// Commands that are not about the log that `--file` names.
pub(crate) const WITHOUT_LOG: [&str; 5] = ["check", "completions", "copy", "man", "schema"];

pub(crate) fn writes(name: &str) -> bool {
    let [(_, writing), ..] = GROUPS;
    writing.contains(&name)
}

pub(crate) fn prints_a_table(name: &str) -> bool {
    TABLES.contains(&name)
}

/// True if the answer goes through a pager if it is longer than the screen.
pub(crate) fn pages(name: &str) -> bool {
    !writes(name) && !UNPAGED.contains(&name)
}

pub(crate) fn uses_a_log(name: &str) -> bool {
    !WITHOUT_LOG.contains(&name)
}

/// Whether a command line that was refused names a command that records events.
pub(crate) fn writes_by(raw: &[OsString]) -> bool {
    command_of(raw).is_some_and(writes)
}

/// The command that shows the help of the command on a command line.
pub(crate) fn help_of(raw: &[OsString]) -> Option<String> {
    command_of(raw).map(|name| format!("ledger {name} --help"))
}

/// The first word of a command line that is the name of a command.
fn command_of(raw: &[OsString]) -> Option<&str> {
    let mut words = raw.iter().skip(1).filter_map(|word| word.to_str());
    words.find(|word| GROUPS.iter().any(|(_, names)| names.contains(word)))
}
