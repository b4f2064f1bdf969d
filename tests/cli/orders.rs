//! What became of an order: links in both directions, in every answer that has a place for them.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::harness::Shell;

/// A hold that was captured twice and released, a refund that was reversed, a correction, an exchange.
fn order() -> Shell {
    Shell::given(&[
        "init --currency EUR --zone Europe/Berlin",
        "deposit 100 -a customer",
        "hold 60 --from customer --to shop --tag order=4711 --expires 2026-12-01 --key auth", // 2
        "capture 2 25 --keep",                                                                // 3
        "capture 2 20 --keep",                                                                // 4
        "release 2 5",                                                                        // 5
        "refund 3 10",                                                                        // 6
        "reverse 6",                                                                          // 7
        "refund 3 4",                                                                         // 8
        "correct 4 --amount 21",                               // 9, 10
        "exchange 30 --from customer --to travel --for 33USD", // 11
    ])
}

fn links(shell: &Shell, seq: u64) -> Value {
    let shown = shell.ledger(&format!("show {seq} --json"));
    shown.succeeds().json()["links"].clone()
}

#[test]
fn links_are_shown_in_both_directions() {
    let shell = order();
    let none = json!({
        "reverses": null, "reversed_by": null, "captures": null, "captured_by": [],
        "corrects": null, "corrected_by": null, "refunds": null, "refunded_by": []
    });
    let with = |pairs: Value| {
        let mut links = none.clone();
        for (key, value) in pairs.as_object().unwrap() {
            links[key] = value.clone();
        }
        links
    };
    for (seq, expected) in [
        (1, json!({})),
        (2, json!({"captured_by": [3, 4]})),
        (3, json!({"captures": 2, "refunded_by": [6, 8]})),
        (
            4,
            json!({"captures": 2, "reversed_by": 9, "corrected_by": 10}),
        ),
        (5, json!({})),
        (6, json!({"refunds": 3, "reversed_by": 7})),
        (7, json!({"reverses": 6})),
        (8, json!({"refunds": 3})),
        (9, json!({"reverses": 4})),
        (10, json!({"corrects": 4})),
    ] {
        assert_eq!(links(&shell, seq), with(expected), "event {seq}");
    }
    // Only what was known then.
    let then = shell.ledger("show 3 --known-at seq:7 --json").succeeds();
    assert_eq!(then.json()["links"]["refunded_by"], json!([6]));
}

#[test]
fn a_hold_says_what_became_of_it() {
    let shell = order();
    shell.ledger("show 2").prints(
        "\
event      2
recorded   2026-11-23 11:15:02 +01:00
type       hold
from       customer
to         shop
amount     60.00 EUR
expires    2026-12-01 23:59:59.999999 +01:00
rest       10.00 EUR, open
captured   by events 3 and 4
released   by event 5
tag        order=4711
key        auth
hash       <hex64>

Account   Balance  Available before  Available  Incoming before  Incoming
─────────────────────────────────────────────────────────────────────────────
customer   100.00            100.00      40.00             0.00      0.00 EUR
shop         0.00                 –       0.00                –     60.00 EUR
",
    );
    let release = shell.ledger("show 5").succeeds();
    assert!(
        release.stdout.contains("hold       event 2\n"),
        "{release:?}"
    );
    assert!(release.stdout.contains("\ncustomer "), "{release:?}");
    let corrected = shell.ledger("show 4").succeeds();
    for line in [
        "captures   event 2",
        "reversed   by event 9",
        "corrected  by event 10",
    ] {
        assert!(corrected.stdout.contains(line), "{corrected:?}");
    }
    let refunded = shell.ledger("show 3").succeeds();
    assert!(
        refunded.stdout.contains("refunded   by events 6 and 8"),
        "{refunded:?}"
    );
}

#[test]
fn a_statement_and_the_exports_name_what_an_event_refers_to() {
    let shell = order();
    let expected = [
        (3, json!([null, 2, null, null])),
        (6, json!([null, null, null, 3])),
        (7, json!([6, null, null, null])),
        (9, json!([4, null, null, null])),
        (10, json!([null, null, 4, null])),
    ];
    let keys = ["reverses", "captures", "corrects", "refunds"];
    let history = shell.ledger("history shop --json").succeeds().json_lines();
    let csv = shell.ledger("export --to csv").succeeds();
    let csv: Vec<Vec<&str>> = csv
        .stdout
        .lines()
        .map(|row| row.split(',').collect())
        .collect();
    let header = csv[0].clone();
    let journal = shell.ledger("export --to hledger").succeeds().stdout;
    for (seq, links) in expected {
        let row = history.iter().find(|row| row["seq"] == seq).unwrap();
        assert_eq!(
            json!(keys.map(|key| row[key].clone())),
            links,
            "event {seq}"
        );
        let row = csv.iter().find(|row| row[0] == seq.to_string()).unwrap();
        let tail = &row[row.len() - 4..];
        for (index, key) in keys.iter().enumerate() {
            assert_eq!(header[header.len() - 4 + index], *key);
            let link = links[index].as_u64();
            assert_eq!(
                tail[index],
                link.map_or(String::new(), |seq| seq.to_string())
            );
            if let Some(link) = link {
                let transaction = journal
                    .split("\n\n")
                    .find(|one| one.contains(&format!("; seq: {seq}\n")));
                let line = format!("; {key}: {link}\n");
                assert!(
                    transaction.unwrap().contains(&line),
                    "{line} in {transaction:?}"
                );
            }
        }
    }
}

#[test]
fn the_sqlite_mirror_has_holds_and_what_is_available() {
    let shell = order();
    shell
        .ledger("hold 7 --from customer --expires 2026-11-24 -q")
        .succeeds();
    // Written piece by piece, and at once.
    for (file, pieces) in [("pieces.db", true), ("once.db", false)] {
        if pieces {
            shell
                .ledger(&format!("project sqlite {file} -q"))
                .succeeds();
            shell.ledger("hold 1.50 --to customer -q").succeeds();
        }
        shell
            .ledger(&format!("project sqlite {file} -q"))
            .succeeds();
        let connection = Connection::open(shell.file(file)).unwrap();
        let rows = |sql: &str| {
            let mut statement = connection.prepare(sql).unwrap();
            let rows = statement
                .query_map([], |row| row.get::<_, String>(0))
                .unwrap();
            rows.map(Result::unwrap).collect::<Vec<String>>()
        };
        let holds = "SELECT concat_ws(' ', seq, coalesce(from_account, '-'), \
                     coalesce(to_account, '-'), amount, captured, released, rest, rest_minor, \
                     currency, coalesce(key, '-')) FROM holds ORDER BY seq";
        assert_eq!(
            rows(holds),
            [
                "2 customer shop 60.00 45.00 5.00 10.00 1000 EUR auth",
                "12 customer - 7.00 0.00 0.00 7.00 700 EUR -",
                "13 - customer 1.50 0.00 0.00 1.50 150 EUR -",
            ]
        );
        // The clock of this machine is past both times.
        let available = "SELECT concat_ws(' ', account, balance_minor, pending_in_minor, \
                         pending_out_minor, available_minor, scale) FROM available ORDER BY account";
        let found = rows(available);
        assert_eq!(found[0].split(' ').next(), Some("customer"));
        assert_eq!(found.len(), 3);
        assert!(found[0].starts_with("customer 2800 150 "), "{found:?}");
        let links = "SELECT concat_ws(' ', seq, reverses, captures, keep, corrects, refunds) \
                     FROM events WHERE seq IN (3, 7, 8, 10) ORDER BY seq";
        assert_eq!(rows(links), ["3 2 1", "7 6 0", "8 0 3", "10 0 4"]);
        assert_eq!(
            rows("SELECT concat_ws(' ', to_amount, to_currency) FROM events WHERE seq = 11"),
            ["33.00 USD"]
        );
    }
}

#[test]
fn an_export_in_json_lines_has_every_event_and_a_journal_what_moves_money() {
    let shell = order();
    shell.ledger("seal 2026-10 -q").succeeds();
    let lines = shell.ledger("export --to jsonl").succeeds().json_lines();
    let kinds: Vec<&str> = lines
        .iter()
        .map(|line| line["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "ledger", "deposit", "hold", "transfer", "transfer", "release", "transfer", "transfer",
            "transfer", "transfer", "transfer", "exchange", "seal"
        ]
    );
    // A release belongs to the accounts of its hold, a seal to none.
    let numbers = |command: &str| -> Vec<u64> {
        let lines = shell.ledger(command).succeeds().json_lines();
        let events = lines.iter().map(|line| line.get("event").unwrap_or(line));
        events.filter_map(|event| event["seq"].as_u64()).collect()
    };
    let of_shop = [2, 3, 4, 5, 6, 7, 8, 9, 10];
    assert_eq!(numbers("export --to jsonl --account shop")[1..], of_shop);
    assert_eq!(numbers("replay --account shop --json"), of_shop);
    assert_eq!(
        numbers("watch --since seq:1 --account shop --no-follow --json"),
        of_shop
    );
    for format in ["hledger", "ledger", "beancount"] {
        let journal = shell
            .ledger(&format!("export --to {format}"))
            .succeeds()
            .stdout;
        assert!(!journal.contains("hold"), "{journal}");
        assert!(!journal.contains("seal"), "{journal}");
    }
}

#[test]
fn the_first_event_of_version_2_is_announced_once() {
    let note = "note: from event 2 on, this log needs ledger 0.2 or newer\n";
    for first in [
        "hold 5",
        "refund 1 2",
        "correct 1 --amount 6",
        "exchange 5 --from main --to usd --for 6USD",
        "seal 2026-10",
    ] {
        let shell = Shell::given(&["deposit 50EUR"]);
        let dry = shell.ledger(&format!("{first} -n")).succeeds();
        assert_eq!(dry.stderr, "", "{first}");
        let ran = shell.ledger(first).succeeds();
        // Of a correction, the first line is an ordinary reversal.
        let is_pair = first.starts_with("correct");
        let note = if is_pair {
            note.replace("event 2", "event 3")
        } else {
            note.to_owned()
        };
        assert_eq!(ran.stderr, note, "{first}");
        assert_eq!(shell.ledger("hold 1").succeeds().stderr, "", "{first}");
    }
    let shell = Shell::given(&["deposit 50EUR"]);
    let ran = shell.ledger("hold 5 --json").succeeds();
    assert_eq!(
        ran.stderr,
        "{\"note\":{\"code\":\"newer_version\",\"message\":\"from event 2 on, this log needs ledger 0.2 or newer\"}}\n"
    );
    let shell = Shell::given(&["deposit 50EUR"]);
    shell.ledger("hold 5 -q").prints("");
    // A log that says nothing new is one of version 1 to the last byte.
    let shell = Shell::given(&["deposit 50EUR", "reverse 1"]);
    assert!(!String::from_utf8(shell.log()).unwrap().contains("\"v\":2"));
}
