use crate::harness::{Shell, lines};

/// An account that is overdrawn twice: once as recorded, once only as it took effect.
fn shell() -> Shell {
    let mut shell = Shell::new();
    for (now, command) in [
        ("2026-01-01T08:00:00Z", "init --currency EUR"),
        ("2026-01-01T08:00:00Z", "open main --floor none"),
        ("2026-01-02T08:00:00Z", "deposit 100 -m salary"),
        ("2026-01-03T08:00:00Z", "withdraw 130 -m rent"),
        ("2026-01-04T08:00:00Z", "deposit 50 -a other"),
        ("2026-01-05T08:00:00Z", "transfer 40 --from other --to main"),
        (
            "2026-01-06T08:00:00Z",
            "withdraw 1 --effective 2026-01-01T09:00:00Z -m late",
        ),
        ("2026-01-07T08:00:00Z", "correct 2 --amount 101"),
    ] {
        shell.at(now).ledger(command).succeeds();
    }
    shell.at(crate::harness::NOW);
    shell
}

#[test]
fn the_first_event_after_which_it_is_not_true_is_shown_with_the_balances_around_it() {
    let shell = shell();
    shell.ledger("bisect 'main >= 0'").prints(
        "\
main >= 0 is not true after event 3: main is -30.00 EUR
#3 withdraw 130.00 EUR from main: rent
recorded 2026-01-03 08:00
Account  Before   After
───────────────────────────
main     100.00  -30.00 EUR
",
    );
    shell.ledger("bisect 'main >= 0' --by effective").prints(
        "\
main >= 0 is not true after event 6: main is -1.00 EUR
#6 withdraw 1.00 EUR from main: late
recorded 2026-01-06 08:00, effective 2026-01-01 09:00
Account  Before  After
──────────────────────────
main       0.00  -1.00 EUR
",
    );
    shell
        .ledger("bisect 'main >= 0' -q")
        .prints("main >= 0 is not true after event 3: main is -30.00 EUR\n");
    shell.ledger("bisect 'main >= 0' --json").prints(&lines(&[
        r#"{"found":true,"assertion":"main >= 0","event":{"v":1,"seq":3,"at":"2026-01-03T08:00:00.000000Z","type":"withdraw","account":"main","amount":"130.00","currency":"EUR","hash":"<hex64>","memo":"rent"},"before":[{"account":"main","balance":"100.00","pending_in":"0.00","pending_out":"0.00","available":"100.00","currency":"EUR"}],"after":[{"account":"main","balance":"-30.00","pending_in":"0.00","pending_out":"0.00","available":"-30.00","currency":"EUR"}],"events":8}"#,
    ]));
}

#[test]
fn of_several_assertions_the_first_that_fails_is_shown() {
    let shell = shell();
    let answer = shell
        .ledger("bisect 'other < 50' 'main < 100' --json")
        .json();
    assert_eq!(answer["assertion"], "main < 100");
    assert_eq!(answer["event"]["seq"], 2);
}

#[test]
fn every_turn_is_shown_if_asked() {
    let shell = shell();
    shell.ledger("bisect '*>=0' --all").prints(
        "\
*>=0 is not true after event 3: * is -30.00 EUR
#3 withdraw 130.00 EUR from main: rent
recorded 2026-01-03 08:00
Account  Before   After
───────────────────────────
main     100.00  -30.00 EUR

*>=0 is true again after event 4: * is 20.00 EUR
#4 deposit 50.00 EUR to other
recorded 2026-01-04 08:00
Account  Before  After
──────────────────────────
other      0.00  50.00 EUR
",
    );
    let turns = shell.ledger("bisect '*>=0' --all --json").json_lines();
    let turns: Vec<_> = turns
        .iter()
        .map(|turn| (turn["event"]["seq"].as_u64(), turn["holds"].as_bool()))
        .collect();
    assert_eq!(turns, [(Some(3), Some(false)), (Some(4), Some(true))]);
    shell
        .ledger("bisect 'main < 1000' --all --json")
        .is(3, "", "");
}

#[test]
fn what_is_true_after_every_event_is_no_find() {
    let shell = shell();
    shell.ledger("bisect 'main < 1000' 'other >= 0'").is(
        3,
        "main < 1000 and other >= 0 are true after each of 8 events\n",
        "",
    );
    shell.ledger("bisect 'main < 1000' --json").is(
        3,
        "{\"found\":false,\"assertion\":\"main < 1000\",\"event\":null,\"before\":[],\"after\":[],\"events\":8}\n",
        "",
    );
    // Events before the first that touches an account of the assertion are not asked.
    shell.ledger("bisect 'other == 50' --until seq:4").is(
        3,
        "until event 4\nother == 50 is true after each of 4 events\n",
        "",
    );
    let answer = shell.ledger("bisect 'main > -31' --without 3 --json");
    assert_eq!(answer.status, Some(3));
    assert_eq!(answer.json()["without"], serde_json::json!([3]));
}

#[test]
fn a_correction_counts_as_one_event() {
    let shell = shell();
    // Event 7 reverses the salary, event 8 replaces it.
    shell.ledger("assert 'main >= -31' --always").prints("");
    let answer = shell.ledger("bisect 'main != 10' --json").json();
    assert_eq!(answer["event"]["seq"], 5);
    let answer = shell.ledger("bisect 'main <= 9' --known-at seq:8 --all --json");
    let turns: Vec<_> = answer
        .json_lines()
        .iter()
        .map(|turn| turn["event"]["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(turns, [2, 3, 5, 6, 8]);
}

#[test]
fn a_mistake_is_told_from_an_answer() {
    let shell = shell();
    for (line, status, message) in [
        (
            "bisect",
            2,
            "error: the following required arguments were not provided: <ASSERTION|--exec <CMD>>\nhint: ledger bisect --help\n",
        ),
        (
            "bisect 'mian >= 0'",
            4,
            "error: there is no account mian\nhint: ledger bisect 'main >= 0'\n",
        ),
        (
            "bisect 'x:* >= 0'",
            4,
            "error: no account matches 'x:*'\nhint: ledger accounts\n",
        ),
        (
            "bisect 'main >= 0 USD'",
            4,
            "error: main holds EUR, not USD\nhint: ledger accounts\n",
        ),
        (
            "bisect 'main => 0'",
            2,
            "error: `=>` is not one of == != < <= > >= in `main => 0`\nhint: ledger bisect 'main >= 0'\n",
        ),
    ] {
        shell.ledger(line).fails(status, message);
    }
}

#[test]
fn a_command_is_asked_as_git_does() {
    let mut shell = shell();
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_ledger"));
    let path = std::env::var("PATH").unwrap();
    shell.with(
        "PATH",
        &format!("{}:{path}", bin.parent().unwrap().display()),
    );
    let ask =
        "ledger assert 'main >= 0' --until $LEDGER_UNTIL 2>/dev/null || test $LEDGER_UNTIL = seq:0";
    let find = |command: &str| shell.run(["bisect", "--until", "seq:4", "--exec", command]);
    find(ask).prints("bad from event 3 on: #3 withdraw 130.00 EUR from main: rent\n");
    let answer = shell
        .run(["bisect", "--json", "--until", "seq:4", "--exec", ask])
        .json();
    assert_eq!(answer["found"], true);
    assert_eq!(answer["event"]["seq"], 3);
    assert_eq!(answer["assertion"], serde_json::Value::Null);
    assert_eq!(answer["events"], 4);
    find("exit 0").is(3, "good after event 4\n", "");
    find("exit 1").is(3, "bad before the first event\n", "");
    find("case $LEDGER_UNTIL in seq:0) ;; seq:4) exit 1;; *) exit 125;; esac").is(
        3,
        "bad from one of the events 1 to 4 on; those between were skipped\n",
        "",
    );
    find("exit 130").fails(
        1,
        "error: the command ended with 130 for event 4: 0 is good, 125 skips, 1 to 127 is bad\n",
    );
    find("kill -9 $$").fails(1, "error: the command was ended by a signal for event 4\n");
    find("echo $LEDGER_UNTIL >> asked; exit 1").is(3, "bad before the first event\n", "");
    let asked = std::fs::read_to_string(shell.file("asked")).unwrap();
    assert_eq!(asked, "seq:4\nseq:0\n");
    shell
        .run(["bisect", "--exec", "true", "--until", "2026"])
        .fails(
            2,
            "error: with --exec, --until is a position, like seq:17\nhint: ledger bisect --exec true --until head\n",
        );
    shell.ledger("bisect --exec true --without 2").fails(
        2,
        "error: --without cannot be used with --exec; the command can leave events out\nhint: ledger bisect --exec true\n",
    );
}
