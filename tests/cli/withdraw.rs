use crate::harness::{Shell, lines};

#[test]
fn money_leaves_an_account() {
    let shell = Shell::given(&["init --currency EUR", "deposit 50"]);
    shell.ledger("withdraw 20 -m lunch").prints(
        "\
recorded #2 withdraw 20.00 EUR from main; main is 30.00 EUR
head 2:<hex16>
",
    );
    shell.ledger("withdraw 5.5 EUR -a main --json").prints(&lines(&[r#"{"v":1,"seq":3,"at":"2026-11-23T10:15:02.000000Z","type":"withdraw","account":"main","amount":"5.50","currency":"EUR","hash":"<hex64>","replayed":false,"dry_run":false,"balances":[{"account":"main","balance":"24.50","pending_in":"0.00","pending_out":"0.00","available":"24.50","currency":"EUR"}],"opened":[],"started":false}"#]));
    shell.ledger("withdraw 1 -q").prints("");
}

#[test]
fn an_account_does_not_fall_below_its_floor() {
    let shell = Shell::given(&["init --currency EUR", "deposit 50"]);
    shell.ledger("withdraw 80").fails(
        4,
        "\
error: cannot withdraw 80.00 EUR from main: balance 50.00 EUR, floor 0.00 EUR
hint: ledger history main
",
    );
    shell.ledger("withdraw 50.01 --json").fails(4, &lines(&[r#"{"error":{"code":"insufficient_funds","message":"cannot withdraw 50.01 EUR from main: balance 50.00 EUR, floor 0.00 EUR","hint":"ledger history main","exit_code":4,"recorded":"no"}}"#]));
    shell.ledger("withdraw 50").prints(
        "\
recorded #2 withdraw 50.00 EUR from main; main is 0.00 EUR
head 2:<hex16>
",
    );
}

#[test]
fn a_floor_above_zero_holds_too() {
    let shell = Shell::given(&["init --currency EUR", "open main --floor 10", "deposit 50"]);
    shell.ledger("withdraw 45").fails(
        4,
        "\
error: cannot withdraw 45.00 EUR from main: balance 50.00 EUR, floor 10.00 EUR
hint: ledger history main
",
    );
    shell.ledger("withdraw 40").prints(
        "\
recorded #3 withdraw 40.00 EUR from main; main is 10.00 EUR
head 3:<hex16>
",
    );
}

#[test]
fn what_takes_effect_later_does_not_cover_what_leaves_before() {
    let shell = Shell::given(&["init --currency EUR", "deposit 50 --effective 2030"]);
    shell.ledger("withdraw 50").fails(
        4,
        "\
error: cannot withdraw 50.00 EUR from main: balance 50.00 EUR, available 0.00 EUR, floor 0.00 EUR
hint: ledger history main
",
    );
    shell.ledger("withdraw 50 --effective 2030").prints(
        "\
recorded #2 withdraw 50.00 EUR from main; main is 0.00 EUR
head 2:<hex16>
",
    );
}

#[test]
fn an_account_that_is_not_there_has_nothing_to_take() {
    let shell = Shell::given(&["deposit 5 -a savings"]);
    shell.ledger("withdraw 5 -a savngs").fails(
        4,
        "\
error: there is no account savngs
hint: ledger withdraw 5 -a savings
",
    );
    shell.ledger("withdraw 5").fails(
        4,
        "\
error: there is no account main
hint: ledger open main
",
    );
    shell.ledger("withdraw 5 -a savngs --json").fails(4, &lines(&[r#"{"error":{"code":"unknown_account","message":"there is no account savngs","hint":"ledger withdraw 5 -a savings --json","exit_code":4,"recorded":"no"}}"#]));
}

#[test]
fn a_closed_account_has_nothing_to_take() {
    let shell = Shell::given(&["open a", "close a"]);
    shell.ledger("withdraw 5 -a a").fails(
        4,
        "\
error: the account a is closed
hint: ledger open a
",
    );
    shell.ledger("withdraw 5 -a a --json").fails(4, &lines(&[r#"{"error":{"code":"account_closed","message":"the account a is closed","hint":"ledger open a","exit_code":4,"recorded":"no"}}"#]));
}

#[test]
fn another_currency_is_refused() {
    let shell = Shell::given(&["init --currency EUR", "deposit 5", "deposit 5 BTC -a coins"]);
    shell.ledger("withdraw 5 USD").fails(
        4,
        "\
error: main holds EUR, not USD
hint: ledger accounts
",
    );
    shell.ledger("withdraw 5 -a coins").prints(
        "\
recorded #3 withdraw 5 BTC from coins; coins is 0 BTC
head 3:<hex16>
",
    );
    shell.ledger("withdraw BTC5 -a main --json").fails(4, &lines(&[r#"{"error":{"code":"currency_mismatch","message":"main holds EUR, not BTC","hint":"ledger accounts","exit_code":4,"recorded":"no"}}"#]));
    shell.ledger("withdraw 1 BTC -a coins").fails(
        4,
        "\
error: cannot withdraw 1 BTC from coins: balance 0 BTC, floor 0 BTC
hint: ledger history coins
",
    );
}

#[test]
fn an_amount_below_zero_means_the_opposite() {
    let shell = Shell::given(&["init --currency EUR", "deposit 5"]);
    shell.ledger("withdraw -5").fails(
        2,
        "\
error: an amount must be greater than zero, `-5` is not
hint: ledger deposit 5
",
    );
    shell.ledger("withdraw 0").fails(
        2,
        "\
error: an amount must be greater than zero; write an amount like 50, 50.00, 1_000 or '50 EUR'
hint: ledger withdraw --help
",
    );
}

#[test]
fn a_dry_run_decides_and_writes_nothing() {
    let shell = Shell::given(&["init --currency EUR", "deposit 5"]);
    let log = shell.log();
    shell
        .ledger("withdraw 3 -n")
        .prints("would record #2 withdraw 3.00 EUR from main; main is 2.00 EUR\n");
    shell.ledger("withdraw 3 --dry-run --json").prints(&lines(&[r#"{"v":1,"seq":2,"at":"2026-11-23T10:15:02.000000Z","type":"withdraw","account":"main","amount":"3.00","currency":"EUR","replayed":false,"dry_run":true,"balances":[{"account":"main","balance":"2.00","pending_in":"0.00","pending_out":"0.00","available":"2.00","currency":"EUR"}],"opened":[],"started":false}"#]));
    shell.ledger("withdraw 8 -n").fails(
        4,
        "\
error: cannot withdraw 8.00 EUR from main: balance 5.00 EUR, floor 0.00 EUR
hint: ledger history main
",
    );
    assert_eq!(shell.log(), log);
}
