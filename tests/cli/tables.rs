//! `--csv`, subtrees, `--depth` and `--all`: the same figures in other shapes.

use crate::harness::Shell;

/// Two trees of accounts, one of them closed, and an amount on hold.
fn trees() -> Shell {
    Shell::given(&[
        "init --currency EUR",
        "deposit 50 -a assets:bank:giro -m '=1+1'",
        "deposit 5 -a assets:cash --tag shop=a,b",
        "deposit 5 USD -a assets:usd",
        "deposit 7 -a expenses:trip",
        "withdraw 7 -a expenses:trip",
        "close expenses:trip",
        "transfer 2 --from assets:bank:giro --to expenses:food -m 'a \"b\"'",
    ])
}

#[test]
fn every_table_has_a_csv_with_plain_figures_and_harmless_text() {
    let shell = trees();
    let is = |line: &str, rows: &[&str]| {
        let rows: String = rows.iter().flat_map(|row| [*row, "\r\n"]).collect();
        shell.ledger(&format!("{line} --csv")).prints(&rows);
    };
    is(
        "balance",
        &[
            "account,balance,currency,pending_in,pending_out,available",
            "assets:bank:giro,48.00,EUR,0.00,0.00,48.00",
            "assets:cash,5.00,EUR,0.00,0.00,5.00",
            "assets:usd,5.00,USD,0.00,0.00,5.00",
            "expenses:food,2.00,EUR,0.00,0.00,2.00",
        ],
    );
    is(
        "history assets",
        &[
            "seq,at,effective,type,account,change,balance,currency,memo,tags,reverses,captures,corrects,refunds,key",
            "1,2026-11-23T10:15:02.000000Z,2026-11-23T10:15:02.000000Z,deposit,assets:bank:giro,50.00,50.00,EUR,'=1+1,,,,,,",
            "2,2026-11-23T10:15:02.000000Z,2026-11-23T10:15:02.000000Z,deposit,assets:cash,5.00,55.00,EUR,,\"shop=a,b\",,,,,",
            "3,2026-11-23T10:15:02.000000Z,2026-11-23T10:15:02.000000Z,deposit,assets:usd,5.00,5.00,USD,,,,,,,",
            "7,2026-11-23T10:15:02.000000Z,2026-11-23T10:15:02.000000Z,transfer,assets:bank:giro,-2.00,53.00,EUR,\"a \"\"b\"\"\",,,,,,",
        ],
    );
    is(
        "accounts",
        &[
            "account,balance,currency,floor,first,last,last_at,state",
            "assets:bank:giro,48.00,EUR,0.00,1,7,2026-11-23T10:15:02.000000Z,open",
            "assets:cash,5.00,EUR,0.00,2,2,2026-11-23T10:15:02.000000Z,open",
            "assets:usd,5.00,USD,0.00,3,3,2026-11-23T10:15:02.000000Z,open",
            "expenses:food,2.00,EUR,0.00,7,7,2026-11-23T10:15:02.000000Z,open",
            "expenses:trip,0.00,EUR,0.00,4,6,2026-11-23T10:15:02.000000Z,closed",
        ],
    );
    is(
        "report",
        &[
            "period,in,out,net,balance,currency",
            "2026-11,62.00,7.00,55.00,55.00,EUR",
            "2026-11,5.00,0.00,5.00,5.00,USD",
        ],
    );
    is(
        "diff seq:1 head",
        &[
            "account,from,to,change,currency",
            "assets:bank:giro,50.00,48.00,-2.00,EUR",
            "assets:cash,0.00,5.00,5.00,EUR",
            "assets:usd,0.00,5.00,5.00,USD",
            "expenses:food,0.00,2.00,2.00,EUR",
            "expenses:trip,0.00,0.00,0.00,EUR",
        ],
    );
    shell
        .ledger("hold 3 --from assets:cash --key '+k'")
        .succeeds();
    is(
        "holds",
        &[
            "seq,at,effective,from,to,amount,captured,released,rest,currency,expires,state,key",
            "8,2026-11-23T10:15:02.000000Z,2026-11-23T10:15:02.000000Z,assets:cash,,3.00,0.00,0.00,3.00,EUR,,open,'+k",
        ],
    );
}

#[test]
fn a_csv_is_refused_with_json_and_on_a_command_without_a_table() {
    let shell = trees();
    let foreign = "error: --csv is for balance, history, accounts, report, diff and holds\n\
                   hint: ledger balance --csv\n";
    for line in ["show 2", "replay", "why assets:cash", "head", "deposit 5"] {
        shell.ledger(&format!("{line} --csv")).fails(2, foreign);
    }
    let both = shell.ledger("balance --csv --json");
    assert_eq!((both.status, both.stdout.as_str()), (Some(2), ""));
    assert_eq!(both.error()["code"], "usage");
}

#[test]
fn closed_accounts_with_nothing_in_them_are_shown_if_asked_for() {
    let shell = trees();
    let names = |line: &str| {
        let answer = shell.ledger(&format!("{line} --json")).succeeds().json();
        let balances = answer["balances"].as_array().unwrap().iter();
        balances
            .map(|one| one["account"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("balance expenses"), ["expenses:food"]);
    assert_eq!(
        names("balance expenses --all"),
        ["expenses:food", "expenses:trip"]
    );
    assert_eq!(names("balance expenses:trip"), ["expenses:trip"]);
}

#[test]
fn trees_are_named_by_their_first_segments_and_added_up_to_a_depth() {
    let shell = trees();
    shell.ledger("balance").prints(
        "\
Account           Balance
─────────────────────────────
assets:bank:giro    48.00 EUR
assets:cash          5.00 EUR
assets:usd           5.00 USD
expenses:food        2.00 EUR
─────────────────────────────
assets              53.00 EUR
assets               5.00 USD
expenses             2.00 EUR
",
    );
    shell.ledger("balance assets:bank").prints(
        "\
Account           Balance
─────────────────────────────
assets:bank:giro    48.00 EUR
",
    );
    shell.ledger("balance --depth 1").prints(
        "\
Account   Balance
─────────────────────
assets      53.00 EUR
assets       5.00 USD
expenses     2.00 EUR
─────────────────────
Total       55.00 EUR
             5.00 USD
",
    );
    shell.ledger("balance --depth 2 assets").prints(
        "\
Account      Balance
────────────────────────
assets:bank    48.00 EUR
assets:cash     5.00 EUR
assets:usd      5.00 USD
────────────────────────
Total          53.00 EUR
                5.00 USD
",
    );
    // An account of that name is itself, and half a segment is no tree.
    shell.ledger("deposit 1 -a assets").succeeds();
    shell.ledger("balance assets -q").prints("1.00\n");
    assert_eq!(shell.ledger("balance asset").status, Some(4));
}

/// The numbers of the events in JSON Lines.
fn seqs(shell: &Shell, line: &str) -> Vec<u64> {
    let ran = shell.ledger(line).succeeds();
    let lines = ran.json_lines();
    let events = lines.iter().filter(|one| one.get("state").is_none());
    events
        .map(|one| one.get("event").unwrap_or(one)["seq"].as_u64().unwrap())
        .collect()
}

#[test]
fn a_filter_picks_the_same_events_for_every_command() {
    let shell = trees();
    for (filter, expected) in [
        ("--account assets:cash", &[2][..]),
        ("--account 'expenses:*' --type withdraw", &[5]),
        (
            "--account expenses --type withdraw --type transfer",
            &[5, 7],
        ),
        ("--tag shop", &[2]),
        ("--tag shop=c", &[]),
        ("--memo '1+' --memo B", &[1, 7]),
        ("--memo b --type deposit", &[]),
    ] {
        for command in [
            "replay --json",
            "watch --since seq:0 --no-follow --json",
            "export --to jsonl",
        ] {
            let command = format!("{command} {filter}");
            let mut found = seqs(&shell, &command);
            found.retain(|seq| *seq > 0);
            assert_eq!(found, expected, "{command}");
        }
        let command = format!("history --json {filter}");
        let mut found = seqs(&shell, &command);
        found.dedup();
        assert_eq!(found, expected, "{command}");
        let report = shell
            .ledger(&format!("report --by type --json {filter}"))
            .succeeds()
            .json();
        let events: u64 = report["currencies"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|block| block["groups"].as_array().unwrap())
            .map(|row| row["events"].as_u64().unwrap())
            .sum();
        assert_eq!(
            events,
            u64::try_from(expected.len()).unwrap(),
            "report {filter}"
        );
    }
}

#[test]
fn the_state_of_a_filtered_replay_is_what_its_events_add_up_to() {
    let shell = trees();
    let ran = shell.ledger("replay --account expenses --json").succeeds();
    let last = ran.json_lines().pop().unwrap();
    let balances = last["state"]["balances"].as_array().unwrap();
    let figures: Vec<(&str, &str)> = balances
        .iter()
        .map(|one| {
            (
                one["account"].as_str().unwrap(),
                one["balance"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        figures,
        [
            ("assets:bank:giro", "-2.00"),
            ("expenses:food", "2.00"),
            ("expenses:trip", "0.00")
        ]
    );
}

#[test]
fn accounts_that_are_added_up_show_what_is_on_hold_on_all_of_them() {
    let shell = Shell::given(&[
        "init --currency EUR",
        "deposit 100 -a a:x",
        "deposit 10 -a a:y",
        "deposit 1 -a b:z",
        "hold 30 --from a:x --to b:z",
        "hold 4 --from a:y",
    ]);
    shell.ledger("balance --depth 1").prints(
        "Account  Balance   Held  Available  Incoming\n\
         ────────────────────────────────────────────────\n\
         a         110.00  34.00      76.00      0.00 EUR\n\
         b           1.00   0.00       1.00     30.00 EUR\n\
         ────────────────────────────────────────────────\n\
         Total     111.00                             EUR\n",
    );
    let json = shell.ledger("balance --depth 1 --json").json();
    assert_eq!(
        json["balances"][0],
        serde_json::json!({
            "account": "a", "balance": "110.00", "pending_in": "0.00", "pending_out": "34.00",
            "available": "76.00", "currency": "EUR",
        })
    );
    shell.ledger("balance --depth 1 --csv").prints(
        "account,balance,currency,pending_in,pending_out,available\r\n\
         a,110.00,EUR,0.00,34.00,76.00\r\n\
         b,1.00,EUR,30.00,0.00,1.00\r\n",
    );
}
