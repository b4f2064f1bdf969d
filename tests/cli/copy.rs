//! `copy` between files: every byte and hash kept, repeatable, never over another log.

use std::path::PathBuf;

use crate::harness::Shell;

fn read(shell: &Shell, name: &str) -> Vec<u8> {
    std::fs::read(shell.file(name)).unwrap()
}

fn given() -> Shell {
    Shell::given(&[
        "init --currency EUR -q",
        "deposit 50 -q -m salary --tag month=11",
        "withdraw 20 -q --key k",
    ])
}

#[test]
fn a_copy_has_every_byte_and_is_continued_by_the_same_command() {
    let shell = given();
    shell
        .ledger("copy ledger.jsonl copy.jsonl")
        .prints("copied 2 events to copy.jsonl\nhead 2:<hex16>\n");
    assert_eq!(read(&shell, "copy.jsonl"), shell.log());
    shell
        .ledger("copy ledger.jsonl copy.jsonl")
        .prints("copied no new events to copy.jsonl\nhead 2:<hex16>\n");
    shell.ledger("deposit 1 -q").succeeds();
    shell
        .ledger("copy ledger.jsonl copy.jsonl")
        .prints("copied 1 event to copy.jsonl\nhead 3:<hex16>\n");
    assert_eq!(read(&shell, "copy.jsonl"), shell.log());
    shell.ledger("-f copy.jsonl verify").succeeds();
}

#[test]
fn a_copy_answers_in_json() {
    let shell = given();
    let answer = shell.ledger("copy ledger.jsonl copy.jsonl --json").json();
    assert_eq!(answer["from"], "ledger.jsonl");
    assert_eq!(answer["to"], "copy.jsonl");
    assert_eq!(answer["copied"], 2);
    assert_eq!(answer["head"]["seq"], 2);
    assert!(answer["moved_to"].is_null());
}

#[test]
fn a_log_that_is_not_the_beginning_of_the_other_is_left_alone() {
    let shell = given();
    shell.ledger("copy ledger.jsonl copy.jsonl -q").prints("");
    shell.ledger("-f copy.jsonl deposit 1 -q").succeeds();
    let copy = read(&shell, "copy.jsonl");
    shell.ledger("copy ledger.jsonl copy.jsonl").fails(
        5,
        "error: copy.jsonl goes on where the log to copy ends: 1 more event\nhint: ledger copy copy.jsonl ledger.jsonl\n",
    );
    shell.ledger("deposit 2 -q").succeeds();
    shell.ledger("copy ledger.jsonl copy.jsonl").fails(
        5,
        "error: copy.jsonl is not the beginning of the log to copy\nhint: ledger --file copy.jsonl head\n",
    );
    assert_eq!(read(&shell, "copy.jsonl"), copy);
    let log = shell.log();
    shell.ledger("copy copy.jsonl ledger.jsonl").fails(
        5,
        "error: ledger.jsonl is not the beginning of the log to copy\nhint: ledger --file ledger.jsonl head\n",
    );
    assert_eq!(shell.log(), log);
    std::fs::write(shell.file("notes.txt"), "shopping list\n").unwrap();
    let ran = shell.ledger("copy ledger.jsonl notes.txt");
    assert_eq!(ran.status, Some(6), "{ran:?}");
    assert_eq!(read(&shell, "notes.txt"), b"shopping list\n");
}

#[test]
fn nothing_is_made_of_a_log_that_is_missing_or_damaged() {
    let shell = given();
    shell
        .ledger("copy nix.jsonl copy.jsonl")
        .fails(10, "error: there is no ledger at nix.jsonl\n");
    let mut log = shell.log();
    let at = log.len() / 2;
    log[at] ^= 1;
    shell.set_log(&log);
    let ran = shell.ledger("copy ledger.jsonl copy.jsonl");
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(6), ""));
    let ran = shell.ledger("copy ledger.jsonl copy.jsonl --move");
    assert_eq!(ran.status, Some(6));
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn what_was_never_finished_is_not_copied_and_is_set_aside_at_the_other_end() {
    let shell = given();
    let whole = shell.log();
    // The last line lacks its line feed: it counts.
    shell.set_log(&whole[..whole.len() - 1]);
    shell.ledger("copy ledger.jsonl copy.jsonl -q").prints("");
    assert_eq!(read(&shell, "copy.jsonl"), whole);
    // Half a line does not.
    shell.set_log(&whole[..whole.len() - 40]);
    std::fs::remove_file(shell.file("copy.jsonl")).unwrap();
    let ran = shell.ledger("copy ledger.jsonl copy.jsonl");
    assert_eq!(ran.stdout, "copied 1 event to copy.jsonl\nhead 1:<hex16>\n");
    assert!(
        ran.stderr.starts_with("warning: the log ends in "),
        "{ran:?}"
    );
    let copy = read(&shell, "copy.jsonl");
    assert!(whole.starts_with(&copy) && copy.ends_with(b"\n"));
    // The other log ends in half a line.
    shell.set_log(&whole);
    std::fs::write(shell.file("copy.jsonl"), &whole[..whole.len() - 40]).unwrap();
    let ran = shell.ledger("copy ledger.jsonl copy.jsonl").succeeds();
    assert!(
        ran.stderr.contains("was set aside in ./copy.jsonl.torn-")
            || ran.stderr.contains("was set aside in copy.jsonl.torn-"),
        "{ran:?}"
    );
    assert_eq!(read(&shell, "copy.jsonl"), whole);
}

#[test]
fn a_log_that_moves_keeps_its_content_under_another_name() {
    let shell = given();
    let log = shell.log();
    let real = shell.path().canonicalize().unwrap();
    let moved = |name: &str| -> PathBuf { real.join(name) };
    shell
        .ledger("copy ledger.jsonl new.jsonl --move")
        .prints(&format!(
            "copied 2 events to new.jsonl\nhead 2:<hex16>\nledger.jsonl is now {}\n",
            moved("ledger.jsonl.moved").display()
        ));
    assert_eq!(read(&shell, "new.jsonl"), log);
    assert_eq!(read(&shell, "ledger.jsonl.moved"), log);
    assert_eq!(shell.names(), ["ledger.jsonl.moved", "new.jsonl"]);
    // A name that is taken stays as it is.
    shell.set_log(&log);
    shell
        .ledger("copy ledger.jsonl new.jsonl --move -q")
        .prints("");
    assert_eq!(
        shell.names(),
        ["ledger.jsonl.moved", "ledger.jsonl.moved.1", "new.jsonl"]
    );
    // It was killed between the new name and the old one's end.
    shell.set_log(&log);
    std::fs::hard_link(
        shell.file("ledger.jsonl"),
        shell.file("ledger.jsonl.moved.2"),
    )
    .unwrap();
    shell
        .ledger("copy ledger.jsonl new.jsonl --move -q")
        .prints("");
    assert_eq!(
        shell.names(),
        [
            "ledger.jsonl.moved",
            "ledger.jsonl.moved.1",
            "ledger.jsonl.moved.2",
            "new.jsonl"
        ]
    );
}

#[test]
fn a_log_that_moves_is_locked_until_it_has_its_new_name() {
    let shell = given();
    let lock = std::fs::File::open(shell.file("ledger.jsonl")).unwrap();
    lock.lock_shared().unwrap();
    let ran = shell.ledger("copy ledger.jsonl new.jsonl --move --wait 0");
    assert_eq!(ran.status, Some(11), "{ran:?}");
    assert_eq!(shell.names(), ["ledger.jsonl"]);
    // A copy only reads, which others may do at the same time.
    shell
        .ledger("copy ledger.jsonl new.jsonl -q --wait 0")
        .prints("");
}

#[test]
fn mistakes_are_found_before_a_file_is_opened() {
    let shell = given();
    shell.ledger("copy ledger.jsonl ./ledger.jsonl").fails(
        2,
        "error: FROM and TO are the same log\nhint: ledger copy --help\n",
    );
    shell.ledger("-f ledger.jsonl copy a b").fails(
        2,
        "error: copy names both logs, FROM and TO, and takes no --file\nhint: ledger copy a b\n",
    );
    let ran = shell.ledger("copy ledger.jsonl");
    assert_eq!(ran.status, Some(2));
    assert_eq!(shell.names(), ["ledger.jsonl"]);
}

#[test]
fn the_hint_about_a_damaged_log_names_it() {
    let shell = given();
    let log = String::from_utf8(shell.log()).unwrap();
    std::fs::write(
        shell.file("old books.jsonl"),
        log.replacen("\"amount\":\"5", "\"amount\":\"6", 1),
    )
    .unwrap();
    let ran = shell.ledger("copy 'old books.jsonl' new.jsonl");
    assert_eq!(ran.status, Some(6), "{ran:?}");
    assert!(
        ran.stderr
            .ends_with("hint: ledger --file 'old books.jsonl' doctor\n"),
        "{}",
        ran.stderr
    );
}
