use super::*;
use crate::accounts::State;
use crate::accounts::testing::given;
use crate::replay::Bound;

const LOG: [&str; 7] = [
    "deposit 90 a:x tag=shop:north",
    "transfer 30 a:x a:y tag=shop:east",
    "transfer 20 a:y b tag=shop:north",
    "withdraw 5 a:y",
    "reverse 4",
    "transfer 1 a:x b",
    "deposit 4 c",
];

/// Each row: name, events, in, out, closing.
type Row = (Option<&'static str>, u64, i128, i128, i128);

fn check(by: BreakdownBy, is_net: bool, since: u64, expected: &[Row]) {
    let log = given(&LOG);
    let cutoff = Cutoff {
        since: Some(Bound::Seq(since)),
        ..Cutoff::default()
    };
    let chosen = AccountFilter::new(Some(&["a:*".to_owned()]));
    let mut builder = BreakdownBuilder::new(by, is_net, cutoff, chosen);
    let mut state = State::default();
    for entry in &log.entries {
        state.apply(entry).unwrap();
        builder.take(entry, &state, true).unwrap();
    }
    let found = builder.finish().unwrap();
    let [found] = found.as_slice() else {
        panic!("{found:?}");
    };
    let whole = |balance: Balance| balance.billionths() / 1_000_000_000;
    let rows: Vec<_> = found
        .rows
        .iter()
        .map(|row| {
            assert_eq!(row.net, row.incoming.minus(row.outgoing).unwrap());
            let (incoming, outgoing) = (whole(row.incoming), whole(row.outgoing));
            (
                row.name.as_deref(),
                row.events,
                incoming,
                outgoing,
                whole(row.closing),
            )
        })
        .collect();
    assert_eq!(rows, expected);
    assert_eq!(whole(found.total.closing), 69);
}

#[test]
fn by_tag_what_stays_among_the_accounts_is_neither_in_nor_out() {
    let by = || BreakdownBy::Tag("shop".to_owned());
    check(
        by(),
        false,
        0,
        &[
            (Some("east"), 1, 0, 0, 0),
            (Some("north"), 2, 90, 20, 70),
            (None, 3, 5, 6, -1),
        ],
    );
    check(
        by(),
        true,
        0,
        &[
            (Some("east"), 1, 0, 0, 0),
            (Some("north"), 2, 90, 20, 70),
            (None, 3, 0, 1, -1),
        ],
    );
}

#[test]
fn by_account_in_and_out_are_what_enters_or_leaves_a_row() {
    check(
        BreakdownBy::Account { depth: None },
        false,
        0,
        &[(Some("a:x"), 3, 90, 31, 59), (Some("a:y"), 4, 35, 25, 10)],
    );
    check(
        BreakdownBy::Account { depth: Some(1) },
        false,
        0,
        &[(Some("a"), 6, 95, 26, 69)],
    );
}

#[test]
fn by_type_what_is_before_the_range_counts_in_the_balance_only() {
    check(
        BreakdownBy::Type,
        false,
        3,
        &[
            (Some("deposit"), 1, 5, 0, 95),
            (Some("transfer"), 2, 0, 21, -21),
            (Some("withdraw"), 1, 0, 5, -5),
        ],
    );
}
