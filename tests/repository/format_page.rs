//! The recipe of docs/FORMAT.md is taken off the page and run.

use std::path::{Path, PathBuf};

use crate::harness::{can_run, program, skip};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn recipe() -> String {
    let page = std::fs::read_to_string(root().join("docs/FORMAT.md")).unwrap();
    let (_, behind) = page.split_once("```sh\n").unwrap();
    behind.split_once("```").unwrap().0.to_owned()
}

fn check(log: &Path) -> (Option<i32>, String) {
    let ran = program("sh")
        .args(["-c", &recipe(), "check"])
        .arg(log)
        .output()
        .unwrap();
    (
        ran.status.code(),
        String::from_utf8_lossy(&ran.stdout).trim().to_owned(),
    )
}

#[test]
fn the_recipe_of_the_page_accepts_a_log_and_prints_its_head() {
    let log = root().join("sample-data/rides.jsonl");
    let last = std::fs::read_to_string(&log).unwrap();
    let last = last.lines().last().unwrap().to_owned();
    let (code, said) = check(&log);
    assert_eq!(code, Some(0), "{said}");
    let hash = said.split(' ').nth(2).unwrap();
    assert!(last.contains(&format!("\"hash\":\"{hash}\"")));
}

#[test]
fn the_recipe_of_the_page_finds_what_was_changed() {
    for (kind, line) in [
        ("changed-amount", 3),
        ("changed-memo", 3),
        ("removed-line", 4),
        ("swapped-lines", 3),
        ("doubled-line", 5),
    ] {
        let log = root().join(format!("sample-data/damaged/{kind}.jsonl"));
        let expected = format!("line {line}: the hash does not match");
        assert_eq!(check(&log), (Some(1), expected), "{kind}");
    }
}

#[test]
fn an_independent_check_accepts_every_sample() {
    let script = root().join("../shared/check-chain.py");
    if !script.exists() {
        let why = format!("{} is not there", script.display());
        return skip("an independent check of the samples", &why);
    }
    if !can_run(
        "an independent check of the samples",
        "python3",
        &["--version"],
    ) {
        return;
    }
    for name in ["household", "shop", "rides", "damaged/sound"] {
        let ran = program("python3")
            .arg(&script)
            .arg(root().join(format!("sample-data/{name}.jsonl")))
            .output()
            .unwrap();
        assert!(ran.status.success(), "{name}: {ran:?}");
    }
}
