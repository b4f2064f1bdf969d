//! Followers killed while the log grows: none of the events is lost, and the read model has each once.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use rusqlite::Connection;

use crate::bench::{Dice, all, can_trace, check, traced};
use crate::harness::{Shell, program, words};
use crate::killed::calls_of;

/// A follower that can be killed and started again.
struct Follower<'s> {
    shell: &'s Shell,
    line: String,
    runs: u32,
    child: Child,
}

impl<'s> Follower<'s> {
    fn start(shell: &'s Shell, line: &str) -> Follower<'s> {
        Follower {
            shell,
            line: line.to_owned(),
            runs: 1,
            child: Follower::spawn(shell, line, 1),
        }
    }

    fn spawn(shell: &Shell, line: &str, run: u32) -> Child {
        shell
            .command()
            .args(words(line))
            .env("RUN", run.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap()
    }

    fn kill_and_start_again(&mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), None, "it ended by itself: {}", self.line);
        self.runs += 1;
        self.child = Follower::spawn(self.shell, &self.line, self.runs);
    }

    /// Asks it to end, which it does with exit code 0.
    fn end(mut self) {
        let mut kill = program("kill");
        assert!(
            kill.arg(self.child.id().to_string())
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{}", self.line);
    }
}

/// A test that fails leaves nobody behind who waits for events for ever.
impl Drop for Follower<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..12_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("in two minutes it did not come about: {what}");
}

/// Every row of every table, in the order of its keys.
fn dump(file: &Path) -> Vec<String> {
    let connection = Connection::open(file).unwrap();
    let mut rows = Vec::new();
    for table in [
        "meta",
        "currencies",
        "accounts",
        "events",
        "changes",
        "balances",
        "daily_balances",
        "tags",
        "statement",
        "totals",
    ] {
        let mut statement = connection
            .prepare(&format!("SELECT * FROM {table}"))
            .unwrap();
        let columns = statement.column_count();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let cells: Vec<String> = (0..columns)
                .map(|column| format!("{:?}", row.get_ref(column).unwrap()))
                .collect();
            rows.push(format!("{table}: {}", cells.join(", ")));
        }
    }
    rows
}

fn number_in(file: &Path, sql: &str) -> Option<u64> {
    let connection = Connection::open(file).ok()?;
    let number: i64 = connection.query_row(sql, [], |row| row.get(0)).ok()?;
    u64::try_from(number).ok()
}

/// Some events in one go: a batch, or one command that may be entered late.
fn append(shell: &Shell, dice: &mut Dice, size: u64) {
    if size == 1 {
        let day = 1 + dice.below(28);
        let line = format!(
            "deposit {}.50 -a late -q --tag n={day} --effective 2026-02-{day:02}",
            1 + dice.below(99)
        );
        shell.ledger(&line).succeeds();
        return;
    }
    let mut batch = String::new();
    for _ in 0..size {
        let (account, amount) = (dice.below(7), 1 + dice.below(500));
        let line = format!(r#"{{"type":"deposit","account":"a{account}","amount":"{amount}"}}"#);
        batch.extend([&line, "\n"]);
    }
    shell
        .ledger_with_input("batch -q", batch.as_bytes())
        .succeeds();
}

#[test]
fn followers_that_are_killed_lose_no_event_and_the_read_model_has_each_once() {
    let (events, kills) = if all() { (10_000, 100) } else { (1000, 10) };
    let mut dice = Dice(20_261_125);
    let shell = Shell::given(&["init -q --zone Europe/Vienna"]);
    let file = shell.file("ledger.db");
    // One write a delivery, so that a line is there whole or not at all.
    std::fs::write(
        shell.file("deliver.sh"),
        "read -r line && printf '%s %s\\n' \"$RUN\" \"$line\" >> delivered\n",
    )
    .unwrap();
    let mut watch = Follower::start(&shell, "watch --cursor cursor --exec '. ./deliver.sh'");
    let mut project = Follower::start(&shell, "project sqlite ledger.db --follow -q");
    let (mut seq, mut killed) = (0, 0);
    while seq < events {
        let size = if dice.below(3) == 0 {
            1
        } else {
            2 + dice.below(24)
        };
        let size = size.min(events - seq);
        append(&shell, &mut dice, size);
        seq += size;
        // Spread over the whole way, each follower in its turn.
        if killed < kills && seq * kills >= events * killed {
            killed += 1;
            if killed % 2 == 0 {
                watch.kill_and_start_again();
            } else {
                project.kill_and_start_again();
            }
        }
    }
    assert_eq!(killed, kills);
    let log = check(&shell.file("ledger.jsonl"));
    assert_eq!(log.seq, events);
    until("the read model is at the head", || {
        number_in(&file, "SELECT seq FROM meta") == Some(events)
    });
    let at_head = format!("\"seq\":{events},");
    until("everything is delivered", || {
        std::fs::read_to_string(shell.file("cursor")).is_ok_and(|cursor| cursor.contains(&at_head))
    });
    project.end();
    watch.end();
    // The read model is the one that is made of the log in one go.
    shell.ledger("project sqlite whole.db -q").succeeds();
    assert_eq!(dump(&file), dump(&shell.file("whole.db")));
    assert_eq!(
        number_in(&file, "SELECT count(*) FROM events"),
        Some(events + 1)
    );
    // Every event was delivered, and each run went through them in order.
    let delivered = std::fs::read_to_string(shell.file("delivered")).unwrap();
    let mut last = std::collections::BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for line in delivered.lines() {
        let (run, event) = line.split_once(' ').unwrap();
        let event: serde_json::Value = serde_json::from_str(event).unwrap();
        let seq = event["event"]["seq"].as_u64().unwrap();
        if let Some(before) = last.insert(run.to_owned(), seq) {
            assert_eq!(seq, before + 1, "run {run}");
        }
        seen.insert(seq);
    }
    assert!(seen.iter().copied().eq(0..=events));
    assert!(last.len() > 2, "{last:?}");
}

#[test]
fn a_read_model_may_be_killed_at_any_system_call_of_its_making() {
    if !can_trace("a read model killed everywhere") {
        return;
    }
    let line = "project sqlite ledger.db -q";
    let fresh = || Shell::given(&["deposit 5 -q", "deposit 6 -q"]);
    let changes = |name: &str| {
        ["write", "sync", "truncate", "unlink"]
            .iter()
            .any(|change| name.contains(change))
    };
    let mut calls = calls_of(&fresh(), line);
    calls.retain(|(name, _)| all() || changes(name));
    assert!(calls.len() > 20, "{calls:?}");
    for (name, count) in calls {
        let shell = fresh();
        let inject = format!("{name}:signal=SIGKILL:when={count}");
        let place = format!("killed at {name} {count}");
        assert_eq!(
            traced(&shell, &[&inject], None, line).ran.status,
            None,
            "{place}"
        );
        // The next run takes up what is there, and so does the one behind it.
        for _ in 0..2 {
            shell.ledger("deposit 7 -q").succeeds();
            let again = shell.ledger(line);
            assert_eq!(again.status, Some(0), "{place}: {again:?}");
        }
        shell.ledger("project sqlite whole.db -q").succeeds();
        let (model, whole) = (
            dump(&shell.file("ledger.db")),
            dump(&shell.file("whole.db")),
        );
        assert_eq!(model, whole, "{place}");
    }
}
