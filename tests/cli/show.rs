use crate::harness::lines;
use crate::story::story;

#[test]
fn an_event_is_shown_whole_with_the_accounts_before_and_after() {
    let shell = story();
    shell.ledger("show 2").prints(
        "\
event      2
recorded   2026-01-02 09:00:00 +01:00
type       deposit
account    assets:giro
amount     2500.00 EUR
memo       salary
tag        employer=acme
key        salary-1
hash       <hex64>

Account      Before   Change    After
─────────────────────────────────────────
assets:giro    0.00  2500.00  2500.00 EUR
",
    );
    shell.ledger("show 5").prints(
        "\
event      5
recorded   2026-02-04 09:00:00 +01:00
effective  2026-01-31 00:00:00 +01:00
type       transfer
from       assets:giro
to         expenses:groceries
amount     120.40 EUR
hash       <hex64>

balances in the order of recording:
Account              Before   Change    After
─────────────────────────────────────────────────
assets:giro         1587.50  -120.40  1467.10 EUR
expenses:groceries        –   120.40   120.40 EUR
",
    );
}

#[test]
fn a_reversal_and_what_it_reversed_name_each_other() {
    let shell = story();
    shell.ledger("show 4").prints(
        "\
event      4
recorded   2026-02-03 09:00:00 +01:00
effective  2026-01-30 09:00:00 +01:00
type       withdraw
account    assets:giro
amount     12.50 EUR
reversed   by event 8
memo       lunch
hash       <hex64>

balances in the order of recording:
Account       Before  Change    After
─────────────────────────────────────────
assets:giro  1600.00  -12.50  1587.50 EUR
",
    );
    shell.ledger("show 8").prints(
        "\
event      8
recorded   2026-03-01 09:00:00 +01:00
type       deposit
account    assets:giro
amount     12.50 EUR
reverses   event 4
hash       <hex64>

Account       Before  Change    After
─────────────────────────────────────────
assets:giro  -432.90   12.50  -420.40 EUR
",
    );
    shell.ledger("show 4 --known-at seq:7").prints(
        "\
known at event 7
event      4
recorded   2026-02-03 09:00:00 +01:00
effective  2026-01-30 09:00:00 +01:00
type       withdraw
account    assets:giro
amount     12.50 EUR
memo       lunch
hash       <hex64>

balances in the order of recording:
Account       Before  Change    After
─────────────────────────────────────────
assets:giro  1600.00  -12.50  1587.50 EUR
",
    );
}

#[test]
fn floors_and_states_are_shown_where_no_money_moved() {
    let shell = story();
    shell.ledger("limit assets:giro --floor none").succeeds();
    shell.ledger("show 1").prints(
        "\
event      1
recorded   2026-01-01 09:01:00 +01:00
type       open
account    assets:giro
currency   EUR
floor      -500.00
hash       <hex64>

Account      Before  After      Floor before    after  State
────────────────────────────────────────────────────────────
assets:giro       –   0.00 EUR             –  -500.00  open
",
    );
    shell.ledger("show 11").prints(
        "\
event      11
recorded   2026-11-23 11:15:02 +01:00
type       limit
account    assets:giro
floor      none
hash       <hex64>

Account       Before    After      Floor before  after  State
─────────────────────────────────────────────────────────────
assets:giro  -420.40  -420.40 EUR       -500.00   none  open
",
    );
    shell.ledger("show 10").prints(
        "\
event      10
recorded   2026-03-03 09:00:00 +01:00
type       close
account    old
hash       <hex64>

Account  Before  After      Floor before  after  State
───────────────────────────────────────────────────────
old        0.00   0.00 EUR          0.00   0.00  closed
",
    );
}

#[test]
fn the_first_line_is_shown_too() {
    let shell = story();
    shell.ledger("show 0").prints(
        "\
event      0
recorded   2026-01-01 09:00:00 +01:00
type       ledger
id         <hex32>
currency   EUR
zone       Europe/Vienna
hash       <hex64>
",
    );
}

#[test]
fn positions_are_understood() {
    let shell = story();
    shell.ledger("show head~9").prints(
        "\
event      1
recorded   2026-01-01 09:01:00 +01:00
type       open
account    assets:giro
currency   EUR
floor      -500.00
hash       <hex64>

Account      Before  After      Floor before    after  State
────────────────────────────────────────────────────────────
assets:giro       –   0.00 EUR             –  -500.00  open
",
    );
    shell.ledger("show seq:2 --json").prints(&lines(&[r#"{"event":{"v":1,"seq":2,"at":"2026-01-02T08:00:00.000000Z","type":"deposit","account":"assets:giro","amount":"2500.00","currency":"EUR","key":"salary-1","hash":"<hex64>","memo":"salary","tags":{"employer":"acme"}},"changes":[{"account":"assets:giro","change":"2500.00","balance":"2500.00","currency":"EUR"}],"before":[{"account":"assets:giro","balance":"0.00","pending_in":"0.00","pending_out":"0.00","available":"0.00","currency":"EUR","floor":"-500.00","open":true}],"balances":[{"account":"assets:giro","balance":"2500.00","pending_in":"0.00","pending_out":"0.00","available":"2500.00","currency":"EUR","floor":"-500.00","open":true}],"reversed_by":null,"links":{"reverses":null,"reversed_by":null,"captures":null,"captured_by":[],"corrects":null,"corrected_by":null,"refunds":null,"refunded_by":[]},"until":null,"known_at":null,"torn_bytes":0}"#]));
}

#[test]
fn an_event_is_found_by_its_key() {
    let shell = story();
    let by_number = shell.ledger("show 2").succeeds();
    shell.ledger("show key:salary-1").prints(&by_number.stdout);
    shell.ledger("show key:salary-2").fails(
        2,
        "error: no event has the key salary-2\nhint: ledger replay\n",
    );
}

#[test]
fn json_has_the_event_what_it_changed_and_the_state_around_it() {
    let shell = story();
    shell.ledger("show 4 --json").prints(&lines(&[r#"{"event":{"v":1,"seq":4,"at":"2026-02-03T08:00:00.000000Z","effective":"2026-01-30T08:00:00.000000Z","type":"withdraw","account":"assets:giro","amount":"12.50","currency":"EUR","hash":"<hex64>","memo":"lunch"},"changes":[{"account":"assets:giro","change":"-12.50","balance":"1587.50","currency":"EUR"}],"before":[{"account":"assets:giro","balance":"1600.00","pending_in":"0.00","pending_out":"0.00","available":"1600.00","currency":"EUR","floor":"-500.00","open":true}],"balances":[{"account":"assets:giro","balance":"1587.50","pending_in":"0.00","pending_out":"0.00","available":"1587.50","currency":"EUR","floor":"-500.00","open":true}],"reversed_by":8,"links":{"reverses":null,"reversed_by":8,"captures":null,"captured_by":[],"corrects":null,"corrected_by":null,"refunds":null,"refunded_by":[]},"until":null,"known_at":null,"torn_bytes":0}"#]));
    shell.ledger("show 6 --json").prints(&lines(&[r#"{"event":{"v":1,"seq":6,"at":"2026-02-05T08:00:00.000000Z","type":"deposit","account":"assets:travel","amount":"30.00","currency":"USD","hash":"<hex64>"},"changes":[{"account":"assets:travel","change":"30.00","balance":"30.00","currency":"USD"}],"before":[],"balances":[{"account":"assets:travel","balance":"30.00","pending_in":"0.00","pending_out":"0.00","available":"30.00","currency":"USD","floor":"0.00","open":true}],"reversed_by":null,"links":{"reverses":null,"reversed_by":null,"captures":null,"captured_by":[],"corrects":null,"corrected_by":null,"refunds":null,"refunded_by":[]},"until":null,"known_at":null,"torn_bytes":0}"#]));
}

#[test]
fn an_event_that_is_not_there_is_a_mistake_on_the_command_line() {
    let shell = story();
    shell.ledger("show 99").fails(
        2,
        "\
error: there is no event 99: the log ends with event 10
hint: ledger show 10
",
    );
    shell.ledger("show 99 --json").fails(2, &lines(&[r#"{"error":{"code":"usage","message":"there is no event 99: the log ends with event 10","hint":"ledger show 10","exit_code":2,"recorded":null}}"#]));
    shell.ledger("show 18446744073709551616").fails(
        2,
        "\
error: 18446744073709551616 is not the number of an event
hint: ledger replay
",
    );
    shell.ledger("show 2026").fails(
        2,
        "\
error: there is no event 2026: the log ends with event 10
hint: ledger show 10
",
    );
    shell.ledger("show x").fails(
        2,
        "\
error: x is not the number of an event
hint: ledger replay
",
    );
    shell.ledger("show seq:99").fails(
        2,
        "\
error: `seq:99` is not in this log: its head is event 10
hint: ledger show 10
",
    );
}

#[test]
fn an_event_that_does_not_count_at_the_moment_is_a_mistake_on_the_command_line() {
    let shell = story();
    shell.ledger("show 7 --until 2026-01").fails(
        2,
        "\
error: event 7 does not count at the selected moment: until 2026-01-31 23:59:59.999999 +01:00 (Europe/Vienna)
hint: ledger show 7
",
    );
    shell.ledger("show 7 --known-at seq:6").fails(
        2,
        "\
error: event 7 does not count at the selected moment: known at event 6
hint: ledger show 7
",
    );
}

#[test]
fn the_cut_is_said_above() {
    let shell = story();
    shell.ledger("show 3 --until 2026-01").prints(
        "\
until 2026-01-31 23:59:59.999999 +01:00 (Europe/Vienna)
event      3
recorded   2026-01-03 09:00:00 +01:00
type       transfer
from       assets:giro
to         expenses:rent
amount     900.00 EUR
memo       rent
hash       <hex64>

Account         Before   Change    After
────────────────────────────────────────────
assets:giro    2500.00  -900.00  1600.00 EUR
expenses:rent        –   900.00   900.00 EUR
",
    );
    shell.ledger("show 3 --until 2026-01 -q").prints(
        "\
event      3
recorded   2026-01-03 09:00:00 +01:00
type       transfer
from       assets:giro
to         expenses:rent
amount     900.00 EUR
memo       rent
hash       <hex64>

Account         Before   Change    After
────────────────────────────────────────────
assets:giro    2500.00  -900.00  1600.00 EUR
expenses:rent        –   900.00   900.00 EUR
",
    );
}
