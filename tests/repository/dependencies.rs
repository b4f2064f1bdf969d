//! What is built upon: each dependency has its reason written down, and a licence that lets it in.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Licences that ask for no more than to be named.
const PERMITTED: [&str; 10] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The names in the manifest's tables of dependencies.
fn dependencies() -> Vec<String> {
    let manifest = read("Cargo.toml");
    let mut in_dependencies = false;
    let mut names = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.ends_with("dependencies]");
        } else if in_dependencies && let Some((name, _)) = line.split_once([' ', '=', '.']) {
            names.push(name.to_owned());
        }
    }
    assert!(names.len() > 10, "{names:?}");
    names
}

/// The crates that the page on decisions has a line about: a row of a table, or an entry of a list.
fn reasons() -> Vec<String> {
    let decisions = read("docs/DECISIONS.md");
    let (_, reasons) = decisions.split_once("\n## Dependencies\n").unwrap();
    let reasons = reasons.split("\n## ").next().unwrap();
    let mut names = Vec::new();
    for line in reasons.lines() {
        let entry = if let Some(row) = line.strip_prefix("| ") {
            let cells: Vec<&str> = row.trim_end_matches('|').split(" | ").collect();
            assert_eq!(cells.len(), 3, "a crate, what for, what else: {line}");
            cells[0]
        } else if let Some(entry) = line.strip_prefix("- ") {
            entry.split(' ').next().unwrap()
        } else {
            continue;
        };
        let in_marks = entry.split('`').skip(1).step_by(2);
        names.extend(in_marks.map(str::to_owned));
    }
    names
}

#[test]
fn every_dependency_has_one_line_in_the_decisions_and_every_line_its_dependency() {
    let mut named = reasons();
    let mut used = dependencies();
    named.sort();
    used.sort();
    assert_eq!(
        named, used,
        "docs/DECISIONS.md, under Dependencies, against Cargo.toml"
    );
}

/// Whether an SPDX expression can be met with licences that are permitted. Some crates still write
/// `/` for `OR`.
fn is_permitted(expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest) && rest.is_empty()
}

fn any_of(words: &mut &[&str]) -> bool {
    let mut met = all_of(words);
    while words.first() == Some(&"OR") {
        *words = &words[1..];
        met |= all_of(words);
    }
    met
}

fn all_of(words: &mut &[&str]) -> bool {
    let mut met = one(words);
    while words.first() == Some(&"AND") {
        *words = &words[1..];
        met &= one(words);
    }
    met
}

fn one(words: &mut &[&str]) -> bool {
    match **words {
        ["(", ..] => {
            *words = &words[1..];
            let met = any_of(words);
            let closed = words.first() == Some(&")");
            *words = words.get(1..).unwrap_or_default();
            met && closed
        }
        [licence, "WITH", exception, ..] => {
            *words = &words[3..];
            PERMITTED.contains(&format!("{licence} WITH {exception}").as_str())
        }
        [licence, ..] => {
            *words = &words[1..];
            PERMITTED.contains(&licence)
        }
        [] => false,
    }
}

#[test]
fn licences_are_read_as_they_are_meant() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0 OR MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        "GPL-2.0 AND MIT OR ISC",
    ] {
        assert!(is_permitted(good), "{good}");
    }
    for bad in [
        "",
        "GPL-3.0",
        "GPL-3.0 AND MIT",
        "MIT AND (GPL-3.0 OR MPL-2.0)",
        "MIT MIT",
        "(MIT",
        "GPL-2.0 WITH LLVM-exception",
    ] {
        assert!(!is_permitted(bad), "{bad}");
    }
}

#[test]
fn every_crate_that_is_built_has_a_licence_that_is_permitted() {
    let tree = tree(&[
        "--all-features",
        "--edges",
        "normal,build,dev",
        "--format",
        "{p}|{l}",
    ]);
    let packages: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    assert!(packages.len() > 50, "{}", packages.len());
    let refused: Vec<&&str> = packages
        .iter()
        .filter(|package| {
            let (_, licence) = package.split_once('|').unwrap();
            !is_permitted(licence)
        })
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn without_features_only_the_dependencies_of_the_core_are_built() {
    const CORE: [&str; 15] = [
        "base64",
        "getrandom",
        "hashbrown",
        "iso_currency",
        "itoa",
        "jiff",
        "libc",
        "memchr",
        "rustix",
        "serde",
        "serde_json",
        "sha2",
        "strsim",
        "thiserror",
        "unicode-normalization",
    ];
    let tree = tree(&["--no-default-features", "--edges", "normal", "--depth", "1"]);
    let names: Vec<&str> = tree
        .lines()
        .skip(1)
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(names, CORE);
}

/// What `cargo tree` prints: as the resolver has it, for this system, and without fetching anything.
fn tree(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--prefix", "none"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}
