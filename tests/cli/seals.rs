//! Seals: their receipt, what they refuse and how that is said.

use crate::harness::Shell;

fn vienna() -> Shell {
    Shell::given(&[
        "init --currency EUR --zone Europe/Vienna",
        "deposit 100 -a bank --effective 2026-03-10",
        "hold 30 --from bank --effective 2026-03-20",
        "deposit 7 -a bank --effective 2026-04-02",
        "open cash",
    ])
}

#[test]
fn the_receipt_of_a_seal_has_the_balances_at_its_end_and_the_head() {
    let shell = vienna();
    let table = "\
Account  Balance   Held  Available
──────────────────────────────────────
bank      100.00  30.00      70.00 EUR
";
    let through = "2026-03-31 23:59:59.999999 +02:00";
    shell
        .ledger("seal 2026-03 -n")
        .prints(&format!("would record #5 seal through {through}\n{table}"));
    shell.ledger("seal 2026-03 --key q1").prints(&format!(
        "recorded #5 seal through {through}\n{table}head 5:<hex16>\n"
    ));
    // Recorded later, and still the answer to what the seal was about.
    shell.ledger("unseal 2026-03-15 -m late -q").prints("");
    shell
        .ledger("deposit 1 -a bank --effective 2026-03-16 -q")
        .succeeds();
    let again = shell
        .ledger("seal 2026-03 --key q1 --json")
        .succeeds()
        .json();
    assert_eq!(again["replayed"], true);
    let bank = &again["balances"][0];
    let figures = ["account", "balance", "pending_out", "available"].map(|key| bank[key].as_str());
    assert_eq!(figures, ["bank", "100.00", "30.00", "70.00"].map(Some));
    assert_eq!(again["balances"].as_array().unwrap().len(), 1);
    shell.ledger("seal 2026-03 -q").prints("");
}

#[test]
fn a_final_seal_needs_a_yes() {
    let shell = vienna();
    shell.ledger("seal 2026-03 --final").fails(
        2,
        "\
error: a final seal cannot be taken back
hint: ledger seal 2026-03 --final --yes
",
    );
    shell.ledger("seal 2026-03 --final -n -q").succeeds();
    shell.ledger("seal 2026-03 --final --yes -q").succeeds();
    shell.ledger("unseal 2026-02 -m x").fails(
        4,
        "error: the seal up to 2026-03-31 23:59:59.999999 +02:00 is final\nhint: ledger replay --type seal\n",
    );
    shell.ledger("seal 2026-02").fails(
        2,
        "error: everything up to that moment is sealed already: 2026-02-28 23:59:59.999999 +01:00\nhint: ledger seal --help\n",
    );
    shell.ledger("unseal 2027 -m x").fails(
        2,
        "error: nothing after that moment is sealed: 2026-12-31 23:59:59.999999 +01:00\nhint: ledger unseal --help\n",
    );
}

#[test]
fn what_is_sealed_is_refused_with_a_command_that_can_be_pasted() {
    let shell = vienna();
    shell.ledger("seal 2026-03 -q").succeeds();
    let message = "error: everything up to 2026-03-31 23:59:59.999999 +02:00 is sealed\n";
    shell.ledger("correct 1 --amount 90 -m 'a slip'").fails(
        4,
        &format!("{message}hint: ledger correct 1 --amount 90 -m 'a slip' --effective now\n"),
    );
    shell
        .ledger("deposit 5 -a bank --effective=2026-03-05 --tag a=b")
        .fails(
            4,
            &format!("{message}hint: ledger deposit 5 -a bank --tag a=b --effective now\n"),
        );
    shell
        .ledger("correct 1 --amount 90 -m 'a slip' --effective now -q")
        .succeeds();
    // The command line of a batch is right: the line is not.
    let line =
        b"{\"type\":\"deposit\",\"amount\":1,\"account\":\"bank\",\"effective\":\"2026-03-05\"}\n";
    shell.ledger_with_input("batch", line).fails(
        4,
        &format!(
            "{}; `effective` may be `now`; nothing was recorded\n",
            message.trim_end().replace("error: ", "error: line 1: ")
        ),
    );
}

#[test]
fn an_expired_hold_is_told_in_the_ledgers_zone() {
    let mut shell = vienna();
    shell
        .ledger("hold 5 --from bank --expires 2026-11-24 -q")
        .succeeds();
    let shell = shell.at("2026-11-25T00:00:00Z");
    let release = shell.ledger("release 5");
    assert!(
        release.stderr.ends_with("hint: ledger holds --all\n"),
        "{release:?}"
    );
    let capture = shell.ledger("capture 5 3 --to cash");
    let instead = "hint: ledger transfer 3 --from bank --to cash\n";
    assert!(capture.stderr.ends_with(instead), "{capture:?}");
    shell.ledger("capture 5").fails(
        4,
        "\
error: hold 5 expired at 2026-11-24 23:59:59.999999 +01:00
hint: ledger withdraw 5.00 --account bank
",
    );
}

#[test]
fn an_import_into_a_sealed_period_names_every_row() {
    let shell = vienna();
    shell.ledger("seal 2026-03 -q").succeeds();
    let csv = "Date,Amount,Text\n2026-03-01,1.00,a\n2026-04-01,2.00,b\n2026-03-03,3.00,c\n\
               2026-03-04,4.00,d\n2026-03-05,5.00,e\n2026-01-31,6.00,f\n";
    std::fs::write(shell.file("giro.csv"), csv).unwrap();
    let before = shell.log();
    shell.ledger("import --from csv giro.csv --account bank").fails(
        4,
        "\
error: giro.csv: lines 2, 4-7 take effect in a sealed period: everything up to 2026-03-31 23:59:59.999999 +02:00 is sealed; leave these rows out, or open the period with unseal; nothing was imported
hint: ledger unseal --help
",
    );
    assert_eq!(shell.log(), before);
    // What was imported before the seal is not imported again, and does not disturb.
    shell.ledger("unseal -m x -q").succeeds();
    shell
        .ledger("import --from csv giro.csv --account bank -q")
        .succeeds();
    shell.ledger("seal 2026-04 -q").succeeds();
    shell
        .ledger("import --from csv giro.csv --account bank -q")
        .succeeds();
    let more = format!("{csv}2026-04-30,7.00,g\n2026-05-01,8.00,h\n");
    std::fs::write(shell.file("giro.csv"), more).unwrap();
    let refused = shell.ledger("import --from csv giro.csv --account bank");
    assert!(
        refused.stderr.contains("giro.csv, line 8 takes effect"),
        "{refused:?}"
    );
}
