//! Typical mistakes on the command line: each is answered with a hint that works when it is pasted.

use crate::harness::{Shell, words};

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
    ("withdraw 12.50 lunch", "ledger withdraw 12.50 --memo lunch"),
    ("deposit €50", "ledger deposit 50EUR"),
    ("deposit 50 euro", "ledger deposit 50 EUR"),
    ("hold 5 savings", "ledger hold 5 --from savings"),
    ("edit 1 --amount 51", "ledger correct 1 --amount 51"),
    ("delete 1", "ledger reverse 1"),
    ("freeze savings", "ledger hold --help"),
    ("pay lunch", "ledger withdraw --help"),
    ("lock savings", "ledger seal --help"),
    ("remove lunch", "ledger reverse --help"),
    ("freeze 5", "ledger hold 5"),
    ("correct 1 51", "ledger correct 1 --amount 51"),
    ("seal --until yesterday", "ledger seal yesterday"),
    ("export csv", "ledger export --to csv"),
    ("report week", "ledger report --by week"),
    ("report --month", "ledger report --by month"),
    ("history --all", "ledger history '*'"),
    ("verify ledger.jsonl", "ledger verify --file ledger.jsonl"),
    ("balance --on yesterday", "ledger balance --until yesterday"),
    ("deposit 5 --currency EUR", "ledger deposit 5 EUR"),
    ("export --format csv", "ledger export --to csv"),
    ("undo --reason typo", "ledger undo --memo typo"),
    ("deposit 5 --note lunch", "ledger deposit 5 --memo lunch"),
    ("deposit 5 --dry", "ledger deposit 5 --dry-run"),
    ("deposit 1e1", "ledger deposit 10"),
    ("deposit 1,000", "ledger deposit 1000"),
    ("deposit 12,50", "ledger deposit 12.50"),
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
    ("hist", "ledger history"),
    ("bal", "ledger balance"),
    ("deposit 5 -m -5", "ledger deposit 5 --memo=-5"),
    (
        "transfer 5 main savings",
        "ledger transfer 5 --from main --to savings",
    ),
    (
        "transfer 5 from main to savings",
        "ledger transfer 5 --from main --to savings",
    ),
    ("report 'sav*'", "ledger report --account 'sav*'"),
    ("undo 1", "ledger reverse 1"),
    ("assert main == 50", "ledger assert 'main == 50'"),
    ("assert 'mian == 50'", "ledger assert 'main == 50'"),
    ("deposit 5 USD", "ledger deposit 5 USD --account main-usd"),
    (
        "deposit 5 --effective 20260301",
        "ledger deposit 5 --effective 2026-03-01",
    ),
    (
        "history --since '2 days'",
        "ledger history --since '2 days ago'",
    ),
    ("balance --until 2", "ledger balance --until seq:2"),
    ("balance --until -7d", "ledger balance --until '7d ago'"),
    (
        "history --since 'last week'",
        "ledger history --since '1 week ago'",
    ),
    (
        "history --since 'last 3 months'",
        "ledger history --since '3 months ago'",
    ),
    (
        "deposit 5 --key k --effective yesterday",
        "ledger deposit 5 --key k --effective 2026-11-22T00:00:00.000000Z",
    ),
    ("close main", "ledger withdraw 50.00 --account main"),
    ("open main --floor -5", "ledger limit main --floor -5"),
    ("deposit 5 --tag order", "ledger deposit --help"),
    ("export", "ledger export --help"),
    (
        "deposit 5 -a savings -m pocket money",
        "ledger deposit 5 -a savings -m 'pocket money'",
    ),
    (
        "deposit 5 -m pocket money for two",
        "ledger deposit 5 -m 'pocket money for two'",
    ),
    ("deposit 5 -a mein konto", "ledger deposit 5 -a mein-konto"),
    (
        "transfer 5 --from main --to savings -m pocket money",
        "ledger transfer 5 --from main --to savings -m 'pocket money'",
    ),
    ("deposit 5 to savings", "ledger deposit 5 --account savings"),
    (
        "withdraw 5 from savings",
        "ledger withdraw 5 --account savings",
    ),
    (
        "withdraw 5 --from savings",
        "ledger withdraw 5 --account savings",
    ),
    ("report monthly", "ledger report --by month"),
    ("report --monthly", "ledger report --by month"),
    ("report -M", "ledger report --by month"),
    ("report 2026", "ledger report --since 2026 --until 2026"),
    ("transfer 5 --from mian --to main", "ledger accounts"),
    ("deposit '1 234,56'", "ledger deposit 1234.56"),
    ("edit 3", "ledger correct --help"),
    ("send 5", "ledger transfer --help"),
    ("sell 5", "ledger exchange --help"),
    ("history --tail 5", "ledger history --limit 5"),
    ("history -n 5", "ledger history --limit 5"),
    ("history --from 2026", "ledger history --since 2026"),
    (
        "history -b 2026 -e today",
        "ledger history --since 2026 --until today",
    ),
    ("deposit 5 -d today", "ledger deposit 5 --effective today"),
    ("blame main", "ledger why main"),
    ("audit", "ledger verify"),
    ("validate", "ledger verify"),
    ("void 1", "ledger reverse 1"),
    ("chargeback 1 5", "ledger refund 1 5"),
    ("reserve 5", "ledger hold 5"),
    ("freeze 5", "ledger hold 5"),
    ("lock yesterday", "ledger seal yesterday"),
    ("new rent", "ledger open rent"),
    (
        "mv 5 main savings",
        "ledger transfer 5 --from main --to savings",
    ),
    ("redo", "ledger undo --help"),
    ("rename main giro", "ledger transfer --help"),
    (
        "doctor --salvage-to ledger.jsonl",
        "ledger doctor --salvage-to ledger.2.jsonl",
    ),
];

#[test]
fn the_hint_of_a_typical_mistake_works_when_it_is_pasted() {
    for flag in ["", "-f books.jsonl "] {
        let given = Shell::given(&[
            &format!("{flag}init --currency EUR"),
            &format!("{flag}deposit 50 -m lunch"),
            &format!("{flag}deposit 7 -a savings"),
            &format!("{flag}limit savings --floor none"),
        ]);
        for (line, hint) in MISTAKES {
            if !flag.is_empty() && line.ends_with(" ledger.jsonl") {
                // Beside another log that is no mistake.
                continue;
            }
            let shell = Shell::copy_of(&given);
            let ran = shell.unchecked(words(&format!("{flag}{line}")));
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

#[test]
fn the_hint_of_a_command_that_writes_keeps_every_flag_that_was_typed() {
    let shell = Shell::given(&[
        "init --currency EUR",
        "deposit 50",
        "hold 20 --expires 2026-11-24",
        "hold 10 --to savings",
    ]);
    for (line, hint) in [
        (
            "capture 2 60 -m lunch --key abc2 --to rent --keep",
            "ledger capture 2 20.00 -m lunch --key abc2 --to rent --keep",
        ),
        ("-q capture 2 60 -n", "ledger -q capture 2 20.00 -n"),
        (
            "release 2 60 --tag a=b --if-head=head",
            "ledger release 2 20.00 --tag a=b --if-head=head",
        ),
    ] {
        let ran = shell.unchecked(words(line));
        let found = ran
            .stderr
            .lines()
            .find_map(|line| line.strip_prefix("hint: "));
        let is_refused_before = line.contains("if-head");
        assert!(
            is_refused_before || found == Some(hint),
            "{line}: {}",
            ran.stderr
        );
    }
    let mut late = Shell::copy_of(&shell);
    late.at("2026-11-26T00:00:00Z");
    let ran = late.ledger("capture 2 -m late --key lk -n --to rent");
    assert!(
        ran.stderr
            .ends_with("hint: ledger transfer 20.00 --from main --to rent -m late --key lk -n\n"),
        "{}",
        ran.stderr
    );
    let ran = late.ledger("capture 2 -m late --key lk -nq --json");
    let hint = ran.error()["hint"].clone();
    assert_eq!(
        hint,
        "ledger withdraw 20.00 --account main -m late --key lk -nq --json"
    );
}

#[test]
fn several_hints_are_a_list_in_json() {
    let shell = Shell::given(&["init --currency EUR"]);
    let error = shell.ledger("deposit 5 savings --json").error();
    let hints = [
        "ledger deposit 5 --account savings --json",
        "ledger deposit 5 --memo savings --json",
    ];
    assert_eq!(error["hint"], hints[0]);
    assert_eq!(error["hints"], serde_json::json!(hints));
    let error = shell.ledger("depost 5 --json").error();
    assert_eq!(error["hint"], "ledger deposit 5 --json");
    assert!(error.get("hints").is_none());
}

#[test]
fn a_file_name_with_a_line_feed_or_a_dash_is_quoted_in_a_hint() {
    let shell = Shell::new();
    let ran = shell.unchecked(["-f", "a\nb.jsonl", "balance"]);
    assert!(
        ran.stderr
            .contains("hint: ledger --file $'a\\nb.jsonl' init\n"),
        "{}",
        ran.stderr
    );
    let ran = shell.ledger("deposit 5 -f -dash.jsonl");
    assert!(
        ran.stderr
            .ends_with("hint: ledger deposit 5 -f ./-dash.jsonl\n"),
        "{}",
        ran.stderr
    );
}
