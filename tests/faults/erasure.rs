//! Erasures killed or failing at every step: the log is sound, the note is never shown again, and the
//! next write ends it.

use std::path::Path;

use crate::bench::{all, can_trace, check, traced};
use crate::harness::Shell;
use crate::killed::calls_of;

const PRIVATE: &str = "Erika Mustermann";
const REDACT: &str = "redact 1 -m why --yes";

/// Two events, of which the first has a note that is to go.
fn private() -> Shell {
    Shell::given(&[
        &format!("deposit 5 -q -m '{PRIVATE}' --tag 'customer={PRIVATE}'"),
        "deposit 6 -q -m public",
    ])
}

fn shows(bytes: &[u8]) -> bool {
    let first = PRIVATE.as_bytes();
    bytes.windows(first.len()).any(|window| window == first)
}

/// Whether any file in the directory contains the note.
fn is_left(directory: &Path) -> bool {
    let mut files = std::fs::read_dir(directory).unwrap();
    files.any(|file| {
        let path = file.unwrap().path();
        path.is_file() && shows(&std::fs::read(path).unwrap())
    })
}

/// No command shows the note of a log in which its redaction is recorded.
#[track_caller]
fn is_shown_by_none(shell: &Shell, place: &str) {
    for line in [
        "history --json",
        "show 1 --json",
        "replay --json",
        "export --to jsonl",
    ] {
        let ran = shell.ledger(line).succeeds();
        assert!(!shows(&ran.raw), "{place}: {line}");
    }
}

/// The next write finishes what is pending; nothing of the note, and no copy of the log, stays.
#[track_caller]
fn is_ended_by_the_next_write(shell: &Shell, seq: u64, place: &str) {
    shell.ledger("deposit 1000 -q -m next").succeeds();
    let log = check(&shell.file("ledger.jsonl"));
    assert_eq!((log.seq, log.torn_bytes), (seq + 1, 0), "{place}");
    if seq == 3 {
        assert!(!is_left(shell.path()), "{place}: {:?}", shell.names());
    }
    let others: Vec<String> = shell
        .names()
        .into_iter()
        // What was half appended is set aside, and is no copy of the log.
        .filter(|name| name != "ledger.jsonl" && !name.contains(".torn-"))
        .collect();
    assert_eq!(others, [""; 0], "{place}");
    let verified = shell.ledger("verify --json").succeeds().json();
    assert_eq!(verified["pending_redactions"], 0, "{place}");
}

#[test]
fn an_erasure_may_be_killed_at_any_system_call() {
    if !can_trace("an erasure killed everywhere") {
        return;
    }
    let calls = calls_of(&private(), REDACT);
    assert!(calls.len() > 30, "{calls:?}");
    let mut recorded_and_left = 0;
    for (name, count) in calls {
        let shell = private();
        let place = format!("killed at {name} {count}");
        let root = shell.ledger("head --tree --until seq:2").succeeds().raw;
        let inject = format!("{name}:signal=SIGKILL:when={count}");
        let ran = traced(&shell, &[&inject], None, REDACT).ran;
        assert_eq!(ran.status, None, "{place}: {ran:?}");
        let verified = shell.ledger("verify --json").succeeds().json();
        let seq = verified["events"].as_u64().unwrap();
        assert!(seq == 2 || seq == 3, "{place}: {seq}");
        assert!(seq == 3 || !ran.stdout.contains("recorded"), "{place}");
        if seq == 3 {
            is_shown_by_none(&shell, &place);
            recorded_and_left += usize::from(shows(&shell.log()));
        }
        let again = shell.ledger("head --tree --until seq:2").succeeds().raw;
        assert_eq!(root, again, "{place}");
        is_ended_by_the_next_write(&shell, seq, &place);
    }
    assert!(recorded_and_left > 10, "{recorded_and_left}");
}

#[test]
fn the_end_of_an_erasure_may_be_killed_at_any_system_call() {
    if !can_trace("the end of an erasure killed everywhere") {
        return;
    }
    // Recorded, and killed before the rename.
    let pending = || {
        let shell = private();
        let ran = traced(&shell, &["rename:signal=SIGKILL"], None, REDACT).ran;
        assert_eq!(ran.status, None, "{ran:?}");
        assert_eq!(shell.names(), ["ledger.jsonl", "ledger.jsonl.erasing"]);
        shell
    };
    for line in ["doctor --repair", "deposit 1 -m next"] {
        let calls = calls_of(&pending(), line);
        let step = if all() { 1 } else { 3 };
        for (name, count) in calls.into_iter().step_by(step) {
            let shell = pending();
            let place = format!("{line} killed at {name} {count}");
            let inject = format!("{name}:signal=SIGKILL:when={count}");
            assert_eq!(
                traced(&shell, &[&inject], None, line).ran.status,
                None,
                "{place}"
            );
            is_shown_by_none(&shell, &place);
            let seq = check(&shell.file("ledger.jsonl")).seq;
            shell.ledger("deposit 1 -q").succeeds();
            assert!(!is_left(shell.path()), "{place}: {:?}", shell.names());
            assert_eq!(check(&shell.file("ledger.jsonl")).seq, seq + 1, "{place}");
            assert!(
                !shell.names().iter().any(|name| name.contains("erasing")),
                "{place}"
            );
        }
    }
}

#[test]
fn what_refuses_an_erasure_is_found_before_it_is_recorded() {
    if !can_trace("an erasure that is refused") {
        return;
    }
    for inject in [
        "fallocate:error=ENOSPC",
        "fallocate:error=EDQUOT",
        "fchmod:error=EPERM",
        // The new file is the only one that is opened without a name.
        "open:error=EACCES",
    ] {
        let shell = private();
        let before = shell.log();
        let ran = traced(&shell, &[inject], None, REDACT).ran;
        assert_eq!(ran.status, Some(1), "{inject}: {ran:?}");
        assert!(
            ran.stderr
                .starts_with("error: cannot erase notes in ./ledger.jsonl: "),
            "{inject}: {ran:?}"
        );
        assert!(
            ran.stderr.contains("nothing was recorded"),
            "{inject}: {ran:?}"
        );
        assert_eq!(shell.log(), before, "{inject}");
        assert_eq!(shell.names(), ["ledger.jsonl"], "{inject}");
    }
}

#[test]
fn an_erasure_that_cannot_be_finished_is_recorded_and_said_to_be_pending() {
    if !can_trace("an erasure that cannot be finished") {
        return;
    }
    for inject in [
        "rename:error=EBUSY",
        "linkat:error=EIO",
        "fsync:error=EIO:when=1",
        "write:error=ENOSPC:when=2",
    ] {
        let shell = private();
        let ran = traced(&shell, &[inject], None, &format!("{REDACT} --json")).ran;
        assert_eq!(ran.status, Some(1), "{inject}: {ran:?}");
        let error = ran.error();
        assert_eq!(
            (&error["code"], &error["recorded"]),
            (&"io".into(), &"yes".into()),
            "{inject}"
        );
        assert_eq!(ran.json()["redacted"], serde_json::json!([1]), "{inject}");
        assert_eq!(shell.names(), ["ledger.jsonl"], "{inject}");
        assert!(shows(&shell.log()), "{inject}");
        is_shown_by_none(&shell, inject);
        is_ended_by_the_next_write(&shell, 3, inject);
    }
}

#[test]
fn the_intent_is_on_the_disk_before_a_byte_is_gone_and_the_new_file_before_the_old_one_goes() {
    if !can_trace("the order of an erasure") {
        return;
    }
    let shell = private();
    let directory = format!("<{}>", shell.path().canonicalize().unwrap().display());
    let traced = traced(&shell, &[], None, REDACT);
    let room = traced.call_with(&["fallocate("]);
    let intent = traced.call_with(&["write(", "/ledger.jsonl>"]);
    let synced = traced.call_with(&["fdatasync(", "/ledger.jsonl>"]);
    let written = traced.call_with(&["write(", "(deleted)"]);
    let locked = traced.call_with(&["flock(", "(deleted)", "LOCK_EX"]);
    let new_synced = traced.call_with(&["fsync(", "(deleted)"]);
    let named = traced.call_with(&["linkat(", "ledger.jsonl.erasing"]);
    let renamed = traced.call_with(&["rename(", "ledger.jsonl.erasing"]);
    let durable = traced.call_with(&["fsync(", &directory]);
    let receipt = traced.call_with(&["write(1<", "recorded #3"]);
    let order = [
        room, intent, synced, written, locked, new_synced, named, renamed, durable, receipt,
    ];
    assert!(order.is_sorted(), "{order:?}\n{:#?}", traced.calls);
}

#[test]
fn a_database_that_loses_a_note_may_be_killed_at_any_system_call() {
    if !can_trace("a database that loses a note killed everywhere") {
        return;
    }
    let line = "project sqlite ledger.db -q";
    let fresh = || {
        let shell = private();
        shell.ledger(line).succeeds();
        shell.ledger(&format!("{REDACT} -q")).succeeds();
        assert!(shows(&std::fs::read(shell.file("ledger.db")).unwrap()));
        shell
    };
    let changes = |name: &str| {
        ["write", "sync", "truncate", "unlink"]
            .iter()
            .any(|change| name.contains(change))
    };
    let mut calls = calls_of(&fresh(), line);
    calls.retain(|(name, _)| all() || changes(name));
    assert!(calls.len() > 5, "{calls:?}");
    for (name, count) in calls {
        let shell = fresh();
        let place = format!("killed at {name} {count}");
        let inject = format!("{name}:signal=SIGKILL:when={count}");
        assert_eq!(
            traced(&shell, &[&inject], None, line).ran.status,
            None,
            "{place}"
        );
        shell.ledger(line).succeeds();
        assert!(!is_left(shell.path()), "{place}: {:?}", shell.names());
    }
}

#[test]
fn without_unnamed_files_an_erasure_that_is_killed_is_ended_too() {
    if !can_trace("an erasure without unnamed files") {
        return;
    }
    // Not every file system has them.
    let named = "open:error=EOPNOTSUPP";
    let shell = private();
    traced(&shell, &[named], None, REDACT).ran.succeeds();
    assert!(!is_left(shell.path()));
    assert_eq!(shell.names(), ["ledger.jsonl"]);
    for call in [
        "fallocate",
        "fdatasync",
        "write:when=2",
        "ftruncate",
        "fsync",
        "rename",
    ] {
        let shell = private();
        let kill = call.split_once(':').map_or_else(
            || format!("{call}:signal=SIGKILL"),
            |(call, when)| format!("{call}:signal=SIGKILL:{when}"),
        );
        let ran = traced(&shell, &[named, &kill], None, REDACT).ran;
        assert_eq!(ran.status, None, "{call}: {ran:?}");
        let seq = check(&shell.file("ledger.jsonl")).seq;
        if seq == 2 {
            // Nothing was recorded: the next erasure takes the empty file away.
            assert_eq!(
                std::fs::read(shell.file("ledger.jsonl.erasing")).unwrap(),
                b""
            );
            shell.ledger(&format!("{REDACT} -q")).succeeds();
            assert_eq!(shell.names(), ["ledger.jsonl"], "{call}");
        } else {
            is_shown_by_none(&shell, call);
            is_ended_by_the_next_write(&shell, seq, call);
        }
    }
}

/// A log that is long enough for a checkpoint. Event 1 of account `rare` has a note of 66 bytes, as
/// long as its digest; those of events 2 and 3 together are as long as their digests.
fn long() -> Shell {
    let shell = Shell::given(&["init --currency EUR -q"]);
    let mut batch = String::new();
    for (account, memo) in [
        ("rare", "Erika Mustermann, Bonn."),
        ("rare", "Erika Mustermann, Bonn, Germany, EU."),
        ("rare", "Erika Must"),
    ] {
        let line =
            format!(r#"{{"type":"deposit","account":"{account}","amount":"1","memo":"{memo}"}}"#);
        batch.extend([&line, "\n"]);
    }
    for n in 0..6000 {
        let account = if n % 500 == 0 { "rare" } else { "often" };
        let line =
            format!(r#"{{"type":"deposit","account":"{account}","amount":"1","key":"k{n}"}}"#);
        batch.extend([&line, "\n"]);
    }
    shell
        .ledger_with_input("batch -q", batch.as_bytes())
        .succeeds();
    assert!(shell.log().len() > 1024 * 1024);
    shell
}

fn has_checkpoint(shell: &Shell) -> bool {
    let slots = std::fs::read_dir(shell.caches().join("ledger"));
    slots.is_ok_and(|mut slots| slots.any(|slot| slot.unwrap().path().join("head").exists()))
}

/// Every command says the same with a checkpoint and without, twice: once with the one that is there,
/// once with the one that the first made.
#[track_caller]
fn is_answered_alike(shell: &Shell) {
    for line in [
        "balance --json",
        "history rare --json",
        "show 1 --json",
        "deposit 1 --account often --key k700 --json -n",
    ] {
        let plain = shell.ledger(&format!("{line} --no-cache")).succeeds();
        for _ in 0..2 {
            let cached = shell.ledger(line).succeeds();
            assert_eq!(cached.stdout, plain.stdout, "{line}");
            assert_eq!(cached.stderr, plain.stderr, "{line}");
        }
    }
    shell.ledger("verify -q").prints("");
}

#[test]
fn a_checkpoint_from_before_an_erasure_is_not_used_whatever_the_lengths_are() {
    for events in ["2 3", "3 head"] {
        let shell = long();
        shell.ledger("balance --json").succeeds();
        assert!(has_checkpoint(&shell));
        let after = "deposit 1 -a rare -m 'Erika Mustermann' -q";
        shell.ledger(after).succeeds();
        shell
            .ledger(&format!("redact {events} -m why --yes -q"))
            .prints("");
        is_answered_alike(&shell);
        shell.ledger("deposit 1 -a often -q").succeeds();
        is_answered_alike(&shell);
    }
}

#[test]
fn a_pending_erasure_is_shown_by_no_command_that_has_a_checkpoint() {
    if !can_trace("a pending erasure with a checkpoint") {
        return;
    }
    let shell = long();
    shell.ledger("balance --json").succeeds();
    let redact = "redact 1 2 -m why --yes";
    let ran = traced(&shell, &["rename:signal=SIGKILL"], None, redact).ran;
    assert_eq!(ran.status, None, "{ran:?}");
    let pending = shell.log();
    assert!(shows(&pending));
    is_answered_alike(&shell);
    is_shown_by_none(&shell, "pending");
    // Finished, and a checkpoint of the finished log; then a backup from before comes back.
    shell.ledger("doctor --repair -q").succeeds();
    assert!(!shows(&shell.log()));
    is_answered_alike(&shell);
    shell.set_log(&pending);
    is_answered_alike(&shell);
    is_shown_by_none(&shell, "restored");
    shell.ledger("deposit 1 -a often -q").prints("");
    assert!(!shows(&shell.log()));
    is_answered_alike(&shell);
}

#[test]
fn a_restored_note_as_long_as_its_digest_is_not_shown_with_the_checkpoint_of_the_finished_log() {
    if !can_trace("a restored note with a checkpoint") {
        return;
    }
    let shell = long();
    let ran = traced(&shell, &["rename:signal=SIGKILL"], None, REDACT).ran;
    assert_eq!(ran.status, None, "{ran:?}");
    let pending = shell.log();
    shell.ledger("doctor --repair -q").succeeds();
    assert_eq!(shell.log().len(), pending.len());
    shell.ledger("balance --json").succeeds();
    assert!(has_checkpoint(&shell));
    shell.set_log(&pending);
    let shown = shell.ledger("show 1 --json").succeeds();
    assert!(!shows(&shown.raw), "{}", shown.stdout);
    let history = shell.ledger("history rare --json --limit 1").succeeds();
    assert!(!shows(&history.raw));
    shell.ledger("deposit 1 -a often -q").prints("");
    let log = shell.log();
    let first = log.split(|byte| *byte == b'\n').nth(1).unwrap();
    assert!(!shows(first));
}
