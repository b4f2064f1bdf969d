//! Killed: at every system call of a write, and at moments that nobody chose.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::bench::{Dice, all, can_trace, check, skip, traced, under};
use crate::harness::{Shell, program};

/// The system calls of a run, as strace counts them: each name's first, second and so on. Those
/// before it looks at the log for the first time cannot harm it, and are left out of a short run.
pub(crate) fn calls_of(shell: &Shell, line: &str) -> Vec<(String, usize)> {
    let calm = traced(shell, &[], None, line);
    calm.ran.succeeds();
    let names: Vec<&str> = calm
        .calls
        .iter()
        .filter_map(|call| call.split_once('(').map(|(name, _)| name))
        .collect();
    let touched = calm
        .calls
        .iter()
        .position(|call| call.contains("ledger.jsonl"));
    let first = if all() { 1 } else { touched.unwrap() };
    (first..names.len())
        .map(|at| {
            let count = names[..=at]
                .iter()
                .filter(|name| **name == names[at])
                .count();
            (names[at].to_owned(), count)
        })
        .collect()
}

/// Runs a write in a fresh copy of the same directory for every system call that it makes, and kills
/// it there.
#[track_caller]
fn killed_everywhere(what: &str, fresh: impl Fn() -> Shell, line: &str, events: u64) {
    if !can_trace(what) {
        return;
    }
    let calls = calls_of(&fresh(), line);
    assert!(calls.len() > 15, "{calls:?}");
    for (name, count) in calls {
        let shell = fresh();
        let log = shell.file("ledger.jsonl");
        let before = std::fs::read(&log).unwrap_or_default();
        let acknowledged = acknowledged(&before);
        let inject = format!("{name}:signal=SIGKILL:when={count}");
        let ran = traced(&shell, &[&inject], None, line).ran;
        let has_receipt = ran.stdout.contains("recorded");
        let place = format!("killed at {name} {count}");
        assert_eq!(ran.status, None, "{place}: {ran:?}");
        // Whoever reads now sees the state before or the state behind, and nothing between.
        let read = shell.ledger("balance --json");
        let seq_seen = match read.status {
            Some(10) => 0,
            Some(0) => read.json()["seq"].as_u64().unwrap(),
            _ => panic!("{place}: {read:?}"),
        };
        assert!(
            seq_seen == acknowledged || seq_seen == acknowledged + events,
            "{place}: {seq_seen}"
        );
        assert!(!has_receipt || seq_seen == acknowledged + events, "{place}");
        let now = std::fs::read(&log).unwrap_or_default();
        let whole = whole_lines(&before);
        assert!(
            now.starts_with(whole),
            "{place}: an acknowledged event is gone"
        );
        // The next append works unaided.
        shell.ledger("deposit 1000 -q -m next").succeeds();
        let checked = check(&log);
        assert_eq!(
            (checked.seq, checked.torn_bytes),
            (seq_seen + 1, 0),
            "{place}"
        );
        assert_eq!(
            checked.memos.iter().filter(|memo| *memo == "next").count(),
            1
        );
        assert!(std::fs::read(&log).unwrap().starts_with(whole), "{place}");
        // What was torn before is in a quarantine or still where it was, and nowhere lost.
        let torn = &before[whole.len()..];
        let kept = |name: &String| std::fs::read(shell.file(name)).unwrap() == torn;
        assert!(
            torn.is_empty() || shell.names().iter().any(kept),
            "{place}: the torn bytes are gone: {:?}",
            shell.names()
        );
    }
}

fn whole_lines(log: &[u8]) -> &[u8] {
    let end = log
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    &log[..end]
}

/// The number of the last whole event.
fn acknowledged(log: &[u8]) -> u64 {
    let lines = whole_lines(log)
        .iter()
        .filter(|byte| **byte == b'\n')
        .count();
    u64::try_from(lines.saturating_sub(1)).unwrap()
}

#[test]
fn an_append_may_be_killed_at_any_system_call() {
    killed_everywhere(
        "an append killed everywhere",
        || Shell::given(&["deposit 5 -q", "deposit 6 -q"]),
        "deposit 7 -m killed",
        1,
    );
}

#[test]
fn the_first_write_may_be_killed_at_any_system_call() {
    killed_everywhere(
        "a first write killed everywhere",
        Shell::new,
        "deposit 7 -m killed",
        1,
    );
}

#[test]
fn an_append_behind_a_torn_tail_may_be_killed_at_any_system_call() {
    // The same bytes every time, so that they can be looked for.
    let template = Shell::given(&["deposit 5 -q", "deposit 6 -q"]).log();
    let torn = &template[..template.len() - 40];
    killed_everywhere(
        "an append behind a torn tail killed everywhere",
        || {
            let shell = Shell::new();
            shell.set_log(torn);
            shell
        },
        "deposit 7 -m killed",
        1,
    );
}

#[test]
fn an_append_behind_a_line_without_its_line_feed_may_be_killed_at_any_system_call() {
    let template = Shell::given(&["deposit 5 -q", "deposit 6 -q"]).log();
    if !can_trace("an append behind a line without its line feed killed everywhere") {
        return;
    }
    let fresh = || {
        let shell = Shell::new();
        shell.set_log(&template[..template.len() - 1]);
        shell
    };
    for (name, count) in calls_of(&fresh(), "deposit 7") {
        let shell = fresh();
        let inject = format!("{name}:signal=SIGKILL:when={count}");
        assert_eq!(
            traced(&shell, &[&inject], None, "deposit 7").ran.status,
            None
        );
        let seq = check(&shell.file("ledger.jsonl")).seq;
        assert!(seq == 2 || seq == 3);
        shell.ledger("deposit 1 -q").succeeds();
        assert_eq!(check(&shell.file("ledger.jsonl")).seq, seq + 1);
    }
}

#[test]
fn a_batch_may_be_killed_at_any_system_call() {
    let fresh = || {
        let shell = Shell::given(&["deposit 5 -q"]);
        let line = "{\"type\":\"deposit\",\"amount\":\"1\",\"memo\":\"killed\"}\n";
        std::fs::write(shell.file("batch"), line.repeat(3)).unwrap();
        shell
    };
    if fresh().ledger("batch batch -n").status != Some(0) {
        skip("a batch killed everywhere", "there is no batch command");
        return;
    }
    killed_everywhere("a batch killed everywhere", fresh, "batch batch", 3);
}

/// What every reader says: balances, holds, and whether the log is sound.
fn answers(shell: &Shell) -> [Value; 3] {
    let mut balance = shell.ledger("balance --json").succeeds().json();
    // The salt of a note, and so the hash, differs from run to run.
    balance["hash"] = Value::Null;
    let holds = shell.ledger("holds --all --json").succeeds().json();
    let verified = shell.ledger("verify --json").succeeds().json();
    let what = ["ok", "events", "sealed_through"].map(|key| verified[key].clone());
    [balance, holds, Value::from(what.to_vec())]
}

/// Kills a write with a key at every system call: what it does is there as a whole or not at all, and the
/// same command again does it once.
#[track_caller]
fn whole_or_not_at_all(what: &str, given: &[&str], line: &str) {
    if !can_trace(what) {
        return;
    }
    let template = Shell::given(given).log();
    let fresh = || {
        let shell = Shell::new();
        shell.set_log(&template);
        shell
    };
    let shell = fresh();
    let before = answers(&shell);
    shell.ledger(line).succeeds();
    let after = answers(&shell);
    assert_ne!(before, after);
    let calls = calls_of(&fresh(), line);
    assert!(calls.len() > 15, "{calls:?}");
    for (name, count) in calls {
        let shell = fresh();
        let place = format!("{what}: killed at {name} {count}");
        let inject = format!("{name}:signal=SIGKILL:when={count}");
        let ran = traced(&shell, &[&inject], None, line).ran;
        assert_eq!(ran.status, None, "{place}: {ran:?}");
        let found = answers(&shell);
        assert!(found == before || found == after, "{place}: {found:?}");
        if ran.stdout.contains("recorded") {
            assert_eq!(found, after, "{place}");
        }
        shell.ledger(line).succeeds();
        assert_eq!(answers(&shell), after, "{place}");
    }
}

#[test]
fn a_capture_may_be_killed_at_any_system_call() {
    whole_or_not_at_all(
        "a capture",
        &[
            "init --currency EUR",
            "deposit 100",
            "hold 60 --to shop --tag order=1",
        ],
        "capture 2 25 --key k",
    );
}

#[test]
fn a_correction_may_be_killed_at_any_system_call() {
    whole_or_not_at_all(
        "a correction",
        &[
            "init --currency EUR",
            "deposit 100 -m salary",
            "withdraw 90 --tag order=1",
        ],
        "correct 1 --amount 95 --key k",
    );
}

#[test]
fn a_seal_may_be_killed_at_any_system_call() {
    whole_or_not_at_all(
        "a seal",
        &["deposit 100 --effective 2026-03-10"],
        "seal 2026-03 --key k",
    );
}

/// A writer that appends until it is killed, and prints a receipt for each event.
fn writer(shell: &Shell, name: &str) -> Child {
    let script = format!(
        "i=0; while :; do i=$((i+1)); \"$0\" deposit 1 --json -m {name}-$i --wait 60 || exit 9; done"
    );
    let mut command = under(shell, &["sh", "-c", &script], "");
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills a writer and the program it runs, which are a process group of their own.
fn kill(writer: &Child) {
    let group = format!("-{}", writer.id());
    let killed = program("kill").args(["-KILL", "--", &group]).status();
    assert!(killed.unwrap().success());
}

#[test]
fn what_was_acknowledged_before_a_kill_is_in_the_log_exactly_once() {
    let rounds = if all() { 200 } else { 6 };
    let mut dice = Dice(20_261_123);
    let shell = Shell::given(&["init -q"]);
    let mut receipts: Vec<(u64, String)> = Vec::new();
    for round in 0..rounds {
        let mut writers: Vec<Child> = (0..4)
            .map(|number| writer(&shell, &format!("r{round}w{number}")))
            .collect();
        // Each is killed behind a receipt of its own that the dice chose, and what it still printed
        // until then is read to the end.
        let readers: Vec<_> = writers
            .iter_mut()
            .map(|writer| {
                let stdout = writer.stdout.take().unwrap();
                let after = 1 + dice.below(6);
                let spins = dice.below(200_000);
                (BufReader::new(stdout), after, spins)
            })
            .collect();
        std::thread::scope(|scope| {
            let threads: Vec<_> = readers
                .into_iter()
                .zip(&writers)
                .map(|((reader, after, spins), writer)| {
                    scope.spawn(move || {
                        let mut seen = Vec::new();
                        for (count, line) in reader.lines().enumerate() {
                            // A receipt that was cut off by the kill acknowledged nothing.
                            let Ok(value) =
                                serde_json::from_str::<serde_json::Value>(&line.unwrap())
                            else {
                                continue;
                            };
                            let memo = value["memo"].as_str().unwrap().to_owned();
                            seen.push((value["seq"].as_u64().unwrap(), memo));
                            if count as u64 + 1 == after {
                                for spin in 0..spins {
                                    std::hint::black_box(spin);
                                }
                                kill(writer);
                            }
                        }
                        seen
                    })
                })
                .collect();
            for thread in threads {
                receipts.extend(thread.join().unwrap());
            }
        });
        for writer in &mut writers {
            writer.wait().unwrap();
        }
        // A writer's own writer may outlive it by the moment its kill takes.
        shell.ledger("deposit 1 -q -m between --wait 60").succeeds();
        let log = check(&shell.file("ledger.jsonl"));
        assert_eq!(log.memos.len() as u64, log.seq, "round {round}");
        for (seq, memo) in &receipts {
            let there = log.memos.iter().filter(|own| *own == memo).count();
            assert_eq!(there, 1, "round {round}: {memo}");
            assert_eq!(&log.memos[usize::try_from(*seq).unwrap() - 1], memo);
        }
        assert_eq!(log.main, log.seq.to_string());
    }
    assert!(receipts.len() >= 4 * rounds);
}

#[test]
fn a_copy_may_be_killed_at_any_system_call_and_the_same_command_continues_it() {
    if !can_trace("a copy killed everywhere") {
        return;
    }
    let template = Shell::given(&["deposit 5 -q", "deposit 6 -q", "deposit 7 -q"]).log();
    let first = template.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for line in [
        "copy ledger.jsonl to.jsonl -q",
        "copy ledger.jsonl to.jsonl -q --move",
    ] {
        let fresh = || {
            let shell = Shell::new();
            shell.set_log(&template);
            std::fs::write(shell.file("to.jsonl"), &template[..first + 30]).unwrap();
            shell
        };
        // Its arguments name the log, but nothing is done by then.
        let calls = calls_of(&fresh(), line);
        for (name, count) in calls.into_iter().filter(|(name, _)| name != "execve") {
            let shell = fresh();
            let inject = format!("{name}:signal=SIGKILL:when={count}");
            let place = format!("{line} killed at {name} {count}");
            assert_eq!(
                traced(&shell, &[&inject], None, line).ran.status,
                None,
                "{place}"
            );
            if shell.file("ledger.jsonl").exists() {
                assert_eq!(shell.log(), template, "{place}");
                shell.ledger(line).succeeds();
            }
            let copied = std::fs::read(shell.file("to.jsonl")).unwrap();
            assert!(copied == template, "{place}");
            if line.ends_with("--move") {
                let moved = std::fs::read(shell.file("ledger.jsonl.moved")).unwrap();
                assert!(moved == template, "{place}");
            }
        }
    }
}
