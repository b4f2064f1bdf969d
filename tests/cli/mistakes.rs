//! Typical mistakes on the command line: each is answered with a hint that works when it is pasted.

use crate::harness::Shell;

/// A command line with a mistake, and the hint.
const MISTAKES: &[(&str, &str)] = &[
    ("balance savngs", "ledger balance savings"),
    ("balence", "ledger balance"),
    ("blance -q", "ledger balance -q"),
    ("register", "ledger history"),
    ("registr main", "ledger history main"),
    ("log", "ledger history"),
    ("statement main", "ledger history main"),
    ("search lunch", "ledger history --memo lunch"),
    ("list", "ledger accounts"),
    ("version", "ledger --version"),
    ("fsck", "ledger verify"),
    ("depsit 5", "ledger deposit 5"),
    (
        "deposit 5 --date today",
        "ledger deposit 5 --effective today",
    ),
    (
        "deposit 5 --date=today",
        "ledger deposit 5 --effective=today",
    ),
    ("deposit 5 --note lunch", "ledger deposit 5 --memo lunch"),
    ("deposit 5 --dry", "ledger deposit 5 --dry-run"),
    ("deposit 1e1", "ledger deposit 10"),
    ("deposit -5", "ledger withdraw 5"),
    ("withdraw -5", "ledger deposit 5"),
    ("deposit 5 eur", "ledger deposit 5 EUR"),
    ("deposit 5 savings", "ledger deposit 5 --account savings"),
    ("withdraw 5 -a mian", "ledger withdraw 5 -a main"),
    ("withdraw 5000", "ledger history main"),
    (
        "transfer 5 --from main --to savings --comment x",
        "ledger transfer 5 --from main --to savings --memo x",
    ),
    ("limit main -100", "ledger limit main --floor -100"),
    ("doctor --fix", "ledger doctor --repair"),
    ("history --limt 5", "ledger history --limit 5"),
    ("history --end today", "ledger history --until today"),
    ("history --type deposits", "ledger history --type deposit"),
    ("report --by months", "ledger report --by month"),
    ("report --interval week", "ledger report --by week"),
    ("assert 'main = 50'", "ledger assert 'main == 50'"),
    ("show 99", "ledger show 3"),
    ("init", "ledger accounts"),
    ("balance --no-color", "ledger balance --color=never"),
    ("schema reciept", "ledger schema receipt"),
];

#[test]
fn the_hint_of_a_typical_mistake_works_when_it_is_pasted() {
    for (line, hint) in MISTAKES {
        for flag in ["", "-f books.jsonl "] {
            let shell = Shell::given(&[
                &format!("{flag}init --currency EUR"),
                &format!("{flag}deposit 50 -m lunch"),
                &format!("{flag}deposit 7 -a savings"),
                &format!("{flag}limit savings --floor none"),
            ]);
            let ran = shell.ledger(&format!("{flag}{line}"));
            assert_ne!(ran.status, Some(0), "{line}");
            assert!(!ran.stderr.contains("as a value"), "{}", ran.stderr);
            let found = ran
                .stderr
                .lines()
                .find_map(|line| line.strip_prefix("hint: "));
            let found = found.unwrap_or_else(|| panic!("{line}: no hint: {}", ran.stderr));
            if flag.is_empty() {
                assert_eq!(found, *hint, "{line}");
            }
            let pasted = found.strip_prefix("ledger ").unwrap();
            let ran = shell.ledger(pasted);
            assert!(
                matches!(ran.status, Some(0 | 3)),
                "{line}: {found}: {}",
                ran.stderr
            );
        }
    }
}

#[test]
fn a_variable_that_is_empty_is_named() {
    let mut shell = Shell::given(&["deposit 5"]);
    shell.with("LEDGER_LOG", "");
    shell.ledger("balance").fails(
        2,
        "error: the environment variable LEDGER_LOG is set, but empty\nhint: unset LEDGER_LOG\n",
    );
}

#[test]
fn a_damaged_log_is_named_in_the_hint() {
    let shell = Shell::given(&["-f x.jsonl deposit 5", "-f x.jsonl deposit 6"]);
    let text = std::fs::read_to_string(shell.file("x.jsonl")).unwrap();
    std::fs::write(shell.file("x.jsonl"), text.replacen("\"5\"", "\"9\"", 1)).unwrap();
    let ran = shell.ledger("balance --file x.jsonl");
    assert_eq!(ran.status, Some(6));
    assert!(
        ran.stderr.ends_with("hint: ledger --file x.jsonl doctor\n"),
        "{}",
        ran.stderr
    );
}
