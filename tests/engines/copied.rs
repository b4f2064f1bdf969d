//! `copy` between files and engines in every direction, and killed anywhere.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::harness::Shell;
use crate::machine::machine;
use crate::servers::{Nats, Postgres};

/// A log with some events, a batch among them, and notes.
fn given(shell: &Shell, events: u32) {
    shell
        .ledger("-f first.jsonl init --currency EUR -q")
        .succeeds();
    shell
        .ledger("-f first.jsonl deposit 50 -q -m salary --tag month=11")
        .succeeds();
    let line = |number: u32| {
        format!(
            "{{\"type\":\"deposit\",\"amount\":{number},\"memo\":\"{}\"}}\n",
            "x".repeat(200)
        )
    };
    let input: String = (1..=events).map(line).collect();
    shell
        .ledger_with_input("-f first.jsonl batch -q", input.as_bytes())
        .succeeds();
    let input: String = (1..=events).map(line).collect();
    shell
        .ledger_with_input("-f first.jsonl batch -q --keep-going", input.as_bytes())
        .succeeds();
}

fn read(shell: &Shell, name: &str) -> Vec<u8> {
    std::fs::read(shell.file(name)).unwrap()
}

#[test]
fn a_log_is_pushed_pulled_and_carried_on_with_the_same_bytes() {
    let (Some(nats), Some(postgres)) = (Nats::start(1, ""), Postgres::start(&[])) else {
        return;
    };
    let shell = machine("unused");
    // Its batch is larger than a message.
    given(&shell, 3000);
    let (stream, table) = (nats.address("books"), postgres.address("books"));
    let steps = [
        format!("copy first.jsonl {stream} --replicas 1"),
        format!("copy {stream} pulled.jsonl"),
        format!("copy pulled.jsonl '{table}'"),
        format!("copy '{table}' {} --replicas 1", nats.address("other")),
        format!(
            "copy {} '{}'",
            nats.address("other"),
            postgres.address("other")
        ),
        format!("copy '{}' last.jsonl", postgres.address("other")),
    ];
    for step in &steps {
        let ran = shell.ledger(step).succeeds();
        assert!(ran.stdout.starts_with("copied 6001 events to "), "{ran:?}");
    }
    assert!(read(&shell, "last.jsonl") == read(&shell, "first.jsonl"));
    // Once more: there is nothing to do.
    for step in &steps {
        let ran = shell.ledger(step).succeeds();
        assert!(
            ran.stdout.starts_with("copied no new events to "),
            "{ran:?}"
        );
    }
    // What is recorded there comes back.
    shell
        .ledger(&format!("-f {stream} deposit 1 -q"))
        .succeeds();
    let ran = shell.ledger(&steps[0]);
    assert_eq!(ran.status, Some(5), "{ran:?}");
    let ran = shell
        .ledger(&format!("copy {stream} first.jsonl"))
        .succeeds();
    assert!(
        ran.stdout.starts_with("copied 1 event to first.jsonl\n"),
        "{ran:?}"
    );
    shell.ledger("-f first.jsonl verify").succeeds();
    // Two histories are told apart.
    shell
        .ledger(&format!("-f '{table}' deposit 2 -q"))
        .succeeds();
    let ran = shell.ledger(&format!("copy '{table}' first.jsonl"));
    assert_eq!(ran.status, Some(5), "{ran:?}");
    let ran = shell.ledger(&format!("copy first.jsonl '{table}'"));
    assert_eq!(ran.status, Some(5), "{ran:?}");
    // A log that moves.
    shell
        .ledger(&format!("copy first.jsonl {stream} --move -q"))
        .succeeds();
    assert!(!shell.file("first.jsonl").exists());
    shell.ledger(&format!("-f {stream} balance -q")).succeeds();
}

/// Kills copies at random moments until one ends by itself.
fn killed_until_done(shell: &Shell, line: &str, mut wait: Duration) -> u32 {
    let mut killed = 0;
    loop {
        let mut command: Command = shell.command();
        let mut child = command
            .args(crate::harness::words(line))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(wait);
        wait = wait * 4 / 3;
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{line}: {status}");
            return killed;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
    }
}

#[test]
fn a_copy_that_is_killed_is_continued_by_the_same_command() {
    let (Some(nats), Some(postgres)) = (Nats::start(1, ""), Postgres::start(&[])) else {
        return;
    };
    let shell = machine("unused");
    given(&shell, 10_000);
    let wait = Duration::from_millis(5);
    for (number, address) in [nats.address("books"), postgres.address("books")]
        .iter()
        .enumerate()
    {
        let push = format!("copy first.jsonl '{address}' --replicas 1 -q");
        let pull = format!("copy '{address}' pulled{number}.jsonl -q");
        let killed = killed_until_done(&shell, &push, wait);
        let killed = killed + killed_until_done(&shell, &pull, wait);
        assert!(killed > 2, "{address}: {killed}");
        let pulled = read(&shell, &format!("pulled{number}.jsonl"));
        assert!(pulled == read(&shell, "first.jsonl"), "{address}");
        shell
            .ledger(&format!("-f '{address}' verify -q"))
            .prints("");
    }
}
