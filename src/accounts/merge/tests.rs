use proptest::prelude::*;

use super::*;
use crate::accounts::testing::{Log, currency, given, hash, name, second};
use crate::event::Movement;
use crate::money::Amount;

/// The state of the first `cut` entries, joined with that of the rest.
fn joined(entries: &[Entry<'static>], cut: usize) -> Option<State> {
    let (first, rest) = entries.split_at(cut);
    let mut state = State::default();
    for entry in first {
        state.apply(entry).unwrap();
    }
    let mut later = State::empty(state.opening().unwrap().clone());
    let mut settings = Settings::default();
    for entry in rest {
        later.apply(entry).unwrap();
        settings.note(entry);
    }
    state.append(later, &settings).then_some(state)
}

#[test]
fn a_log_that_keeps_the_rules_can_be_cut_anywhere() {
    let log = given(&[
        "open a EUR floor=-50",
        "deposit 5EUR a",
        "transfer 2EUR a b",
        "limit a floor=none",
        "withdraw 3EUR a",
        "close a",
        "open a EUR",
        "reverse 3",
        "deposit 1BTC c",
        "deposit 0.125BTC c",
        "limit b floor=-1",
    ]);
    for cut in 1..=log.entries.len() {
        assert_eq!(
            joined(&log.entries, cut).as_ref(),
            Some(&log.state),
            "{cut}"
        );
    }
}

#[test]
fn an_account_whose_currency_later_events_fix_is_joined_as_in_order() {
    let mut log = Log::new(Some("EUR"), false);
    log.push(Event::Close { account: name("a") }, None);
    log.push(deposit("a", "5.00", Some("EUR")), None);
    for cut in 1..=2 {
        assert_eq!(
            joined(&log.entries, cut).as_ref(),
            Some(&log.state),
            "{cut}"
        );
    }
}

#[test]
fn an_account_whose_later_events_are_in_another_currency_is_not_joined() {
    let mut log = Log::new(None, false);
    log.push(deposit("a", "5.00", Some("EUR")), None);
    let mut later = State::empty(log.state.opening().unwrap().clone());
    let foreign = log.entry(deposit("a", "5", Some("BTC")), None);
    later.apply(&foreign).unwrap();
    assert!(!log.state.append(later, &Settings::default()));
}

fn deposit(account: &str, sum: &str, code: Option<&str>) -> Event<'static> {
    Event::Deposit(Movement {
        account: name(account),
        amount: Amount::from_canonical(sum.as_bytes()).unwrap(),
        currency: code.map(currency),
    })
}

fn any_event() -> impl Strategy<Value = (Event<'static>, Option<u64>)> {
    let account = prop_oneof![Just("a"), Just("b"), Just("c")];
    let code = prop_oneof![
        Just(None),
        Just(Some("EUR")),
        Just(Some("JPY")),
        Just(Some("BTC"))
    ];
    let sum = prop_oneof![Just("5"), Just("0.25"), Just("1.50"), Just("0.000000001")];
    (
        0..6_u8,
        account.clone(),
        account,
        code,
        sum,
        proptest::option::of(0..9_u64),
    )
        .prop_map(|(kind, one, other, code, sum, reverses)| {
            let amount = Amount::from_canonical(sum.as_bytes()).unwrap();
            let currency = code.map(currency);
            let movement = || Movement {
                account: name(one),
                amount,
                currency,
            };
            let event = match kind {
                0 => Event::Open {
                    account: name(one),
                    currency,
                    floor: Floor::from_canonical(b"-5"),
                },
                1 => Event::Limit {
                    account: name(one),
                    floor: Floor::None,
                },
                2 => Event::Close { account: name(one) },
                3 => Event::Deposit(movement()),
                4 => Event::Withdraw(movement()),
                _ => Event::Transfer {
                    from: name(one),
                    to: name(other),
                    amount,
                    currency,
                },
            };
            (event, reverses)
        })
}

proptest! {
    #[test]
    fn what_is_joined_is_what_one_fold_gives_whatever_the_log_says(
        events in proptest::collection::vec(any_event(), 0..24), cut in 0..24_usize, default in any::<bool>(),
    ) {
        let mut log = Log::new(default.then_some("EUR"), false);
        for (event, reverses) in events {
            let entry = log.entry(event, reverses);
            if log.state.apply(&entry).is_ok() {
                log.entries.push(entry);
            }
        }
        let cut = (cut % log.entries.len()) + 1;
        if let Some(state) = joined(&log.entries, cut) {
            prop_assert_eq!(state, log.state);
        }
    }
}

#[test]
fn a_sum_that_does_not_fit_is_not_joined() {
    let mut log = Log::new(None, false);
    log.push(deposit("a", "1", None), None);
    let mut state = log.state.clone();
    let mut later = State::empty(state.opening().unwrap().clone());
    later.apply(&log.entries[1]).unwrap();
    later.accounts.enter("a", &Account::not_yet(None)).0.balance =
        crate::money::Balance::from_billionths(i128::MAX);
    assert!(!state.append(later, &Settings::default()));
    assert_eq!(
        (second(1), hash(1)),
        (log.entries[1].at, log.entries[1].hash)
    );
}
