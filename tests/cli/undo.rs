use crate::harness::{Shell, lines};

#[test]
fn the_newest_event_that_moved_money_is_reversed() {
    let shell = Shell::given(&["init --currency EUR", "deposit 50", "withdraw 20", "open a"]);
    shell.ledger("undo").prints(
        "\
recorded #4 deposit 20.00 EUR to main, reversing #2; main is 50.00 EUR
head 4:<hex16>
",
    );
    shell.ledger("undo").prints(
        "\
recorded #5 withdraw 50.00 EUR from main, reversing #1; main is 0.00 EUR
head 5:<hex16>
",
    );
    shell.ledger("undo").fails(
        4,
        "\
error: there is nothing to undo
hint: ledger replay
",
    );
    shell.ledger("undo --json").fails(4, &lines(&[r#"{"error":{"code":"not_reversible","message":"there is nothing to undo","hint":"ledger replay","exit_code":4,"recorded":"no"}}"#]));
    shell.ledger("balance -q").prints(
        "\
0.00
0.00
",
    );
}

#[test]
fn nothing_to_undo_in_a_new_ledger() {
    let shell = Shell::given(&["init"]);
    shell.ledger("undo").fails(
        4,
        "\
error: there is nothing to undo
hint: ledger replay
",
    );
}

#[test]
fn a_dry_run_undoes_nothing() {
    let shell = Shell::given(&["deposit 5"]);
    shell
        .ledger("undo -n")
        .prints("would record #2 withdraw 5 from main, reversing #1; main is 0\n");
    shell.ledger("undo -q").prints("");
    shell.ledger("balance -q").prints("0\n");
}

#[test]
fn there_is_nothing_to_undo_where_there_is_no_ledger() {
    let shell = Shell::new();
    shell.ledger("undo").fails(
        4,
        "\
error: there is nothing to undo
hint: ledger replay
",
    );
    shell.ledger("reverse 1").fails(
        4,
        "\
error: cannot reverse event 1: there is no such event
hint: ledger replay
",
    );
    assert_eq!(shell.names(), [""; 0]);
}
