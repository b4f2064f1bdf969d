use crate::harness::{Shell, lines};
use crate::story::story;

#[test]
fn a_line_an_account_and_a_total_a_currency() {
    let shell = story();
    shell.ledger("balance").prints(
        "\
Account             Balance
───────────────────────────────
assets:giro         -420.40 EUR
assets:travel         30.00 USD
expenses:groceries   120.40 EUR
expenses:rent        900.00 EUR
───────────────────────────────
assets              -420.40 EUR
assets                30.00 USD
expenses            1020.40 EUR
",
    );
}

#[test]
fn json_has_what_was_looked_at_and_what_was_counted() {
    let shell = story();
    shell.ledger("balance --json").prints(&lines(&[r#"{"ledger":"<hex32>","seq":10,"hash":"<hex64>","until":null,"known_at":null,"as_of":"2026-11-23T10:15:02.000000Z","events":10,"balances":[{"account":"assets:giro","balance":"-420.40","pending_in":"0.00","pending_out":"0.00","available":"-420.40","currency":"EUR"},{"account":"assets:travel","balance":"30.00","pending_in":"0.00","pending_out":"0.00","available":"30.00","currency":"USD"},{"account":"expenses:groceries","balance":"120.40","pending_in":"0.00","pending_out":"0.00","available":"120.40","currency":"EUR"},{"account":"expenses:rent","balance":"900.00","pending_in":"0.00","pending_out":"0.00","available":"900.00","currency":"EUR"}],"totals":[{"currency":"EUR","balance":"600.00"},{"currency":"USD","balance":"30.00"}],"torn_bytes":0}"#]));
    shell.ledger("balance assets:travel --until seq:7 --known-at 2026-02-28 --json").prints(&lines(&[r#"{"ledger":"<hex32>","seq":7,"hash":"<hex64>","until":"seq:7","known_at":"2026-02-28T22:59:59.999999Z","as_of":"2026-02-06T08:00:00.000000Z","events":7,"balances":[{"account":"assets:travel","balance":"30.00","pending_in":"0.00","pending_out":"0.00","available":"30.00","currency":"USD"}],"totals":[{"currency":"USD","balance":"30.00"}],"torn_bytes":0}"#]));
}

#[test]
fn accounts_are_picked_by_name_and_glob() {
    let shell = story();
    shell.ledger("balance 'expenses:*'").prints(
        "\
Account             Balance
───────────────────────────────
expenses:groceries   120.40 EUR
expenses:rent        900.00 EUR
───────────────────────────────
Total               1020.40 EUR
",
    );
    shell.ledger("balance assets:travel 'a*'").prints(
        "\
Account        Balance
──────────────────────────
assets:giro    -420.40 EUR
assets:travel    30.00 USD
──────────────────────────
Total          -420.40 EUR
                 30.00 USD
",
    );
    shell.ledger("balance '*:r?nt'").prints(
        "\
Account        Balance
──────────────────────────
expenses:rent   900.00 EUR
",
    );
    shell
        .ledger("balance 'x*'")
        .is(0, "no accounts\n", "warning: no account matches 'x*'\n");
    shell.ledger("balance 'x*' --json").is(0, &lines(&[r#"{"ledger":"<hex32>","seq":10,"hash":"<hex64>","until":null,"known_at":null,"as_of":"2026-11-23T10:15:02.000000Z","events":10,"balances":[],"totals":[],"torn_bytes":0}"#]), "{\"warning\":{\"code\":\"no_match\",\"message\":\"no account matches 'x*'\"}}\n");
}

#[test]
fn quiet_prints_the_bare_figure() {
    let shell = story();
    shell.ledger("balance assets:giro -q").prints("-420.40\n");
    shell.ledger("balance 'expenses:*' -q").prints(
        "\
120.40
900.00
",
    );
    shell
        .ledger("balance 'x*' -q")
        .is(0, "", "warning: no account matches 'x*'\n");
}

#[test]
fn an_unknown_account_is_refused_with_the_one_that_was_likely_meant() {
    let shell = story();
    shell.ledger("balance giro").fails(
        4,
        "\
error: there is no account giro
hint: ledger balance assets:giro
",
    );
    shell.ledger("balance assets:girl --json").fails(4, &lines(&[r#"{"error":{"code":"unknown_account","message":"there is no account assets:girl","hint":"ledger balance assets:giro --json","exit_code":4,"recorded":null}}"#]));
}

#[test]
fn an_account_that_is_not_there_yet_has_nothing() {
    let shell = story();
    shell
        .ledger("balance assets:travel --until 2026-01")
        .prints(
            "\
until 2026-01-31 23:59:59.999999 +01:00 (Europe/Vienna)
Account        Balance
──────────────────────────
assets:travel     0.00 USD
",
        );
    shell
        .ledger("balance assets:travel --until 2026-01 -q")
        .prints("0.00\n");
}

#[test]
fn a_name_that_can_be_none_is_refused_before_a_log_is_looked_for() {
    let shell = Shell::new();
    shell.ledger("balance 'a b'").fails(
        2,
        "\
error: `a b` is not an account name: it holds ' '
hint: ledger balance a-b
",
    );
}

#[test]
fn a_ledger_without_accounts_says_so() {
    let shell = Shell::given(&["init"]);
    shell.ledger("balance").prints("no accounts\n");
    shell.ledger("balance --json").prints(&lines(&[r#"{"ledger":"<hex32>","seq":0,"hash":"<hex64>","until":null,"known_at":null,"as_of":"2026-11-23T10:15:02.000000Z","events":0,"balances":[],"totals":[],"torn_bytes":0}"#]));
}

#[test]
fn nothing_is_counted_before_the_log_began() {
    let shell = story();
    shell.ledger("balance --until 2020").prints(
        "\
until 2020-12-31 23:59:59.999999 +01:00 (Europe/Vienna)
no accounts
",
    );
    shell.ledger("balance --known-at 2020 --json").prints(&lines(&[r#"{"ledger":"<hex32>","seq":0,"hash":"<hex64>","until":null,"known_at":"2020-12-31T22:59:59.999999Z","as_of":"2020-12-31T22:59:59.999999Z","events":0,"balances":[],"totals":[],"torn_bytes":0}"#]));
}

#[test]
fn negative_figures_are_red_and_have_their_minus() {
    let shell = story();
    shell.ledger("balance assets:giro --color always").prints(
        "\
\x1b[1mAccount\x1b[0m      \x1b[1mBalance\x1b[0m
\x1b[2m────────────────────────\x1b[0m
assets:giro  \x1b[31m-420.40\x1b[0m EUR
",
    );
}

#[test]
fn no_ledger_is_an_error_of_its_own() {
    let shell = Shell::new();
    shell.ledger("balance").fails(
        10,
        "\
error: there is no ledger at ./ledger.jsonl
hint: ledger init
",
    );
    shell.ledger("balance --json").fails(10, &lines(&[r#"{"error":{"code":"no_ledger","message":"there is no ledger at ./ledger.jsonl","hint":"ledger init","exit_code":10,"recorded":null}}"#]));
}
