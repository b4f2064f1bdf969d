use crate::harness::Shell;

#[test]
fn the_first_deposit_in_an_empty_directory_starts_the_ledger() {
    let shell = Shell::new();
    shell.ledger("deposit 50").is(
        0,
        "recorded #1 deposit 50 to main; main is 50\nhead 1:<hex16>\n",
        "note: started a new ledger at ./ledger.jsonl\n",
    );
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn a_first_write_that_is_refused_leaves_no_file() {
    let shell = Shell::new();
    shell.ledger("withdraw 50").fails(
        4,
        "error: there is no account main\nhint: ledger open main\n",
    );
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn the_receipt_in_json_has_the_keys_of_the_log_and_the_balances() {
    let shell = Shell::given(&["init --currency EUR"]);
    let ran = shell
        .ledger("deposit 50 -m lunch --tag order=1234 --json")
        .succeeds();
    let receipt = ran.json();
    assert_eq!(receipt["amount"], "50.00");
    assert_eq!(receipt["memo"], "lunch");
    assert_eq!(receipt["tags"]["order"], "1234");
    assert_eq!(
        receipt["balances"],
        serde_json::json!([{"account": "main", "balance": "50.00", "currency": "EUR"}])
    );
    assert_eq!(receipt["replayed"], false);
    assert_eq!(receipt["dry_run"], false);
    assert!(receipt.get("note").is_none() && receipt.get("salt").is_none());
}

#[test]
fn an_amount_below_zero_is_refused_with_the_command_that_was_meant() {
    Shell::new().ledger("deposit -5").fails(
        2,
        "error: an amount is greater than zero, `-5` is not\nhint: did you mean withdraw 5?\n",
    );
}

#[test]
fn nothing_is_printed_when_it_is_quiet() {
    Shell::new().ledger("deposit 5 -q").prints("");
}
