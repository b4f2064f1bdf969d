//! The help of every command, as it is printed.

use crate::harness::Shell;

/// What the contract promises.
const PROMISED: &[&str] = &[
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
    "import",
    "balance",
    "history",
    "replay",
    "show",
    "accounts",
    "diff",
    "report",
    "assert",
    "export",
    "head",
    "prove",
    "check",
    "watch",
    "project",
    "verify",
    "doctor",
    "completions",
    "man",
    "schema",
];

/// Every command that the help lists, those below others too: `deposit`, `key new`.
pub(crate) fn commands() -> Vec<String> {
    let shell = Shell::new();
    let mut found = Vec::new();
    let mut unread = vec![String::new()];
    while let Some(above) = unread.pop() {
        let help = shell.ledger(&format!("{above} --help")).succeeds().stdout;
        for name in listed_in(&help) {
            let command = format!("{above} {name}").trim().to_owned();
            unread.push(command.clone());
            found.push(command);
        }
    }
    found
}

/// The names in the lists of commands, which stand in front of the options.
fn listed_in(help: &str) -> Vec<String> {
    help.lines()
        .take_while(|line| *line != "Options:")
        // A name is indented by two, the rest of what is said of it by more.
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// The help of the program and of every command, with the command.
fn helps(shell: &Shell) -> Vec<(String, String)> {
    let mut all = commands();
    all.push(String::new());
    all.into_iter()
        .map(|command| {
            let help = shell.ledger(&format!("{command} --help")).succeeds().stdout;
            (command, help)
        })
        .collect()
}

#[test]
fn every_command_that_was_promised_is_there() {
    let commands = commands();
    for promised in PROMISED {
        assert!(
            commands.iter().any(|command| command == promised),
            "there is no `{promised}`"
        );
    }
}

#[test]
fn every_help_ends_with_the_exit_codes_and_one_example() {
    for (command, help) in helps(&Shell::new()) {
        let mut paragraphs: Vec<&str> = help.trim_end().split("\n\n").collect();
        let example = paragraphs.pop().unwrap();
        let codes = paragraphs.pop().unwrap();
        assert!(example.starts_with("Example: "), "{command}: {example}");
        assert!(codes.starts_with("Exit codes: 0 "), "{command}: {codes}");
        for code in codes["Exit codes:".len()..]
            .lines()
            .flat_map(|line| line.split('·'))
        {
            let (number, meaning) = code.trim().split_once(' ').unwrap();
            assert!(number.parse::<u8>().is_ok(), "{command}: `{code}`");
            assert!(!meaning.is_empty(), "{command}: `{code}`");
        }
    }
}

#[test]
fn every_example_is_a_command_line_that_is_understood() {
    let shell = Shell::new();
    for (command, help) in helps(&shell) {
        let (_, example) = help.rsplit_once("Example: ").unwrap();
        // Each shows its own command.
        let mut runs_it = command.is_empty();
        for line in calls_in(example) {
            runs_it |= line.starts_with(&command);
            let ran = shell.ledger(&format!("{line} --help"));
            assert_eq!(ran.status, Some(0), "{command}: {line}: {}", ran.stderr);
            // Help is printed before the rest is understood, so the rest is asked for too.
            let ran = shell.ledger(&format!("{line} -f nowhere.jsonl"));
            assert!(
                !ran.stderr.contains("--help") && !ran.stderr.contains("unexpected argument"),
                "{command}: {line}: {}",
                ran.stderr
            );
        }
        assert!(runs_it, "the example of {command} is another's: {example}");
    }
}

/// The calls of the program in a line of shell: what comes behind `ledger`, up to the next thing that
/// is the shell's.
fn calls_in(example: &str) -> Vec<String> {
    let mut line = example.replace('\n', " ");
    let mut calls = Vec::new();
    while let Some((before, rest)) = line.split_once("$(") {
        let (inner, behind) = rest.split_once(')').unwrap();
        calls.extend(calls_in(inner));
        line = format!("{before}1:00000000{behind}");
    }
    let mut quote = None;
    let mut parts = vec![String::new()];
    for c in line.chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        if quote.is_none() && "|&;()<>".contains(c) {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(c);
        }
    }
    for part in parts {
        if let Some(call) = part.trim().strip_prefix("ledger ") {
            calls.push(call.to_owned());
        }
    }
    calls
}

#[test]
fn no_line_of_any_help_is_wider_than_what_it_is_read_on() {
    for columns in [80, 100, 200] {
        let mut shell = Shell::new();
        shell.with("COLUMNS", &columns.to_string());
        for (command, help) in helps(&shell) {
            for line in help.lines() {
                let width = line.chars().count();
                assert!(
                    width <= columns.min(100),
                    "{command}, {width} columns: {line}"
                );
            }
        }
    }
}

#[test]
fn the_short_help_ends_in_the_same_way() {
    let shell = Shell::new();
    for (command, help) in helps(&shell) {
        let short = shell.ledger(&format!("{command} -h")).succeeds().stdout;
        let ending = |text: &str| text[text.find("Exit codes:").unwrap()..].to_owned();
        assert_eq!(ending(&short), ending(&help), "{command}");
    }
}
