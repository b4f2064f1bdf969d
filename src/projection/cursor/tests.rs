use tempfile::TempDir;

use super::*;
use crate::log::NoWait;
use crate::log::testing::ShortWait;

fn open(path: &Path) -> Result<Cursor, ProjectionError> {
    Cursor::open(path, &mut ShortWait::default())
}

fn position(seq: u64) -> SavedPosition {
    SavedPosition {
        ledger: LedgerId::from_bytes([7; 16]),
        seq,
        hash: Hash::from_bytes([9; 32]),
    }
}

#[test]
fn a_cursor_stands_where_it_was_moved_to_and_nothing_is_left_beside_it() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("mail.cursor");
    let mut cursor = open(&path).unwrap();
    assert_eq!(cursor.at(), None);
    assert!(!path.exists());
    for seq in [3, 4] {
        cursor.advance(position(seq)).unwrap();
    }
    drop(cursor);
    assert_eq!(open(&path).unwrap().at(), Some(position(4)));
    assert_eq!(names(&directory), [".mail.cursor.lock", "mail.cursor"]);
}

fn names(directory: &TempDir) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn names_beside_a_cursor_that_are_something_else_stay_as_they_are() {
    use std::os::unix::fs::symlink;

    for (is_link, name) in [(true, "c"), (true, ".c.lock"), (false, ".c.lock")] {
        let directory = TempDir::new().unwrap();
        let path = |name: &str| directory.path().join(name);
        std::fs::write(path("log"), "a log\n").unwrap();
        if is_link {
            symlink(path("log"), path(name)).unwrap();
        } else {
            std::fs::hard_link(path("log"), path(name)).unwrap();
        }
        let refused = open(&path("c"));
        assert!(
            matches!(refused, Err(ProjectionError::NotOurs { .. })),
            "{name}: {refused:?}"
        );
        assert_eq!(std::fs::read_to_string(path("log")).unwrap(), "a log\n");
    }
}

#[test]
fn a_cursor_that_was_replaced_meanwhile_is_not_moved() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("c");
    let mut cursor = open(&path).unwrap();
    cursor.advance(position(3)).unwrap();
    std::fs::write(&path, "notes\n").unwrap();
    let refused = cursor.advance(position(4));
    assert!(matches!(refused, Err(ProjectionError::NotOurs { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "notes\n");
}

#[test]
fn what_is_no_cursor_is_refused_and_stays_as_it_is() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("notes.txt");
    let (ledger, hash) = ("07".repeat(16), "09".repeat(32));
    for bytes in [
        "shopping list\n".to_owned(),
        "{}\n".to_owned(),
        format!("{{\"ledger\":\"{ledger}\",\"seq\":1,\"hash\":\"{hash}\"}}"),
        format!("{{\"ledger\":\"{ledger}\",\"seq\":1,\"hash\":\"{hash}\",\"more\":1}}\n"),
        format!("{{\"ledger\":\"{ledger}\",\"seq\":-1,\"hash\":\"{hash}\"}}\n"),
        format!(
            "{{\"ledger\":\"{ledger}\",\"seq\":1,\"hash\":\"{}\"}}\n",
            hash.replace('0', "A")
        ),
        format!("{}\n", "x".repeat(10_000)),
    ] {
        std::fs::write(&path, &bytes).unwrap();
        let refused = open(&path);
        assert!(
            matches!(refused, Err(ProjectionError::NotOurs { .. })),
            "{bytes}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), bytes);
    }
    let refused = open(directory.path());
    assert!(matches!(refused, Err(ProjectionError::NotOurs { .. })));
}

#[test]
fn two_do_not_move_one_cursor() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("c");
    let mut first = open(&path).unwrap();
    // Held before the file is there, too.
    let none = Cursor::open(&path, &mut NoWait);
    assert!(matches!(none, Err(ProjectionError::InUse { .. })));
    first.advance(position(1)).unwrap();
    let second = Cursor::open(&path, &mut NoWait);
    assert!(matches!(second, Err(ProjectionError::InUse { .. })));
    first.advance(position(2)).unwrap();
    let third = Cursor::open(&path, &mut NoWait);
    assert!(matches!(third, Err(ProjectionError::InUse { .. })));
    drop(first);
    assert!(open(&path).is_ok());
}

#[test]
fn a_cursor_that_is_let_go_of_meanwhile_is_had() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("c");
    let first = open(&path).unwrap();
    let (asks, asked) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            asked.recv().unwrap();
            drop(first);
        });
        asks.send(()).unwrap();
        assert!(open(&path).is_ok());
    });
}

#[test]
fn a_cursor_that_cannot_be_moved_is_refused_before_anything_is_delivered() {
    let directory = TempDir::new().unwrap();
    let refused = open(&directory.path().join("nowhere/c"));
    assert!(matches!(refused, Err(ProjectionError::Io { .. })));
    drop(open(&directory.path().join("c")).unwrap());
    assert_eq!(names(&directory), [".c.lock"]);
}
