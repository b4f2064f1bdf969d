use serde_json::{Value, json};

use crate::harness::{Shell, program};
use crate::sealed::{FIRST, deposit, line, seal};

const GIVEN: [&str; 5] = [
    "init --currency EUR",
    "deposit 50 -m lunch --tag order=1234",
    "withdraw 20 --key k1",
    "deposit 3 -a b",
    "undo",
];

fn given() -> Shell {
    Shell::given(&GIVEN)
}

fn lines(shell: &Shell) -> Vec<String> {
    let text = String::from_utf8(shell.log()).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn hash_of(line: &str) -> String {
    let (_, behind) = line.split_once("\"hash\":\"").unwrap();
    behind[..64].to_owned()
}

fn codes(answer: &Value) -> Vec<(u64, String)> {
    let findings = answer["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let code = finding["code"].as_str().unwrap();
            (finding["line"].as_u64().unwrap(), code.to_owned())
        })
        .collect()
}

#[test]
fn a_sound_log_is_sound_in_one_line() {
    given()
        .ledger("verify")
        .prints("sound: 4 events, head 4:<hex16>\n");
    given().ledger("verify -q").prints("");
}

#[test]
fn the_answer_in_json_has_exactly_the_keys_of_the_contract() {
    let shell = given();
    let ran = shell.ledger("verify --json").succeeds();
    assert_eq!(
        ran.stdout,
        "{\"ok\":true,\"events\":4,\"head\":{\"seq\":4,\"hash\":\"<hex64>\"},\"torn_bytes\":0,\"redacted\":0,\"pending_redactions\":0,\"sealed_through\":null,\"findings\":[]}\n"
    );
    assert_eq!(ran.json()["head"]["hash"], hash_of(&lines(&shell)[4]));
    assert_eq!(
        shell.ledger("verify --format json").succeeds().raw,
        ran.raw,
        "--format json is --json"
    );
}

#[test]
fn every_finding_is_listed_and_not_just_the_first() {
    let shell = given();
    let log = String::from_utf8(shell.log()).unwrap();
    let damaged = log
        .replace("lunch", "lunck")
        .replacen("\"3.00\"", "\"3.0\"", 1);
    shell.set_log(damaged.as_bytes());
    let (second, fourth) = (
        log.find('\n').unwrap() + 1,
        damaged.match_indices('\n').nth(2).unwrap().0 + 1,
    );
    shell.ledger("verify").is(
        6,
        &format!(
            "line 2, byte {second}: hash: its hash does not match its bytes and the previous line's hash\n\
             line 4, byte {fourth}: hash: its hash does not match its bytes and the previous line's hash\n\
             line 4, byte {fourth}: form: not in the canonical form at its byte 91: an amount has exactly its currency's minor digits\n\
             3 findings, valid up to there: 0 events, head 0:<hex16>\n"
        ),
        "hint: ledger doctor\n",
    );
    let ran = shell.ledger("verify --json");
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(6), ""));
    assert_eq!(ran.json()["ok"], false);
    assert_eq!(ran.json()["head"]["seq"], 0);
    assert_eq!(
        ran.json()["findings"][0],
        json!({"line": 2, "byte": second, "code": "hash", "detail": "its hash does not match its bytes and the previous line's hash"})
    );
}

#[test]
fn where_not_even_the_first_line_is_sound_there_is_no_head() {
    let shell = given();
    let damaged = String::from_utf8(shell.log())
        .unwrap()
        .replacen("UTC", "UTD", 1);
    shell.set_log(damaged.as_bytes());
    let ran = shell.ledger("verify --json");
    assert_eq!(ran.status, Some(6));
    assert_eq!(ran.json()["head"], Value::Null);
    assert_eq!(ran.json()["events"], 0);
    assert_eq!(codes(&ran.json()), [(1, "hash".to_owned())]);
}

#[test]
fn a_torn_tail_is_listed_and_still_ok() {
    let shell = given();
    let mut log = shell.log();
    let length = log.len();
    log.extend_from_slice(b"{\"v\":1,\"seq\":5,\"at\":\"2026");
    shell.set_log(&log);
    let warning =
        "warning: the log ends in 25 bytes of an append that never finished; they do not count\n";
    shell
        .ledger("verify")
        .is(0, "sound: 4 events, head 4:<hex16>\n", warning);
    let ran = shell.ledger("verify --json");
    assert_eq!(ran.status, Some(0));
    let in_json: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(in_json["warning"]["code"], "torn_tail");
    assert_eq!(ran.json()["ok"], true);
    assert_eq!(ran.json()["torn_bytes"], 25);
    assert_eq!(
        ran.json()["findings"],
        json!([{"line": 6, "byte": length, "code": "torn_tail", "detail": "25 bytes of an append that never finished; they do not count"}])
    );
    assert_eq!(shell.log(), log, "verify repairs nothing");
}

#[test]
fn a_redacted_note_is_a_hole_and_no_damage() {
    let shell = Shell::new();
    let digest = format!("\"{}\"", "0".repeat(64));
    let redact = line(2, r#""type":"redact","event":1"#).replace(r#"{"v":1"#, r#"{"v":2"#);
    shell.set_log(&seal(&[
        FIRST.to_owned(),
        format!("{} NOTE {digest}", deposit(1, "5.00")),
        redact,
    ]));
    shell
        .ledger("verify")
        .prints("sound: 2 events, head 2:<hex16>, 1 redacted note\n");
}

#[test]
fn an_erasure_whose_bytes_are_still_there_is_pending_and_the_seal_is_named() {
    let shell = Shell::new();
    let note = r#"{"salt":"q83vEjRWeJCrze8SNFZ4kA","memo":"private"}"#;
    let newer = |seq, rest: &str| line(seq, rest).replace(r#"{"v":1"#, r#"{"v":2"#);
    shell.set_log(&seal(&[
        FIRST.to_owned(),
        format!("{} NOTE {note}", deposit(1, "5.00")),
        format!("{} NOTE \"{}\"", deposit(2, "5.00"), "0".repeat(64)),
        newer(3, r#""type":"redact","event":1"#),
        newer(4, r#""type":"redact","event":2"#),
        newer(
            5,
            r#""type":"seal","through":"2025-12-31T23:59:59.999999Z""#,
        ),
    ]));
    shell
        .ledger("verify")
        .prints("sound: 5 events, head 5:<hex16>, 1 redacted note, 1 erasure pending\n");
    let json = shell.ledger("verify --json").succeeds().json();
    assert_eq!(
        (&json["redacted"], &json["pending_redactions"]),
        (&1.into(), &1.into())
    );
    assert_eq!(json["sealed_through"], "2025-12-31T23:59:59.999999Z");
}

#[test]
fn a_kept_head_shows_a_cut_end_and_another_log() {
    let shell = given();
    let all = lines(&shell);
    let head = format!("4:{}", &hash_of(&all[4])[..16]);
    shell.ledger(&format!("verify --head {head}")).succeeds();
    let middle = format!("2:{}", &hash_of(&all[2])[..8]);
    shell.ledger(&format!("verify --head {middle}")).succeeds();
    let wrong = "2:0123456789abcdef";
    shell.ledger(&format!("verify --head {wrong}")).is(
        6,
        "sound: 4 events, head 4:<hex16>\n",
        "error: the log is not the one of the head 2:<hex16>: its event 2 has the hash <hex16>\n\
         hint: ledger doctor --head 2:<hex16>\n",
    );
    shell.set_log(format!("{}\n", all[..3].join("\n")).as_bytes());
    shell.ledger(&format!("verify --head {head}")).is(
        6,
        "sound: 2 events, head 2:<hex16>\n",
        "error: the log is shorter than the head 4:<hex16>: its last event is 2, later events were cut off\n\
         hint: ledger doctor --head 4:<hex16>\n",
    );
    let ran = shell.ledger(&format!("verify --json --head {head}"));
    assert_eq!(ran.status, Some(6));
    assert_eq!(ran.stderr, "");
    let (json, found) = (ran.json(), ran.json()["findings"][0].clone());
    assert_eq!(json["ok"], false);
    let end = shell.log().len();
    assert_eq!(
        (&found["code"], &found["line"], &found["byte"]),
        (&"head".into(), &4.into(), &end.into())
    );
    shell.ledger("verify --head 4").fails(
        2,
        "error: `4` is not a head: SEQ:HASH as `ledger head` prints it, the hash with 8 to 64 hex digits\nhint: ledger head\n",
    );
}

#[test]
fn a_head_that_lies_behind_damage_is_not_called_missing() {
    let shell = given();
    let head = format!("4:{}", hash_of(&lines(&shell)[4]));
    let damaged = String::from_utf8(shell.log())
        .unwrap()
        .replace("lunch", "lunck");
    shell.set_log(damaged.as_bytes());
    let ran = shell.ledger(&format!("verify --head {head}"));
    assert_eq!(ran.status, Some(6));
    assert_eq!(ran.stderr, "hint: ledger doctor\n");
}

#[test]
fn a_moment_says_which_head_is_meant_and_not_what_is_checked() {
    let shell = given();
    let ran = shell.ledger("verify --json --known-at seq:2").succeeds();
    assert_eq!(ran.json()["events"], 2);
    assert_eq!(ran.json()["head"]["hash"], hash_of(&lines(&shell)[2]));
    let damaged = String::from_utf8(shell.log())
        .unwrap()
        .replacen("\"3.00\"", "\"4.00\"", 1);
    shell.set_log(damaged.as_bytes());
    let ran = shell.ledger("verify --json --until seq:2");
    assert_eq!(ran.status, Some(6));
    assert_eq!(codes(&ran.json()), [(4, "hash".to_owned())]);
}

#[test]
fn build_servers_get_their_own_forms() {
    let shell = given();
    shell
        .ledger("verify --format github")
        .prints("ledger verify: 6 of 6 checks passed in ./ledger.jsonl\n");
    shell.ledger("verify --format tap").prints(
        "TAP version 13\n1..6\nok 1 - form\nok 2 - length\nok 3 - seq\nok 4 - time\nok 5 - hash\nok 6 - rules\n",
    );
    let damaged = String::from_utf8(shell.log())
        .unwrap()
        .replace("lunch", "lunck");
    shell.set_log(damaged.as_bytes());
    let ran = shell.ledger("verify --format github");
    assert_eq!(ran.status, Some(6));
    assert_eq!(
        ran.stdout
            .lines()
            .next()
            .unwrap()
            .split("byte")
            .next()
            .unwrap(),
        "::error file=ledger.jsonl,line=2,title=ledger verify%3A hash at line 2::"
    );
    let ran = shell.ledger("verify --format junit");
    assert_eq!(ran.status, Some(6));
    assert!(ran.stdout.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ledger verify\" tests=\"5\" failures=\"1\""));
    shell.ledger("verify --json --format tap").fails(
        2,
        "{\"error\":{\"code\":\"usage\",\"message\":\"--json and --format name two forms\",\"hint\":\"ledger verify --format json\",\"exit_code\":2,\"recorded\":null}}\n",
    );
}

#[test]
fn no_ledger_another_file_and_a_later_version_are_told_apart() {
    let shell = Shell::new();
    assert_eq!(shell.ledger("verify --json").error()["code"], "no_ledger");
    for empty in [&b""[..], b"\0\0\0", b"{\"v\":1,\"se"] {
        shell.set_log(empty);
        let ran = shell.ledger("verify --json");
        assert_eq!(
            (ran.status, &ran.error()["code"]),
            (Some(10), &json!("no_ledger"))
        );
    }
    shell.set_log(b"2026-01-01 * lunch\n    expenses  5 EUR\n");
    let ran = shell.ledger("verify --json");
    assert_eq!(
        (ran.status, &ran.error()["code"]),
        (Some(6), &json!("not_a_ledger"))
    );
    let newer = seal(&[
        FIRST.to_owned(),
        deposit(1, "5.00").replacen("\"v\":1", "\"v\":3", 1),
    ]);
    shell.set_log(&newer);
    let ran = shell.ledger("verify --json");
    assert_eq!(
        (ran.status, &ran.error()["code"]),
        (Some(6), &json!("newer_version"))
    );
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_version_that_damage_changed_is_damage_and_not_a_later_version() {
    let shell = given();
    let all = lines(&shell);
    for at in 0..all.len() {
        let mut changed = all.clone();
        changed[at] = changed[at].replacen("{\"v\":1,", "{\"v\":3,", 1);
        shell.set_log(format!("{}\n", changed.join("\n")).as_bytes());
        let ran = shell.ledger("verify --json");
        let number = at as u64 + 1;
        assert_eq!(
            codes(&ran.json()),
            [(number, "hash".to_owned()), (number, "form".to_owned())]
        );
        assert_eq!(shell.ledger("balance --json").error()["code"], "damaged");
    }
}

const SALT: &str = r#""salt":"q83vEjRWeJCrze8SNFZ4kA""#;

/// What it is, the log's lines behind the first, and what must be found: line and code.
type Forgery = (&'static str, Vec<String>, &'static [(u64, &'static str)]);

#[test]
fn forgeries_with_a_chain_that_is_right_are_found_by_form_number_time_and_rules() {
    let movement = |kind: &str, seq: u64, account: &str, amount: &str, more: &str| {
        line(
            seq,
            &format!(
                r#""type":"{kind}","account":"{account}","amount":"{amount}","currency":"EUR"{more}"#
            ),
        )
    };
    let five = deposit(1, "5.00");
    let change = |from: &str, to: &str| {
        assert!(five.contains(from), "{from}");
        vec![five.replacen(from, to, 1)]
    };
    let note = |note: &str| vec![format!("{five} NOTE {note}")];
    let cases: Vec<Forgery> = vec![
        (
            "a key twice",
            change(
                "\"account\":\"main\"",
                "\"account\":\"main\",\"account\":\"main\"",
            ),
            &[(2, "form")],
        ),
        (
            "seq twice",
            change("\"seq\":1", "\"seq\":1,\"seq\":1"),
            &[(2, "form")],
        ),
        (
            "an unknown key",
            change("\"type\"", "\"kind\":1,\"type\""),
            &[(2, "form")],
        ),
        (
            "a key of another type",
            change("\"EUR\"", "\"EUR\",\"floor\":\"0\""),
            &[(2, "form")],
        ),
        (
            "keys out of order",
            change(
                "\"account\":\"main\",\"amount\":\"5.00\"",
                "\"amount\":\"5.00\",\"account\":\"main\"",
            ),
            &[(2, "form")],
        ),
        ("null", change("\"EUR\"", "null"), &[(2, "form")]),
        (
            "a number for an amount",
            change("\"5.00\"", "5.00"),
            &[(2, "form")],
        ),
        (
            "a text for a number",
            change("\"seq\":1", "\"seq\":\"1\""),
            &[(2, "form")],
        ),
        (
            "an array for a text",
            change("\"main\"", "[\"main\"]"),
            &[(2, "form")],
        ),
        (
            "an array for the event",
            vec!["[1,1,\"2026-01-01T00:01:00.000000Z\",\"close\",\"main\"".to_owned()],
            &[(2, "form")],
        ),
        (
            "an array for the note",
            note("[\"q83vEjRWeJCrze8SNFZ4kA\",\"x\"]"),
            &[(2, "form")],
        ),
        (
            "a memo twice",
            note(&format!("{{{SALT},\"memo\":\"a\",\"memo\":\"b\"}}")),
            &[(2, "form")],
        ),
        (
            "tags out of order",
            note(&format!("{{{SALT},\"tags\":{{\"b\":\"1\",\"a\":\"2\"}}}}")),
            &[(2, "form")],
        ),
        (
            "a tag that is a number",
            note(&format!("{{{SALT},\"tags\":{{\"b\":1}}}}")),
            &[(2, "form")],
        ),
        (
            "half of a surrogate pair",
            note(&format!("{{{SALT},\"memo\":\"\\ud800\"}}")),
            &[(2, "form")],
        ),
        (
            "a NUL in a text",
            note(&format!("{{{SALT},\"memo\":\"\0\"}}")),
            &[(2, "form")],
        ),
        (
            "an escape that need not be",
            change("\"main\"", "\"m\\u0061in\""),
            &[(2, "form")],
        ),
        (
            "white space",
            change("\"seq\":1", "\"seq\": 1"),
            &[(2, "form")],
        ),
        (
            "an amount without its minor digits",
            change("5.00", "5"),
            &[(2, "form")],
        ),
        (
            "an amount with too many",
            change("5.00", "5.000"),
            &[(2, "form")],
        ),
        (
            "an amount with a leading zero",
            change("5.00", "05.00"),
            &[(2, "form")],
        ),
        (
            "an amount with a sign",
            change("5.00", "+5.00"),
            &[(2, "form")],
        ),
        (
            "an amount with an exponent",
            change("5.00", "5e0"),
            &[(2, "form")],
        ),
        (
            "an amount of nothing",
            change("5.00", "0.00"),
            &[(2, "form")],
        ),
        (
            "an amount below zero",
            change("5.00", "-5.00"),
            &[(2, "form")],
        ),
        (
            "a currency in small letters",
            change("EUR", "eur"),
            &[(2, "form")],
        ),
        (
            "a time with an offset",
            change("00.000000Z", "00.000000+00:00"),
            &[(2, "form")],
        ),
        (
            "a day that is none",
            change("01-01T", "02-30T"),
            &[(2, "form")],
        ),
        (
            "a second first line",
            vec![FIRST.replacen("\"seq\":0", "\"seq\":1", 1)],
            &[(2, "form")],
        ),
        (
            "more that is false",
            vec![format!("{five},\"more\":false")],
            &[(2, "form")],
        ),
        (
            "a gap",
            vec![five.clone(), deposit(3, "5.00")],
            &[(3, "seq")],
        ),
        (
            "a number twice",
            vec![five.clone(), deposit(1, "5.00")],
            &[(3, "seq")],
        ),
        (
            "a time that goes back",
            vec![
                deposit(1, "5.00").replace("00:01:00", "00:09:00"),
                deposit(2, "5.00"),
            ],
            &[(3, "time")],
        ),
        (
            "a time that goes back behind a gap",
            vec![
                five.clone(),
                deposit(9, "5.00").replace("00:09:00", "00:00:30"),
            ],
            &[(3, "seq"), (3, "time")],
        ),
        (
            "an overdraft",
            vec![five.clone(), movement("withdraw", 2, "main", "5.01", "")],
            &[(3, "insufficient_funds")],
        ),
        (
            "a key used twice",
            vec![
                format!("{five},\"key\":\"k\""),
                format!("{},\"key\":\"k\"", deposit(2, "6.00")),
            ],
            &[(3, "key_conflict")],
        ),
        (
            "a reversal of nothing",
            vec![
                five.clone(),
                movement("withdraw", 2, "main", "5.00", ",\"reverses\":7"),
            ],
            &[(3, "not_reversible")],
        ),
        (
            "a reversal of itself",
            vec![
                five.clone(),
                movement("withdraw", 2, "main", "5.00", ",\"reverses\":2"),
            ],
            &[(3, "not_reversible")],
        ),
        (
            "a reversal of the first line",
            vec![
                five.clone(),
                movement("withdraw", 2, "main", "5.00", ",\"reverses\":0"),
            ],
            &[(3, "not_reversible")],
        ),
        (
            "a reversal of half",
            vec![
                five.clone(),
                movement("withdraw", 2, "main", "2.50", ",\"reverses\":1"),
            ],
            &[(3, "not_reversible")],
        ),
        (
            "a second reversal",
            vec![
                deposit(1, "5.00"),
                deposit(2, "5.00"),
                movement("withdraw", 3, "main", "5.00", ",\"reverses\":1"),
                movement("withdraw", 4, "main", "5.00", ",\"reverses\":1"),
            ],
            &[(5, "already_reversed")],
        ),
        (
            "a withdrawal from nowhere",
            vec![movement("withdraw", 1, "x", "5.00", "")],
            &[(2, "unknown_account")],
        ),
        (
            "another currency",
            vec![five.clone(), deposit(2, "5.00").replace("EUR", "USD")],
            &[(3, "currency_mismatch")],
        ),
        (
            "an account opened twice",
            vec![
                five.clone(),
                line(2, r#""type":"open","account":"main","currency":"EUR""#),
            ],
            &[(3, "account_exists")],
        ),
        (
            "an account closed with money on it",
            vec![five.clone(), line(2, r#""type":"close","account":"main""#)],
            &[(3, "account_not_empty")],
        ),
        (
            "money to a closed account",
            vec![
                line(1, r#""type":"open","account":"main","currency":"EUR""#),
                line(2, r#""type":"close","account":"main""#),
                deposit(3, "5.00"),
            ],
            &[(4, "account_closed")],
        ),
        (
            "several rules at once",
            vec![
                format!("{five},\"key\":\"k\""),
                movement(
                    "withdraw",
                    2,
                    "main",
                    "6.00",
                    ",\"reverses\":9,\"key\":\"k\"",
                ),
            ],
            &[
                (3, "key_conflict"),
                (3, "not_reversible"),
                (3, "insufficient_funds"),
            ],
        ),
        (
            "a rule behind a rule",
            vec![
                movement("withdraw", 1, "x", "1.00", ""),
                movement("withdraw", 2, "y", "1.00", ""),
            ],
            &[(2, "unknown_account"), (3, "unknown_account")],
        ),
        (
            "a rule behind damage is not asked",
            vec![
                five.replacen("5.00", "5", 1),
                movement("withdraw", 2, "main", "99.00", ""),
            ],
            &[(2, "form")],
        ),
    ];
    let shell = Shell::new();
    for (what, forged, expected) in cases {
        let mut log = vec![FIRST.to_owned()];
        log.extend(forged);
        shell.set_log(&seal(&log));
        let ran = shell.ledger("verify --json");
        assert_eq!(ran.status, Some(6), "{what}: {}{}", ran.stdout, ran.stderr);
        let found = codes(&ran.json());
        let found: Vec<(u64, &str)> = found.iter().map(|(l, c)| (*l, c.as_str())).collect();
        assert_eq!(found, expected, "{what}: {}", ran.stdout);
        // There is no balance of two currencies.
        let is_damage = expected
            .iter()
            .any(|(_, c)| matches!(*c, "form" | "seq" | "time" | "currency_mismatch"));
        let balance = shell.ledger("balance");
        assert_eq!(
            balance.status,
            Some(if is_damage { 6 } else { 0 }),
            "{what}: {}",
            balance.stderr
        );
        assert_eq!(balance.stdout.is_empty(), is_damage, "{what}");
        assert!(balance.stderr.len() < 1024, "{what}");
    }
}

#[test]
fn the_forger_of_these_tests_seals_what_is_sound() {
    let shell = Shell::new();
    shell.set_log(&seal(&[
        FIRST.to_owned(),
        deposit(1, "5.00"),
        format!(
            "{} NOTE {{\"salt\":\"q83vEjRWeJCrze8SNFZ4kA\",\"memo\":\"x\"}}",
            deposit(2, "5.00")
        ),
    ]));
    shell
        .ledger("verify")
        .prints("sound: 2 events, head 2:<hex16>\n");
}

#[test]
fn a_first_line_that_says_more_is_damage() {
    let shell = Shell::new();
    shell.set_log(&seal(&[
        format!("{FIRST},\"more\":true"),
        deposit(1, "5.00"),
    ]));
    let ran = shell.ledger("verify --json");
    assert_eq!(
        (ran.status, codes(&ran.json())),
        (Some(6), vec![(1, "form".to_owned())])
    );
}

#[test]
fn figures_come_from_no_damaged_log_and_the_error_is_short() {
    let shell = given();
    let log = shell.log();
    for at in (0..log.len()).step_by(97) {
        let mut damaged = log.clone();
        damaged[at] ^= 0x02;
        shell.set_log(&damaged);
        for command in [
            "balance",
            "history",
            "replay",
            "balance --json",
            "replay --json",
        ] {
            let ran = shell.ledger(command);
            assert_eq!(ran.status, Some(6), "{command}, byte {at}");
            assert!(ran.stderr.len() < 1024, "{command}, byte {at}");
            // A replay shows events as it reads them; what they add up to it does not say.
            assert!(!ran.stdout.contains("\"state\""), "{command}, byte {at}");
            if !command.starts_with("replay") {
                assert_eq!(ran.stdout, "", "{command}, byte {at}");
            }
        }
        shell
            .ledger("deposit 1")
            .fails(6, &shell.ledger("balance").stderr);
        assert_eq!(shell.log(), damaged, "an append to damage changes nothing");
    }
}

/// The program with less memory than the line has bytes.
fn in_little_memory(shell: &Shell, command: &str) -> (Option<i32>, String, String) {
    let mut sh = program("sh");
    let output = sh
        .current_dir(shell.path())
        .env("LEDGER_NOW", crate::harness::NOW)
        .args(["-c", "ulimit -v 90000; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_ledger"))
        .args(command.split(' '))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn a_line_of_a_hundred_megabytes_is_a_short_error_in_little_memory() {
    let shell = given();
    let mut log = shell.log();
    let at = log.len();
    log.resize(at + 100_000_000, b'[');
    log.extend_from_slice(b"\n");
    shell.set_log(&log);
    let reason = "it has 100000000 bytes, a line has at most 65536";
    let (status, stdout, stderr) = in_little_memory(&shell, "balance");
    assert_eq!((status, stdout.as_str()), (Some(6), ""), "{stderr}");
    assert!(stderr.contains(reason) && stderr.len() < 1024, "{stderr}");
    let (status, stdout, stderr) = in_little_memory(&shell, "verify --json");
    assert_eq!(status, Some(6), "{stderr}");
    let answer: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        answer["findings"],
        json!([{"line": 6, "byte": at, "code": "length", "detail": reason}])
    );
    let (status, stdout, stderr) = in_little_memory(&shell, "doctor");
    assert_eq!(status, Some(6), "{stderr}");
    assert!(
        stdout.contains("too_long") && stdout.len() < 1024,
        "{stdout}"
    );
}

#[test]
fn hostile_text_in_a_damaged_line_reaches_no_terminal() {
    let shell = given();
    let mut log = shell.log();
    log.extend_from_slice("{\"v\":1,\"seq\":5,\u{1b}]0;x\u{7}\u{202e}\u{9b}31m\n".as_bytes());
    shell.set_log(&log);
    for command in [
        "balance",
        "verify",
        "doctor",
        "doctor --salvage-to new.jsonl",
    ] {
        let ran = shell.ledger(command);
        assert_eq!(ran.status, Some(6), "{command}");
        for text in [ran.stdout, ran.stderr] {
            let is_harmless = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
            assert!(text.chars().all(is_harmless), "{command}: {text:?}");
        }
    }
}
