use crate::harness::{Shell, lines};

#[test]
fn an_account_is_opened_with_its_currency_and_floor() {
    let shell = Shell::given(&["init --currency EUR"]);
    shell.ledger("open assets:giro --floor -500").prints(
        "\
recorded #1 open assets:giro in EUR, floor -500.00
head 1:<hex16>
",
    );
    shell.ledger("open usd --currency USD --floor none").prints(
        "\
recorded #2 open usd in USD, floor none
head 2:<hex16>
",
    );
    shell.ledger("open plain").prints(
        "\
recorded #3 open plain in EUR
head 3:<hex16>
",
    );
    shell.ledger("open other --json").prints(&lines(&[r#"{"v":1,"seq":4,"at":"2026-11-23T10:15:02.000000Z","type":"open","account":"other","currency":"EUR","hash":"<hex64>","replayed":false,"dry_run":false,"balances":[{"account":"other","balance":"0.00","pending_in":"0.00","pending_out":"0.00","available":"0.00","currency":"EUR"}],"opened":["other"],"started":false}"#]));
}

#[test]
fn the_first_open_starts_the_ledger() {
    let shell = Shell::new();
    shell.ledger("open main --currency EUR").is(
        0,
        "\
recorded #1 open main in EUR
head 1:<hex16>
",
        "note: started a new ledger at ./ledger.jsonl\n",
    );
}

#[test]
fn an_open_account_is_not_opened_again() {
    let shell = Shell::given(&["open main"]);
    shell.ledger("open main").fails(
        4,
        "\
error: the account main is open already
hint: ledger accounts
",
    );
    shell.ledger("open main --json").fails(4, &lines(&[r#"{"error":{"code":"account_exists","message":"the account main is open already","hint":"ledger accounts","exit_code":4,"recorded":"no"}}"#]));
}

#[test]
fn a_closed_account_is_opened_again_in_its_own_currency() {
    let shell = Shell::given(&["init --currency EUR", "open main", "close main"]);
    shell.ledger("open main --currency USD").fails(
        4,
        "\
error: main holds EUR, not USD
hint: ledger accounts
",
    );
    shell.ledger("open main --floor 3").prints(
        "\
recorded #3 open main in EUR, floor 3.00
head 3:<hex16>
",
    );
    shell.ledger("accounts").prints(
        "\
times in UTC, now +00:00
Account  Balance      Floor  First  Last             State
──────────────────────────────────────────────────────────
main        0.00 EUR   3.00      1     3 2026-11-23  open
",
    );
}

#[test]
fn a_floor_has_a_currency_too_and_no_more_digits_than_it() {
    let shell = Shell::given(&["init --currency EUR"]);
    shell.ledger("open a --floor '5 USD'").prints(
        "\
recorded #1 open a in USD, floor 5.00
head 1:<hex16>
",
    );
    shell.ledger("open c --currency EUR --floor '5 USD'").fails(
        4,
        "\
error: c holds EUR, not USD
hint: ledger accounts
",
    );
    shell.ledger("open b --floor 0.001").fails(
        2,
        "\
error: `0.001` has 3 decimals, EUR has 2; nothing is ever rounded: write the figure you mean
hint: ledger open --help
",
    );
    shell.ledger("open a --floor x").fails(
        2,
        "\
error: --floor: `x` is not an amount; write an amount like 50, 50.00, 1_000 or '50 EUR'
hint: ledger open --help
",
    );
    shell.ledger("open a --floor 1,5").fails(
        2,
        "\
error: --floor: a comma can mean two things in `1,5`
hint: ledger open a --floor 1.5
",
    );
    shell.ledger("open a --floor 1e3").fails(
        2,
        "\
error: --floor: `1e3` has an exponent; amounts are plain decimals
hint: ledger open a --floor 1000
",
    );
}

#[test]
fn a_name_that_can_be_none_is_refused() {
    let shell = Shell::new();
    shell.ledger("open 'a b'").fails(
        2,
        "\
error: `a b` is not an account name: it holds ' '
hint: ledger open a-b
",
    );
    shell.ledger("open a::b").fails(
        2,
        "\
error: `a::b` is not an account name: a segment between colons is empty
hint: ledger open a:b
",
    );
    shell.ledger("open :a").fails(
        2,
        "\
error: `:a` is not an account name: a segment between colons is empty
hint: ledger open a
",
    );
    shell.ledger("open ''").fails(
        2,
        "\
error: `` is not an account name: it is empty; a name is letters and digits of any script, `.`, `_`, `-`, `@`, `/`, with its parts joined by `:`
hint: ledger open --help
",
    );
    shell.ledger("open -- -a").fails(
        2,
        "\
error: `-a` is not an account name: a segment starts with '-', not with a letter or a digit
hint: ledger open -- a
",
    );
    shell.ledger("open a:b: --json").fails(2, &lines(&[r#"{"error":{"code":"invalid_account","message":"`a:b:` is not an account name: a segment between colons is empty","hint":"ledger open a:b --json","exit_code":2,"recorded":"no"}}"#]));
}

#[test]
fn a_floor_is_not_asked_when_it_is_set() {
    let shell = Shell::given(&["init --currency EUR", "deposit 5"]);
    shell.ledger("limit main --floor 10").prints(
        "\
recorded #2 limit main, floor 10.00
head 2:<hex16>
",
    );
    shell.ledger("withdraw 1").fails(
        4,
        "\
error: cannot withdraw 1.00 EUR from main: balance 5.00 EUR, floor 10.00 EUR
hint: ledger history main
",
    );
    shell.ledger("deposit 1").prints(
        "\
recorded #3 deposit 1.00 EUR to main; main is 6.00 EUR
head 3:<hex16>
",
    );
}

#[test]
fn a_dry_run_and_quiet() {
    let shell = Shell::given(&["init --currency EUR"]);
    shell
        .ledger("open a -n")
        .prints("would record #1 open a in EUR\n");
    shell.ledger("open a -q").prints("");
    shell.ledger("accounts").prints(
        "\
times in UTC, now +00:00
Account  Balance      Floor  First  Last             State
──────────────────────────────────────────────────────────
a           0.00 EUR   0.00      1     1 2026-11-23  open
",
    );
}
