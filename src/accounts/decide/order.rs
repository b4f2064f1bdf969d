//! The documented order of refusals: a request that breaks two rules is refused for the earlier one.

use crate::accounts::testing::Log;

/// A ledger with something of everything. Each number is that of an event and of the second at which it
/// was recorded.
const LEDGER: [&str; 25] = [
    "deposit 100EUR a key=used", // 1
    "deposit 50EUR b",           // 2
    "open gone EUR",             // 3
    "close gone",                // 4
    "deposit 20USD d",           // 5
    "hold 30 a to=b",            // 6: open
    "hold 10 a expires=12",      // 7: expires
    "hold 5 a",                  // 8
    "release 8",                 // 9: hold 8 is closed
    "transfer 20 a b",           // 10
    "refund 10",                 // 11: nothing of 10 is left to refund
    "transfer 7 a b",            // 12
    "reverse 12",                // 13: 12 is reversed
    "open gone",                 // 14
    "deposit 3 gone",            // 15
    "transfer 3 gone a",         // 16
    "close gone",                // 17: 15 and 16 are of a closed account
    "hold 4 a effective=90",     // 18: takes effect later
    "exchange 1 a d for=2",      // 19
    "hold 6 a expires=22",       // 20
    "capture 20",                // 21: closed, and then expired
    "seal 5",                    // 22
    "hold 2 b",                  // 23
    "deposit 1EUR e",            // 24
    "withdraw 1 b",              // 25
];

const KEY: &str = "key_conflict";
const HEAD: &str = "head_conflict";
const SEALED: &str = "period_sealed";
const NO_HOLD: &str = "unknown_hold";
const NOT_REVERSIBLE: &str = "not_reversible";
const REVERSED: &str = "already_reversed";
const HOLD_CLOSED: &str = "hold_closed";
const EXPIRED: &str = "hold_expired";
const TIME: &str = "invalid_time";
const UNKNOWN: &str = "unknown_account";
const CLOSED: &str = "account_closed";
const EXISTS: &str = "account_exists";
const CURRENCY: &str = "currency_mismatch";
const DECIMALS: &str = "invalid_amount";
const EXCEEDS_HOLD: &str = "exceeds_hold";
const EXCEEDS_REFUND: &str = "exceeds_refundable";
const NOT_EMPTY: &str = "account_not_empty";
const FUNDS: &str = "insufficient_funds";
const NO_NOTE: &str = "nothing_to_redact";
const USAGE: &str = "usage";

/// Each request with the rule for which it is refused and a later one that it breaks too. `if=other` is
/// not the head.
const ROWS: &[(&str, &str, &str)] = &[
    ("open a key=used if=other", KEY, HEAD),
    ("open a if=other effective=3", HEAD, SEALED),
    ("open a effective=3", SEALED, EXISTS),
    ("open a USD", EXISTS, CURRENCY),
    ("open gone USD floor=1.005", CURRENCY, DECIMALS),
    ("limit a floor=1 key=used if=other", KEY, HEAD),
    ("limit x floor=1 if=other", HEAD, UNKNOWN),
    ("limit x floor=1 effective=3", SEALED, UNKNOWN),
    ("limit gone floor=1USD", CLOSED, CURRENCY),
    ("limit a floor=1.005XXL", CURRENCY, DECIMALS),
    ("close a key=used if=other", KEY, HEAD),
    ("close a if=other effective=3", HEAD, SEALED),
    ("close x effective=3", SEALED, UNKNOWN),
    ("close gone effective=3", SEALED, CLOSED),
    ("close a effective=3", SEALED, NOT_EMPTY),
    ("deposit 2 a key=used if=other", KEY, HEAD),
    ("deposit 1 gone if=other effective=3", HEAD, SEALED),
    ("deposit 1 gone effective=5", SEALED, CLOSED),
    ("deposit 1USD gone", CLOSED, CURRENCY),
    ("deposit 1.005 gone", CLOSED, DECIMALS),
    ("deposit 1.005XXL a", CURRENCY, DECIMALS),
    ("withdraw 1 x if=other", HEAD, UNKNOWN),
    ("withdraw 1 x effective=3", SEALED, UNKNOWN),
    ("withdraw 999 gone", CLOSED, FUNDS),
    ("withdraw 999USD a", CURRENCY, FUNDS),
    ("withdraw 999.005 a", DECIMALS, FUNDS),
    ("transfer 1 a a key=used", USAGE, KEY),
    ("transfer 1 gone x effective=5", SEALED, CLOSED),
    ("transfer 1 x gone", UNKNOWN, CLOSED),
    ("transfer 1 gone d", CLOSED, CURRENCY),
    ("transfer 1.005 a d", CURRENCY, DECIMALS),
    ("transfer 999 a d", CURRENCY, FUNDS),
    ("transfer 999.005 a b", DECIMALS, FUNDS),
    ("exchange 1 a a for=2USD key=used", USAGE, KEY),
    ("exchange 1EUR a d for=2EUR key=used", USAGE, KEY),
    ("exchange 1 x d for=2 if=other", HEAD, UNKNOWN),
    ("exchange 1 x d for=2USD effective=3", SEALED, UNKNOWN),
    ("exchange 1 a b for=2 effective=3", SEALED, CURRENCY),
    ("exchange 1 x gone for=2USD", UNKNOWN, CLOSED),
    ("exchange 1 x b for=2EUR", UNKNOWN, CURRENCY),
    ("exchange 1 gone b for=2", CLOSED, CURRENCY),
    ("exchange 1.005 a b for=2", CURRENCY, DECIMALS),
    ("exchange 999 a b for=2", CURRENCY, FUNDS),
    ("exchange 999.005 a d for=2", DECIMALS, FUNDS),
    ("exchange 999 a d for=2.005", DECIMALS, FUNDS),
    ("hold 1 a to=a key=used", USAGE, KEY),
    ("hold 1 x if=other", HEAD, UNKNOWN),
    ("hold 1 a expires=3 effective=3", SEALED, TIME),
    ("hold 1 x expires=3", TIME, UNKNOWN),
    ("hold 1 x to=gone", UNKNOWN, CLOSED),
    ("hold 1 gone to=d", CLOSED, CURRENCY),
    ("hold 1.005 a to=d", CURRENCY, DECIMALS),
    ("hold 999 a to=d", CURRENCY, FUNDS),
    ("hold 999.005 a", DECIMALS, FUNDS),
    ("capture 99 key=used", KEY, NO_HOLD),
    ("capture 99 if=other", HEAD, NO_HOLD),
    ("capture 99 effective=3", SEALED, NO_HOLD),
    ("capture 8 effective=3", SEALED, HOLD_CLOSED),
    ("capture 6 to=d effective=3", SEALED, USAGE),
    ("capture 20", HOLD_CLOSED, EXPIRED),
    ("capture 20 effective=6", HOLD_CLOSED, TIME),
    ("capture 7 effective=6", EXPIRED, TIME),
    ("capture 7 999", EXPIRED, EXCEEDS_HOLD),
    ("capture 18 effective=50 to=gone", TIME, CLOSED),
    ("capture 23 1USD to=gone", CLOSED, CURRENCY),
    ("capture 23 1.005 to=gone", CLOSED, DECIMALS),
    ("capture 23 999 to=gone", CLOSED, EXCEEDS_HOLD),
    ("capture 23 1.005 to=d", CURRENCY, DECIMALS),
    ("capture 6 999USD", CURRENCY, EXCEEDS_HOLD),
    ("capture 6 999.005", DECIMALS, EXCEEDS_HOLD),
    ("release 99 key=used", KEY, NO_HOLD),
    ("release 99 if=other", HEAD, NO_HOLD),
    ("release 99 effective=3", SEALED, NO_HOLD),
    ("release 20", HOLD_CLOSED, EXPIRED),
    ("release 7 effective=6", EXPIRED, TIME),
    ("release 18 1USD effective=50", TIME, CURRENCY),
    ("release 6 1.005XXL", CURRENCY, DECIMALS),
    ("release 6 999USD", CURRENCY, EXCEEDS_HOLD),
    ("release 6 999.005", DECIMALS, EXCEEDS_HOLD),
    ("refund 6 key=used", KEY, NOT_REVERSIBLE),
    ("refund 6 if=other", HEAD, NOT_REVERSIBLE),
    ("refund 6 effective=3", SEALED, NOT_REVERSIBLE),
    ("refund 12 effective=3", SEALED, REVERSED),
    ("refund 10 effective=3", SEALED, EXCEEDS_REFUND),
    ("refund 12 999", REVERSED, EXCEEDS_REFUND),
    ("refund 15", CLOSED, FUNDS),
    ("refund 15 1USD", CLOSED, CURRENCY),
    ("refund 15 999", CLOSED, EXCEEDS_REFUND),
    ("refund 2 1.005XXL", CURRENCY, DECIMALS),
    ("refund 2 999USD", CURRENCY, EXCEEDS_REFUND),
    ("refund 2 999.005", DECIMALS, EXCEEDS_REFUND),
    ("refund 2 999", EXCEEDS_REFUND, FUNDS),
    ("reverse 6 key=used", KEY, NOT_REVERSIBLE),
    ("reverse 6 if=other", HEAD, NOT_REVERSIBLE),
    ("reverse 6 effective=3", SEALED, NOT_REVERSIBLE),
    ("reverse 12 effective=3", SEALED, REVERSED),
    ("reverse 15 effective=3", SEALED, CLOSED),
    ("reverse 15", CLOSED, FUNDS),
    ("correct 19 from=b to=b key=used", USAGE, KEY),
    ("correct 6 amount=1 key=used", KEY, NOT_REVERSIBLE),
    ("correct 6 amount=1 if=other", HEAD, NOT_REVERSIBLE),
    ("correct 6 amount=1 effective=3", SEALED, NOT_REVERSIBLE),
    ("correct 12 amount=1 effective=3", SEALED, REVERSED),
    ("correct 2 account=gone", SEALED, CLOSED),
    ("correct 10 account=x", NOT_REVERSIBLE, USAGE),
    ("correct 12 account=x", REVERSED, USAGE),
    ("correct 16 account=x", USAGE, CLOSED),
    ("correct 16 from=x", UNKNOWN, CLOSED),
    ("correct 16 amount=1USD", CLOSED, CURRENCY),
    ("correct 16 amount=1.005", CLOSED, DECIMALS),
    ("correct 24 amount=1.005XXL", CURRENCY, DECIMALS),
    ("correct 19 for=1.005XXL", CURRENCY, DECIMALS),
    ("correct 25 amount=999 account=d", CURRENCY, FUNDS),
    ("correct 25 amount=999.005", DECIMALS, FUNDS),
    ("seal 3 key=used", KEY, TIME),
    ("seal 3 if=other", HEAD, TIME),
    ("unseal 80 key=used", KEY, TIME),
    ("unseal 80 if=other", HEAD, TIME),
    ("redact 99 key=used", KEY, NO_NOTE),
    ("redact 99 if=other", HEAD, NO_NOTE),
];

#[test]
fn of_two_broken_rules_the_first_in_the_documented_order_is_the_answer() {
    let log = Log::new(None, false).with(&LEDGER);
    let mut wrong = Vec::new();
    for (request, first, later) in ROWS {
        let (code, sentence) = log.refused(&request.replace("if=other", "if=0:00000000"));
        if code != *first {
            wrong.push(format!(
                "`{request}`: {code}, not {first} (before {later}): {sentence}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn from_comes_before_to() {
    let log = Log::new(None, true).with(&["open a", "open b", "close a", "close b"]);
    for (request, account) in [
        ("transfer 1 x y", "x"),
        ("transfer 1 a b", "a"),
        ("hold 1 x to=y", "x"),
        ("hold 1 b to=a", "b"),
        ("exchange 1EUR y x for=2USD", "y"),
    ] {
        let (_, sentence) = log.refused(request);
        assert!(
            sentence.contains(&format!("account {account}")),
            "{request}: {sentence}"
        );
    }
}
