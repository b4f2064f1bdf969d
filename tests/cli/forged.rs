//! Logs whose chain is right, but which no ledger of this version wrote: an unknown zone, and two
//! currencies on one account.

use crate::harness::{Shell, lines};
use crate::sealed::{FIRST, after, deposit, line, seal};
use crate::watch::Following;

fn on_mars() -> Shell {
    let shell = Shell::new();
    let first = FIRST.replace("\"UTC\"", "\"Mars/Olympus\"");
    shell.set_log(&seal(&[first, deposit(1, "5.00")]));
    shell
}

const UTC: &str = "warning: the zone Mars/Olympus is not known here: times and days are in UTC\n";

#[test]
fn an_unknown_zone_is_a_finding_that_leaves_the_log_sound() {
    let shell = on_mars();
    shell.ledger("verify").prints(
        "\
line 1, byte 0: zone: `Mars/Olympus` is not the name of a time zone that is known here
sound: 1 event, head 1:<hex16>
",
    );
    let answer = shell.ledger("verify --json").succeeds().json();
    assert_eq!(answer["ok"], true);
    assert_eq!(answer["findings"][0]["code"], "zone");
    shell.ledger("doctor").prints(
        "\
line 1, byte 0: unknown_zone: `Mars/Olympus` is not the name of a time zone that is known here
  fix: install a newer ledger, or write times with their offset: 2026-11-23T10:15:02+01:00
./ledger.jsonl is sound: 1 event, head 1:<hex16>
",
    );
    shell.ledger("verify --format github").prints(
        "\
::warning file=ledger.jsonl,line=1,title=ledger verify%3A zone at line 1::byte 0: `Mars/Olympus` is not the name of a time zone that is known here
ledger verify: 7 of 7 checks passed in ./ledger.jsonl
",
    );
}

#[test]
fn reads_of_a_log_in_an_unknown_zone_show_utc_and_warn() {
    let shell = on_mars();
    shell.ledger("balance --until 2026-01-01").is(
        0,
        "\
until 2026-01-01 23:59:59.999999 +00:00 (UTC)
Account  Balance
────────────────────
main        5.00 EUR
",
        UTC,
    );
    for command in [
        "balance -q",
        "history",
        "replay",
        "report",
        "show 1",
        "accounts",
        "head",
        "export --to csv",
        "assert 'main == 5'",
        "watch --since seq:0 --no-follow -q",
    ] {
        let ran = shell.ledger(command).succeeds();
        assert_eq!(ran.stderr, UTC, "{command}");
    }
    shell.ledger("balance -q --json").succeeds();
    let ran = shell.ledger("head --json").succeeds();
    assert_eq!(
        ran.stderr,
        lines(&[
            r#"{"warning":{"code":"unknown_zone","message":"the zone Mars/Olympus is not known here: times and days are in UTC"}}"#
        ])
    );
}

#[test]
fn writes_go_on_in_an_unknown_zone_unless_they_need_it() {
    let mut shell = on_mars();
    shell.at("2026-02-20T10:00:00Z");
    shell.ledger("deposit 1 -q").prints("");
    shell
        .ledger("deposit 1 -q --effective 2026-01-01T09:00:00+02:00")
        .prints("");
    shell
        .ledger("deposit 1 -q --effective '90m ago'")
        .prints("");
    for (command, hint) in [
        (
            "deposit 1 --effective 2026-02-01",
            "deposit 1 --effective 2026-02-01T00:00:00.000000Z",
        ),
        (
            "deposit 1 --effective '2026-02-01 10:15'",
            "deposit 1 --effective 2026-02-01T10:15:00.000000Z",
        ),
        (
            "deposit 1 --effective yesterday",
            "deposit 1 --effective 2026-02-19T00:00:00.000000Z",
        ),
        ("seal 2026-01", "seal 2026-01-31T23:59:59.999999Z"),
    ] {
        let ran = shell.ledger(command);
        assert_eq!(ran.status, Some(2), "{command}");
        let hint = format!("hint: ledger {hint}\n");
        assert!(ran.stderr.ends_with(&hint), "{command}: {}", ran.stderr);
        let json = shell.ledger(&format!("{command} --json")).error();
        assert_eq!(json["code"], "invalid_time", "{command}");
    }
    shell.ledger("deposit 1 --effective 2026-02-01").fails(
        2,
        "\
error: `2026-02-01` depends on the ledger's zone, Mars/Olympus, which this ledger program does not know
hint: ledger deposit 1 --effective 2026-02-01T00:00:00.000000Z
",
    );
    let batch = b"{\"type\":\"deposit\",\"amount\":\"1\"}\n{\"type\":\"deposit\",\"amount\":\"1\",\"effective\":\"2026-02\"}\n";
    let ran = shell.ledger_with_input("batch --keep-going -q", batch);
    assert_eq!(ran.status, Some(2));
    shell.ledger("balance -q").is(0, "9.00\n", UTC);
}

#[test]
fn an_unknown_zone_of_a_damaged_first_line_is_damage() {
    let shell = Shell::new();
    let log = String::from_utf8(seal(&[FIRST.to_owned(), deposit(1, "5.00")])).unwrap();
    shell.set_log(log.replacen("\"UTC\"", "\"UTD\"", 1).as_bytes());
    let ran = shell.ledger("balance");
    assert_eq!(ran.status, Some(6));
    assert!(
        ran.stderr.contains("its hash does not match"),
        "{}",
        ran.stderr
    );
}

fn two_currencies() -> Shell {
    let shell = Shell::new();
    let foreign = r#""type":"deposit","account":"main","amount":"5.00","currency":"USD""#;
    shell.set_log(&seal(&[
        FIRST.to_owned(),
        deposit(1, "5.00"),
        line(2, foreign),
        deposit(3, "1.00"),
    ]));
    shell
}

#[test]
fn an_event_in_another_currency_than_its_account_is_damage_for_every_reader() {
    let shell = two_currencies();
    for command in [
        "balance",
        "balance -q",
        "balance main --json",
        "history",
        "history main",
        "replay",
        "accounts",
        "show 1",
        "diff seq:1 head",
        "report",
        "assert 'main == 5'",
        "export --to csv",
        "watch --no-follow --since seq:0",
        "project sqlite books.db",
        "deposit 1",
        "deposit 1 -n",
        "undo",
    ] {
        let ran = shell.ledger(command);
        assert_eq!(ran.status, Some(6), "{command}: {}", ran.stderr);
        assert!(!ran.stdout.contains("10.00"), "{command}: {}", ran.stdout);
    }
    shell.ledger("balance").fails(
        6,
        "\
error: ./ledger.jsonl is damaged: line 3, byte 403: main is in EUR, but this event is in USD
hint: ledger doctor
",
    );
}

#[test]
fn a_foreign_currency_is_in_no_figure_and_detected_by_what_counts_its_account() {
    // Long enough for a checkpoint, which is made before the foreign event is there.
    let mut shell = Shell::new();
    shell.at("2026-01-01T00:00:00Z");
    let batch: String = (0..6000)
        .map(|number| {
            let account = ["main", "other"][number % 2];
            let memo = "x".repeat(100);
            format!("{{\"type\":\"deposit\",\"account\":\"{account}\",\"amount\":\"1\",\"memo\":\"{memo}\"}}\n")
        })
        .collect();
    shell.ledger("init --currency EUR -q").succeeds();
    let ran = shell.ledger_with_input("batch -q", batch.as_bytes());
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    shell.ledger("balance main -q").prints("3000.00\n");
    let mut log = String::from_utf8(shell.log()).unwrap();
    let (_, last) = log.rsplit_once("\"hash\":\"").unwrap();
    let before = last[..64].to_owned();
    let foreign = r#"{"v":1,"seq":6001,"at":"2026-01-02T00:00:00.000000Z","type":"deposit","account":"main","amount":"5.00","currency":"USD""#;
    log += &after(&before, foreign);
    shell.set_log(log.as_bytes());
    shell.at("2026-01-03T00:00:00Z");

    let detects = |line: &str| {
        let ran = shell.ledger(line);
        assert_eq!(ran.status, Some(6), "{line}: {ran:?}");
        assert!(!ran.stdout.contains("300"), "{line}: {ran:?}");
    };
    for line in [
        "verify",
        "doctor",
        "balance",
        "balance main",
        "balance other --no-cache",
        "accounts",
        "report",
        "history main --limit 1",
        "deposit 1",
        "deposit 1 -a other --no-cache",
    ] {
        detects(line);
    }
    let broken = &BROKEN.replace("event 2", "event 6001");
    for line in [
        "balance main -q --until seq:6000",
        "balance main -q --until 2026-01-01",
        "balance main -q --known-at 2026-01-01",
        "balance main -q --known-at 2026-01-01 --no-cache",
        "balance other -q",
    ] {
        shell.ledger(line).is(0, "3000.00\n", broken);
    }
    shell.ledger("deposit 1 -a other -q").prints("");
    shell.ledger("balance other -q").is(0, "3001.00\n", broken);
    detects("balance main");
}

#[test]
fn the_way_on_from_two_currencies_is_the_log_before_them() {
    let shell = two_currencies();
    shell.ledger("verify").is(
        6,
        "\
line 3, byte 403: currency_mismatch: main holds EUR, not USD
1 finding against the rules, every line sound: 3 events, head 3:<hex16>
",
        "hint: ledger doctor\n",
    );
    shell.ledger("doctor").is(
        6,
        "\
line 3, byte 403: other_currency: main holds EUR, not USD
  fix: take the log from a copy without this event, or salvage what is before it
./ledger.jsonl is whole line by line: 3 events, head 3:<hex16>
",
        "hint: ledger doctor --salvage-to ./ledger.salvaged.jsonl\n",
    );
    let before = shell.log();
    shell
        .ledger("doctor --salvage-to ./ledger.salvaged.jsonl")
        .is(
            6,
            "\
line 3, byte 403: other_currency: main holds EUR, not USD
  fix: take the log from a copy without this event, or salvage what is before it
salvaged 1 event to ./ledger.salvaged.jsonl, head 1:<hex16>
2 lines were left out:
  line 3, byte 403: main is in EUR, but this event is in USD
    {\"v\":1,\"seq\":2,\"at\":\"2026-01-01T00:02:00.000000Z\",\"type\":\"d…
  line 4, byte 595: it follows that event
    {\"v\":1,\"seq\":3,\"at\":\"2026-01-01T00:03:00.000000Z\",\"type\":\"d…
",
            "",
        );
    assert_eq!(shell.log(), before);
    shell
        .ledger("balance -q -f ledger.salvaged.jsonl")
        .prints("5.00\n");
}

#[test]
fn an_event_without_its_currency_and_a_hold_in_another_are_damage_too() {
    for rest in [
        r#""type":"deposit","account":"main","amount":"5""#,
        r#""type":"deposit","account":"new","amount":"5""#,
        r#""type":"transfer","from":"main","to":"new","amount":"5.00","currency":"USD""#,
    ] {
        let shell = Shell::new();
        shell.set_log(&seal(&[
            FIRST.to_owned(),
            deposit(1, "9.00"),
            line(2, rest),
        ]));
        let ran = shell.ledger("balance");
        assert_eq!(ran.status, Some(6), "{rest}: {}", ran.stderr);
    }
    let shell = Shell::new();
    let hold = line(
        2,
        r#""type":"hold","from":"main","amount":"5.00","currency":"USD""#,
    );
    let hold = hold.replacen("\"v\":1", "\"v\":2", 1);
    shell.set_log(&seal(&[FIRST.to_owned(), deposit(1, "9.00"), hold]));
    let ran = shell.ledger("balance");
    assert_eq!(ran.status, Some(6), "{}", ran.stderr);
}

#[test]
fn the_hint_of_an_audit_is_about_the_file_that_was_audited() {
    let shell = two_currencies();
    std::fs::rename(shell.file("ledger.jsonl"), shell.file("old books.jsonl")).unwrap();
    let ran = shell.ledger("verify -f 'old books.jsonl'");
    assert_eq!(ran.stderr, "hint: ledger --file 'old books.jsonl' doctor\n");
    let ran = shell.ledger("doctor -f 'old books.jsonl'");
    assert_eq!(
        ran.stderr,
        "hint: ledger --file 'old books.jsonl' doctor --salvage-to 'old books.salvaged.jsonl'\n"
    );
    let answer = shell.ledger("doctor --json -f 'old books.jsonl'").json();
    assert_eq!(
        answer["fix"],
        "ledger --file 'old books.jsonl' doctor --salvage-to 'old books.salvaged.jsonl'"
    );
}

#[test]
fn undo_writes_no_event_of_another_type_in_place_of_a_correction() {
    let shell = Shell::new();
    let opened = line(1, r#""type":"open","account":"main","currency":"EUR""#);
    let limit = line(2, r#""type":"limit","account":"main","floor":"-5.00""#);
    let corrects =
        format!(r#"{},"corrects":2"#, deposit(3, "7.00")).replace(r#""v":1"#, r#""v":2"#);
    shell.set_log(&seal(&[FIRST.to_owned(), opened, limit, corrects]));
    let before = shell.log();
    shell.ledger("undo").fails(
        4,
        "\
error: cannot reverse event 3: what claims to correct it does not replace it
hint: ledger verify
",
    );
    assert_eq!(shell.log(), before);
}

/// A log below its floor: 3.00 EUR came, 5.00 EUR left.
pub(crate) fn overdrawn(later: u64) -> Shell {
    let shell = Shell::new();
    let withdraw = |seq, amount| deposit(seq, amount).replace("deposit", "withdraw");
    let mut log = vec![
        FIRST.to_owned(),
        deposit(1, "3.00"),
        withdraw(2, "5.00"),
        deposit(3, "7.00"),
    ];
    log.extend(
        (4..4 + later)
            .map(|seq| deposit(3, "1.00").replace(r#""seq":3"#, &format!(r#""seq":{seq}"#))),
    );
    shell.set_log(&seal(&log));
    shell
}

const BROKEN: &str =
    "warning: event 2 breaks a rule of the ledger and counts all the same: ledger verify\n";

#[test]
fn a_read_of_a_log_whose_rules_are_broken_says_so_in_one_warning() {
    let shell = overdrawn(0);
    shell.ledger("balance -q").is(0, "5.00\n", BROKEN);
    for command in [
        "balance --until seq:1",
        "balance --no-cache",
        "history",
        "replay",
        "report",
        "show 1",
        "accounts",
        "diff seq:1 seq:3",
        "why main",
        "holds",
        "export --to csv",
        "assert 'main == 5'",
        "head",
        "head --tree",
        "prove 1",
        "watch --since seq:0 --no-follow -q",
        "watch --no-follow -q",
        "project sqlite new.db",
        "project sqlite new.db",
    ] {
        let ran = shell.ledger(command).succeeds();
        assert_eq!(ran.stderr, BROKEN, "{command}");
    }
    let ran = shell.ledger("balance --json").succeeds();
    assert_eq!(
        ran.stderr,
        lines(&[
            r#"{"warning":{"code":"broken_rules","message":"event 2 breaks a rule of the ledger and counts all the same: ledger verify"}}"#
        ])
    );
    let mut verified = shell.ledger("verify");
    verified.status = verified.status.filter(|status| *status != 6);
    assert_eq!(verified.status, None, "{}", verified.stdout);
}

#[test]
fn while_a_log_is_followed_the_warning_of_broken_rules_does_not_wait_for_the_end() {
    let shell = overdrawn(0);
    for command in ["watch --since seq:0 -q", "project sqlite new.db --follow"] {
        let mut following = Following::start(&shell, command);
        assert_eq!(following.is_ready(), BROKEN, "{command}");
        following.signal("TERM");
        assert_eq!(following.ends().stderr, "", "{command}");
    }
}

#[test]
fn a_read_from_a_checkpoint_warns_of_broken_rules_too() {
    let shell = overdrawn(6000);
    for command in [
        "balance",
        "balance",
        "balance main",
        "balance --until seq:1",
        "show 5",
    ] {
        let ran = shell.ledger(command).succeeds();
        assert_eq!(ran.stderr, BROKEN, "{command}");
    }
    let checkpoint = shell.caches().join("ledger");
    assert!(checkpoint.read_dir().unwrap().next().is_some());
}
