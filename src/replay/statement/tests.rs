use proptest::prelude::*;

use super::*;
use crate::accounts::testing::{Log, given, second};
use crate::event::Kind;
use crate::replay::{Bound, Cutoff};

fn filter(accounts: &[&str]) -> AccountFilter {
    let accounts: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    AccountFilter::new((!accounts.is_empty()).then_some(&accounts))
}

fn fill(mut builder: StatementBuilder, log: &Log, cutoff: Cutoff) -> Statement {
    for entry in log.entries.iter().filter(|entry| cutoff.counts(entry)) {
        builder.push(entry, true).unwrap();
    }
    builder.finish().unwrap()
}

fn statement(log: &Log, accounts: &[&str], cutoff: Cutoff) -> Statement {
    fill(
        StatementBuilder::new(cutoff.clone(), filter(accounts)),
        log,
        cutoff,
    )
}

fn net(log: &Log, account: &str, cutoff: Cutoff) -> Statement {
    let builder = StatementBuilder::new(cutoff.clone(), filter(&[account]));
    fill(builder.net(), log, cutoff)
}

fn units(balance: Balance) -> i128 {
    balance.billionths() / 1_000_000_000
}

/// Each row of one account as number, change and balance.
fn rows_of_one(statement: &Statement) -> Vec<(u64, i128, i128)> {
    let row = |row: &StatementRow| {
        let posting = row.postings[0];
        assert_eq!(posting.balance, posting.total);
        (row.entry.seq, units(posting.change), units(posting.balance))
    };
    statement.rows.iter().map(row).collect()
}

/// Account, change, balance, total.
type Flat<'s> = (&'s str, i128, i128, i128);

/// Each row as the event's number and its postings.
fn rows(statement: &Statement) -> Vec<(u64, Vec<Flat<'_>>)> {
    let flat = |posting: &StatementPosting| {
        (
            statement.accounts[posting.account].name.as_str(),
            units(posting.change),
            units(posting.balance),
            units(posting.total),
        )
    };
    statement
        .rows
        .iter()
        .map(|row| (row.entry.seq, row.postings.iter().map(flat).collect()))
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
    let found = statement(&log, &["a", "z"], Cutoff::default());
    assert_eq!(
        rows(&found),
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
    let found = statement(&log, &[], since);
    assert_eq!(rows(&found), [(3, vec![("a", 5, 15, 15)])]);
    let openings: Vec<i128> = found.accounts.iter().map(|a| units(a.opening)).collect();
    assert_eq!(openings, [10, 3]);
    let sums: Vec<i128> = found.openings.values().map(|sum| units(*sum)).collect();
    assert_eq!(sums, [10, 3]);
    let late = Cutoff {
        since: Some(Bound::Time(second(99))),
        ..Cutoff::default()
    };
    let found = statement(&log, &[], late);
    assert_eq!(rows(&found), []);
    assert_eq!(units(found.accounts[0].opening), 15);
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
    let of_a = statement(&log, &["a"], Cutoff::default());
    assert_eq!(
        rows_of_one(&of_a),
        [(4, -3, -3), (2, 10, 7), (6, 1, 8), (5, -2, 6)]
    );
    let of_b = statement(&log, &["b"], Cutoff::default());
    assert_eq!(rows_of_one(&of_b), [(3, 5, 5), (5, 2, 7)]);
}

#[test]
fn a_row_has_the_whole_event() {
    let log = given(&["deposit 10 a effective=7 memo=hi"]);
    let found = statement(&log, &["a"], Cutoff::default());
    assert_eq!(*found.rows[0].entry, log.entries[1]);
    assert_eq!(found.rows[0].entry.event.kind(), Kind::Deposit);
}

#[test]
fn since_hides_rows_and_leaves_the_balances_as_they_are() {
    let log = given(&["deposit 10 a", "withdraw 3 a", "withdraw 1 a"]);
    let since = Cutoff {
        since: Some(Bound::Seq(2)),
        ..Cutoff::default()
    };
    assert_eq!(
        rows_of_one(&statement(&log, &["a"], since)),
        [(2, -3, 7), (3, -1, 6)]
    );
    let until = Cutoff {
        until: Some(Bound::Seq(2)),
        ..Cutoff::default()
    };
    assert_eq!(
        rows_of_one(&statement(&log, &["a"], until)),
        [(1, 10, 10), (2, -3, 7)]
    );
}

#[test]
fn a_net_statement_leaves_out_what_was_undone_and_what_undid_it() {
    let log = given(&["deposit 10 a", "withdraw 3 a", "reverse 2", "deposit 1 a"]);
    let of_a = net(&log, "a", Cutoff::default());
    assert_eq!(rows_of_one(&of_a), [(1, 10, 10), (4, 1, 11)]);
    // The balances in between are those of what is left.
    let later = given(&["deposit 10 a", "withdraw 3 a", "deposit 2 a", "reverse 2"]);
    let of_a = net(&later, "a", Cutoff::default());
    assert_eq!(rows_of_one(&of_a), [(1, 10, 10), (3, 2, 12)]);
    // A reversal that does not count has no effect.
    let before = Cutoff {
        until: Some(Bound::Seq(2)),
        ..Cutoff::default()
    };
    let of_a = net(&log, "a", before);
    assert_eq!(rows_of_one(&of_a), [(1, 10, 10), (2, -3, 7)]);
    // Nor is a reversal hidden whose event does not count.
    let mut only_reversal = StatementBuilder::new(Cutoff::default(), filter(&["a"])).net();
    only_reversal.push(&log.entries[3], true).unwrap();
    let only_reversal = only_reversal.finish().unwrap();
    assert_eq!(rows_of_one(&only_reversal), [(3, 3, 3)]);
    // What is reversed before the first row is still known to be.
    let since = Cutoff {
        since: Some(Bound::Time(log.entries[3].at)),
        ..Cutoff::default()
    };
    assert_eq!(rows_of_one(&net(&log, "a", since)), [(4, 1, 11)]);
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
        let net = net(&log, "a", Cutoff::default());
        let left: i128 = rows_of_one(&net).iter().map(|(_, change, _)| change).sum();
        let balance = log.state.account("a").unwrap().balance.billionths() / 1_000_000_000;
        prop_assert_eq!(left, balance);
    }

    #[test]
    fn each_posting_says_what_a_model_that_adds_up_anew_says(
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
        let found = statement(&log, &["a", "b"], cutoff);
        let balance = |name: &str, upto: (Timestamp, u64)| -> i128 {
            log.entries.iter()
                .filter(|entry| (entry.took_effect(), entry.seq) <= upto)
                .flat_map(|entry| entry.event.postings())
                .filter(|posting| posting.account.as_str() == name)
                .map(|posting| units(posting.change))
                .sum()
        };
        // The opening balance is the balance of the accounts without the first row.
        for (number, account) in found.accounts.iter().enumerate() {
            let first = found.rows.iter().flat_map(|row| &row.postings).find(|posting| posting.account == number);
            let all = balance(&account.name, (second(1_000_000), u64::MAX));
            if let (Some(posting), Some(Bound::Time(_)) | None) = (first, since) {
                prop_assert_eq!(posting.balance.minus(posting.change), Some(account.opening));
            } else if found.rows.is_empty() {
                prop_assert_eq!(units(account.opening), all);
            }
        }
        for row in &found.rows {
            let upto = (row.entry.took_effect(), row.entry.seq);
            for posting in &row.postings {
                let name = &found.accounts[posting.account].name;
                prop_assert_eq!(units(posting.balance), balance(name, upto));
                prop_assert_eq!(units(posting.total), balance("a", upto) + balance("b", upto));
            }
        }
    }
}
