//! No room: file size limits that cut a write at any byte, and a file system that is full.

use std::path::{Path, PathBuf};

use crate::bench::{all, can_trace, check, is_root, skip, under};
use crate::harness::{Ran, Shell, program};

fn can_limit(what: &str) -> bool {
    let works = program("prlimit")
        .args(["--fsize=4096", "true"])
        .output()
        .is_ok_and(|ran| ran.status.success());
    if !works {
        skip(what, "prlimit (of util-linux) is missing");
    }
    works
}

/// Runs the program where no file may become longer than this.
fn limited(shell: &Shell, bytes: usize, line: &str) -> Ran {
    let limit = format!("--fsize={bytes}");
    Ran::from(under(shell, &["prlimit", &limit], line).output().unwrap())
}

const TOO_LARGE: &str =
    "error: nothing was recorded: cannot write to ./ledger.jsonl: File too large (os error 27)\n";

#[test]
fn a_write_cut_short_at_any_byte_by_a_size_limit_is_an_error_and_no_death() {
    if !can_limit("writes cut short at any byte") {
        return;
    }
    let shell = Shell::given(&["deposit 5 -q"]);
    let before = shell.log();
    shell.ledger("deposit 7 -q").succeeds();
    let line = shell.log().len() - before.len();
    let step = if all() { 1 } else { 13 };
    for room in (0..line).step_by(step).chain([line - 1]) {
        shell.set_log(&before);
        limited(&shell, before.len() + room, "deposit 7").fails(1, TOO_LARGE);
        assert_eq!(shell.log(), before, "room for {room} bytes");
        shell.ledger("deposit 7 -q").succeeds();
        assert_eq!(check(&shell.file("ledger.jsonl")).main, "12");
    }
    shell.set_log(&before);
    limited(&shell, before.len() + line, "deposit 7 -q").succeeds();
}

#[test]
fn a_first_write_cut_short_leaves_no_file() {
    if !can_limit("a first write cut short") {
        return;
    }
    for room in [0, 1, 100, 193, 194, 300] {
        let shell = Shell::new();
        limited(&shell, room, "deposit 7").fails(1, TOO_LARGE);
        assert_eq!(shell.names(), [""; 0]);
    }
}

#[test]
fn a_short_write_that_cannot_be_cut_back_is_unknown_only_where_it_may_count() {
    if !can_limit("short writes to a file that may only grow")
        || !can_trace("short writes to a file that may only grow")
    {
        return;
    }
    let shell = Shell::given(&["deposit 5 -q"]);
    let before = shell.log();
    shell.ledger("deposit 7 -q").succeeds();
    let line = shell.log().len() - before.len();
    // All but the line feed is a whole event, and readers count it.
    for (room, status, seq) in [(line - 2, 1, 1), (line - 1, 12, 2)] {
        shell.set_log(&before);
        let limit = format!("--fsize={}", before.len() + room);
        let wrapper = [
            "strace",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "inject=ftruncate:error=EPERM",
            "prlimit",
            &limit,
        ];
        let ran = Ran::from(under(&shell, &wrapper, "deposit 7").output().unwrap());
        assert_eq!(ran.status, Some(status), "{ran:?}");
        assert_eq!(check(&shell.file("ledger.jsonl")).seq, seq);
    }
}

#[test]
fn a_read_into_a_file_that_may_not_grow_is_an_error_and_no_death() {
    if !can_limit("a read into a file that may not grow") {
        return;
    }
    let shell = Shell::given(&["deposit 5 -q"]);
    let out = std::fs::File::create(shell.file("out")).unwrap();
    let mut command = under(&shell, &["prlimit", "--fsize=10"], "balance");
    let ran = Ran::from(command.stdout(out).output().unwrap());
    ran.fails(
        1,
        "error: cannot print the answer: File too large (os error 27)\n",
    );
    let help = std::fs::File::create(shell.file("help")).unwrap();
    let mut command = under(&shell, &["prlimit", "--fsize=10"], "--help");
    assert_eq!(
        Ran::from(command.stdout(help).output().unwrap()).status,
        Some(1)
    );
}

/// A small file system of its own, gone when dropped.
struct SmallDisk {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl SmallDisk {
    fn new(what: &str) -> Option<SmallDisk> {
        if !is_root() {
            skip(what, "only root can mount a small file system");
            return None;
        }
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().to_owned();
        let mounted = program("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(&path)
            .output()
            .is_ok_and(|ran| ran.status.success());
        if !mounted {
            skip(what, "no tmpfs can be mounted");
            return None;
        }
        Some(SmallDisk {
            _directory: directory,
            path,
        })
    }

    /// Fills it to the last byte.
    fn fill(&self) -> PathBuf {
        let path = self.path.join("ballast");
        let _ = std::fs::write(&path, vec![0; 1 << 20]);
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = program("umount").arg(&self.path).status();
    }
}

fn ledger(shell: &Shell, log: &Path, line: &str) -> Ran {
    shell.ledger(&format!("--file {} {line}", log.display()))
}

#[test]
fn on_a_full_disk_nothing_is_recorded_and_when_there_is_room_the_next_append_works() {
    let Some(disk) = SmallDisk::new("a full disk") else {
        return;
    };
    let shell = Shell::new();
    let log = disk.path.join("log");
    ledger(&shell, &log, "deposit 1 -q").succeeds();
    let ballast = disk.fill();
    // What is left of the last page is filled by appends.
    let mut recorded = 1;
    let full = loop {
        let ran = ledger(&shell, &log, "deposit 1");
        if ran.status != Some(0) {
            break ran;
        }
        recorded += 1;
        assert!(recorded < 1000, "it is never full");
    };
    full.fails(
        1,
        &format!(
            "error: nothing was recorded: cannot write to {}: No space left on device (os error 28)\nhint: df -h {}\n",
            log.display(),
            log.parent().unwrap().display()
        ),
    );
    ledger(&shell, &log, "balance main -q").prints(&format!("{recorded}\n"));
    assert_eq!(check(&log).torn_bytes, 0);
    std::fs::remove_file(ballast).unwrap();
    ledger(&shell, &log, "deposit 1 -q").succeeds();
    assert_eq!(check(&log).main, (recorded + 1).to_string());
}

#[test]
fn a_first_write_on_a_full_disk_leaves_no_file() {
    let Some(disk) = SmallDisk::new("a first write on a full disk") else {
        return;
    };
    let shell = Shell::new();
    let log = disk.path.join("log");
    disk.fill();
    let ran = ledger(&shell, &log, "deposit 1");
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert!(!log.exists());
}

#[test]
fn on_a_full_disk_torn_bytes_are_neither_cut_off_nor_lost() {
    let Some(disk) = SmallDisk::new("a quarantine on a full disk") else {
        return;
    };
    let shell = Shell::given(&["deposit 1 -q", "deposit 2 -q"]);
    let whole = shell.log();
    let torn = &whole[..whole.len() - 40];
    let log = disk.path.join("log");
    std::fs::write(&log, torn).unwrap();
    let ballast = disk.fill();
    for _ in 0..3 {
        let ran = ledger(&shell, &log, "deposit 5");
        assert_eq!(ran.status, Some(1), "{ran:?}");
        assert_eq!(std::fs::read(&log).unwrap(), torn);
        assert_eq!(
            std::fs::read_dir(&disk.path).unwrap().count(),
            2,
            "only log and ballast"
        );
    }
    std::fs::remove_file(ballast).unwrap();
    ledger(&shell, &log, "deposit 5 -q").succeeds();
    assert_eq!(check(&log).main, "6");
}
