use crate::harness::{Shell, lines};
use crate::story::story;

#[test]
fn every_account_is_listed_with_its_floor_and_its_first_and_last_event() {
    let shell = story();
    shell.ledger("accounts").prints(
        "\
times in Europe/Vienna, now +01:00
Account             Balance        Floor  First  Last             State
────────────────────────────────────────────────────────────────────────
assets:giro         -420.40 EUR  -500.00      1     8 2026-03-01  open
assets:travel         30.00 USD     0.00      6     6 2026-02-05  open
expenses:groceries   120.40 EUR     0.00      5     5 2026-02-04  open
expenses:rent        900.00 EUR     0.00      3     3 2026-01-03  open
old                    0.00 EUR     0.00      9    10 2026-03-03  closed
",
    );
}

#[test]
fn json_has_the_words_of_balance() {
    let shell = story();
    shell.ledger("accounts --until 2026-01 --json").prints(&lines(&[r#"{"ledger":"<hex32>","seq":10,"hash":"<hex64>","until":"2026-01-31T22:59:59.999999Z","known_at":null,"events":5,"accounts":[{"account":"assets:giro","currency":"EUR","floor":"-500.00","balance":"1467.10","first":1,"last":5,"open":true},{"account":"expenses:groceries","currency":"EUR","floor":"0.00","balance":"120.40","first":5,"last":5,"open":true},{"account":"expenses:rent","currency":"EUR","floor":"0.00","balance":"900.00","first":3,"last":3,"open":true}],"torn_bytes":0}"#]));
}

#[test]
fn only_accounts_that_were_there_by_then_are_listed() {
    let shell = story();
    shell.ledger("accounts --until 2026-01-30").prints(
        "\
until 2026-01-30 23:59:59.999999 +01:00 (Europe/Vienna)
Account        Balance        Floor  First  Last             State
──────────────────────────────────────────────────────────────────
assets:giro    1587.50 EUR  -500.00      1     4 2026-02-03  open
expenses:rent   900.00 EUR     0.00      3     3 2026-01-03  open
",
    );
    shell.ledger("accounts --known-at 2026-02-03").prints(
        "\
known at 2026-02-03 23:59:59.999999 +01:00 (Europe/Vienna)
Account        Balance        Floor  First  Last             State
──────────────────────────────────────────────────────────────────
assets:giro    1587.50 EUR  -500.00      1     4 2026-02-03  open
expenses:rent   900.00 EUR     0.00      3     3 2026-01-03  open
",
    );
}

#[test]
fn a_log_without_accounts_says_so() {
    let shell = Shell::given(&["init"]);
    shell.ledger("accounts").prints(
        "\
times in UTC, now +00:00
no accounts
",
    );
    shell.ledger("accounts --json").prints(&lines(&[r#"{"ledger":"<hex32>","seq":0,"hash":"<hex64>","until":null,"known_at":null,"events":0,"accounts":[],"torn_bytes":0}"#]));
    shell.ledger("accounts -q").prints("no accounts\n");
}
