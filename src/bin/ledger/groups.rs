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

/// Whether the command of this name records events.
pub(crate) fn writes(name: &str) -> bool {
    let [(_, writing), ..] = GROUPS;
    writing.contains(&name)
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
