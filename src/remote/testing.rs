//! What the tests of engines share: a clock, lines, programs that may be missing, free ports.

#![cfg_attr(
    not(all(feature = "nats", feature = "postgres")),
    allow(dead_code, reason = "only the tests of engines start programs")
)]

use std::io::{BufRead as _, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::{
    Append, AppendId, AppendPosition, Clock, Deadline, Mirror, NotAppended, Seen, Store, settle,
};

/// The clock of the machine.
#[derive(Debug)]
pub(super) struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// So many seconds from now.
pub(super) fn within(seconds: u64) -> Deadline {
    Deadline::at(Instant::now() + Duration::from_secs(seconds))
}

/// The id of every append whose id does not matter.
pub(super) fn id() -> AppendId {
    AppendId::from_bytes([7; 16])
}

/// Lines of the tests are `NUMBER text`, and the numbers go up by one.
pub(super) fn chained(seen: Seen<'_>, lines: &[u8]) -> Result<(), String> {
    let before = match seen {
        Seen::Before(before) => before,
        Seen::Same(same) => {
            // A word in capitals stands for an erased note.
            let erased = String::from_utf8_lossy(same).to_uppercase();
            let is_same = erased.as_bytes() == lines;
            return is_same
                .then_some(())
                .ok_or_else(|| "another one".to_owned());
        }
    };
    let number = |line: &[u8]| -> Option<u64> {
        let text = std::str::from_utf8(line).ok()?;
        text.split([' ', '\n']).next()?.parse().ok()
    };
    let mut expected = if before.is_empty() {
        0
    } else {
        number(before).ok_or("no number")? + 1
    };
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        if number(line) != Some(expected) {
            return Err(format!("line {expected} is missing"));
        }
        expected += 1;
    }
    Ok(())
}

/// Appends lines, and settles a lost answer.
pub(super) fn append(
    store: &mut dyn Store,
    expected: AppendPosition,
    lines: &[u8],
    id: AppendId,
    until: Deadline,
    clock: &dyn Clock,
) -> Result<AppendPosition, NotAppended> {
    settle::append(store, &Append::new(expected, lines, id), until, clock)
}

/// Opens the mirror of a store and brings it up to date.
pub(super) fn synced(cache: &Path, store: &mut dyn Store, until: Deadline) -> Mirror {
    let head = store.head(until).unwrap();
    let mut mirror = Mirror::open(cache, store.place(), &head.identity, until, &RealClock).unwrap();
    mirror
        .sync(store, head, &mut chained, until, &RealClock)
        .unwrap();
    mirror
}

/// The bytes of a mirror.
pub(super) fn bytes(mirror: &Mirror) -> Vec<u8> {
    let mut bytes = std::fs::read(mirror.path()).unwrap();
    bytes.truncate(usize::try_from(mirror.synced().bytes).unwrap());
    bytes
}

/// Appends one line with this name after the mirror's last line. Decides again after each conflict.
pub(super) fn append_line(cache: &Path, store: &mut dyn Store, name: &str, until: Deadline) {
    loop {
        let mut mirror = synced(cache, store, until);
        let lines = bytes(&mirror).split(|byte| *byte == b'\n').count() - 1;
        let line = format!("{lines} {name}\n");
        match mirror.append(store, line.as_bytes(), &[], until, &RealClock) {
            Ok(_) => return,
            Err(NotAppended::Conflict) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

/// Every named line is in the log once, all lines are chained, and there are no others.
pub(super) fn assert_recorded_once(log: &[u8], names: &[String]) {
    chained(Seen::Before(b""), log).unwrap();
    let text = std::str::from_utf8(log).unwrap();
    for name in names {
        let times = text.matches(&format!(" {name}\n")).count();
        assert_eq!(times, 1, "{name} is recorded {times} times");
    }
    assert_eq!(text.lines().count(), names.len());
}

/// A program that the tests need: from a variable, the path or one of these directories. If it is
/// missing the test is skipped, unless `LEDGER_ENGINES=required`.
pub(super) fn program(variable: &str, name: &str, directories: &[PathBuf]) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Some(path.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(directories.iter().cloned())
        .map(|directory| directory.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        let required = std::env::var("LEDGER_ENGINES").is_ok_and(|value| value == "required");
        assert!(!required, "there is no {name}, and LEDGER_ENGINES=required");
        eprintln!("skipped: there is no {name}");
    }
    found
}

/// A free port that no other test gets, below those that the system gives to outgoing connections: a
/// server that is started again finds its port free.
pub(super) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let own = std::process::id() * 37 % 12_000;
        let number = own + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(20_000 + number % 12_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A process that is killed when the test ends.
#[derive(Debug)]
pub(super) struct Running(pub(super) Child);

impl Running {
    /// Waits for a line of its output with this text, and continues to read its output.
    pub(super) fn wait_for(output: impl Read + Send + 'static, text: &str) {
        let mut lines = BufReader::new(output).lines();
        let mut seen = String::new();
        loop {
            let Some(Ok(line)) = lines.next() else {
                panic!("it ended without {text:?}:\n{seen}");
            };
            if line.contains(text) {
                break;
            }
            seen += &line;
            seen.push('\n');
        }
        std::thread::spawn(move || lines.for_each(drop));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
