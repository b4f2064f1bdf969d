use crate::harness::{Shell, lines};

#[test]
fn a_log_is_started_with_its_currency_and_zone() {
    let shell = Shell::new();
    shell
        .ledger("init --currency EUR --zone Europe/Vienna")
        .prints(
            "\
recorded #0 ledger <hex32> in EUR, zone Europe/Vienna
head 0:<hex16>
",
        );
    shell.ledger("accounts").prints(
        "\
times in Europe/Vienna, now +01:00
no accounts
",
    );
}

#[test]
fn json_has_the_first_line_and_no_balances() {
    let shell = Shell::new();
    shell.ledger("init --currency CHF --strict --json").prints(&lines(&[r#"{"v":1,"seq":0,"at":"2026-11-23T10:15:02.000000Z","type":"ledger","id":"<hex32>","currency":"CHF","zone":"UTC","strict":true,"hash":"<hex64>","replayed":false,"dry_run":false,"balances":[],"opened":[],"started":false}"#]));
}

#[test]
fn quiet_prints_nothing() {
    let shell = Shell::new();
    shell.ledger("init -q").prints("");
}

#[test]
fn a_dry_run_writes_nothing() {
    let shell = Shell::new();
    shell
        .ledger("init --currency EUR -n")
        .prints("would record #0 ledger <hex32> in EUR, zone UTC\n");
    shell.ledger("init -n --json").prints(&lines(&[r#"{"v":1,"seq":0,"at":"2026-11-23T10:15:02.000000Z","type":"ledger","id":"<hex32>","zone":"UTC","replayed":false,"dry_run":true,"balances":[],"opened":[],"started":false}"#]));
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn a_log_that_is_there_is_not_touched() {
    let shell = Shell::given(&["init --currency EUR"]);
    shell.ledger("init").fails(
        4,
        "\
error: there is already a ledger at ./ledger.jsonl
hint: ledger accounts
",
    );
    shell.ledger("init --json").fails(4, &lines(&[r#"{"error":{"code":"ledger_exists","message":"there is already a ledger at ./ledger.jsonl","hint":"ledger accounts","exit_code":4,"recorded":"no"}}"#]));
    shell.ledger("init --currency EUR -n").fails(
        4,
        "\
error: there is already a ledger at ./ledger.jsonl
hint: ledger accounts
",
    );
}

#[test]
fn an_unknown_zone_is_refused_with_the_one_that_was_likely_meant() {
    let shell = Shell::new();
    shell.ledger("init --zone Europe/Wien").fails(
        2,
        "\
error: `Europe/Wien` is not the name of a time zone
hint: ledger init --zone Europe/Kiev
",
    );
    shell.ledger("init --zone europe/vienna").fails(
        2,
        "\
error: `europe/vienna` is not the name of a time zone
hint: ledger init --zone Europe/Vienna
",
    );
    shell.ledger("init --zone Vienna").fails(
        2,
        "\
error: `Vienna` is not the name of a time zone
hint: ledger init --zone Europe/Vienna
",
    );
    shell.ledger("init --zone +01:00").fails(
        2,
        "\
error: `+01:00` is not the name of a time zone; zones have IANA names such as Europe/Vienna, America/New_York or UTC
hint: ledger init --help
",
    );
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn a_currency_that_is_none_is_refused() {
    let shell = Shell::new();
    shell.ledger("init --currency eur").fails(
        2,
        "\
error: `eur` is not a currency: 3 to 8 of A-Z and 0-9, starting with a letter
hint: ledger init --currency EUR
",
    );
    shell.ledger("init --currency E").fails(
        2,
        "\
error: `E` is not a currency: 3 to 8 of A-Z and 0-9, starting with a letter
hint: ledger init --help
",
    );
    shell.ledger("init --currency 1E5 --json").fails(2, &lines(&[r#"{"error":{"code":"invalid_currency","message":"`1E5` is not a currency: 3 to 8 of A-Z and 0-9, starting with a letter","hint":"ledger init --help","exit_code":2,"recorded":"no"}}"#]));
}

#[test]
fn a_strict_ledger_wants_accounts_opened_first() {
    let shell = Shell::given(&["init --strict"]);
    shell.ledger("deposit 5").fails(
        4,
        "\
error: there is no account main
hint: ledger open main
",
    );
    shell.ledger("transfer 5 --from a --to b").fails(
        4,
        "\
error: there is no account a
hint: ledger open a
",
    );
    shell.ledger("open main").succeeds();
    shell.ledger("deposit 5").prints(
        "\
recorded #2 deposit 5 to main; main is 5
head 2:<hex16>
",
    );
}

#[test]
fn what_init_may_say_besides() {
    let shell = Shell::new();
    shell.ledger("init -m 'our household' --tag year=2026 --key start --json").prints(&lines(&[r#"{"v":1,"seq":0,"at":"2026-11-23T10:15:02.000000Z","type":"ledger","id":"<hex32>","zone":"UTC","key":"start","hash":"<hex64>","memo":"our household","tags":{"year":"2026"},"replayed":false,"dry_run":false,"balances":[],"opened":[],"started":false}"#]));
    shell.ledger("init -m 'our household' --tag year=2026 --key start --json").prints(&lines(&[r#"{"v":1,"seq":0,"at":"2026-11-23T10:15:02.000000Z","type":"ledger","id":"<hex32>","zone":"UTC","key":"start","hash":"<hex64>","memo":"our household","tags":{"year":"2026"},"replayed":true,"dry_run":false,"balances":[],"opened":[],"started":false}"#]));
}
