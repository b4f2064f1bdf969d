use crate::harness::{Shell, lines};

#[test]
fn the_opposite_event_is_recorded_with_what_it_reverses() {
    let shell = Shell::given(&[
        "init --currency EUR",
        "deposit 50",
        "withdraw 20",
        "transfer 5 --from main --to b",
    ]);
    shell.ledger("reverse 2 -m 'never happened'").prints(
        "\
recorded #4 deposit 20.00 EUR to main, reversing #2; main is 45.00 EUR
head 4:<hex16>
",
    );
    shell.ledger("reverse 3 --json").prints(&lines(&[r#"{"v":1,"seq":5,"at":"2026-11-23T10:15:02.000000Z","type":"transfer","from":"b","to":"main","amount":"5.00","currency":"EUR","reverses":3,"hash":"<hex64>","replayed":false,"dry_run":false,"balances":[{"account":"b","balance":"0.00","pending_in":"0.00","pending_out":"0.00","available":"0.00","currency":"EUR"},{"account":"main","balance":"50.00","pending_in":"0.00","pending_out":"0.00","available":"50.00","currency":"EUR"}],"opened":[],"started":false}"#]));
    shell.ledger("balance").prints(
        "\
Account  Balance
────────────────────
b           0.00 EUR
main       50.00 EUR
────────────────────
Total      50.00 EUR
",
    );
}

#[test]
fn an_event_is_reversed_once() {
    let shell = Shell::given(&["init --currency EUR", "deposit 50", "reverse 1"]);
    shell.ledger("reverse 1").fails(
        4,
        "\
error: event 1 was reversed before, by event 2
hint: ledger show 2
",
    );
    shell.ledger("reverse 1 --json").fails(4, &lines(&[r#"{"error":{"code":"already_reversed","message":"event 1 was reversed before, by event 2","hint":"ledger show 2","exit_code":4,"recorded":"no"}}"#]));
}

#[test]
fn a_reversal_may_itself_be_reversed_once() {
    let shell = Shell::given(&["init --currency EUR", "deposit 50", "reverse 1"]);
    shell.ledger("reverse 2").prints(
        "\
recorded #3 deposit 50.00 EUR to main, reversing #2; main is 50.00 EUR
head 3:<hex16>
",
    );
    shell.ledger("reverse 2").fails(
        4,
        "\
error: event 2 was reversed before, by event 3
hint: ledger show 3
",
    );
    shell.ledger("reverse 3").prints(
        "\
recorded #4 withdraw 50.00 EUR from main, reversing #3; main is 0.00 EUR
head 4:<hex16>
",
    );
    shell.ledger("reverse 1").fails(
        4,
        "\
error: event 1 was reversed before, by event 2
hint: ledger show 2
",
    );
}

#[test]
fn what_moved_no_money_or_is_not_there_cannot_be_reversed() {
    let shell = Shell::given(&["init --currency EUR", "open a"]);
    shell.ledger("reverse 0").fails(
        4,
        "\
error: event 0 cannot be reversed, corrected or refunded: its type is ledger, which moves no money
hint: ledger replay
",
    );
    shell.ledger("reverse 1").fails(
        4,
        "\
error: event 1 cannot be reversed, corrected or refunded: its type is open, which moves no money
hint: ledger replay
",
    );
    shell.ledger("reverse 7").fails(
        4,
        "\
error: cannot reverse event 7: there is no such event
hint: ledger replay
",
    );
    shell.ledger("reverse 7 --json").fails(4, &lines(&[r#"{"error":{"code":"not_reversible","message":"cannot reverse event 7: there is no such event","hint":"ledger replay","exit_code":4,"recorded":"no"}}"#]));
    shell.ledger("reverse x").fails(
        2,
        "\
error: `x` does not name an event: use its number, key:KEY, head or head~N
hint: ledger replay
",
    );
}

#[test]
fn money_that_is_gone_cannot_be_taken_back() {
    let shell = Shell::given(&["init --currency EUR", "deposit 50", "withdraw 40"]);
    shell.ledger("reverse 1").fails(
        4,
        "\
error: cannot take back 50.00 EUR from main: balance 10.00 EUR, floor 0.00 EUR
hint: ledger history main
",
    );
    shell.ledger("reverse 1 --json").fails(4, &lines(&[r#"{"error":{"code":"insufficient_funds","message":"cannot take back 50.00 EUR from main: balance 10.00 EUR, floor 0.00 EUR","hint":"ledger history main","exit_code":4,"recorded":"no"}}"#]));
}

#[test]
fn a_closed_account_takes_nothing_back() {
    let shell = Shell::given(&[
        "init --currency EUR",
        "deposit 50",
        "withdraw 50",
        "close main",
    ]);
    shell.ledger("reverse 2").fails(
        4,
        "\
error: the account main is closed
hint: ledger open main
",
    );
}
