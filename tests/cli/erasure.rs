//! Notes that count as erased: no reader shows them, whether or not their bytes are gone.

use crate::harness::Shell;
use crate::sealed::{FIRST, deposit, line, seal};

/// What must not be shown.
pub(crate) const PRIVATE: &str = "Erika Mustermann";

/// A log whose event 1 was erased by event 3, as a kill right after that event's sync leaves it: the
/// bytes of the note are still there.
pub(crate) fn pending() -> Shell {
    let note = format!(
        r#"{{"salt":"q83vEjRWeJCrze8SNFZ4kA","memo":"{PRIVATE}","tags":{{"customer":"{PRIVATE}"}}}}"#
    );
    let newer = |seq, rest: &str| line(seq, rest).replace(r#"{"v":1"#, r#"{"v":2"#);
    let shell = Shell::new();
    shell.set_log(&seal(&[
        FIRST.to_owned(),
        format!(r#"{},"key":"k" NOTE {note}"#, deposit(1, "50.00")),
        deposit(2, "5.00"),
        newer(3, r#""type":"redact","event":1"#),
        deposit(4, "7.00"),
    ]));
    assert!(shows(&shell.log()));
    shell
}

/// Whether these bytes contain it.
pub(crate) fn shows(bytes: &[u8]) -> bool {
    let first = PRIVATE.as_bytes();
    bytes.windows(first.len()).any(|window| window == first)
}

#[test]
fn no_reader_shows_a_note_that_counts_as_erased() {
    for line in [
        "history",
        "history --json",
        "history --csv",
        "history main --until seq:1 --json",
        "history --known-at seq:1",
        "show 1",
        "show 1 --json",
        "show 1 --known-at seq:1",
        "replay",
        "replay --json",
        "replay --known-at seq:2 --json",
        "watch --since seq:0 --no-follow",
        "watch --since seq:1 --no-follow --json",
        "export --to csv",
        "export --to jsonl",
        "export --to hledger",
        "export --to ledger",
        "export --to beancount",
        "export --to parquet -o out",
        "report --by day --html out",
        "verify",
        "doctor",
        "deposit 50EUR --key k --dry-run",
        "reverse 1 --dry-run",
        "refund 1 --dry-run --json",
        "correct 1 --amount 49EUR --dry-run --json",
        "project sqlite out",
    ] {
        let shell = pending();
        let ran = shell.ledger(line).succeeds();
        assert!(!shows(&ran.raw), "{line}: {}", ran.stdout);
        assert!(!shows(ran.stderr.as_bytes()), "{line}: {}", ran.stderr);
        let written = std::fs::read(shell.file("out")).unwrap_or_default();
        assert!(!shows(&written), "{line}");
    }
}

#[test]
fn what_counts_as_erased_is_said_to_be() {
    let shell = pending();
    let digest = shell.ledger("show 1 --json").succeeds().json();
    assert_eq!(digest["event"]["note"].as_str().unwrap().len(), 64);
    assert_eq!(digest["event"]["memo"], serde_json::Value::Null);
    let shown = shell.ledger("show 1").succeeds().stdout;
    assert!(shown.contains("redacted"), "{shown}");
    let history = shell.ledger("history --json").succeeds().json_lines();
    assert_eq!(history[0]["memo"], serde_json::Value::Null);
}

#[test]
fn no_filter_finds_a_note_that_counts_as_erased() {
    let shell = pending();
    for command in [
        "history",
        "replay",
        "export --to jsonl",
        "watch --since seq:0 --no-follow",
    ] {
        for filter in ["--memo Erika", "--tag customer"] {
            let line = format!("{command} {filter}");
            let ran = shell.ledger(&line).succeeds();
            assert!(
                !ran.stdout.contains("50.00 EUR  "),
                "{line}: {}",
                ran.stdout
            );
            assert!(!ran.stdout.contains("deposit"), "{line}: {}", ran.stdout);
        }
    }
}

#[test]
fn a_repeated_key_is_compared_without_a_note_that_counts_as_erased() {
    let shell = pending();
    let repeated = shell
        .ledger("deposit 50EUR --key k -m other --tag customer=other --json --dry-run")
        .succeeds();
    assert_eq!(repeated.json()["replayed"], true);
    let conflict = shell.ledger("deposit 60EUR --key k -m other --dry-run");
    assert_eq!(conflict.status, Some(5));
    assert!(!shows(conflict.stderr.as_bytes()), "{}", conflict.stderr);
    let since = shell.ledger("deposit 1EUR --if-head 0 --dry-run --json");
    assert!(!shows(since.stderr.as_bytes()), "{}", since.stderr);
}

#[test]
fn nothing_inherits_what_counts_as_erased() {
    let shell = pending();
    for line in ["reverse 1", "refund 1 5.00EUR", "correct 1 --amount 49EUR"] {
        let line = format!("{line} --dry-run --json");
        for receipt in shell.ledger(&line).succeeds().json_lines() {
            let nothing = serde_json::Value::Null;
            assert_eq!(
                (&receipt["tags"], &receipt["memo"]),
                (&nothing, &nothing),
                "{line}"
            );
        }
    }
}
