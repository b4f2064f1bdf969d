//! Holds, captures, releases, refunds, corrections, exchanges and seals, as a shell sees them.

use crate::harness::Shell;

/// The exit code and the error's code of a command that is refused.
#[track_caller]
fn refused(shell: &Shell, command: &str) -> (i64, String) {
    let error = shell.ledger(&format!("{command} --json")).error();
    let code = error["code"].as_str().unwrap().to_owned();
    (error["exit_code"].as_i64().unwrap(), code)
}

#[test]
fn a_trip_holds_a_fare_settles_it_and_releases_the_rest() {
    let shell = Shell::given(&["init --currency INR", "deposit 500 -a rider"]);
    let hold = shell
        .ledger("hold 200 --from rider --to driver --key trip-301 --tag trip=301 --expires 2026-12-01 --json")
        .succeeds()
        .json();
    assert_eq!(hold["type"], "hold");
    assert_eq!(hold["v"], 2);
    assert_eq!(hold["expires"], "2026-12-01T23:59:59.999999Z");
    assert_eq!(hold["opened"], serde_json::json!(["driver"]));
    assert_eq!(hold["hold_state"]["rest"], "200.00");
    let rider = &hold["balances"][0];
    assert_eq!(
        (
            &rider["balance"],
            &rider["pending_out"],
            &rider["available"]
        ),
        (&"500.00".into(), &"200.00".into(), &"300.00".into())
    );
    assert_eq!(hold["balances"][1]["pending_in"], "200.00");
    assert_eq!(
        refused(&shell, "withdraw 301 -a rider"),
        (4, "insufficient_funds".into())
    );
    assert_eq!(
        refused(&shell, "close driver"),
        (4, "account_not_empty".into())
    );
    let first = shell
        .ledger("capture key:trip-301 12 --keep --key fee --json")
        .succeeds()
        .json();
    assert_eq!(first["captures"], 2);
    assert_eq!(first["keep"], true);
    assert_eq!(first["tags"]["trip"], "301");
    assert_eq!(first["hold_state"]["rest"], "188.00");
    let again = shell
        .ledger("capture key:trip-301 12 --keep --key fee --json")
        .succeeds()
        .json();
    assert_eq!(again["replayed"], true);
    assert_eq!(again["hash"], first["hash"]);
    assert_eq!(
        refused(&shell, "capture 2 13 --keep --key fee"),
        (5, "key_conflict".into())
    );
    let last = shell.ledger("capture 2 135.64 --json").succeeds().json();
    assert_eq!(last["hold_state"]["rest"], "0.00");
    assert_eq!(refused(&shell, "capture 2"), (4, "hold_closed".into()));
    assert_eq!(refused(&shell, "release 2"), (4, "hold_closed".into()));
    assert_eq!(refused(&shell, "capture 1"), (4, "unknown_hold".into()));
    let holds = shell.ledger("holds --all --json").succeeds().json();
    let hold = &holds["holds"][0];
    assert_eq!(
        [
            &hold["captured"],
            &hold["released"],
            &hold["rest"],
            &hold["state"]
        ],
        ["147.64", "52.36", "0.00", "captured"]
    );
    // At the moment of the hold nothing was captured yet.
    let then = shell.ledger("holds --until seq:2 --json").succeeds().json();
    assert_eq!(then["holds"][0]["rest"], "200.00");
    assert_eq!(shell.ledger("verify --json").succeeds().json()["ok"], true);
}

#[test]
fn a_hold_expires_by_itself() {
    let mut shell = Shell::given(&["deposit 50", "hold 30 --expires 2026-11-24"]);
    assert_eq!(
        refused(&shell, "withdraw 21"),
        (4, "insufficient_funds".into())
    );
    let later = &*shell.at("2026-11-25T00:00:00Z");
    assert_eq!(refused(later, "capture 2"), (4, "hold_expired".into()));
    assert_eq!(refused(later, "release 2"), (4, "hold_expired".into()));
    let open = later.ledger("holds --json").succeeds().json();
    assert_eq!(open["holds"], serde_json::json!([]));
    let all = later.ledger("holds --all --json").succeeds().json();
    assert_eq!(all["holds"][0]["state"], "expired");
    // Looked at from before, it is open.
    let then = later
        .ledger("holds --until 2026-11-24T12:00:00Z --json")
        .succeeds()
        .json();
    assert_eq!(then["holds"][0]["state"], "open");
    later.ledger("withdraw 50 -q").succeeds();
}

#[test]
fn a_refund_gives_back_at_most_what_was_moved() {
    let shell = Shell::given(&[
        "deposit 50",
        "transfer 20 --from main --to shop --tag order=7",
    ]);
    let refund = shell.ledger("refund 2 5 --json").succeeds().json();
    assert_eq!(
        (&refund["refunds"], &refund["tags"]["order"]),
        (&2.into(), &"7".into())
    );
    assert_eq!(
        refused(&shell, "refund 2 16"),
        (4, "exceeds_refundable".into())
    );
    assert_eq!(refused(&shell, "reverse 2"), (4, "not_reversible".into()));
    let rest = shell.ledger("refund 2 --json").succeeds().json();
    assert_eq!(rest["amount"], "15");
    assert_eq!(
        refused(&shell, "refund 2"),
        (4, "exceeds_refundable".into())
    );
    assert_eq!(refused(&shell, "refund 3"), (4, "not_reversible".into()));
}

#[test]
fn a_correction_is_one_pair_and_undo_brings_the_original_back() {
    let shell = Shell::given(&["deposit 50 -m rent --tag a=b", "withdraw 45"]);
    let receipts = shell
        .ledger("correct 1 --amount 46 --key c --json")
        .succeeds()
        .json_lines();
    assert_eq!(receipts.len(), 2);
    assert_eq!(
        (&receipts[0]["reverses"], &receipts[0]["more"]),
        (&1.into(), &true.into())
    );
    assert_eq!(
        (&receipts[1]["corrects"], &receipts[1]["key"]),
        (&1.into(), &"c".into())
    );
    assert_eq!(
        (&receipts[1]["memo"], &receipts[1]["tags"]["a"]),
        (&"rent".into(), &"b".into())
    );
    assert_eq!(receipts[0]["memo"], serde_json::Value::Null);
    let again = shell
        .ledger("correct 1 --amount 46 --key c --json")
        .succeeds()
        .json_lines();
    assert_eq!(again.len(), 2);
    assert!(again.iter().all(|receipt| receipt["replayed"] == true));
    assert_eq!(
        refused(&shell, "correct 1 --amount 47"),
        (4, "already_reversed".into())
    );
    assert_eq!(
        refused(&shell, "correct 4 --amount 46"),
        (2, "usage".into())
    );
    assert_eq!(
        refused(&shell, "correct 4 --amount 44"),
        (4, "insufficient_funds".into())
    );
    let back = shell.ledger("undo --json").succeeds().json_lines();
    assert_eq!(
        (&back[1]["corrects"], &back[1]["amount"]),
        (&4.into(), &"50".into())
    );
    let again = shell.ledger("undo --json").succeeds().json_lines();
    assert_eq!(
        (&again[1]["corrects"], &again[1]["amount"]),
        (&6.into(), &"46".into())
    );
    assert_eq!(shell.ledger("verify --json").succeeds().json()["ok"], true);
}

#[test]
fn undo_of_a_batch_undoes_all_of_it() {
    let shell = Shell::given(&["deposit 50"]);
    let batch = "{\"type\":\"withdraw\",\"amount\":\"5\"}\n{\"type\":\"hold\",\"amount\":\"7\",\"key\":\"h\"}\n{\"type\":\"capture\",\"seq\":\"key:h\",\"amount\":2,\"keep\":true}\n";
    shell
        .ledger_with_input("batch -q", batch.as_bytes())
        .succeeds();
    let undone = shell.ledger("undo --json").succeeds().json_lines();
    let kinds: Vec<&str> = undone
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["deposit", "release", "deposit"]);
    let more: Vec<bool> = undone.iter().map(|one| one["more"] == true).collect();
    assert_eq!(more, [true, true, false]);
    let balance = shell.ledger("balance --json").succeeds().json();
    assert_eq!(balance["balances"][0]["available"], "50");
    // The next one is the deposit before the batch.
    let undone = shell.ledger("undo --json").succeeds().json_lines();
    assert_eq!(undone[0]["reverses"], 1);
}

#[test]
fn a_seal_closes_a_period_until_it_is_taken_back() {
    let shell = Shell::given(&["deposit 50 --effective 2026-03-10"]);
    assert_eq!(refused(&shell, "seal 2026-12"), (2, "invalid_time".into()));
    assert_eq!(refused(&shell, "seal seq:1"), (2, "invalid_time".into()));
    let seal = shell.ledger("seal 2026-03 --json").succeeds().json();
    assert_eq!(seal["through"], "2026-03-31T23:59:59.999999Z");
    assert_eq!(refused(&shell, "seal 2026-02"), (2, "invalid_time".into()));
    assert_eq!(
        refused(&shell, "deposit 5 --effective 2026-03-31"),
        (4, "period_sealed".into())
    );
    assert_eq!(
        refused(&shell, "correct 1 --amount 60"),
        (4, "period_sealed".into())
    );
    let pair = shell
        .ledger("correct 1 --amount 60 --effective now --json")
        .succeeds()
        .json_lines();
    assert_eq!(pair[0]["effective"], serde_json::Value::Null);
    assert_eq!(refused(&shell, "unseal"), (2, "usage".into()));
    assert_eq!(
        refused(&shell, "unseal 2026-04 -m late"),
        (2, "invalid_time".into())
    );
    let unseal = shell
        .ledger("unseal 2026-03 -m late --json")
        .succeeds()
        .json();
    assert_eq!(unseal["through"], "2026-02-28T23:59:59.999999Z");
    shell
        .ledger("deposit 5 --effective 2026-03-31 -q")
        .succeeds();
    assert_eq!(
        refused(&shell, "deposit 5 --effective 2026-02-27"),
        (4, "period_sealed".into())
    );
    shell.ledger("seal 2026-03 --final --yes -q").succeeds();
    assert_eq!(refused(&shell, "unseal -m x"), (4, "period_sealed".into()));
    assert_eq!(shell.ledger("verify --json").succeeds().json()["ok"], true);
}

#[test]
fn an_exchange_leaves_exactly_and_arrives_exactly() {
    let shell = Shell::given(&["deposit 100EUR -a eur", "open usd --currency USD"]);
    let receipt = shell
        .ledger("exchange 100 --from eur --to usd --for 108.62 --json")
        .succeeds()
        .json();
    assert_eq!(
        [
            &receipt["amount"],
            &receipt["currency"],
            &receipt["to_amount"],
            &receipt["to_currency"]
        ],
        ["100.00", "EUR", "108.62", "USD"]
    );
    assert_eq!(
        refused(&shell, "exchange 5EUR --from eur --to usd --for 5EUR"),
        (2, "usage".into())
    );
    assert_eq!(
        refused(&shell, "exchange 5 --from eur --to usd --for 5"),
        (4, "insufficient_funds".into())
    );
    assert_eq!(refused(&shell, "refund 3"), (4, "not_reversible".into()));
    shell.ledger("undo -q").succeeds();
    let balance = shell.ledger("balance --json").succeeds().json();
    assert_eq!(balance["balances"][0]["balance"], "100.00");
    assert_eq!(balance["balances"][1]["balance"], "0.00");
}

#[test]
fn csv_has_what_json_has() {
    let shell = Shell::given(&[
        "init --currency EUR -q",
        "deposit 50 -q",
        "hold 20 --from main --to shop --key order-1 -q",
        "capture 2 8 --keep -q",
        "hold 5 --to shop --expires 2026-12-01 -q",
    ]);
    shell.ledger("holds --csv").prints(
        "\
seq,at,effective,from,to,amount,captured,released,rest,currency,expires,state,key\r
2,2026-11-23T10:15:02.000000Z,2026-11-23T10:15:02.000000Z,main,shop,20.00,8.00,0.00,12.00,EUR,,open,order-1\r
4,2026-11-23T10:15:02.000000Z,2026-11-23T10:15:02.000000Z,,shop,5.00,0.00,0.00,5.00,EUR,2026-12-01T23:59:59.999999Z,open,\r
",
    );
}

#[test]
fn money_that_is_only_announced_is_shown_beside_the_balance() {
    let shell = Shell::given(&[
        "init --currency EUR --zone UTC -q",
        "deposit 50 -q",
        "hold 20 --to shop -q",
    ]);
    shell.ledger("balance").prints(
        "\
Account  Balance  Incoming
──────────────────────────────
main       50.00      0.00 EUR
shop        0.00     20.00 EUR
──────────────────────────────
Total      50.00           EUR
",
    );
    shell.ledger("balance shop").prints(
        "\
Account  Balance  Incoming
──────────────────────────────
shop        0.00     20.00 EUR
",
    );
    shell.ledger("balance main").prints(
        "\
Account  Balance
────────────────────
main       50.00 EUR
",
    );
    shell.ledger("hold 5 --from main --to shop -q").prints("");
    shell.ledger("balance").prints(
        "\
Account  Balance  Held  Available  Incoming
───────────────────────────────────────────────
main       50.00  5.00      45.00      0.00 EUR
shop        0.00  0.00       0.00     25.00 EUR
───────────────────────────────────────────────
Total      50.00                            EUR
",
    );
    shell.ledger("release 2 -q").prints("");
    shell.ledger("release 3 -q").prints("");
    shell.ledger("balance shop").prints(
        "\
Account  Balance
────────────────────
shop        0.00 EUR
",
    );
}

#[test]
fn what_is_available_is_shown_around_an_event() {
    let shell = Shell::given(&[
        "init --currency EUR --zone UTC -q",
        "deposit 50 -q",
        "hold 20 --from main -q",
        "withdraw 1 -q",
        "capture 2 5 --keep -q",
        "release 2 15 -q",
    ]);
    let around = |seq: u64| {
        let shown = shell.ledger(&format!("show {seq}")).succeeds();
        let (_, table) = shown.stdout.split_once("\n\n").unwrap();
        table.to_owned()
    };
    assert_eq!(
        around(2),
        "\
Account  Balance  Available before  Available
─────────────────────────────────────────────────
main       50.00             50.00      30.00 EUR
"
    );
    let movements = "\
Account  Before  Change  After  Available before  Available
───────────────────────────────────────────────────────────────
";
    assert_eq!(
        around(3),
        format!("{movements}main      50.00   -1.00  49.00             30.00      29.00 EUR\n")
    );
    assert_eq!(
        around(4),
        format!("{movements}main      49.00   -5.00  44.00             29.00      29.00 EUR\n")
    );
    assert_eq!(
        around(5),
        "\
Account  Balance  Available before  Available
─────────────────────────────────────────────────
main       44.00             29.00      44.00 EUR
"
    );
    let after = shell.ledger("show 4 --json").succeeds().json();
    assert_eq!(after["balances"][0]["available"], "29.00");
    assert_eq!(after["balances"][0]["pending_out"], "15.00");
    assert_eq!(after["before"][0]["pending_out"], "20.00");
}
