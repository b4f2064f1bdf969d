//! Every hint that the tests see is a command, and works when it is pasted where it was shown.

use std::path::Path;

use super::{Ran, Shell, words};

/// What a hint may begin with.
const PROGRAMS: &[&str] = &[
    "ledger ", "cargo ", "date ", "df ", "head ", "ls ", "mkdir ", "sudo ", "unset ",
];

/// Checks the hints of a run in a copy of its directory.
#[track_caller]
pub(super) fn check(shell: &Shell, arguments: &[String], ran: &Ran) {
    // The hints of an import are flags to add.
    if ran.status == Some(0) || arguments.iter().any(|word| word == "import") {
        return;
    }
    for hint in hints(&ran.stderr) {
        assert!(
            PROGRAMS.iter().any(|program| hint.starts_with(program)),
            "{arguments:?}: the hint is no command: {hint}"
        );
        // Hashes are hidden in what the tests compare, and a command that follows the log never ends.
        if hint.contains('<') || hint.contains(" watch") {
            continue;
        }
        if let Some(line) = hint.strip_prefix("ledger ") {
            let copy = Shell::copy_of(shell);
            let pasted = copy.unchecked(words(line));
            let is_of_the_machine = ["this ledger was built without", "LEDGER_NOW cannot be read"];
            if is_of_the_machine
                .iter()
                .any(|text| pasted.stderr.contains(text))
            {
                continue;
            }
            assert_ne!(
                pasted.status,
                Some(2),
                "{arguments:?}: {hint}: {}",
                pasted.stderr
            );
            let is_answer = matches!(pasted.status, Some(0 | 3 | 6));
            assert!(
                is_answer || pasted.stderr != ran.stderr,
                "{arguments:?}: the hint fails in the same way: {hint}"
            );
        }
    }
}

/// The hints on standard error, of text and of JSON.
fn hints(stderr: &str) -> Vec<String> {
    let mut hints = Vec::new();
    for line in stderr.lines() {
        if let Some(hint) = line.strip_prefix("hint: ") {
            hints.push(hint.to_owned());
        } else if let Ok(value) = serde_json::from_str::<serde_json::Value>(line) {
            let hint = value["error"]["hint"].as_str().unwrap_or_default();
            hints.extend(hint.lines().map(str::to_owned));
        }
    }
    hints
}

/// Copies the files of a directory; whatever is no file or directory is left out.
pub(super) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (kind, target) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else if kind.is_file() {
            std::fs::copy(entry.path(), target).unwrap();
        } else if kind.is_symlink() {
            let leads_to = std::fs::read_link(entry.path()).unwrap();
            std::os::unix::fs::symlink(leads_to, target).unwrap();
        }
    }
}
