//! Currencies as files name them: codes in either case, and the signs that banks write.
//!
//! A sign of several currencies is none until the user names one.

use crate::money::Currency;

/// Signs with the currencies that they can be.
const SIGNS: &[(&str, &[&str])] = &[
    ("€", &["EUR"]),
    // The pound is sterling for banks, the franc Swiss; others write their own sign.
    ("£", &["GBP"]),
    ("fr", &["CHF"]),
    ("₹", &["INR"]),
    ("₽", &["RUB"]),
    ("₺", &["TRY"]),
    ("₩", &["KRW"]),
    ("₪", &["ILS"]),
    ("₫", &["VND"]),
    ("₱", &["PHP"]),
    ("₴", &["UAH"]),
    ("₦", &["NGN"]),
    ("₿", &["BTC"]),
    ("฿", &["THB"]),
    ("zł", &["PLN"]),
    ("kč", &["CZK"]),
    ("ft", &["HUF"]),
    ("лв", &["BGN"]),
    ("sfr", &["CHF"]),
    ("r$", &["BRL"]),
    ("us$", &["USD"]),
    ("u$s", &["USD"]),
    ("usd$", &["USD"]),
    ("ca$", &["CAD"]),
    ("can$", &["CAD"]),
    ("cad$", &["CAD"]),
    ("c$", &["CAD", "NIO"]),
    ("a$", &["AUD"]),
    ("au$", &["AUD"]),
    ("nz$", &["NZD"]),
    ("s$", &["SGD"]),
    ("hk$", &["HKD"]),
    ("nt$", &["TWD"]),
    ("mx$", &["MXN"]),
    ("mex$", &["MXN"]),
    ("ar$", &["ARS"]),
    ("s/", &["PEN"]),
    ("rm", &["MYR"]),
    ("rp", &["IDR"]),
    ("rs", &["INR", "PKR", "LKR", "NPR", "MUR"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
    ("skr", &["SEK"]),
    ("nkr", &["NOK"]),
    ("dkr", &["DKK"]),
    ("¥", &["JPY", "CNY"]),
    ("元", &["CNY"]),
    ("円", &["JPY"]),
    (
        "$",
        &[
            "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP", "TWD", "NAD",
        ],
    ),
];

/// The currencies that a unit beside a number can be: none, one or several.
pub(super) fn candidates(unit: &str) -> Vec<Currency> {
    let unit = unit.trim();
    if let Some(currency) = Currency::new(unit) {
        return vec![currency];
    }
    let lower = unit.to_lowercase();
    let bare = lower.strip_suffix('.').unwrap_or(&lower);
    if let Some((_, codes)) = SIGNS.iter().find(|(sign, _)| *sign == bare) {
        return codes
            .iter()
            .filter_map(|code| Currency::new(code))
            .collect();
    }
    let upper = Currency::new(&unit.to_uppercase());
    upper
        .filter(|code| is_iso(*code) || code.to_string() == "BTC" || code.to_string() == "ETH")
        .into_iter()
        .collect()
}

/// True of a code that ISO 4217 knows.
pub(super) fn is_iso(currency: Currency) -> bool {
    currency.minor_digits().is_some()
}

/// True if what stands beside a number can be a currency, or nothing does.
pub(super) fn can_be_money(unit: &str) -> bool {
    unit.is_empty() || !candidates(unit).is_empty()
}

/// The one currency that a unit names; `None` if it names none for certain.
pub(super) fn certain(unit: &str) -> Option<Currency> {
    match candidates(unit).as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// The currency of a unit if the user says `asked`: a sign of several currencies is then that one.
pub(super) fn resolve(unit: &str, asked: Option<Currency>) -> Option<Currency> {
    let candidates = candidates(unit);
    match (candidates.as_slice(), asked) {
        ([one], _) => Some(*one),
        (several, Some(asked)) if several.contains(&asked) => Some(asked),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_codes_name_currencies_and_some_name_several() {
        let named = |unit: &str| certain(unit).map(|code| code.to_string());
        for (unit, code) in [
            ("€", "EUR"),
            ("usd", "USD"),
            ("R$", "BRL"),
            ("US$", "USD"),
            ("CA$", "CAD"),
            ("zł", "PLN"),
            ("Fr.", "CHF"),
            ("BTC", "BTC"),
        ] {
            assert_eq!(named(unit).as_deref(), Some(code), "{unit}");
        }
        for unit in ["$", "kr.", "Rs.", "¥", "x", ""] {
            assert_eq!(named(unit), None, "{unit}");
        }
        let asked = |unit: &str, code: &str| resolve(unit, Currency::new(code)).is_some();
        assert!(asked("kr.", "SEK") && asked("Rs.", "INR") && asked("C$", "CAD"));
        assert!(!asked("kr.", "EUR") && !asked("x", "EUR"));
    }
}
