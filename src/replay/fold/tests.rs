use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::accounts::testing::{Log, currency, given, hash, second};
use crate::replay::Bound;

fn replayed(log: &Log, cutoff: Cutoff) -> Replay {
    let mut replay = Replay::new(cutoff, Some(second(50)));
    for entry in &log.entries {
        replay.take(entry).unwrap();
    }
    replay
}

fn until(seconds: u64) -> Cutoff {
    Cutoff {
        until: Some(Bound::Time(second(seconds))),
        ..Cutoff::default()
    }
}

#[test]
fn a_fold_of_everything_is_the_state() {
    let log = given(&[
        "deposit 5 a",
        "transfer 2 a b",
        "reverse 2",
        "deposit 1 a effective=99",
    ]);
    let replay = replayed(&log, Cutoff::default());
    assert_eq!(replay.state(), &log.state);
    assert_eq!((replay.events(), replay.future()), (4, 1));
    assert_eq!(replay.last(), Some((4, hash(4), second(4))));
    assert_eq!(replay.into_state(), log.state);
}

#[test]
fn the_first_line_is_taken_whatever_the_cutoff_and_is_no_event() {
    let log = Log::new(Some("EUR"), false).with(&["deposit 5 a"]);
    let nothing = Cutoff {
        known_at: Some(Bound::Time(crate::time::Timestamp::MIN)),
        ..Cutoff::default()
    };
    let replay = replayed(&log, nothing);
    assert_eq!(replay.state().opening(), log.state.opening());
    assert_eq!((replay.events(), replay.state().account_count()), (0, 0));
    assert_eq!(replay.last(), Some((0, hash(0), second(0))));
}

#[test]
fn last_is_the_end_of_what_was_known_and_not_of_what_counted() {
    let log = given(&["deposit 5 a", "deposit 5 a effective=99", "deposit 5 a"]);
    let cutoff = Cutoff {
        known_at: Some(Bound::Seq(2)),
        ..until(50)
    };
    let replay = replayed(&log, cutoff);
    assert_eq!(replay.last(), Some((2, hash(2), second(2))));
    assert_eq!(replay.events(), 1);
}

#[test]
fn an_account_that_was_known_but_does_not_count_yet_is_told_from_one_that_is_not_there() {
    let log = given(&[
        "deposit 5EUR early",
        "deposit 5USD late effective=99",
        "deposit 5 unknown",
    ]);
    let cutoff = Cutoff {
        known_at: Some(Bound::Seq(2)),
        ..until(50)
    };
    let replay = replayed(&log, cutoff);
    assert_eq!(replay.known_account("early"), Some(Some(currency("EUR"))));
    assert_eq!(replay.known_account("late"), Some(Some(currency("USD"))));
    assert!(replay.state().account("late").is_none());
    assert_eq!(replay.known_account("unknown"), None);
}

#[test]
fn an_account_whose_opening_does_not_count_yet_still_has_its_currency() {
    let log = given(&["open a EUR effective=99", "limit a floor=5"]);
    let replay = replayed(&log, until(50));
    assert_eq!(replay.state().account("a").unwrap().currency, None);
    assert_eq!(replay.known_account("a"), Some(Some(currency("EUR"))));
}

#[test]
fn a_fold_goes_on_from_where_another_had_come() {
    let log = given(
        &[
            "deposit 5 a",
            "deposit 5 a effective=99",
            "withdraw 3 a",
            "close b",
        ][..3],
    );
    let mut first = Replay::new(Cutoff::default(), Some(second(50)));
    for entry in &log.entries[..3] {
        first.take(entry).unwrap();
    }
    let mut second_half = Replay::resume(
        Cutoff::default(),
        Some(second(50)),
        first.progress().clone(),
    );
    second_half.take(&log.entries[3]).unwrap();
    let whole = replayed(&log, Cutoff::default());
    assert_eq!(second_half.state(), whole.state());
    assert_eq!(
        (second_half.events(), second_half.last()),
        (whole.events(), whole.last())
    );
    assert_eq!(second_half.future(), 1);
}

proptest! {
    #[test]
    fn any_cutoff_gives_what_a_plain_sum_over_the_kept_events_gives(
        deposits in proptest::collection::vec((0..3_usize, 1..1000_u32, 0..30_u64), 0..30),
        until in proptest::option::of(0..30_u64),
        known in proptest::option::of(0..30_u64),
        by_seq in any::<bool>(),
    ) {
        const NAMES: [&str; 3] = ["a", "b", "c"];
        let bound = |n: u64| if by_seq { Bound::Seq(n) } else { Bound::Time(second(n)) };
        let mut log = given(&[]);
        for (name, sum, effective) in &deposits {
            log.record(&format!("deposit {sum} {} effective={effective}", NAMES[*name]));
        }
        let cutoff = Cutoff { until: until.map(bound), known_at: known.map(bound), ..Cutoff::default() };
        let replay = replayed(&log, cutoff);

        let mut sums: BTreeMap<String, i128> = BTreeMap::new();
        let mut counted = 0;
        for (index, (name, sum, effective)) in (1_u64..).zip(&deposits) {
            let took_effect = if by_seq { index } else { *effective };
            let is_in = until.is_none_or(|n| took_effect <= n) && known.is_none_or(|n| index <= n);
            if is_in {
                *sums.entry(NAMES[*name].to_owned()).or_default() += i128::from(*sum) * 1_000_000_000;
                counted += 1;
            }
        }
        let found: BTreeMap<String, i128> = replay
            .state()
            .accounts()
            .iter()
            .map(|(name, account)| ((*name).to_owned(), account.balance.billionths()))
            .collect();
        prop_assert_eq!(found, sums);
        prop_assert_eq!(replay.events(), counted);
    }
}

proptest! {
    #[test]
    fn a_fold_in_parts_gives_what_one_fold_gives(
        deposits in proptest::collection::vec((0..3_usize, 1..1000_u32, 0..60_u64), 1..20),
        until in proptest::option::of(0..60_u64),
        known in proptest::option::of(0..20_u64),
        by_seq in any::<bool>(),
        cut in 0..20_usize,
    ) {
        const NAMES: [&str; 3] = ["a", "b", "c"];
        let bound = |n: u64| if by_seq { Bound::Seq(n) } else { Bound::Time(second(n)) };
        let mut log = given(&[]);
        for (name, sum, effective) in &deposits {
            log.record(&format!("deposit {sum}EUR {} effective={effective}", NAMES[*name]));
        }
        let cutoff = Cutoff { until: until.map(bound), known_at: known.map(bound), ..Cutoff::default() };
        let whole = replayed(&log, cutoff.clone());

        let (first, rest) = log.entries.split_at(1 + cut % deposits.len());
        let mut joined = Replay::new(cutoff.clone(), Some(second(50)));
        let opening = log.state.opening().unwrap().clone();
        let mut later = Replay::of_later(cutoff, Some(second(50)), opening);
        for entry in first {
            joined.take(entry).unwrap();
        }
        for entry in rest {
            later.take(entry).unwrap();
        }
        prop_assert!(joined.append(later));
        prop_assert_eq!(joined.state(), whole.state());
        prop_assert_eq!(joined.last(), whole.last());
        prop_assert_eq!((joined.events(), joined.future()), (whole.events(), whole.future()));
        for name in NAMES {
            prop_assert_eq!(joined.known_account(name), whole.known_account(name));
        }
    }
}
