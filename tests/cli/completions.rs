//! Completion, through the protocol and through the shells themselves.

use std::process::Output;

use crate::harness::{Shell, can_run, program};

/// A ledger with accounts and tags, some of which no shell should see.
fn shell() -> Shell {
    Shell::given(&[
        "init --currency EUR",
        "deposit 50 -a assets:giro --tag order=1234 --tag 'shop=a b'",
        "deposit 5 -a assets:savings --tag order=99 --tag '$(x)=1'",
        "open old --currency USD",
        "close old",
    ])
}

/// What is offered in place of the last word, as fish asks: `value<TAB>help`.
fn offered(shell: &Shell, words: &[&str]) -> Vec<String> {
    let output = ask(shell, "fish", words);
    assert!(output.stderr.is_empty(), "{output:?}");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

fn ask(shell: &Shell, kind: &str, words: &[&str]) -> Output {
    shell
        .command()
        .env("LEDGER_COMPLETE", kind)
        .args(["--", "ledger"])
        .args(words)
        .output()
        .unwrap()
}

/// The same without the help behind the values.
pub(crate) fn values(shell: &Shell, words: &[&str]) -> Vec<String> {
    offered(shell, words)
        .iter()
        .map(|line| line.split('\t').next().unwrap().to_owned())
        .collect()
}

#[test]
fn commands_complete_with_what_they_do() {
    assert_eq!(offered(&shell(), &["dep"]), ["deposit\tDeposit money"]);
}

#[test]
fn accounts_complete_from_the_log_with_their_balances() {
    let shell = shell();
    for words in [
        &["balance", "ass"][..],
        &["deposit", "5", "-a", "ass"],
        &["transfer", "5", "--from", "ass"],
        &["report", "--account", "main", "ass"],
        &["--json", "history", "--until", "today", "ass"],
    ] {
        assert_eq!(
            offered(&shell, words),
            ["assets:giro\t50.00 EUR", "assets:savings\t5.00 EUR"],
            "{words:?}"
        );
    }
    assert_eq!(
        values(&shell, &["deposit", "5", "--account=assets:g"]),
        ["--account=assets:giro"]
    );
}

#[test]
fn a_closed_account_is_offered_only_where_no_other_fits() {
    let shell = shell();
    assert!(!values(&shell, &["balance", ""]).contains(&"old".to_owned()));
    assert_eq!(values(&shell, &["balance", "o"]), ["old"]);
}

#[test]
fn the_accounts_of_holds_and_the_types_of_events_complete() {
    let shell = shell();
    for command in ["balance", "holds"] {
        let accounts = values(&shell, &[command, "assets:g"]);
        assert_eq!(accounts, ["assets:giro"], "{command}");
    }
    for command in ["history", "replay", "report", "export", "watch"] {
        let types = values(&shell, &[command, "--type", ""]);
        assert!(
            types.contains(&"deposit".to_owned()),
            "{command}: {types:?}"
        );
        assert_eq!(values(&shell, &[command, "--type", "ex"]), ["exchange"]);
    }
}

#[test]
fn tags_complete_their_keys_and_then_the_newest_values_and_leave_out_what_is_not_plain() {
    let shell = shell();
    assert_eq!(
        values(&shell, &["deposit", "5", "--tag", ""]),
        ["order=", "shop="]
    );
    assert_eq!(
        values(&shell, &["deposit", "5", "--tag", "order="]),
        ["order=99", "order=1234"]
    );
    assert_eq!(values(&shell, &["deposit", "5", "--tag", "shop="]), [""; 0]);
    assert_eq!(
        values(&shell, &["history", "--tag=order=1"]),
        ["--tag=order=1234"]
    );
}

#[test]
fn moments_currencies_events_and_the_head_complete() {
    let shell = shell();
    assert_eq!(
        values(&shell, &["balance", "--until", ""]),
        [
            "today",
            "yesterday",
            "now",
            "2026-11",
            "2026",
            "head",
            "head~1"
        ]
    );
    assert_eq!(
        values(&shell, &["deposit", "5", "--effective", ""]),
        ["today", "yesterday", "now", "2026-11", "2026"]
    );
    assert_eq!(
        values(&shell, &["open", "x", "--currency", ""]),
        ["EUR", "USD"]
    );
    assert_eq!(
        values(&shell, &["report", "--by", ""]),
        [
            "day",
            "week",
            "month",
            "quarter",
            "year",
            "account",
            "type",
            "tag:order",
            "tag:shop"
        ]
    );
    assert_eq!(
        values(&shell, &["why", "old", "--group", "tag:o"]),
        ["tag:order"]
    );
    assert_eq!(
        values(&shell, &["assert", "ass"]),
        ["assets:giro", "assets:savings"]
    );
    assert_eq!(values(&shell, &["bisect", "assets:g"]), ["assets:giro"]);
    assert_eq!(
        offered(&shell, &["reverse", ""])[..2],
        ["4\tclose old", "3\topen old"]
    );
    let head = shell.ledger("head").succeeds();
    let head = String::from_utf8(head.raw).unwrap();
    let found = values(&shell, &["deposit", "5", "--if-head", ""]);
    assert_eq!(found.len(), 1);
    assert!(head.starts_with(&found[0]), "{head} {found:?}");
}

#[test]
fn a_hold_completes_where_one_is_taken_and_an_event_by_its_key_everywhere() {
    let shell = Shell::given(&[
        "init --currency EUR",
        "deposit 50 --key top-up-1",
        "hold 5 --from main --to shop --key order-1",
        "hold 6 --from main",
        "release 3",
        "hold 7 --from main --key order-2",
    ]);
    for command in ["capture", "release"] {
        assert_eq!(
            offered(&shell, &[command, ""])[..2],
            ["5\t7.00 EUR main", "2\t5.00 EUR main shop"]
        );
    }
    assert_eq!(
        offered(&shell, &["capture", "key:o"]),
        [
            "key:order-2\thold 7.00 EUR main",
            "key:order-1\thold 5.00 EUR main shop"
        ]
    );
    assert_eq!(
        values(&shell, &["show", "k"]),
        ["key:order-2", "key:order-1", "key:top-up-1"]
    );
    assert_eq!(values(&shell, &["balance", "--without", "4"]), ["4"]);
    assert_eq!(values(&shell, &["balance", "--without", "4,3"]), ["4,3"]);
}

#[test]
fn the_log_is_the_one_that_the_flag_or_the_environment_names() {
    let mut shell = shell();
    std::fs::create_dir(shell.file("home")).unwrap();
    std::fs::rename(shell.file("ledger.jsonl"), shell.file("home/my books")).unwrap();
    assert_eq!(values(&shell, &["balance", "assets:g"]), [""; 0]);
    for words in [
        &["-f", "'home/my books'", "balance", "assets:g"][..],
        &["balance", "--file=home/my\\ books", "assets:g"],
        &["-qf", "~/my\\ books", "balance", "assets:g"],
    ] {
        assert_eq!(values(&shell, words), ["assets:giro"], "{words:?}");
    }
    shell.with("LEDGER_LOG", "home/my books");
    assert_eq!(values(&shell, &["balance", "assets:g"]), ["assets:giro"]);
}

#[test]
fn files_complete_where_a_file_is_asked_for() {
    let shell = shell();
    assert_eq!(values(&shell, &["--file", "led"]), ["ledger.jsonl"]);
}

#[test]
fn where_there_is_nothing_to_read_nothing_is_said_made_or_changed() {
    let shell = Shell::new();
    std::fs::write(shell.file("journal"), "2026-01-01 * bakery\n").unwrap();
    std::fs::write(shell.file("torn"), "{\"v\":1,\"se").unwrap();
    for log in [
        "nowhere.jsonl",
        "journal",
        "torn",
        ".",
        "/dev/null",
        "no/such/way",
    ] {
        assert_eq!(
            values(&shell, &["-f", log, "balance", "a"]),
            [""; 0],
            "{log}"
        );
        assert_eq!(
            values(&shell, &["-f", log, "deposit", "5", "--tag", "a"]),
            [""; 0]
        );
    }
    assert_eq!(shell.names(), ["journal", "torn"]);
}

#[test]
fn of_a_damaged_log_the_names_in_front_of_the_damage_are_offered() {
    let shell = shell();
    let mut log = shell.log();
    log.extend_from_slice(b"{\"v\":1,rubbish}\n");
    shell.set_log(&log);
    assert_eq!(offered(&shell, &["balance", "assets:g"]), ["assets:giro"]);
    assert_eq!(shell.log(), log);
}

#[test]
fn a_log_that_somebody_writes_to_is_not_waited_for() {
    let shell = shell();
    let file = std::fs::File::open(shell.file("ledger.jsonl")).unwrap();
    file.lock().unwrap();
    assert_eq!(
        values(&shell, &["--wait", "1000000", "balance", "ass"]),
        [""; 0]
    );
}

#[test]
fn words_that_make_no_sense_are_answered_with_silence() {
    let shell = shell();
    for words in [
        &[][..],
        &["deposit", "--tag", "--x", ""],
        &["--", "--", ""],
        &["nonsense", "--what", ""],
        &["deposit", "-", ""],
        &["-f", ""],
    ] {
        for kind in ["bash", "zsh", "fish", "elvish", "powershell", "tcsh", ""] {
            let output = ask(&shell, kind, words);
            if !kind.is_empty() {
                assert!(output.stderr.is_empty(), "{kind} {words:?} {output:?}");
            }
        }
    }
    let output = shell
        .command()
        .env("LEDGER_COMPLETE", "fish")
        .arg("--")
        .output()
        .unwrap();
    assert!(output.stderr.is_empty() && output.stdout.is_empty());
}

#[test]
fn a_variable_that_happens_to_be_set_does_not_keep_a_deposit_from_being_recorded() {
    let mut shell = Shell::new();
    shell
        .with("LEDGER_COMPLETE", "bash")
        .with("COMPLETE", "bash");
    let ran = shell.ledger("deposit 50 --json").succeeds();
    assert_eq!(ran.json()["seq"], 1);
}

#[test]
fn every_shell_has_a_script() {
    let shell = Shell::new();
    for name in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = shell
            .ledger(&format!("completions {name}"))
            .succeeds()
            .stdout;
        assert!(script.contains("LEDGER_COMPLETE"), "{name}: {script}");
        assert!(
            script.contains(env!("CARGO_BIN_EXE_ledger")),
            "{name}: {script}"
        );
    }
    let ran = shell.ledger("completions tcsh");
    assert_eq!(ran.status, Some(2));
    assert_eq!(
        ran.stderr,
        "error: invalid value 'tcsh' for '<SHELL>' [possible values: bash, elvish, fish, powershell, zsh]\nhint: ledger completions zsh\n"
    );
}

/// Runs a script in another shell. `None` if that shell is not installed.
fn in_real(name: &str, arguments: &[&str], shell: &Shell) -> Option<String> {
    if !can_run(&format!("completion in {name}"), name, &["--version"]) {
        return None;
    }
    let mut command = program(name);
    command
        .args(arguments)
        .current_dir(shell.path())
        .env("HOME", shell.file("home"))
        .env("LEDGER_NOW", crate::harness::NOW);
    let output = command.output().unwrap();
    assert!(output.stderr.is_empty(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_script_works_when_it_is_sourced_in_bash() {
    let shell = shell();
    std::fs::write(shell.file("my log"), "").unwrap();
    // What bash hands to a completion function: the line, its words parted at : and =, and the part
    // under the cursor.
    let complete = |words: &[&str], line: &str, current: &str| {
        let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let script = format!(
            "source <('{}' completions bash) && COMP_LINE='{line}' COMP_POINT={} COMP_WORDS=({}) \
             COMP_CWORD={} && _ledger_completion ledger '{current}' x; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            env!("CARGO_BIN_EXE_ledger"),
            line.len(),
            words.join(" "),
            words.len() - 1,
        );
        in_real("bash", &["--norc", "-c", &script], &shell)
    };
    let Some(first) = complete(&["ledger", "bal"], "ledger bal", "bal") else {
        return;
    };
    assert_eq!(first, "balance\n");
    for (words, line, current, expected) in [
        // Nothing typed: accounts and no flags.
        (
            &["ledger", "balance", ""][..],
            "ledger balance ",
            "",
            "assets:giro\nassets:savings\n",
        ),
        (
            &["ledger", "balance", "ass"],
            "ledger balance ass",
            "ass",
            "assets:giro\nassets:savings\n",
        ),
        (
            &["ledger", "balance", "assets", ":"],
            "ledger balance assets:",
            "",
            "giro\nsavings\n",
        ),
        (
            &["ledger", "balance", "assets", ":", "g"],
            "ledger balance assets:g",
            "g",
            "giro\n",
        ),
        (
            &[
                "ledger",
                "deposit",
                "5",
                "--account",
                "=",
                "assets",
                ":",
                "s",
            ],
            "ledger deposit 5 --account=assets:s",
            "s",
            "savings\n",
        ),
        (
            &["ledger", "deposit", "5", "--tag", "or"],
            "ledger deposit 5 --tag or",
            "or",
            "order=\n",
        ),
        (
            &["ledger", "deposit", "5", "--tag", "order", "=", "1"],
            "ledger deposit 5 --tag order=1",
            "1",
            "1234\n",
        ),
        (&["ledger", "-f", "my"], "ledger -f my", "my", "my log\n"),
        // The cursor stands inside a word.
        (&["ledger", "balxx"], "ledger balxx", "bal", "balance\n"),
    ] {
        assert_eq!(complete(words, line, current).unwrap(), expected, "{line}");
    }
}

#[test]
fn the_script_works_when_it_is_sourced_in_fish() {
    let shell = shell();
    let complete = |line: &str| {
        let script = format!(
            "'{}' completions fish | source; complete --do-complete '{line}'",
            env!("CARGO_BIN_EXE_ledger")
        );
        in_real("fish", &["--no-config", "-c", &script], &shell)
    };
    let Some(first) = complete("ledger balance assets:g") else {
        return;
    };
    assert_eq!(first, "assets:giro\t50.00 EUR\n");
    assert_eq!(
        complete("ledger deposit 5 --tag order=1").unwrap(),
        "order=1234\n"
    );
}

#[test]
fn the_script_is_understood_by_zsh_and_says_what_it_found() {
    let shell = shell();
    // The completion system needs a terminal: here what it would be handed is printed instead.
    let script = format!(
        "compdef() {{ }}; _describe() {{ print -rl -- ${{(P)3}} }}; \
         source <('{}' completions zsh); \
         words=(ledger balance ass) CURRENT=3 _ledger_completion; \
         words=(ledger deposit 5 --tag '') CURRENT=5 _ledger_completion",
        env!("CARGO_BIN_EXE_ledger")
    );
    let Some(found) = in_real("zsh", &["-f", "-c", &script], &shell) else {
        return;
    };
    assert_eq!(
        found,
        "assets\\:giro:50.00 EUR\nassets\\:savings:5.00 EUR\norder=\nshop=\n"
    );
}

#[test]
fn a_path_with_a_blank_in_it_is_called_all_the_same() {
    let shell = shell();
    let home = shell.file("a place");
    std::fs::create_dir(&home).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ledger"), home.join("ledger")).unwrap();
    let script = "source <('a place/ledger' completions bash); \
                  COMP_LINE='ledger bal' COMP_WORDS=(ledger bal) COMP_CWORD=1; cd /; \
                  _ledger_completion ledger bal x; echo \"${COMPREPLY[@]}\"";
    if let Some(found) = in_real("bash", &["--norc", "-c", script], &shell) {
        assert_eq!(found, "balance\n");
    }
}
