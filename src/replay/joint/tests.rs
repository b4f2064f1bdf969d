use proptest::prelude::*;

use super::*;
use crate::accounts::testing::{Log, given, second};
use crate::replay::{Bound, Cutoff};

fn joint(log: &Log, wanted: &[&str], cutoff: Cutoff) -> Joint {
    let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    let mut statement = JointStatement::new(cutoff, AccountFilter::new(&wanted));
    for entry in log.entries.iter().filter(|entry| cutoff.counts(entry)) {
        statement.push(entry, &log.state).unwrap();
    }
    statement.finish().unwrap()
}

fn units(balance: Balance) -> i128 {
    balance.billionths() / 1_000_000_000
}

/// Account, change, balance, together.
type Flat<'j> = (&'j str, i128, i128, i128);

/// Each row as the event's number and its legs.
fn rows(joint: &Joint) -> Vec<(u64, Vec<Flat<'_>>)> {
    let leg = |leg: &Leg| {
        (
            joint.accounts[leg.account].name.as_str(),
            units(leg.change),
            units(leg.balance),
            units(leg.together),
        )
    };
    joint
        .rows
        .iter()
        .map(|row| (row.entry.seq, row.legs.iter().map(leg).collect()))
        .collect()
}

#[test]
fn events_come_in_effective_order_with_each_balance_and_the_sum() {
    let log = given(&[
        "deposit 10 z",
        "deposit 5 a effective=0",
        "transfer 4 z a",
        "transfer 1 a other",
        "deposit 9 other",
    ]);
    let joint = joint(&log, &["a", "z"], Cutoff::default());
    assert_eq!(
        rows(&joint),
        [
            (2, vec![("a", 5, 5, 5)]),
            (1, vec![("z", 10, 10, 15)]),
            (3, vec![("z", -4, 6, 15), ("a", 4, 9, 15)]),
            (4, vec![("a", -1, 8, 14)]),
        ]
    );
}

#[test]
fn since_hides_events_and_what_was_there_before_is_the_opening() {
    let log = given(&["deposit 10EUR a", "deposit 3USD b", "deposit 5EUR a"]);
    let since = Cutoff {
        since: Some(Bound::Seq(3)),
        ..Cutoff::default()
    };
    let found = joint(&log, &[], since);
    assert_eq!(rows(&found), [(3, vec![("a", 5, 15, 15)])]);
    let openings: Vec<i128> = found.accounts.iter().map(|a| units(a.opening)).collect();
    assert_eq!(openings, [10, 3]);
    let sums: Vec<i128> = found.openings.values().map(|sum| units(*sum)).collect();
    assert_eq!(sums, [10, 3]);
    let late = Cutoff {
        since: Some(Bound::Time(second(99))),
        ..Cutoff::default()
    };
    let found = joint(&log, &[], late);
    assert_eq!(rows(&found), []);
    assert_eq!(units(found.accounts[0].opening), 15);
}

proptest! {
    #[test]
    fn each_leg_says_what_a_model_that_adds_up_anew_says(
        steps in proptest::collection::vec((0..4_usize, 1..100_u32, 0..50_u64), 1..30),
        since in proptest::option::of((any::<bool>(), 0..50_u64)),
    ) {
        let mut log = given(&["open a floor=none", "open b floor=none", "open c floor=none"]);
        for (what, sum, at) in steps {
            log.record(&match what {
                0 => format!("deposit {sum} a effective={at}"),
                1 => format!("withdraw {sum} b effective={at}"),
                2 => format!("transfer {sum} a b effective={at}"),
                _ => format!("transfer {sum} c a effective={at}"),
            });
        }
        let since = since.map(|(by_time, at)| {
            if by_time { Bound::Time(second(at)) } else { Bound::Seq(at) }
        });
        let cutoff = Cutoff { since, ..Cutoff::default() };
        let found = joint(&log, &["a", "b"], cutoff);
        let balance = |name: &str, upto: (Timestamp, u64)| -> i128 {
            log.entries.iter()
                .filter(|entry| (entry.took_effect(), entry.seq) <= upto)
                .flat_map(|entry| entry.event.postings())
                .filter(|posting| posting.account.as_str() == name)
                .map(|posting| units(posting.change))
                .sum()
        };
        // What was there before the first row is what its accounts come to without it.
        for (number, account) in found.accounts.iter().enumerate() {
            let first = found.rows.iter().flat_map(|row| &row.legs).find(|leg| leg.account == number);
            let all = balance(&account.name, (second(1_000_000), u64::MAX));
            if let (Some(leg), Some(Bound::Time(_)) | None) = (first, since) {
                prop_assert_eq!(leg.balance.minus(leg.change), Some(account.opening));
            } else if found.rows.is_empty() {
                prop_assert_eq!(units(account.opening), all);
            }
        }
        for row in &found.rows {
            let upto = (row.entry.took_effect(), row.entry.seq);
            for leg in &row.legs {
                let name = &found.accounts[leg.account].name;
                prop_assert_eq!(units(leg.balance), balance(name, upto));
                prop_assert_eq!(units(leg.together), balance("a", upto) + balance("b", upto));
            }
        }
    }
}
