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

/// The words for what happened to an order or a ride, and what its events alone add up to.
fn told(log: &str, tag: &str) -> (Vec<String>, Vec<(String, String)>) {
    let ran = shell().ledger(&format!(
        "-f sample-data/{log}.jsonl replay --tag {tag} --json"
    ));
    let mut lines = ran.succeeds().json_lines();
    let state = lines.pop().unwrap()["state"].clone();
    let word = |line: &serde_json::Value| {
        let event = &line["event"];
        let links = ["reverses", "captures", "corrects", "refunds"];
        let link = links.into_iter().find(|link| !event[*link].is_null());
        link.map_or(event["type"].as_str().unwrap().to_owned(), str::to_owned)
    };
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let balances = state["balances"].as_array().unwrap().iter();
    let balances = balances.map(|one| (text(&one["account"]), text(&one["balance"])));
    (lines.iter().map(word).collect(), balances.collect())
}

#[test]
fn an_order_of_the_shop_is_told_by_its_tag() {
    let (events, sums) = told("shop", "order=4709");
    assert_eq!(
        events,
        [
            "hold", "captures", "transfer", "transfer", "withdraw", "refunds", "refunds"
        ]
    );
    let sums: Vec<&str> = sums.iter().map(|(_, sum)| sum.as_str()).collect();
    assert_eq!(sums, ["0.00", "-0.35", "84.98", "4.90"]);
    let (events, _) = told("shop", "order=4727");
    assert!(
        events.ends_with(&["reverses".to_owned(), "corrects".to_owned()]),
        "{events:?}"
    );
    let holds = "-f sample-data/shop.jsonl holds --all --json --until 2026-02-28";
    let holds = shell().ledger(holds).succeeds().json();
    let holds = holds["holds"].as_array().unwrap().iter();
    let states: std::collections::BTreeSet<&str> =
        holds.map(|hold| hold["state"].as_str().unwrap()).collect();
    assert!(
        states.contains("captured") && states.contains("expired"),
        "{states:?}"
    );
}

#[test]
fn a_ride_is_told_by_its_tag() {
    for (ride, expected) in [
        ("R301", &["hold", "captures", "captures"][..]),
        ("R303", &["hold", "captures", "captures", "transfer"]),
        ("R305", &["hold", "release"]),
        ("R308", &["hold"]),
    ] {
        let (events, sums) = told("rides", &format!("ride={ride}"));
        assert_eq!(events, expected, "{ride}");
        let sums = sums
            .iter()
            .map(|(_, sum)| sum.replace('.', "").parse::<i64>().unwrap());
        assert_eq!(sums.sum::<i64>(), 0, "{ride}: what leaves arrives");
    }
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
