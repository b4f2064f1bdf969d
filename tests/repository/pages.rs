//! The README and the pages in `docs` are run: every command of every console block must print what is
//! written below it. `LEDGER_BLESS=1 cargo test --test repository` updates the pages instead.

use std::fmt::Write as _;
use std::path::Path;

use crate::harness::{self, Shell, without_hashes};

/// A console block of a page.
struct Block {
    /// The line in which it starts, counted from 1.
    line: usize,
    /// The number of chapters (`## `) that start before it.
    chapter: usize,
    lines: Vec<String>,
}

/// The console blocks of a page. A line that starts with `$ ` is a command; the others are its output.
fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    let mut chapter = 0;
    for (index, text) in page.lines().enumerate() {
        match (&mut open, text) {
            (None, "```console") => {
                open = Some(Block {
                    line: index + 1,
                    chapter,
                    lines: Vec::new(),
                });
            }
            (Some(_), "```") => found.extend(open.take()),
            (Some(block), text) => block.lines.push(text.to_owned()),
            (None, text) => chapter += usize::from(text.starts_with("## ")),
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// A foreign program that a block runs and that is not installed.
fn missing(block: &Block) -> Option<&'static str> {
    const NEEDS: [(&str, &str, &str); 4] = [
        (
            "$ ssh-keygen ",
            "ssh-keygen",
            "command -v ssh-keygen openssl",
        ),
        ("$ hledger ", "hledger", "hledger --version"),
        ("$ bean-check ", "beancount", "bean-check --version"),
        ("import duckdb", "duckdb", "python3 -c 'import duckdb'"),
    ];
    let is_used = |mark: &str| block.lines.iter().any(|line| line.contains(mark));
    // The environment of a block has no HOME, where Python keeps a user's packages.
    let is_here = |command: &str| {
        let mut shell = harness::program("sh");
        let ran = shell.args(["-c", command]).env_remove("HOME").output();
        ran.is_ok_and(|ran| ran.status.success())
    };
    NEEDS
        .into_iter()
        .find(|(mark, _, command)| is_used(mark) && !is_here(command))
        .map(|(_, name, _)| name)
}

/// Runs a block's commands and returns the block with their actual output.
fn run(block: &Block, shell: &Shell) -> String {
    let mut out = String::new();
    for typed in block
        .lines
        .iter()
        .filter_map(|line| line.strip_prefix("$ "))
    {
        writeln!(out, "$ {typed}").unwrap();
        if typed.starts_with("cargo ") {
            // This page is run by such a command, and its output differs between machines.
            continue;
        }
        let mut command = harness::program("sh");
        let bin = Path::new(env!("CARGO_BIN_EXE_ledger")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let ran = command
            .args(["-c", &format!("exec 2>&1; {typed}")])
            .current_dir(shell.path())
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("HOME", shell.path())
            .env("XDG_CACHE_HOME", shell.path().join(".cache"))
            .env("LEDGER_NOW", harness::NOW)
            .output()
            .unwrap();
        out.push_str(&String::from_utf8(ran.stdout).unwrap());
        let code = ran.status.code().expect("no death by a signal");
        if code != 0 {
            writeln!(out, "[exit code {code}]").unwrap();
        }
    }
    out
}

/// A directory with the sample data.
fn with_samples() -> Shell {
    let shell = Shell::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copied = harness::program("cp")
        .arg("-R")
        .arg(root.join("sample-data"))
        .arg(shell.path())
        .status()
        .unwrap();
    assert!(copied.success());
    let script = "docs/check-receipt.sh";
    std::fs::create_dir(shell.file("docs")).unwrap();
    std::fs::copy(root.join(script), shell.file(script)).unwrap();
    shell
}

/// Whether the chapters of a page share a directory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Directory {
    PerPage,
    PerChapter,
}

fn check(name: &str, directory: Directory) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let page = std::fs::read_to_string(&file).unwrap();
    let mut shell = with_samples();
    let mut chapter = 0;
    let bless = std::env::var_os("LEDGER_BLESS").is_some();
    let mut blessed = page.clone();
    let mut wrong = String::new();
    let blocks = blocks(&page);
    assert!(!blocks.is_empty(), "{name} has no console block");
    for block in blocks {
        if directory == Directory::PerChapter && block.chapter != chapter {
            shell = with_samples();
            chapter = block.chapter;
        }
        let written = block
            .lines
            .iter()
            .fold(String::new(), |all, line| all + line + "\n");
        if let Some(program) = missing(&block) {
            harness::skip(
                &format!("{name}:{}", block.line),
                &format!("there is no {program}"),
            );
            continue;
        }
        let is_cargo = block.lines.iter().any(|line| line.starts_with("$ cargo "));
        let found = run(&block, &shell);
        if is_cargo || without_hashes(&found) == without_hashes(&written) {
            continue;
        }
        blessed = blessed.replacen(
            &format!("```console\n{written}```"),
            &format!("```console\n{found}```"),
            1,
        );
        writeln!(
            wrong,
            "{name}:{}\n--- written\n{written}--- found\n{found}",
            block.line
        )
        .unwrap();
    }
    if bless {
        std::fs::write(&file, blessed).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_block_of_the_readme_prints_what_it_says() {
    check("README.md", Directory::PerPage);
}

#[test]
fn every_block_of_the_guide_prints_what_it_says() {
    check("docs/GUIDE.md", Directory::PerChapter);
}

#[test]
fn every_block_of_the_page_on_proofs_prints_what_it_says() {
    check("docs/PROOF.md", Directory::PerPage);
}

#[test]
fn every_block_of_the_page_on_imports_prints_what_it_says() {
    check("docs/IMPORT.md", Directory::PerChapter);
}

#[test]
fn the_readme_is_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("README.md")).unwrap();
    assert!(page.lines().count() <= 150, "README.md is too long");
}

/// The files that a page names: targets of relative links, and paths in backticks.
fn named_files(page: &str) -> Vec<String> {
    let links = page
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next());
    let quoted = page.split('`').skip(1).step_by(2).filter(|text| {
        let starts = [
            "src/",
            "tests/",
            "docs/",
            "benches/",
            "fuzz/",
            "examples/",
            "sample-data/",
        ];
        starts.iter().any(|start| text.starts_with(start))
            && !text.contains([' ', '*', '{', '<', '…'])
            && !text.contains("NAME")
    });
    links
        .filter(|link| !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:"))
        .chain(quoted)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let top = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ];
    let mut missing = Vec::new();
    for page in top.iter().map(|name| root.join(name)).chain(docs) {
        let text = std::fs::read_to_string(&page).unwrap();
        for name in named_files(&text) {
            let beside = page.parent().unwrap().join(&name);
            if !beside.exists() && !root.join(&name).exists() {
                missing.push(format!("{}: {name}", page.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
