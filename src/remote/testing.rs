//! What the tests of engines share: a clock, lines, servers.

#![cfg_attr(
    not(all(feature = "nats", feature = "postgres")),
    allow(dead_code, reason = "only the tests of engines start programs")
)]

use std::path::Path;
use std::time::{Duration, Instant};

use super::{
    Append, AppendId, AppendPosition, Clock, Deadline, Mirror, NotAppended, Seen, Store, settle,
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

/// Says why a test is skipped.
#[cfg(any(feature = "nats", feature = "postgres"))]
fn skip(what: &str, why: &str) {
    eprintln!("skipped: {what}: {why}");
}
