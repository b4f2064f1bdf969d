//! Our names in beancount's spelling.
//!
//! Owns the mapping. An account there begins with one of five words, and each part with a capital or
//! a digit; it holds letters, digits and `-`. Ours stands beside it as metadata, so that nothing is
//! lost; where two of ours would be called alike, the one the log names later gets a number.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::money::Currency;

/// The account outside.
pub(super) const EXTERNAL: &str = "Equity:External";
/// What money of no currency is counted in.
const NO_CURRENCY: &str = "NO-CURRENCY";
/// Codes that beancount reads as values of another kind.
const KEYWORDS: [&str; 3] = ["TRUE", "FALSE", "NULL"];

/// A currency's name there.
pub(super) fn commodity(code: Option<Currency>) -> Cow<'static, str> {
    match code {
        None => Cow::Borrowed(NO_CURRENCY),
        Some(code) if KEYWORDS.contains(&code.text().as_str()) => {
            Cow::Owned(format!("{code}-CURRENCY"))
        }
        Some(code) => Cow::Owned(code.to_string()),
    }
}

/// The names of accounts there.
#[derive(Debug, Default)]
pub(super) struct Names {
    ours_to_theirs: HashMap<String, String>,
}

impl Names {
    /// Names accounts in the order in which the log first names them: what comes later never changes
    /// what an account is called.
    pub(super) fn of<'n>(accounts: impl Iterator<Item = &'n str>) -> Names {
        let mut taken: HashSet<String> = HashSet::from([EXTERNAL.to_owned()]);
        let mut names = Names::default();
        for account in accounts {
            let natural = mapped(account);
            let numbered = (2_u64..).map(|number| format!("{natural}-{number}"));
            let name = std::iter::once(natural.clone())
                .chain(numbered)
                .find(|name| !taken.contains(name))
                .unwrap_or_default();
            taken.insert(name.clone());
            names.ours_to_theirs.insert(account.to_owned(), name);
        }
        names
    }

    /// What an account is called there.
    pub(super) fn name(&self, account: &str) -> &str {
        self.ours_to_theirs
            .get(account)
            .map_or(EXTERNAL, String::as_str)
    }
}

/// The name an account would have if no other had it.
fn mapped(account: &str) -> String {
    let root = account
        .split_once(':')
        .and_then(|(first, rest)| Some((root(first)?, rest)));
    let (root, rest) = root.unwrap_or_else(|| (self::root(account).unwrap_or("Assets"), account));
    rest.split(':').fold(root.to_owned(), |name, segment| {
        format!("{name}:{}", component(segment))
    })
}

/// The word of the five that this one means.
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

/// A part of a name: its first letter made a capital, `X` in front where the script has none, `-` for
/// what cannot stand there.
fn component(segment: &str) -> String {
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

/// A letter to Unicode's general categories, which the standard library does not tell: neither a mark
/// nor a number that counts as alphabetic, nor a letter in a circle or a square.
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
    fn names_are_spelled_as_beancount_wants_them() {
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
            assert_eq!(mapped(ours), theirs, "{ours}");
        }
    }

    #[test]
    fn two_that_would_be_called_alike_get_numbers_in_the_order_of_the_log() {
        let ours = ["a_b", "a-b", "a.b", "a-b-2", "equity:external", "A/b"];
        let names = Names::of(ours.into_iter());
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
        // A shorter log calls them alike.
        let fewer = Names::of(ours.into_iter().take(3));
        assert_eq!(fewer.name("a.b"), "Assets:A-b-3");
    }

    #[test]
    fn what_has_no_currency_or_a_keyword_for_one_gets_a_name_that_is_none_of_ours() {
        assert_eq!(commodity(None), "NO-CURRENCY");
        assert_eq!(commodity(Currency::new("EUR")), "EUR");
        assert_eq!(commodity(Currency::new("NULL")), "NULL-CURRENCY");
        assert_eq!(Currency::new("NULL-CURRENCY"), None);
    }
}
