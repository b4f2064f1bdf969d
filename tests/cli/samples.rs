use std::path::{Path, PathBuf};

use crate::harness::Shell;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data")
}

fn kinds(ending: &str, folder: &str) -> Vec<String> {
    let mut kinds: Vec<String> = std::fs::read_dir(samples().join(folder))
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(ending).map(str::to_owned)
        })
        .collect();
    kinds.sort();
    kinds
}

/// A directory in which `sample-data` is the real one.
fn shell() -> Shell {
    let shell = Shell::new();
    std::os::unix::fs::symlink(samples(), shell.file("sample-data")).unwrap();
    shell
}

#[test]
fn every_damaged_sample_gives_the_message_that_lies_beside_it() {
    let shell = shell();
    let found = kinds(".jsonl", "damaged");
    assert!(found.len() > 20, "{found:?}");
    for kind in found {
        let message = samples().join(format!("damaged/{kind}.txt"));
        let expected = std::fs::read_to_string(&message).unwrap();
        let ran = shell.ledger(&format!("-f sample-data/damaged/{kind}.jsonl balance"));
        assert_eq!(ran.stderr, expected, "{kind}");
        let is_damage = expected.starts_with("error:");
        assert_eq!(ran.status, Some(if is_damage { 6 } else { 0 }), "{kind}");
        assert_eq!(ran.stdout.is_empty(), is_damage, "{kind} prints figures");
    }
}

#[test]
fn verify_finds_what_is_wrong_with_each_damaged_sample() {
    let shell = shell();
    for kind in kinds(".jsonl", "damaged") {
        let ran = shell.ledger(&format!("-f sample-data/damaged/{kind}.jsonl verify"));
        let is_sound = matches!(kind.as_str(), "sound" | "torn-tail" | "torn-batch");
        let expected = if is_sound { 0 } else { 6 };
        assert_eq!(
            ran.status,
            Some(expected),
            "{kind}: {}{}",
            ran.stdout,
            ran.stderr
        );
    }
}

#[test]
fn every_sample_ledger_is_sound() {
    let shell = shell();
    for name in ["household", "shop", "rides"] {
        let ran = shell
            .ledger(&format!("-f sample-data/{name}.jsonl verify --json"))
            .succeeds();
        assert_eq!(ran.json()["ok"], true, "{name}");
        assert_eq!(ran.json()["findings"], serde_json::json!([]), "{name}");
    }
}

#[test]
fn the_household_tells_march_as_it_was_known_in_april_and_as_it_is_known_now() {
    let shell = shell();
    let dinner = |more: &str| {
        let ran = shell.ledger(&format!(
            "-f sample-data/household.jsonl balance expenses:eating-out --until 2026-03-31 -q {more}"
        ));
        let text = ran.succeeds().stdout;
        text.trim().replace('.', "").parse::<i64>().unwrap()
    };
    // The receipt of a dinner in March was found in April.
    assert_eq!(dinner("") - dinner("--known-at 2026-04-01"), 4730);
}

#[test]
fn an_order_of_the_shop_is_traced_by_its_tag_from_deposit_to_reversal() {
    let shell = shell();
    let ran = shell.ledger("-f sample-data/shop.jsonl history shop:sales --tag order=4709 --json");
    let types: Vec<String> = ran
        .succeeds()
        .json_lines()
        .iter()
        .map(|row| row["change"].as_str().unwrap().chars().take(1).collect())
        .collect();
    assert!(types.iter().any(|first| first == "-"), "{types:?}");
}

/// `LEDGER_BLESS=1` writes what it is now.
#[test]
fn the_sample_page_is_what_the_program_makes_of_the_household() {
    let mut shell = shell();
    shell.at("2026-11-01T08:00:00Z");
    shell
        .ledger("-f sample-data/household.jsonl report -a 'assets:*' --html out.html")
        .succeeds();
    let made = std::fs::read_to_string(shell.file("out.html")).unwrap();
    let sample = samples().join("household-report.html");
    if std::env::var_os("LEDGER_BLESS").is_some() {
        std::fs::write(&sample, &made).unwrap();
    }
    let there = std::fs::read_to_string(&sample).unwrap();
    assert!(there == made, "sample-data/make.sh, or LEDGER_BLESS=1");
    assert!(made.len() < 200_000, "{} bytes", made.len());
}

#[test]
fn every_sample_of_an_export_is_what_is_exported() {
    let shell = shell();
    for (format, ending) in [
        ("csv", "csv"),
        ("jsonl", "jsonl"),
        ("hledger", "journal"),
        ("ledger", "ledger"),
        ("beancount", "beancount"),
        ("parquet", "parquet"),
    ] {
        let ran = shell.ledger(&format!("-f sample-data/rides.jsonl export --to {format}"));
        let sample = std::fs::read(samples().join(format!("exports/rides.{ending}"))).unwrap();
        assert!(ran.succeeds().raw == sample, "{format} has changed");
    }
}
