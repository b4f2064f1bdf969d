use super::*;
use crate::accounts::testing::{Log, given, missing, request, text};
use crate::event::Head;

fn refused(log: &Log, line: &str, code: &str, sentence: &str) {
    assert_eq!(log.refused(line), (code, sentence.to_owned()), "{line}");
}

#[test]
fn a_deposit_makes_its_account() {
    assert_eq!(given(&[]).recorded("deposit 50 main"), "deposit main 50");
}

#[test]
fn a_transfer_makes_the_account_it_goes_to_with_the_currency_of_the_other() {
    let log = given(&["deposit 50EUR a"]).with(&["transfer 5 a b"]);
    assert_eq!(text(&log.entries[2].event), "transfer a b 5.00 EUR");
    assert_eq!(
        log.state.account("b").unwrap().currency,
        Currency::new("EUR")
    );
}

#[test]
fn nothing_named_means_the_ledgers_default_for_a_new_account_and_its_own_for_an_old_one() {
    let log = Log::new(Some("EUR"), false).with(&["deposit 5USD dollars"]);
    assert_eq!(log.recorded("deposit 5 main"), "deposit main 5.00 EUR");
    assert_eq!(log.recorded("open main"), "open main EUR");
    assert_eq!(
        log.recorded("deposit 5 dollars"),
        "deposit dollars 5.00 USD"
    );
    assert_eq!(
        log.recorded("withdraw 5 dollars"),
        "withdraw dollars 5.00 USD"
    );
}

#[test]
fn a_known_currency_is_written_with_its_minor_digits_and_any_other_as_typed() {
    let log = given(&[]);
    assert_eq!(log.recorded("deposit 50EUR a"), "deposit a 50.00 EUR");
    assert_eq!(log.recorded("deposit 50JPY a"), "deposit a 50 JPY");
    assert_eq!(log.recorded("deposit 0.125BTC a"), "deposit a 0.125 BTC");
    assert_eq!(log.recorded("deposit 1.50 a"), "deposit a 1.50");
    assert_eq!(
        log.recorded("open a EUR floor=-5"),
        "open a EUR floor -5.00"
    );
    assert_eq!(log.recorded("open a floor=-5EUR"), "open a EUR floor -5.00");
    assert_eq!(log.recorded("open a BTC floor=0.5"), "open a BTC floor 0.5");
    assert_eq!(log.recorded("open a floor=none"), "open a floor none");
    let log = given(&["open a EUR"]);
    assert_eq!(log.recorded("limit a floor=-100"), "limit a floor -100.00");
    assert_eq!(
        log.recorded("limit a floor=-100EUR"),
        "limit a floor -100.00"
    );
}

#[test]
fn more_digits_than_the_accounts_currency_has_are_refused_once_that_is_known() {
    let log = given(&["deposit 5EUR a"]);
    let sentence = "`1.005` has 3 decimals, EUR has 2";
    refused(&log, "deposit 1.005 a", "invalid_amount", sentence);
    refused(&log, "withdraw 1.005 a", "invalid_amount", sentence);
    refused(&log, "transfer 1.005 a b", "invalid_amount", sentence);
    refused(&log, "limit a floor=1.005", "invalid_amount", sentence);
    refused(&log, "open b EUR floor=1.005", "invalid_amount", sentence);
    refused(
        &log,
        "deposit 1.000 a",
        "invalid_amount",
        "`1.000` has 3 decimals, EUR has 2",
    );
}

#[test]
fn digits_are_asked_after_the_accounts_and_before_the_funds() {
    let log = given(&[
        "deposit 5EUR a",
        "deposit 5EUR b",
        "withdraw 5 b",
        "close b",
    ]);
    assert_eq!(log.refused("withdraw 1.005 c").0, "unknown_account");
    assert_eq!(log.refused("withdraw 1.005 b").0, "account_closed");
    assert_eq!(log.refused("withdraw 1.005XYZ a").0, "currency_mismatch");
    assert_eq!(log.refused("withdraw 100.005 a").0, "invalid_amount");
}

#[test]
fn funds_are_refused_with_every_figure() {
    let log = given(&[
        "deposit 50EUR main",
        "deposit 50 plain",
        "deposit 1.25XXL odd",
    ]);
    refused(
        &log,
        "withdraw 80 main",
        "insufficient_funds",
        "cannot withdraw 80.00 EUR from main: balance 50.00 EUR, floor 0.00 EUR",
    );
    refused(
        &log,
        "transfer 80 main b",
        "insufficient_funds",
        "cannot transfer 80.00 EUR from main: balance 50.00 EUR, floor 0.00 EUR",
    );
    refused(
        &log,
        "withdraw 80 plain",
        "insufficient_funds",
        "cannot withdraw 80 from plain: balance 50, floor 0",
    );
    refused(
        &log,
        "withdraw 80 odd",
        "insufficient_funds",
        "cannot withdraw 80.00 XXL from odd: balance 1.25 XXL, floor 0.00 XXL",
    );
}

#[test]
fn a_floor_is_the_last_balance_allowed() {
    let log = given(&["open a floor=-10", "deposit 5 a"]);
    assert_eq!(log.recorded("withdraw 15 a"), "withdraw a 15");
    assert_eq!(log.refused("withdraw 15.01 a").0, "insufficient_funds");
    let log = given(&["open a floor=none"]);
    assert_eq!(log.recorded("withdraw 999999 a"), "withdraw a 999999");
}

#[test]
fn a_floor_above_the_balance_refuses_neither_limit_nor_open_nor_deposit() {
    let log = given(&[
        "deposit 5 a",
        "limit a floor=100",
        "open b floor=100",
        "deposit 1 a",
    ]);
    assert_eq!(log.balance("a"), "6");
    assert_eq!(log.refused("withdraw 1 a").0, "insufficient_funds");
}

#[test]
fn floors_count_what_has_taken_effect_at_each_moment_from_now_on() {
    let log = given(&["deposit 5 a effective=999999"]);
    let refused = log.refused("withdraw 5 a effective=0");
    assert_eq!(
        refused,
        (
            "insufficient_funds",
            "cannot withdraw 5 from a: balance 5, available 0, floor 0".to_owned()
        )
    );
    assert_eq!(
        log.recorded("withdraw 5 a effective=999999"),
        "withdraw a 5"
    );
}

#[test]
fn an_unknown_account_is_refused_with_the_one_that_was_likely_meant() {
    let log = given(&["deposit 5 main"]);
    for line in [
        "withdraw 5 mian",
        "transfer 5 mian b",
        "close mian",
        "limit mian floor=0",
    ] {
        let expected = Refusal::UnknownAccount {
            account: "mian".into(),
            did_you_mean: Some("main".into()),
            strict: false,
        };
        assert_eq!(log.refusal(line), expected, "{line}");
    }
    refused(
        &log,
        "close mian",
        "unknown_account",
        "there is no account mian",
    );
}

#[test]
fn a_strict_ledger_wants_accounts_opened_first() {
    let log = Log::new(None, true).with(&["open a", "deposit 5 a"]);
    for line in ["deposit 5 b", "transfer 5 a b", "withdraw 5 b"] {
        let expected = Refusal::UnknownAccount {
            account: "b".into(),
            did_you_mean: None,
            strict: true,
        };
        assert_eq!(log.refusal(line), expected, "{line}");
    }
}

#[test]
fn a_closed_account_takes_nothing_but_being_opened_again() {
    let log = given(&["deposit 5 a", "open b EUR floor=-5", "close b"]);
    for line in [
        "deposit 5 b",
        "withdraw 5 b",
        "transfer 5 a b",
        "transfer 5 b a",
        "close b",
        "limit b floor=0",
    ] {
        refused(&log, line, "account_closed", "the account b is closed");
    }
    assert_eq!(log.recorded("open b"), "open b EUR");
    let log = log.with(&["open b"]);
    let floor = log.state.account("b").unwrap().floor;
    assert_eq!(floor, Floor::default(), "the floor is zero again");
}

#[test]
fn an_account_opened_again_keeps_its_currency() {
    let log = Log::new(Some("USD"), false).with(&["open b EUR", "close b"]);
    assert_eq!(log.recorded("open b EUR floor=1"), "open b EUR floor 1.00");
    refused(
        &log,
        "open b USD",
        "currency_mismatch",
        "b holds EUR, not USD",
    );
    refused(
        &log,
        "open b floor=5USD",
        "currency_mismatch",
        "b holds EUR, not USD",
    );
}

#[test]
fn an_open_account_is_not_opened_however_it_came_to_be() {
    let log = given(&["open a", "deposit 5 b"]);
    refused(
        &log,
        "open a",
        "account_exists",
        "the account a is open already",
    );
    refused(
        &log,
        "open b EUR",
        "account_exists",
        "the account b is open already",
    );
}

#[test]
fn an_account_holds_one_currency_or_none() {
    let log = given(&["deposit 5EUR a", "deposit 5 plain", "deposit 5USD c"]);
    refused(
        &log,
        "deposit 5USD a",
        "currency_mismatch",
        "a holds EUR, not USD",
    );
    refused(
        &log,
        "withdraw 5USD a",
        "currency_mismatch",
        "a holds EUR, not USD",
    );
    refused(
        &log,
        "deposit 5USD plain",
        "currency_mismatch",
        "plain has no currency, because event 2, its first, named none; this amount is in USD",
    );
    refused(
        &log,
        "transfer 5 a c",
        "currency_mismatch",
        "c holds USD, not EUR",
    );
    refused(
        &log,
        "transfer 5 a plain",
        "currency_mismatch",
        "plain has no currency, because event 2, its first, named none; this amount is in EUR",
    );
    refused(
        &log,
        "transfer 5USD a c",
        "currency_mismatch",
        "a holds EUR, not USD",
    );
    refused(
        &log,
        "limit a floor=5USD",
        "currency_mismatch",
        "a holds EUR, not USD",
    );
    refused(
        &log,
        "open d EUR floor=5USD",
        "currency_mismatch",
        "d holds EUR, not USD",
    );
}

#[test]
fn only_an_account_with_nothing_on_it_is_closed() {
    let log = given(&["deposit 50EUR a", "open b floor=-5", "withdraw 2.5 b"]);
    refused(
        &log,
        "close a",
        "account_not_empty",
        "cannot close a: balance 50.00 EUR",
    );
    refused(
        &log,
        "close b",
        "account_not_empty",
        "cannot close b: balance -2.5",
    );
    let log = log.with(&["withdraw 50 a"]);
    assert_eq!(log.recorded("close a"), "close a");
}

#[test]
fn a_transfer_to_oneself_is_a_mistake_in_the_asking() {
    let log = given(&["deposit 5 a key=k"]);
    refused(
        &log,
        "transfer 5 a a key=k",
        "usage",
        "a transfer needs two accounts, a is both",
    );
}

#[test]
fn a_reversal_is_the_opposite_of_its_event() {
    let log = given(&["deposit 5EUR a", "withdraw 1 a", "transfer 2 a b"]);
    assert_eq!(log.recorded("reverse 2"), "deposit a 1.00 EUR");
    assert_eq!(log.recorded("reverse 3"), "transfer b a 2.00 EUR");
    let log = log.with(&["reverse 3", "reverse 2"]);
    assert_eq!(log.recorded("reverse 1"), "withdraw a 5.00 EUR");
    assert_eq!(log.state.reversed_by(3), Some(4));
}

#[test]
fn an_event_is_reversed_once_and_its_reversal_too() {
    let log = given(&["deposit 5 a", "reverse 1"]);
    refused(
        &log,
        "reverse 1",
        "already_reversed",
        "event 1 was reversed before, by event 2",
    );
    let log = log.with(&["reverse 2"]);
    assert_eq!(log.balance("a"), "5");
    assert_eq!(log.refused("reverse 2").0, "already_reversed");
    assert_eq!(log.refused("reverse 1").0, "already_reversed");
    assert_eq!(log.recorded("reverse 3"), "withdraw a 5");
}

#[test]
fn what_moved_no_money_or_is_not_there_is_not_reversible() {
    let log = given(&["open a", "limit a floor=1", "close a"]);
    assert_eq!(log.refusal("reverse 9"), missing(9));
    refused(
        &log,
        "reverse 9",
        "not_reversible",
        "cannot reverse event 9: there is no such event",
    );
    for (seq, kind) in [(0, "ledger"), (1, "open"), (2, "limit"), (3, "close")] {
        let sentence = format!(
            "event {seq} cannot be reversed, corrected or refunded: its type is {kind}, which moves no money"
        );
        refused(&log, &format!("reverse {seq}"), "not_reversible", &sentence);
    }
}

#[test]
fn a_reversal_obeys_floors_and_closed_accounts() {
    let log = given(&["deposit 5EUR a", "withdraw 4 a"]);
    refused(
        &log,
        "reverse 1",
        "insufficient_funds",
        "cannot take back 5.00 EUR from a: balance 1.00 EUR, floor 0.00 EUR",
    );
    let log = log.with(&["withdraw 1 a", "close a"]);
    refused(
        &log,
        "reverse 2",
        "account_closed",
        "the account a is closed",
    );
}

#[test]
fn if_head_takes_the_head_and_nothing_else() {
    let log = given(&["deposit 5 a"]);
    assert_eq!(log.recorded("deposit 1 a if=1:01010101"), "deposit a 1");
    refused(
        &log,
        "deposit 1 a if=0:00000000",
        "head_conflict",
        "the head is 1:010101010101, not 0:00000000",
    );
    assert_eq!(log.refused("deposit 1 a if=1:02020202").0, "head_conflict");
    let asked: Head = "0:00000000".parse().unwrap();
    let nowhere = decide(
        &State::default(),
        &request("deposit 1 a if=0:00000000"),
        &Context::default(),
    );
    assert_eq!(
        nowhere,
        Err(Refusal::HeadConflict {
            asked,
            actual: None
        })
    );
    assert_eq!(
        nowhere.unwrap_err().to_string(),
        "the head is missing (there is no ledger yet), not 0:00000000"
    );
}

#[test]
fn refusals_come_in_the_order_of_the_contract() {
    // Each request breaks every rule from its own on that it can break.
    let log = given(&[
        "deposit 5EUR a key=k",
        "reverse 1",
        "deposit 5EUR b",
        "deposit 5USD c",
        "open closed EUR",
        "close closed",
    ]);
    let code = |line: &str| log.refused(line).0;
    assert_eq!(code("withdraw 9USD zz key=k if=9:00000000"), "key_conflict");
    assert_eq!(code("reverse 99 if=9:00000000"), "head_conflict");
    assert_eq!(code("withdraw 9USD zz if=9:00000000"), "head_conflict");
    assert_eq!(code("reverse 99"), "not_reversible");
    assert_eq!(code("reverse 1"), "already_reversed");
    assert_eq!(code("transfer 9USD zz closed"), "unknown_account");
    assert_eq!(code("transfer 9USD closed b"), "account_closed");
    assert_eq!(code("open a USD floor=1EUR"), "account_exists");
    assert_eq!(code("transfer 9 b c"), "currency_mismatch");
    assert_eq!(code("close b"), "account_not_empty");
    assert_eq!(code("withdraw 9 b"), "insufficient_funds");
}

#[test]
fn of_a_transfer_from_comes_before_to_within_each_rule() {
    let log = given(&[
        "open x EUR",
        "close x",
        "open y EUR",
        "close y",
        "deposit 1EUR a",
        "deposit 1USD b",
    ]);
    let strict = Log::new(None, true);
    assert_eq!(strict.refused("transfer 1 p q").1, "there is no account p");
    assert_eq!(log.refused("transfer 1 x zz").1, "the account x is closed");
    assert_eq!(log.refused("transfer 1 x y").1, "the account x is closed");
    assert_eq!(
        log.refused("transfer 1USD a y").1,
        "the account y is closed"
    );
    assert_eq!(log.refused("transfer 1GBP a b").1, "a holds EUR, not GBP");
}

#[test]
fn a_proposal_has_what_was_asked_and_an_empty_memo_is_none() {
    let asked = request("deposit 5 a key=k tag=order:7 effective=9 memo=");
    let Ok(Decision::Record(proposals)) = given(&[]).ask(&asked) else {
        panic!("refused");
    };
    let [proposal] = proposals.as_slice() else {
        panic!("{proposals:?}");
    };
    assert_eq!(
        (proposal.effective, proposal.memo.clone()),
        (Some(crate::accounts::testing::second(9)), None)
    );
    assert_eq!(proposal.tags.get("order"), Some("7"));
}
