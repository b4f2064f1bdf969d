use crate::harness::{Shell, lines};

/// An account with what a figure can be made of: late entries, reversals, a seal, a hold.
fn shell() -> Shell {
    let mut shell = Shell::new();
    for (now, command) in [
        ("2026-01-01T08:00:00Z", "init --currency EUR"),
        ("2026-01-02T08:00:00Z", "deposit 100 -m salary"),
        ("2026-01-03T08:00:00Z", "withdraw 20 -m lunch"),
        ("2026-02-02T08:00:00Z", "seal 2026-01"),
        ("2026-02-03T08:00:00Z", "reverse 2"),
        ("2026-02-04T08:00:00Z", "deposit 7 --tag shop=north"),
        ("2026-02-05T08:00:00Z", "reverse 5"),
        (
            "2026-02-06T08:00:00Z",
            "transfer 30 --from main --to savings --tag shop=south",
        ),
        (
            "2026-02-07T08:00:00Z",
            "hold 10.5 --from main --to shop -m bike --expires 2027-02-07",
        ),
        ("2026-03-01T08:00:00Z", "deposit 1 --effective 2026-02-01"),
    ] {
        shell.at(now).ledger(command).succeeds();
    }
    shell.at(crate::harness::NOW);
    shell
}

#[test]
fn the_opening_is_the_balance_at_the_seal_and_the_rows_add_up_to_the_balance() {
    let shell = shell();
    shell.ledger("why main").prints(
        "\
times in UTC, now +00:00
#  Effective         Type      Change      Details
───────────────────────────────────────────────────────────────────
   2026-01-31 23:59  opening    80.00 EUR
9  2026-02-01 00:00  deposit     1.00 EUR
4  2026-02-03 08:00  deposit    20.00 EUR  reverses #2
7  2026-02-06 08:00  transfer  -30.00 EUR  [shop=south], to savings
───────────────────────────────────────────────────────────────────
   Balance                      71.00 EUR
2 events cancel out
on hold: 10.50 EUR from main to shop (#8), expires 2027-02-07 23:59
available: 60.50 EUR
",
    );
    shell.ledger("why main -q").prints("71.00\n");
    shell.ledger("why main --json").prints(&lines(&[
        r#"{"account":"main","currency":"EUR","opening":{"at":"2026-01-31T23:59:59.999999Z","balance":"80.00"},"rows":[{"seq":9,"effective":"2026-02-01T00:00:00.000000Z","type":"deposit","change":"1.00","memo":null,"tags":null},{"seq":4,"effective":"2026-02-03T08:00:00.000000Z","type":"deposit","change":"20.00","memo":null,"tags":null},{"seq":7,"effective":"2026-02-06T08:00:00.000000Z","type":"transfer","change":"-30.00","memo":null,"tags":{"shop":"south"}}],"cancelled":2,"holds":[{"seq":8,"at":"2026-02-07T08:00:00.000000Z","effective":"2026-02-07T08:00:00.000000Z","from":"main","to":"shop","amount":"10.50","captured":"0.00","released":"0.00","rest":"10.50","currency":"EUR","expires":"2027-02-07T23:59:59.999999Z","state":"open","key":null}],"balance":"71.00","available":"60.50"}"#,
    ]));
}

#[test]
fn since_takes_the_place_of_the_seal() {
    let shell = shell();
    shell
        .ledger("why main --since 2026 --until 2026-02-05")
        .prints(
            "\
since 2026-01-01 00:00:00 +00:00, until 2026-02-05 23:59:59.999999 +00:00 (UTC)
#  Effective         Type     Change      Details
─────────────────────────────────────────────────
   2025-12-31 23:59  opening    0.00 EUR
1  2026-01-02 08:00  deposit  100.00 EUR  salary
9  2026-02-01 00:00  deposit    1.00 EUR
─────────────────────────────────────────────────
   Balance                    101.00 EUR
4 events cancel out
",
        );
    shell.ledger("why main --since seq:5").prints(
        "\
since event 5
times in UTC, now +00:00
#  Effective         Type      Change      Details
───────────────────────────────────────────────────────────────────
   event 4           opening   100.00 EUR
9  2026-02-01 00:00  deposit     1.00 EUR
7  2026-02-06 08:00  transfer  -30.00 EUR  [shop=south], to savings
───────────────────────────────────────────────────────────────────
   Balance                      71.00 EUR
2 events cancel out
on hold: 10.50 EUR from main to shop (#8), expires 2027-02-07 23:59
available: 60.50 EUR
",
    );
    let answer = shell.ledger("why main --since seq:5 --json").json();
    assert_eq!(answer["opening"]["at"], "seq:4");
    let answer = shell.ledger("why main --known-at seq:2 --json").json();
    assert_eq!(answer["opening"]["at"], serde_json::Value::Null);
    assert_eq!(answer["balance"], "80.00");
}

#[test]
fn groups_add_events_up_and_what_has_no_group_is_null() {
    let shell = shell();
    shell.ledger("why main --group tag:shop").prints(
        "\
times in UTC, now +00:00
shop                       Events  Change
─────────────────────────────────────────────
opening, 2026-01-31 23:59           80.00 EUR
south                           1  -30.00 EUR
(none)                          2   21.00 EUR
─────────────────────────────────────────────
Balance                             71.00 EUR
2 events cancel out
on hold: 10.50 EUR from main to shop (#8), expires 2027-02-07 23:59
available: 60.50 EUR
",
    );
    let rows = |by: &str| {
        let line = format!("why main --since 2026 --group {by} --json");
        shell.ledger(&line).json()["rows"].to_string()
    };
    assert_eq!(
        rows("account"),
        r#"[{"change":"-30.00","events":1,"group":"savings"},{"change":"101.00","events":2,"group":null}]"#
    );
    assert_eq!(
        rows("type"),
        r#"[{"change":"101.00","events":2,"group":"deposit"},{"change":"-30.00","events":1,"group":"transfer"}]"#
    );
    assert_eq!(
        rows("month"),
        r#"[{"change":"100.00","events":1,"group":"2026-01"},{"change":"-29.00","events":2,"group":"2026-02"}]"#
    );
}

#[test]
fn several_accounts_are_added_up_and_what_stays_among_them_is_no_row() {
    let shell = Shell::given(&[
        "init --currency EUR -q",
        "deposit 50 -a a:x -q",
        "transfer 20 --from a:x --to a:y -q",
        "transfer 5 --from a:y --to b -q",
        "deposit '3 USD' -a u -q",
    ]);
    shell.ledger("why 'a:*' --without 1").prints(
        "\
times in UTC, now +00:00
without #1
the rules would then have refused #2 (unknown_account)
#  Effective         Type      Change      Details
──────────────────────────────────────────────────
3  2026-11-23 10:15  transfer   -5.00 EUR  to b
──────────────────────────────────────────────────
   Balance                      -5.00 EUR
",
    );
    shell.ledger("why '*'").fails(
        4,
        "error: * holds EUR and USD, which cannot be added\nhint: ledger balance '*'\n",
    );
    shell
        .ledger("why a")
        .fails(4, "error: there is no account a\nhint: ledger accounts\n");
    shell.ledger("why 'nothing:*'").is(
        0,
        "times in UTC, now +00:00\nno events to show\n",
        "warning: no account matches 'nothing:*'\n",
    );
    shell.ledger("why b --group shop").fails(
        2,
        "error: invalid value 'shop' for '--group <GROUP>': use tag:KEY, account, type or month\nhint: ledger why --help\n",
    );
}

#[test]
fn a_checkpoint_gives_the_same_answer() {
    let shell = shell();
    for line in [
        "why main",
        "why savings",
        "why shop",
        "why main --since seq:5",
    ] {
        let cold = shell.ledger(&format!("{line} --json --no-cache"));
        let warm = shell.ledger(&format!("{line} --json"));
        assert_eq!(cold.stdout, warm.stdout, "{line}");
    }
}
