//! Every JSON answer against the schema that the program prints of it.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::harness::Shell;

/// A line that is run, the answer it gives, and its exit code. They run one after the other in one
/// ledger.
const RUNS: &[(&str, &str, i32)] = &[
    ("deposit 5 -n", "receipt", 0),
    (
        "init --currency EUR --zone Europe/Vienna --strict",
        "receipt",
        0,
    ),
    ("init", "error", 4),
    ("open main", "receipt", 0),
    (
        "open a:b --floor -50 --currency USD -m 'for a while' --tag k=v --key one",
        "receipt",
        0,
    ),
    ("open c --floor none", "receipt", 0),
    ("limit a:b --floor -20", "receipt", 0),
    (
        "deposit 50 -m x --tag order=1 --effective 2026-01-05 --key auto-1",
        "receipt",
        0,
    ),
    (
        "deposit 50 -m x --tag order=1 --effective 2026-01-05 --key auto-1",
        "receipt",
        0,
    ),
    ("deposit 51 --key auto-1", "error", 5),
    ("withdraw 20", "receipt", 0),
    ("withdraw 2000", "error", 4),
    ("transfer 5 --from main --to c", "receipt", 0),
    ("reverse 7", "receipt", 0),
    ("undo", "receipt", 0),
    ("undo -n", "receipt", 0),
    (
        "hold 2 --to c --from main --expires 2027 --key held",
        "receipt",
        0,
    ),
    ("capture key:held 1 --keep", "receipt", 0),
    ("release key:held", "receipt", 0),
    ("capture key:held", "error", 4),
    ("holds", "holds", 0),
    ("holds --all", "holds", 0),
    ("refund key:auto-1 1", "receipt", 0),
    ("correct key:auto-1 --amount 49", "error", 4),
    ("open usd --currency USD", "receipt", 0),
    ("exchange 1 --from main --to usd --for 1.1USD", "receipt", 0),
    ("seal 2025", "receipt", 0),
    ("deposit 5 --effective 2025", "error", 4),
    ("unseal -m why", "receipt", 0),
    ("close a:b", "receipt", 0),
    ("redact key:auto-1 -m why --yes", "receipt", 0),
    ("redact key:auto-1 -m why --yes", "receipt", 0),
    ("redact 0 -m why --yes", "error", 4),
    ("deposit 1e3", "error", 2),
    ("deposit", "error", 2),
    ("balance", "balance", 0),
    ("balance main --until seq:7 --known-at head~1", "balance", 0),
    ("balance nobody", "error", 4),
    ("balance -f nowhere.jsonl", "error", 10),
    ("balance --until 2026-02 --known-at 2020", "balance", 0),
    ("history", "history", 0),
    ("replay", "replay", 0),
    ("replay --until 2026-03", "replay", 0),
    ("show 0", "show", 0),
    ("show 5", "show", 0),
    ("show 7 --until seq:8", "show", 0),
    ("show 999", "error", 2),
    ("accounts", "accounts", 0),
    ("diff 2025 2026", "diff", 0),
    ("diff seq:3 head", "diff", 0),
    ("report", "report", 0),
    (
        "report --by week --net --since 2026-01 --until 2026",
        "report",
        0,
    ),
    (
        "report --by day --until seq:9 --known-at head -a main",
        "report",
        0,
    ),
    ("export --to jsonl", "export", 0),
    (
        "export --to csv -o x.csv --since 2020 --until seq:7",
        "exported",
        0,
    ),
    ("export --to csv", "error", 2),
    ("head", "head", 0),
    ("head --tree", "head", 0),
    ("head --tree --until seq:3 -o x.head", "head", 0),
    ("prove 7", "prove", 0),
    ("prove 7 -o x.tlog-proof", "prove", 0),
    ("prove --since x.head", "prove", 0),
    ("check x.tlog-proof --head x.head", "check", 6),
    ("check x.head --head x.head", "check", 0),
    ("prove 3 --head x.head -o x.tlog-proof", "prove", 0),
    ("check x.tlog-proof --head x.head", "check", 0),
    ("check x.csv --head x.head", "check", 6),
    ("check x.head", "error", 2),
    ("batch", "batch", 0),
    ("batch --keep-going", "batch", 4),
    ("import --from csv", "import", 0),
    ("import --from csv", "import", 0),
    ("import --from csv -n --currency EUR", "import", 0),
    ("import --from csv --delimiter ,,", "error", 2),
    ("import --from jsonl", "error", 2),
    ("assert 'main >= 0' 'a:* == 0'", "assert", 0),
    ("assert 'main == 1' --until 2026-02", "assert", 3),
    ("assert 'main >= 10' --always", "assert", 3),
    ("bisect 'main >= 10' --all --without 3", "bisect", 0),
    ("bisect 'main == 0 EUR'", "bisect", 0),
    ("bisect --exec true", "bisect", 3),
    ("why main", "why", 0),
    ("report --by tag:order", "report", 0),
    ("report --by account --depth 1", "report", 0),
    ("why 'm*' --since seq:3", "why", 0),
    ("why main --group type --without 3", "why", 0),
    ("balance --without 3", "balance", 0),
    ("accounts --without 3", "accounts", 0),
    ("report --without 3", "report", 0),
    ("assert 'main >= 0' --without 3", "assert", 0),
    ("verify", "verify", 0),
    ("doctor", "doctor", 0),
    ("watch --since seq:0 --no-follow", "watch", 0),
    ("copy ledger.jsonl copy.jsonl", "copy", 0),
    ("copy ledger.jsonl nix/copy.jsonl", "error", 1),
    ("project sqlite ledger.db", "project", 0),
    ("project sqlite ledger.db --rebuild", "project", 0),
    ("project sqlite ledger.jsonl", "error", 2),
];

/// The same in the same ledger, once a byte of it was changed.
const RUNS_ON_DAMAGE: &[(&str, &str, i32)] = &[
    ("balance", "error", 6),
    ("verify", "verify", 6),
    ("doctor", "doctor", 6),
];

/// Commands that answer no question about a ledger.
const WITHOUT_ANSWER: [&str; 5] = ["completions", "explore", "man", "schema", "help"];

/// Every answer of the runs: the line, the name of its schema, and one value.
fn answers() -> Vec<(&'static str, &'static str, Value)> {
    let shell = Shell::new();
    let mut answers: Vec<_> = RUNS
        .iter()
        .flat_map(|run| answers_of(&shell, run))
        .collect();
    let mut log = shell.log();
    log[300] ^= 1;
    shell.set_log(&log);
    answers.extend(
        RUNS_ON_DAMAGE
            .iter()
            .flat_map(|run| answers_of(&shell, run)),
    );
    answers
}

fn answers_of(
    shell: &Shell,
    (line, answer, status): &'static (&str, &str, i32),
) -> Vec<(&'static str, &'static str, Value)> {
    let full = format!("{line} --json");
    let ran = match *line {
        "batch" => shell.ledger_with_input(&full, br#"{"type":"deposit","amount":"5"}"#),
        "batch --keep-going" => shell.ledger_with_input(
            &full,
            b"{\"type\":\"withdraw\",\"amount\":\"9000\"}\n{\"type\":\"close\",\"account\":\"c\"}\n",
        ),
        _ if line.starts_with("import") => {
            shell.ledger_with_input(&full, b"Date,Amount,Description\n2026-01-05,5,x\n")
        }
        _ => shell.ledger(&full),
    };
    assert_eq!(
        ran.status,
        Some(*status),
        "{line}: {} {}",
        ran.stdout,
        ran.stderr
    );
    let values = if *answer == "error" {
        vec![serde_json::from_str(&ran.stderr).unwrap()]
    } else {
        ran.json_lines()
    };
    assert!(!values.is_empty(), "{line} answers nothing");
    values
        .into_iter()
        .map(|value| (*line, *answer, value))
        .collect()
}

/// The schemas, from the program.
fn schemas() -> BTreeMap<String, Value> {
    let all = Shell::new().ledger("schema --json").succeeds().json();
    serde_json::from_value(all).unwrap()
}

fn validators() -> BTreeMap<String, Validator> {
    schemas()
        .into_iter()
        .map(|(name, schema)| (name, jsonschema::draft202012::new(&schema).unwrap()))
        .collect()
}

#[test]
fn every_answer_fits_its_schema() {
    let validators = validators();
    for (line, answer, value) in answers() {
        let errors: Vec<String> = validators[answer]
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0], "{line}\n{value:#}");
    }
}

#[test]
fn an_answer_with_a_foreign_key_or_a_value_of_another_kind_does_not_fit() {
    let validators = validators();
    for (line, answer, value) in answers() {
        let refuses = |mangled: Value| {
            assert!(
                !validators[answer].is_valid(&mangled),
                "{line}: the schema lets this pass\n{mangled:#}"
            );
        };
        let with = |name: &str, value_of_key: Value| {
            let mut mangled = value.clone();
            mangled[name] = value_of_key;
            mangled
        };
        refuses(with("foreign", json!(1)));
        refuses(json!([value]));
        for (name, inner) in value.as_object().unwrap() {
            refuses(with(name, json!([[]])));
            match inner {
                Value::String(text)
                    if ![
                        "memo",
                        "key",
                        "message",
                        "hint",
                        "fix",
                        "file",
                        "head_file",
                        "output",
                        "proof",
                        "detail",
                    ]
                    .contains(&name.as_str()) =>
                {
                    refuses(with(name, json!(format!("{text} \n"))));
                    refuses(with(name, json!(1)));
                }
                Value::Bool(_) | Value::Number(_) => refuses(with(name, json!("1"))),
                Value::Array(items) if items.iter().any(Value::is_object) => {
                    let mut items = items.clone();
                    items[0]["foreign"] = json!(1);
                    refuses(with(name, json!(items)));
                }
                _ => {}
            }
        }
    }
}

#[test]
fn an_event_with_the_keys_of_another_type_does_not_fit() {
    let validators = validators();
    let deposit = answers()
        .into_iter()
        .find(|(line, ..)| line.starts_with("withdraw 20"))
        .unwrap()
        .2;
    let fits = |change: &dyn Fn(&mut Value)| {
        let mut event = deposit.clone();
        change(&mut event);
        validators["receipt"].is_valid(&event)
    };
    assert!(fits(&|_| {}));
    assert!(!fits(&|event| event["from"] = json!("main")));
    assert!(!fits(&|event| event["type"] = json!("transfer")));
    assert!(!fits(&|event| {
        event.as_object_mut().unwrap().remove("amount");
    }));
    assert!(!fits(&|event| {
        event.as_object_mut().unwrap().remove("hash");
    }));
    assert!(!fits(&|event| event["amount"] = json!("1,5")));
    assert!(!fits(&|event| event["amount"] = json!(5)));
    assert!(!fits(&|event| event["hash"] = json!("AB")));
    assert!(!fits(&|event| event["at"] = json!("2026-11-23T10:15:02Z")));
}

#[test]
fn every_schema_and_every_command_is_tried() {
    let tried: Vec<&str> = RUNS.iter().map(|(_, answer, _)| *answer).collect();
    for name in schemas().keys().filter(|name| *name != "note") {
        assert!(tried.contains(&name.as_str()), "no run answers `{name}`");
    }
    for command in crate::help::commands() {
        let first = command.split(' ').next().unwrap_or_default();
        assert!(
            WITHOUT_ANSWER.contains(&first)
                || RUNS.iter().any(|(line, ..)| line.starts_with(first)),
            "no run of `{command}`"
        );
    }
}

#[test]
fn a_schema_is_asked_for_by_its_name_in_any_case() {
    let shell = Shell::new();
    let upper = shell.ledger("schema RECEIPT").succeeds();
    let lower = shell.ledger("schema receipt").succeeds();
    assert_eq!(upper.stdout, lower.stdout);
    let schema: Value = serde_json::from_str(&upper.stdout).unwrap();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert_eq!(schema, schemas()["receipt"]);
    assert!(jsonschema::meta::is_valid(&schema));
}

#[test]
fn without_a_name_the_answers_are_listed_each_with_what_it_is() {
    let shell = Shell::new();
    let listed = shell.ledger("schema").succeeds().stdout;
    let names: Vec<&str> = listed
        .lines()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    let all: Vec<String> = schemas().into_keys().collect();
    assert_eq!(sorted, all);
    for line in listed.lines() {
        let (name, meaning) = line.split_once(' ').unwrap();
        let words = meaning.split_whitespace().count();
        assert!(words > 2 && line.len() <= 80, "{name}: {meaning}");
    }
    assert_eq!(shell.names(), [""; 0]);
}
