use crate::harness::{Shell, lines};

#[test]
fn money_goes_from_one_account_to_another_in_one_event() {
    let shell = Shell::given(&["init --currency EUR", "deposit 50"]);
    shell
        .ledger("transfer 20 --from main --to savings -m spare")
        .prints(
            "\
recorded #2 transfer 20.00 EUR from main to savings; main is 30.00 EUR, savings (new account) is 20.00 EUR
head 2:<hex16>
",
        );
    shell.ledger("transfer 5 EUR --from main --to savings --json").prints(&lines(&[r#"{"v":1,"seq":3,"at":"2026-11-23T10:15:02.000000Z","type":"transfer","from":"main","to":"savings","amount":"5.00","currency":"EUR","hash":"<hex64>","replayed":false,"dry_run":false,"balances":[{"account":"main","balance":"25.00","pending_in":"0.00","pending_out":"0.00","available":"25.00","currency":"EUR"},{"account":"savings","balance":"25.00","pending_in":"0.00","pending_out":"0.00","available":"25.00","currency":"EUR"}],"opened":[],"started":false}"#]));
    shell
        .ledger("transfer 1 --from main --to savings -q")
        .prints("");
}

#[test]
fn both_accounts_or_neither() {
    let shell = Shell::given(&["init --currency EUR", "deposit 50", "open b", "close b"]);
    let log = shell.log();
    shell.ledger("transfer 80 --from main --to savings").fails(
        4,
        "\
error: cannot transfer 80.00 EUR from main: balance 50.00 EUR, floor 0.00 EUR
hint: ledger history main
",
    );
    shell.ledger("transfer 5 --from main --to b").fails(
        4,
        "\
error: the account b is closed
hint: ledger open b
",
    );
    shell.ledger("transfer 5 --from mian --to b").fails(
        4,
        "\
error: there is no account mian
hint: ledger transfer 5 --from main --to b
",
    );
    shell.ledger("transfer 5 USD --from main --to b").fails(
        4,
        "\
error: the account b is closed
hint: ledger open b
",
    );
    assert_eq!(shell.log(), log);
}

#[test]
fn the_giver_is_asked_before_the_taker() {
    let shell = Shell::given(&[
        "init --currency EUR",
        "open a",
        "close a",
        "open b",
        "close b",
    ]);
    shell.ledger("transfer 5 --from a --to b").fails(
        4,
        "\
error: the account a is closed
hint: ledger open a
",
    );
    shell.ledger("transfer 5 --from nobody --to b").fails(
        4,
        "\
error: there is no account nobody
hint: ledger open nobody
",
    );
}

#[test]
fn an_account_of_another_currency_takes_nothing() {
    let shell = Shell::given(&["init --currency EUR", "deposit 5", "deposit 5 USD -a usd"]);
    shell.ledger("transfer 5 --from main --to usd").fails(
        4,
        "\
error: usd holds USD, not EUR
hint: ledger accounts
",
    );
    shell.ledger("transfer 5 --from usd --to main --json").fails(4, &lines(&[r#"{"error":{"code":"currency_mismatch","message":"main holds EUR, not USD","hint":"ledger accounts","exit_code":4,"recorded":"no"}}"#]));
}

#[test]
fn a_transfer_needs_two_accounts() {
    let shell = Shell::given(&["init --currency EUR", "deposit 5"]);
    shell.ledger("transfer 5 --from main --to main").fails(
        2,
        "error: a transfer needs two accounts, main is both\nhint: ledger transfer --help\n",
    );
    shell.ledger("transfer 5 --from main").fails(
        2,
        "\
error: the following required arguments were not provided: --to <ACCOUNT>
hint: ledger transfer --help
",
    );
    shell.ledger("transfer 5 --from a --to a --json").fails(2, &lines(&[r#"{"error":{"code":"usage","message":"a transfer needs two accounts, a is both","hint":"ledger transfer --help","exit_code":2,"recorded":"no"}}"#]));
}

#[test]
fn an_amount_below_zero_means_the_other_direction() {
    let shell = Shell::given(&["init --currency EUR"]);
    shell.ledger("transfer -5 --from a --to b").fails(
        2,
        "\
error: an amount must be greater than zero, `-5` is not; did you mean 5, with --from and --to the other way round?
hint: ledger transfer --help
",
    );
}
