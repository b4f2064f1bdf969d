use serde_json::Value;

use crate::harness::Shell;

/// What an answer's schema says of a value: nothing where it fits.
fn mistakes(shell: &Shell, answer: &str, value: &Value) -> Vec<String> {
    let schema = shell.ledger(&format!("schema {answer}")).succeeds();
    let schema: Value = serde_json::from_slice(&schema.raw).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn story() -> Shell {
    Shell::given(&[
        "init --currency EUR --zone Europe/Vienna -m start",
        "open savings --floor -10 --tag a=b",
        "deposit 50 -m lunch --tag order=1234 --key k-1",
        "deposit 7 USD -a travel --effective 2026-10-01",
        "transfer 20 --from main --to savings",
        "withdraw 1",
        "undo",
        "limit savings --floor none",
    ])
}

#[test]
fn every_answer_fits_its_schema() {
    let shell = story();
    for (answer, command) in [
        ("receipt", "deposit 5 --json"),
        ("receipt", "deposit 5 --json --dry-run"),
        (
            "receipt",
            "deposit 50 -m lunch --tag order=1234 --key k-1 --json",
        ),
        ("receipt", "open new --json"),
        ("receipt", "close new --json"),
        ("receipt", "limit savings --floor -5 --json"),
        ("receipt", "transfer 1 --from main --to savings --json"),
        ("receipt", "undo --json"),
        ("balance", "balance --json"),
        (
            "balance",
            "balance main --until 2026-11-01 --known-at seq:3 --json",
        ),
        ("history", "history --json"),
        ("history", "history travel --json"),
        ("replay", "replay --json"),
        ("show", "show 2 --json"),
        ("show", "show 0 --json"),
        ("show", "show 6 --json"),
        ("accounts", "accounts --json"),
        ("diff", "diff seq:2 head --json"),
        ("assert", "assert 'main >= 0' 'sav* > 0' --json"),
        ("head", "head --json"),
        ("verify", "verify --json"),
        ("doctor", "doctor --json"),
    ] {
        let ran = shell.ledger(command).succeeds();
        let lines = ran.json_lines();
        assert!(!lines.is_empty(), "{command}");
        for line in lines {
            assert_eq!(
                mistakes(&shell, answer, &line),
                [""; 0],
                "{command}: {line}"
            );
        }
    }
}

#[test]
fn answers_that_are_no_fit_their_schemas_too() {
    let shell = story();
    let ran = shell.ledger("assert 'main == 1' --json");
    assert_eq!(ran.status, Some(3));
    assert_eq!(mistakes(&shell, "assert", &ran.json()), [""; 0]);
    for command in [
        "withdraw 5000 --json",
        "balance nobody --json",
        "deposit 1,000 --json",
    ] {
        let error: Value = serde_json::from_str(&shell.ledger(command).stderr).unwrap();
        assert_eq!(mistakes(&shell, "error", &error), [""; 0], "{command}");
    }
    let lines =
        b"{\"type\":\"deposit\",\"amount\":\"5\"}\n{\"type\":\"withdraw\",\"amount\":\"9000\"}\n";
    let ran = shell.ledger_with_input("batch --keep-going --json", lines);
    assert_eq!(ran.status, Some(4));
    for line in ran.json_lines() {
        assert_eq!(mistakes(&shell, "batch", &line), [""; 0], "{line}");
    }
    let mut log = shell.log();
    log[300] ^= 1;
    shell.set_log(&log);
    for (answer, command) in [("verify", "verify --json"), ("doctor", "doctor --json")] {
        let ran = shell.ledger(command);
        assert_eq!(ran.status, Some(6));
        assert_eq!(mistakes(&shell, answer, &ran.json()), [""; 0], "{command}");
    }
}

#[test]
fn a_mangled_answer_does_not_fit() {
    let shell = story();
    let sound = shell.ledger("balance --json").json();
    for mangle in [
        &|answer: &mut Value| answer["seq"] = "1".into(),
        &|answer: &mut Value| answer["hash"] = "ABC".into(),
        &|answer: &mut Value| answer["balances"][0]["balance"] = 5.into(),
        &|answer: &mut Value| answer["extra"] = true.into(),
        &|answer: &mut Value| drop(answer.as_object_mut().unwrap().remove("events")),
    ] as [&dyn Fn(&mut Value); 5]
    {
        let mut answer = sound.clone();
        mangle(&mut answer);
        assert_ne!(mistakes(&shell, "balance", &answer), [""; 0], "{answer}");
    }
}
