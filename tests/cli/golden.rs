//! A log that the first program wrote, and the commands that it was given: a log that uses nothing new is
//! the same to the last byte today.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use event_ledger::log::{decode, encode};

use crate::harness::Shell;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// A line without what is random, and the hash that follows from it.
fn without_random(line: &str) -> String {
    let mut line = line.to_owned();
    for (start, length) in [("\"id\":\"", 32), ("\"hash\":\"", 64), ("\"salt\":\"", 22)] {
        if let Some(at) = line.find(start) {
            line.replace_range(at + start.len()..at + start.len() + length, "…");
        }
    }
    line
}

#[test]
fn the_same_commands_write_the_lines_of_the_first_program() {
    let mut shell = Shell::new();
    let commands = std::fs::read_to_string(golden("version-1.commands")).unwrap();
    for line in commands.lines() {
        let (now, command) = line.split_once(' ').unwrap();
        let (command, input) = command.split_once(" < ").unwrap_or((command, ""));
        let shell = shell.at(now);
        shell
            .ledger_with_input(
                &format!("{command} -q"),
                input.replace('|', "\n").as_bytes(),
            )
            .succeeds();
    }
    let ours = String::from_utf8(shell.log()).unwrap();
    let theirs = std::fs::read_to_string(golden("version-1.jsonl")).unwrap();
    for (our, their) in ours.lines().zip(theirs.lines()) {
        assert_eq!(without_random(our), without_random(their));
    }
    assert_eq!(ours.lines().count(), theirs.lines().count());
}

#[test]
fn its_log_is_read_and_written_to_the_same_bytes_and_its_figures_are_what_they_were() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    for file in [
        golden("version-1.jsonl"),
        samples.join("household.jsonl"),
        samples.join("damaged/sound.jsonl"),
    ] {
        let log = std::fs::read_to_string(file).unwrap();
        let mut again = String::new();
        let mut previous = None;
        for line in log.lines() {
            let entry = decode(line.as_bytes()).unwrap();
            assert_eq!(entry.version(), 1);
            let (line, entry) = encode(entry.record, previous.as_ref());
            writeln!(again, "{line}").unwrap();
            previous = Some(entry.hash);
        }
        assert_eq!(again, log);
    }
    let shell = Shell::new();
    shell.set_log(&std::fs::read(golden("version-1.jsonl")).unwrap());
    shell
        .ledger("verify")
        .prints("sound: 20 events, head 20:<hex16>\n");
    shell
        .ledger("balance -q")
        .prints("1000000000000000589.14\n0.000\n900.50\n0.00\n5.00\n30.00\n1250\n");
}
