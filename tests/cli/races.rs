//! What runs twice at once, and what is killed half-way: no money is counted twice, none is lost.

use std::process::{Child, Stdio};

use crate::harness::{Ran, Shell};

/// All of these at once, in the order in which they were started.
pub(crate) fn at_once(shell: &Shell, commands: &[String]) -> Vec<Ran> {
    let children: Vec<Child> = commands
        .iter()
        .map(|command| {
            shell
                .command()
                .args(command.split(' '))
                .args(["--wait", "60"])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    children
        .into_iter()
        .map(|child| Ran::from(child.wait_with_output().unwrap()))
        .collect()
}

pub(crate) fn statuses(ran: &[Ran], status: i32) -> usize {
    ran.iter().filter(|ran| ran.status == Some(status)).count()
}

pub(crate) fn seqs(shell: &Shell) -> Vec<u64> {
    let log = String::from_utf8(shell.log()).unwrap();
    log.lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            value["seq"].as_u64().unwrap()
        })
        .collect()
}

#[test]
fn twenty_processes_with_one_key_record_one_event() {
    let shell = Shell::given(&["deposit 100 -q"]);
    let ran = at_once(&shell, &vec!["withdraw 5 --key once --json".to_owned(); 20]);
    assert_eq!(statuses(&ran, 0), 20);
    let replayed = ran.iter().filter(|ran| ran.json()["replayed"] == true);
    assert_eq!(replayed.count(), 19);
    assert!(ran.iter().all(|ran| ran.json()["seq"] == 2));
    assert_eq!(seqs(&shell), [0, 1, 2]);
    shell.ledger("balance main -q").prints("95\n");
}

#[test]
fn twenty_processes_that_start_a_log_start_one() {
    let shell = Shell::new();
    let ran = at_once(&shell, &vec!["deposit 1 -q".to_owned(); 20]);
    assert_eq!(statuses(&ran, 0), 20);
    assert_eq!(seqs(&shell), (0..=20).collect::<Vec<u64>>());
    shell.ledger("balance main -q").prints("20\n");
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn of_twenty_inits_one_wins() {
    let shell = Shell::new();
    let ran = at_once(&shell, &vec!["init --currency EUR -q".to_owned(); 20]);
    assert_eq!((statuses(&ran, 0), statuses(&ran, 4)), (1, 19));
    assert_eq!(seqs(&shell), [0]);
}

#[test]
fn no_deposit_is_lost_among_many() {
    let shell = Shell::new();
    let commands: Vec<String> = (0..4)
        .flat_map(|account| (0..10).map(move |_| format!("deposit 0.01 -a a{account} -q")))
        .collect();
    assert_eq!(statuses(&at_once(&shell, &commands), 0), 40);
    assert_eq!(seqs(&shell), (0..=40).collect::<Vec<u64>>());
    shell
        .ledger("assert 'a* == 0.40' 'a0 == 0.10' 'a3 == 0.10'")
        .prints("");
}

#[test]
fn of_twenty_withdrawals_only_those_with_cover_succeed() {
    let shell = Shell::given(&["deposit 100 -q"]);
    let ran = at_once(&shell, &vec!["withdraw 10 -q".to_owned(); 20]);
    assert_eq!((statuses(&ran, 0), statuses(&ran, 4)), (10, 10));
    shell.ledger("balance main -q").prints("0\n");
}

#[test]
fn of_twenty_that_saw_one_head_one_is_let_in() {
    let shell = Shell::given(&["deposit 100 -q"]);
    let head = String::from_utf8(shell.ledger("head").succeeds().raw).unwrap();
    let command = format!("withdraw 10 -q --if-head {}", head.trim_end());
    let ran = at_once(&shell, &vec![command; 20]);
    assert_eq!((statuses(&ran, 0), statuses(&ran, 5)), (1, 19));
    shell.ledger("balance main -q").prints("90\n");
}

#[test]
fn of_twenty_that_reverse_one_event_one_does() {
    let shell = Shell::given(&["deposit 100 -q", "withdraw 40 -q"]);
    let ran = at_once(&shell, &vec!["reverse 2 -q".to_owned(); 20]);
    assert_eq!((statuses(&ran, 0), statuses(&ran, 4)), (1, 19));
    shell.ledger("balance main -q").prints("100\n");
}

#[test]
fn batches_do_not_mix() {
    let shell = Shell::new();
    for name in ["a", "b", "c"] {
        let line = format!("{{\"type\":\"deposit\",\"account\":\"{name}\",\"amount\":1}}\n");
        std::fs::write(shell.file(name), line.repeat(50)).unwrap();
    }
    let commands: Vec<String> = ["a", "b", "c", "a"]
        .iter()
        .map(|name| format!("batch -q {name}"))
        .collect();
    assert_eq!(statuses(&at_once(&shell, &commands), 0), 4);
    shell
        .ledger("assert 'a == 100' 'b == 50' 'c == 50'")
        .prints("");
    let log = String::from_utf8(shell.log()).unwrap();
    let runs: Vec<&str> = log
        .lines()
        .skip(1)
        .filter(|line| !line.contains("\"more\":true"))
        .collect();
    assert_eq!(runs.len(), 4);
}

const LINES: &str = "\
{\"type\":\"deposit\",\"account\":\"a\",\"amount\":\"5\",\"key\":\"k1\",\"memo\":\"caf\u{e9}\"}
{\"type\":\"transfer\",\"from\":\"a\",\"to\":\"b\",\"amount\":\"2\",\"key\":\"k2\"}
";

#[test]
fn a_batch_killed_at_any_byte_counts_for_nothing_and_is_recorded_once_when_sent_again() {
    let shell = Shell::given(&["deposit 7 -a a -q"]);
    let before = shell.log();
    shell
        .ledger_with_input("batch -q", LINES.as_bytes())
        .succeeds();
    let after = shell.log();
    let (before, after) = (before.as_slice(), after.as_slice());
    std::thread::scope(|scope| {
        for start in 0..8 {
            scope.spawn(move || {
                let shell = Shell::new();
                for length in (before.len() + start..after.len()).step_by(8) {
                    killed_at(&shell, before.len(), after, length);
                }
            });
        }
    });
}

/// The log as it is when the batch behind `before` bytes was killed at `length`.
fn killed_at(shell: &Shell, before: usize, after: &[u8], length: usize) {
    let torn = &after[..length];
    // All but the last line feed is a whole batch, which counts.
    let is_whole = length + 1 == after.len();
    shell.set_log(torn);
    let read = shell.ledger("balance --json").succeeds().json();
    assert_eq!(shell.log(), torn, "a read changed {length}");
    assert_eq!(read["events"], if is_whole { 3 } else { 1 }, "{length}");
    let torn_bytes = if is_whole { 0 } else { length - before };
    assert_eq!(read["torn_bytes"], torn_bytes, "{length}");
    let sent = shell
        .ledger_with_input("batch --json", LINES.as_bytes())
        .succeeds();
    let receipts = sent.json_lines();
    assert!(
        receipts.iter().all(|of| of["replayed"] == is_whole),
        "{length}: {}",
        sent.stdout
    );
    assert_eq!(
        receipts[1]["balances"],
        serde_json::json!([
            {"account": "a", "balance": "10", "pending_in": "0", "pending_out": "0", "available": "10", "currency": null},
            {"account": "b", "balance": "2", "pending_in": "0", "pending_out": "0", "available": "2", "currency": null},
        ]),
        "{length}"
    );
    assert_eq!(seqs(shell), [0, 1, 2, 3], "{length}");
    let names = shell.names();
    if torn_bytes == 0 {
        assert_eq!(names, ["ledger.jsonl"], "{length}");
    } else {
        let quarantine = format!("ledger.jsonl.torn-{before}");
        assert_eq!(names, ["ledger.jsonl", quarantine.as_str()], "{length}");
        let kept = std::fs::read(shell.file(&quarantine)).unwrap();
        assert_eq!(kept, torn[before..], "{length}");
        std::fs::remove_file(shell.file(&quarantine)).unwrap();
    }
}

#[test]
fn those_that_race_are_not_told_that_their_clock_is_behind() {
    let mut shell = Shell::given(&["deposit 1"]);
    shell.without("LEDGER_NOW");
    let commands: Vec<String> = (0..20).map(|_| "deposit 1".to_owned()).collect();
    for ran in at_once(&shell, &commands) {
        assert_eq!(ran.status, Some(0), "{}", ran.stderr);
        assert!(!ran.stderr.contains("clock"), "{}", ran.stderr);
    }
}
