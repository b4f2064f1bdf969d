//! What the tests of engines share: a clock, lines, servers.

#![cfg_attr(
    not(all(feature = "nats", feature = "postgres")),
    allow(dead_code, reason = "only the tests of engines start programs")
)]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[cfg(any(feature = "nats", feature = "postgres"))]
use super::attempts::HEAD_CHECK_INTERVAL;
use super::{
    Append, AppendId, AppendPosition, Clock, Deadline, Mirror, NotAppended, Seen, Store,
    StoreError, settle,
};

#[cfg(any(feature = "nats", feature = "postgres"))]
#[path = "../../tests/engines/servers.rs"]
pub(super) mod servers;

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
    let first = if before.is_empty() {
        0
    } else {
        number(before).ok_or("no number")? + 1
    };
    let lines = lines.split_inclusive(|byte| *byte == b'\n');
    for (line, expected) in lines.zip(first..) {
        if number(line) != Some(expected) {
            return Err(format!("line {expected} is missing"));
        }
    }
    Ok(())
}

/// Appends lines right after this position.
pub(super) fn append_after(
    store: &mut dyn Store,
    position: u64,
    lines: &[u8],
) -> Result<AppendPosition, NotAppended> {
    let append = Append::new(AppendPosition::new(position), lines, id());
    store.append(&append, within(20))
}

/// The lines of these appends.
pub(super) fn fetched(store: &mut dyn Store, from: u64, to: u64) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let mut next = AppendPosition::new(from);
    store.fetch(next, AppendPosition::new(to), within(10), &mut |fetched| {
        let (position, lines) = (fetched.position, fetched.lines);
        assert_eq!(position, next);
        next = next.next();
        bytes.extend_from_slice(lines);
        ControlFlow::Continue(())
    })?;
    assert_eq!(next, AppendPosition::new(to).next());
    Ok(bytes)
}

/// A log is created once and takes appends at its end only.
pub(super) fn takes_appends_at_its_end_only<S: Store>(open: impl Fn() -> S) {
    let mut store = open();
    let missing = store.head(within(5)).unwrap_err();
    assert!(matches!(missing, StoreError::NoStream { .. }), "{missing}");
    let created = store.create(1, within(10)).unwrap();
    assert_eq!(created.position, AppendPosition::START);
    let again = open().create(1, within(10)).unwrap();
    assert_eq!(again.identity, created.identity);
    let age = created.time.unwrap().elapsed().unwrap();
    assert!(age < Duration::from_secs(30), "{age:?}");

    let first = append_after(&mut store, 0, b"0 a\n").unwrap();
    assert_eq!(first, AppendPosition::new(1));
    let mut other = open();
    for position in [0, 7] {
        let refused = append_after(&mut other, position, b"0 b\n");
        assert!(matches!(refused, Err(NotAppended::Conflict)), "{refused:?}");
    }
    let second = append_after(&mut other, 1, b"1 b\n2 c\n").unwrap();
    assert_eq!(second, AppendPosition::new(2));
    let head = store.head(within(5)).unwrap();
    assert_eq!(head.position, AppendPosition::new(2));
    assert_eq!(head.identity, created.identity);
    assert_eq!(fetched(&mut store, 1, 2).unwrap(), b"0 a\n1 b\n2 c\n");
    assert_eq!(fetched(&mut store, 2, 2).unwrap(), b"1 b\n2 c\n");
}

#[cfg(any(feature = "nats", feature = "postgres"))]
/// Waiting ends soon after the next append, and with the deadline without one.
pub(super) fn waiting_ends_with_the_next_append<S: Store + Send>(open: impl Fn() -> S) {
    let mut store = open();
    store.create(1, within(10)).unwrap();
    let started = Instant::now();
    assert!(!store.wait(AppendPosition::START, within(1)).unwrap());
    assert!(started.elapsed() >= Duration::from_millis(900));
    let mut writer = open();
    writer.head(within(5)).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            let started = Instant::now();
            assert!(store.wait(AppendPosition::START, within(20)).unwrap());
            started.elapsed()
        });
        std::thread::sleep(Duration::from_millis(500));
        append_after(&mut writer, 0, b"0 a\n").unwrap();
        let waited = waiting.join().unwrap();
        assert!(waited < HEAD_CHECK_INTERVAL / 2, "no bell: {waited:?}");
    });
}

/// Four machines append while servers are killed: what was acknowledged is recorded once, and all
/// mirrors are equal. `kill` is called in each round, after more appends.
pub(super) fn killed_servers_lose_and_double_nothing<S: Store + Send>(
    open: impl Fn() -> S,
    rounds: usize,
    mut kill: impl FnMut(usize),
) {
    const MACHINES: usize = 4;
    const APPENDS: usize = 40;
    let caches: Vec<tempfile::TempDir> = (0..MACHINES)
        .map(|_| tempfile::tempdir().unwrap())
        .collect();
    let done = AtomicUsize::new(0);
    let names: Vec<String> = std::thread::scope(|scope| {
        let writers: Vec<_> = caches
            .iter()
            .enumerate()
            .map(|(machine, cache)| {
                let (done, mut store) = (&done, open());
                scope.spawn(move || {
                    let appended = (0..APPENDS).map(|number| {
                        let name = format!("machine{machine}-{number}");
                        append_line(cache.path(), &mut store, &name, within(90));
                        done.fetch_add(1, Ordering::Relaxed);
                        name
                    });
                    appended.collect::<Vec<_>>()
                })
            })
            .collect();
        for round in 0..rounds {
            let before = done.load(Ordering::Relaxed);
            while done.load(Ordering::Relaxed) < (before + 15).min(MACHINES * APPENDS) {
                std::thread::sleep(Duration::from_millis(20));
            }
            kill(round);
        }
        writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap())
            .collect()
    });
    assert_eq!(names.len(), MACHINES * APPENDS);
    let cache = tempfile::tempdir().unwrap();
    let log = bytes(&synced(cache.path(), &mut open(), within(60)));
    assert_recorded_once(&log, &names);
    for cache in &caches {
        assert!(bytes(&synced(cache.path(), &mut open(), within(60))) == log);
    }
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
    let mut mirror =
        Mirror::open(cache, store.log_name(), &head.identity, until, &RealClock).unwrap();
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

/// Says why a test is skipped.
#[cfg(any(feature = "nats", feature = "postgres"))]
fn skip(what: &str, why: &str) {
    eprintln!("skipped: {what}: {why}");
}
