//! Streams: readers that go away, a full device, descriptors that are closed.

use std::fs::{File, OpenOptions};
use std::process::Stdio;

use crate::bench::{check, under};
use crate::harness::{Ran, Shell};

fn full() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

/// A pipe that nobody reads from any more.
fn gone() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_that_went_away_is_no_error_and_nothing_is_said() {
    let shell = Shell::given(&["deposit 5 -q"]);
    for line in [
        "balance",
        "balance --json",
        "--help",
        "deposit 7",
        "deposit 7 --json",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let output = shell.command().args(words).stdout(gone()).output().unwrap();
        Ran::from(output).is(0, "", "");
    }
    assert_eq!(check(&shell.file("ledger.jsonl")).main, "19");
}

#[test]
fn a_read_that_cannot_be_printed_is_exit_1() {
    let shell = Shell::given(&["deposit 5 -q"]);
    for line in [
        "balance",
        "balance -q",
        "--color=never balance",
        "--help",
        "--version",
        "help balance",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let output = shell.command().args(words).stdout(full()).output().unwrap();
        Ran::from(output).fails(
            1,
            "error: cannot print the answer: No space left on device (os error 28)\n",
        );
    }
}

#[test]
fn an_event_whose_receipt_cannot_be_printed_was_recorded_and_that_is_said() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let message = "the event was recorded, but the answer could not be printed: No space left on device (os error 28)";
    let json = format!(r#"{{"warning":{{"code":"not_printed","message":"{message}"}}}}"#);
    for (line, said) in [
        ("deposit 7", format!("warning: {message}\n")),
        ("deposit 7 --json", format!("{json}\n")),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let output = shell.command().args(words).stdout(full()).output().unwrap();
        Ran::from(output).is(0, "", &said);
    }
    assert_eq!(check(&shell.file("ledger.jsonl")).main, "19");
}

#[test]
fn messages_that_nobody_can_hear_change_nothing() {
    let shell = Shell::given(&["deposit 5 -q"]);
    for (line, status) in [
        ("deposit 7", 0),
        ("withdraw 100", 4),
        ("deposit -1", 2),
        ("nonsense", 2),
    ] {
        for stderr in [Stdio::from(full()), gone()] {
            let mut command = shell.command();
            let output = command
                .args(line.split(' '))
                .stderr(stderr)
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(status), "{line}");
        }
    }
    assert_eq!(check(&shell.file("ledger.jsonl")).main, "19");
}

#[test]
fn no_output_ever_gets_into_the_log_whichever_descriptors_are_closed() {
    for closed in [
        "0<&-",
        "1>&-",
        "2>&-",
        "0<&- 1>&-",
        "0<&- 2>&-",
        "1>&- 2>&-",
        "0<&- 1>&- 2>&-",
    ] {
        let shell = Shell::new();
        let mut recorded = 0;
        for line in [
            "deposit 1",
            "deposit 1 --json",
            "withdraw 100",
            "balance",
            "nonsense",
            "deposit 1 -q",
        ] {
            let script = format!("exec \"$0\" \"$@\" {closed}");
            let output = under(&shell, &["sh", "-c", &script], line)
                .output()
                .unwrap();
            let expected = match line {
                "withdraw 100" => 4,
                "nonsense" => 2,
                _ => 0,
            };
            assert_eq!(output.status.code(), Some(expected), "{closed} {line}");
            recorded += u64::from(line.starts_with("deposit"));
            let checked = check(&shell.file("ledger.jsonl"));
            assert_eq!(
                (checked.seq, checked.torn_bytes),
                (recorded, 0),
                "{closed} {line}"
            );
        }
    }
}

#[test]
fn output_that_is_sent_into_the_log_itself_is_refused_before_anything_happens() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let before = shell.log();
    for line in ["deposit 7", "balance", "withdraw 100"] {
        for redirection in [">>ledger.jsonl", "2>>ledger.jsonl"] {
            let script = format!("exec \"$0\" \"$@\" {redirection}");
            let output = under(&shell, &["sh", "-c", &script], line)
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(2), "{redirection} {line}");
            assert_eq!(shell.log(), before, "{redirection} {line}");
        }
    }
}
