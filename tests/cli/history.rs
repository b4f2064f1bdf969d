use crate::harness::{Shell, lines};
use crate::story::story;

#[test]
fn a_statement_is_in_effective_order_with_the_balance_after_each_event() {
    let shell = story();
    shell.ledger("history assets:giro").prints("\
times in Europe/Vienna, now +01:00
#  Effective         Type        Change  Balance      Details
──────────────────────────────────────────────────────────────────────────────────────────────────────
2  2026-01-02 09:00  deposit    2500.00  2500.00 EUR  salary [employer=acme]
3  2026-01-03 09:00  transfer   -900.00  1600.00 EUR  rent, to expenses:rent
4  2026-01-30 09:00  withdraw    -12.50  1587.50 EUR  lunch, reversed by #8, recorded 2026-02-03 09:00
5  2026-01-31 00:00  transfer   -120.40  1467.10 EUR  to expenses:groceries, recorded 2026-02-04 09:00
7  2026-02-06 09:00  withdraw  -1900.00  -432.90 EUR  overdraft [order=7 shop=north]
8  2026-03-01 09:00  deposit      12.50  -420.40 EUR  reverses #4
");
}

#[test]
fn every_key_stands_in_the_json_of_a_statement_null_where_there_is_nothing() {
    let shell = story();
    shell.ledger("history assets:giro --json").prints(&lines(&[r#"{"seq":2,"at":"2026-01-02T08:00:00.000000Z","effective":"2026-01-02T08:00:00.000000Z","type":"deposit","account":"assets:giro","change":"2500.00","balance":"2500.00","currency":"EUR","memo":"salary","tags":{"employer":"acme"},"reverses":null,"captures":null,"corrects":null,"refunds":null,"key":"salary-1"}"#, r#"{"seq":3,"at":"2026-01-03T08:00:00.000000Z","effective":"2026-01-03T08:00:00.000000Z","type":"transfer","account":"assets:giro","change":"-900.00","balance":"1600.00","currency":"EUR","memo":"rent","tags":null,"reverses":null,"captures":null,"corrects":null,"refunds":null,"key":null}"#, r#"{"seq":4,"at":"2026-02-03T08:00:00.000000Z","effective":"2026-01-30T08:00:00.000000Z","type":"withdraw","account":"assets:giro","change":"-12.50","balance":"1587.50","currency":"EUR","memo":"lunch","tags":null,"reverses":null,"captures":null,"corrects":null,"refunds":null,"key":null}"#, r#"{"seq":5,"at":"2026-02-04T08:00:00.000000Z","effective":"2026-01-30T23:00:00.000000Z","type":"transfer","account":"assets:giro","change":"-120.40","balance":"1467.10","currency":"EUR","memo":null,"tags":null,"reverses":null,"captures":null,"corrects":null,"refunds":null,"key":null}"#, r#"{"seq":7,"at":"2026-02-06T08:00:00.000000Z","effective":"2026-02-06T08:00:00.000000Z","type":"withdraw","account":"assets:giro","change":"-1900.00","balance":"-432.90","currency":"EUR","memo":"overdraft","tags":{"order":"7","shop":"north"},"reverses":null,"captures":null,"corrects":null,"refunds":null,"key":null}"#, r#"{"seq":8,"at":"2026-03-01T08:00:00.000000Z","effective":"2026-03-01T08:00:00.000000Z","type":"deposit","account":"assets:giro","change":"12.50","balance":"-420.40","currency":"EUR","memo":null,"tags":null,"reverses":4,"captures":null,"corrects":null,"refunds":null,"key":null}"#]));
}

#[test]
fn the_newest_are_kept_and_may_come_first() {
    let shell = story();
    shell.ledger("history assets:giro --limit 2").prints(
        "\
times in Europe/Vienna, now +01:00
#  Effective         Type        Change  Balance      Details
────────────────────────────────────────────────────────────────────────────────────
7  2026-02-06 09:00  withdraw  -1900.00  -432.90 EUR  overdraft [order=7 shop=north]
8  2026-03-01 09:00  deposit      12.50  -420.40 EUR  reverses #4
",
    );
    shell
        .ledger("history assets:giro --limit 2 --reverse")
        .prints(
            "\
times in Europe/Vienna, now +01:00
#  Effective         Type        Change  Balance      Details
────────────────────────────────────────────────────────────────────────────────────
8  2026-03-01 09:00  deposit      12.50  -420.40 EUR  reverses #4
7  2026-02-06 09:00  withdraw  -1900.00  -432.90 EUR  overdraft [order=7 shop=north]
",
        );
    shell.ledger("history assets:giro --limit 0").prints(
        "\
times in Europe/Vienna, now +01:00
no events to show on assets:giro
",
    );
}

#[test]
fn rows_are_picked_by_type_and_keep_the_balances_of_all_events() {
    let shell = story();
    shell.ledger("history assets:giro --type deposit").prints(
        "\
times in Europe/Vienna, now +01:00
#  Effective         Type      Change  Balance      Details
──────────────────────────────────────────────────────────────────────────
2  2026-01-02 09:00  deposit  2500.00  2500.00 EUR  salary [employer=acme]
8  2026-03-01 09:00  deposit    12.50  -420.40 EUR  reverses #4
",
    );
    shell.ledger("history assets:giro --type deposit --type transfer --limit 3").prints("\
times in Europe/Vienna, now +01:00
#  Effective         Type       Change  Balance      Details
─────────────────────────────────────────────────────────────────────────────────────────────────────
3  2026-01-03 09:00  transfer  -900.00  1600.00 EUR  rent, to expenses:rent
5  2026-01-31 00:00  transfer  -120.40  1467.10 EUR  to expenses:groceries, recorded 2026-02-04 09:00
8  2026-03-01 09:00  deposit     12.50  -420.40 EUR  reverses #4
");
    shell
        .ledger("history assets:giro --type open")
        .prints("times in Europe/Vienna, now +01:00\nno events to show on assets:giro\n");
}

#[test]
fn rows_are_picked_by_tags_with_or_without_a_value() {
    let shell = story();
    shell.ledger("history assets:giro --tag employer").prints(
        "\
times in Europe/Vienna, now +01:00
#  Effective         Type      Change  Balance      Details
──────────────────────────────────────────────────────────────────────────
2  2026-01-02 09:00  deposit  2500.00  2500.00 EUR  salary [employer=acme]
",
    );
    shell
        .ledger("history assets:giro --tag order=7 --tag shop")
        .prints(
            "\
times in Europe/Vienna, now +01:00
#  Effective         Type        Change  Balance      Details
────────────────────────────────────────────────────────────────────────────────────
7  2026-02-06 09:00  withdraw  -1900.00  -432.90 EUR  overdraft [order=7 shop=north]
",
        );
    shell.ledger("history assets:giro --tag order=8").prints(
        "\
times in Europe/Vienna, now +01:00
no events to show on assets:giro
",
    );
    shell.ledger("history assets:giro --tag =7").fails(
        2,
        "\
error: a tag's key is empty; write --tag order, or --tag order=1234
hint: ledger history --help
",
    );
}

#[test]
fn what_was_undone_can_be_hidden() {
    let shell = story();
    shell.ledger("history assets:giro --net").prints("\
times in Europe/Vienna, now +01:00
#  Effective         Type        Change  Balance      Details
──────────────────────────────────────────────────────────────────────────────────────────────────────
2  2026-01-02 09:00  deposit    2500.00  2500.00 EUR  salary [employer=acme]
3  2026-01-03 09:00  transfer   -900.00  1600.00 EUR  rent, to expenses:rent
5  2026-01-31 00:00  transfer   -120.40  1479.60 EUR  to expenses:groceries, recorded 2026-02-04 09:00
7  2026-02-06 09:00  withdraw  -1900.00  -420.40 EUR  overdraft [order=7 shop=north]
");
}

#[test]
fn since_hides_rows_and_keeps_the_balances() {
    let shell = story();
    shell.ledger("history assets:giro --since 2026-02").prints(
        "\
since 2026-02-01 00:00:00 +01:00 (Europe/Vienna)
#  Effective         Type        Change  Balance      Details
────────────────────────────────────────────────────────────────────────────────────
7  2026-02-06 09:00  withdraw  -1900.00  -432.90 EUR  overdraft [order=7 shop=north]
8  2026-03-01 09:00  deposit      12.50  -420.40 EUR  reverses #4
",
    );
}

#[test]
fn until_cuts_by_when_it_took_effect_known_at_by_when_it_was_recorded() {
    let shell = story();
    shell.ledger("history assets:giro --until 2026-01-31").prints("\
until 2026-01-31 23:59:59.999999 +01:00 (Europe/Vienna)
#  Effective         Type       Change  Balance      Details
─────────────────────────────────────────────────────────────────────────────────────────────────────
2  2026-01-02 09:00  deposit   2500.00  2500.00 EUR  salary [employer=acme]
3  2026-01-03 09:00  transfer  -900.00  1600.00 EUR  rent, to expenses:rent
4  2026-01-30 09:00  withdraw   -12.50  1587.50 EUR  lunch, recorded 2026-02-03 09:00
5  2026-01-31 00:00  transfer  -120.40  1467.10 EUR  to expenses:groceries, recorded 2026-02-04 09:00
");
    shell
        .ledger("history assets:giro --until 2026-01-31 --known-at 2026-02-03")
        .prints(
            "\
until 2026-01-31 23:59:59.999999 +01:00, known at 2026-02-03 23:59:59.999999 +01:00 (Europe/Vienna)
#  Effective         Type       Change  Balance      Details
─────────────────────────────────────────────────────────────────────────────────────
2  2026-01-02 09:00  deposit   2500.00  2500.00 EUR  salary [employer=acme]
3  2026-01-03 09:00  transfer  -900.00  1600.00 EUR  rent, to expenses:rent
4  2026-01-30 09:00  withdraw   -12.50  1587.50 EUR  lunch, recorded 2026-02-03 09:00
",
        );
    shell.ledger("history assets:giro --since seq:4 --until seq:7 --known-at seq:8").prints("\
since event 4, until event 7, known at event 8
times in Europe/Vienna, now +01:00
#  Effective         Type        Change  Balance      Details
──────────────────────────────────────────────────────────────────────────────────────────────────────
4  2026-01-30 09:00  withdraw    -12.50  1587.50 EUR  lunch, recorded 2026-02-03 09:00
5  2026-01-31 00:00  transfer   -120.40  1467.10 EUR  to expenses:groceries, recorded 2026-02-04 09:00
7  2026-02-06 09:00  withdraw  -1900.00  -432.90 EUR  overdraft [order=7 shop=north]
");
}

#[test]
fn an_account_that_is_not_there_yet_has_an_empty_statement() {
    let shell = story();
    shell
        .ledger("history expenses:groceries --until 2026-01-30")
        .prints(
            "\
until 2026-01-30 23:59:59.999999 +01:00 (Europe/Vienna)
no events to show on expenses:groceries
",
        );
    shell
        .ledger("history expenses:groceries --until 2026-01-30 --json")
        .prints("");
}

#[test]
fn an_account_on_which_no_money_moved_has_an_empty_statement() {
    let shell = story();
    shell.ledger("history old").prints(
        "\
times in Europe/Vienna, now +01:00
no events to show on old
",
    );
    shell.ledger("history old --json").prints("");
}

#[test]
fn an_unknown_account_is_refused_with_the_one_that_was_likely_meant() {
    let shell = story();
    shell.ledger("history assets:gior").fails(
        4,
        "\
error: there is no account assets:gior
hint: ledger history assets:giro
",
    );
    shell.ledger("history rent --json").fails(4, &lines(&[r#"{"error":{"code":"unknown_account","message":"there is no account rent","hint":"ledger history expenses:rent --json","exit_code":4,"recorded":null}}"#]));
    shell.ledger("history 'a b'").fails(
        2,
        "\
error: `a b` is not an account name: it holds ' '
hint: ledger history a-b
",
    );
}

#[test]
fn main_is_meant_where_no_account_is_named() {
    let shell = Shell::given(&["init", "deposit 5", "withdraw 2"]);
    shell.ledger("history").prints(
        "\
times in UTC, now +00:00
#  Effective         Type      Change  Balance    Details
─────────────────────────────────────────────────────────
1  2026-11-23 10:15  deposit        5        5
2  2026-11-23 10:15  withdraw      -2        3
",
    );
}

#[test]
fn an_account_that_was_not_known_then_is_unknown() {
    let shell = story();
    shell
        .ledger("history assets:travel --known-at 2026-01")
        .fails(
            4,
            "\
error: no account assets:travel was known at 2026-01-31 23:59:59.999999 +01:00
hint: ledger accounts --known-at 2026-01-31T22:59:59.999999Z
",
        );
}

#[test]
fn quiet_leaves_out_the_lines_above_the_table() {
    let shell = story();
    shell
        .ledger("history assets:travel --until 2026-02 -q")
        .prints(
            "\
#  Effective         Type     Change  Balance      Details
──────────────────────────────────────────────────────────
6  2026-02-05 09:00  deposit   30.00    30.00 USD
",
        );
}

#[test]
fn text_from_the_log_cannot_act_on_a_terminal() {
    let shell = Shell::given(&[
        "init",
        "deposit 5 -m '\x1b]0;title\x07 \u{202e} gnp\nsecond line' --tag 'a\x1b=b\x7f'",
    ]);
    shell.ledger("history").prints("\
times in UTC, now +00:00
#  Effective         Type     Change  Balance    Details
────────────────────────────────────────────────────────────────────────────────────────────────────────────────
1  2026-11-23 10:15  deposit       5        5    \\u{1b}]0;title\\u{7} \\u{202e} gnp\\nsecond line [a\\u{1b}=b\\u{7f}]
");
    shell.ledger("history --json").prints(&lines(&[r#"{"seq":1,"at":"2026-11-23T10:15:02.000000Z","effective":"2026-11-23T10:15:02.000000Z","type":"deposit","account":"main","change":"5","balance":"5","currency":null,"memo":"\u001b]0;title\u0007 \u202e gnp\nsecond line","tags":{"a\u001b":"b\u007f"},"reverses":null,"captures":null,"corrects":null,"refunds":null,"key":null}"#]));
}

#[test]
fn finer_amounts_show_in_all_figures_of_the_account() {
    let shell = Shell::given(&["init", "deposit 5", "deposit 0.125", "withdraw 1.5"]);
    shell.ledger("history").prints(
        "\
times in UTC, now +00:00
#  Effective         Type      Change  Balance    Details
─────────────────────────────────────────────────────────
1  2026-11-23 10:15  deposit    5.000    5.000
2  2026-11-23 10:15  deposit    0.125    5.125
3  2026-11-23 10:15  withdraw  -1.500    3.625
",
    );
}

#[test]
fn negative_figures_are_red_and_have_their_minus() {
    let shell = Shell::given(&["init", "open main --floor none", "withdraw 5"]);
    shell.ledger("history --color always").prints("\
times in UTC, now +00:00
\x1b[1m#\x1b[0m  \x1b[1mEffective\x1b[0m         \x1b[1mType\x1b[0m      \x1b[1mChange\x1b[0m  \x1b[1mBalance\x1b[0m    \x1b[1mDetails\x1b[0m
\x1b[2m─────────────────────────────────────────────────────────\x1b[0m
2  2026-11-23 10:15  withdraw      \x1b[31m-5\x1b[0m       \x1b[31m-5\x1b[0m
");
}

#[test]
fn every_filter_keeps_the_log_as_it_is() {
    let shell = story();
    let log = shell.log();
    shell
        .ledger("history assets:giro --net --since 2026 --json")
        .succeeds();
    assert_eq!(shell.log(), log);
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn accounts_that_match_nothing_give_an_empty_statement_with_a_warning() {
    let shell = Shell::given(&["deposit 5 -a cash -q"]);
    let warning = "warning: no account matches 'nosuch*'\n";
    for (line, on) in [
        ("history --account 'nosuch*'", ""),
        ("history cash --account 'nosuch*'", " on cash"),
        ("history 'nosuch*'", ""),
    ] {
        let empty = &format!("times in UTC, now +00:00\nno events to show{on}\n");
        shell.ledger(line).is(0, empty, warning);
    }
    shell
        .ledger("history --account 'nosuch*' --csv")
        .is(0, "seq,at,effective,type,account,change,balance,currency,memo,tags,reverses,captures,corrects,refunds,key\r\n", warning);
}
