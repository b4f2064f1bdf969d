use crate::harness::{Shell, lines};

#[test]
fn a_floor_is_set() {
    let shell = Shell::given(&["init --currency EUR", "deposit 5"]);
    shell.ledger("limit main --floor -100").prints(
        "\
recorded #2 limit main, floor -100.00
head 2:<hex16>
",
    );
    shell.ledger("withdraw 105").prints(
        "\
recorded #3 withdraw 105.00 EUR from main; main is -100.00 EUR
head 3:<hex16>
",
    );
    shell.ledger("withdraw 0.01").fails(
        4,
        "\
error: cannot withdraw 0.01 EUR from main: balance -100.00 EUR, floor -100.00 EUR
hint: ledger history main
",
    );
    shell.ledger("limit main --floor none").prints(
        "\
recorded #4 limit main, floor none
head 4:<hex16>
",
    );
    shell.ledger("withdraw 0.01").prints(
        "\
recorded #5 withdraw 0.01 EUR from main; main is -100.01 EUR
head 5:<hex16>
",
    );
    shell.ledger("limit main --floor -1.5 --json").prints(&lines(&[r#"{"v":1,"seq":6,"at":"2026-11-23T10:15:02.000000Z","type":"limit","account":"main","floor":"-1.50","hash":"<hex64>","replayed":false,"dry_run":false,"balances":[{"account":"main","balance":"-100.01","pending_in":"0.00","pending_out":"0.00","available":"-100.01","currency":"EUR"}],"opened":[],"started":false}"#]));
}

#[test]
fn an_account_that_is_unknown_or_closed_has_no_floor_to_set() {
    let shell = Shell::given(&[
        "init --currency EUR",
        "open savings",
        "close savings",
        "open giro",
    ]);
    shell.ledger("limit gior --floor 5").fails(
        4,
        "\
error: there is no account gior
hint: ledger limit giro --floor 5
",
    );
    shell.ledger("limit savings --floor 5").fails(
        4,
        "\
error: the account savings is closed
hint: ledger open savings
",
    );
    shell.ledger("limit xyz --floor 5 --json").fails(4, &lines(&[r#"{"error":{"code":"unknown_account","message":"there is no account xyz","hint":"ledger open xyz","exit_code":4,"recorded":"no"}}"#]));
}

#[test]
fn a_floor_is_needed_and_in_the_accounts_currency() {
    let shell = Shell::given(&["init --currency EUR", "open a"]);
    shell.ledger("limit a").fails(
        2,
        "\
error: the following required arguments were not provided: --floor <AMOUNT>
hint: ledger limit --help
",
    );
    shell.ledger("limit a --floor USD5").fails(
        4,
        "\
error: a holds EUR, not USD
hint: ledger accounts
",
    );
    shell.ledger("limit a --floor 1.005").fails(
        2,
        "\
error: `1.005` has 3 decimals, EUR has 2; nothing is ever rounded: write the figure you mean
hint: ledger limit --help
",
    );
}
