//! The README is run: every command of every console block, in order, must print what stands below
//! it. `LEDGER_BLESS=1 cargo test --test repository` writes what it prints into the page instead.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::harness::{self, Shell, without_hashes};

/// One block of the page: where it starts and its lines.
struct Block {
    line: usize,
    lines: Vec<String>,
}

/// The blocks marked as console: a line that starts with a dollar and a blank is typed, the rest is printed.
fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (index, text) in page.lines().enumerate() {
        match (&mut open, text) {
            (None, "```console") => {
                open = Some(Block {
                    line: index + 1,
                    lines: Vec::new(),
                });
            }
            (Some(_), "```") => found.extend(open.take()),
            (Some(block), text) => block.lines.push(text.to_owned()),
            (None, _) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// A program of somebody else's that a block runs and that is not here.
fn missing(block: &Block) -> Option<&'static str> {
    const NEEDS: [(&str, &str, &str); 3] = [
        ("$ hledger ", "hledger", "hledger --version"),
        ("$ bean-check ", "beancount", "bean-check --version"),
        ("import duckdb", "duckdb", "python3 -c 'import duckdb'"),
    ];
    let is_used = |mark: &str| block.lines.iter().any(|line| line.contains(mark));
    let is_here = |command: &str| {
        let ran = Command::new("sh").args(["-c", command]).output();
        ran.is_ok_and(|ran| ran.status.success())
    };
    NEEDS
        .into_iter()
        .find(|(mark, _, command)| is_used(mark) && !is_here(command))
        .map(|(_, name, _)| name)
}

/// Runs a block's commands in one directory and gives the block as it should read.
fn run(block: &Block, shell: &Shell) -> String {
    let mut out = String::new();
    for typed in block
        .lines
        .iter()
        .filter_map(|line| line.strip_prefix("$ "))
    {
        writeln!(out, "$ {typed}").unwrap();
        if typed.starts_with("cargo ") {
            // Building and testing is what runs this page; what it prints differs by machine.
            continue;
        }
        let mut command = Command::new("sh");
        let bin = Path::new(env!("CARGO_BIN_EXE_ledger")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let ran = command
            .args(["-c", &format!("exec 2>&1; {typed}")])
            .current_dir(shell.path())
            .env_clear()
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("HOME", shell.path())
            .env("XDG_CACHE_HOME", shell.path().join(".cache"))
            .env("LC_ALL", "C.UTF-8")
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

/// A directory that has the sample data in it.
fn with_samples() -> Shell {
    let shell = Shell::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copied = Command::new("cp")
        .arg("-R")
        .arg(root.join("sample-data"))
        .arg(shell.path())
        .status()
        .unwrap();
    assert!(copied.success());
    shell
}

fn check(name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let page = std::fs::read_to_string(&file).unwrap();
    let shell = with_samples();
    let bless = std::env::var_os("LEDGER_BLESS").is_some();
    let mut blessed = page.clone();
    let mut wrong = String::new();
    let blocks = blocks(&page);
    assert!(!blocks.is_empty(), "{name} has no console block");
    for block in blocks {
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
    check("README.md");
}
