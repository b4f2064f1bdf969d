//! Logs written by hand, with a chain that is right: whatever is wrong with them is not the hash.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// The first line of such a log, up to its hash.
pub(crate) const FIRST: &str = r#"{"v":1,"seq":0,"at":"2026-01-01T00:00:00.000000Z","type":"ledger","id":"abababababababababababababababab","currency":"EUR","zone":"UTC""#;

/// An event of a given number, a minute a number after the first line.
pub(crate) fn line(seq: u64, rest: &str) -> String {
    format!(r#"{{"v":1,"seq":{seq},"at":"2026-01-01T00:{seq:02}:00.000000Z",{rest}"#)
}

/// A deposit to `main`.
pub(crate) fn deposit(seq: u64, amount: &str) -> String {
    line(
        seq,
        &format!(r#""type":"deposit","account":"main","amount":"{amount}","currency":"EUR""#),
    )
}

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The lines with their hashes. What stands behind ` NOTE ` is the note.
pub(crate) fn seal(lines: &[String]) -> Vec<u8> {
    let mut log = String::new();
    let mut previous = String::new();
    for line in lines {
        let (head, note) = match line.split_once(" NOTE ") {
            Some((head, note)) => (head, Some(note)),
            None => (line.as_str(), None),
        };
        let digest = note.map_or_else(String::new, |note| match note.strip_prefix('"') {
            Some(redacted) => redacted[..64].to_owned(),
            None => hex(note.as_bytes()),
        });
        previous = hex(format!("{previous}\n{head}\n{digest}").as_bytes());
        let note = note.map_or_else(String::new, |note| format!(",\"note\":{note}"));
        writeln!(log, "{head},\"hash\":\"{previous}\"{note}}}").unwrap();
    }
    log.into_bytes()
}

/// A line without a note, with its hash, after the line with this hash.
pub(crate) fn after(previous: &str, line: &str) -> String {
    let hash = hex(format!("{previous}\n{line}\n").as_bytes());
    format!("{line},\"hash\":\"{hash}\"}}\n")
}
