use crate::harness::{Shell, lines};
use crate::story::story;

#[test]
fn a_day_a_month_a_quarter_and_a_year_mean_their_end_in_the_ledgers_zone() {
    let shell = story();
    shell
        .ledger("balance assets:giro --until 2026-01-31")
        .prints(
            "\
until 2026-01-31 23:59:59.999999 +01:00 (Europe/Vienna)
Account      Balance
────────────────────────
assets:giro  1467.10 EUR
",
        );
    shell.ledger("balance assets:giro --until 2026-01").prints(
        "\
until 2026-01-31 23:59:59.999999 +01:00 (Europe/Vienna)
Account      Balance
────────────────────────
assets:giro  1467.10 EUR
",
    );
    shell.ledger("balance assets:giro --until 2026-Q1").prints(
        "\
until 2026-03-31 23:59:59.999999 +02:00 (Europe/Vienna)
Account      Balance
────────────────────────
assets:giro  -420.40 EUR
",
    );
    shell.ledger("balance assets:giro --until 2026").prints(
        "\
until 2026-12-31 23:59:59.999999 +01:00 (Europe/Vienna)
Account      Balance
────────────────────────
assets:giro  -420.40 EUR
",
    );
}

#[test]
fn since_means_their_start() {
    let shell = story();
    shell
        .ledger("history assets:travel --since 2026-Q1")
        .prints(
            "\
since 2026-01-01 00:00:00 +01:00 (Europe/Vienna)
#  Effective         Type     Change  Balance      Details
──────────────────────────────────────────────────────────
6  2026-02-05 09:00  deposit   30.00    30.00 USD
",
        );
    shell
        .ledger("history assets:travel --since 2026-02-06")
        .prints(
            "\
since 2026-02-06 00:00:00 +01:00 (Europe/Vienna)
no events to show on assets:travel
",
        );
    shell
        .ledger("history assets:travel --since 2026-02-05")
        .prints(
            "\
since 2026-02-05 00:00:00 +01:00 (Europe/Vienna)
#  Effective         Type     Change  Balance      Details
──────────────────────────────────────────────────────────
6  2026-02-05 09:00  deposit   30.00    30.00 USD
",
        );
}

#[test]
fn an_instant_counts_what_happened_up_to_and_with_it() {
    let shell = story();
    shell
        .ledger("balance assets:giro -q --until 2026-01-02T08:00:00Z")
        .prints("2500.00\n");
    shell
        .ledger("balance assets:giro -q --until 2026-01-02T07:59:59.999999Z")
        .prints("0.00\n");
    shell
        .ledger("balance assets:giro --until '2026-01-02 09:00'")
        .prints(
            "\
until 2026-01-02 09:00:00 +01:00 (Europe/Vienna)
Account      Balance
────────────────────────
assets:giro  2500.00 EUR
",
        );
    shell
        .ledger("balance assets:giro --until 2026-01-02T03:00:00-05:00")
        .prints(
            "\
until 2026-01-02 09:00:00 +01:00 (Europe/Vienna)
Account      Balance
────────────────────────
assets:giro  2500.00 EUR
",
        );
    shell
        .ledger("balance assets:giro --until @1767340800")
        .prints(
            "\
until 2026-01-02 09:00:00 +01:00 (Europe/Vienna)
Account      Balance
────────────────────────
assets:giro  2500.00 EUR
",
        );
}

#[test]
fn steps_back_are_calendar_steps_and_hours_are_exact() {
    let mut shell = story();
    shell.at("2026-03-29T10:00:00Z");
    shell
        .ledger("balance assets:travel --until '1 day ago'")
        .prints(
            "\
until 2026-03-28 12:00:00 +01:00 (Europe/Vienna)
Account        Balance
──────────────────────────
assets:travel    30.00 USD
",
        );
    shell
        .ledger("balance assets:travel --until '24h ago'")
        .prints(
            "\
until 2026-03-28 11:00:00 +01:00 (Europe/Vienna)
Account        Balance
──────────────────────────
assets:travel    30.00 USD
",
        );
    shell
        .ledger("balance assets:travel --until '90m ago'")
        .prints(
            "\
until 2026-03-29 10:30:00 +02:00 (Europe/Vienna)
Account        Balance
──────────────────────────
assets:travel    30.00 USD
",
        );
    shell
        .ledger("balance assets:travel --until yesterday")
        .prints(
            "\
until 2026-03-28 23:59:59.999999 +01:00 (Europe/Vienna)
Account        Balance
──────────────────────────
assets:travel    30.00 USD
",
        );
    shell.ledger("balance assets:travel --until today").prints(
        "\
until 2026-03-29 23:59:59.999999 +02:00 (Europe/Vienna)
Account        Balance
──────────────────────────
assets:travel    30.00 USD
",
    );
    shell.ledger("balance assets:travel --until now").prints(
        "\
until 2026-03-29 12:00:00 +02:00 (Europe/Vienna)
Account        Balance
──────────────────────────
assets:travel    30.00 USD
",
    );
}

#[test]
fn a_local_time_in_a_gap_means_the_later_and_in_a_fold_the_first() {
    let shell = story();
    shell
        .ledger("balance assets:travel --until '2026-03-29 02:30'")
        .is(
            0,
            "\
until 2026-03-29 03:30:00 +02:00 (Europe/Vienna)
Account        Balance
──────────────────────────
assets:travel    30.00 USD
",
            "note: 2026-03-29 02:30 does not exist in Europe/Vienna; the time after the change is used\n",
        );
    shell
        .ledger("balance assets:travel --until '2026-10-25 02:30'")
        .is(
            0,
            "\
until 2026-10-25 02:30:00 +02:00 (Europe/Vienna)
Account        Balance
──────────────────────────
assets:travel    30.00 USD
",
            "note: 2026-10-25 02:30 occurs twice in Europe/Vienna; the first one is used\n",
        );
}

#[test]
fn a_position_counts_events_whatever_their_times() {
    let shell = story();
    shell.ledger("balance assets:giro --until seq:3").prints(
        "\
until event 3
Account      Balance
────────────────────────
assets:giro  1600.00 EUR
",
    );
    shell.ledger("balance assets:giro --until head~9").prints(
        "\
until event 1
Account      Balance
────────────────────────
assets:giro     0.00 EUR
",
    );
    shell
        .ledger("balance assets:giro --until head -q")
        .prints("-420.40\n");
    shell.ledger("balance --until seq:0").prints(
        "\
until event 0
no accounts
",
    );
}

#[test]
fn a_position_beyond_the_head_is_refused_and_never_clamped() {
    let shell = story();
    shell.ledger("balance --until seq:12").fails(
        2,
        "\
error: `seq:12` is not in this log: its head is event 10
hint: ledger show 10
",
    );
    shell.ledger("balance --until head~12").fails(
        2,
        "\
error: `head~12` is not in this log: it has only 10 events
hint: ledger show 10
",
    );
    shell.ledger("balance --known-at hash:00000000 --json").fails(2, &lines(&[r#"{"error":{"code":"invalid_time","message":"`hash:00000000` is not in this log: no event has this hash","hint":"ledger show 10","exit_code":2,"recorded":null}}"#]));
    shell.ledger("balance --until hash:0").fails(
        2,
        "\
error: `hash:0` is not understood: a hash has 8 to 64 hex digits here, not 1; `ledger head` and `ledger show SEQ` print hashes; the first 8 digits are enough
hint: ledger balance --help
",
    );
}

#[test]
fn known_at_asks_what_was_recorded_by_then() {
    let shell = story();
    shell
        .ledger("balance assets:giro --until 2026-01-31 --known-at 2026-02-03")
        .prints(
            "\
until 2026-01-31 23:59:59.999999 +01:00, known at 2026-02-03 23:59:59.999999 +01:00 (Europe/Vienna)
Account      Balance
────────────────────────
assets:giro  1587.50 EUR
",
        );
    shell
        .ledger("balance assets:giro --until 2026-01-31 --known-at 2026-02-04")
        .prints(
            "\
until 2026-01-31 23:59:59.999999 +01:00, known at 2026-02-04 23:59:59.999999 +01:00 (Europe/Vienna)
Account      Balance
────────────────────────
assets:giro  1467.10 EUR
",
        );
    shell.ledger("balance assets:giro --known-at 2026-02-03 --json").prints(&lines(&[r#"{"ledger":"<hex32>","seq":4,"hash":"<hex64>","until":null,"known_at":"2026-02-03T22:59:59.999999Z","as_of":"2026-02-03T22:59:59.999999Z","events":4,"balances":[{"account":"assets:giro","balance":"1587.50","pending_in":"0.00","pending_out":"0.00","available":"1587.50","currency":"EUR"}],"totals":[{"currency":"EUR","balance":"1587.50"}],"torn_bytes":0}"#]));
}

#[test]
fn a_date_that_can_be_read_two_ways_is_refused_with_both_readings() {
    let shell = Shell::new();
    shell.ledger("balance --until 03/04/2026").fails(
        2,
        "\
error: `03/04/2026` can be read as more than one date
hint: ledger balance --until 2026-04-03
hint: ledger balance --until 2026-03-04
",
    );
    shell.ledger("history --since 2026-02-30").fails(
        2,
        "error: `2026-02-30` does not exist: day 30 is not between 1 and 28\nhint: ledger history --help\n",
    );
    shell.ledger("replay --known-at soon --json").fails(2, &lines(&[r#"{"error":{"code":"invalid_time","message":"`soon` is not a known form of time; write 2026-11-23, 2026-11, 2026-Q4, 2026, 2026-11-23 10:15, 2026-11-23T10:15:02Z, today, yesterday, 2 days ago, 90m ago, in 7 days, @1700000000, seq:17, head~3 or hash:3fa9c1d2","hint":"ledger replay --help","exit_code":2,"recorded":null}}"#]));
}

#[test]
fn figures_that_count_the_future_say_so() {
    let shell = Shell::given(&["init", "deposit 5", "deposit 7 --effective 2027-01-01"]);
    shell.ledger("balance").prints(
        "\
1 event counted here takes effect in the future; --until now leaves it out
Account  Balance
──────────────────
main          12
",
    );
    shell.ledger("balance --until now").prints(
        "\
until 2026-11-23 10:15:02 +00:00 (UTC)
Account  Balance
──────────────────
main           5
",
    );
    shell.ledger("balance --until 2027").prints(
        "\
until 2027-12-31 23:59:59.999999 +00:00 (UTC)
Account  Balance
──────────────────
main          12
",
    );
    shell.ledger("balance --json").prints(&lines(&[r#"{"ledger":"<hex32>","seq":2,"hash":"<hex64>","until":null,"known_at":null,"as_of":"2026-11-23T10:15:02.000000Z","events":2,"balances":[{"account":"main","balance":"12","pending_in":"0","pending_out":"0","available":"12","currency":null}],"totals":[{"currency":null,"balance":"12"}],"torn_bytes":0}"#]));
    shell.ledger("deposit 9 --effective 2028").succeeds();
    shell.ledger("accounts").prints(
        "\
times in UTC, now +00:00
2 events counted here take effect in the future; --until now leaves them out
Account  Balance    Floor  First  Last             State
────────────────────────────────────────────────────────
main          21        0      1     3 2026-11-23  open
",
    );
    shell.ledger("history").prints(
        "\
times in UTC, now +00:00
2 events counted here take effect in the future; --until now leaves them out
#  Effective         Type     Change  Balance    Details
──────────────────────────────────────────────────────────────────────────
1  2026-11-23 10:15  deposit       5        5
2  2027-01-01 00:00  deposit       7       12    recorded 2026-11-23 10:15
3  2028-01-01 00:00  deposit       9       21    recorded 2026-11-23 10:15
",
    );
    shell.ledger("balance -q").prints("21\n");
}

#[test]
fn an_assertion_that_is_not_true_says_that_it_counts_the_future() {
    let shell = Shell::given(&["init", "deposit 5", "deposit 7 --effective 2027-01-01"]);
    let future = "1 event counted here takes effect in the future; --until now leaves it out\n";
    let note = format!("note: {future}");
    shell.ledger("assert 'main == 12'").prints("");
    shell.ledger("assert --always 'main <= 12'").prints("");
    shell.ledger("assert 'main == 5' --until now").prints("");
    let bisected = shell.ledger("bisect 'main == 5'");
    assert!(bisected.stdout.starts_with(future), "{}", bisected.stdout);
    let failed = shell.ledger("assert 'main == 5'");
    assert_eq!(failed.status, Some(3));
    assert!(failed.stderr.starts_with(&note), "{}", failed.stderr);
}

#[test]
fn a_replay_that_counts_the_future_says_so_above_the_events() {
    let shell = Shell::given(&["init", "deposit 7 --effective 2027-01-01"]);
    shell.ledger("replay").prints(
        "\
times in UTC, now +00:00
1 event counted here takes effect in the future; --until now leaves it out
#  Time (effective)    Account  Change  Balance    Event
──────────────────────────────────────────────────────────────
0  2026-11-23 10:15                                ledger, UTC
1  2026-11-23 10:15    main          7        7    deposit
   (2027-01-01 00:00)

1 event adds up to:
Account  Balance
──────────────────
main           7
",
    );
}
