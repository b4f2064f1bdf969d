//! `redact`: memo and tags are gone from the file, and everything else is as it was.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use rusqlite::Connection;

use crate::erasure::{PRIVATE, pending, shows};
use crate::harness::{Ran, Shell, words};
use crate::races::{at_once, statuses};
use crate::sealed::{FIRST, deposit, line, seal};
use crate::watch::{Following, until};

/// A ledger whose event 1 is private; event 2 is public.
fn private() -> Shell {
    Shell::given(&[
        "init --currency EUR -q",
        &format!("deposit 50 -m '{PRIVATE}' --tag 'customer={PRIVATE}' --key k -q"),
        "deposit 5 -m public --tag customer=4711 -q",
    ])
}

/// The log's lines with the digest of its note in place of the note of line `at`.
fn lines(shell: &Shell) -> Vec<String> {
    let log = String::from_utf8(shell.log()).unwrap();
    log.lines().map(str::to_owned).collect()
}

#[test]
fn a_note_is_gone_from_the_file_and_nothing_else_is() {
    let shell = private();
    let before = lines(&shell);
    shell.ledger("redact 1 -m 'on request' --yes").is(
        0,
        "recorded #3 redact #1\nhead 3:<hex16>\n",
        "note: from event 3 on, this log needs ledger 0.2 or newer\n",
    );
    let after = lines(&shell);
    let (start, _) = before[1].split_once(",\"note\":").unwrap();
    assert_eq!(after.len(), 4);
    assert_eq!((&after[0], &after[2]), (&before[0], &before[2]));
    assert!(
        after[1].starts_with(&format!("{start},\"note\":\"")),
        "{}",
        after[1]
    );
    assert!(!shows(&shell.log()));
    assert_eq!(shell.names(), ["ledger.jsonl"]);
    shell
        .ledger("verify")
        .prints("sound: 3 events, head 3:<hex16>, 1 redacted note\n");
    shell.ledger("balance main -q").prints("55.00\n");
    let shown = shell.ledger("show 1 --json").succeeds().json();
    assert_eq!(shown["event"]["note"].as_str().unwrap().len(), 64);
}

#[test]
fn heads_receipts_and_hashes_are_the_same_before_and_after() {
    let shell = private();
    shell.ledger("head --tree -o kept.head -q").succeeds();
    for event in 0..=2 {
        shell
            .ledger(&format!(
                "prove {event} --head kept.head -o open-{event} -q"
            ))
            .succeeds();
        shell
            .ledger(&format!(
                "prove {event} --closed --head kept.head -o closed-{event} -q"
            ))
            .succeeds();
    }
    let read = |name: &str| std::fs::read(shell.file(name)).unwrap();
    let (head, closed) = (read("kept.head"), read("closed-1"));
    let hash = shell.ledger("head -q").raw;
    shell.ledger("redact 1 -m 'on request' --yes -q").prints("");
    let before = shell.ledger("head --until seq:2 -q").raw;
    assert_eq!(before, hash);
    shell
        .ledger("head --tree --until seq:2 -o again.head -q")
        .succeeds();
    assert_eq!(read("again.head"), head);
    shell.ledger("verify --head kept.head -q").succeeds();
    for event in 0..=2 {
        for kind in ["open", "closed"] {
            shell
                .ledger(&format!("check {kind}-{event} --head kept.head -q"))
                .succeeds();
        }
    }
    // Only closed receipts can be made now, and they are the same bytes as before.
    shell
        .ledger("prove 1 --head kept.head -o again -q")
        .succeeds();
    assert_eq!(read("again"), closed);
}

#[test]
fn mistakes_are_refused_before_anything_is_asked_or_written() {
    let shell = private();
    let before = shell.log();
    shell.ledger("redact 1").fails(
        2,
        "error: an erasure needs a reason\nhint: ledger redact 1 --memo 'the customer asked for it' --yes\n",
    );
    shell.ledger("redact 1 -m why").fails(
        2,
        "error: an erasure cannot be taken back\nhint: ledger redact 1 -m why --yes\n",
    );
    shell
        .ledger("redact 1 -m why --yes --effective today")
        .fails(
            2,
            "error: redact acts when it is recorded and takes no --effective\nhint: ledger redact 1 -m why --yes\n",
        );
    assert_eq!(shell.ledger("redact -m why --yes").status, Some(2));
    shell.ledger("redact 9 -m why --yes").fails(
        4,
        "error: there is nothing to redact in event 9\nhint: ledger replay\n",
    );
    shell.ledger("redact 1 0 -m why --yes").fails(
        4,
        "error: there is nothing to redact in event 0\nhint: ledger replay\n",
    );
    shell.ledger("redact key:none -m why --yes").fails(
        4,
        "error: there is nothing to redact in event key:none\nhint: ledger replay\n",
    );
    let batch = shell.ledger_with_input(
        "batch",
        b"{\"type\":\"redact\",\"seq\":1,\"memo\":\"why\"}\n",
    );
    assert_eq!(batch.status, Some(2), "{}", batch.stderr);
    assert_eq!(shell.log(), before);
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn a_dry_run_says_what_would_be_erased() {
    let shell = private();
    let before = shell.log();
    shell
        .ledger("redact 1 2 -m why --dry-run")
        .prints("would record #3 redact #1\nwould record #4 redact #2\n");
    let json = shell.ledger("redact 1 2 -m why -n --json").succeeds();
    assert_eq!(json.json_lines()[0]["redacted"], serde_json::json!([1, 2]));
    assert_eq!(shell.log(), before);
}

#[test]
fn what_is_erased_already_changes_nothing() {
    let shell = private();
    shell.ledger("redact 1 -m why --yes -q").succeeds();
    let before = shell.log();
    shell
        .ledger("redact key:k -m other --yes")
        .prints("recorded before as #3 redact #1\nhead 3:<hex16>\n");
    assert_eq!(shell.log(), before);
    // Of several, what is left to erase is erased.
    shell
        .ledger("redact 1 2 2 -m other --yes")
        .prints("recorded #4 redact #2\nhead 4:<hex16>\n");
    shell.ledger("redact 1 2 -m other --yes").prints(
        "recorded before as #3 redact #1\nrecorded before as #4 redact #2\nhead 4:<hex16>\n",
    );
}

#[test]
fn several_are_erased_as_one_and_a_repeated_key_prints_all_receipts() {
    let shell = private();
    let line = "redact key:k head -m why --key e --yes --json";
    let first = shell.ledger(line).succeeds().json_lines();
    assert_eq!(first.len(), 2);
    let (one, two) = (&first[0], &first[1]);
    assert_eq!((&one["event"], &one["more"]), (&1.into(), &true.into()));
    assert_eq!((&two["event"], &two["key"]), (&2.into(), &"e".into()));
    for receipt in &first {
        assert_eq!(receipt["redacted"], serde_json::json!([1, 2]));
        assert_eq!(receipt["left_behind"], serde_json::json!([]));
    }
    let again = shell.ledger(line).succeeds().json_lines();
    assert_eq!(again.len(), 2);
    assert!(again.iter().all(|receipt| receipt["replayed"] == true));
    assert_eq!(again[0]["hash"], one["hash"]);
    shell.ledger("deposit 1 -m third -q").succeeds();
    let other = shell.ledger("redact 1 5 -m why --key e --yes");
    assert_eq!(other.status, Some(5), "{}", other.stderr);
    let less = shell.ledger("redact 1 -m why --key e --yes");
    assert_eq!(less.status, Some(5), "{}", less.stderr);
}

#[test]
fn linked_events_with_copies_are_named_or_erased_too() {
    let given = || {
        let shell = Shell::given(&[
            "init --currency EUR -q",
            &format!("deposit 50 -m '{PRIVATE}' --tag order=7 -q"),
            "refund 1 5 -m other -q",
            "reverse 2 -m third -q",
            "deposit 9 --tag order=7 -q",
        ]);
        // Its tag was replaced, and its memo is its own: no copy.
        shell
            .ledger("refund 1 1 -m free --tag order=8 -q")
            .succeeds();
        shell
    };
    let shell = given();
    shell.ledger("redact 1 -m why --yes").is(
        0,
        "recorded #6 redact #1\nhead 6:<hex16>\n",
        "warning: events 2 and 3 are linked and still carry copies: redact them too\n",
    );
    let shell = given();
    let json = shell.ledger("redact 1 -m why --yes --json").json();
    assert_eq!(json["copies"], serde_json::json!([2, 3]));
    assert_eq!(json["redacted"], serde_json::json!([1]));
    let shell = given();
    shell
        .ledger("redact 3 -m why --yes --linked --key k")
        .prints(
            "recorded #6 redact #1\nrecorded #7 redact #2\nrecorded #8 redact #3\nhead 8:<hex16>\n",
        );
    assert!(!shows(&shell.log()));
    let again = shell.ledger("redact 3 -m why --yes --linked --key k --json");
    assert_eq!(again.json_lines().len(), 3);
    shell
        .ledger("verify")
        .prints("sound: 8 events, head 8:<hex16>, 3 redacted notes\n");
}

#[test]
fn what_it_cannot_reach_is_named() {
    let shell = private();
    for name in [
        "ledger.jsonl.torn-301",
        "ledger.jsonl.damaged-0",
        "ledger.jsonl.damaged-0.1",
        "other.jsonl.torn-1",
    ] {
        std::fs::write(shell.file(name), PRIVATE).unwrap();
    }
    shell.ledger("redact 1 -m why --yes").is(
        0,
        "recorded #3 redact #1\nhead 3:<hex16>\n",
        "note: from event 3 on, this log needs ledger 0.2 or newer\nwarning: files beside the log may still contain it: ./ledger.jsonl.damaged-0, ./ledger.jsonl.damaged-0.1, ./ledger.jsonl.torn-301\n",
    );
    let json = shell.ledger("redact 2 -m why --yes --json").json();
    assert_eq!(json["left_behind"].as_array().unwrap().len(), 3);
}

#[test]
fn the_log_keeps_its_mode_and_a_link_to_it_stays_a_link() {
    let shell = private();
    let log = shell.file("ledger.jsonl");
    std::fs::set_permissions(&log, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("ledger.jsonl", shell.file("link")).unwrap();
    shell
        .ledger("redact 1 -m why --yes -q --file link")
        .succeeds();
    assert!(!shows(&shell.log()));
    assert_eq!(log.metadata().unwrap().mode() & 0o777, 0o640);
    assert!(shell.file("link").symlink_metadata().unwrap().is_symlink());
    assert_eq!(shell.names(), ["ledger.jsonl", "link"]);
}

#[test]
fn a_log_with_a_second_name_is_refused_before_anything_is_recorded() {
    let shell = private();
    std::fs::hard_link(shell.file("ledger.jsonl"), shell.file("second")).unwrap();
    let before = shell.log();
    shell.ledger("redact 1 -m why --yes").fails(
        1,
        "error: cannot erase notes in ./ledger.jsonl: it has a second hard link, which would keep them; nothing was recorded\n",
    );
    assert_eq!(shell.log(), before);
}

#[test]
fn what_is_in_the_way_of_the_new_file_stays_and_is_named() {
    let shell = private();
    std::fs::write(shell.file("ledger.jsonl.erasing"), "mine").unwrap();
    let before = shell.log();
    let refused = shell.ledger("redact 1 -m why --yes");
    assert_eq!(refused.status, Some(1));
    assert!(
        refused
            .stderr
            .contains("ledger.jsonl.erasing is in the way"),
        "{}",
        refused.stderr
    );
    assert_eq!(shell.log(), before);
    let kept = std::fs::read(shell.file("ledger.jsonl.erasing")).unwrap();
    assert_eq!(kept, b"mine");
    // What a kill left there is no obstacle.
    std::fs::copy(
        shell.file("ledger.jsonl"),
        shell.file("ledger.jsonl.erasing"),
    )
    .unwrap();
    shell.ledger("redact 1 -m why --yes -q").succeeds();
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn a_pending_erasure_is_named_and_only_a_write_finishes_it() {
    let shell = pending();
    shell
        .ledger("verify")
        .prints("sound: 4 events, head 4:<hex16>, 1 erasure pending\n");
    assert_eq!(
        shell.ledger("verify --json").json()["pending_redactions"],
        1
    );
    shell.ledger("doctor").is(
        0,
        "line 2: pending_erasure: its note counts as erased, but is still in the file\n  fix: erase it, as the next write does by itself\n./ledger.jsonl is sound: 4 events, head 4:<hex16>\n",
        "hint: ledger doctor --repair\n",
    );
    assert!(shows(&shell.log()), "a read changes nothing");
    assert_eq!(shell.ledger("deposit 60EUR --key k").status, Some(5));
    assert!(shows(&shell.log()), "a refused write changes nothing");
}

#[test]
fn every_way_to_write_finishes_a_pending_erasure() {
    for line in [
        "deposit 1EUR -q",
        "deposit 50EUR --key k -q",
        "redact 1 -m again --yes -q",
        "doctor --repair -q",
        "undo -q",
    ] {
        let shell = pending();
        shell.ledger(line).succeeds();
        assert!(!shows(&shell.log()), "{line}");
        assert_eq!(shell.names(), ["ledger.jsonl"], "{line}");
        let json = shell.ledger("verify --json").succeeds().json();
        assert_eq!(
            (&json["ok"], &json["redacted"], &json["pending_redactions"]),
            (&true.into(), &1.into(), &0.into()),
            "{line}"
        );
    }
}

#[test]
fn a_write_stands_even_if_a_pending_erasure_cannot_be_finished() {
    let shell = pending();
    std::fs::hard_link(shell.file("ledger.jsonl"), shell.file("second")).unwrap();
    shell.ledger("deposit 1EUR").is(
        0,
        "recorded #5 deposit 1.00 EUR to main; main is 63.00 EUR\nhead 5:<hex16>\n",
        "warning: the note of event 1 counts as erased, but the bytes are still in the file: cannot erase notes in ./ledger.jsonl: it has a second hard link, which would keep them\n",
    );
    let failed = shell.ledger("redact 1 -m again --yes --json");
    assert_eq!(failed.status, Some(1));
    assert_eq!(
        (&failed.error()["code"], &failed.error()["recorded"]),
        (&"io".into(), &"yes".into())
    );
    assert_eq!(shell.ledger("doctor --repair").status, Some(1));
    std::fs::remove_file(shell.file("second")).unwrap();
    shell.ledger("doctor --repair").is(
        0,
        "line 2: pending_erasure: its note counts as erased, but is still in the file\n  fix: erase it, as the next write does by itself\nrepaired\n./ledger.jsonl is sound: 5 events, head 5:<hex16>\n",
        "",
    );
    assert!(!shows(&shell.log()));
}

#[test]
fn a_torn_tail_behind_a_pending_erasure_is_set_aside_first() {
    let shell = pending();
    let mut log = shell.log();
    let whole = log.len();
    log.extend_from_slice(b"{\"v\":1,\"seq\":5,\"at\":\"");
    shell.set_log(&log);
    shell.ledger("doctor --repair -q").succeeds();
    assert!(!shows(&shell.log()));
    assert!(
        shell
            .names()
            .contains(&format!("ledger.jsonl.torn-{whole}"))
    );
}

#[test]
fn writers_that_wait_go_on_in_the_new_file() {
    let mut setup = vec!["init --currency EUR -q".to_owned()];
    setup.extend((0..20).map(|n| format!("deposit 1 -m '{PRIVATE} {n}' -q")));
    let shell = Shell::new();
    for line in &setup {
        shell.ledger(line).succeeds();
    }
    let mut commands: Vec<String> = Vec::new();
    for n in 1..=20 {
        commands.push(format!("redact {n} -m why --yes -q"));
        commands.push("deposit 1 -q".to_owned());
    }
    let ran = at_once(&shell, &commands);
    assert_eq!(statuses(&ran, 0), 40, "{ran:?}");
    shell.ledger("balance main -q").prints("40.00\n");
    assert!(!shows(&shell.log()));
    shell
        .ledger("verify")
        .prints("sound: 60 events, head 60:<hex16>, 20 redacted notes\n");
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn a_follower_gets_the_event_and_goes_on_in_the_new_file() {
    let shell = private();
    let mut watch = Following::start(&shell, "watch --since seq:0 --json");
    let mut seq = || {
        let line = watch.line();
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            value["event"]["type"] == "redact",
            value["event"]["seq"] == 3
        );
        value["event"]["seq"].as_u64().unwrap()
    };
    assert_eq!([seq(), seq(), seq()], [0, 1, 2]);
    shell.ledger("redact 1 -m why --yes -q").succeeds();
    assert_eq!(seq(), 3);
    shell.ledger("deposit 1 -q").succeeds();
    assert_eq!(seq(), 4);
    watch.signal("TERM");
    assert_eq!(watch.ends().status, Some(0));
}

fn is_projected(shell: &Shell, seq: i64) -> bool {
    let connection = Connection::open(shell.file("db")).unwrap();
    let found = connection.query_row("SELECT seq FROM meta", [], |row| row.get::<_, i64>(0));
    found.is_ok_and(|found| found == seq)
}

/// Whether a file of the database contains the note.
fn database_shows(shell: &Shell) -> bool {
    shell
        .names()
        .iter()
        .filter(|name| name.starts_with("db"))
        .any(|name| shows(&std::fs::read(shell.file(name)).unwrap()))
}

#[test]
fn a_database_that_is_kept_in_step_loses_the_note_too() {
    for follows in [false, true] {
        let shell = private();
        for n in 0..200 {
            let line = format!("deposit 1 -m '{PRIVATE} {n}' --tag n={n} -q");
            let batch =
                format!("{{\"type\":\"deposit\",\"amount\":1,\"memo\":\"{PRIVATE} {n}\"}}\n");
            if n == 0 {
                shell.ledger(&line).succeeds();
                shell
                    .ledger_with_input("batch -q", batch.repeat(199).as_bytes())
                    .succeeds();
            }
        }
        let mut project = None;
        if follows {
            project = Some(Following::start(&shell, "project sqlite db --follow -q"));
        } else {
            shell.ledger("project sqlite db -q").succeeds();
        }
        until("it is projected", || is_projected(&shell, 202));
        let numbers: Vec<String> = (1..=202)
            .filter(|n| *n != 2)
            .map(|n| n.to_string())
            .collect();
        let line = format!("redact {} -m why --yes -q", numbers.join(" "));
        Ran::from(shell.command().args(words(&line)).output().unwrap()).succeeds();
        if !follows {
            assert!(database_shows(&shell));
            shell.ledger("project sqlite db -q").succeeds();
        }
        until("the erasure is projected", || is_projected(&shell, 403));
        until("the note is gone", || !database_shows(&shell));
        if let Some(project) = project {
            project.signal("TERM");
            assert_eq!(project.ends().status, Some(0));
        }
        shell.ledger("project sqlite whole -q").succeeds();
        let rows = |name: &str| {
            let connection = Connection::open(shell.file(name)).unwrap();
            let sql = "SELECT count(*), sum(redacted), count(memo), (SELECT count(*) FROM tags) FROM events";
            connection
                .query_row(sql, [], |row| {
                    Ok([row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
                })
                .unwrap()
        };
        assert_eq!(rows("db"), rows("whole"));
        assert_eq!(rows("db")[1], 201);
    }
}

#[test]
fn a_log_of_notes_that_were_erased_elsewhere_is_sound() {
    // A digest without a redaction, and a redaction of it: nothing is pending.
    let shell = Shell::new();
    let newer = line(2, r#""type":"redact","event":1"#).replace(r#"{"v":1"#, r#"{"v":2"#);
    shell.set_log(&seal(&[
        FIRST.to_owned(),
        format!("{} NOTE \"{}\"", deposit(1, "5.00"), "0".repeat(64)),
        newer,
    ]));
    let before = shell.log();
    shell.ledger("deposit 1 -q").succeeds();
    assert!(shell.log().starts_with(&before));
}
