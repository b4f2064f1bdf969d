use crate::harness::lines;
use crate::story::story;

#[test]
fn accounts_that_changed_are_listed_with_both_balances() {
    let shell = story();
    shell.ledger("diff 2026-01 head").prints(
        "\
from 2026-01-31 23:59:59.999999 +01:00 to event 10 (Europe/Vienna)
Account           From       To    Change
─────────────────────────────────────────────
assets:giro    1467.10  -420.40  -1887.50 EUR
assets:travel     0.00    30.00     30.00 USD
old               0.00     0.00      0.00 EUR
",
    );
}

#[test]
fn the_order_of_the_moments_is_the_direction_of_the_change() {
    let shell = story();
    shell.ledger("diff 2026-03 2026-01-30").prints(
        "\
from 2026-03-31 23:59:59.999999 +02:00 to 2026-01-30 23:59:59.999999 +01:00 (Europe/Vienna)
Account                From       To   Change
─────────────────────────────────────────────────
assets:giro         -420.40  1587.50  2007.90 EUR
assets:travel         30.00     0.00   -30.00 USD
expenses:groceries   120.40     0.00  -120.40 EUR
old                    0.00     0.00     0.00 EUR
",
    );
}

#[test]
fn json_has_both_states_and_the_changes() {
    let shell = story();
    shell.ledger("diff 2026-01-30 2026-01-31 --json").prints(&lines(&[r#"{"from":{"ledger":"<hex32>","seq":10,"hash":"<hex64>","until":"2026-01-30T22:59:59.999999Z","known_at":null,"as_of":"2026-01-30T22:59:59.999999Z","events":4,"balances":[{"account":"assets:giro","balance":"1587.50","pending_in":"0.00","pending_out":"0.00","available":"1587.50","currency":"EUR"},{"account":"expenses:rent","balance":"900.00","pending_in":"0.00","pending_out":"0.00","available":"900.00","currency":"EUR"}],"totals":[{"currency":"EUR","balance":"2487.50"}],"torn_bytes":0},"to":{"ledger":"<hex32>","seq":10,"hash":"<hex64>","until":"2026-01-31T22:59:59.999999Z","known_at":null,"as_of":"2026-01-31T22:59:59.999999Z","events":5,"balances":[{"account":"assets:giro","balance":"1467.10","pending_in":"0.00","pending_out":"0.00","available":"1467.10","currency":"EUR"},{"account":"expenses:groceries","balance":"120.40","pending_in":"0.00","pending_out":"0.00","available":"120.40","currency":"EUR"},{"account":"expenses:rent","balance":"900.00","pending_in":"0.00","pending_out":"0.00","available":"900.00","currency":"EUR"}],"totals":[{"currency":"EUR","balance":"2487.50"}],"torn_bytes":0},"changes":[{"account":"assets:giro","from":"1587.50","to":"1467.10","change":"-120.40","currency":"EUR"},{"account":"expenses:groceries","from":"0.00","to":"120.40","change":"120.40","currency":"EUR"}]}"#]));
}

#[test]
fn both_sides_may_be_cut_to_what_was_known() {
    let shell = story();
    shell.ledger("diff 2026-01-02 2026-01-31 --known-at 2026-02-03").prints("\
from 2026-01-02 23:59:59.999999 +01:00 to 2026-01-31 23:59:59.999999 +01:00, known at 2026-02-03 23:59:59.999999 +01:00 (Europe/Vienna)
Account           From       To   Change
────────────────────────────────────────────
assets:giro    2500.00  1587.50  -912.50 EUR
expenses:rent     0.00   900.00   900.00 EUR
");
}

#[test]
fn both_sides_may_be_cut_further() {
    let shell = story();
    shell.ledger("diff seq:2 seq:6 --until seq:3").prints(
        "\
from event 2 to event 3 (Europe/Vienna)
Account           From       To   Change
────────────────────────────────────────────
assets:giro    2500.00  1600.00  -900.00 EUR
expenses:rent     0.00   900.00   900.00 EUR
",
    );
    shell.ledger("diff 2025 2026-12 --until 2026-01-03").prints(
        "\
from 2025-12-31 23:59:59.999999 +01:00 to 2026-01-03 23:59:59.999999 +01:00 (Europe/Vienna)
Account        From       To   Change
─────────────────────────────────────────
assets:giro    0.00  1600.00  1600.00 EUR
expenses:rent  0.00   900.00   900.00 EUR
",
    );
    shell.ledger("diff 2025 head --until 2026").fails(
        2,
        "\
error: `head` and --until are a position and a time: neither is the earlier one; name both as times, or both as positions
hint: ledger diff --help
",
    );
}

#[test]
fn nothing_changed_is_said() {
    let shell = story();
    shell.ledger("diff head head").prints(
        "\
from event 10 to event 10 (Europe/Vienna)
no changes
",
    );
    shell.ledger("diff head head --json").prints(&lines(&[r#"{"from":{"ledger":"<hex32>","seq":10,"hash":"<hex64>","until":"seq:10","known_at":null,"as_of":"2026-03-03T08:00:00.000000Z","events":10,"balances":[{"account":"assets:giro","balance":"-420.40","pending_in":"0.00","pending_out":"0.00","available":"-420.40","currency":"EUR"},{"account":"assets:travel","balance":"30.00","pending_in":"0.00","pending_out":"0.00","available":"30.00","currency":"USD"},{"account":"expenses:groceries","balance":"120.40","pending_in":"0.00","pending_out":"0.00","available":"120.40","currency":"EUR"},{"account":"expenses:rent","balance":"900.00","pending_in":"0.00","pending_out":"0.00","available":"900.00","currency":"EUR"},{"account":"old","balance":"0.00","pending_in":"0.00","pending_out":"0.00","available":"0.00","currency":"EUR"}],"totals":[{"currency":"EUR","balance":"600.00"},{"currency":"USD","balance":"30.00"}],"torn_bytes":0},"to":{"ledger":"<hex32>","seq":10,"hash":"<hex64>","until":"seq:10","known_at":null,"as_of":"2026-03-03T08:00:00.000000Z","events":10,"balances":[{"account":"assets:giro","balance":"-420.40","pending_in":"0.00","pending_out":"0.00","available":"-420.40","currency":"EUR"},{"account":"assets:travel","balance":"30.00","pending_in":"0.00","pending_out":"0.00","available":"30.00","currency":"USD"},{"account":"expenses:groceries","balance":"120.40","pending_in":"0.00","pending_out":"0.00","available":"120.40","currency":"EUR"},{"account":"expenses:rent","balance":"900.00","pending_in":"0.00","pending_out":"0.00","available":"900.00","currency":"EUR"},{"account":"old","balance":"0.00","pending_in":"0.00","pending_out":"0.00","available":"0.00","currency":"EUR"}],"totals":[{"currency":"EUR","balance":"600.00"},{"currency":"USD","balance":"30.00"}],"torn_bytes":0},"changes":[]}"#]));
    shell.ledger("diff now now -q").prints("no changes\n");
}

#[test]
fn a_moment_that_is_none_is_refused() {
    let shell = story();
    shell.ledger("diff 03/04/2026 head").fails(
        2,
        "\
error: `03/04/2026` can be read as more than one date
hint: ledger diff 2026-04-03 head
hint: ledger diff 2026-03-04 head
",
    );
    shell.ledger("diff head seq:99").fails(
        2,
        "\
error: `seq:99` is not in this log: its head is event 10
hint: ledger show 10
",
    );
    shell.ledger("diff head").fails(
        2,
        "\
error: the following required arguments were not provided: <B>
hint: ledger diff --help
",
    );
}
