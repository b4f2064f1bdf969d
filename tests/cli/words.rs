//! What is said beside an answer: warnings, notes and the names of what was meant.

use crate::harness::{Shell, lines};

#[test]
fn a_reversal_carries_the_tags_of_what_it_reverses() {
    let shell = Shell::given(&["deposit 50 --tag order=1 --tag a=b -m x", "reverse 1"]);
    let events = shell
        .ledger("replay --tag order=1 --json")
        .succeeds()
        .json_lines();
    assert_eq!(events[1]["event"]["reverses"], 1);
    assert_eq!(events[1]["event"]["tags"], events[0]["event"]["tags"]);
    assert!(events[1]["event"].get("memo").is_none());
    assert_eq!(events[2]["state"]["balances"][0]["balance"], "0");
}

#[test]
fn what_takes_effect_more_than_ten_years_away_is_warned_of() {
    let shell = Shell::given(&["deposit 5"]);
    for (day, warned) in [
        ("0026-03-01", Some("ago")),
        ("2016-11-01", Some("ago")),
        ("2016-12-01", None),
        ("2036-11-01", None),
        ("2036-12-01", Some("from now")),
        ("2062-03-01", Some("from now")),
    ] {
        let warning = warned.map_or_else(String::new, |side| {
            format!("warning: it takes effect on {day}, more than ten years {side}\n")
        });
        let ran = shell
            .ledger(&format!("deposit 5 --effective {day}"))
            .succeeds();
        assert_eq!(ran.stderr, warning);
    }
}

#[test]
fn many_empty_periods_are_one_row() {
    let shell = Shell::given(&["deposit 5", "deposit 5 --effective 0026-03-01 -q"]);
    shell.ledger("report").prints(
        "\
times in UTC, now +00:00
Month                  In  Out  Net  Balance
──────────────────────────────────────────────
0026-03                 5    0    5        5
(24007 empty periods)
2026-11                 5    0    5       10
──────────────────────────────────────────────
Total                  10    0   10       10
",
    );
}

#[test]
fn a_log_with_a_time_of_the_future_is_warned_of_by_every_read_up_to_a_moment() {
    let mut shell = Shell::given(&["deposit 5"]);
    shell.at("2099-01-01T00:00:00Z");
    shell.ledger("deposit 1").succeeds();
    shell.at("2026-11-23T10:15:02Z");
    let warning = "warning: the last event was recorded at 2099-01-01 00:00:00 +00:00, which is after \
                   now: a clock was wrong\n";
    for line in [
        "balance", "history", "accounts", "report", "replay", "why main",
    ] {
        let ran = shell.ledger(&format!("{line} --until 2027")).succeeds();
        assert_eq!(ran.stderr, warning, "{line}");
    }
}

#[test]
fn a_currency_that_iso_does_not_know_and_an_account_like_another_are_pointed_out() {
    let shell = Shell::new();
    let euro = "warning: ISO 4217 has no currency EURO; did you mean EUR?\n";
    assert_eq!(shell.ledger("init --currency EURO").succeeds().stderr, euro);
    let shell = Shell::given(&["init --currency EUR", "deposit 5 -a savings"]);
    assert_eq!(
        shell.ledger("deposit 5 EURO -a other").succeeds().stderr,
        euro
    );
    let said = |line: &str| shell.ledger(line).succeeds().stdout;
    assert!(said("deposit 5 -a savngs").contains("savngs (new account; did you mean savings?)"));
    assert!(said("transfer 1 --from savings --to svings").contains("did you mean savings?"));
    assert!(said("deposit 5 -a cash").contains("cash (new account) is"));
    // Once it is there, it is meant.
    assert!(said("deposit 5 -a savngs").contains("to savngs; savngs is"));
}

#[test]
fn since_after_until_is_pointed_out() {
    let shell = Shell::given(&["deposit 5"]);
    let text = "--since is after --until, so there are no events between them";
    for line in [
        "history",
        "report",
        "replay",
        "export --to jsonl",
        "why main",
    ] {
        let line = format!("{line} --since 2027 --until 2026");
        let ran = shell.ledger(&line).succeeds();
        assert!(
            ran.stderr.starts_with(&format!("warning: {text}\n")),
            "{line}: {ran:?}"
        );
        let ran = shell.ledger(&format!("{line} --json")).succeeds();
        let first = ran.stderr.lines().next().unwrap();
        let first: serde_json::Value = serde_json::from_str(first).unwrap();
        assert_eq!(first["warning"]["message"], text, "{line}");
    }
}

#[test]
fn with_json_every_line_on_standard_error_is_json_and_a_read_says_nothing_of_recording() {
    let mut shell = Shell::given(&[
        "init --zone Europe/Vienna",
        "deposit 5 --effective '2026-03-29 02:30'",
        "deposit 1 --effective 2027",
    ]);
    shell.at("2026-11-23T10:15:02Z");
    for line in [
        "balance --until '2026-10-25 02:30'",
        "balance nobody",
        "history 'x*'",
        "report --since 2027 --until 2026",
        "export --to csv -o x.csv",
        "deposit 1 EURO -a other",
        "deposit 1 --effective '2026-10-25 02:30'",
        "verify --head 1:00000000",
        "show 99",
        "undo --nothing",
    ] {
        let ran = shell.ledger(&format!("{line} --json"));
        for line in ran.stderr.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            let object = value.as_object().unwrap();
            let kind = object.keys().next().unwrap();
            assert!(
                ["note", "warning", "error"].contains(&kind.as_str()),
                "{line}"
            );
        }
        if !line.starts_with("deposit") && !line.starts_with("undo") {
            assert!(
                !ran.stderr.contains("nothing was recorded"),
                "{line}: {}",
                ran.stderr
            );
        }
    }
}

#[test]
fn the_day_of_an_import_is_said_once_above_a_statement() {
    let shell = Shell::new();
    std::fs::write(
        shell.file("bank.csv"),
        "Date,Amount,Memo\n2026-03-01,5.00,one\n2026-03-02,6.00,two\n",
    )
    .unwrap();
    shell
        .ledger("import --from csv bank.csv -a giro --open -q")
        .succeeds();
    let above = "times in UTC, now +00:00\nrecorded 2026-11-23\n";
    let shown = shell.ledger("history giro").succeeds().stdout;
    assert!(shown.starts_with(above), "{shown}");
    assert!(!shown.contains(", recorded"), "{shown}");
    assert!(
        shown.lines().all(|line| !line.ends_with([',', ' '])),
        "{shown}"
    );
}

#[test]
fn an_assertion_that_fails_names_the_event_that_moved_money_last() {
    let shell = Shell::given(&["deposit 5", "deposit 6", "limit main --floor -5"]);
    shell.ledger("assert 'main == 3'").fails(
        3,
        "error: main is 11, not == 3; event 2 (line 3) changed it last\n",
    );
}

#[test]
fn a_bare_command_is_answered_with_a_first_screen() {
    let shell = Shell::new();
    let ran = shell.unchecked(Vec::<String>::new());
    assert_eq!(ran.status, Some(2));
    let shown = format!("{}{}", ran.stdout, ran.stderr);
    assert!((10..=20).contains(&shown.lines().count()), "{shown}");
    assert!(
        shown.lines().all(|line| line.chars().count() <= 80),
        "{shown}"
    );
    // Its first examples work in an empty directory, one after the other.
    let examples = shown
        .lines()
        .filter_map(|line| line.strip_prefix("  ledger "));
    for example in examples {
        let (line, _) = example.split_once("   ").unwrap_or((example, ""));
        shell.ledger(line).succeeds();
    }
    assert!(shell.names().contains(&"ledger.jsonl".to_owned()));
    // Flags alone are no command either, but a mistake.
    let needed = "error: ledger needs a command\nhint: ledger --help\n";
    shell.ledger("--no-pager").fails(2, needed);
    shell.ledger("project").fails(
        2,
        "error: a command is missing\nhint: ledger project --help\n",
    );
    let help = shell.ledger("help").succeeds().stdout;
    for group in ["Write:", "Read:", "Prove:", "Follow and move:", "Care:"] {
        assert!(help.lines().any(|line| line == group), "{group}");
    }
}

#[cfg(unix)]
#[test]
fn files_of_an_export_are_their_owners_own() {
    use std::os::unix::fs::PermissionsExt as _;

    let shell = Shell::given(&["deposit 5"]);
    for format in ["csv", "jsonl", "hledger", "ledger", "beancount", "parquet"] {
        shell
            .ledger(&format!("export --to {format} -o out.{format}"))
            .succeeds();
        let metadata = std::fs::metadata(shell.file(&format!("out.{format}"))).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{format}");
    }
}

#[test]
fn an_empty_batch_says_so() {
    let shell = Shell::new();
    let note = lines(&["note: the batch has no lines; nothing was recorded"]);
    shell.ledger("batch").is(0, "", &note);
    shell.ledger("-q batch").prints("");
    assert!(shell.names().is_empty());
}

#[test]
fn the_format_of_an_import_is_guessed_by_its_name_for_the_hint() {
    let shell = Shell::new();
    for (name, format) in [
        ("giro.csv", "csv"),
        ("may.OFX", "ofx"),
        ("camt.xml", "camt053"),
        ("house.journal", "hledger"),
    ] {
        shell.ledger(&format!("import {name}")).fails(
            2,
            &format!(
                "error: the format is not named\nhint: ledger import {name} --from {format}\n"
            ),
        );
    }
    shell.ledger("import notes").fails(
        2,
        "error: the format is not named; --from csv, ofx, camt053, mt940, hledger or jsonl\n\
         hint: ledger import --help\n",
    );
}

#[test]
fn a_head_that_was_kept_as_text_leads_to_its_position_and_to_a_head_file() {
    let shell = Shell::given(&["deposit 5", "deposit 6", "prove 1 -o r.tlog-proof"]);
    let head = String::from_utf8(shell.ledger("head --until seq:1").raw).unwrap();
    let head = head.trim();
    let (_, hash) = head.split_once(':').unwrap();
    let ran = shell.run(["diff", head, "head"]);
    let hint = format!("\nhint: ledger diff hash:{} head\n", &hash[..16]);
    assert_eq!(ran.status, Some(2));
    let hint = crate::harness::without_hashes(&hint);
    assert!(ran.stderr.ends_with(&hint), "{}", ran.stderr);
    let ran = shell.run(["check", "r.tlog-proof", "--head", head]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.stderr
            .contains("is a head, but a head file is needed here"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_was_corrected_leads_to_the_event_that_stands_in_its_place() {
    let shell = Shell::given(&[
        "deposit 50 -q",
        "correct 1 --amount 51 -q",
        "correct 3 --amount 52 -q",
    ]);
    let reversed = "error: event 1 was reversed before, by event 2\n";
    for (line, hint) in [
        ("correct 1 --amount 53", "ledger correct 5 --amount 53"),
        ("reverse 1", "ledger reverse 5"),
        ("refund 1 1", "ledger refund 5 1"),
    ] {
        let hint = format!("{reversed}hint: {hint}\n");
        shell.ledger(line).fails(4, &hint);
    }
    shell.ledger("reverse 5 -q").succeeds();
    shell
        .ledger("reverse 1")
        .fails(4, &format!("{reversed}hint: ledger show 2\n"));
}
