//! Which accounts are meant: those of some names and globs, or all of them.

use hashbrown::HashMap;

use super::Glob;

/// A set of accounts by names and globs.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Empty for every account.
    patterns: Vec<Glob>,
    /// Earlier results: a log has many events and few accounts.
    asked: HashMap<Box<str>, bool>,
}

impl AccountFilter {
    /// The accounts that match any of these names and globs; all accounts if there are none.
    pub fn new(wanted: &[String]) -> AccountFilter {
        AccountFilter {
            patterns: wanted.iter().map(|text| Glob::new(text)).collect(),
            asked: HashMap::new(),
        }
    }

    /// True if it takes every account.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// True if the account of this name is one of them.
    pub fn takes(&mut self, name: &str) -> bool {
        if self.patterns.is_empty() {
            return true;
        }
        if let Some(answer) = self.asked.get(name) {
            return *answer;
        }
        let answer = self.patterns.iter().any(|glob| glob.matches(name));
        self.asked.insert(name.into(), answer);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_pattern_every_account_is_taken_and_else_those_that_fit_one() {
        let takes = |wanted: &[&str], name: &str| {
            let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
            let mut chosen = AccountFilter::new(&wanted);
            let first = chosen.takes(name);
            assert_eq!(chosen.takes(name), first, "asked again");
            first
        };
        assert!(takes(&[], "a"));
        assert!(takes(&["a"], "a"));
        assert!(!takes(&["a"], "a:b"));
        assert!(takes(&["x", "a:*"], "a:b"));
        assert!(!takes(&["x", "a:*"], "a"));
    }
}
