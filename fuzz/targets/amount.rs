//! AMOUNT: whatever is typed is exactly the figure that its digits say, or an error that is short;
//! and what the log says of a figure has one spelling.
#![no_main]

use event_ledger::money::{Amount, Balance, Figure, Floor, Scale, TypedAmount};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(amount) = Amount::from_canonical(text.as_bytes()) {
        assert_eq!(amount.to_string(), text);
        assert!(amount.billionths() > 0);
    }
    if let Some((balance, scale)) = Balance::from_canonical(text.as_bytes()) {
        assert_eq!(balance.to_text(scale), text);
    }
    if let Some(floor) = Floor::from_canonical(text.as_bytes()) {
        let written = floor.to_text(Scale::WHOLE);
        assert_eq!(Floor::from_canonical(written.as_bytes()), Some(floor));
    }
    let figure = match Figure::parse(text) {
        Ok(figure) => figure,
        Err(error) => {
            assert!(error.to_string().len() < 1024, "{error}");
            assert!(TypedAmount::parse(text).is_err());
            return;
        }
    };
    assert_eq!(figure.balance.billionths(), by_its_digits(text), "{text:?}");
    assert!(figure.balance.finest_scale() <= figure.scale);
    match TypedAmount::parse(text) {
        Ok(typed) => {
            assert_eq!(typed.amount.as_balance(), figure.balance);
            assert_eq!(typed.currency, figure.currency);
            let canonical = typed.amount.to_string();
            assert_eq!(
                Amount::from_canonical(canonical.as_bytes()),
                Some(typed.amount)
            );
        }
        Err(error) => {
            assert!(figure.balance.billionths() <= 0, "{text:?}: {error}");
            assert!(error.to_string().len() < 1024, "{error}");
        }
    }
});

/// What a text says when everything is passed over that is no digit, no point and no minus. A code
/// that a blank parts from the figure begins with a letter, and may hold digits; a glued one is
/// letters only.
fn by_its_digits(text: &str) -> i128 {
    let is_letter = |c: char| c.is_ascii_alphabetic();
    let mut words = text.split_whitespace();
    let figure = match (words.next(), words.next()) {
        (Some(word), None) => word.trim_matches(is_letter),
        (Some(one), Some(other)) if one.starts_with(is_letter) => other,
        (Some(one), _) => one,
        (None, _) => "",
    };
    let is_negative = figure.contains(['-', '\u{2212}']);
    let (whole, fraction) = figure.split_once('.').unwrap_or((figure, ""));
    let digits = |part: &str| {
        part.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let billionths = format!("{}{:0<9}", digits(whole), digits(fraction));
    let billionths: i128 = billionths.parse().expect("27 digits at most");
    if is_negative { -billionths } else { billionths }
}
