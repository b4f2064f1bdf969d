//! System calls that fail, one at a time: what is said, what is left, and that the next append works.

use std::path::PathBuf;

use crate::bench::{can_trace, check, traced};
use crate::harness::Shell;

fn with_one_event() -> Shell {
    Shell::given(&["deposit 5 -q -m first"])
}

fn log_of(shell: &Shell) -> PathBuf {
    shell.file("ledger.jsonl")
}

/// The log as it was; and the next append works unaided.
#[track_caller]
fn is_untouched_and_goes_on(shell: &Shell, before: &[u8]) {
    assert_eq!(shell.log(), before, "the log changed");
    assert_eq!(shell.names(), ["ledger.jsonl"], "something was left behind");
    shell.ledger("deposit 7 -q").succeeds();
    assert_eq!(check(&log_of(shell)).main, "12");
}

#[test]
fn a_write_that_fails_is_exit_1_and_leaves_the_log_as_it_was() {
    if !can_trace("write errors") {
        return;
    }
    let room = "hint: df -h .\n";
    for (error, said, hint) in [
        ("ENOSPC", "No space left on device (os error 28)", room),
        ("EDQUOT", "Disk quota exceeded (os error 122)", room),
        ("EIO", "Input/output error (os error 5)", ""),
        ("EROFS", "Read-only file system (os error 30)", ""),
        ("EFBIG", "File too large (os error 27)", ""),
    ] {
        let shell = with_one_event();
        let before = shell.log();
        let inject = format!("write:error={error}");
        let traced = traced(&shell, &[&inject], Some(&log_of(&shell)), "deposit 7");
        traced.ran.fails(
            1,
            &format!("error: nothing was recorded: cannot write to ./ledger.jsonl: {said}\n{hint}"),
        );
        is_untouched_and_goes_on(&shell, &before);
    }
}

#[test]
fn a_write_that_is_interrupted_goes_on_and_is_recorded_once() {
    if !can_trace("an interrupted write") {
        return;
    }
    let shell = with_one_event();
    let log = log_of(&shell);
    traced(
        &shell,
        &["write:error=EINTR:when=1..3"],
        Some(&log),
        "deposit 7",
    )
    .ran
    .succeeds();
    assert_eq!((check(&log).seq, check(&log).main), (2, "12".to_owned()));
}

#[test]
fn a_failed_sync_is_withdrawn_and_never_tried_again() {
    if !can_trace("a failed sync") {
        return;
    }
    for error in ["EIO", "ENOSPC", "EDQUOT"] {
        let shell = with_one_event();
        let before = shell.log();
        let log = log_of(&shell);
        let inject = format!("fdatasync:error={error}:when=1");
        let line = "deposit 7 --key once --json";
        let failed = traced(&shell, &[&inject], Some(&log), line);
        assert_eq!(failed.ran.status, Some(12), "{:?}", failed.ran);
        assert_eq!(failed.ran.stdout, "");
        assert_eq!(failed.ran.error()["code"], "outcome_unknown");
        assert_eq!(failed.ran.error()["recorded"], "unknown");
        let sync = failed.call_with(&["fdatasync("]);
        let cut = failed.call_with(&["ftruncate("]);
        assert!(sync < cut, "{:#?}", failed.calls);
        // The one sync behind it is that of the cut, which takes the bytes away and vouches for none.
        let later = failed.calls_with(&["fsync("]);
        assert!(later.iter().all(|at| *at > cut), "{:#?}", failed.calls);
        assert_eq!(shell.log(), before);
        // The advice that is given works: the same key again, and it is there once.
        shell.ledger(line).succeeds();
        shell.ledger(line).succeeds();
        assert_eq!((check(&log).seq, check(&log).main), (2, "12".to_owned()));
    }
}

#[test]
fn a_failed_sync_stays_unknown_where_nothing_can_be_cut_back() {
    if !can_trace("a failed sync of a file that may only grow") {
        return;
    }
    let shell = with_one_event();
    let inject = ["fdatasync:error=EIO:when=1", "ftruncate:error=EPERM"];
    let failed = traced(&shell, &inject, Some(&log_of(&shell)), "deposit 7");
    failed.ran.fails(
        12,
        "error: unknown whether it was recorded: cannot sync ./ledger.jsonl: Input/output error (os error 5); run the same command again with the same --key: it is recorded at most once\nhint: ledger replay\n",
    );
    check(&log_of(&shell));
}

#[test]
fn a_failed_sync_of_the_cut_does_not_change_what_is_said() {
    if !can_trace("a failed sync of the cut") {
        return;
    }
    let shell = with_one_event();
    let before = shell.log();
    let inject = ["fdatasync:error=EIO:when=1", "fsync:error=EIO"];
    let failed = traced(&shell, &inject, Some(&log_of(&shell)), "deposit 7");
    assert_eq!(failed.ran.status, Some(12));
    is_untouched_and_goes_on(&shell, &before);
}

#[test]
fn success_is_printed_after_the_sync_and_the_sync_comes_after_the_write() {
    if !can_trace("the order of an append") {
        return;
    }
    let shell = with_one_event();
    let traced = traced(&shell, &[], None, "deposit 7");
    let lock = traced.call_with(&["flock(", "LOCK_EX"]);
    let write = traced.call_with(&["write(", "ledger.jsonl>"]);
    let sync = traced.call_with(&["fdatasync(", "ledger.jsonl>"]);
    let unlock = traced.call_with(&["close(", "ledger.jsonl>"]);
    let receipt = traced.call_with(&["write(1<", "recorded #2"]);
    assert!(lock < write && write < sync && sync < unlock && unlock < receipt);
}

#[test]
fn the_name_of_a_new_log_is_on_the_disk_before_its_first_line() {
    if !can_trace("the order of a first write") {
        return;
    }
    let shell = Shell::new();
    let directory = shell.path().canonicalize().unwrap();
    let traced = traced(&shell, &[], None, "deposit 7");
    let made = traced.call_with(&["openat(", "O_CREAT", "ledger.jsonl"]);
    let name = traced.call_with(&["fsync(", &format!("<{}>", directory.display())]);
    let write = traced.call_with(&["write(", "ledger.jsonl>", "= "]);
    let sync = traced.call_with(&["fdatasync(", "ledger.jsonl>"]);
    let receipt = traced.call_with(&["write(1<", "recorded #1"]);
    assert!(made < name && name < write && write < sync && sync < receipt);
}

#[test]
fn a_first_write_whose_name_cannot_be_synced_leaves_no_file() {
    if !can_trace("a directory that cannot be synced") {
        return;
    }
    let shell = Shell::new();
    let failed = traced(&shell, &["fsync:error=EIO"], None, "deposit 7");
    failed.ran.fails(
        1,
        "error: nothing was recorded: cannot sync the directory of ./ledger.jsonl: Input/output error (os error 5)\n",
    );
    assert_eq!(shell.names(), [""; 0]);
}

#[test]
fn a_first_write_that_fails_leaves_no_file() {
    if !can_trace("a first write that fails") {
        return;
    }
    let shell = Shell::new();
    let failed = traced(
        &shell,
        &["write:error=ENOSPC"],
        Some(&log_of(&shell)),
        "deposit 7",
    );
    assert_eq!(failed.ran.status, Some(1), "{:?}", failed.ran);
    assert_eq!(shell.names(), [""; 0]);
    // And it is taken away while its lock is held, or somebody else's first line might go with it.
    let taken_away = failed.call_with(&["unlink("]);
    let unlock = failed.call_with(&["close("]);
    assert!(taken_away < unlock, "{:#?}", failed.calls);
}

#[test]
fn a_repeated_key_is_synced_before_it_is_success() {
    if !can_trace("the sync of a repeated key") {
        return;
    }
    let shell = Shell::given(&["deposit 5 -q --key k"]);
    let log = log_of(&shell);
    let before = shell.log();
    let repeated = traced(&shell, &[], None, "deposit 5 --key k");
    let sync = repeated.call_with(&["fdatasync(", "ledger.jsonl>"]);
    let receipt = repeated.calls_with(&["write(1<"])[0];
    assert!(sync < receipt);
    let failed = traced(
        &shell,
        &["fdatasync:error=EIO"],
        Some(&log),
        "deposit 5 --key k",
    );
    assert_eq!(
        (failed.ran.status, failed.ran.stdout.as_str()),
        (Some(12), "")
    );
    assert_eq!(shell.log(), before);
}

#[test]
fn what_cannot_be_opened_looked_at_or_locked_is_exit_1_and_untouched() {
    if !can_trace("open, look at, lock") {
        return;
    }
    for inject in [
        "openat:error=EIO",
        "openat:error=EACCES",
        "openat:error=EMFILE",
        "openat:error=EROFS",
        "statx:error=EIO",
        "flock:error=EIO",
        "flock:error=ENOLCK",
        "flock:error=EOPNOTSUPP",
    ] {
        let shell = with_one_event();
        let before = shell.log();
        let failed = traced(&shell, &[inject], Some(&log_of(&shell)), "deposit 7");
        assert_eq!(failed.ran.status, Some(1), "{inject}: {:?}", failed.ran);
        assert!(
            failed.ran.stderr.contains("; nothing was recorded"),
            "{inject}: {:?}",
            failed.ran
        );
        is_untouched_and_goes_on(&shell, &before);
    }
}

#[test]
fn a_lock_that_is_interrupted_is_asked_for_again() {
    if !can_trace("an interrupted lock") {
        return;
    }
    let shell = with_one_event();
    let log = log_of(&shell);
    for line in ["deposit 7 -q", "balance -q"] {
        traced(&shell, &["flock:error=EINTR:when=1..3"], Some(&log), line)
            .ran
            .succeeds();
    }
}

#[test]
fn where_locks_do_not_exist_reading_works() {
    if !can_trace("a file system without locks") {
        return;
    }
    let shell = with_one_event();
    for error in ["ENOLCK", "EOPNOTSUPP", "ENOSYS"] {
        let inject = format!("flock:error={error}");
        let traced = traced(&shell, &[&inject], Some(&log_of(&shell)), "balance main -q");
        traced.ran.prints("5\n");
    }
}

#[test]
fn a_read_that_fails_prints_no_figure() {
    if !can_trace("reads that fail") {
        return;
    }
    let shell = with_one_event();
    let log = log_of(&shell);
    let whole = traced(&shell, &[], Some(&log), "balance -q");
    let reads = whole.calls_with(&["pread64("]).len();
    assert!(reads > 0);
    for at in 1..=reads {
        let failing = format!("pread64:error=EIO:when={at}");
        traced(&shell, &[&failing], Some(&log), "balance")
            .ran
            .fails(
                1,
                "error: cannot read ./ledger.jsonl: Input/output error (os error 5)\n",
            );
        let interrupted = format!("pread64:error=EINTR:when={at}");
        traced(&shell, &[&interrupted], Some(&log), "balance")
            .ran
            .succeeds();
    }
}

/// A log with half a line behind its last event.
fn torn() -> (Shell, Vec<u8>) {
    let shell = Shell::given(&["deposit 5 -q", "deposit 6 -q"]);
    let whole = shell.log();
    shell.set_log(&whole[..whole.len() - 40]);
    let torn = shell.log();
    (shell, torn)
}

#[test]
fn torn_bytes_are_safe_in_their_quarantine_before_they_are_cut_off() {
    if !can_trace("the order of a quarantine") {
        return;
    }
    let (shell, _) = torn();
    let directory = format!("<{}>", shell.path().canonicalize().unwrap().display());
    let traced = traced(&shell, &[], None, "deposit 7");
    // The copy has no name before it is whole.
    let copied = traced.call_with(&["write(", "(deleted)"]);
    let synced = traced.call_with(&["fsync(", "(deleted)"]);
    let linked = traced.call_with(&["linkat(", ".torn-"]);
    let named = traced.call_with(&["fsync(", &directory]);
    let cut = traced.call_with(&["ftruncate(", "ledger.jsonl>"]);
    let cut_synced = traced.call_with(&["fsync(", "ledger.jsonl>"]);
    let write = traced.call_with(&["write(", "/ledger.jsonl>"]);
    assert!(
        copied < synced && synced < linked && linked < named && named < cut,
        "{:#?}",
        traced.calls
    );
    assert!(cut < cut_synced && cut_synced < write);
}

#[test]
fn a_quarantine_that_fails_cuts_nothing_and_leaves_nothing() {
    if !can_trace("a quarantine that fails") {
        return;
    }
    for (inject, said) in [
        ("write:error=ENOSPC:when=1", "set the torn tail aside of"),
        ("fsync:error=EIO:when=1", "set the torn tail aside of"),
        ("fsync:error=EIO:when=2", "set the torn tail aside of"),
        ("ftruncate:error=EPERM", "cut the torn tail off"),
    ] {
        let (shell, before) = torn();
        let failed = traced(&shell, &[inject], None, "deposit 7");
        let start = format!("error: nothing was recorded: cannot {said} ./ledger.jsonl: ");
        assert_eq!(failed.ran.status, Some(1), "{inject}: {:?}", failed.ran);
        assert!(
            failed.ran.stderr.starts_with(&start),
            "{inject}: {:?}",
            failed.ran
        );
        assert_eq!(shell.log(), before);
        assert_eq!(shell.names(), ["ledger.jsonl"]);
        shell.ledger("deposit 7 -q").succeeds();
        assert_eq!(check(&log_of(&shell)).main, "12");
    }
}

#[test]
fn an_append_that_fails_behind_a_quarantine_says_where_the_bytes_are() {
    if !can_trace("an append that fails behind a quarantine") {
        return;
    }
    let (shell, before) = torn();
    let failed = traced(&shell, &["write:error=ENOSPC:when=2"], None, "deposit 7");
    let aside = shell
        .names()
        .into_iter()
        .find(|name| name.contains(".torn-"))
        .unwrap();
    failed.ran.fails(
        1,
        &format!("error: nothing was recorded: cannot write to ./ledger.jsonl: No space left on device (os error 28); the bytes of an unfinished append are now in ./{aside}\nhint: df -h .\n"),
    );
    let kept = std::fs::read(shell.file(&aside)).unwrap();
    assert_eq!([shell.log(), kept].concat(), before);
}

#[test]
fn lines_of_a_stream_that_arrive_together_are_synced_once_before_their_answers() {
    if !can_trace("the sync of a stream") {
        return;
    }
    let shell = with_one_event();
    let line = "{\"type\":\"deposit\",\"amount\":1}\n";
    std::fs::write(shell.file("lines"), line.repeat(500)).unwrap();
    let traced = traced(&shell, &[], None, "batch lines --stream");
    let write = traced.call_with(&["write(", "ledger.jsonl>"]);
    let sync = traced.call_with(&["fdatasync(", "ledger.jsonl>"]);
    let unlock = traced.calls_with(&["close(", "ledger.jsonl>"]);
    let answers = traced.calls_with(&["write(1<"]);
    assert!(write < sync && unlock.iter().any(|unlock| sync < *unlock));
    assert!(answers.iter().all(|answer| *answer > sync), "{answers:?}");
    assert_eq!(check(&log_of(&shell)).seq, 501);
}

#[test]
fn a_failed_sync_ends_a_stream_and_says_of_each_line_that_it_is_unknown() {
    if !can_trace("a failed sync of a stream") {
        return;
    }
    let shell = with_one_event();
    let before = shell.log();
    let line = "{\"type\":\"deposit\",\"amount\":1}\n";
    std::fs::write(shell.file("lines"), line.repeat(3)).unwrap();
    let inject = ["fdatasync:error=EIO:when=1"];
    let failed = traced(
        &shell,
        &inject,
        Some(&log_of(&shell)),
        "batch lines --stream",
    );
    assert_eq!(failed.ran.status, Some(12), "{:?}", failed.ran);
    let answers = failed.ran.json_lines();
    assert_eq!(answers.len(), 3);
    for answer in answers {
        assert_eq!(answer["error"]["code"], "outcome_unknown");
        assert_eq!(answer["error"]["recorded"], "unknown");
    }
    std::fs::remove_file(shell.file("lines")).unwrap();
    is_untouched_and_goes_on(&shell, &before);
}
