use crate::harness::{Shell, lines};

#[test]
fn an_empty_account_is_closed() {
    let shell = Shell::given(&["init --currency EUR", "open a"]);
    shell.ledger("close a").prints(
        "\
recorded #2 close a
head 2:<hex16>
",
    );
    shell.ledger("close a").fails(
        4,
        "\
error: the account a is closed
hint: ledger open a
",
    );
    shell.ledger("accounts").prints(
        "\
times in UTC, now +00:00
Account  Balance      Floor  First  Last             State
───────────────────────────────────────────────────────────
a           0.00 EUR   0.00      1     2 2026-11-23  closed
",
    );
    shell.ledger("deposit 5 -a a").fails(
        4,
        "\
error: the account a is closed
hint: ledger open a
",
    );
    shell.ledger("transfer 1 --from a --to b").fails(
        4,
        "\
error: the account a is closed
hint: ledger open a
",
    );
}

#[test]
fn an_account_with_money_or_debts_is_not_closed() {
    let shell = Shell::given(&[
        "init --currency EUR",
        "deposit 5",
        "open debt --floor none",
        "withdraw 3 -a debt",
    ]);
    shell.ledger("close main").fails(
        4,
        "\
error: cannot close main: balance 5.00 EUR
hint: ledger withdraw 5.00 --account main
",
    );
    shell.ledger("close debt").fails(
        4,
        "\
error: cannot close debt: balance -3.00 EUR
hint: ledger deposit 3.00 --account debt
",
    );
    shell.ledger("close main --json").fails(4, &lines(&[r#"{"error":{"code":"account_not_empty","message":"cannot close main: balance 5.00 EUR","hint":"ledger withdraw 5.00 --account main","exit_code":4,"recorded":"no"}}"#]));
}

#[test]
fn an_account_that_is_not_there_is_not_closed() {
    let shell = Shell::given(&["init --currency EUR", "open savings"]);
    shell.ledger("close savngs").fails(
        4,
        "\
error: there is no account savngs
hint: ledger close savings
",
    );
    shell
        .ledger("close savings -n")
        .prints("would record #2 close savings\n");
    shell.ledger("close savings --json").prints(&lines(&[r#"{"v":1,"seq":2,"at":"2026-11-23T10:15:02.000000Z","type":"close","account":"savings","hash":"<hex64>","replayed":false,"dry_run":false,"balances":[{"account":"savings","balance":"0.00","pending_in":"0.00","pending_out":"0.00","available":"0.00","currency":"EUR"}],"opened":[],"started":false}"#]));
}
