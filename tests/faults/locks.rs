//! The lock: holders that are stuck, killed or stopped half-way, files that are replaced while it is
//! waited for, and readers beside writers.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::{can_trace, check, under, without_strace};
use crate::harness::{Ran, Shell, program, words};

fn log_of(shell: &Shell) -> PathBuf {
    shell.file("ledger.jsonl")
}

/// This process as the holder of a log's lock. To be unlocked and not just dropped: for a moment a
/// child of another test may have the same open file.
fn held(shell: &Shell) -> File {
    let file = File::options().append(true).open(log_of(shell)).unwrap();
    file.lock().unwrap();
    file
}

/// How messages call this process.
fn this_process() -> String {
    let name = std::fs::read_to_string("/proc/self/comm").unwrap();
    format!("process {} ({})", std::process::id(), name.trim())
}

fn started(shell: &Shell, line: &str) -> Child {
    let mut command = shell.command();
    command
        .args(words(line))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn ended(child: Child) -> Ran {
    Ran::from(child.wait_with_output().unwrap())
}

/// Asks again until it is so.
#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_mins(1), "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn has_open(child: &Child, path: &Path) -> bool {
    let path = path.canonicalize().unwrap();
    let Ok(descriptors) = std::fs::read_dir(format!("/proc/{}/fd", child.id())) else {
        return false;
    };
    descriptors
        .filter_map(Result::ok)
        .any(|entry| std::fs::read_link(entry.path()).is_ok_and(|to| to == path))
}

#[test]
fn a_stuck_holder_is_exit_11_in_time_and_is_named() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let before = shell.log();
    let _held = held(&shell);
    let whom = this_process();
    for line in [
        "deposit 7",
        "balance",
        "undo",
        "replay",
        "head",
        "verify",
        "doctor",
        "doctor --repair",
        "batch",
    ] {
        let is_write = matches!(line, "deposit 7" | "undo" | "batch");
        let consequence = if is_write {
            "; nothing was recorded"
        } else {
            ""
        };
        let message = format!(
            "error: ./ledger.jsonl is locked by {whom}{consequence}\nhint: ledger {line} --wait 60\n"
        );
        if line == "batch" {
            let ran =
                shell.ledger_with_input("batch --wait 0", b"{\"type\":\"deposit\",\"amount\":1}\n");
            ran.fails(11, &message);
        } else {
            shell
                .ledger(&format!("{line} --wait 0.1"))
                .fails(11, &message);
        }
    }
    let error = shell.ledger("deposit 7 --wait 0 --json").error();
    assert_eq!(
        error,
        json!({
            "code": "lock_timeout",
            "message": format!("./ledger.jsonl is locked by {whom}; nothing was recorded"),
            "hint": "ledger deposit 7 --json --wait 60",
            "exit_code": 11,
            "recorded": "no",
        })
    );
    assert_eq!(shell.log(), before);
}

#[test]
fn after_half_a_second_it_is_said_whom_one_waits_for() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let held = held(&shell);
    let whom = this_process();
    let note = format!("note: waiting for {whom}, which holds the lock\n");
    let waiting = started(&shell, "deposit 7 -q --wait 60");
    let ran = shell.ledger("balance --wait 0.8");
    assert!(ran.stderr.starts_with(&note), "{}", ran.stderr);
    assert_eq!(ran.status, Some(11));
    held.unlock().unwrap();
    assert_eq!(ended(waiting).status, Some(0));
    assert_eq!(check(&log_of(&shell)).main, "12");
}

#[test]
fn a_holder_that_only_reads_keeps_writers_out_and_readers_in() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let file = File::open(log_of(&shell)).unwrap();
    file.lock_shared().unwrap();
    shell.ledger("balance -q --wait 0").prints("5\n");
    assert_eq!(shell.ledger("deposit 7 --wait 0").status, Some(11));
    file.unlock().unwrap();
    shell.ledger("deposit 7 -q --wait 0").prints("");
}

#[test]
fn a_first_write_waits_for_the_one_that_is_starting_the_log() {
    let shell = Shell::new();
    shell.set_log(b"");
    let held = held(&shell);
    assert_eq!(shell.ledger("init --wait 0").status, Some(11));
    assert_eq!(shell.ledger("deposit 5 --wait 0").status, Some(11));
    assert_eq!(shell.ledger("balance --wait 0").status, Some(11));
    assert_eq!(shell.log(), b"");
    held.unlock().unwrap();
    shell.ledger("deposit 5 -q --wait 0").succeeds();
}

#[test]
fn a_log_that_was_replaced_while_its_lock_was_waited_for_is_the_one_that_counts() {
    for line in [
        "deposit 7 -q --wait 60",
        "balance -q --wait 60",
        "verify --json --wait 60",
    ] {
        let shell = Shell::given(&["deposit 5 -q"]);
        let other = Shell::given(&["deposit 100 -q", "deposit 1 -q"]);
        let held = held(&shell);
        let waiting = started(&shell, line);
        until("it waits for the lock", || {
            has_open(&waiting, &log_of(&shell))
        });
        let old = shell.log();
        std::fs::rename(log_of(&shell), shell.file("old")).unwrap();
        std::fs::write(log_of(&shell), other.log()).unwrap();
        held.unlock().unwrap();
        let ran = ended(waiting);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        assert_eq!(std::fs::read(shell.file("old")).unwrap(), old);
        match line.split(' ').next().unwrap() {
            "deposit" => assert_eq!(check(&log_of(&shell)).main, "108"),
            "balance" => assert_eq!(ran.stdout, "101\n"),
            _ => assert_eq!(ran.json()["events"], 2),
        }
    }
}

#[test]
fn a_log_that_was_taken_away_while_its_lock_was_waited_for_is_not_written() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let held = held(&shell);
    let waiting = started(&shell, "deposit 7 --wait 60");
    until("it waits for the lock", || {
        has_open(&waiting, &log_of(&shell))
    });
    let old = shell.log();
    std::fs::rename(log_of(&shell), shell.file("old")).unwrap();
    held.unlock().unwrap();
    let ran = ended(waiting);
    assert_eq!(std::fs::read(shell.file("old")).unwrap(), old);
    // It begins anew, as any first write does, and says so.
    assert_eq!(ran.stderr, "note: started a new ledger at ./ledger.jsonl\n");
    assert_eq!(check(&log_of(&shell)).main, "7");
}

/// A writer that was stopped half-way and holds the lock; gone when dropped.
struct Stopped {
    strace: Option<Child>,
    pid: String,
}

impl Stopped {
    /// Stops it behind its first call of this name on the log.
    fn behind(call: &str, shell: &Shell, line: &str) -> Stopped {
        let log = log_of(shell).canonicalize().unwrap();
        let out = tempfile::NamedTempFile::new().unwrap();
        let (log, out) = (log.to_str().unwrap(), out.path());
        let stop = format!("inject={call}:signal=SIGSTOP:when=1");
        let wrapper = [
            "strace",
            "-f",
            "-qq",
            "-o",
            out.to_str().unwrap(),
            "-P",
            log,
            "-P",
            "./ledger.jsonl",
            "-e",
            &stop,
        ];
        let mut command = under(shell, &wrapper, line);
        let strace = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stopped = Stopped {
            pid: String::new(),
            strace: Some(strace),
        };
        let is_stopped = || {
            std::fs::read_to_string(out)
                .unwrap()
                .contains("--- stopped by SIGSTOP ---")
        };
        until("it was stopped", is_stopped);
        let text = std::fs::read_to_string(out).unwrap();
        text.split(' ').next().unwrap().clone_into(&mut stopped.pid);
        stopped
    }

    fn signal(&self, signal: &str) {
        let sent = program("kill").args([signal, &self.pid]).status();
        assert!(sent.unwrap().success());
    }

    fn ended(mut self) -> Ran {
        without_strace(self.strace.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        if let Some(mut strace) = self.strace.take() {
            if !self.pid.is_empty() {
                self.signal("-KILL");
            }
            let _ = strace.kill();
            let _ = strace.wait();
        }
    }
}

#[test]
fn an_event_that_is_not_synced_yet_is_in_no_figure_and_a_killed_holder_leaves_no_lock() {
    if !can_trace("a writer stopped ahead of its sync") {
        return;
    }
    let shell = Shell::given(&["deposit 5 -q"]);
    let before = shell.log();
    let stopped = Stopped::behind("write", &shell, "deposit 7");
    assert!(
        shell.log().len() > before.len(),
        "the bytes are in the file"
    );
    for line in [
        "balance",
        "history",
        "replay",
        "verify",
        "head",
        "deposit 1",
    ] {
        let ran = shell.ledger(&format!("{line} --wait 0"));
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(11), ""), "{line}");
        let whom = format!("process {} (ledger)", stopped.pid);
        assert!(ran.stderr.contains(&whom), "{}", ran.stderr);
    }
    stopped.signal("-KILL");
    assert_eq!(stopped.ended().status, None);
    shell.ledger("deposit 1 -q --wait 0").succeeds();
    assert_eq!(check(&log_of(&shell)).main, "13");
    assert_eq!(
        shell.names(),
        ["ledger.jsonl"],
        "no lock file, nothing else"
    );
}

#[test]
fn a_log_that_is_replaced_while_it_is_written_gets_nothing_and_that_is_said() {
    if !can_trace("a log replaced while it is written") {
        return;
    }
    let shell = Shell::given(&["deposit 5 -q"]);
    let before = shell.log();
    let stopped = Stopped::behind("write", &shell, "deposit 7");
    std::fs::rename(log_of(&shell), shell.file("old")).unwrap();
    std::fs::write(log_of(&shell), &before).unwrap();
    stopped.signal("-CONT");
    let ran = stopped.ended();
    ran.fails(
        1,
        "error: nothing was recorded: cannot write to ./ledger.jsonl: it was moved away or replaced meanwhile\n",
    );
    assert_eq!(shell.log(), before);
    assert_eq!(std::fs::read(shell.file("old")).unwrap(), before);
}

#[test]
fn a_program_that_ignores_the_lock_is_noticed_before_anything_is_written() {
    if !can_trace("a log that grows under its lock") {
        return;
    }
    let shell = Shell::given(&["deposit 5 -q"]);
    let before = shell.log();
    // Its lock is had by then, and the log not read yet.
    let stopped = Stopped::behind("flock", &shell, "deposit 7");
    let theirs = [&before[..], b"their line\n"].concat();
    std::fs::write(log_of(&shell), &theirs).unwrap();
    stopped.signal("-CONT");
    let ran = stopped.ended();
    assert!(matches!(ran.status, Some(1 | 6)), "{ran:?}");
    assert!(
        ran.stderr.contains("nothing was recorded") || ran.status == Some(6),
        "{ran:?}"
    );
    assert_eq!(shell.log(), theirs);
}

#[test]
fn readers_beside_writers_never_see_a_torn_or_backward_state() {
    const ROUNDS: usize = 12;
    let shell = Shell::given(&[
        "deposit 1000 -a a -q",
        "deposit 1000 -a b -q",
        "deposit 1000 -a c -q",
    ]);
    // Every batch leaves the sum as it is, no event of it but the last does.
    let batch = "{\"type\":\"withdraw\",\"account\":\"a\",\"amount\":1}\n{\"type\":\"transfer\",\"from\":\"b\",\"to\":\"c\",\"amount\":1}\n{\"type\":\"deposit\",\"account\":\"a\",\"amount\":1}\n";
    let done = AtomicBool::new(false);
    let shell = &shell;
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(move || {
                    for _ in 0..ROUNDS {
                        shell
                            .ledger_with_input("batch -q --wait 60", batch.as_bytes())
                            .succeeds();
                    }
                })
            })
            .collect();
        for line in ["balance --json --wait 60", "replay --json --wait 60"] {
            let done = &done;
            scope.spawn(move || {
                let mut seen = 3;
                loop {
                    let is_last = done.load(Ordering::Acquire);
                    let ran = shell.ledger(line).succeeds();
                    assert_eq!(ran.stderr, "", "{line}");
                    let last = ran.json_lines().pop().unwrap();
                    let state = last.get("state").unwrap_or(&last);
                    assert_eq!(state["torn_bytes"], 0, "{line}");
                    assert_eq!(
                        state["totals"],
                        json!([{"currency": null, "balance": "3000"}]),
                        "{line}"
                    );
                    let seq = state["seq"].as_u64().unwrap();
                    assert!(
                        seq >= seen && seq.is_multiple_of(3),
                        "{line}: {seq} after {seen}"
                    );
                    seen = seq;
                    if is_last {
                        break;
                    }
                }
            });
        }
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Release);
    });
    let verified: Value = shell.ledger("verify --json").succeeds().json();
    assert_eq!(verified["events"], 3 + 3 * 3 * ROUNDS);
}
