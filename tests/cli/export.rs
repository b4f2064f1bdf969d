//! What `export` writes, to the letter, and what it refuses.

use crate::harness::{NOW, Ran, Shell, can_run, lines, program};
use crate::sealed::{FIRST, line, seal};
use crate::wild;

/// A few events with all that matters: text that means something to the programs, a time apart, a
/// currency in quotes, an account closed and one opened again, a reversal.
fn books() -> Shell {
    let mut shell = Shell::new();
    for (now, command) in [
        (
            "2026-01-01T08:00:00Z",
            "init --currency EUR --zone Europe/Vienna",
        ),
        ("2026-01-01T08:01:00Z", "open assets:giro --floor -500"),
        (
            "2026-01-02T08:00:00Z",
            "deposit 2500 -a assets:giro -m salary --tag employer=acme --key salary-1",
        ),
        (
            "2026-01-03T08:00:00Z",
            "transfer 900 --from assets:giro --to expenses:rent -m 'rent; January, 2026' --tag 'note=a, b' --tag 'two words=x'",
        ),
        (
            "2026-02-03T23:30:00Z",
            "withdraw 12.5 -a assets:giro --effective '2026-01-30 09:00' -m '=lunch\n\"tea\"'",
        ),
        ("2026-02-05T08:00:00Z", "deposit 30 X99 -a travel"),
        ("2026-02-06T08:00:00Z", "open old"),
        ("2026-02-07T08:00:00Z", "close old"),
        ("2026-02-08T08:00:00Z", "reverse 4"),
    ] {
        shell.at(now).ledger(command).succeeds();
    }
    shell.at(NOW);
    shell
}

#[test]
fn a_csv_has_a_row_an_account_and_its_formulas_are_text() {
    let shell = books();
    let csv = "\
seq,date,effective,at,type,account,other_account,amount,currency,memo,tags,key,reverses,captures,corrects,refunds
2,2026-01-02,2026-01-02T08:00:00.000000Z,2026-01-02T08:00:00.000000Z,deposit,assets:giro,,2500.00,EUR,salary,\"{\"\"employer\"\":\"\"acme\"\"}\",salary-1,,,,
3,2026-01-03,2026-01-03T08:00:00.000000Z,2026-01-03T08:00:00.000000Z,transfer,assets:giro,expenses:rent,-900.00,EUR,\"rent; January, 2026\",\"{\"\"note\"\":\"\"a, b\"\",\"\"two words\"\":\"\"x\"\"}\",,,,,
3,2026-01-03,2026-01-03T08:00:00.000000Z,2026-01-03T08:00:00.000000Z,transfer,expenses:rent,assets:giro,900.00,EUR,\"rent; January, 2026\",\"{\"\"note\"\":\"\"a, b\"\",\"\"two words\"\":\"\"x\"\"}\",,,,,
4,2026-01-30,2026-01-30T08:00:00.000000Z,2026-02-03T23:30:00.000000Z,withdraw,assets:giro,,-12.50,EUR,\"'=lunch\u{1}\"\"tea\"\"\",,,,,,
5,2026-02-05,2026-02-05T08:00:00.000000Z,2026-02-05T08:00:00.000000Z,deposit,travel,,30,X99,,,,,,,
8,2026-02-08,2026-02-08T08:00:00.000000Z,2026-02-08T08:00:00.000000Z,deposit,assets:giro,,12.50,EUR,,,,4,,,
";
    // LineReader end as RFC 4180 says; the one within the memo is the memo's own.
    let csv = csv.replace('\n', "\r\n").replace('\u{1}', "\n");
    shell.ledger("export --to csv").prints(&csv);
}

#[test]
fn a_journal_of_hledger_declares_what_it_uses_and_loses_nothing() {
    let shell = books();
    shell.ledger("export --to hledger").prints(
        r#"; ledger <hex32>, zone Europe/Vienna
; events up to 8:<hex16>

decimal-mark .

commodity 1000.00 EUR
commodity 1000. "X99"

account assets:giro  ; floor: -500.00
account expenses:rent  ; floor: 0.00
account old  ; floor: 0.00, closed: 2026-02-07
account travel  ; floor: 0
account equity:external

; 2026-01-01 open assets:giro
;     seq: 1
;     at: 2026-01-01T08:01:00.000000Z
;     effective-at: 2026-01-01T08:01:00.000000Z
;     type: open
;     account: assets:giro
;     currency: EUR
;     floor: -500.00

2026-01-02 salary
    ; seq: 2
    ; at: 2026-01-02T08:00:00.000000Z
    ; effective-at: 2026-01-02T08:00:00.000000Z
    ; type: deposit
    ; key: salary-1
    ; employer: acme
    assets:giro       2500.00 EUR
    equity:external  -2500.00 EUR

2026-01-03 rent\u{3b} January, 2026
    ; seq: 3
    ; at: 2026-01-03T08:00:00.000000Z
    ; effective-at: 2026-01-03T08:00:00.000000Z
    ; type: transfer
    ; note: a\u{2c} b
    ; tag-1: two words=x
    assets:giro    -900.00 EUR
    expenses:rent   900.00 EUR

2026-01-30 =lunch\n"tea"
    ; seq: 4
    ; at: 2026-02-03T23:30:00.000000Z
    ; effective-at: 2026-01-30T08:00:00.000000Z
    ; type: withdraw
    assets:giro      -12.50 EUR
    equity:external   12.50 EUR

2026-02-05
    ; seq: 5
    ; at: 2026-02-05T08:00:00.000000Z
    ; effective-at: 2026-02-05T08:00:00.000000Z
    ; type: deposit
    travel            30 "X99"
    equity:external  -30 "X99"

; 2026-02-06 open old
;     seq: 6
;     at: 2026-02-06T08:00:00.000000Z
;     effective-at: 2026-02-06T08:00:00.000000Z
;     type: open
;     account: old
;     currency: EUR

; 2026-02-07 close old
;     seq: 7
;     at: 2026-02-07T08:00:00.000000Z
;     effective-at: 2026-02-07T08:00:00.000000Z
;     type: close
;     account: old

2026-02-08
    ; seq: 8
    ; at: 2026-02-08T08:00:00.000000Z
    ; effective-at: 2026-02-08T08:00:00.000000Z
    ; type: deposit
    ; reverses: 4
    assets:giro       12.50 EUR
    equity:external  -12.50 EUR

"#,
    );
}

#[test]
fn a_journal_of_ledger_cli_declares_its_tags_too() {
    let shell = books();
    shell.ledger("export --to ledger --until seq:3 -q").prints(
        r"; ledger <hex32>, zone Europe/Vienna
; events up to 8:<hex16>
; until event 3

commodity EUR
    format 1000.00 EUR

tag at
tag effective-at
tag employer
tag key
tag note
tag seq
tag tag-1
tag type

account assets:giro
    note floor: -500.00
account expenses:rent
    note floor: 0.00
account equity:external

; 2026-01-01 open assets:giro
;     seq: 1
;     at: 2026-01-01T08:01:00.000000Z
;     effective-at: 2026-01-01T08:01:00.000000Z
;     type: open
;     account: assets:giro
;     currency: EUR
;     floor: -500.00

2026-01-02 salary
    ; seq: 2
    ; at: 2026-01-02T08:00:00.000000Z
    ; effective-at: 2026-01-02T08:00:00.000000Z
    ; type: deposit
    ; key: salary-1
    ; employer: acme
    assets:giro       2500.00 EUR
    equity:external  -2500.00 EUR

2026-01-03 rent\u{3b} January, 2026
    ; seq: 3
    ; at: 2026-01-03T08:00:00.000000Z
    ; effective-at: 2026-01-03T08:00:00.000000Z
    ; type: transfer
    ; note: a, b
    ; tag-1: two words=x
    assets:giro    -900.00 EUR
    expenses:rent   900.00 EUR

",
    );
}

#[test]
fn beancount_has_our_names_beside_its_own() {
    let shell = books();
    shell
        .ledger("export --to beancount --account 'old*' --account travel --account assets:giro --since 2026-01-30 -q")
        .prints(
            r#"; ledger <hex32>, zone Europe/Vienna
; events up to 8:<hex16>
; since 2026-01-30 00:00:00 +01:00 (Europe/Vienna)
; only what touches old* travel assets:giro

option "title" "ledger <hex32>"
option "operating_currency" "EUR"

2026-01-30 commodity EUR
2026-01-30 commodity X99

2026-01-30 open Assets:Giro EUR
  ledger-account: "assets:giro"
  floor: "-500.00"
2026-02-06 open Assets:Old EUR
  ledger-account: "old"
  floor: "0.00"
2026-02-05 open Assets:Travel X99
  ledger-account: "travel"
  floor: "0"
2026-01-30 open Equity:External

2026-01-30 * "=lunch\\n\"tea\""
  seq: 4
  at: "2026-02-03T23:30:00.000000Z"
  effective-at: "2026-01-30T08:00:00.000000Z"
  type: "withdraw"
  Assets:Giro      -12.50 EUR
  Equity:External   12.50 EUR

2026-02-05 * ""
  seq: 5
  at: "2026-02-05T08:00:00.000000Z"
  effective-at: "2026-02-05T08:00:00.000000Z"
  type: "deposit"
  Assets:Travel     30 X99
  Equity:External  -30 X99

2026-02-06 custom "open" "old"
  seq: 6
  at: "2026-02-06T08:00:00.000000Z"
  effective-at: "2026-02-06T08:00:00.000000Z"
  type: "open"
  account: "old"
  currency: "EUR"

2026-02-07 custom "close" "old"
  seq: 7
  at: "2026-02-07T08:00:00.000000Z"
  effective-at: "2026-02-07T08:00:00.000000Z"
  type: "close"
  account: "old"

2026-02-08 * ""
  seq: 8
  at: "2026-02-08T08:00:00.000000Z"
  effective-at: "2026-02-08T08:00:00.000000Z"
  type: "deposit"
  reverses: 4
  Assets:Giro       12.50 EUR
  Equity:External  -12.50 EUR

2026-02-07 close Assets:Old
"#,
        );
}

#[test]
fn json_lines_are_events_and_begin_with_what_the_ledger_is() {
    let shell = books();
    shell
        .ledger("export --to jsonl --account expenses:rent")
        .prints(&lines(&[
            r#" {"v":1,"seq":0,"at":"2026-01-01T08:00:00.000000Z","type":"ledger","id":"<hex32>","currency":"EUR","zone":"Europe/Vienna","hash":"<hex64>"}"#,
            r#"{"v":1,"seq":3,"at":"2026-01-03T08:00:00.000000Z","type":"transfer","from":"assets:giro","to":"expenses:rent","amount":"900.00","currency":"EUR","hash":"<hex64>","memo":"rent; January, 2026","tags":{"note":"a, b","two words":"x"}}"#,
        ]));
}

#[test]
fn rows_are_of_the_accounts_that_were_asked_for_and_a_moment_is_said_aside() {
    let shell = books();
    shell
        .ledger("export --to csv -a 'exp*' --known-at 2026-01-31")
        .is(
            0,
            "\
seq,date,effective,at,type,account,other_account,amount,currency,memo,tags,key,reverses,captures,corrects,refunds\r
3,2026-01-03,2026-01-03T08:00:00.000000Z,2026-01-03T08:00:00.000000Z,transfer,expenses:rent,assets:giro,900.00,EUR,\"rent; January, 2026\",\"{\"\"note\"\":\"\"a, b\"\",\"\"two words\"\":\"\"x\"\"}\",,,,,\r
",
            "note: known at 2026-01-31 23:59:59.999999 +01:00 (Europe/Vienna)\n",
        );
    shell.ledger("export --to csv -a 'nobody*'").is(
        0,
        "seq,date,effective,at,type,account,other_account,amount,currency,memo,tags,key,reverses,captures,corrects,refunds\r\n",
        "warning: no account matches 'nobody*'\n",
    );
    shell.ledger("export --to csv -a assets:gir").fails(
        4,
        "\
error: there is no account assets:gir
hint: ledger export --to csv -a assets:giro
",
    );
}

#[test]
fn a_file_is_written_whole_and_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt as _;

    let shell = books();
    shell
        .ledger("export --to csv -o x.csv --until 2026-01")
        .prints(
            "\
until 2026-01-31 23:59:59.999999 +01:00 (Europe/Vienna)
wrote 4 events to x.csv
",
        );
    let written = std::fs::read(shell.file("x.csv")).unwrap();
    let printed = shell.ledger("export --to csv --until 2026-01 -q").raw;
    assert_eq!(written, printed);
    std::fs::set_permissions(shell.file("x.csv"), std::fs::Permissions::from_mode(0o640)).unwrap();
    shell.ledger("export --to csv --output x.csv -q").prints("");
    let metadata = std::fs::metadata(shell.file("x.csv")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
    let written = std::fs::read(shell.file("x.csv")).unwrap();
    assert_eq!(written, shell.ledger("export --to csv").raw);
    shell.ledger("export --to jsonl -o x.jsonl -q").prints("");
    shell.ledger("export --to jsonl -o x.jsonl -q").prints("");
    let names = ["ledger.jsonl", "x.csv", "x.jsonl"];
    assert_eq!(shell.names(), names);
}

#[test]
fn a_file_that_is_written_is_told_in_json() {
    let shell = books();
    let ran = shell
        .ledger("export --to parquet -o x.parquet --json")
        .succeeds();
    let bytes = std::fs::metadata(shell.file("x.parquet")).unwrap().len();
    assert_eq!(
        ran.stdout,
        lines(&[&format!(
            r#"{{"ledger":"<hex32>","seq":8,"hash":"<hex64>","since":null,"until":null,"known_at":null,"format":"parquet","file":"x.parquet","events":8,"bytes":{bytes},"torn_bytes":0}}"#
        )])
    );
    shell.ledger("export --to csv --json").fails(
        2,
        &lines(&[r#"{"error":{"code":"usage","message":"with --json standard output has only JSON, and csv is not JSON","hint":"ledger export --to csv --json --output export.csv","exit_code":2,"recorded":null}}"#]),
    );
    let plain = shell.ledger("export --to jsonl").succeeds();
    shell
        .ledger("export --to jsonl --json -o -")
        .prints(&plain.stdout);
}

#[test]
fn no_log_is_ever_replaced_by_what_is_exported() {
    let shell = books();
    std::fs::hard_link(shell.file("ledger.jsonl"), shell.file("hard")).unwrap();
    std::os::unix::fs::symlink("ledger.jsonl", shell.file("soft")).unwrap();
    std::fs::copy(shell.file("ledger.jsonl"), shell.file("copy")).unwrap();
    let before = shell.log();
    for name in ["ledger.jsonl", "./ledger.jsonl", "hard", "soft"] {
        shell.ledger(&format!("export --to jsonl -o {name}")).fails(
            2,
            &format!(
                "\
error: the output would replace the log itself, {name}
hint: ledger export --to jsonl -o export.txt
"
            ),
        );
    }
    for format in ["jsonl", "csv"] {
        shell
            .ledger(&format!("export --to {format} -o copy"))
            .fails(
                2,
                &format!(
                    "\
error: copy stays as it is: it is a file that this command did not make
hint: ledger export --to {format} -o export.txt
"
                ),
            );
    }
    assert_eq!(shell.log(), before);
    assert_eq!(std::fs::read(shell.file("copy")).unwrap(), before);
    assert_eq!(shell.names(), ["copy", "hard", "ledger.jsonl", "soft"]);
}

#[test]
fn what_is_no_file_is_not_replaced() {
    let shell = books();
    shell.ledger("export --to csv -o /dev/null").fails(
        2,
        "\
error: /dev/null stays as it is: it is not a regular file; send the output there: > /dev/null
hint: ledger export --help
",
    );
    shell.ledger("export --to csv -o .").fails(
        2,
        "\
error: . stays as it is: it is a directory
hint: ledger export --to csv -o export.txt
",
    );
    shell.ledger("export --to csv -o no/x.csv").fails(
        1,
        "\
error: cannot create no/x.csv: No such file or directory (os error 2)
hint: mkdir -p no
",
    );
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn a_file_that_could_not_be_written_to_the_end_stays_as_it_was() {
    let shell = books();
    shell
        .ledger("export --to csv --until seq:1 -o x.journal -q")
        .prints("");
    let before = std::fs::read(shell.file("x.journal")).unwrap();
    let ledger = env!("CARGO_BIN_EXE_ledger");
    let line = format!("ulimit -f 1; exec '{ledger}' export --to hledger -o x.journal");
    let output = program("sh")
        .args(["-c", &line])
        .current_dir(shell.path())
        .output()
        .unwrap();
    Ran::from(output).fails(
        1,
        "error: cannot write x.journal: File too large (os error 27)\n",
    );
    assert_eq!(std::fs::read(shell.file("x.journal")).unwrap(), before);
    assert_eq!(shell.names(), ["ledger.jsonl", "x.journal"]);
}

#[test]
fn of_a_damaged_log_nothing_is_written_anywhere() {
    let shell = books();
    shell.ledger("export --to csv -o x.csv -q").prints("");
    let before = std::fs::read(shell.file("x.csv")).unwrap();
    let mut log = shell.log();
    let at = log.len() - 200;
    log[at] ^= 1;
    shell.set_log(&log);
    for format in ["csv", "jsonl", "hledger", "ledger", "beancount", "parquet"] {
        let ran = shell.ledger(&format!("export --to {format}"));
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(6), ""), "{format}");
        let ran = shell.ledger(&format!("export --to {format} -o x.csv"));
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(6), ""), "{format}");
    }
    assert_eq!(std::fs::read(shell.file("x.csv")).unwrap(), before);
    assert_eq!(shell.names(), ["ledger.jsonl", "x.csv"]);
}

#[test]
fn a_torn_tail_does_not_count_and_is_said() {
    let shell = books();
    let whole = shell.ledger("export --to hledger").stdout;
    let mut log = shell.log();
    log.extend_from_slice(b"{\"v\":1,\"se");
    shell.set_log(&log);
    shell.ledger("export --to hledger").is(
        0,
        &whole,
        "warning: the log ends in 10 bytes of an append that never finished; they do not count\n",
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    // More than waits before it is handed over.
    let shell = Shell::new();
    shell.set_log(&wild::log(3, 600));
    for format in ["csv", "jsonl", "hledger", "ledger", "beancount", "parquet"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = shell
            .command()
            .args(["export", "--to", format])
            .stdout(writer)
            .output()
            .unwrap();
        let broken = "warning: event 1 breaks a rule of the ledger and counts all the same: \
                      ledger verify\n";
        Ran::from(output).is(0, "", broken);
    }
}

#[test]
fn on_a_terminal_text_is_harmless_and_parquet_is_refused() {
    let shell = Shell::given(&["deposit 5 -m 'a\u{1b}[31mb\u{202e}'"]);
    if !can_run("exports on a terminal", "script", &["--version"]) {
        return;
    }
    let on_a_terminal = |line: &str| {
        let ledger = env!("CARGO_BIN_EXE_ledger");
        program("script")
            .args(["-qec", &format!("'{ledger}' {line}"), "/dev/null"])
            .current_dir(shell.path())
            .env("TERM", "dumb")
            .output()
            .unwrap()
    };
    let ran = on_a_terminal("export --to csv");
    let text = String::from_utf8(ran.stdout).unwrap();
    assert!(text.contains(r",a\u{1b}[31mb\u{202e},"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    let text = String::from_utf8(on_a_terminal("export --to jsonl").stdout).unwrap();
    assert!(text.contains(r#""memo":"a\u001b[31mb\u202e""#), "{text}");
    let refused = on_a_terminal("export --to parquet");
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(refused.stdout).unwrap(),
        "error: refusing to write binary parquet to a terminal\r\nhint: ledger export --to parquet --output export.parquet\r\n"
    );
}

#[test]
fn the_account_outside_makes_way_for_one_of_that_name() {
    let shell = Shell::given(&["deposit 5 -a equity:external"]);
    let journal = shell.ledger("export --to hledger").succeeds().stdout;
    assert!(
        journal.contains("    equity:external     5\n    equity:external-2  -5\n"),
        "{journal}"
    );
    let beans = shell.ledger("export --to beancount").succeeds().stdout;
    assert!(
        beans
            .contains("  Equity:External-2   5 NO-CURRENCY\n  Equity:External    -5 NO-CURRENCY\n"),
        "{beans}"
    );
    assert!(
        beans.contains("  ledger-account: \"equity:external\"\n"),
        "{beans}"
    );
}

#[test]
fn accounts_that_are_keywords_of_ledger_cli_are_marked() {
    let shell = Shell::given(&["deposit 5 -a check", "transfer 2 --from check --to expr"]);
    let journal = shell.ledger("export --to ledger").succeeds().stdout;
    assert!(
        journal.contains("    * check  -2\n    * expr    2\n"),
        "{journal}"
    );
}

#[test]
fn an_account_that_is_opened_again_is_not_closed_in_beancount() {
    let shell = Shell::given(&["open a", "close a", "open a", "open b", "close b"]);
    let beans = shell.ledger("export --to beancount").succeeds().stdout;
    let closed: Vec<&str> = beans
        .lines()
        .filter(|line| line.contains(" close "))
        .collect();
    assert_eq!(closed, ["2026-11-23 close Assets:B"]);
    let opened = beans.lines().filter(|line| line.contains(" open Assets:A"));
    assert_eq!(opened.count(), 1);
}

#[test]
fn an_event_ahead_of_its_accounts_opening_opens_it_that_day() {
    let shell = Shell::given(&["open a", "deposit 5 -a a --effective 2020-02-29"]);
    let beans = shell.ledger("export --to beancount").succeeds().stdout;
    assert!(
        beans.contains("\n2020-02-29 open Assets:A NO-CURRENCY\n"),
        "{beans}"
    );
}

#[test]
fn a_day_that_ledger_cli_does_not_know_is_refused_before_the_first_byte() {
    let shell = Shell::given(&["deposit 5 --effective 1399-12-31", "deposit 7"]);
    shell.ledger("export --to ledger -o x.ledger").fails(
        2,
        "\
error: event 1 took effect on 1399-12-31, but ledger supports no date before 1400-01-01
hint: ledger export --to ledger -o x.ledger --since 1400-01-01
",
    );
    assert_eq!(shell.names(), ["ledger.jsonl"]);
    shell
        .ledger("export --to ledger -q --since 1400-01-01")
        .succeeds();
    shell.ledger("export --to hledger").succeeds();
}

#[test]
fn what_was_redacted_is_said_to_be() {
    let shell = Shell::new();
    shell.set_log(&seal(&[
        FIRST.to_owned(),
        line(
            1,
            r#""type":"deposit","account":"main","amount":"5.00","currency":"EUR""#,
        ) + " NOTE \""
            + &"ab".repeat(32)
            + "\"",
    ]));
    for (format, said) in [
        ("hledger", "    ; redacted: true\n"),
        ("beancount", "  redacted: \"true\"\n"),
        ("jsonl", ",\"note\":\"<hex64>\"}\n"),
    ] {
        let text = shell
            .ledger(&format!("export --to {format}"))
            .succeeds()
            .stdout;
        assert!(text.contains(said), "{text}");
    }
}
