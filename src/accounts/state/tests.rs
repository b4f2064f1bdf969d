use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::accounts::testing::{Log, currency, given, name, second};
use crate::event::{Hold, Movement};
use crate::money::{Amount, Balance, Floor};

fn amount(text: &str) -> Amount {
    Amount::from_canonical(text.as_bytes()).unwrap()
}

fn deposit(account: &str, sum: &str, code: Option<&str>) -> Event<'static> {
    Event::Deposit(Movement {
        account: name(account),
        amount: amount(sum),
        currency: code.map(currency),
    })
}

#[test]
fn an_account_knows_its_first_and_last_event() {
    let log = given(&["deposit 5 a", "deposit 5 b", "transfer 1 b a"]);
    let a = log.state.account("a").unwrap();
    assert_eq!(
        (a.first, a.last, a.first_at, a.last_at),
        (1, 3, second(1), second(3))
    );
    assert_eq!(log.state.last_seq(), Some(3));
    let names: Vec<_> = log.state.accounts().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(log.state.account_count(), 2);
}

#[test]
fn figures_are_shown_with_the_finest_scale_so_far_or_the_currencys_own() {
    let log = given(&[
        "deposit 5 a",
        "deposit 0.125 a",
        "deposit 1 a",
        "deposit 5EUR b",
        "open c JPY",
    ]);
    let scale = |account: &str| log.state.account(account).unwrap().scale.digits();
    assert_eq!((scale("a"), scale("b"), scale("c")), (3, 2, 0));
}

#[test]
fn a_part_of_a_log_gives_an_account_the_first_currency_that_is_said() {
    let mut log = Log::new(Some("USD"), false);
    log.push(
        Event::Limit {
            account: name("a"),
            floor: Floor::None,
        },
        None,
    );
    let unsaid = *log.state.account("a").unwrap();
    assert_eq!(
        (unsaid.currency, unsaid.currency_is_fixed, unsaid.open),
        (None, false, true)
    );
    log.push(Event::Close { account: name("a") }, None);
    log.push(deposit("a", "5.00", Some("EUR")), None);
    let foreign = log.entry(deposit("a", "5.00", Some("GBP")), None);
    assert_eq!(
        log.state.apply(&foreign),
        Err(ApplyError::OtherCurrency {
            account: "a".into(),
            holds: Some(currency("EUR")),
            said: Some(currency("GBP")),
        })
    );
    let said = *log.state.account("a").unwrap();
    assert_eq!((said.currency, said.open), (Some(currency("EUR")), false));
    assert_eq!((said.floor, said.scale.digits()), (Floor::None, 2));
}

#[test]
fn a_log_that_breaks_every_rule_but_that_of_currencies_still_adds_up() {
    let mut log = Log::new(None, true);
    let withdraw = Event::Withdraw(Movement {
        account: name("a"),
        amount: amount("7"),
        currency: None,
    });
    log.push(withdraw, Some(0));
    log.push(Event::Close { account: name("a") }, None);
    log.push(deposit("a", "2", None), Some(0));
    log.push(deposit("b", "1", None), Some(5));
    let own = Event::Transfer {
        from: name("a"),
        to: name("a"),
        amount: amount("3"),
        currency: None,
    };
    log.push(own, None);
    assert_eq!(log.balance("a"), "-5");
    assert_eq!(
        log.state.reversed_by(0),
        Some(1),
        "the first reversal is the one that counts"
    );
    assert_eq!(log.state.reversed_by(5), None, "it was not there yet");
}

#[test]
fn an_account_that_is_added_displaces_none_that_takes() {
    let mut log = Log::new(None, false);
    log.push(deposit("pot", "1", None), None);
    for giver in 0..500 {
        log.push(
            Event::Transfer {
                from: name(&format!("giver{giver}")),
                to: name("pot"),
                amount: amount("2"),
                currency: None,
            },
            None,
        );
    }
    let balance = |account: &str| log.state.account(account).unwrap().balance.billionths();
    assert_eq!(balance("pot"), 1_001_000_000_000);
    for giver in 0..500 {
        assert_eq!(balance(&format!("giver{giver}")), -2_000_000_000);
    }
}

#[test]
fn an_overflow_names_the_account_and_changes_nothing() {
    let log = given(&["open full floor=none", "open b floor=none"]);
    let mut state = log.state.clone();
    let mut full = *state.account("full").unwrap();
    full.balance = Balance::from_billionths(i128::MAX);
    state.put_account("full", full);
    for from in ["b", "new"] {
        let before = state.clone();
        let transfer = Event::Transfer {
            from: name(from),
            to: name("full"),
            amount: amount("1.5"),
            currency: None,
        };
        let refused = state.apply(&log.entry(transfer, Some(1)));
        assert_eq!(
            refused,
            Err(ApplyError::Overflow(Overflow::Balance {
                account: "full".into()
            }))
        );
        assert_eq!(state, before, "from {from}");
    }
    // A transfer to the same account subtracts before it adds, so it fits even at the maximum
    // balance.
    let own = Event::Transfer {
        from: name("full"),
        to: name("full"),
        amount: amount("1.5"),
        currency: None,
    };
    assert_eq!(state.apply(&log.entry(own, None)), Ok(()));
    let before = state.clone();
    assert!(
        state
            .apply(&log.entry(deposit("full", "1", None), None))
            .is_err()
    );
    assert_eq!(state, before);
}

proptest! {
    #[test]
    fn any_events_whatever_the_rules_add_up_as_in_a_plain_map(
        steps in proptest::collection::vec((0..4_u8, 0..3_usize, 0..3_usize, 1..999_i128), 0..60),
    ) {
        const NAMES: [&str; 3] = ["a", "b", "c"];
        let mut log = Log::new(None, true);
        let mut model: BTreeMap<String, i128> = BTreeMap::new();
        for (kind, one, other, sum) in steps {
            let (one, other) = (NAMES[one], NAMES[other]);
            let moved = |account: &str| Movement {
                account: name(account),
                amount: amount(&sum.to_string()),
                currency: None,
            };
            let (event, legs) = match kind {
                0 => (Event::Deposit(moved(one)), vec![(one, sum)]),
                1 => (Event::Withdraw(moved(one)), vec![(one, -sum)]),
                2 => (Event::Close { account: name(one) }, vec![(one, 0)]),
                _ => {
                    let (from, to) = (name(one), name(other));
                    let amount = moved(one).amount;
                    let legs = vec![(one, -sum), (other, sum)];
                    (Event::Transfer { from, to, amount, currency: None }, legs)
                }
            };
            log.push(event, None);
            for (account, change) in legs {
                *model.entry(account.to_owned()).or_default() += change;
            }
        }
        let found: BTreeMap<String, i128> = log
            .state
            .unsorted()
            .map(|(name, account)| (name.to_owned(), account.balance.billionths() / 1_000_000_000))
            .collect();
        prop_assert_eq!(found, model);
    }
}

#[test]
fn an_event_in_another_currency_changes_nothing() {
    let mut log = given(&["deposit 5EUR eur", "deposit 5USD usd", "open none"]);
    let before = log.state.clone();
    let said = Some(currency("EUR"));
    let transfer = |from, to| Event::Transfer {
        from: name(from),
        to: name(to),
        amount: amount("1.00"),
        currency: said,
    };
    let hold = Event::Hold(Box::new(Hold {
        from: Some(name("eur")),
        to: Some(name("usd")),
        amount: amount("1.00"),
        currency: said,
        expires: None,
    }));
    let open = Event::Open {
        account: name("none"),
        currency: said,
        floor: None,
    };
    for (event, account) in [
        (deposit("usd", "1.00", Some("EUR")), "usd"),
        (deposit("eur", "1.00", None), "eur"),
        (transfer("eur", "usd"), "usd"),
        (transfer("usd", "eur"), "usd"),
        (transfer("new", "none"), "none"),
        (hold, "usd"),
        (open, "none"),
    ] {
        let entry = log.entry(event, None);
        match log.state.apply(&entry) {
            Err(ApplyError::OtherCurrency { account: found, .. }) => {
                assert_eq!(&*found, account, "{entry:?}");
            }
            other => panic!("{entry:?}: {other:?}"),
        }
        assert_eq!(log.state, before, "{entry:?}");
    }
}
