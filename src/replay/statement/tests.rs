use proptest::prelude::*;

use super::*;
use crate::accounts::testing::{Log, given};
use crate::replay::{Bound, Cutoff};

fn statement(log: &Log, account: &str, cutoff: Cutoff) -> Statement {
    let mut statement = Statement::new(account);
    for entry in log.entries.iter().filter(|entry| cutoff.counts(entry)) {
        statement.push(entry, cutoff.shows(entry));
    }
    statement
}

/// Each row as number, change and balance.
fn rows(statement: Statement) -> Vec<(u64, i128, i128)> {
    let units = |balance: Balance| balance.billionths() / 1_000_000_000;
    let rows = statement.finish().unwrap();
    rows.iter()
        .map(|row| (row.seq(), units(row.change), units(row.balance)))
        .collect()
}

#[test]
fn a_statement_is_in_effective_order_with_a_running_balance() {
    let log = given(&[
        "open a",
        "deposit 10 a",
        "deposit 5 b",
        "withdraw 3 a effective=0",
        "transfer 2 a b",
        "deposit 1 a effective=2",
    ]);
    let of_a = statement(&log, "a", Cutoff::default());
    assert_eq!(rows(of_a), [(4, -3, -3), (2, 10, 7), (6, 1, 8), (5, -2, 6)]);
    let of_b = statement(&log, "b", Cutoff::default());
    assert_eq!(rows(of_b), [(3, 5, 5), (5, 2, 7)]);
}

#[test]
fn a_row_has_the_whole_event() {
    let log = given(&["deposit 10 a effective=7 memo=hi"]);
    let rows = statement(&log, "a", Cutoff::default()).finish().unwrap();
    let row = &rows[0];
    assert_eq!(*row.entry, log.entries[1]);
    assert_eq!((row.kind(), row.at()), (Kind::Deposit, log.entries[1].at));
    assert_eq!(Some(row.effective()), log.entries[1].effective);
}

#[test]
fn since_hides_rows_and_leaves_the_balances_as_they_are() {
    let log = given(&["deposit 10 a", "withdraw 3 a", "withdraw 1 a"]);
    let since = Cutoff {
        since: Some(Bound::Seq(2)),
        ..Cutoff::default()
    };
    assert_eq!(rows(statement(&log, "a", since)), [(2, -3, 7), (3, -1, 6)]);
    let until = Cutoff {
        until: Some(Bound::Seq(2)),
        ..Cutoff::default()
    };
    assert_eq!(rows(statement(&log, "a", until)), [(1, 10, 10), (2, -3, 7)]);
}

#[test]
fn what_was_undone_is_hidden_with_what_undid_it() {
    let log = given(&["deposit 10 a", "withdraw 3 a", "reverse 2", "deposit 1 a"]);
    let mut of_a = statement(&log, "a", Cutoff::default());
    of_a.hide_undone();
    assert_eq!(rows(of_a), [(1, 10, 10), (4, 1, 11)]);
    // A reversal that does not count undoes nothing.
    let before = Cutoff {
        until: Some(Bound::Seq(2)),
        ..Cutoff::default()
    };
    let mut of_a = statement(&log, "a", before);
    of_a.hide_undone();
    assert_eq!(rows(of_a), [(1, 10, 10), (2, -3, 7)]);
    // Nor is a reversal hidden whose event does not count.
    let mut only_reversal = Statement::new("a");
    only_reversal.push(&log.entries[3], true);
    only_reversal.hide_undone();
    assert_eq!(rows(only_reversal), [(3, 3, 3)]);
}

#[test]
fn a_reversal_of_a_reversal_restores_the_first() {
    let hidden = |pairs: &[(u64, u64)]| {
        let mut hidden: Vec<_> = undone(pairs.iter().copied()).into_iter().collect();
        hidden.sort_unstable();
        hidden
    };
    assert_eq!(hidden(&[]), [0_u64; 0]);
    assert_eq!(hidden(&[(2, 1)]), [1, 2]);
    assert_eq!(hidden(&[(2, 1), (3, 2)]), [2, 3]);
    assert_eq!(hidden(&[(2, 1), (3, 2), (4, 3)]), [1, 2, 3, 4]);
    assert_eq!(hidden(&[(9, 5), (8, 3)]), [3, 5, 8, 9]);
    assert_eq!(
        hidden(&[(4, 4), (4, 5)]),
        [0_u64; 0],
        "what comes later is reversed by nothing"
    );
}

proptest! {
    #[test]
    fn what_is_left_of_a_chain_of_reversals_adds_up_to_the_same(
        steps in proptest::collection::vec((1..100_u32, proptest::option::of(0..20_u64)), 1..30),
    ) {
        let mut log = given(&["open a floor=none"]);
        for (sum, reverse) in steps {
            let reversal = reverse.map(|seq| format!("reverse {}", seq + 2));
            match reversal.filter(|line| log.when(line).is_ok()) {
                Some(line) => log.record(&line),
                None => log.record(&format!("deposit {sum} a")),
            }
        }
        let mut net = statement(&log, "a", Cutoff::default());
        net.hide_undone();
        let left: i128 = rows(net).iter().map(|(_, change, _)| change).sum();
        let balance = log.state.account("a").unwrap().balance.billionths() / 1_000_000_000;
        prop_assert_eq!(left, balance);
    }
}
