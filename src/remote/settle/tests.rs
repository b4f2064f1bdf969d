//! Tests of settling, on the engine in memory.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;

use super::{Settled, look};
use crate::remote::memory::{Engine, StoreFault, TestClock};
use crate::remote::testing::{append, id};
use crate::remote::{AppendId, AppendPosition, NotAppended, Store as _};

const TEN_SECONDS: Duration = Duration::from_secs(10);

/// Appends `b` after `a` with these faults; the outcome and the log's bytes after it.
fn appended(faults: Vec<StoreFault>) -> (Result<AppendPosition, NotAppended>, Vec<u8>) {
    let engine = Engine::new();
    let clock = TestClock::new();
    let until = clock.deadline(TEN_SECONDS);
    let first = append(
        &mut engine.connect(),
        AppendPosition::START,
        b"a\n",
        id(),
        until,
        &clock,
    );
    assert_eq!(first.unwrap(), AppendPosition::new(1));
    let mut store = engine.connect().with(faults);
    let outcome = append(
        &mut store,
        AppendPosition::new(1),
        b"b\n",
        id(),
        until,
        &clock,
    );
    (outcome, engine.bytes())
}

#[test]
fn a_lost_answer_is_settled_whether_it_was_recorded_or_not() {
    for fault in [
        StoreFault::LostBefore,
        StoreFault::LostAfter,
        StoreFault::Late(0),
        StoreFault::Late(3),
    ] {
        let (outcome, bytes) = appended(vec![fault.clone()]);
        assert_eq!(outcome.unwrap(), AppendPosition::new(2), "{fault:?}");
        assert_eq!(bytes, b"a\nb\n", "{fault:?}");
    }
}

#[test]
fn a_refusal_after_a_lost_answer_does_not_hide_that_it_was_recorded() {
    let (outcome, bytes) = appended(vec![StoreFault::LostAfter, StoreFault::Full]);
    assert_eq!(outcome.unwrap(), AppendPosition::new(2));
    assert_eq!(bytes, b"a\nb\n");
}

#[test]
fn a_lost_append_that_was_overtaken_is_a_conflict() {
    let other = StoreFault::Overtaken(b"c\n".to_vec());
    let (outcome, bytes) = appended(vec![StoreFault::LostBefore, other]);
    assert!(matches!(outcome, Err(NotAppended::Conflict)), "{outcome:?}");
    assert_eq!(bytes, b"a\nc\n");
}

#[test]
fn a_position_that_is_missing_below_the_head_does_not_count_as_not_recorded() {
    let hole = StoreFault::Hole(AppendPosition::new(2));
    let (outcome, bytes) = appended(vec![
        StoreFault::LostAfter,
        StoreFault::None,
        StoreFault::None,
        hole,
    ]);
    assert_eq!(outcome.unwrap(), AppendPosition::new(2));
    assert_eq!(bytes, b"a\nb\n");
}

#[test]
fn a_stale_head_does_not_count_as_not_recorded() {
    let (outcome, bytes) = appended(vec![
        StoreFault::LostAfter,
        StoreFault::None,
        StoreFault::StaleHead(1),
    ]);
    assert_eq!(outcome.unwrap(), AppendPosition::new(2));
    assert_eq!(bytes, b"a\nb\n");
}

#[test]
fn the_outcome_is_unknown_if_the_deadline_passes_first() {
    let (outcome, bytes) = appended(vec![StoreFault::LostBefore; 1000]);
    assert!(
        matches!(outcome, Err(NotAppended::Unknown(_))),
        "{outcome:?}"
    );
    assert_eq!(bytes, b"a\n");
    let mut faults = vec![StoreFault::LostAfter];
    faults.extend(vec![StoreFault::Unreachable; 1000]);
    let (outcome, bytes) = appended(faults);
    assert!(
        matches!(outcome, Err(NotAppended::Unknown(_))),
        "{outcome:?}"
    );
    assert_eq!(bytes, b"a\nb\n");
}

#[test]
fn a_first_refusal_is_final() {
    let (outcome, _) = appended(vec![StoreFault::Full]);
    assert!(
        matches!(outcome, Err(NotAppended::NotRecorded(_))),
        "{outcome:?}"
    );
    let (outcome, _) = appended(vec![StoreFault::Unreachable]);
    assert!(
        matches!(outcome, Err(NotAppended::NotRecorded(_))),
        "{outcome:?}"
    );
}

#[test]
fn a_large_append_is_recognised_across_its_positions() {
    let engine = Engine::with_part_bytes(4);
    let clock = TestClock::new();
    let until = clock.deadline(TEN_SECONDS);
    let mut store = engine.connect().with([StoreFault::LostAfter]);
    let outcome = append(
        &mut store,
        AppendPosition::START,
        b"aa\nbb\ncc\n",
        id(),
        until,
        &clock,
    );
    assert_eq!(outcome.unwrap(), AppendPosition::new(3));
    // The beginning is the same, but it is another append.
    let outcome = look(
        &mut store,
        AppendPosition::START,
        b"aa\nbb\ndd\n",
        id(),
        until,
    );
    assert_eq!(outcome.unwrap(), Some(Settled::Superseded));
    assert_eq!(engine.bytes(), b"aa\nbb\ncc\n");
}

#[test]
fn a_look_sends_nothing() {
    let engine = Engine::new();
    let clock = TestClock::new();
    let until = clock.deadline(TEN_SECONDS);
    let mut store = engine.connect();
    let mut looked =
        |lines: &[u8]| look(&mut store, AppendPosition::START, lines, id(), until).unwrap();
    assert_eq!(looked(b"a\n"), None);
    assert_eq!(engine.bytes(), b"");
    let mut other = engine.connect();
    append(
        &mut other,
        AppendPosition::START,
        b"a\n",
        id(),
        until,
        &clock,
    )
    .unwrap();
    assert_eq!(
        looked(b"a\n"),
        Some(Settled::Recorded(AppendPosition::new(1)))
    );
    assert_eq!(looked(b"b\n"), Some(Settled::Superseded));
}

#[test]
fn the_same_bytes_of_another_machine_are_not_ours() {
    let engine = Engine::new();
    let clock = TestClock::new();
    let until = clock.deadline(TEN_SECONDS);
    // Another machine decides on the same bytes, and its append arrives before ours is sent again.
    let other = StoreFault::Overtaken(b"a\n".to_vec());
    let mut store = engine.connect().with([StoreFault::LostBefore, other]);
    let outcome = append(
        &mut store,
        AppendPosition::START,
        b"a\n",
        id(),
        until,
        &clock,
    );
    assert!(matches!(outcome, Err(NotAppended::Conflict)), "{outcome:?}");
    assert_eq!(engine.bytes(), b"a\n");
}

fn fault() -> impl Strategy<Value = StoreFault> {
    prop_oneof![
        4 => Just(StoreFault::None),
        2 => Just(StoreFault::LostBefore),
        2 => Just(StoreFault::LostAfter),
        2 => (0_usize..6).prop_map(StoreFault::Late),
        1 => Just(StoreFault::Full),
        1 => Just(StoreFault::Unreachable),
        1 => (1_u64..3).prop_map(StoreFault::StaleHead),
        1 => (1_u64..3).prop_map(StoreFault::Behind),
        1 => (1_u64..9).prop_map(|number| StoreFault::Hole(AppendPosition::new(number))),
    ]
}

/// One append of a schedule: the faults of its requests, and whether its writer has seen the head.
fn schedule() -> impl Strategy<Value = Vec<(Vec<StoreFault>, bool)>> {
    prop::collection::vec(
        (prop::collection::vec(fault(), 0..12), any::<bool>()),
        1..12,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// Acknowledged means recorded, once, on the position that was expected. Refused means never
    /// recorded, not even by a request that arrives late.
    #[test]
    fn random_faults_never_lie(
        schedule in schedule(),
        milliseconds in 1_u64..200,
        are_alike in any::<bool>(),
    ) {
        let engine = Engine::new();
        let (mut outcomes, mut acknowledged) = (Vec::new(), HashSet::new());
        let mut seen = AppendPosition::START;
        for (number, (faults, looks)) in schedule.into_iter().enumerate() {
            let clock = TestClock::new();
            let until = clock.deadline(Duration::from_millis(milliseconds));
            if looks {
                seen = engine.connect().head(until).unwrap().position;
            }
            let number = if are_alike { 0 } else { number };
            let line = format!("{number} after {seen}\n");
            let mut store = engine.connect().with(faults);
            let id = AppendId::random().unwrap();
            let outcome = append(&mut store, seen, line.as_bytes(), id, until, &clock);
            if let Ok(position) = outcome {
                prop_assert_eq!(position, seen.next());
                prop_assert!(acknowledged.insert(position), "{position} is acknowledged twice");
            }
            outcomes.push((line, outcome));
        }
        engine.deliver_late();
        let log = String::from_utf8(engine.bytes()).unwrap();
        for (at, line) in log.lines().enumerate() {
            prop_assert!(line.ends_with(&format!(" after {at}")), "not chained: {log}");
        }
        for (line, outcome) in outcomes {
            if are_alike {
                continue;
            }
            let times = log.matches(line.as_str()).count();
            match outcome {
                Ok(_) => prop_assert_eq!(times, 1, "{}", log),
                Err(NotAppended::Unknown(_)) => prop_assert!(times <= 1, "{log}"),
                Err(_) => prop_assert_eq!(times, 0, "{}", log),
            }
        }
    }
}
