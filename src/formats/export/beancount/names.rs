//! Account and currency names in beancount's spelling.
//!
//! A beancount account begins with one of five words, each segment starts with a capital or a digit,
//! and it contains letters, digits and `-` only. The original name is kept as metadata. If two
//! accounts would get the same name, the one that appears later in the log gets a number.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::money::Currency;

/// The account on the other side of deposits and withdrawals.
pub(super) const EXTERNAL: &str = "Equity:External";
/// The account over which two currencies are exchanged.
pub(super) const EXCHANGE: &str = "Equity:Exchange";
/// The commodity for amounts without a currency.
const NO_CURRENCY: &str = "NO-CURRENCY";
/// Codes that beancount reads as values of another kind.
const RESERVED: [&str; 3] = ["TRUE", "FALSE", "NULL"];

/// The beancount commodity of a currency.
pub(super) fn commodity(code: Option<Currency>) -> Cow<'static, str> {
    match code {
        None => Cow::Borrowed(NO_CURRENCY),
        Some(code) if RESERVED.contains(&code.text().as_str()) => {
            Cow::Owned(format!("{code}-CURRENCY"))
        }
        Some(code) => Cow::Owned(code.to_string()),
    }
}

/// The beancount name of each account.
#[derive(Debug, Default)]
pub(super) struct AccountNames {
    ours_to_theirs: HashMap<String, String>,
}

impl AccountNames {
    /// Assigns names in the order in which accounts first appear in the log, so that later events never
    /// change an earlier name.
    pub(super) fn of<'n>(accounts: impl Iterator<Item = &'n str>) -> AccountNames {
        let mut taken: HashSet<String> = HashSet::from([EXTERNAL.to_owned(), EXCHANGE.to_owned()]);
        let mut names = AccountNames::default();
        for account in accounts {
            let base = beancount_name(account);
            let numbered = (2_u64..).map(|number| format!("{base}-{number}"));
            let name = std::iter::once(base.clone())
                .chain(numbered)
                .find(|name| !taken.contains(name))
                .unwrap_or_default();
            taken.insert(name.clone());
            names.ours_to_theirs.insert(account.to_owned(), name);
        }
        names
    }

    /// The beancount name of an account.
    pub(super) fn name(&self, account: &str) -> &str {
        self.ours_to_theirs
            .get(account)
            .map_or(EXTERNAL, String::as_str)
    }
}

/// The name of an account before numbers are added to make it unique.
fn beancount_name(account: &str) -> String {
    let root = account
        .split_once(':')
        .and_then(|(first, rest)| Some((root(first)?, rest)));
    let (root, rest) = root.unwrap_or_else(|| (self::root(account).unwrap_or("Assets"), account));
    rest.split(':').fold(root.to_owned(), |name, segment| {
        format!("{name}:{}", segment_name(segment))
    })
}

/// Which of beancount's five root accounts a first segment stands for.
fn root(segment: &str) -> Option<&'static str> {
    Some(match segment.to_lowercase().as_str() {
        "assets" | "asset" => "Assets",
        "liabilities" | "liability" => "Liabilities",
        "equity" => "Equity",
        "income" | "revenue" | "revenues" => "Income",
        "expenses" | "expense" => "Expenses",
        _ => return None,
    })
}

/// A segment of a name: the first letter is made a capital, or gets `X` in front if its script has no
/// capitals; `-` replaces other characters.
fn segment_name(segment: &str) -> String {
    let kept: String = segment
        .chars()
        .map(|c| {
            if c.is_ascii_digit() || is_letter(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    let mut rest = kept.chars();
    let Some(first) = rest.next() else {
        return "X".to_owned();
    };
    let capital: String = first.to_uppercase().collect();
    let can_begin = |c: char| c.is_ascii_digit() || (c.is_uppercase() && is_letter(c));
    if capital.starts_with(can_begin) {
        capital + rest.as_str()
    } else {
        format!("X{kept}")
    }
}

/// True for a letter by Unicode's general category. The standard library's `is_alphabetic` also
/// accepts marks, numbers and enclosed letters, which beancount does not.
fn is_letter(c: char) -> bool {
    c.is_alphabetic()
        && !c.is_numeric()
        && !unicode_normalization::char::is_combining_mark(c)
        && !matches!(c, '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_beancounts_rules() {
        for (ours, theirs) in [
            ("assets:bank:giro", "Assets:Bank:Giro"),
            ("Expense:eating-out", "Expenses:Eating-out"),
            ("revenue:2026", "Income:2026"),
            ("main", "Assets:Main"),
            ("assets", "Assets:Assets"),
            ("equity", "Equity:Equity"),
            ("rider:asha", "Assets:Rider:Asha"),
            ("me@example.org", "Assets:Me-example-org"),
            ("日本:円", "Assets:X日本:X円"),
            ("straße:ß", "Assets:Straße:SS"),
            ("œuvre", "Assets:Œuvre"),
            ("ⅷ", "Assets:X-"),
            ("Ⓐb", "Assets:X-b"),
            ("٣", "Assets:X-"),
        ] {
            assert_eq!(beancount_name(ours), theirs, "{ours}");
        }
    }

    #[test]
    fn equal_names_get_numbers_in_the_order_of_the_log() {
        let ours = ["a_b", "a-b", "a.b", "a-b-2", "equity:external", "A/b"];
        let names = AccountNames::of(ours.into_iter());
        let theirs = ours.map(|name| names.name(name));
        assert_eq!(
            theirs,
            [
                "Assets:A-b",
                "Assets:A-b-2",
                "Assets:A-b-3",
                "Assets:A-b-2-2",
                "Equity:External-2",
                "Assets:A-b-4"
            ]
        );
        // A prefix of the log gives the same names.
        let fewer = AccountNames::of(ours.into_iter().take(3));
        assert_eq!(fewer.name("a.b"), "Assets:A-b-3");
    }

    #[test]
    fn no_currency_and_reserved_words_get_names_that_no_currency_has() {
        assert_eq!(commodity(None), "NO-CURRENCY");
        assert_eq!(commodity(Currency::new("EUR")), "EUR");
        assert_eq!(commodity(Currency::new("NULL")), "NULL-CURRENCY");
        assert_eq!(Currency::new("NULL-CURRENCY"), None);
    }
}
