use super::*;
use crate::accounts::testing::{Log, currency, given, name};
use crate::event::Movement;
use crate::money::{Amount, Currency, Floor, Scale};

fn movement(account: &str, amount: &str, currency: Option<Currency>) -> Movement<'static> {
    Movement {
        account: name(account),
        amount: Amount::from_canonical(amount.as_bytes()).unwrap(),
        currency,
    }
}

/// The rules on an event that comes next.
fn permit(state: &State, event: &Event<'static>) -> Result<(), Refusal> {
    let record = given(&[]).entry(event.clone(), None).record;
    super::permit(state, &record, None, None)
}

fn code(log: &Log, event: &Event<'static>) -> Option<&'static str> {
    permit(&log.state, event)
        .err()
        .map(|refusal| refusal.code())
}

#[test]
fn a_logged_event_says_the_currency_its_account_holds() {
    let log = Log::new(Some("EUR"), false).with(&["deposit 5 a"]);
    let euro = Some(currency("EUR"));
    assert_eq!(
        code(&log, &Event::Deposit(movement("a", "5.00", euro))),
        None
    );
    for account in ["a", "new"] {
        let unsaid = Event::Deposit(movement(account, "5.00", None));
        assert_eq!(code(&log, &unsaid), Some("currency_mismatch"), "{account}");
    }
    let other = Event::Deposit(movement("new", "5.00", Some(currency("USD"))));
    assert_eq!(code(&log, &other), None);
}

#[test]
fn a_transfer_to_oneself_in_a_log_is_found() {
    let log = given(&["deposit 5 a"]);
    let event = Event::Transfer {
        from: name("a"),
        to: name("a"),
        amount: Amount::from_canonical(b"1").unwrap(),
        currency: None,
    };
    assert_eq!(code(&log, &event), Some("usage"));
}

/// A state whose account `a` holds this many billionths, without a floor.
fn extreme(billionths: i128) -> State {
    let mut state = given(&["open a floor=none", "open b floor=none", "open c"]).state;
    for name in ["a", "c"] {
        let mut account = *state.account(name).unwrap();
        account.balance = Balance::from_billionths(billionths);
        state.put_account(name, account);
    }
    state
}

#[test]
fn a_balance_beyond_the_range_is_refused_on_the_side_it_happens() {
    let transfer = |from: &str, to: &str| Event::Transfer {
        from: name(from),
        to: name(to),
        amount: Amount::from_canonical(b"1").unwrap(),
        currency: None,
    };
    let overflow = |account: &str| {
        Err(Refusal::BalanceOverflow {
            account: account.into(),
        })
    };
    let full = extreme(i128::MAX);
    assert_eq!(
        permit(&full, &Event::Deposit(movement("a", "1", None))),
        overflow("a")
    );
    assert_eq!(permit(&full, &transfer("b", "a")), overflow("a"));
    assert_eq!(permit(&full, &transfer("a", "b")), Ok(()));
    let empty = extreme(i128::MIN);
    assert_eq!(
        permit(&empty, &Event::Withdraw(movement("a", "1", None))),
        overflow("a")
    );
    assert_eq!(permit(&empty, &transfer("a", "b")), overflow("a"));
    // With a floor it is the funds that are missing.
    let floored = permit(&empty, &Event::Withdraw(movement("c", "1", None)));
    assert_eq!(floored.unwrap_err().code(), "insufficient_funds");
    assert_eq!(
        overflow("a").unwrap_err().to_string(),
        "the balance of a would go beyond what a ledger can hold"
    );
}

#[test]
fn an_account_whose_currency_no_event_has_said_yet_takes_any() {
    let mut log = given(&[]);
    let floor = Floor::At(Balance::ZERO, Scale::WHOLE);
    log.push(
        Event::Limit {
            account: name("a"),
            floor,
        },
        None,
    );
    let euro = Event::Deposit(movement("a", "5.00", Some(currency("EUR"))));
    assert_eq!(code(&log, &euro), None);
}
