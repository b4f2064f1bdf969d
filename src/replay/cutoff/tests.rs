use super::*;
use crate::accounts::testing::{given, second};
use crate::event::Record;

/// The events, of one recorded a second after the other, for which this holds.
fn those(cutoff: Cutoff, test: fn(&Cutoff, &Record<'_>) -> bool) -> Vec<u64> {
    let log = given(&[
        "deposit 1 a",
        "deposit 1 a effective=0",
        "deposit 1 a effective=90",
        "deposit 1 a",
    ]);
    let entries = log.entries.iter().skip(1);
    entries
        .filter(|entry| test(&cutoff, entry))
        .map(|entry| entry.seq)
        .collect()
}

#[test]
fn every_event_counts_unless_something_is_said() {
    let everything = Cutoff::default();
    assert!(everything.counts_everything());
    assert_eq!(those(everything.clone(), Cutoff::shows), [1, 2, 3, 4]);
    let since = Cutoff {
        since: Some(Bound::Seq(1)),
        ..Cutoff::default()
    };
    assert!(since.counts_everything());
}

#[test]
fn until_asks_when_it_took_effect_and_known_at_when_it_was_recorded() {
    let at = Some(Bound::Time(second(2)));
    let until = Cutoff {
        until: at,
        ..Cutoff::default()
    };
    assert_eq!(those(until.clone(), Cutoff::counts), [1, 2]);
    let known = Cutoff {
        known_at: Some(Bound::Time(second(3))),
        ..Cutoff::default()
    };
    assert_eq!(those(known, Cutoff::counts), [1, 2, 3]);
    let both = Cutoff {
        until: Some(Bound::Time(second(4))),
        known_at: at,
        ..Cutoff::default()
    };
    assert_eq!(those(both, Cutoff::counts), [1, 2]);
    assert_eq!(those(until, Cutoff::knows), [1, 2, 3, 4]);
}

#[test]
fn a_named_event_does_not_count() {
    let without = Cutoff {
        without: vec![2, 3],
        ..Cutoff::default()
    };
    assert!(!without.counts_everything());
    assert_eq!(those(without.clone(), Cutoff::counts), [1, 4]);
    assert_eq!(those(without, Cutoff::knows), [1, 2, 3, 4]);
}

#[test]
fn a_position_counts_the_first_events_whatever_their_times() {
    let until = Cutoff {
        until: Some(Bound::Seq(3)),
        ..Cutoff::default()
    };
    assert_eq!(those(until, Cutoff::counts), [1, 2, 3]);
    let known = Cutoff {
        known_at: Some(Bound::Seq(2)),
        ..Cutoff::default()
    };
    assert_eq!(those(known, Cutoff::knows), [1, 2]);
}

#[test]
fn since_hides_and_still_counts() {
    let since = Cutoff {
        since: Some(Bound::Time(second(4))),
        ..Cutoff::default()
    };
    assert_eq!(those(since.clone(), Cutoff::shows), [3, 4]);
    assert_eq!(those(since, Cutoff::counts), [1, 2, 3, 4]);
    let since = Cutoff {
        since: Some(Bound::Seq(4)),
        until: Some(Bound::Seq(3)),
        ..Cutoff::default()
    };
    assert_eq!(those(since, Cutoff::shows), [0_u64; 0]);
}
