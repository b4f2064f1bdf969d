use super::*;
use crate::accounts::testing::{Log, given};

/// The number and code of every refusal, if the events with these numbers had not happened.
fn refused(log: &Log, without: &[u64]) -> Vec<(u64, &'static str)> {
    let mut checker = RuleChecker::default();
    let mut state = State::default();
    let mut found = Vec::new();
    let rest = log.entries.iter();
    for entry in rest.filter(|entry| !without.contains(&entry.seq)) {
        let target = |seq| Ok::<_, ()>(log.at(seq).map(|entry| entry.record.clone()));
        let checked = checker.check(&state, entry, target).unwrap();
        found.extend(checked.refused);
        let _ = state.apply_to(checked.touched, entry);
    }
    found.extend(checker.finish());
    found
        .iter()
        .map(|refused| (refused.record.seq, refused.refusal.code()))
        .collect()
}

#[test]
fn what_is_refused_counts_for_what_comes_after_it() {
    let log = given(&["deposit 5 a", "withdraw 5 a", "deposit 5 a", "withdraw 1 a"]);
    assert_eq!(refused(&log, &[]), []);
    // The second withdrawal is covered only by what the first left below zero.
    assert_eq!(
        refused(&log, &[1]),
        [(2, "unknown_account"), (4, "insufficient_funds"),]
    );
}

#[test]
fn the_floor_of_a_correction_is_asked_after_both_of_its_events() {
    let log = given(&["deposit 9 a", "withdraw 8 a", "correct 1 amount=10"]);
    assert_eq!(refused(&log, &[]), []);
    // Without its second event, the first is a reversal of its own.
    assert_eq!(refused(&log, &[4]), [(3, "insufficient_funds")]);
    let mut followed = log;
    followed.record("deposit 1 b");
    assert_eq!(refused(&followed, &[4]), [(3, "insufficient_funds")]);
}
