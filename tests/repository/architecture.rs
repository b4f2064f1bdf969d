//! The rooms and their directions: who may use whom, and what stands in no room at all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::source::Source;

/// A room of the library and the rooms it may use.
const ROOMS: [(&str, &[&str]); 13] = [
    ("money", &[]),
    ("time", &[]),
    ("event", &["money", "time"]),
    ("accounts", &["event", "money", "time"]),
    ("replay", &["accounts", "event", "money", "time"]),
    ("log", &["event", "money", "time"]),
    ("proof", &["log", "event"]),
    ("remote", &["log"]),
    (
        "checkpoint",
        &["log", "accounts", "replay", "event", "money", "time"],
    ),
    (
        "ledger",
        &[
            "checkpoint",
            "remote",
            "log",
            "replay",
            "accounts",
            "event",
            "money",
            "time",
        ],
    ),
    (
        "audit",
        &[
            "proof",
            "log",
            "replay",
            "accounts",
            "event",
            "money",
            "time",
            "checkpoint",
        ],
    ),
    (
        "formats",
        &["ledger", "replay", "accounts", "event", "money", "time"],
    ),
    (
        "projection",
        &[
            "ledger", "log", "replay", "accounts", "event", "money", "time",
        ],
    ),
];

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below, with its path from `src`.
fn files(below: &Path) -> Vec<(String, String)> {
    files_from(&source_folder(), below)
}

/// The same, with paths from another folder.
fn files_from(root: &Path, below: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_from(root, &path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// The part of a file that is not its tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

fn is_test_file(name: &str) -> bool {
    name.ends_with("tests.rs") || name.ends_with("testing.rs") || name.contains("/tests/")
}

#[test]
fn a_room_uses_only_the_rooms_it_may_use() {
    let rooms: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    let mut wrong = Vec::new();
    for (name, text) in files(&source_folder()) {
        if name.starts_with("bin/") || name == "lib.rs" || is_test_file(&name) {
            continue;
        }
        let room = name.split('/').next().unwrap().trim_end_matches(".rs");
        let Some(may_use) = rooms.get(room) else {
            wrong.push(format!("{name}: there is no room {room}"));
            continue;
        };
        for used in without_tests(&text).split("crate::").skip(1) {
            let other: String = used
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if other != room
                && rooms.contains_key(other.as_str())
                && !may_use.contains(&other.as_str())
            {
                wrong.push(format!("{name} uses {other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_room_is_on_the_map() {
    let map = std::fs::read_to_string(source_folder().join("lib.rs")).unwrap();
    for (name, _) in files(&source_folder()) {
        let room = name.split('/').next().unwrap().trim_end_matches(".rs");
        if room != "bin" && room != "lib" {
            assert!(
                map.contains(&format!("- [`{room}`]:")),
                "{room} is not on the map"
            );
        }
    }
}

#[test]
fn the_commands_know_neither_lines_nor_locks() {
    for (name, text) in files(&source_folder().join("bin/ledger/commands")) {
        for word in [
            "LineReader::",
            "Writer::",
            "Checker",
            "flock",
            "File::open",
            "try_lock",
        ] {
            assert!(!without_tests(&text).contains(word), "{name} holds {word}");
        }
    }
}

#[test]
fn every_file_says_what_it_owns() {
    let without: Vec<String> = files(&source_folder())
        .into_iter()
        .filter(|(name, text)| {
            let is_command = name.starts_with("bin/ledger/commands/") && text.contains("Args)]");
            !is_command && !is_test_file(name) && !text.starts_with("//!")
        })
        .map(|(name, _)| name)
        .collect();
    assert!(without.is_empty(), "{without:#?}");
}

#[test]
fn a_file_can_be_held_in_the_head() {
    let long: Vec<String> = files(&source_folder())
        .into_iter()
        .filter(|(name, _)| !is_test_file(name))
        .map(|(name, text)| (name, without_tests(&text).lines().count()))
        .filter(|(_, lines)| *lines > 520)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn clock_environment_and_streams_have_one_owner_each() {
    const OWNERS: [(&str, &[&str]); 9] = [
        ("SystemTime::now", &["bin/ledger/clock.rs"]),
        ("Monotonic::now", &["bin/ledger/clock.rs"]),
        ("time::Instant::now", &[]),
        ("env::var", &["bin/ledger/environment.rs"]),
        ("env::current_dir", &["bin/ledger/environment.rs"]),
        ("env::args", &["bin/ledger/main.rs"]),
        ("io::stdout", &["bin/ledger/output/print.rs"]),
        ("io::stderr", &["bin/ledger/output/print.rs"]),
        ("println!", &[]),
    ];
    let mut wrong = Vec::new();
    for (name, text) in files(&source_folder()) {
        if is_test_file(&name) {
            continue;
        }
        for (number, line) in without_tests(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap();
            for (call, owners) in OWNERS {
                if code.contains(call) && !owners.contains(&name.as_str()) {
                    wrong.push(format!("{name}:{}: {call}", number.saturating_add(1)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn there_is_no_junk_drawer() {
    for (name, _) in files(&source_folder()) {
        for drawer in ["util", "utils", "helpers", "common", "misc"] {
            assert!(
                !name.split(['/', '.']).any(|part| part == drawer),
                "{name} is a drawer"
            );
        }
    }
}

#[test]
fn every_promise_names_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/RELIABILITY.md")).unwrap();
    let mut tests: String = files(&source_folder())
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    for folder in ["cli", "faults", "repository"] {
        for entry in std::fs::read_dir(root.join("tests").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                tests += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    let promises: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_suffix("` |")?.rsplit('`').next())
        .collect();
    assert!(promises.len() > 25, "{promises:?}");
    for test in promises {
        assert!(
            tests.contains(&format!("fn {test}(")),
            "there is no test {test}"
        );
    }
}

#[test]
fn no_two_files_import_each_other_in_a_loop() {
    let source = Source::of_this_package();
    let loops = source.loops();
    assert!(loops.is_empty(), "{loops:#?}");
}

#[test]
fn a_loop_is_found_through_re_exports_globs_and_macros() {
    for (name, first, second, is_loop) in [
        (
            "one way",
            "use crate::b::B; pub struct A;",
            "pub struct B;",
            false,
        ),
        (
            "super",
            "use super::B; pub struct A;",
            "use super::A; pub struct B;",
            true,
        ),
        (
            "glob",
            "use super::b::*; pub struct A(B);",
            "pub struct B; fn f(_: crate::A) {}",
            true,
        ),
        (
            "macro",
            "pub const A: u8 = crate::b::B;",
            "pub const B: u8 = 1; fn f() { assert_eq!(1, super::a::A); }",
            true,
        ),
        (
            "test",
            "use super::B; pub struct A;",
            "pub struct B; #[cfg(test)] mod tests { use crate::A; }",
            false,
        ),
        (
            "visibility",
            "use super::B; pub struct A;",
            "pub(super) struct B; pub(crate) mod c {}",
            false,
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("lib.rs", "mod a; mod b; pub use a::A; pub use b::B;");
        write("a.rs", first);
        write("b.rs", second);
        let source = Source::read(folder.path(), ("planted", "lib.rs"), None);
        assert_eq!(
            source.loops().len(),
            usize::from(is_loop),
            "{name}: {:?}",
            source.loops()
        );
    }
}

#[test]
fn a_type_name_occurs_once_in_its_crate() {
    const SCREEN: usize = 120;
    let source = Source::of_this_package();
    let root = source_folder();
    let mut places: BTreeMap<(bool, &str), BTreeSet<&str>> = BTreeMap::new();
    for item in source.types() {
        let text = std::fs::read_to_string(root.join(&item.file)).unwrap();
        if item.is_public || without_tests(&text).lines().count() >= SCREEN {
            let is_binary = item.file.starts_with("bin/");
            let files = places.entry((is_binary, &item.name)).or_default();
            // What a platform lacks has a twin under the same module name.
            if !item.file.ends_with("/portable.rs") {
                files.insert(&item.file);
            }
        }
    }
    places.retain(|_, files| files.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn tests_run_other_programs_in_an_environment_of_their_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut wrong = Vec::new();
    for folder in ["cli", "faults", "repository"] {
        for (name, text) in files_from(&root, &root.join(folder)) {
            let call = ["Command::new", "(\""].concat();
            if text.contains(&call) {
                wrong.push(name);
            }
        }
    }
    assert!(wrong.is_empty(), "use harness::program in {wrong:?}");
}
