//! Input that is huge, nested without end or no text at all: a short error, in little memory.

use std::os::unix::fs::FileExt as _;

use crate::bench::under;
use crate::harness::{Ran, Shell};

/// Runs the program with less memory than its input has bytes, and perhaps with a file as its
/// standard input.
fn in_little_memory(shell: &Shell, line: &str, input: Option<&str>) -> Ran {
    let mut command = under(
        shell,
        &["sh", "-c", "ulimit -v 90000; exec \"$0\" \"$@\""],
        line,
    );
    if let Some(input) = input {
        command.stdin(std::fs::File::open(shell.file(input)).unwrap());
    }
    Ran::from(command.output().unwrap())
}

#[track_caller]
fn is_short(ran: &Ran, what: &str) {
    let (out, err) = (ran.stdout.len(), ran.stderr.len());
    assert!(out < 1024 && err < 1024, "{what}: {out} and {err} bytes");
}

const HUNDRED_MEGABYTES: usize = 100_000_000;
const READS: [&str; 13] = [
    "balance",
    "balance --json",
    "balance --until seq:1",
    "history",
    "history --json",
    "accounts",
    "show 1",
    "show 3",
    "diff seq:1 head",
    "assert 'main == 5'",
    "head",
    "balance --known-at 2030",
    "deposit 7",
];

/// `LineReader` that are none, under what they are called.
fn broken_lines(sound: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let last = String::from_utf8(sound.to_vec()).unwrap();
    let last = last.lines().last().unwrap().to_owned();
    let with_memo = |memo: &[u8]| {
        let (before, behind) = last.split_once("first").unwrap();
        [before.as_bytes(), memo, behind.as_bytes()].concat()
    };
    vec![
        (
            "nested arrays",
            [vec![b'['; 100_000], vec![b']'; 100_000]].concat(),
        ),
        ("nested objects", "{\"v\":".repeat(100_000).into_bytes()),
        (
            "nesting in a line",
            [b"{\"v\":1,\"seq\":3,\"at\":".to_vec(), vec![b'['; 60_000]].concat(),
        ),
        ("a lone surrogate", with_memo(b"\\ud800")),
        (
            "two of them the wrong way round",
            with_memo(b"\\udc00\\ud800"),
        ),
        ("a surrogate in three bytes", with_memo(b"\xed\xa0\x80")),
        ("a NUL", with_memo(b"a\0b")),
        ("nothing but NUL", vec![0; 1000]),
        ("no UTF-8", with_memo(b"\xff\xfe")),
        ("more bytes than a character needs", with_memo(b"\xc0\x80")),
        ("half a character", with_memo(b"\xe2\x80")),
    ]
}

#[test]
fn a_broken_line_of_the_log_is_a_short_error_in_little_memory() {
    let shell = Shell::given(&["deposit 5 -q", "deposit 6 -q -m first"]);
    let sound = shell.log();
    for (what, line) in broken_lines(&sound) {
        let damaged = [&sound[..], &line, b"\n"].concat();
        shell.set_log(&damaged);
        for read in READS {
            let ran = in_little_memory(&shell, read, None);
            assert_eq!(
                (ran.status, ran.stdout.as_str()),
                (Some(6), ""),
                "{what}, {read}: {}",
                ran.stderr
            );
            assert!(
                ran.stderr.contains("line 4")
                    && ran.stderr.contains(&format!("byte {}", sound.len())),
                "{what}, {read}: {}",
                ran.stderr
            );
            is_short(&ran, what);
        }
        for read in ["verify", "verify --json", "doctor", "doctor --json"] {
            let ran = in_little_memory(&shell, read, None);
            assert_eq!(ran.status, Some(6), "{what}, {read}: {}", ran.stderr);
            is_short(&ran, what);
        }
        assert_eq!(shell.log(), damaged);
    }
}

#[test]
fn a_hundred_megabytes_without_a_line_feed_are_a_short_error_in_little_memory() {
    let shell = Shell::given(&["deposit 5 -q", "deposit 6 -q -m first"]);
    let sound = shell.log();
    // At the end, and in front of a line that is sound.
    for ending in [&b""[..], b"\n{}\n"] {
        shell.set_log(&[&sound[..], &vec![b'['; HUNDRED_MEGABYTES], ending].concat());
        for read in ["balance", "history", "deposit 7", "verify", "doctor"] {
            let ran = in_little_memory(&shell, read, None);
            assert_eq!(ran.status, Some(6), "{read}: {}", ran.stderr);
            is_short(&ran, read);
        }
    }
}

#[test]
fn a_hundred_megabytes_of_nul_behind_the_log_are_torn_and_set_aside_in_little_memory() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let sound = shell.log();
    let log = std::fs::File::options()
        .write(true)
        .open(shell.file("ledger.jsonl"))
        .unwrap();
    log.set_len(u64::try_from(sound.len() + HUNDRED_MEGABYTES).unwrap())
        .unwrap();
    let ran = in_little_memory(&shell, "balance --json", None);
    assert_eq!(
        ran.json()["torn_bytes"],
        HUNDRED_MEGABYTES,
        "{}",
        ran.stderr
    );
    let ran = in_little_memory(&shell, "deposit 7 -q", None);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let kept =
        std::fs::File::open(shell.file(&format!("ledger.jsonl.torn-{}", sound.len()))).unwrap();
    assert_eq!(kept.metadata().unwrap().len(), HUNDRED_MEGABYTES as u64);
    let mut last = [1];
    kept.read_at(&mut last, HUNDRED_MEGABYTES as u64 - 1)
        .unwrap();
    assert_eq!(last, [0]);
    shell.ledger("balance main -q").prints("12\n");
}

#[test]
fn a_broken_line_of_a_batch_is_a_short_error_in_little_memory_and_records_nothing() {
    let shell = Shell::new();
    let deposit =
        |word: &str| [b"{\"type\":\"deposit\",\"amount\":\"1\",", word.as_bytes()].concat();
    let long = "x".repeat(1_000_000);
    let digits = "9".repeat(1_000_000);
    let nested = "[".repeat(100_000);
    let words = (0..80_000).map(|number| format!("\"a{number}\":1"));
    let many = format!("{{{}}}", words.collect::<Vec<_>>().join(","));
    let lines: Vec<(&str, Vec<u8>)> = vec![
        ("arrays in place of an object", nested.clone().into_bytes()),
        (
            "objects without end",
            "{\"tags\":".repeat(100_000).into_bytes(),
        ),
        (
            "an unknown word with arrays",
            deposit(&format!("\"x\":{nested}")),
        ),
        ("a memo of arrays", deposit(&format!("\"memo\":{nested}"))),
        (
            "tags of arrays",
            deposit(&format!("\"tags\":{{\"a\":{nested}")),
        ),
        (
            "an amount of arrays",
            format!("{{\"type\":\"deposit\",\"amount\":{nested}").into_bytes(),
        ),
        (
            "a closed nest",
            format!(
                "{{\"type\":\"deposit\",\"amount\":{nested}{}}}",
                "]".repeat(100_000)
            )
            .into_bytes(),
        ),
        ("a lone surrogate", deposit("\"memo\":\"\\ud800\"}")),
        ("a raw NUL", deposit("\"memo\":\"a\0b\"}")),
        ("nothing but NUL", vec![0; 1000]),
        (
            "no UTF-8",
            [deposit("\"memo\":\"").as_slice(), b"\xff\xfe\"}"].concat(),
        ),
        (
            "a surrogate in three bytes",
            [deposit("\"memo\":\"").as_slice(), b"\xed\xa0\x80\"}"].concat(),
        ),
        (
            "a long amount",
            format!("{{\"type\":\"deposit\",\"amount\":\"{digits}\"}}").into_bytes(),
        ),
        (
            "a long number",
            format!("{{\"type\":\"deposit\",\"amount\":{digits}}}").into_bytes(),
        ),
        (
            "a long type",
            format!("{{\"type\":\"{long}\",\"amount\":1}}").into_bytes(),
        ),
        ("a long word", deposit(&format!("\"{long}\":1}}"))),
        (
            "a long account",
            deposit(&format!("\"account\":\"{long}\"}}")),
        ),
        (
            "a long currency",
            deposit(&format!("\"currency\":\"{}\"}}", long.to_uppercase())),
        ),
        (
            "a long moment",
            deposit(&format!("\"effective\":\"{long}\"}}")),
        ),
        ("a long key", deposit(&format!("\"key\":\"{long}\"}}"))),
        ("a long memo", deposit(&format!("\"memo\":\"{long}\"}}"))),
        (
            "a long tag",
            deposit(&format!("\"tags\":{{\"{long}\":\"1\"}}}}")),
        ),
        (
            "a long seq",
            format!("{{\"type\":\"reverse\",\"seq\":{digits}}}").into_bytes(),
        ),
        ("many words", many.into_bytes()),
        ("a hundred megabytes", vec![b'['; HUNDRED_MEGABYTES]),
        (
            "a hundred megabytes in a text",
            [
                deposit("\"memo\":\""),
                vec![b'x'; HUNDRED_MEGABYTES],
                b"\"}".to_vec(),
            ]
            .concat(),
        ),
        (
            "a deposit behind a hundred megabytes of blanks",
            [vec![b' '; HUNDRED_MEGABYTES], deposit("\"memo\":\"x\"}")].concat(),
        ),
    ];
    for (what, line) in lines {
        std::fs::write(
            shell.file("batch"),
            [&line[..], b"\n{\"type\":\"deposit\",\"amount\":1}\n"].concat(),
        )
        .unwrap();
        for (command, input) in [
            ("batch batch", None),
            ("batch", Some("batch")),
            ("batch --json -", Some("batch")),
        ] {
            if line.len() >= HUNDRED_MEGABYTES && input.is_some() {
                continue;
            }
            let ran = in_little_memory(&shell, command, input);
            assert_eq!(
                (ran.status, ran.stdout.as_str()),
                (Some(2), ""),
                "{what}: {}",
                ran.stderr
            );
            assert!(ran.stderr.contains("line 1: "), "{what}: {}", ran.stderr);
            is_short(&ran, what);
        }
        assert_eq!(shell.names(), ["batch"], "{what}");
    }
}

#[test]
fn a_large_batch_needs_little_more_memory_than_its_requests_and_its_lines() {
    let shell = Shell::given(&["init", "open main"]);
    let line = "{\"type\":\"deposit\",\"amount\":\"1.25\",\"memo\":\"one of many payments\"}\n";
    std::fs::write(shell.file("batch"), line.repeat(30_000)).unwrap();
    let ran = in_little_memory(&shell, "batch batch --json", None).succeeds();
    assert_eq!(ran.stdout.lines().count(), 30_000);
    let last = ran.stdout.lines().last().unwrap();
    assert!(last.contains("\"37500.00\""), "{last}");
}

#[test]
fn a_long_argument_is_a_short_error() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let long = "x".repeat(60_000);
    let digits = "9".repeat(60_000);
    let codes = long.to_uppercase();
    for line in [
        format!("deposit {digits}"),
        format!("deposit {long}"),
        format!("deposit 1 {codes}"),
        format!("deposit 1 -a {long}"),
        format!("deposit 1 --effective {long}"),
        format!("deposit 1 --key {long}"),
        format!("deposit 1 -m {long}"),
        format!("deposit 1 --tag {long}"),
        format!("deposit 1 --tag {0}={0}", "x".repeat(60_000)),
        format!("deposit 1 --if-head {long}"),
        format!("deposit 1 --if-head {digits}:{long}"),
        format!("deposit 1 --{long}"),
        long.clone(),
        format!("balance --until {long}"),
        format!("balance --until seq:{digits}"),
        format!("balance --until hash:{}", "a".repeat(100_000)),
        format!("balance --until '{digits} days ago'"),
        format!("balance --known-at @{digits}"),
        format!("balance --color {long}"),
        format!("balance --wait {digits}"),
        format!("history --limit {digits}"),
        format!("history --type {long}"),
        format!("show {digits}"),
        format!("reverse {digits}"),
        format!("assert {long}"),
        format!("assert 'main == {digits}'"),
        format!("verify --head {long}"),
        format!("verify --head {digits}:{}", "a".repeat(64)),
        format!("init --zone {long}"),
        format!("init --currency {codes}"),
        format!("open a --floor {digits}"),
        format!("schema {long}"),
        format!("completions {long}"),
    ] {
        let ran = shell.ledger(&line);
        let start: String = line.chars().take(40).collect();
        assert_ne!(ran.status, Some(0), "{start}");
        is_short(&ran, &start);
        let json = shell.ledger(&format!("{line} --json"));
        is_short(&json, &format!("{start} as JSON"));
    }
}
