//! Files that are strange, linked, or may only be read.

use std::fs::{File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use crate::bench::{check, is_root, skip, under};
use crate::harness::{Ran, Shell, program};

/// Runs the program and stops it where it hangs, which is exit code 124.
fn bounded(shell: &Shell, line: &str) -> Ran {
    Ran::from(under(shell, &["timeout", "60"], line).output().unwrap())
}

const COMMANDS: [&str; 12] = [
    "balance",
    "history",
    "replay",
    "accounts",
    "head",
    "verify",
    "doctor",
    "doctor --repair",
    "deposit 5",
    "deposit 5 -n",
    "init",
    "undo",
];

#[test]
fn what_is_no_file_is_refused_at_once_whatever_leads_to_it() {
    let shell = Shell::new();
    std::fs::create_dir(shell.file("directory")).unwrap();
    assert!(
        program("mkfifo")
            .arg(shell.file("fifo"))
            .status()
            .unwrap()
            .success()
    );
    let _socket = std::os::unix::net::UnixListener::bind(shell.file("socket")).unwrap();
    for target in [
        "directory",
        "fifo",
        "socket",
        "/dev/zero",
        "/dev/full",
        "/dev/tty",
    ] {
        symlink(
            target,
            shell.file(&format!("to-{}", target.trim_start_matches("/dev/"))),
        )
        .unwrap();
    }
    let names = shell.names();
    let said = [
        ("directory", "it is a directory"),
        ("to-directory", "it is a directory"),
        ("directory/.", "it is a directory"),
        ("fifo", "it is a pipe"),
        ("to-fifo", "it is a pipe"),
        ("socket", "it is a socket"),
        ("to-socket", "it is a socket"),
        ("/dev/zero", "it is a device"),
        ("to-zero", "it is a device"),
        ("to-full", "it is a device"),
        ("/dev/tty", "it is a device"),
        ("to-tty", "it is a device"),
    ];
    for (file, what) in said {
        for command in COMMANDS {
            let ran = bounded(&shell, &format!("--file {file} {command}"));
            ran.fails(
                6,
                &format!("error: {file} is not a ledger: {what}\nhint: ls -ld {file}\n"),
            );
        }
    }
    assert_eq!(shell.names(), names);
}

#[test]
fn a_path_that_leads_nowhere_is_an_error_at_once() {
    let shell = Shell::new();
    symlink("loop", shell.file("loop")).unwrap();
    symlink("there", shell.file("here")).unwrap();
    symlink("here", shell.file("there")).unwrap();
    let long_name = "n".repeat(256);
    let long_path = "d/".repeat(2500) + "log";
    std::fs::write(shell.file("file"), "").unwrap();
    let names = shell.names();
    for (file, why) in [
        ("loop", "Too many levels of symbolic links (os error 40)"),
        ("here", "Too many levels of symbolic links (os error 40)"),
        (long_name.as_str(), "File name too long (os error 36)"),
        (long_path.as_str(), "File name too long (os error 36)"),
        ("file/log", "Not a directory (os error 20)"),
    ] {
        for command in COMMANDS {
            let ran = bounded(&shell, &format!("--file {file} {command}"));
            assert_eq!(
                (ran.status, ran.stdout.as_str()),
                (Some(1), ""),
                "{command}: {}",
                ran.stderr
            );
            assert!(
                ran.stderr.contains(why) && ran.stderr.len() < 1024,
                "{command}: {}",
                ran.stderr
            );
        }
    }
    assert_eq!(shell.names(), names);
}

#[test]
fn a_log_behind_links_is_read_and_written_and_the_links_stay() {
    let shell = Shell::given(&["deposit 5 -q"]);
    std::fs::create_dir(shell.file("elsewhere")).unwrap();
    std::fs::hard_link(shell.file("ledger.jsonl"), shell.file("elsewhere/hard")).unwrap();
    symlink("../ledger.jsonl", shell.file("elsewhere/soft")).unwrap();
    symlink("elsewhere/soft", shell.file("softer")).unwrap();
    let before = std::fs::metadata(shell.file("ledger.jsonl")).unwrap();
    for (number, file) in ["elsewhere/hard", "elsewhere/soft", "softer", "ledger.jsonl"]
        .into_iter()
        .enumerate()
    {
        shell
            .ledger(&format!("--file {file} deposit 1 -q"))
            .prints("");
        shell
            .ledger(&format!("--file {file} balance -q"))
            .prints(&format!("{}\n", 6 + number));
    }
    let after = std::fs::metadata(shell.file("ledger.jsonl")).unwrap();
    assert_eq!((before.ino(), before.nlink()), (after.ino(), after.nlink()));
    for link in ["elsewhere/soft", "softer"] {
        assert!(shell.file(link).is_symlink(), "{link}");
    }
    // Whichever name it goes by, it has one lock.
    let held = File::open(shell.file("elsewhere/hard")).unwrap();
    held.lock().unwrap();
    for file in ["ledger.jsonl", "softer"] {
        let ran = shell.ledger(&format!("--file {file} deposit 1 --wait 0"));
        assert_eq!(ran.status, Some(11), "{}", ran.stderr);
    }
}

#[test]
fn a_torn_tail_behind_a_link_is_set_aside_beside_the_name_that_was_given() {
    let shell = Shell::given(&["deposit 5 -q", "deposit 6 -q"]);
    let whole = shell.log();
    shell.set_log(&whole[..whole.len() - 9]);
    std::fs::create_dir(shell.file("elsewhere")).unwrap();
    symlink("../ledger.jsonl", shell.file("elsewhere/soft")).unwrap();
    shell
        .ledger("--file elsewhere/soft deposit 1 -q")
        .succeeds();
    let aside: Vec<PathBuf> = std::fs::read_dir(shell.file("elsewhere"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(".torn-"))
        .collect();
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert!(whole[..whole.len() - 9].ends_with(&std::fs::read(&aside[0]).unwrap()));
    assert_eq!(check(&shell.file("ledger.jsonl")).main, "6");
    assert!(shell.file("elsewhere/soft").is_symlink());
}

#[test]
fn a_link_to_a_log_that_is_not_there_yet_is_where_it_starts() {
    let shell = Shell::new();
    std::fs::create_dir(shell.file("data")).unwrap();
    symlink("data/log", shell.file("ledger.jsonl")).unwrap();
    assert_eq!(shell.ledger("balance").status, Some(10));
    // A first write that is refused leaves no file, and the link.
    assert_eq!(shell.ledger("withdraw 5").status, Some(4));
    assert_eq!(std::fs::read_dir(shell.file("data")).unwrap().count(), 0);
    shell.ledger("deposit 5 -q").succeeds();
    assert!(shell.file("ledger.jsonl").is_symlink());
    assert_eq!(check(&shell.file("data/log")).main, "5");
}

#[test]
fn a_new_log_is_its_owners_alone_and_an_old_one_keeps_its_mode_and_owner() {
    let shell = Shell::new();
    let script = "umask 000; exec \"$0\" \"$@\"";
    assert!(
        under(&shell, &["sh", "-c", script], "deposit 5 -q")
            .output()
            .unwrap()
            .status
            .success()
    );
    let log = shell.file("ledger.jsonl");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!(mode(&log), 0o600);
    let whole = shell.log();
    shell.set_log(&whole[..whole.len() - 9]);
    assert!(
        under(&shell, &["sh", "-c", script], "deposit 5 -q")
            .output()
            .unwrap()
            .status
            .success()
    );
    for name in shell.names() {
        assert_eq!(mode(&shell.file(&name)), 0o600, "{name}");
    }
    for other in [0o644, 0o664, 0o640] {
        std::fs::set_permissions(&log, Permissions::from_mode(other)).unwrap();
        shell.ledger("deposit 1 -q").succeeds();
        assert_eq!(mode(&log), other);
    }
    if is_root() {
        chown(&log, Some(12_345), Some(54_321)).unwrap();
        shell.ledger("deposit 1 -q").succeeds();
        let metadata = std::fs::metadata(&log).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (12_345, 54_321));
    } else {
        skip("the owner of an old log", "only root can give files away");
    }
}

/// Everything there is to see of a directory: names, bytes, modes, times of change.
fn traces(directory: &Path) -> Vec<(PathBuf, Vec<u8>, u32, i64, i64)> {
    let mut all: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            (
                path,
                bytes,
                metadata.mode(),
                metadata.mtime_nsec(),
                metadata.ctime_nsec(),
            )
        })
        .collect();
    all.sort();
    let own = std::fs::metadata(directory).unwrap();
    all.push((
        directory.to_owned(),
        Vec::new(),
        own.mode(),
        own.mtime_nsec(),
        own.ctime_nsec(),
    ));
    all
}

const READS: [&str; 9] = [
    "balance",
    "history",
    "replay",
    "accounts",
    "show 1",
    "head",
    "diff seq:1 head",
    "verify",
    "doctor",
];

/// Reads all there is to read, sound or torn, and finds the directory as it was.
#[track_caller]
fn only_reading_works(directory: &Path, run: &dyn Fn(&str) -> Ran, why: &str) {
    let before = traces(directory);
    for read in READS {
        let ran = run(read);
        assert_eq!(ran.status, Some(0), "{read}: {}", ran.stderr);
        assert!(!ran.stdout.is_empty(), "{read}");
    }
    assert_eq!(run("balance main -q").stdout, "5\n");
    for write in ["deposit 1", "withdraw 1", "undo", "open a", "close main"] {
        let ran = run(write);
        // What a rule forbids may be said first.
        assert!(matches!(ran.status, Some(1 | 4)), "{write}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{write}");
    }
    let ran = run("deposit 1");
    assert_eq!(ran.status, Some(1));
    assert!(
        ran.stderr.contains(why) && ran.stderr.contains("nothing was recorded"),
        "{}",
        ran.stderr
    );
    assert_eq!(traces(directory), before);
}

/// The program as somebody whom permissions bind: this user, or nobody where this one is root.
fn bound_by_permissions<'a>(shell: &'a Shell, what: &str) -> Option<impl Fn(&str) -> Ran + 'a> {
    let wrapper: Vec<&str> = if is_root() {
        vec![
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
        ]
    } else {
        vec!["env"]
    };
    std::fs::set_permissions(shell.path(), Permissions::from_mode(0o755)).unwrap();
    let works = under(shell, &wrapper, "--version")
        .output()
        .is_ok_and(|ran| ran.status.success());
    if !works {
        skip(
            what,
            "nobody may run the program here, or setpriv (of util-linux) is missing",
        );
        return None;
    }
    Some(move |line: &str| Ran::from(under(shell, &wrapper, line).output().unwrap()))
}

#[test]
fn a_file_that_may_only_be_read_is_read_and_nothing_changes() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let Some(run) = bound_by_permissions(&shell, "a read-only file") else {
        return;
    };
    std::fs::set_permissions(shell.file("ledger.jsonl"), Permissions::from_mode(0o444)).unwrap();
    only_reading_works(shell.path(), &run, "Permission denied");
    // Torn, it is read all the same and nothing is set aside.
    let torn = [&shell.log()[..], b"{\"v\":1,\"se"].concat();
    std::fs::set_permissions(shell.file("ledger.jsonl"), Permissions::from_mode(0o644)).unwrap();
    shell.set_log(&torn);
    std::fs::set_permissions(shell.file("ledger.jsonl"), Permissions::from_mode(0o444)).unwrap();
    only_reading_works(shell.path(), &run, "Permission denied");
}

#[test]
fn a_file_that_may_not_be_read_is_an_error() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let Some(run) = bound_by_permissions(&shell, "an unreadable file") else {
        return;
    };
    std::fs::set_permissions(shell.file("ledger.jsonl"), Permissions::from_mode(0o000)).unwrap();
    let before = traces_of_names(&shell);
    for command in COMMANDS {
        let ran = run(command);
        assert_eq!(
            (ran.status, ran.stdout.as_str()),
            (Some(1), ""),
            "{command}: {}",
            ran.stderr
        );
        assert!(
            ran.stderr.contains("Permission denied"),
            "{command}: {}",
            ran.stderr
        );
    }
    assert_eq!(traces_of_names(&shell), before);
}

fn traces_of_names(shell: &Shell) -> (Vec<String>, u64) {
    (
        shell.names(),
        std::fs::metadata(shell.file("ledger.jsonl")).unwrap().len(),
    )
}

#[test]
fn a_directory_that_may_only_be_read_is_no_hindrance_but_for_new_names() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let log = shell.file("ledger.jsonl");
    let Some(run) = bound_by_permissions(&shell, "a read-only directory") else {
        return;
    };
    if is_root() {
        chown(&log, Some(65_534), Some(65_534)).unwrap();
    }
    std::fs::set_permissions(shell.path(), Permissions::from_mode(0o555)).unwrap();
    let names = shell.names();
    assert_eq!(run("balance -q").stdout, "5\n");
    // An append needs no new name.
    assert_eq!(run("deposit 1 -q").status, Some(0));
    assert_eq!(check(&log).main, "6");
    // A quarantine and a new log do.
    let torn = [&shell.log()[..], b"{\"v\":1,\"se"].concat();
    shell.set_log(&torn);
    let ran = run("deposit 1");
    assert_eq!(
        (ran.status, ran.stdout.as_str()),
        (Some(1), ""),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("nothing was recorded"),
        "{}",
        ran.stderr
    );
    assert_eq!(shell.log(), torn);
    assert_eq!(run("doctor --repair").status, Some(1));
    assert_eq!(shell.log(), torn);
    let ran = run("--file new.jsonl deposit 1");
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    assert_eq!(shell.names(), names);
    std::fs::set_permissions(shell.path(), Permissions::from_mode(0o755)).unwrap();
}

/// A directory mounted for reading only, gone when dropped.
struct ReadOnly(PathBuf);

impl Drop for ReadOnly {
    fn drop(&mut self) {
        let _ = program("umount").arg(&self.0).status();
    }
}

#[test]
fn a_medium_that_may_only_be_read_is_read_and_nothing_changes() {
    let what = "a read-only medium";
    if !is_root() {
        return skip(what, "only root can mount one");
    }
    let source = Shell::given(&["deposit 5 -q"]);
    let shell = Shell::new();
    let (from, to) = (source.path(), shell.path());
    let ran = |arguments: &[&std::ffi::OsStr]| {
        program("mount")
            .args(arguments)
            .output()
            .is_ok_and(|ran| ran.status.success())
    };
    if !ran(&["--bind".as_ref(), from.as_ref(), to.as_ref()]) {
        return skip(what, "nothing can be mounted");
    }
    let _mounted = ReadOnly(to.to_owned());
    if !ran(&["-o".as_ref(), "remount,bind,ro".as_ref(), to.as_ref()]) {
        return skip(what, "nothing can be mounted for reading only");
    }
    // From elsewhere, since the directory itself is the medium.
    let run = |line: &str| shell.ledger(line);
    only_reading_works(to, &run, "Read-only file system");
    let ran = shell.ledger("--file new.jsonl deposit 1");
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    // A first write finds no way either, and a torn tail stays where it is.
    let torn = [&source.log()[..], b"{\"v\":1,\"se"].concat();
    source.set_log(&torn);
    only_reading_works(to, &run, "Read-only file system");
}
