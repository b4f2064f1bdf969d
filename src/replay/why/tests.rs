use super::*;
use crate::accounts::testing::{Log, given, second};

fn filter(names: &[&str]) -> AccountFilter {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    AccountFilter::new(Some(&names))
}

fn why(log: &Log, names: &[&str], since: Option<Bound>) -> Why {
    let mut builder = WhyBuilder::new(filter(names));
    for entry in &log.entries {
        builder.take(entry).unwrap();
    }
    builder.finish(since, None).unwrap()
}

fn shown(why: &Why) -> (i128, Vec<(u64, i128)>, u64, i128) {
    let whole = |balance: Balance| balance.billionths() / 1_000_000_000;
    let rows = why.rows.iter();
    let rows = rows.map(|row| (row.entry.seq, whole(row.change)));
    (
        whole(why.opening),
        rows.collect(),
        why.cancelled,
        whole(why.balance),
    )
}

#[test]
fn the_rows_are_in_effective_order_and_what_cancels_out_is_a_count() {
    let log = given(&[
        "deposit 50 a",
        "withdraw 20 a",
        "reverse 2",
        "deposit 7 a effective=0",
        "deposit 3 b",
    ]);
    let found = why(&log, &["a"], None);
    assert_eq!(shown(&found), (0, vec![(4, 7), (1, 50)], 2, 57));
}

#[test]
fn a_reversal_that_was_reversed_cancels_nothing() {
    let log = given(&["deposit 50 a", "withdraw 20 a", "reverse 2", "reverse 3"]);
    let found = why(&log, &["a"], None);
    assert_eq!(shown(&found), (0, vec![(1, 50), (2, -20)], 2, 30));
}

#[test]
fn a_reversal_stands_if_what_it_reverses_is_in_the_opening() {
    let log = given(&["deposit 50 a", "withdraw 20 a", "reverse 2", "deposit 1 a"]);
    let found = why(&log, &["a"], Some(Bound::Time(second(3))));
    assert_eq!(shown(&found), (30, vec![(3, 20), (4, 1)], 0, 51));
    let found = why(&log, &["a"], Some(Bound::Seq(2)));
    assert_eq!(shown(&found), (50, vec![(4, 1)], 2, 51));
}

#[test]
fn a_reversal_that_is_not_the_opposite_stands_with_what_it_reverses() {
    let mut log = given(&["deposit 50 a"]);
    let other = given(&["deposit 50 a", "withdraw 20 a"]);
    log.push(other.entries[2].event.clone(), Some(1));
    let found = why(&log, &["a"], None);
    assert_eq!(shown(&found), (0, vec![(1, 50), (2, -20)], 0, 30));
}

#[test]
fn what_stays_inside_of_several_accounts_changes_nothing() {
    let log = given(&["deposit 50 a:x", "transfer 20 a:x a:y", "transfer 5 a:y b"]);
    let found = why(&log, &["a:*"], None);
    assert_eq!(shown(&found), (0, vec![(1, 50), (3, -5)], 0, 45));
}

#[test]
fn groups_are_sorted_and_what_has_none_is_last() {
    let log = given(&[
        "deposit 50 a tag=shop:north",
        "transfer 5 a b tag=shop:east",
        "deposit 1 a",
        "transfer 2 a b tag=shop:north",
    ]);
    let found = why(&log, &["a"], None);
    let groups = |by: Grouping| -> Vec<(Option<String>, i128, u64)> {
        let groups = found.groups(&by, &mut filter(&["a"]), None).unwrap();
        let groups = groups.into_iter();
        groups
            .map(|one| {
                (
                    one.name,
                    one.change.billionths() / 1_000_000_000,
                    one.events,
                )
            })
            .collect()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        groups(Grouping::Tag("shop".to_owned())),
        [(some("east"), -5, 1), (some("north"), 48, 2), (None, 1, 1)]
    );
    assert_eq!(
        groups(Grouping::Account),
        [(some("b"), -7, 2), (None, 51, 2)]
    );
    assert_eq!(
        groups(Grouping::Type),
        [(some("deposit"), 51, 2), (some("transfer"), -7, 2)]
    );
    assert_eq!(
        groups(Grouping::Month(Zone::utc())),
        [(some("2027-01"), 44, 4)]
    );
}
