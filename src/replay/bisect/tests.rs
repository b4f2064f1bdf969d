use super::*;
use crate::accounts::testing::{Log, given};
use crate::money::Balance;
use crate::replay::{AccountFilter, Comparison, Measure};

/// `balance a:* >= 5`
fn condition(text: &str) -> FigureCondition {
    let words: Vec<&str> = text.split(' ').collect();
    let [measure, account, sign, figure] = words[..] else {
        panic!("{text}");
    };
    FigureCondition {
        accounts: AccountFilter::new(Some(&[account.to_owned()])),
        measure: match measure {
            "available" => Measure::Available,
            "pending_in" => Measure::PendingIn,
            "pending_out" => Measure::PendingOut,
            _ => Measure::Balance,
        },
        comparison: *Comparison::ALL
            .iter()
            .find(|one| one.as_str() == sign)
            .unwrap(),
        expected: whole(figure.parse().unwrap()),
    }
}

fn whole(units: i128) -> Balance {
    Balance::from_billionths(units * 1_000_000_000)
}

fn turns(log: &Log, conditions: &[&str], order: EventOrder) -> Vec<Turn> {
    let conditions = conditions.iter().map(|text| condition(text)).collect();
    let mut finder = TurnFinder::new(conditions, order, true);
    for entry in &log.entries {
        finder.take(entry).unwrap();
    }
    finder.finish().unwrap()
}

/// The events after which one condition turns, and whether it is true then.
fn seqs(log: &Log, text: &str, order: EventOrder) -> Vec<(u64, bool)> {
    let turns = turns(log, &[text], order);
    turns.iter().map(|turn| (turn.seq, turn.holds)).collect()
}

#[test]
fn every_turn_is_found_and_the_accounts_are_shown_before_and_after_it() {
    let log = given(&[
        "deposit 9 a:x",
        "deposit 5 a:y",
        "withdraw 8 a:x",
        "deposit 4 a:x",
        "deposit 1 b",
    ]);
    assert_eq!(
        seqs(&log, "balance a:* >= 9", EventOrder::Recorded),
        [(3, false), (4, true)]
    );
    let found = turns(&log, &["balance a:* >= 9"], EventOrder::Recorded);
    let balances = |figures: &[AccountFigures]| -> Vec<(String, Balance)> {
        let figures = figures.iter();
        figures
            .map(|one| (one.account.clone(), one.balance))
            .collect()
    };
    let own = |x, y| [("a:x".to_owned(), whole(x)), ("a:y".to_owned(), whole(y))];
    assert_eq!(balances(&found[0].before), own(9, 5));
    assert_eq!(balances(&found[0].after), own(1, 5));
    assert_eq!(found[0].value, whole(6));
}

#[test]
fn a_condition_is_asked_from_the_first_event_on_that_touches_its_accounts() {
    let log = given(&["deposit 1 b", "open a", "deposit 1 b", "deposit 3 a"]);
    assert_eq!(
        seqs(&log, "balance a > 0", EventOrder::Recorded),
        [(2, false), (4, true)]
    );
    assert_eq!(seqs(&log, "balance c > 0", EventOrder::Recorded), []);
    let held = given(&["deposit 5 b", "hold 5 b to=a"]);
    assert_eq!(
        seqs(&held, "balance a > 0", EventOrder::Recorded),
        [(2, false)]
    );
}

#[test]
fn what_was_recorded_late_is_found_in_effective_order() {
    let log = given(&[
        "open a floor=none",
        "deposit 9 a",
        "withdraw 4 a effective=1",
        "withdraw 5 a",
    ]);
    assert_eq!(seqs(&log, "balance a >= 0", EventOrder::Recorded), []);
    assert_eq!(
        seqs(&log, "balance a >= 0", EventOrder::Effective),
        [(3, false), (2, true)]
    );
}

#[test]
fn a_correction_counts_as_one_event_if_both_took_effect_at_the_same_time() {
    let log = given(&["deposit 9 a", "withdraw 4 a", "correct 1 amount=8"]);
    for order in [EventOrder::Recorded, EventOrder::Effective] {
        assert_eq!(seqs(&log, "balance a >= 0", order), [], "{order:?}");
    }
    assert_eq!(
        seqs(&log, "balance a >= 5", EventOrder::Recorded),
        [(4, false)]
    );
    let mut alone = log;
    alone.entries.pop();
    assert_eq!(
        seqs(&alone, "balance a >= 0", EventOrder::Recorded),
        [(3, false)]
    );
}

#[test]
fn what_is_on_hold_counts_until_it_is_taken_released_or_expires() {
    let log = given(&[
        "deposit 9 a",
        "hold 4 a to=b expires=6",
        "capture 2 1 keep=1",
        "hold 2 a",
        "release 4 1",
        "deposit 1 c",
        "deposit 1 c",
    ]);
    let found = turns(
        &log,
        &[
            "available a >= 5",
            "pending_in b == 4",
            "pending_out a <= 4",
            "available a < 7",
        ],
        EventOrder::Recorded,
    );
    let found: Vec<_> = found
        .iter()
        .map(|turn| (turn.condition, turn.seq, turn.holds))
        .collect();
    assert_eq!(
        found,
        [
            (3, 1, false),
            (3, 2, true),
            (1, 3, false),
            (0, 4, false),
            (2, 4, false),
            (2, 5, true),
            // The first hold has expired.
            (0, 6, true),
            (3, 6, false),
        ]
    );
}

#[test]
fn of_several_conditions_only_the_first_turn_of_each_is_kept_if_asked() {
    let log = given(&["deposit 9 a", "withdraw 4 a", "deposit 4 a", "withdraw 4 a"]);
    let conditions = vec![condition("balance a >= 9"), condition("balance a < 9")];
    let mut finder = TurnFinder::new(conditions, EventOrder::Recorded, false);
    for entry in &log.entries {
        finder.take(entry).unwrap();
    }
    assert_eq!(finder.events(), 5);
    let found = finder.finish().unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|turn| (turn.condition, turn.seq))
        .collect();
    assert_eq!(found, [(1, 1), (0, 2)]);
}
