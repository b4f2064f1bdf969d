use super::*;
use crate::accounts::testing::{given, missing};
use crate::event::Link;

fn reason(refusal: Result<(), Refusal>) -> NotReversible {
    match refusal {
        Err(Refusal::NotReversible { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_logged_reversal_must_be_exactly_the_opposite_of_something_before_it() {
    let log = given(&["deposit 5EUR a", "deposit 6EUR a", "open b"]);
    let event = |seq: usize| log.entries[seq].event.clone();
    let right = log.entry(opposite(&event(1)).unwrap(), Some(1));
    assert_eq!(
        permit_reversal(&log.state, &right, log.at(1).map(|entry| &entry.record)),
        Ok(())
    );
    let other_amount = log.entry(opposite(&event(2)).unwrap(), Some(1));
    let refused = permit_reversal(
        &log.state,
        &other_amount,
        log.at(1).map(|entry| &entry.record),
    );
    assert_eq!(reason(refused), NotReversible::NotItsOpposite);
    let same_direction = log.entry(event(1), Some(1));
    let refused = permit_reversal(
        &log.state,
        &same_direction,
        log.at(1).map(|entry| &entry.record),
    );
    assert_eq!(reason(refused), NotReversible::NotItsOpposite);
    let of_an_open = log.entry(event(1), Some(3));
    let refused = permit_reversal(
        &log.state,
        &of_an_open,
        log.at(3).map(|entry| &entry.record),
    );
    assert_eq!(
        reason(refused),
        NotReversible::MovesNothing(crate::event::Kind::Open)
    );
}

#[test]
fn a_logged_reversal_of_what_is_not_there_or_comes_later_is_found() {
    let log = given(&["deposit 5 a"]);
    let entry = log.entry(opposite(&log.entries[1].event).unwrap(), Some(9));
    assert_eq!(permit_reversal(&log.state, &entry, None), Err(missing(9)));
    let mut itself = entry.clone();
    itself.record.link = Some(Link::Reverses(itself.seq));
    let refused = permit_reversal(&log.state, &itself, Some(&itself.record));
    assert_eq!(refused, Err(missing(itself.seq)));
}

#[test]
fn a_second_logged_reversal_is_found() {
    let log = given(&["deposit 5 a", "reverse 1", "deposit 5 a"]);
    let entry = log.entry(opposite(&log.entries[1].event).unwrap(), Some(1));
    let refused = permit_reversal(&log.state, &entry, log.at(1).map(|entry| &entry.record));
    assert_eq!(refused, Err(Refusal::AlreadyReversed { seq: 1, by: 2 }));
}

#[test]
fn an_entry_that_reverses_nothing_passes() {
    let log = given(&["deposit 5 a"]);
    assert_eq!(permit_reversal(&log.state, &log.entries[1], None), Ok(()));
}
