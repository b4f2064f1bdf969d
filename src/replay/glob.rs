//! Patterns over account names: `expenses:*`, `till-?`.

use unicode_normalization::UnicodeNormalization as _;

/// A pattern: `*` matches any characters including `:`, `?` exactly one; other characters match
/// themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(Vec<char>);

impl Glob {
    /// The pattern of this text. Accents are composed first, as in names.
    pub fn new(text: &str) -> Glob {
        Glob(text.nfc().collect())
    }

    /// True if the text is a pattern and not just a name.
    pub fn is_pattern(text: &str) -> bool {
        text.contains(['*', '?'])
    }

    /// True if the whole name matches.
    ///
    /// Only the last `*` is ever extended: what an earlier one could match in addition, the last
    /// one can match too. So there are at most pattern times name steps.
    pub fn matches(&self, name: &str) -> bool {
        let mut pattern = self.0.as_slice();
        let mut rest = name.chars();
        let mut last_star = None;
        loop {
            let next = rest.clone().next();
            match (pattern.split_first(), next) {
                (Some(('*', after)), _) => {
                    last_star = Some((after, rest.clone()));
                    pattern = after;
                    continue;
                }
                (None, None) => return true,
                (Some((wanted, after)), Some(found)) if *wanted == '?' || *wanted == found => {
                    pattern = after;
                    rest.next();
                    continue;
                }
                _ => {}
            }
            // A mismatch: the last star matches one more character, if there is one.
            let Some((after, taken_to)) = &mut last_star else {
                return false;
            };
            if taken_to.next().is_none() {
                return false;
            }
            pattern = after;
            rest = taken_to.clone();
        }
    }
}

#[cfg(test)]
mod tests;
