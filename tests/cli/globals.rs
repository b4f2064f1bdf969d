use crate::harness::{Shell, lines};

#[test]
fn the_log_is_named_by_the_flag_before_or_behind_the_command_or_by_the_environment() {
    let mut shell = Shell::new();
    shell
        .ledger("-f a.jsonl deposit 1 -q")
        .is(0, "", "note: started a new ledger at a.jsonl\n");
    shell.ledger("deposit 2 -q --file a.jsonl").prints("");
    shell.with("LEDGER_LOG", "a.jsonl");
    shell.ledger("balance -q").prints("3\n");
    shell.ledger("balance -q -f b.jsonl").fails(
        10,
        "\
error: there is no ledger at b.jsonl
hint: ledger --file b.jsonl init
",
    );
    shell.ledger("--file=b.jsonl deposit 5 -q").is(
        0,
        "",
        "note: started a new ledger at b.jsonl\n",
    );
    assert_eq!(shell.names(), ["a.jsonl", "b.jsonl"]);
}

#[test]
fn flags_stand_before_or_behind_the_command() {
    let shell = Shell::given(&["deposit 5"]);
    shell.ledger("-q balance").prints("5\n");
    shell.ledger("balance -q").prints("5\n");
    shell.ledger("--json head").prints(&lines(&[r#"{"ledger":"<hex32>","seq":1,"hash":"<hex64>","head":"1:<hex64>","at":"2026-11-23T10:15:02.000000Z","until":null,"known_at":null,"torn_bytes":0}"#]));
    shell.ledger("--color never --wait 1 balance").prints(
        "\
Account  Balance
──────────────────
main           5
",
    );
}

#[test]
fn the_environment_of_other_programs_is_never_read() {
    let mut shell = Shell::new();
    shell.with("LEDGER_FILE", "theirs.journal");
    std::fs::write(shell.file("theirs.journal"), "2026-01-01 opening\n").unwrap();
    shell.ledger("balance").fails(
        10,
        "\
error: there is no ledger at ./ledger.jsonl
hint: ledger init
",
    );
    shell.ledger("deposit 5").is(
        0,
        "\
recorded #1 deposit 5 to main; main (new account) is 5
head 1:<hex16>
",
        "note: started a new ledger at ./ledger.jsonl\n",
    );
    assert_eq!(shell.names(), ["ledger.jsonl", "theirs.journal"]);
    assert_eq!(
        std::fs::read(shell.file("theirs.journal")).unwrap(),
        b"2026-01-01 opening\n"
    );
}

#[test]
fn colour_is_there_when_asked_for_and_not_in_a_pipe() {
    let mut shell = Shell::given(&["open main --floor none", "withdraw 5"]);
    shell.ledger("balance").prints(
        "\
Account  Balance
──────────────────
main          -5
",
    );
    shell.ledger("balance --color always").prints(
        "\
\x1b[1mAccount\x1b[0m  \x1b[1mBalance\x1b[0m
\x1b[2m──────────────────\x1b[0m
main          \x1b[31m-5\x1b[0m
",
    );
    shell.with("CLICOLOR_FORCE", "1");
    shell.ledger("balance").prints(
        "\
\x1b[1mAccount\x1b[0m  \x1b[1mBalance\x1b[0m
\x1b[2m──────────────────\x1b[0m
main          \x1b[31m-5\x1b[0m
",
    );
    shell.ledger("balance --color never").prints(
        "\
Account  Balance
──────────────────
main          -5
",
    );
    shell.ledger("withdraw x").fails(
        2,
        "\
\x1b[1m\x1b[31merror:\x1b[0m `x` is not an amount; write an amount like 50, 50.00, 1_000 or '50 EUR'
\x1b[36mhint:\x1b[0m ledger withdraw --help
",
    );
    shell.with("NO_COLOR", "1");
    shell.ledger("balance").prints(
        "\
Account  Balance
──────────────────
main          -5
",
    );
    shell.ledger("balance --color always").prints(
        "\
\x1b[1mAccount\x1b[0m  \x1b[1mBalance\x1b[0m
\x1b[2m──────────────────\x1b[0m
main          \x1b[31m-5\x1b[0m
",
    );
}

#[test]
fn a_mistake_on_the_command_line_is_an_error_object_in_json() {
    let shell = Shell::new();
    shell.ledger("balance --nope --json").fails(2, &lines(&[r#"{"error":{"code":"usage","message":"unexpected argument '--nope' found","hint":"ledger balance --help","exit_code":2,"recorded":null}}"#]));
    shell.ledger("deposit --json").fails(2, &lines(&[r#"{"error":{"code":"usage","message":"the following required arguments were not provided: <AMOUNT>","hint":"ledger deposit --help","exit_code":2,"recorded":"no"}}"#]));
    shell.ledger("balance --wait x --json").fails(2, &lines(&[r#"{"error":{"code":"usage","message":"invalid value 'x' for '--wait <SECONDS>': seconds are a number from 0 to 1000000, like 10 or 0.5","hint":"ledger balance --help","exit_code":2,"recorded":null}}"#]));
    shell.ledger("balance --color pink --json").fails(2, &lines(&[r#"{"error":{"code":"usage","message":"invalid value 'pink' for '--color <WHEN>' [possible values: auto, always, never]","hint":"ledger balance --help","exit_code":2,"recorded":null}}"#]));
    shell.ledger("transfer 5 --from a --json").fails(2, &lines(&[r#"{"error":{"code":"usage","message":"the following required arguments were not provided: --to <ACCOUNT>","hint":"ledger transfer --help","exit_code":2,"recorded":"no"}}"#]));
}

#[test]
fn a_mistake_on_the_command_line_has_a_hint() {
    let shell = Shell::new();
    shell.ledger("blance").fails(
        2,
        "\
error: unrecognized subcommand 'blance'
hint: ledger balance
",
    );
    shell.ledger("balance --untill now").fails(
        2,
        "\
error: unexpected argument '--untill' found
hint: ledger balance --until now
",
    );
    shell.ledger("deposit").fails(
        2,
        "\
error: the following required arguments were not provided: <AMOUNT>
hint: ledger deposit --help
",
    );
    shell.ledger("balance --wait -1").fails(
        2,
        "\
error: unexpected argument '-1' found
hint: ledger balance --help
",
    );
    shell.ledger("balance --wait 1e3").fails(2, "\
error: invalid value '1e3' for '--wait <SECONDS>': seconds are a number from 0 to 1000000, like 10 or 0.5
hint: ledger balance --help
");
}

#[test]
fn a_clock_that_cannot_be_read_is_a_mistake() {
    let mut shell = Shell::new();
    shell.with("LEDGER_NOW", "yesterday");
    shell.ledger("deposit 5").fails(
        2,
        "\
error: LEDGER_NOW cannot be read: `yesterday` is not an RFC 3339 time
hint: unset LEDGER_NOW
",
    );
    shell.ledger("deposit 5 --json").fails(2, &lines(&[r#"{"error":{"code":"invalid_time","message":"LEDGER_NOW cannot be read: `yesterday` is not an RFC 3339 time","hint":"unset LEDGER_NOW","exit_code":2,"recorded":"no"}}"#]));
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let shell = Shell::new();
    shell.ledger("-f no/such/dir.jsonl deposit 5").fails(
        1,
        "\
error: cannot open no/such/dir.jsonl: No such file or directory (os error 2); nothing was recorded
hint: mkdir -p no/such
",
    );
    shell.ledger("-f no/such/dir.jsonl balance").fails(
        10,
        "\
error: there is no ledger at no/such/dir.jsonl
hint: ledger --file no/such/dir.jsonl init
",
    );
}

#[test]
fn where_no_ledger_is_every_reading_command_says_so() {
    let shell = Shell::new();
    for command in [
        "balance",
        "history",
        "replay",
        "show 1",
        "accounts",
        "diff now now",
        "head",
    ] {
        let error = shell.ledger(&format!("{command} --json"));
        assert_eq!(error.status, Some(10), "{command}");
        assert_eq!(error.error()["code"], "no_ledger", "{command}");
    }
    assert_eq!(shell.names(), [""; 0]);
}

/// What is no log of ours, refused for reading and above all for writing.
fn refused(shell: &Shell, name: &str) {
    for command in [
        "balance",
        "replay",
        "head",
        "show 1",
        "deposit 5",
        "deposit 5 -n",
        "undo",
        "init",
    ] {
        let ran = shell.ledger(&format!("--file {name} {command} --json"));
        let error = ran.error();
        assert_eq!(
            (error["code"].as_str(), ran.status),
            (Some("not_a_ledger"), Some(6)),
            "{command}: {error}"
        );
        assert_eq!(ran.stdout, "", "{command}");
    }
}

#[test]
fn somebody_elses_file_is_refused_and_stays_as_it_is() {
    for bytes in [
        &b"2026-01-01 opening balances\n    assets:giro  50 EUR\n"[..],
        b"{}\n",
        b"[1,2]\n",
        b"PK\x03\x04\0\0\xff\xfe",
        b"\n",
        b"x",
        b"{\"a\":1}",
    ] {
        let shell = Shell::new();
        std::fs::write(shell.file("theirs"), bytes).unwrap();
        refused(&shell, "theirs");
        assert_eq!(std::fs::read(shell.file("theirs")).unwrap(), bytes);
        assert_eq!(shell.names(), ["theirs"]);
    }
}

#[test]
fn a_directory_a_pipe_and_a_device_are_refused() {
    let shell = Shell::new();
    std::fs::create_dir(shell.file("directory")).unwrap();
    let made = crate::harness::program("mkfifo")
        .arg(shell.file("pipe"))
        .status();
    refused(&shell, "directory");
    refused(&shell, "/dev/null");
    if made.is_ok_and(|made| made.success()) {
        refused(&shell, "pipe");
    }
}

#[test]
fn an_empty_file_is_no_ledger_yet_and_a_write_starts_it() {
    let shell = Shell::new();
    shell.set_log(b"");
    assert_eq!(shell.ledger("balance").status, Some(10));
    assert_eq!(shell.log(), b"");
    shell.ledger("deposit 5").succeeds();
    shell.ledger("balance -q").prints("5\n");
}

#[test]
fn help_ends_with_exit_codes_and_an_example() {
    let shell = Shell::new();
    for command in [
        "history", "replay", "show", "accounts", "diff", "head", "balance", "deposit", "undo",
    ] {
        let ran = shell.ledger(&format!("{command} --help")).succeeds();
        assert!(ran.stdout.contains("Exit codes: 0 done"), "{command}");
        let last = ran.stdout.trim_end().lines().last().unwrap().to_owned();
        assert!(last.starts_with("Example: ledger"), "{command}: {last}");
    }
}
