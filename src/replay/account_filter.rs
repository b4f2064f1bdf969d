//! Which accounts are meant: those of some names and globs, or all of them.

use hashbrown::HashMap;

use super::Glob;

/// A set of accounts by names and globs.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// `None` for every account.
    patterns: Option<Vec<Glob>>,
    /// Earlier results: a log has many events and few accounts.
    asked: HashMap<Box<str>, bool>,
}

impl AccountFilter {
    /// The accounts that match any of these names and globs: with an empty list none, with `None` all.
    pub fn new(wanted: Option<&[String]>) -> AccountFilter {
        let globs = |wanted: &[String]| wanted.iter().map(|text| Glob::new(text)).collect();
        AccountFilter {
            patterns: wanted.map(globs),
            asked: HashMap::new(),
        }
    }

    /// True if it takes every account.
    pub fn is_all(&self) -> bool {
        self.patterns.is_none()
    }

    /// True if the account of this name is one of them.
    pub fn takes(&mut self, name: &str) -> bool {
        let Some(patterns) = &self.patterns else {
            return true;
        };
        if let Some(answer) = self.asked.get(name) {
            return *answer;
        }
        let answer = patterns.iter().any(|glob| glob.matches(name));
        self.asked.insert(name.into(), answer);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_list_every_account_is_taken_and_else_those_that_fit_one_of_it() {
        let takes = |wanted: &[&str], name: &str| {
            let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
            let mut chosen = AccountFilter::new(Some(&wanted));
            let first = chosen.takes(name);
            assert_eq!(chosen.takes(name), first, "asked again");
            first
        };
        assert!(AccountFilter::new(None).takes("a"));
        assert!(!takes(&[], "a"));
        assert!(takes(&["a"], "a"));
        assert!(!takes(&["a"], "a:b"));
        assert!(takes(&["x", "a:*"], "a:b"));
        assert!(!takes(&["x", "a:*"], "a"));
    }
}
