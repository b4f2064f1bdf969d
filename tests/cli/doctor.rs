use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::harness::{Ran, Shell, can_run, program};
use crate::sealed::{FIRST, deposit, line, seal};

fn good() -> (Shell, Vec<u8>) {
    let shell = Shell::given(&[
        "init --currency EUR",
        "deposit 50 -m 'a } { \"lunch\"' --tag order=1234",
        "withdraw 20 --key k1",
        "deposit 3 -a b",
    ]);
    let log = shell.log();
    (shell, log)
}

fn lines(log: &[u8]) -> Vec<Vec<u8>> {
    let lines = log.split_inclusive(|byte| *byte == b'\n');
    lines.map(<[u8]>::to_vec).collect()
}

fn kinds(ran: &Ran) -> Vec<(String, Value, u64)> {
    let findings = ran.json()["findings"].as_array().unwrap().clone();
    findings
        .iter()
        .map(|finding| {
            (
                finding["code"].as_str().unwrap().to_owned(),
                finding["line"].clone(),
                finding["count"].as_u64().unwrap(),
            )
        })
        .collect()
}

fn replaced(log: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(log.to_vec()).unwrap();
    assert!(text.contains(from), "{from}");
    text.replace(from, to).into_bytes()
}

/// What it is, the damaged log, and the findings it gives: code, line, count.
type Mendable = (&'static str, Vec<u8>, Vec<(&'static str, u64, u64)>);

/// Each kind of harm that loses nothing.
fn mendable(log: &[u8]) -> Vec<Mendable> {
    let all = lines(log);
    let blank = |at: usize| {
        let mut with = all.clone();
        with.insert(at, b"\n".to_vec());
        with.concat()
    };
    let doubled = [&all[..3], &all[1..]].concat().concat();
    let glued = {
        let mut with = all.clone();
        with[1].pop();
        with[2].pop();
        with.concat()
    };
    let blanks = {
        let mut with = all.clone();
        with[2].pop();
        with[2].extend_from_slice(b" \t\n");
        with[3].insert(0, b' ');
        with.concat()
    };
    let everything = {
        let mut with = doubled.clone();
        with.extend_from_slice(b"\n\r\n");
        let text = replaced(&with, "\n", "\r\n");
        [&b"\xef\xbb\xbf"[..], &text, b"{\"v\":1,\"se"].concat()
    };
    vec![
        (
            "byte order mark",
            [b"\xef\xbb\xbf", log].concat(),
            vec![("byte_order_mark", 1, 1)],
        ),
        (
            "carriage returns",
            replaced(log, "\n", "\r\n"),
            vec![("carriage_returns", 1, 4)],
        ),
        ("a blank line", blank(2), vec![("blank_lines", 3, 1)]),
        (
            "a blank line at the end",
            blank(4),
            vec![("blank_lines", 5, 1)],
        ),
        (
            "a blank line at the start",
            blank(0),
            vec![("blank_lines", 1, 1)],
        ),
        ("blanks around lines", blanks, vec![("stray_blanks", 3, 2)]),
        ("glued lines", glued, vec![("glued_lines", 2, 1)]),
        ("a doubled block", doubled, vec![("doubled_lines", 4, 2)]),
        (
            "the whole log twice",
            [log, log].concat(),
            vec![("doubled_lines", 5, 4)],
        ),
        (
            "everything at once",
            everything,
            vec![
                ("byte_order_mark", 1, 1),
                ("carriage_returns", 1, 6),
                ("doubled_lines", 4, 2),
                ("blank_lines", 7, 2),
                ("torn_tail", 9, 1),
            ],
        ),
    ]
}

#[test]
fn a_sound_log_needs_nothing() {
    let (shell, log) = good();
    let sound = "./ledger.jsonl is sound: 3 events, head 3:<hex16>\n";
    shell.ledger("doctor").prints(sound);
    shell.ledger("doctor --repair").prints(sound);
    let ran = shell.ledger("doctor --json").succeeds();
    assert_eq!(
        ran.stdout,
        "{\"ok\":true,\"events\":3,\"head\":{\"seq\":3,\"hash\":\"<hex64>\"},\"torn_bytes\":0,\"findings\":[],\"fix\":null,\"repaired\":false,\"quarantine\":null,\"unfinished\":null,\"salvaged\":null}\n"
    );
    assert_eq!(
        (shell.log(), shell.names()),
        (log, vec!["ledger.jsonl".to_owned()])
    );
}

#[test]
fn what_loses_nothing_is_named_repaired_and_the_original_kept_whole() {
    let (shell, log) = good();
    for (what, damaged, expected) in mendable(&log) {
        shell.set_log(&damaged);
        assert_eq!(shell.ledger("balance").status, Some(6), "{what}");
        let ran = shell.ledger("doctor --json");
        assert_eq!(ran.status, Some(6), "{what}");
        let expected: Vec<(String, Value, u64)> = expected
            .into_iter()
            .map(|(code, line, count)| (code.to_owned(), json!(line), count))
            .collect();
        assert_eq!(kinds(&ran), expected, "{what}");
        assert_eq!(ran.json()["fix"], "ledger doctor --repair", "{what}");
        assert_eq!(
            shell.log(),
            damaged,
            "{what}: without --repair nothing changes"
        );
        assert_eq!(shell.names(), ["ledger.jsonl"], "{what}");

        let ran = shell.ledger("doctor --repair --json").succeeds();
        assert_eq!(kinds(&ran), expected, "{what}");
        let answer = ran.json();
        assert_eq!(
            (&answer["ok"], &answer["repaired"]),
            (&json!(true), &json!(true))
        );
        assert_eq!(answer["events"], 3, "{what}");
        assert_eq!(shell.log(), log, "{what}");
        assert_eq!(answer["quarantine"], "./ledger.jsonl.damaged-0");
        assert_eq!(
            shell.names(),
            ["ledger.jsonl", "ledger.jsonl.damaged-0"],
            "{what}"
        );
        let kept = shell.file("ledger.jsonl.damaged-0");
        assert_eq!(std::fs::read(&kept).unwrap(), damaged, "{what}");
        std::fs::remove_file(kept).unwrap();
        shell.ledger("verify").succeeds();
    }
}

#[test]
fn a_repair_is_told_in_words() {
    let (shell, log) = good();
    shell.set_log(&replaced(&log, "\n", "\r\n"));
    let found = "line 1, byte 0: carriage_returns: it ends with a carriage return, and 3 more\n  fix: take the carriage returns away\n";
    shell.ledger("doctor").is(
        6,
        &format!(
            "{found}./ledger.jsonl is damaged; a repair loses nothing: 3 events, head 3:<hex16>\n"
        ),
        "hint: ledger doctor --repair\n",
    );
    shell.ledger("doctor --repair").prints(&format!(
        "{found}repaired; the original, whole, is in ./ledger.jsonl.damaged-0\n./ledger.jsonl is sound: 3 events, head 3:<hex16>\n"
    ));
}

#[test]
fn a_quarantine_never_takes_the_name_of_another() {
    let (shell, log) = good();
    for name in ["damaged-0", "damaged-0.1"] {
        std::fs::write(shell.file(&format!("ledger.jsonl.{name}")), name).unwrap();
    }
    shell.set_log(&[&log[..], b"\n"].concat());
    shell.ledger("doctor --repair").succeeds();
    assert_eq!(shell.log(), log);
    let kept = |name: &str| std::fs::read(shell.file(&format!("ledger.jsonl.{name}"))).unwrap();
    assert_eq!(kept("damaged-0"), b"damaged-0");
    assert_eq!(kept("damaged-0.1"), b"damaged-0.1");
    assert_eq!(kept("damaged-0.2"), [&log[..], b"\n"].concat());
}

#[test]
fn a_torn_tail_and_a_missing_line_feed_are_no_damage_and_repaired_all_the_same() {
    let (shell, log) = good();
    let torn = [&log[..], b"{\"v\":1,\"se\0\0"].concat();
    shell.set_log(&torn);
    shell.ledger("doctor").is(
        0,
        &format!("line 5, byte {}: torn_tail: 12 bytes of an append that never finished; they do not count\n  fix: set it aside, as the next write does by itself\n./ledger.jsonl is sound: 3 events, head 3:<hex16>\n", log.len()),
        "hint: ledger doctor --repair\n",
    );
    let aside = format!("ledger.jsonl.torn-{}", log.len());
    let ran = shell.ledger("doctor --repair --json").succeeds();
    assert_eq!(ran.json()["quarantine"], format!("./{aside}"));
    assert_eq!(shell.log(), log);
    assert_eq!(
        std::fs::read(shell.file(&aside)).unwrap(),
        b"{\"v\":1,\"se\0\0"
    );

    shell.set_log(&log[..log.len() - 1]);
    let ran = shell.ledger("doctor --json").succeeds();
    assert_eq!(kinds(&ran), [("missing_line_feed".to_owned(), json!(4), 1)]);
    shell.ledger("doctor --repair").succeeds();
    assert_eq!(shell.log(), log);
    assert_eq!(shell.names(), ["ledger.jsonl".to_owned(), aside]);
}

#[test]
fn what_cannot_be_repaired_is_left_as_it_is_and_salvaged_on_request() {
    let (shell, log) = good();
    let all = lines(&log);
    let other = Shell::given(&[
        "init --currency EUR",
        "deposit 1",
        "deposit 2",
        "deposit 9",
        "deposit 8",
    ])
    .log();
    let other = lines(&other);
    let cases: Vec<(&str, Vec<u8>, &str, u64, u64)> = vec![
        (
            "bit rot",
            replaced(&log, "20.00", "20.01"),
            "changed_bytes",
            3,
            1,
        ),
        (
            "a removed line",
            [&all[..2], &all[3..]].concat().concat(),
            "missing_lines",
            3,
            1,
        ),
        (
            "two histories",
            [&all[..3], &other[2..3]].concat().concat(),
            "fork",
            4,
            2,
        ),
        (
            "swapped lines",
            [&all[..1], &all[2..3], &all[1..2], &all[3..]]
                .concat()
                .concat(),
            "missing_lines",
            2,
            0,
        ),
        (
            "merge marks",
            [
                &all[..2].concat()[..],
                b"<<<<<<< ours\n",
                &all[2],
                b"=======\n",
                &other[2],
                b">>>>>>> theirs\n",
            ]
            .concat(),
            "merge_marks",
            3,
            1,
        ),
        (
            "an overlong line",
            [&log[..], &[b'x'; 70_000], b"\n"].concat(),
            "too_long",
            5,
            3,
        ),
        (
            "a later version",
            [&log[..], b"{\"v\":3,\"seq\":4,\"new\":true}\n"].concat(),
            "",
            0,
            0,
        ),
    ];
    for (what, damaged, kind, at, events) in cases {
        shell.set_log(&damaged);
        let ran = shell.ledger("doctor --json");
        assert_eq!(ran.status, Some(6), "{what}");
        if kind.is_empty() {
            assert_eq!(ran.error()["code"], "newer_version", "{what}");
            continue;
        }
        assert_eq!(kinds(&ran)[0].0, kind, "{what}: {}", ran.stdout);
        assert_eq!(kinds(&ran)[0].1, at, "{what}");
        assert_eq!(
            ran.json()["fix"],
            "ledger doctor --salvage-to ./ledger.salvaged.jsonl",
            "{what}"
        );
        let ran = shell.ledger("doctor --repair --json");
        assert_eq!(
            (ran.status, &ran.json()["repaired"]),
            (Some(6), &json!(false)),
            "{what}"
        );
        assert_eq!(shell.names(), ["ledger.jsonl"], "{what}");

        let ran = shell.ledger("doctor --salvage-to new.jsonl --json");
        assert_eq!(ran.status, Some(6), "{what}");
        let salvaged = &ran.json()["salvaged"];
        assert_eq!(salvaged["events"], events, "{what}: {salvaged}");
        assert_eq!(salvaged["left_out"][0]["line"], at, "{what}");
        assert_eq!(
            shell.log(),
            damaged,
            "{what}: the damaged log stays as it is"
        );
        let new = shell.file("new.jsonl");
        let kept = usize::try_from(events).unwrap() + 1;
        assert_eq!(std::fs::read(&new).unwrap(), all[..kept].concat(), "{what}");
        assert_eq!(
            std::fs::metadata(&new).unwrap().permissions().mode() & 0o777,
            0o600
        );
        shell.ledger("-f new.jsonl verify").succeeds();
        std::fs::remove_file(new).unwrap();
    }
}

#[test]
fn a_mark_of_a_merge_that_was_left_behind_takes_no_events_place() {
    let (shell, log) = good();
    let all = lines(&log);
    let marked = [&all[..2].concat()[..], b"=======\n", &all[2..].concat()].concat();
    shell.set_log(&marked);
    let ran = shell.ledger("doctor --json");
    assert_eq!(ran.status, Some(6));
    assert_eq!(kinds(&ran), [("merge_marks".to_owned(), json!(3), 1)]);
    assert_eq!(shell.log(), marked);
}

#[test]
fn a_salvage_says_line_by_line_what_was_left_out() {
    let (shell, log) = good();
    shell.set_log(&replaced(&log, "20.00", "20.01"));
    let all = lines(&log);
    let (third, fourth) = (all[..2].concat().len(), all[..3].concat().len());
    let reason = "its hash does not match its bytes and the previous line's hash";
    shell.ledger("doctor --salvage-to new.jsonl").is(
        6,
        &format!(
            "line 3, byte {third}: changed_bytes: {reason}\n  fix: take this line from a copy of the log, or salvage\n\
             salvaged 1 event to new.jsonl, head 1:<hex16>\n\
             2 lines were left out:\n  \
             line 3, byte {third}: {reason}\n    {{\"v\":1,\"seq\":2,\"at\":\"2026-11-23T10:15:02.000000Z\",\"type\":\"w…\n  \
             line 4, byte {fourth}: it follows line 3, which is damaged\n    {{\"v\":1,\"seq\":3,\"at\":\"2026-11-23T10:15:02.000000Z\",\"type\":\"d…\n"
        ),
        "",
    );
    let before = std::fs::read(shell.file("new.jsonl")).unwrap();
    let ran = shell.ledger("doctor --salvage-to new.jsonl");
    assert_eq!(ran.status, Some(4));
    assert!(
        ran.stderr.starts_with("error: new.jsonl already exists\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(std::fs::read(shell.file("new.jsonl")).unwrap(), before);
    let ran = shell.ledger("doctor --salvage-to ledger.jsonl");
    assert_eq!(ran.status, Some(4), "never over the log itself");
}

#[test]
fn a_salvage_never_ends_in_the_middle_of_a_batch() {
    let shell = Shell::new();
    let sealed = seal(&[
        FIRST.to_owned(),
        deposit(1, "5.00"),
        format!("{},\"more\":true", deposit(2, "6.00")),
        deposit(3, "7.00"),
    ]);
    shell.set_log(&replaced(&sealed, "7.00", "8.00"));
    let ran = shell.ledger("doctor --salvage-to new.jsonl --json");
    assert_eq!(ran.json()["salvaged"]["events"], 1);
    assert_eq!(
        std::fs::read(shell.file("new.jsonl")).unwrap(),
        lines(&sealed)[..2].concat()
    );
}

#[test]
fn mode_links_and_inode_stay_as_they_were() {
    let (shell, log) = good();
    let (path, hard, soft) = (
        shell.file("ledger.jsonl"),
        shell.file("hard"),
        shell.file("soft"),
    );
    shell.set_log(&[&log[..], &log[..]].concat());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::fs::hard_link(&path, &hard).unwrap();
    std::os::unix::fs::symlink("ledger.jsonl", &soft).unwrap();
    let before = std::fs::metadata(&path).unwrap().ino();
    shell.ledger("-f soft doctor --repair").succeeds();
    let after = std::fs::metadata(&path).unwrap();
    assert_eq!(
        (after.ino(), after.permissions().mode() & 0o777),
        (before, 0o640)
    );
    assert_eq!(std::fs::read(&hard).unwrap(), log);
    assert!(std::fs::symlink_metadata(&soft).unwrap().is_symlink());
}

#[test]
fn a_cut_end_shows_only_against_a_kept_head() {
    let (shell, log) = good();
    let head = shell.ledger("head").succeeds();
    let head = String::from_utf8(head.raw).unwrap().trim().to_owned();
    shell.ledger(&format!("doctor --head {head}")).succeeds();
    shell.set_log(&lines(&log)[..3].concat());
    shell.ledger("doctor").succeeds();
    shell.ledger(&format!("doctor --head {head}")).is(
        6,
        "cut_end: the log has no event 3 as in the head, its last is 2\n  fix: take the end of the log from a copy; this file has only its beginning\n./ledger.jsonl is whole line by line: 2 events, head 2:<hex16>\n",
        "",
    );
    let ran = shell.ledger("doctor --json --head 1:0123456789abcdef");
    assert_eq!(
        (ran.status, kinds(&ran)[0].0.as_str()),
        (Some(6), "other_log")
    );
}

#[test]
fn a_broken_rule_is_no_damage_to_repair() {
    let shell = Shell::new();
    shell.set_log(&seal(&[
        FIRST.to_owned(),
        deposit(1, "5.00"),
        line(
            2,
            r#""type":"withdraw","account":"main","amount":"9.00","currency":"EUR""#,
        ),
    ]));
    let log = shell.log();
    let ran = shell.ledger("doctor --repair --json");
    assert_eq!(ran.status, Some(6));
    assert_eq!(kinds(&ran), [("broken_rule".to_owned(), json!(3), 1)]);
    assert_eq!(ran.json()["fix"], "ledger show 2");
    assert_eq!(shell.log(), log);
}

/// What lies in the file when a repair has written this many bytes over the old ones.
fn half_done(damaged: &[u8], log: &[u8], done: usize) -> Vec<u8> {
    const MARK: &[u8] = b"\n# this log is being repaired: ledger doctor --repair\n";
    let filler = vec![b'#'; log.len().saturating_sub(damaged.len())];
    let old = [damaged, b"\n", &filler, MARK].concat();
    [&log[..done], &old[done..]].concat()
}

#[test]
fn a_repair_that_was_killed_anywhere_leaves_a_log_that_shows_as_damaged() {
    let (shell, log) = good();
    for (what, damaged, _) in mendable(&log) {
        for done in (0..log.len()).step_by(31).chain(log.len() - 3..=log.len()) {
            shell.set_log(&half_done(&damaged, &log, done));
            for command in ["verify", "balance", "deposit 1"] {
                let ran = shell.ledger(command);
                assert_eq!(ran.status, Some(6), "{what}, {done} bytes: {command}");
            }
        }
    }
}

#[test]
fn a_repair_that_is_killed_at_any_system_call_keeps_the_original_and_shows_as_damage() {
    let what = "a repair that is killed at any system call";
    if !can_run(what, "strace", &["-qq", "-o", "/dev/null", "true"]) {
        return;
    }
    let (_, log) = good();
    let cases = mendable(&log);
    for what in ["glued lines", "everything at once"] {
        let (_, damaged, _) = cases.iter().find(|case| case.0 == what).unwrap();
        for call in ["write", "fsync", "fdatasync", "ftruncate", "rename"] {
            // Each call by its number, until there are no more of it.
            let mut number = 1;
            while !repaired_although_killed_at(call, number, damaged, &log) {
                number += 1;
            }
            let least = match call {
                "write" | "fsync" => 4,
                _ => 2,
            };
            assert!(
                number >= least,
                "{what}: {call} was met {} times",
                number - 1
            );
        }
    }
}

/// True where the repair came to its end, because there was no such call to be killed at.
fn repaired_although_killed_at(call: &str, number: u32, damaged: &[u8], log: &[u8]) -> bool {
    let shell = Shell::new();
    shell.set_log(damaged);
    let inject = format!("inject={call}:signal=SIGKILL:when={number}");
    let status = program("strace")
        .current_dir(shell.path())
        .env("LEDGER_NOW", crate::harness::NOW)
        .args([
            "-f",
            "-o",
            "/dev/null",
            "-e",
            &format!("trace={call}"),
            "-e",
            &inject,
        ])
        .arg(env!("CARGO_BIN_EXE_ledger"))
        .args(["doctor", "--repair"])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    let place = format!("killed at {call} {number}");
    let is_kept = |name: &String| std::fs::read(shell.file(name)).unwrap() == damaged;
    assert!(
        shell.names().iter().any(is_kept),
        "{place}: the original is nowhere whole"
    );
    if status.success() {
        assert_eq!(shell.log(), log);
        return true;
    }
    let lies_as_it_was = shell.log() == damaged;
    if shell.log() != log {
        for command in ["verify", "balance", "deposit 1"] {
            assert_eq!(shell.ledger(command).status, Some(6), "{place}: {command}");
        }
        let is_known = shell.ledger("doctor --json").json()["unfinished"].is_string();
        assert_eq!(is_known, !lies_as_it_was, "{place}");
        shell.ledger("doctor --repair").succeeds();
    }
    assert_eq!(shell.log(), log, "{place}");
    false
}

#[test]
fn a_repair_that_was_killed_is_recognised_and_brought_to_its_end() {
    let (shell, log) = good();
    let damaged = replaced(&log, "\n", "\r\n");
    let half = half_done(&damaged, &log, 300);
    let kept = |name: &str| std::fs::read(shell.file(&format!("ledger.jsonl.{name}"))).unwrap();
    let keep = |name: &str, bytes: &[u8]| {
        std::fs::write(shell.file(&format!("ledger.jsonl.{name}")), bytes).unwrap();
    };
    // A copy that was never finished lies there from before; the newer one is the original.
    keep("repairing-0", &damaged[..100]);
    keep("repairing-0.1", &damaged);
    shell.set_log(&half);
    let found = "line 1, byte 0: carriage_returns: it ends with a carriage return, and 3 more\n  fix: take the carriage returns away\n";
    shell.ledger("doctor").is(
        6,
        &format!("{found}./ledger.jsonl is damaged; a repair loses nothing: 3 events, head 3:<hex16>\n"),
        "warning: a repair was interrupted; this is the diagnosis of the original, which is in ./ledger.jsonl.repairing-0.1\nhint: ledger doctor --repair\n",
    );
    let ran = shell.ledger("doctor --json");
    assert_eq!(ran.json()["unfinished"], "./ledger.jsonl.repairing-0.1");
    assert_eq!(shell.log(), half, "without --repair nothing changes");
    shell.ledger("doctor --repair").succeeds();
    assert_eq!(shell.log(), log);
    assert_eq!(kept("damaged-0"), damaged);
    assert_eq!(kept("repairing-0"), damaged[..100]);
    shell
        .ledger("doctor")
        .prints("./ledger.jsonl is sound: 3 events, head 3:<hex16>\n");
}

#[test]
fn a_copy_that_lies_there_from_before_is_not_taken_for_the_original() {
    let (shell, log) = good();
    let blank = [&log[..], b"\n"].concat();
    shell.set_log(&blank);
    let old = shell.file("ledger.jsonl.repairing-0");
    std::fs::write(&old, b"other bytes").unwrap();
    shell.ledger("doctor --repair").succeeds();
    assert_eq!(shell.log(), log);
    assert_eq!(std::fs::read(&old).unwrap(), b"other bytes");
    assert_eq!(
        std::fs::read(shell.file("ledger.jsonl.damaged-0")).unwrap(),
        blank
    );
}

#[test]
fn the_doctor_of_no_ledger_says_so() {
    let shell = Shell::new();
    for command in ["doctor", "doctor --repair"] {
        let ran = shell.ledger(&format!("{command} --json"));
        assert_eq!(
            (ran.status, &ran.error()["code"]),
            (Some(10), &json!("no_ledger"))
        );
        assert_eq!(shell.names(), [""; 0]);
    }
    shell.set_log(b"\n\n; somebody's journal\n");
    let ran = shell.ledger("doctor --repair --json");
    assert_eq!(
        (ran.status, &ran.error()["code"]),
        (Some(6), &json!("not_a_ledger"))
    );
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn a_repair_and_a_salvage_are_not_asked_for_at_once() {
    let (shell, _) = good();
    let ran = shell.ledger("doctor --repair --salvage-to new.jsonl");
    assert_eq!(ran.status, Some(2));
}
