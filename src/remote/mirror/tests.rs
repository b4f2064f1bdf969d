//! Tests of the mirror, on the engine in memory.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use super::{Mirror, Settled};
use crate::remote::memory::{Engine, MemoryStore, StoreFault, TestClock};
use crate::remote::testing::{RealClock, append, chained, id};
use crate::remote::{
    Append, AppendPosition, Clock, Deadline, NotAppended, Seen, Store, StoreError, settle,
};

const SECOND: Duration = Duration::from_secs(1);

struct Machine {
    cache: tempfile::TempDir,
    clock: TestClock,
}

impl Machine {
    fn new() -> Machine {
        Machine {
            cache: tempfile::tempdir().unwrap(),
            clock: TestClock::new(),
        }
    }

    fn until(&self) -> Deadline {
        Deadline::at(self.clock.now() + SECOND)
    }

    fn open(&self, store: &mut MemoryStore) -> Mirror {
        let identity = store.head(self.until()).unwrap().identity;
        Mirror::open(
            self.cache.path(),
            store.log_name(),
            &identity,
            self.until(),
            &self.clock,
        )
        .unwrap()
    }

    fn try_sync(&self, store: &mut MemoryStore) -> Result<Mirror, StoreError> {
        let head = store.head(self.until())?;
        let mut mirror = Mirror::open(
            self.cache.path(),
            store.log_name(),
            &head.identity,
            self.until(),
            &self.clock,
        )?;
        mirror.sync(store, head, &mut chained, self.until(), &self.clock)?;
        Ok(mirror)
    }

    fn sync(&self, store: &mut MemoryStore) -> Mirror {
        self.try_sync(store).unwrap()
    }
}

fn log(mirror: &Mirror) -> Vec<u8> {
    let mut bytes = std::fs::read(mirror.path()).unwrap();
    bytes.truncate(usize::try_from(mirror.synced().bytes).unwrap());
    bytes
}

fn fill(engine: &Engine, appends: &[&str]) {
    let clock = TestClock::new();
    let until = clock.deadline(SECOND);
    let mut store = engine.connect();
    for lines in appends {
        let head = store.head(until).unwrap().position;
        append(&mut store, head, lines.as_bytes(), id(), until, &clock).unwrap();
    }
}

fn path_of(mirror: &Mirror, name: &str) -> PathBuf {
    mirror.path().with_file_name(name)
}

#[test]
fn a_mirror_has_the_bytes_of_the_engine() {
    let (engine, machine) = (Engine::new(), Machine::new());
    let mirror = machine.sync(&mut engine.connect());
    assert_eq!(log(&mirror), b"");
    drop(mirror);
    fill(&engine, &["0 a\n", "1 b\n2 c\n"]);
    let mirror = machine.sync(&mut engine.connect());
    assert_eq!(log(&mirror), b"0 a\n1 b\n2 c\n");
    assert_eq!(mirror.synced().position, AppendPosition::new(2));
    drop(mirror);
    fill(&engine, &["3 d\n"]);
    let mirror = machine.sync(&mut engine.connect());
    assert_eq!(log(&mirror), engine.bytes());
}

#[test]
fn the_files_are_private_and_their_names_carry_only_a_digest() {
    let (engine, machine) = (Engine::new(), Machine::new());
    fill(&engine, &["0 a\n"]);
    let mirror = machine.sync(&mut engine.connect());
    for name in ["log.jsonl", "position", "lock"] {
        let mode = path_of(&mirror, name)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let directory = mirror.path().parent().unwrap().to_owned();
    assert_eq!(
        directory.metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
    let name = directory.file_name().unwrap().to_str().unwrap();
    assert!(name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
    assert_eq!(
        directory.parent().unwrap(),
        machine.cache.path().join("remote")
    );
}

#[test]
fn an_append_is_added_to_the_mirror() {
    let (engine, machine) = (Engine::new(), Machine::new());
    let mut store = engine.connect();
    let mut mirror = machine.sync(&mut store);
    for (number, line) in [b"0 a\n", b"1 b\n"].into_iter().enumerate() {
        let position = mirror.append(&mut store, line, &[], machine.until(), &machine.clock);
        assert_eq!(position.unwrap().number(), number as u64 + 1);
    }
    assert_eq!(log(&mirror), b"0 a\n1 b\n");
    drop(mirror);
    // Nothing is fetched: a replica that lacks everything does not matter.
    let mut store = engine
        .connect()
        .with([StoreFault::None, StoreFault::Behind(2)]);
    assert_eq!(log(&machine.sync(&mut store)), engine.bytes());
}

#[test]
fn a_conflict_leads_to_the_new_head() {
    let (engine, machine) = (Engine::new(), Machine::new());
    let mut store = engine.connect();
    let mut mirror = machine.sync(&mut store);
    fill(&engine, &["0 other\n"]);
    let refused = mirror.append(&mut store, b"0 own\n", &[], machine.until(), &machine.clock);
    assert!(matches!(refused, Err(NotAppended::Conflict)));
    let head = store.head(machine.until()).unwrap();
    mirror
        .sync(
            &mut store,
            head,
            &mut chained,
            machine.until(),
            &machine.clock,
        )
        .unwrap();
    mirror
        .append(&mut store, b"1 own\n", &[], machine.until(), &machine.clock)
        .unwrap();
    assert_eq!(log(&mirror), b"0 other\n1 own\n");
}

/// Harms the mirror's files in every way and expects it to be whole again after the next sync.
#[test]
fn a_mirror_that_is_torn_or_damaged_is_cut_or_fetched_again() {
    let harm = |machine: &Machine, harm: &dyn Fn(&Path)| {
        let engine = Engine::new();
        fill(&engine, &["0 a\n", "1 b\n"]);
        let path = machine.sync(&mut engine.connect()).path();
        harm(path.parent().unwrap());
        let mirror = machine.sync(&mut engine.connect());
        assert_eq!(std::fs::read(mirror.path()).unwrap(), engine.bytes());
        assert_eq!(mirror.synced().position, AppendPosition::new(2));
    };
    let write = |name: &'static str, content: &'static [u8]| {
        move |at: &Path| std::fs::write(at.join(name), content).unwrap()
    };
    harm(
        &Machine::new(),
        &write("log.jsonl", b"0 a\n1 b\n2 never fini"),
    );
    harm(&Machine::new(), &write("log.jsonl", b"0 a\n"));
    harm(&Machine::new(), &write("log.jsonl", b""));
    harm(&Machine::new(), &write("log.jsonl", b"0 a\n1 B\n"));
    harm(&Machine::new(), &write("log.jsonl", b"\0\0\0\0\0\0\0\0"));
    harm(&Machine::new(), &write("position", b""));
    harm(
        &Machine::new(),
        &write("position", b"ledger mirror 1\nposition 1\n"),
    );
    harm(&Machine::new(), &|at| {
        std::fs::remove_file(at.join("position")).unwrap();
    });
    harm(&Machine::new(), &|at| {
        std::fs::remove_file(at.join("log.jsonl")).unwrap();
    });
    harm(&Machine::new(), &|at| std::fs::remove_dir_all(at).unwrap());
    harm(&Machine::new(), &|at| {
        let position = std::fs::read_to_string(at.join("position")).unwrap();
        let changed = position.replace("position 2", "position 1");
        assert_ne!(changed, position);
        std::fs::write(at.join("position"), changed).unwrap();
    });
}

#[test]
fn a_mirror_that_others_may_read_is_refused() {
    let (engine, machine) = (Engine::new(), Machine::new());
    let path = machine.sync(&mut engine.connect()).path();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = machine.try_sync(&mut engine.connect()).unwrap_err();
    assert!(matches!(error, StoreError::Mirror { .. }), "{error}");
}

#[test]
fn a_hole_and_a_rotten_append_are_fetched_from_another_replica() {
    for fault in [
        StoreFault::Hole(AppendPosition::new(2)),
        StoreFault::Rotten(AppendPosition::new(2)),
        StoreFault::Behind(1),
    ] {
        let (engine, machine) = (Engine::new(), Machine::new());
        fill(&engine, &["0 a\n", "1 b\n", "2 c\n"]);
        let mut store = engine.connect().with([StoreFault::None, fault.clone()]);
        assert_eq!(log(&machine.sync(&mut store)), engine.bytes(), "{fault:?}");
    }
}

#[test]
fn a_hole_on_every_replica_is_an_error_that_names_the_append() {
    let (engine, machine) = (Engine::new(), Machine::new());
    fill(&engine, &["0 a\n", "1 b\n", "2 c\n"]);
    let hole = StoreFault::Hole(AppendPosition::new(2));
    let mut store = engine
        .connect()
        .with([vec![StoreFault::None], vec![hole; 50]].concat());
    let error = machine.try_sync(&mut store).unwrap_err();
    assert!(
        matches!(error, StoreError::Hole { position, .. } if position == AppendPosition::new(2))
    );
    let rotten = StoreFault::Rotten(AppendPosition::new(3));
    let mut store = engine
        .connect()
        .with([vec![StoreFault::None], vec![rotten; 50]].concat());
    let error = machine.try_sync(&mut store).unwrap_err();
    assert!(
        matches!(error, StoreError::BrokenChain { position, .. } if position == AppendPosition::new(3))
    );
    assert_eq!(
        log(&machine.open(&mut engine.connect())),
        b"0 a\n1 b\n",
        "what was sound is kept"
    );
}

#[test]
fn a_head_older_than_one_that_was_seen_is_never_shown() {
    let (engine, machine) = (Engine::new(), Machine::new());
    fill(&engine, &["0 a\n", "1 b\n", "2 c\n"]);
    drop(machine.sync(&mut engine.connect()));
    // A deposed leader answers for a while.
    let mut store = engine.connect().with(vec![StoreFault::StaleHead(1); 5]);
    assert_eq!(
        machine.sync(&mut store).synced().position,
        AppendPosition::new(3)
    );
    // The engine itself is older.
    engine.roll_back(1);
    let error = machine.try_sync(&mut engine.connect()).unwrap_err();
    assert!(matches!(error, StoreError::RolledBack { .. }), "{error}");
    // Not even an empty mirror forgets what was seen.
    machine.open(&mut engine.connect()).discard().unwrap();
    let error = machine.try_sync(&mut engine.connect()).unwrap_err();
    assert!(matches!(error, StoreError::RolledBack { .. }), "{error}");
}

#[test]
fn an_engine_whose_past_was_exchanged_is_found() {
    let (engine, machine) = (Engine::new(), Machine::new());
    fill(&engine, &["0 a\n", "1 b\n"]);
    drop(machine.sync(&mut engine.connect()));
    engine.roll_back(1);
    fill(&engine, &["1 other\n", "2 c\n"]);
    let error = machine.try_sync(&mut engine.connect()).unwrap_err();
    assert!(matches!(error, StoreError::BrokenChain { .. }), "{error}");
}

#[test]
fn a_stream_that_was_created_again_has_another_mirror() {
    let (engine, machine) = (Engine::new(), Machine::new());
    fill(&engine, &["0 a\n", "1 b\n"]);
    let mut old = machine.sync(&mut engine.connect());
    engine.replace();
    fill(&engine, &["0 z\n"]);
    let mut store = engine.connect();
    let head = store.head(machine.until()).unwrap();
    let error = old
        .sync(
            &mut store,
            head,
            &mut chained,
            machine.until(),
            &machine.clock,
        )
        .unwrap_err();
    assert!(matches!(error, StoreError::Replaced { .. }), "{error}");
    let new = machine.sync(&mut store);
    assert_ne!(new.path(), old.path());
    assert_eq!(log(&new), b"0 z\n");
}

#[test]
fn an_unknown_outcome_is_kept_and_settled_by_the_next_command() {
    for (fault, bytes, is_recorded) in [
        (StoreFault::LostAfter, &b"0 a\n1 b\n"[..], true),
        (StoreFault::LostBefore, b"0 a\n", false),
    ] {
        let (engine, machine) = (Engine::new(), Machine::new());
        fill(&engine, &["0 a\n"]);
        drop(machine.sync(&mut engine.connect()));
        let mut faults = vec![StoreFault::None, fault];
        faults.extend(vec![StoreFault::Unreachable; 1000]);
        let mut store = engine.connect().with(faults);
        let mut mirror = machine.open(&mut store);
        let outcome = mirror.append(&mut store, b"1 b\n", &[], machine.until(), &machine.clock);
        assert!(
            matches!(outcome, Err(NotAppended::Unknown(_))),
            "{outcome:?}"
        );
        drop(mirror);
        assert_eq!(engine.bytes(), bytes);
        let mut store = engine.connect();
        let mut mirror = machine.open(&mut store);
        let kept = std::fs::read_dir(mirror.path().parent().unwrap()).unwrap();
        let kept = kept
            .map(|entry| entry.unwrap().path())
            .find(|path| path.to_str().unwrap().contains("/unknown-"))
            .unwrap();
        let mode = kept.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut settled = mirror.settle_kept(&mut store, machine.until()).unwrap();
        if !is_recorded {
            // It is not sent again: a command that is repeated would record it twice.
            assert_eq!(settled, []);
            assert_eq!(engine.bytes(), b"0 a\n");
            drop(mirror);
            fill(&engine, &["1 other\n"]);
            mirror = machine.sync(&mut store);
            settled = mirror.settle_kept(&mut store, machine.until()).unwrap();
        }
        assert_eq!(settled.len(), 1);
        assert_eq!(settled[0].lines, b"1 b\n");
        let outcome = if is_recorded {
            Settled::Recorded(AppendPosition::new(2))
        } else {
            Settled::Superseded
        };
        assert_eq!(settled[0].outcome, outcome);
        let again = mirror.settle_kept(&mut store, machine.until()).unwrap();
        assert_eq!(again, []);
    }
}

#[test]
fn an_unknown_outcome_that_was_overtaken_can_never_be_recorded() {
    let (engine, machine) = (Engine::new(), Machine::new());
    let mut faults = vec![StoreFault::None, StoreFault::Late(usize::MAX)];
    faults.extend(vec![StoreFault::Unreachable; 1000]);
    let mut store = engine.connect().with(faults);
    let mut mirror = machine.open(&mut store);
    let outcome = mirror.append(&mut store, b"0 own\n", &[], machine.until(), &machine.clock);
    assert!(matches!(outcome, Err(NotAppended::Unknown(_))));
    fill(&engine, &["0 other\n"]);
    let mut store = engine.connect();
    let settled = mirror.settle_kept(&mut store, machine.until()).unwrap();
    assert_eq!(settled[0].outcome, Settled::Superseded);
    assert_eq!(engine.bytes(), b"0 other\n");
}

#[test]
fn processes_of_one_machine_wait_for_each_other() {
    let (engine, machine) = (Engine::new(), Machine::new());
    let held = machine.sync(&mut engine.connect());
    let error = machine.try_sync(&mut engine.connect()).unwrap_err();
    assert!(matches!(error, StoreError::MirrorLocked { .. }), "{error}");
    drop(held);
    machine.sync(&mut engine.connect());
}

#[test]
fn the_mirrors_of_a_log_are_found_without_a_connection() {
    let (engine, machine) = (Engine::new(), Machine::new());
    let log_name = engine.connect().log_name().clone();
    assert!(Mirror::find(machine.cache.path(), &log_name).is_empty());
    fill(&engine, &["0 a\n"]);
    drop(machine.sync(&mut engine.connect()));
    let found = Mirror::find(machine.cache.path(), &log_name);
    assert_eq!(found.len(), 1);
    assert_eq!(std::fs::read(&found[0].0).unwrap(), b"0 a\n");
    assert!(found[0].1.time.is_some());
}

/// Four machines append at once, with answers lost at random: acknowledged lines are recorded once,
/// the lines are chained, and in the end all mirrors are equal.
#[test]
fn machines_that_append_at_once_record_everything_once() {
    const APPENDS: u64 = 60;
    let engine = Engine::new();
    let caches: Vec<tempfile::TempDir> = (0..4).map(|_| tempfile::tempdir().unwrap()).collect();
    let barrier = Arc::new(Barrier::new(caches.len()));
    let acknowledged: Vec<String> = std::thread::scope(|scope| {
        let writers: Vec<_> = caches
            .iter()
            .enumerate()
            .map(|(machine, cache)| {
                let (engine, barrier) = (engine.clone(), Arc::clone(&barrier));
                scope.spawn(move || {
                    barrier.wait();
                    write_at_once(&engine, cache.path(), machine as u64, APPENDS)
                })
            })
            .collect();
        writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap())
            .collect()
    });
    engine.deliver_late();
    assert_eq!(acknowledged.len() as u64, 4 * APPENDS);
    let text = String::from_utf8(engine.bytes()).unwrap();
    chained(Seen::Before(b""), text.as_bytes()).unwrap();
    for name in &acknowledged {
        assert_eq!(text.matches(&format!(" {name}\n")).count(), 1, "{name}");
    }
    assert_eq!(text.lines().count(), acknowledged.len());
    for cache in &caches {
        let until = Deadline::at(Instant::now() + 10 * SECOND);
        let mut store = engine.connect();
        let head = store.head(until).unwrap();
        let mut mirror = Mirror::open(
            cache.path(),
            store.log_name(),
            &head.identity,
            until,
            &RealClock,
        )
        .unwrap();
        mirror
            .sync(&mut store, head, &mut chained, until, &RealClock)
            .unwrap();
        assert_eq!(log(&mirror), text.as_bytes());
    }
}

fn write_at_once(engine: &Engine, cache: &Path, machine: u64, appends: u64) -> Vec<String> {
    // A small generator of numbers is enough for a schedule.
    let mut random = machine + 1;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut acknowledged = Vec::new();
    for number in 0..appends {
        let name = format!("machine{machine}-{number}");
        loop {
            let until = Deadline::at(Instant::now() + 20 * SECOND);
            let faults = (0..10).map(|_| match next() % 8 {
                0 => StoreFault::LostBefore,
                1 => StoreFault::LostAfter,
                2 => StoreFault::Late((next() % 5) as usize),
                3 => StoreFault::StaleHead(1),
                _ => StoreFault::None,
            });
            let mut store = engine.connect().with(faults.collect::<Vec<_>>());
            let head = store.head(until).unwrap();
            let mut mirror =
                Mirror::open(cache, store.log_name(), &head.identity, until, &RealClock).unwrap();
            mirror
                .sync(&mut store, head, &mut chained, until, &RealClock)
                .unwrap();
            let lines = String::from_utf8(log(&mirror)).unwrap().lines().count();
            let line = format!("{lines} {name}\n");
            match mirror.append(&mut store, line.as_bytes(), &[], until, &RealClock) {
                Ok(_) => break,
                Err(NotAppended::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
        acknowledged.push(name);
    }
    acknowledged
}

#[test]
fn the_last_append_may_come_back_with_erased_notes_but_not_as_another_one() {
    let engine = Engine::new();
    fill(&engine, &["0 a\n", "1 b\n"]);
    let machine = Machine::new();
    drop(machine.sync(&mut engine.connect()));
    let clock = TestClock::new();
    let replace = |number: u64, expected: u64, lines: &[u8], new: &[u8]| {
        let replaced = [(AppendPosition::new(number), new.to_vec())];
        let append = Append {
            replaced: &replaced,
            ..Append::new(AppendPosition::new(expected), lines, id())
        };
        let mut store = engine.connect();
        let until = clock.deadline(SECOND);
        settle::append(&mut store, &append, until, &clock).unwrap();
    };
    replace(2, 2, b"2 c\n", b"1 B\n");
    assert_eq!(engine.bytes(), b"0 a\n1 B\n2 c\n");
    // What it has of the earlier append is old until it is fetched again.
    let mut mirror = machine.sync(&mut engine.connect());
    assert_eq!(log(&mirror), b"0 a\n1 b\n2 c\n");
    mirror.discard().unwrap();
    drop(mirror);
    assert_eq!(log(&machine.sync(&mut engine.connect())), engine.bytes());
    replace(3, 3, b"3 d\n", b"2 x\n");
    let mut store = engine.connect();
    let refused = machine.try_sync(&mut store);
    assert!(
        matches!(refused, Err(StoreError::BrokenChain { .. })),
        "{refused:?}"
    );
}
