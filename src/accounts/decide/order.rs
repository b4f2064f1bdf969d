//! The documented order of refusals: a request that breaks two rules is refused for the earlier one.

use crate::accounts::testing::Log;

/// A ledger with something of everything. Each number is that of an event and of the second at which it
/// was recorded.
const LEDGER: [&str; 32] = [
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
    "open off EUR",              // 26
    "deposit 3EUR off",          // 27
    "reverse 27",                // 28
    "close off",                 // 29: 27 is reversed, and of a closed account
    "deposit 4EUR e",            // 30
    "reverse 30",                // 31
    "reverse 31",                // 32: 31 is a reversal, and reversed
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
    ("exchange 1 a d for=2 key=used if=other", KEY, HEAD),
    ("exchange 1 x d for=2 if=other effective=3", HEAD, SEALED),
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
    ("hold 1 a key=used if=other", KEY, HEAD),
    ("hold 1 a if=other effective=3", HEAD, SEALED),
    ("hold 1 x if=other", HEAD, UNKNOWN),
    ("hold 1 x effective=3", SEALED, UNKNOWN),
    ("hold 1 a expires=3 effective=3", SEALED, TIME),
    ("hold 1 x expires=3", TIME, UNKNOWN),
    ("hold 1 x to=gone", UNKNOWN, CLOSED),
    ("hold 1 gone to=d", CLOSED, CURRENCY),
    ("hold 1.005 a to=d", CURRENCY, DECIMALS),
    ("hold 999 a to=d", CURRENCY, FUNDS),
    ("hold 999.005 a", DECIMALS, FUNDS),
    ("capture 6 key=used if=other", KEY, HEAD),
    ("capture 6 if=other effective=3", HEAD, SEALED),
    ("capture 99 key=used", KEY, NO_HOLD),
    ("capture 99 if=other", HEAD, NO_HOLD),
    ("capture 99 effective=3", SEALED, NO_HOLD),
    ("capture 8 effective=3", SEALED, HOLD_CLOSED),
    ("capture 7 effective=3", SEALED, EXPIRED),
    ("capture 18 effective=3", SEALED, TIME),
    ("capture 6 to=d effective=3", SEALED, USAGE),
    ("capture 20", HOLD_CLOSED, EXPIRED),
    ("capture 20 effective=6", HOLD_CLOSED, TIME),
    ("capture 7 effective=6", EXPIRED, TIME),
    ("capture 7 999", EXPIRED, EXCEEDS_HOLD),
    ("capture 7 to=gone", EXPIRED, CLOSED),
    ("capture 18 effective=50 to=gone", TIME, CLOSED),
    ("capture 18 effective=50 to=d", TIME, CURRENCY),
    ("capture 18 999 effective=50", TIME, EXCEEDS_HOLD),
    ("capture 23 1USD to=gone", CLOSED, CURRENCY),
    ("capture 23 1.005 to=gone", CLOSED, DECIMALS),
    ("capture 23 999 to=gone", CLOSED, EXCEEDS_HOLD),
    ("capture 23 1.005 to=d", CURRENCY, DECIMALS),
    ("capture 6 999USD", CURRENCY, EXCEEDS_HOLD),
    ("capture 6 999.005", DECIMALS, EXCEEDS_HOLD),
    ("release 6 key=used if=other", KEY, HEAD),
    ("release 6 if=other effective=3", HEAD, SEALED),
    ("release 99 key=used", KEY, NO_HOLD),
    ("release 99 if=other", HEAD, NO_HOLD),
    ("release 99 effective=3", SEALED, NO_HOLD),
    ("release 8 effective=3", SEALED, HOLD_CLOSED),
    ("release 7 effective=3", SEALED, EXPIRED),
    ("release 18 effective=3", SEALED, TIME),
    ("release 8 999", HOLD_CLOSED, EXCEEDS_HOLD),
    ("release 7 999", EXPIRED, EXCEEDS_HOLD),
    ("release 18 999 effective=50", TIME, EXCEEDS_HOLD),
    ("release 20", HOLD_CLOSED, EXPIRED),
    ("release 7 effective=6", EXPIRED, TIME),
    ("release 18 1USD effective=50", TIME, CURRENCY),
    ("release 6 1.005XXL", CURRENCY, DECIMALS),
    ("release 6 999USD", CURRENCY, EXCEEDS_HOLD),
    ("release 6 999.005", DECIMALS, EXCEEDS_HOLD),
    ("refund 2 key=used if=other", KEY, HEAD),
    ("refund 2 if=other effective=3", HEAD, SEALED),
    ("refund 31", NOT_REVERSIBLE, REVERSED),
    ("refund 27", REVERSED, CLOSED),
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
    ("reverse 2 key=used if=other", KEY, HEAD),
    ("reverse 2 if=other effective=3", HEAD, SEALED),
    ("reverse 27", REVERSED, CLOSED),
    ("reverse 6 key=used", KEY, NOT_REVERSIBLE),
    ("reverse 6 if=other", HEAD, NOT_REVERSIBLE),
    ("reverse 6 effective=3", SEALED, NOT_REVERSIBLE),
    ("reverse 12 effective=3", SEALED, REVERSED),
    ("reverse 15 effective=3", SEALED, CLOSED),
    ("reverse 15", CLOSED, FUNDS),
    ("correct 19 from=b to=b key=used", USAGE, KEY),
    ("correct 24 amount=2 key=used if=other", KEY, HEAD),
    ("correct 24 amount=2 if=other effective=3", HEAD, SEALED),
    ("correct 31 amount=1", NOT_REVERSIBLE, REVERSED),
    ("correct 27 amount=1", REVERSED, CLOSED),
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
    ("seal 7 key=used if=other", KEY, HEAD),
    ("unseal 3 key=used if=other", KEY, HEAD),
    ("redact 2 key=used if=other", KEY, HEAD),
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

/// As [`ROWS`], in a ledger whose accounts must be opened and that has a final seal.
const STRICT_ROWS: &[(&str, &str, &str)] = &[
    ("capture 4 effective=50 to=x", TIME, UNKNOWN),
    ("capture 5 1USD to=x", UNKNOWN, CURRENCY),
    ("capture 5 1.005 to=x", UNKNOWN, DECIMALS),
    ("capture 5 999 to=x", UNKNOWN, EXCEEDS_HOLD),
    ("hold 999 a to=x", UNKNOWN, FUNDS),
    ("hold 1 gone to=x", UNKNOWN, CLOSED),
    ("exchange 999 a x for=2USD", UNKNOWN, FUNDS),
    ("correct 3 account=x amount=1USD", UNKNOWN, CURRENCY),
    ("unseal key=used", KEY, SEALED),
    ("unseal if=other", HEAD, SEALED),
    ("unseal 1 key=used", KEY, SEALED),
    ("unseal 1 if=other", HEAD, SEALED),
];

#[test]
fn the_order_is_the_same_if_accounts_must_be_opened_and_after_a_final_seal() {
    let log = Log::new(None, true).with(&[
        "open a EUR key=used",   // 1
        "open gone EUR",         // 2
        "deposit 100EUR a",      // 3
        "hold 4 a effective=90", // 4
        "hold 5 a",              // 5
        "close gone",            // 6
        "seal 2 final=yes",      // 7
    ]);
    let mut wrong = Vec::new();
    for (request, first, later) in STRICT_ROWS {
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
