use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::time::Duration;

use crate::harness::{Ran, Shell, lines, program, words};
use crate::story::story;

/// A command that goes on until it is told to end.
pub(crate) struct Following {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
}

impl Following {
    pub(crate) fn start(shell: &Shell, line: &str) -> Following {
        let mut child = shell
            .command()
            .args(words(line))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().map(BufReader::new);
        Following { child, stdout }
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
        line
    }

    /// Waits until it has said that it waits.
    pub(crate) fn is_ready(&mut self) -> String {
        let mut line = Vec::new();
        let stderr = self.child.stderr.as_mut().unwrap();
        while !line.ends_with(b"\n") {
            let mut byte = [0];
            assert_eq!(stderr.read(&mut byte).unwrap(), 1, "{line:?}");
            line.push(byte[0]);
        }
        String::from_utf8(line).unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        let mut kill = program("kill");
        let sent = kill
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// How it ended, if it does within a minute.
    fn status(&mut self) -> ExitStatus {
        for _ in 0..6000 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.child.kill().unwrap();
        panic!("it does not end");
    }

    /// What it printed behind what was read, and how it ended.
    pub(crate) fn ends(mut self) -> Ran {
        self.status();
        let mut printed = Vec::new();
        if let Some(mut stdout) = self.stdout.take() {
            stdout.read_to_end(&mut printed).unwrap();
        }
        let mut output = self.child.wait_with_output().unwrap();
        output.stdout = printed;
        Ran::from(output)
    }
}

/// Waits until this is so, for a minute at most.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..6000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("in a minute it did not come about: {what}");
}

#[test]
fn what_was_recorded_from_a_moment_on_is_a_line_each_with_the_balances_around_it() {
    let shell = story();
    shell.ledger("watch --since 2026-02-03 --no-follow").is(
        0,
        "\
2026-02-03 09:00  #4 withdraw 12.50 EUR from assets:giro as of 2026-01-30 09:00; assets:giro 1600.00 → 1587.50 EUR: lunch
2026-02-04 09:00  #5 transfer 120.40 EUR from assets:giro to expenses:groceries as of 2026-01-31 00:00; assets:giro 1587.50 → 1467.10 EUR, expenses:groceries 0.00 → 120.40 EUR
2026-02-05 09:00  #6 deposit 30.00 USD to assets:travel; assets:travel 0.00 → 30.00 USD
2026-02-06 09:00  #7 withdraw 1900.00 EUR from assets:giro; assets:giro 1467.10 → -432.90 EUR: overdraft [order=7 shop=north]
2026-03-01 09:00  #8 deposit 12.50 EUR to assets:giro, reverses #4; assets:giro -432.90 → -420.40 EUR
2026-03-02 09:00  #9 open old in EUR
2026-03-03 09:00  #10 close old
",
        "note: since 2026-02-03 00:00:00 +01:00 (Europe/Vienna)\n",
    );
    let seqs = |line: &str| {
        let ran = shell
            .ledger(&format!("watch --no-follow --json {line}"))
            .succeeds();
        let seqs = ran.json_lines();
        let seqs = seqs
            .iter()
            .map(|line| line["event"]["seq"].as_u64().unwrap());
        seqs.collect::<Vec<u64>>()
    };
    assert_eq!(seqs("--since seq:0"), (0..=10).collect::<Vec<u64>>());
    assert_eq!(seqs("--since head"), [10]);
    assert_eq!(seqs("--since 2026-03-03T08:00:00Z"), [10]);
    assert_eq!(seqs("--since '2026-03-03 09:00:01'"), [0; 0]);
    assert_eq!(seqs("--since 2026"), (0..=10).collect::<Vec<u64>>());
    assert_eq!(seqs("--since seq:0 --account 'expenses:*'"), [3, 5]);
    assert_eq!(
        seqs("--since seq:0 --account old --account assets:travel"),
        [6, 9, 10]
    );
    assert_eq!(seqs("--since seq:0 --account nobody"), [0; 0]);
}

#[test]
fn json_is_that_of_replay_with_the_balance_before() {
    let shell = story();
    shell.ledger("watch --since seq:3 --account expenses:rent --no-follow --json").prints(&lines(&[
        r#"{"event":{"v":1,"seq":3,"at":"2026-01-03T08:00:00.000000Z","type":"transfer","from":"assets:giro","to":"expenses:rent","amount":"900.00","currency":"EUR","hash":"<hex64>","memo":"rent"},"changes":[{"account":"assets:giro","change":"-900.00","before":"2500.00","balance":"1600.00","currency":"EUR"},{"account":"expenses:rent","change":"900.00","before":"0.00","balance":"900.00","currency":"EUR"}]}"#,
    ]));
}

#[test]
fn without_a_moment_it_starts_now() {
    let shell = story();
    shell.ledger("watch --no-follow").is(
        0,
        "",
        "note: no new events after event 10; --since shows earlier ones\n",
    );
    shell.ledger("watch --no-follow --json").prints("");
    shell.ledger("watch --since 2030").fails(
        2,
        "\
error: `2030` is in the future; nothing was recorded then yet
hint: ledger watch
",
    );
    shell.ledger("watch --since seq:11").fails(
        2,
        "\
error: `seq:11` is not in this log: its head is event 10
hint: ledger show 10
",
    );
    let none = Shell::new();
    none.ledger("watch").fails(
        10,
        "\
error: there is no ledger at ./ledger.jsonl
hint: ledger init
",
    );
    assert_eq!(none.names(), [""; 0]);
}

#[test]
fn events_come_as_they_are_recorded_until_a_signal() {
    for signal in ["INT", "TERM"] {
        let shell = Shell::given(&["deposit 5 -q"]);
        let mut following = Following::start(&shell, "watch");
        assert_eq!(
            following.is_ready(),
            "note: waiting for events after event 1; --since shows earlier ones\n"
        );
        shell.ledger("deposit 6 -q").succeeds();
        assert_eq!(
            following.line(),
            "2026-11-23 10:15  #2 deposit 6 to main; main 5 → 11\n"
        );
        // Of a batch whose last line is still to come, nothing is seen.
        let before = shell.log();
        let batch =
            b"{\"type\":\"deposit\",\"amount\":\"1\"}\n{\"type\":\"deposit\",\"amount\":\"2\"}\n";
        let copy = Shell::new();
        copy.set_log(&before);
        copy.ledger_with_input("batch -q", batch).succeeds();
        let after = copy.log();
        for end in [
            before.len() + 50,
            after.len() - 300,
            after.len() - 1,
            after.len(),
        ] {
            // As a writer does: what is there is never taken away.
            let mut log = std::fs::OpenOptions::new()
                .append(true)
                .open(shell.file("ledger.jsonl"))
                .unwrap();
            let there = shell.log().len();
            std::io::Write::write_all(&mut log, &after[there..end]).unwrap();
        }
        assert!(following.line().contains("#3 deposit 1"));
        assert!(following.line().contains("#4 deposit 2"));
        following.signal(signal);
        following.ends().is(0, "", "");
    }
}

#[test]
fn it_ends_when_nobody_reads_any_more() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let mut following = Following::start(&shell, "watch");
    following.is_ready();
    // Nothing is recorded: that the reader went away is noticed all the same.
    drop(following.stdout.take());
    following.ends().is(0, "", "");
}

#[test]
fn a_signal_ends_it_also_while_nobody_takes_what_it_prints() {
    let shell = Shell::given(&["init -q"]);
    let batch = "{\"type\":\"deposit\",\"amount\":\"5\"}\n".repeat(500);
    shell
        .ledger_with_input("batch -q", batch.as_bytes())
        .succeeds();
    let following = Following::start(&shell, "watch --since seq:0 --json");
    let io = format!("/proc/{}/io", following.child.id());
    // A pipe holds 64 KiB, and all of it would be 170.
    until("the pipe is full", || {
        let io = std::fs::read_to_string(&io).unwrap();
        let written = io.lines().find_map(|line| line.strip_prefix("wchar: "));
        written.unwrap().parse::<u64>().unwrap() > 58_000
    });
    following.signal("TERM");
    let ran = following.ends();
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    // And what was printed are whole lines.
    let lines = ran.json_lines();
    assert!((100..500).contains(&lines.len()), "{}", lines.len());
}

#[test]
fn a_log_that_is_cut_or_replaced_meanwhile_is_an_error() {
    let shell = Shell::given(&["deposit 5 -q", "deposit 6 -q"]);
    let log = shell.log();
    let mut following = Following::start(&shell, "watch");
    following.is_ready();
    let cut = log[..log.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(shell.file("ledger.jsonl"))
        .unwrap();
    file.set_len(cut.try_into().unwrap()).unwrap();
    following.ends().fails(
        6,
        "\
error: ./ledger.jsonl does not continue after event 2 (<hex16>): it ends at event 1
hint: ledger verify
",
    );
    shell.set_log(&log);
    let following = Following::start(&shell, "watch --json");
    until("it waits", || is_watched(&shell, &following.child));
    let other = Shell::given(&["deposit 5 -q", "deposit 7 -q"]);
    std::fs::rename(other.file("ledger.jsonl"), shell.file("ledger.jsonl")).unwrap();
    let ran = following.ends();
    assert_eq!(
        (ran.status, ran.error()["code"].as_str()),
        (Some(6), Some("head_mismatch"))
    );
    shell.set_log(&log);
    let mut following = Following::start(&shell, "watch");
    following.is_ready();
    std::fs::remove_file(shell.file("ledger.jsonl")).unwrap();
    assert_eq!(following.ends().status, Some(10));
}

/// True once a process has signals of its own, which it sets up before it waits.
fn is_watched(_: &Shell, child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    status.is_ok_and(|status| {
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
        // SIGTERM and SIGCHLD.
        caught & (1 << 14) != 0 && caught & (1 << 16) != 0
    })
}

#[test]
fn a_cursor_goes_on_behind_what_was_delivered() {
    let shell = Shell::given(&["init -q", "deposit 5 -q"]);
    let seqs = |line: &str| {
        let ran = shell
            .ledger(&format!("watch --no-follow --json {line}"))
            .succeeds();
        let lines = ran.json_lines();
        let seqs = lines
            .iter()
            .map(|line| line["event"]["seq"].as_u64().unwrap());
        seqs.collect::<Vec<u64>>()
    };
    assert_eq!(seqs("--cursor mail"), [0, 1]);
    assert_eq!(seqs("--cursor mail"), [0; 0]);
    shell.ledger("deposit 6 -a other -q").succeeds();
    shell.ledger("deposit 7 -q").succeeds();
    assert_eq!(seqs("--cursor mail --account main"), [3]);
    assert_eq!(seqs("--cursor mail"), [0; 0]);
    let cursor = std::fs::read_to_string(shell.file("mail")).unwrap();
    let hash = shell.ledger("head --json").json()["hash"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        cursor.ends_with(&format!(",\"seq\":3,\"hash\":\"{hash}\"}}\n")),
        "{cursor}"
    );
    // Where --since starts a new one is kept, though nothing was delivered.
    assert_eq!(
        seqs("--cursor new --since '2026-11-23 10:15:02' --account nobody"),
        [0; 0]
    );
    assert_eq!(seqs("--cursor late --since head~1"), [2, 3]);
    // Each has a lock beside it that stays.
    let mut names = shell.names();
    names.retain(|name| !name.starts_with('.'));
    assert_eq!(names, ["late", "ledger.jsonl", "mail", "new"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_cursor_that_another_process_holds_is_waited_for_as_long_as_wait_says() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let mut first = Following::start(&shell, "watch --cursor c");
    first.line();
    first.line();
    shell.ledger("--wait 0 watch --cursor c --no-follow").fails(
        11,
        "\
error: c is in use by another process
hint: ledger watch --cursor c --no-follow --wait 60
",
    );
    let mut second = Following::start(&shell, "--wait 60 watch --cursor c --no-follow");
    let said = second.is_ready();
    let holder = format!("note: waiting for process {} (", first.child.id());
    assert!(said.starts_with(&holder), "{said}");
    first.signal("TERM");
    first.ends();
    let ran = second.ends();
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_cursor_that_does_not_fit_is_refused_and_stays_as_it_is() {
    let shell = Shell::given(&["deposit 5 -q", "deposit 6 -q"]);
    shell.ledger("watch --cursor c --no-follow -q").succeeds();
    std::fs::write(shell.file("notes"), "buy milk\n").unwrap();
    shell.ledger("watch --cursor notes --no-follow").is(
        2,
        "",
        "error: notes is not a cursor of `ledger watch`; it was not touched; name a new file\nhint: ledger watch --help\n",
    );
    assert_eq!(std::fs::read(shell.file("notes")).unwrap(), b"buy milk\n");
    let cursor = std::fs::read(shell.file("c")).unwrap();
    let log = shell.log();
    let cut = log[..log.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    shell.set_log(&log[..cut]);
    shell.ledger("watch --cursor c --no-follow").fails(
        6,
        "\
error: ./ledger.jsonl does not continue after event 2 (<hex16>): it ends at event 1; a new --cursor file starts with this log's first line
hint: ledger verify
",
    );
    let other = Shell::given(&["deposit 5 -q", "deposit 6 -q", "deposit 7 -q"]);
    shell.set_log(&other.log());
    shell.ledger("watch --cursor c --no-follow").fails(
        6,
        "\
error: ./ledger.jsonl does not continue after event 2 (<hex16>): it is the ledger <hex32> now, and was <hex32>; a new --cursor file starts with this log's first line
hint: ledger verify
",
    );
    assert_eq!(std::fs::read(shell.file("c")).unwrap(), cursor);
    shell.ledger("watch --cursor no/where --no-follow").fails(
        1,
        "\
error: cannot create no/where: No such file or directory (os error 2)
hint: mkdir -p no
",
    );
}

#[test]
fn a_command_has_the_event_on_its_input_and_is_run_until_it_succeeds() {
    let shell = Shell::given(&["deposit 5 -q", "deposit 6 -q", "deposit 7 -q"]);
    // Fails twice at event 2.
    let script = "read -r line; case $line in *'\"seq\":2,'*) echo x >> tries; \
                  [ \"$(wc -l < tries)\" -gt 2 ] || exit 9;; esac; printf '%s\\n' \"$line\" >> got";
    std::fs::write(shell.file("deliver.sh"), script).unwrap();
    shell
        .ledger("watch --cursor c --no-follow --exec '. ./deliver.sh'")
        .is(
            0,
            "",
            "\
warning: the command failed for event 2 (exit code 9); it is run again in 0.1 s
warning: the command failed for event 2 (exit code 9); it is run again in 0.2 s
",
        );
    let got = std::fs::read_to_string(shell.file("got")).unwrap();
    let shown = shell
        .ledger("watch --since seq:0 --no-follow --json")
        .succeeds();
    assert_eq!(got.as_bytes(), shown.raw);
    assert_eq!(got.lines().count(), 4);
    // One that reads nothing, and a line that no pipe holds, are no matter.
    let memo = "m".repeat(4000);
    shell
        .run([
            "deposit",
            "5",
            "-q",
            "--tag",
            &format!("t={}", "v".repeat(50_000)),
            "-m",
            &memo,
        ])
        .succeeds();
    shell
        .ledger("watch --cursor c --no-follow --exec true")
        .prints("");
    shell.ledger("watch --cursor c --no-follow").prints("");
}

#[test]
fn a_command_that_takes_too_long_is_ended_with_its_children_and_run_again() {
    let shell = Shell::given(&["deposit 5 -q"]);
    // The first run leaves a child behind and waits for it; the second succeeds.
    let script = "[ -e once ] && exit 0; touch once; sleep 1000 & echo $! > child; wait";
    std::fs::write(shell.file("deliver.sh"), script).unwrap();
    shell
        .ledger("watch --cursor c --since seq:1 --no-follow --exec '. ./deliver.sh' --exec-limit 1")
        .is(
            0,
            "",
            "note: since event 1\nwarning: the command failed for event 1 (ended after 1 s, --exec-limit allows no more); \
             it is run again in 0.1 s\n",
        );
    let child = std::fs::read_to_string(shell.file("child")).unwrap();
    until("the child has ended", || {
        !std::path::Path::new(&format!("/proc/{}", child.trim())).exists()
    });
}

#[test]
fn a_signal_ends_a_command_and_a_pause_and_the_event_is_delivered_again() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let log = shell.file("running");
    let following = Following::start(
        &shell,
        "watch --cursor c --exec 'echo $$ > running; sleep 1000'",
    );
    until("the command runs", || {
        std::fs::read(&log).is_ok_and(|pid| pid.ends_with(b"\n"))
    });
    following.signal("TERM");
    following.ends().is(0, "", "");
    let pid = std::fs::read_to_string(&log).unwrap();
    until("the command has ended", || {
        !std::path::Path::new(&format!("/proc/{}", pid.trim())).exists()
    });
    let mut following = Following::start(&shell, "watch --cursor c --exec 'exit 3'");
    assert!(
        following
            .is_ready()
            .starts_with("warning: the command failed for event 0 (exit code 3)")
    );
    following.signal("INT");
    let ran = following.ends();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""));
    assert!(!shell.file("c").exists());
    let ran = shell
        .ledger("watch --cursor c --no-follow --json")
        .succeeds();
    assert_eq!(ran.json_lines().len(), 2);
}

#[test]
fn an_event_that_cannot_be_printed_was_not_delivered() {
    let shell = Shell::given(&["deposit 5 -q"]);
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let ran = shell
        .command()
        .args(words("watch --cursor c --no-follow"))
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(1));
    assert!(!shell.file("c").exists());
}
