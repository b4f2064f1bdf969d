use super::*;
use crate::accounts::Operation;
use crate::event::EventRef;

fn read(text: &str, options: &Options) -> Result<Imported, ImportError> {
    super::read(&mut std::io::Cursor::new(text.as_bytes().to_vec()), options)
}

fn wrong(line: &str) -> String {
    let error = read(line, &Options::default()).unwrap_err();
    format!("{}: {}", error.place, error.fault)
}

fn amounts(text: &str) -> Vec<String> {
    let rows = read(text, &Options::default()).unwrap().rows;
    rows.iter()
        .map(|row| match &row.request.operation {
            Operation::Deposit { amount, .. } => amount.amount.to_string(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn numbers_are_taken_by_their_digits() {
    let text = r#"{"type":"deposit","amount":0.1}
{"type":"deposit","amount":0.20}
{"type":"deposit","amount":123456789012345678.123456789}
{"type":"deposit","amount":"50"}"#;
    assert_eq!(
        amounts(text),
        ["0.1", "0.20", "123456789012345678.123456789", "50"]
    );
}

#[test]
fn mistakes_name_line_and_column() {
    for (line, expected) in [
        (
            r#"{"type":"deposit","amount":1e2}"#,
            "line 1, column 28: `1e2` has an exponent; amounts are plain decimals",
        ),
        (
            r#"{"type":"deposit","amount":-5}"#,
            "line 1, column 28: an amount must be greater than zero, `-5` is not",
        ),
        (
            r#"{"type":"deposit","amount":true}"#,
            "line 1, column 28: found `true`, expected a text or a number",
        ),
        (r#"{"type":"deposit"}"#, "line 1: `amount` is missing"),
        (
            r#"{"type":"pay","amount":5}"#,
            "line 1, column 9: found the type `pay`, expected one of deposit, withdraw, transfer, exchange, open, limit, close, reverse, undo",
        ),
        (
            r#"{"type":"close","account":"a","amount":5}"#,
            "line 1, column 40: found `amount`, expected a word that `close` takes",
        ),
        (
            r#"{"type":"deposit","amount":5,"amount":6}"#,
            "line 1, column 39: `amount` occurs twice",
        ),
        (
            r#"{"type":"deposit","amount":5,"tags":{"a":"1","a":"2"}}"#,
            "line 1, column 37: the tag `a` is given twice",
        ),
        (r#"{"amount":5}"#, "line 1: `type` is missing"),
        (
            r#"{"type":"deposit","amuont":5}"#,
            "line 1, column 28: there is no word `amuont`; did you mean `amount`?",
        ),
        (
            r#"{"type":"deposit","amount":5,"memo":7}"#,
            "line 1, column 37: found `7`, expected a text",
        ),
        (
            r#"{"type":"deposit","amount":5,"seq":"7"}"#,
            "line 1, column 36: found `\"7\"`, expected a whole number",
        ),
        (
            r#"["deposit",5]"#,
            "line 1, column 1: an array cannot be imported",
        ),
        (
            r#"{"type":"deposit","amount":5,"effective":"yesterday"}"#,
            "line 1, column 42: `yesterday` is not a date that can be read in one way",
        ),
        (
            r#"{"type":"deposit","amount":5,"dry_run":true}"#,
            "line 1: the receipt of a dry run, which recorded nothing, cannot be imported",
        ),
    ] {
        assert_eq!(wrong(line), expected, "{line}");
    }
    let log = r#"{"v":1,"seq":1,"at":"2026-11-23T10:15:02.000000Z","type":"deposit","account":"main","amount":"5","hash":"00","note":{"salt":"q83vEjRWeJCrze8SNFZ4kA","memo":"x"}}"#;
    assert!(wrong(log).contains("a line of a log"), "{}", wrong(log));
}

#[test]
fn lines_that_are_alike_are_counted_and_known_by_their_own_key_where_they_have_one() {
    let keys = |text: &str| {
        let rows = read(text, &Options::default()).unwrap().rows;
        let keys = rows
            .iter()
            .map(|row| row.request.key.as_ref().unwrap().to_string());
        keys.collect::<Vec<_>>()
    };
    let line = r#"{"type":"deposit","amount":50}"#;
    let twice = keys(&format!("{line}\n{line}\n"));
    assert_ne!(twice[0], twice[1]);
    let later = keys(&format!(
        "{line}\n{{\"type\":\"withdraw\",\"amount\":5}}\n{line}\n{line}\n"
    ));
    assert_eq!([&later[0], &later[2]], [&twice[0], &twice[1]]);
    let own = keys(r#"{"type":"deposit","amount":50,"key":"order-7"}"#);
    assert_eq!(own, ["order-7"]);
}

#[test]
fn what_was_recorded_elsewhere_took_effect_when_it_was_and_its_reversal_is_one() {
    let text = r#"{"v":1,"seq":0,"at":"2026-01-01T00:00:00.000000Z","type":"ledger","id":"00","currency":"EUR","zone":"Europe/Vienna","hash":"00"}
{"v":1,"seq":4,"at":"2026-01-02T10:00:00.000000Z","type":"deposit","account":"main","amount":"5.00","currency":"EUR","hash":"00"}
{"v":1,"seq":5,"at":"2026-01-03T10:00:00.000000Z","type":"withdraw","account":"main","amount":"5.00","currency":"EUR","reverses":4,"hash":"00"}
{"v":1,"seq":6,"at":"2026-01-04T10:00:00.000000Z","type":"deposit","account":"main","amount":"7.00","currency":"EUR","reverses":2,"hash":"00"}"#;
    let imported = read(text, &Options::default()).unwrap();
    let settings = imported.settings.unwrap();
    assert_eq!(settings.ledger.zone.name(), "Europe/Vienna");
    let [first, second, third] = imported.rows.as_slice() else {
        panic!("{:?}", imported.rows);
    };
    let effective = first.request.effective.as_ref().unwrap().text();
    assert_eq!(effective, "2026-01-02T10:00:00.000000Z");
    let key = first.request.key.clone().unwrap();
    assert_eq!(
        second.request.operation,
        Operation::Reverse {
            event: EventRef::Key(key)
        }
    );
    // What it reverses is not in the file.
    assert!(matches!(third.request.operation, Operation::Deposit { .. }));
    assert_eq!(third.request.tags.get("reverses"), Some("2"));
}
