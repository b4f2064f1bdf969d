//! Which log is meant if nothing names one: the nearest of the directory and its parents.

use std::path::Path;

use crate::harness::{Ran, Shell, lines, words};

/// A log in `home/books`, and the directory `home/books/a/b` below it.
fn nested() -> Shell {
    let mut shell = Shell::new();
    std::fs::create_dir_all(shell.file("home/books/a/b")).unwrap();
    shell
        .ledger("-f home/books/ledger.jsonl deposit 50")
        .succeeds();
    let home = shell.file("home").display().to_string();
    shell.with("HOME", &home).pastes_nothing();
    shell
}

fn run_in(shell: &Shell, directory: &str, line: &str) -> Ran {
    let mut command = shell.command();
    command.current_dir(shell.file(directory));
    Ran::from(command.args(words(line)).output().unwrap())
}

/// As the program writes it: with links in its path followed.
fn path_of(shell: &Shell, name: &str) -> String {
    let path = shell.file(name).canonicalize().unwrap();
    path.display().to_string()
}

#[test]
fn the_nearest_log_of_the_parents_is_meant_and_a_receipt_names_it() {
    let shell = nested();
    let path = path_of(&shell, "home/books/ledger.jsonl");
    let below = |line: &str| run_in(&shell, "home/books/a/b", line);
    let receipt = below("deposit 5 --json").succeeds().json();
    assert_eq!(receipt["file"], path);
    assert_eq!(receipt["started"], false);
    let ran = below("deposit 5").succeeds();
    assert!(ran.stdout.ends_with(&format!(" in {path}\n")), "{ran:?}");
    below("-q balance main").prints("60\n");
    // In the log's own directory nothing needs to be said.
    let here = run_in(&shell, "home/books", "deposit 5 --json").succeeds();
    assert!(here.json().get("file").is_none(), "{here:?}");
    // A nearer log comes first.
    run_in(&shell, "home/books/a", "init -q").prints("");
    below("deposit 1 -q").prints("");
    below("-q balance main").prints("1\n");
}

#[test]
fn what_is_no_log_of_the_users_is_passed_over_in_a_parent() {
    let shell = nested();
    std::fs::create_dir(shell.file("home/books/a/ledger.jsonl")).unwrap();
    run_in(&shell, "home/books/a/b", "-q balance main").prints("50\n");
    #[cfg(unix)]
    {
        std::fs::remove_dir(shell.file("home/books/a/ledger.jsonl")).unwrap();
        std::fs::write(shell.file("home/books/a/ledger.jsonl"), "").unwrap();
        // Only the superuser can give a file away.
        if std::os::unix::fs::chown(shell.file("home/books/a/ledger.jsonl"), Some(12_345), None)
            .is_ok()
        {
            run_in(&shell, "home/books/a/b", "-q balance main").prints("50\n");
        }
    }
}

#[test]
fn the_search_ends_at_the_home_directory() {
    let mut shell = nested();
    let below = "home/books/a/b";
    let home = shell.file("home/books/a").display().to_string();
    shell.with("HOME", &home);
    let nothing = "error: there is no ledger at ./ledger.jsonl\nhint: ledger init\n";
    run_in(&shell, below, "balance").fails(10, nothing);
    // The home directory itself is searched, and so is everything above a directory outside of it.
    for home in ["home/books", "elsewhere"] {
        let home = shell.file(home).display().to_string();
        shell.with("HOME", &home);
        run_in(&shell, below, "-q balance main").prints("50\n");
    }
}

#[test]
fn a_new_log_is_announced_also_if_it_is_quiet_and_no_create_refuses_it() {
    let shell = nested();
    std::fs::create_dir(shell.file("wrong")).unwrap();
    let wrong = |line: &str| run_in(&shell, "wrong", line);
    let nothing = "error: there is no ledger at ./ledger.jsonl\nhint: ledger init\n";
    for line in [
        "-q deposit 5 --key k --no-create",
        "--no-create init",
        "open a --no-create",
    ] {
        assert_eq!(wrong(line).status, Some(10), "{line}");
    }
    wrong("deposit 5 --no-create").fails(10, nothing);
    assert!(!Path::new(&shell.file("wrong/ledger.jsonl")).exists());
    wrong("-q deposit 5 --key k").is(
        0,
        "",
        &lines(&["note: started a new ledger at ./ledger.jsonl"]),
    );
    wrong("-q --no-create deposit 5 --key k").prints("");
}

#[test]
fn init_always_means_the_directory_itself() {
    let shell = nested();
    run_in(&shell, "home/books/a", "init").succeeds();
    assert!(shell.file("home/books/a/ledger.jsonl").exists());
    run_in(&shell, "home/books/a", "balance").prints("no accounts\n");
}
