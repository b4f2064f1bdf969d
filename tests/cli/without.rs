use crate::harness::{Shell, lines};

/// A salary, a rent that was reversed, an order on hold, captured in part and refunded.
fn shell() -> Shell {
    Shell::given(&[
        "init --currency EUR -q",
        "deposit 100 -m salary --key salary -q",
        "withdraw 60 -m rent -q",
        "reverse 2 -q",
        "hold 30 --from main -q",
        "capture 4 20 --keep -q",
        "refund 5 5 -q",
        "release 4 -q",
        "deposit 7 -a other --effective 2026-12-24 -q",
    ])
}

#[test]
fn what_refers_to_an_event_that_is_left_out_is_left_out_too() {
    let shell = shell();
    shell.ledger("balance --without 2").prints(
        "\
1 event counted here takes effect in the future; --until now leaves it out
without #2, and #3, which refers to it
Account  Balance
────────────────────
main       85.00 EUR
other       7.00 EUR
────────────────────
Total      92.00 EUR
",
    );
    shell.ledger("balance main --without 4").prints(
        "\
1 event counted here takes effect in the future; --until now leaves it out
without #4, and #5, #6, #7, which refer to it
Account  Balance
────────────────────
main      100.00 EUR
",
    );
    shell
        .ledger("balance main -q --without 3")
        .prints("25.00\n");
    shell
        .ledger("balance main -q --without 6,2")
        .prints("80.00\n");
    shell
        .ledger("balance main -q --without 6 --without 2")
        .prints("80.00\n");
    shell
        .ledger("balance other --without head --until now")
        .prints(
            "\
until 2026-11-23 10:15:02 +00:00 (UTC)
without #8
Account  Balance
────────────────────
other       0.00 EUR
",
        );
}

#[test]
fn what_the_rules_would_then_have_refused_counts_and_is_named_in_recorded_order() {
    let shell = shell();
    shell.ledger("balance main --without key:salary").prints(
        "\
1 event counted here takes effect in the future; --until now leaves it out
without #1
the rules would then have refused #2 (unknown_account), #4 (insufficient_funds)
Account  Balance
────────────────────
main      -15.00 EUR
",
    );
    let answer = shell.ledger("balance --without 1,3 --json").json();
    assert_eq!(answer["without"], serde_json::json!([1, 3]));
    assert_eq!(
        answer["refused"],
        serde_json::json!([
            {"seq": 2, "code": "unknown_account"},
            {"seq": 4, "code": "insufficient_funds"}
        ])
    );
    assert_eq!(answer["balances"][0]["balance"], "-75.00");
    assert_eq!(answer["events"], 6);
    assert_eq!(answer["seq"], 8);
    // Of an answer about a moment, only what counts in it.
    let answer = shell
        .ledger("balance --without 1 --until seq:3 --json")
        .json();
    assert_eq!(answer["refused"][0]["seq"], 2);
    assert_eq!(answer["refused"].as_array().unwrap().len(), 1);
    let plain = shell.ledger("balance --json").json();
    assert_eq!((plain.get("without"), plain.get("refused")), (None, None));
}

#[test]
fn every_reading_command_that_adds_up_can_leave_events_out() {
    let shell = shell();
    shell.ledger("history main --without 4,2").prints(
        "\
times in UTC, now +00:00
1 event counted here takes effect in the future; --until now leaves it out
without #2, #4, and #3, #5, #6, #7, which refer to them
#  Effective         Type     Change  Balance      Details
──────────────────────────────────────────────────────────
1  2026-11-23 10:15  deposit  100.00   100.00 EUR  salary
",
    );
    shell.ledger("history main --without 4,2 --json").is(
        0,
        &lines(&[r#"{"seq":1,"at":"2026-11-23T10:15:02.000000Z","effective":"2026-11-23T10:15:02.000000Z","type":"deposit","account":"main","change":"100.00","balance":"100.00","currency":"EUR","memo":"salary","tags":null,"reverses":null,"captures":null,"corrects":null,"refunds":null,"key":"salary"}"#]),
        "{\"note\":{\"code\":\"without\",\"message\":\"without #2, #4, and #3, #5, #6, #7, which refer to them\"}}\n",
    );
    shell.ledger("balance main --csv --without 4,2").is(
        0,
        "account,balance,currency,pending_in,pending_out,available\r\n\
         main,100.00,EUR,0.00,0.00,100.00\r\n",
        "note: without #2, #4, and #3, #5, #6, #7, which refer to them\n",
    );
    let replayed = shell.ledger("replay --without 1 --json").json_lines();
    let seqs: Vec<_> = replayed
        .iter()
        .filter_map(|line| line["event"]["seq"].as_u64())
        .collect();
    assert_eq!(seqs, [0, 2, 3, 4, 5, 6, 7, 8]);
    let state = &replayed.last().unwrap()["state"];
    assert_eq!(state["without"], serde_json::json!([1]));
    assert_eq!(state["refused"][0]["code"], "unknown_account");
    let accounts = shell.ledger("accounts --without 8 --json").json();
    assert_eq!(accounts["accounts"].as_array().unwrap().len(), 1);
    assert_eq!(accounts["without"], serde_json::json!([8]));
    shell.ledger("diff seq:0 seq:3 --without 3").prints(
        "\
from event 0 to event 3 (UTC)
without #3
Account  From     To  Change
────────────────────────────────
main     0.00  40.00   40.00 EUR
",
    );
    let report = shell.ledger("report --without 8 --json").json();
    assert_eq!(report["currencies"][0]["balance"], "85.00");
    assert_eq!(report["without"], serde_json::json!([8]));
    let future =
        "note: 1 event counted here takes effect in the future; --until now leaves it out\n";
    shell.ledger("assert 'main == 25' --without 3").prints("");
    shell.ledger("assert 'main == 85' --without 3").fails(
        3,
        &format!(
            "\
{future}note: without #3
error: main is 25.00 EUR, not == 85.00 EUR; event 6 (line 7) changed it last
"
        ),
    );
    let assert = shell
        .ledger("assert 'main == 25' --without 3 --json")
        .json();
    assert_eq!(assert["without"], serde_json::json!([3]));
}

#[test]
fn an_event_that_is_not_there_is_a_mistake() {
    let shell = shell();
    for (line, message) in [
        (
            "balance --without 9",
            "error: there is no event 9: the log ends with event 8\nhint: ledger show 8\n",
        ),
        (
            "balance --without 0",
            "error: the first line cannot be left out\nhint: ledger balance --help\n",
        ),
        (
            "balance --without head~9",
            "error: there are only 9 events\nhint: ledger balance --help\n",
        ),
        (
            "balance --without key:rent",
            "error: no event has the key rent\nhint: ledger replay\n",
        ),
        (
            "balance --without 2;3",
            "error: `2;3` does not name an event: use its number, key:KEY, head or head~N\nhint: ledger replay\n",
        ),
    ] {
        shell.ledger(line).fails(2, message);
    }
    shell.ledger("deposit 1 --without 2").fails(
        2,
        "error: unexpected argument '--without' found\nhint: ledger deposit --help\n",
    );
}
