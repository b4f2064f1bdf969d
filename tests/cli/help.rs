use crate::harness::{Ran, Shell};

const COMMANDS: [&str; 24] = [
    "init",
    "open",
    "limit",
    "deposit",
    "withdraw",
    "transfer",
    "close",
    "reverse",
    "undo",
    "batch",
    "balance",
    "history",
    "replay",
    "show",
    "accounts",
    "diff",
    "assert",
    "head",
    "verify",
    "doctor",
    "completions",
    "man",
    "schema",
    "help",
];

/// The commands of the contract and those that were added since, as the program lists them.
fn listed(shell: &Shell) -> Vec<String> {
    let help = shell.ledger("--help").succeeds().stdout;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_command_of_the_contract_is_there() {
    let listed = listed(&Shell::new());
    for command in COMMANDS {
        assert!(
            listed.iter().any(|own| own == command),
            "{command} is missing: {listed:?}"
        );
    }
}

#[test]
fn the_help_of_every_command_ends_with_its_exit_codes_and_an_example_that_is_understood() {
    let shell = Shell::new();
    for command in listed(&shell) {
        if command == "help" {
            continue;
        }
        let help = shell.ledger(&format!("{command} --help")).succeeds().stdout;
        let (_, ending) = help
            .split_once("Exit codes: 0 ")
            .unwrap_or_else(|| panic!("{command}"));
        let (_, example) = ending
            .split_once("Example: ")
            .unwrap_or_else(|| panic!("{command} has no example"));
        let (_, example) = example
            .split_once("ledger ")
            .unwrap_or_else(|| panic!("{command} has no example"));
        assert!(
            help.lines().all(|line| line.chars().count() <= 100),
            "{command} is too wide"
        );
        // With `--help` behind it, a line that is understood shows help and does nothing.
        let mut line = example.trim();
        for end in [" | ", " && ", " > receipt", "; "] {
            line = line.split(end).next().unwrap();
        }
        if !line.contains('(') {
            line = line.trim_end_matches(')');
        }
        if !line.contains("--help") {
            shell.ledger(&format!("{line} --help")).succeeds();
        }
    }
}

#[test]
fn a_manual_page_is_there_for_the_program_and_each_command() {
    let shell = Shell::new();
    let page = shell.ledger("man").succeeds().stdout;
    assert!(page.contains(".TH LEDGER 1"), "{page}");
    let page = shell.ledger("man deposit").succeeds().stdout;
    assert!(page.contains("outcome unknown"), "{page}");
}

fn completed(shell: &Shell, line: &str) -> Ran {
    let mut command = std::process::Command::new("bash");
    let script = format!(
        "source <(ledger completions bash); COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; \
         read -ra COMP_WORDS <<<\"$COMP_LINE\"; [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=(''); \
         COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMPREPLY=(); \
         _ledger_completion ledger \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_ledger"))
        .parent()
        .unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = command
        .args(["--norc", "-c", &script])
        .current_dir(shell.path())
        .env("PATH", format!("{}:{path}", bin.display()))
        .output()
        .unwrap();
    Ran::from(output)
}

#[test]
fn commands_and_accounts_complete_in_a_real_bash() {
    let shell = Shell::given(&["deposit 5 -a savings", "deposit 5 -a salary"]);
    let ran = completed(&shell, "ledger ver");
    assert!(ran.stdout.contains("verify"), "{ran:?}");
    let ran = completed(&shell, "ledger balance sa");
    assert!(
        ran.stdout.contains("savings") && ran.stdout.contains("salary"),
        "{ran:?}"
    );
    let nothing = Shell::new();
    completed(&nothing, "ledger balance sa");
    assert_eq!(nothing.names(), [""; 0], "completing makes no file");
}

#[test]
fn a_script_is_there_for_five_shells() {
    let shell = Shell::new();
    for name in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = shell
            .ledger(&format!("completions {name}"))
            .succeeds()
            .stdout;
        assert!(script.contains("ledger"), "{name}");
    }
}
