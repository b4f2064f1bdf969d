use crate::harness::Shell;

fn shell() -> Shell {
    Shell::given(&[
        "init --currency EUR -q",
        "deposit 50 -q",
        "deposit 20 -a x:a -q",
        "deposit '5 USD' -a z:b -q",
        "withdraw 8 -a x:a -q",
        "open z:c --currency EUR -q",
    ])
}

#[test]
fn what_is_true_prints_nothing() {
    let shell = shell();
    for line in [
        "assert 'main == 50' 'main==50.00EUR' 'main != 51' 'main < 50.01' 'main <= 50' 'main > -1' 'main >= 50'",
        "assert 'x:* == 12' 'z:c == 0'",
        "assert '* == 70' --known-at seq:2",
        "assert 'x:a == 20' --until seq:3",
        "assert 'main == 0' --until 2020",
        "assert 'main == 50' --format text",
    ] {
        shell.ledger(line).prints("");
    }
}

#[test]
fn a_glob_that_matches_no_account_does_not_pass() {
    shell()
        .ledger("assert 'main == 50' 'nothing:* == 0'")
        .fails(
            4,
            "error: no account matches 'nothing:*'\nhint: ledger accounts\n",
        );
}

#[test]
fn an_answer_about_a_moment_says_which() {
    shell().ledger("assert 'main == 1' --until 2020").fails(
        3,
        "note: until 2020-12-31 23:59:59.999999 +00:00 (UTC)\nerror: main is 0.00 EUR, not == 1.00 EUR\n",
    );
}

#[test]
fn every_assertion_that_is_not_true_is_named_with_the_actual_figure() {
    shell()
        .ledger("assert 'main==60' 'main == 50' 'x:* < 12 EUR'")
        .fails(
            3,
            "\
error: main is 50.00 EUR, not == 60.00 EUR; event 1 (line 2) changed it last
error: x:* is 12.00 EUR, not < 12.00 EUR; event 4 (line 5) changed it last
",
        );
}

#[test]
fn a_mistake_is_told_from_an_answer() {
    let shell = shell();
    for (assertion, status, message) in [
        (
            "main = 60",
            2,
            "error: `=` is not one of == != < <= > >= in `main = 60`\nhint: ledger assert 'main == 0' 'main == 60'\n",
        ),
        (
            "main => 60",
            2,
            "error: `=>` is not one of == != < <= > >= in `main => 60`\nhint: ledger assert 'main == 0' 'main >= 60'\n",
        ),
        (
            "avail(main) >= 60",
            2,
            "error: `avail(…)` is not available(…), pending_in(…) or pending_out(…)\nhint: ledger assert 'main == 0' 'available(main) >= 60'\n",
        ),
        (
            "pending_im(ma*) == 0",
            2,
            "error: `pending_im(…)` is not available(…), pending_in(…) or pending_out(…)\nhint: ledger assert 'main == 0' 'pending_in(ma*) == 0'\n",
        ),
        (
            "balance(main) >= 60",
            2,
            "error: `balance(…)` is not available(…), pending_in(…) or pending_out(…)\nhint: ledger assert 'main == 0' 'main >= 60'\n",
        ),
        (
            "main",
            2,
            "error: `main` has no operator: == != < <= > or >=\nhint: ledger assert 'main >= 0'\n",
        ),
        (
            "main ==",
            2,
            "error: `main ==` is not an assertion: an account, an operator and an amount\nhint: ledger assert 'main >= 0'\n",
        ),
        (
            "main == 1,000",
            2,
            "error: main == 1,000: a comma can mean two things in `1,000`; write 1000\nhint: ledger assert --help\n",
        ),
        (
            "main == 5 USD",
            4,
            "error: main holds EUR, not USD\nhint: ledger accounts\n",
        ),
        (
            "z:* == 5",
            4,
            "error: z:* holds EUR and USD, which cannot be added\nhint: ledger balance 'z:*'\n",
        ),
        (
            "z:* == 5 USD",
            4,
            "error: z:* holds EUR and USD, which cannot be added\nhint: ledger balance 'z:*'\n",
        ),
        (
            "mian == 5",
            4,
            "error: there is no account mian\nhint: ledger assert 'main == 0' 'main == 5'\n",
        ),
    ] {
        shell
            .run(["assert", "main == 0", assertion])
            .fails(status, message);
    }
    Shell::new().ledger("assert 'main == 0'").fails(
        10,
        "error: there is no ledger at ./ledger.jsonl\nhint: ledger init\n",
    );
}

#[test]
fn json_has_every_assertion_and_a_failure_is_an_error_object_too() {
    let shell = shell();
    let ran = shell.ledger("assert 'main==60' 'x:* == 12' --json");
    assert_eq!(ran.status, Some(3));
    assert_eq!(
        ran.stdout,
        "{\"ok\":false,\"until\":null,\"known_at\":null,\"assertions\":[\
         {\"assertion\":\"main==60\",\"ok\":false,\"account\":\"main\",\"operator\":\"==\",\"expected\":\"60.00\",\"actual\":\"50.00\",\"currency\":\"EUR\",\"line\":2,\"seq\":1},\
         {\"assertion\":\"x:* == 12\",\"ok\":true,\"account\":\"x:*\",\"operator\":\"==\",\"expected\":\"12.00\",\"actual\":\"12.00\",\"currency\":\"EUR\",\"line\":5,\"seq\":4}\
         ],\"torn_bytes\":0}\n"
    );
    assert_eq!(ran.error()["code"], "assertion_failed");
    let same = shell.ledger("assert 'main==60' 'x:* == 12' --format json");
    assert_eq!((same.stdout, same.stderr), (ran.stdout, ran.stderr));
    let holds = shell.ledger("assert 'main==50' --json").succeeds();
    assert_eq!(
        (holds.json()["ok"].as_bool(), holds.stderr.as_str()),
        (Some(true), "")
    );
}

#[test]
fn build_servers_are_told_in_their_own_words() {
    let shell = shell();
    shell.ledger("assert 'main==60' 'x:a == 12' --format github").is(
        3,
        "\
::error file=ledger.jsonl,line=2,title=ledger assert%3A main==60::main is 50.00 EUR, not == 60.00 EUR; event 1 (line 2) changed it last
ledger assert: 1 of 2 checks passed in ./ledger.jsonl
",
        "",
    );
    shell
        .ledger("assert 'main==60' 'x:a == 12' --format tap")
        .is(
            3,
            "\
TAP version 13
1..2
not ok 1 - main==60
  ---
  message: \"main is 50.00 EUR, not == 60.00 EUR; event 1 (line 2) changed it last\"
  severity: fail
  file: \"./ledger.jsonl\"
  line: 2
  ...
ok 2 - x:a == 12
",
            "",
        );
    let junit = shell.ledger("assert 'main==60' 'x:a == 12' --format junit");
    assert_eq!(junit.status, Some(3));
    assert!(
        junit.stdout.contains("tests=\"2\" failures=\"1\""),
        "{}",
        junit.stdout
    );
    shell.ledger("assert 'main==60' --format tap --json").fails(
        2,
        "{\"error\":{\"code\":\"usage\",\"message\":\"--json and --format name two forms\",\"hint\":\"ledger assert --format json 'main >= 0'\",\"exit_code\":2,\"recorded\":null}}\n",
    );
}

#[test]
fn always_asks_every_event_from_the_first_that_touches_an_account() {
    let mut shell = Shell::new();
    for (now, command) in [
        ("2026-01-01T08:00:00Z", "init --currency EUR"),
        ("2026-01-01T08:00:00Z", "deposit 5 -a x"),
        ("2026-01-02T08:00:00Z", "open main --floor none"),
        ("2026-01-03T08:00:00Z", "deposit 50"),
        ("2026-01-04T08:00:00Z", "withdraw 30"),
        (
            "2026-01-05T08:00:00Z",
            "withdraw 10 --effective 2026-01-02T09:00:00Z",
        ),
    ] {
        shell.at(now).ledger(command).succeeds();
    }
    shell.at(crate::harness::NOW);
    shell
        .ledger("assert 'main >= 0' 'x == 5' --always")
        .prints("");
    shell
        .ledger("assert 'main >= 20' 'main >= 0' 'main < 50' --always")
        .fails(
            3,
            "\
error: main is 0.00 EUR, not >= 20.00 EUR after event 2 (line 3)
error: main is 50.00 EUR, not < 50.00 EUR after event 3 (line 4)
",
        );
    shell
        .ledger("assert 'main >= 0' --always --by effective")
        .fails(
            3,
            "error: main is -10.00 EUR, not >= 0.00 EUR after event 5 (line 6)\n",
        );
    let answer = shell.ledger("assert 'main >= 0' --always --by effective --json");
    assert_eq!(answer.status, Some(3));
    let answer = answer.json();
    assert_eq!(answer["always"], "effective");
    assert_eq!(answer["assertions"][0]["seq"], 5);
    assert_eq!(answer["assertions"][0]["actual"], "-10.00");
    // Without it, only the end counts.
    shell.ledger("assert 'main >= 10' 'main < 50'").prints("");
    shell.ledger("assert 'mian >= 0' --always").fails(
        4,
        "error: there is no account mian\nhint: ledger assert 'main >= 0' --always\n",
    );
    shell
        .ledger("assert 'main >= 0' --by effective")
        .fails(2, "error: the following required arguments were not provided: --always\nhint: ledger assert --help\n");
}

#[test]
fn what_is_available_or_on_hold_can_be_asserted() {
    let shell = Shell::given(&[
        "init --currency EUR -q",
        "deposit 50 -q",
        "hold 20 --from main --to shop -q",
        "hold 5 --to shop --expires 2026-12-01 -q",
        "release 2 8 -q",
    ]);
    shell
        .ledger("assert 'available(main) == 38' 'pending_out(main) == 12' 'pending_in(*) == 17' 'main == 50'")
        .prints("");
    shell.ledger("assert 'available(main) > 38'").fails(
        3,
        "error: available(main) is 38.00 EUR, not > 38.00 EUR; event 4 (line 5) changed it last\n",
    );
    shell
        .ledger("assert 'available(main) >= 38' --always")
        .fails(
            3,
            "error: available(main) is 30.00 EUR, not >= 38.00 EUR after event 2 (line 3)\n",
        );
    // The second hold has expired.
    let mut later = shell;
    later.at("2026-12-02T00:00:00Z");
    later.ledger("assert 'pending_in(shop) == 12'").prints("");
}

#[test]
fn a_balance_of_more_digits_than_an_amount_can_be_asserted() {
    let shell = Shell::given(&[
        "deposit 999999999999999999.5 -q",
        "deposit 999999999999999999.25 -q",
    ]);
    shell
        .ledger("assert 'main == 1999999999999999998.75' 'main < 2_000_000_000_000_000_000'")
        .prints("");
    shell
        .ledger("assert 'main == 100000000000000000000000000000'")
        .fails(
            2,
            "\
error: main == 100000000000000000000000000000: `100000000000000000000000000000` has more than 29 digits before the point; write an amount like 50, 50.00, 1_000 or '50 EUR'
hint: ledger assert --help
",
        );
    shell
        .ledger("assert 'main == 1999999999999999998.5'")
        .is(
            3,
            "",
            "error: main is 1999999999999999998.75, not == 1999999999999999998.50; event 2 (line 3) changed it last\n",
        );
}
