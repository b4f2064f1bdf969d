//! [`Note`]: memo and tags, the part of a line that may be erased. [`Tags`]: its key and value pairs.

use std::borrow::Cow;

use thiserror::Error;

use super::{Hash, Salt};

/// The most bytes a memo has.
pub const MEMO_MAX_BYTES: usize = 4096;

/// Memo and tags, or what is left of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note<'a> {
    /// As it was written.
    Kept {
        /// Keeps the digest from being guessed.
        salt: Salt,
        /// Free text.
        memo: Option<Cow<'a, str>>,
        /// Sorted by key.
        tags: Tags<'a>,
    },
    /// Erased; the digest takes its place and keeps the chain valid.
    Redacted(Hash),
}

impl Note<'_> {
    /// The same note, free of the line it was read from.
    pub fn into_owned(self) -> Note<'static> {
        match self {
            Note::Kept { salt, memo, tags } => Note::Kept {
                salt,
                memo: memo.map(|memo| Cow::Owned(memo.into_owned())),
                tags: tags.into_owned(),
            },
            Note::Redacted(hash) => Note::Redacted(hash),
        }
    }
}

/// Key and value pairs, sorted by key, no key twice, no key empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// Why pairs are not valid tags.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TagsError {
    /// A tag without a key.
    #[error("a tag's key is empty")]
    EmptyKey,
    /// A key that occurs twice.
    #[error("the tag `{0}` is given twice")]
    Twice(String),
    /// A key with the sign that ends a key on the command line.
    #[error("a tag's key cannot contain `=`, as in `{0}`")]
    EqualsSign(String),
}

impl<'a> Tags<'a> {
    /// No tags.
    pub const NONE: &'static Tags<'static> = &Tags(Vec::new());

    /// New tags: sorts pairs by key.
    ///
    /// # Errors
    /// [`TagsError`] if a key is empty, contains `=` or occurs twice.
    pub fn from_pairs(mut pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Result<Tags<'a>, TagsError> {
        if let Some((key, _)) = pairs.iter().find(|(key, _)| key.contains('=')) {
            return Err(TagsError::EqualsSign(key.chars().take(40).collect()));
        }
        pairs.sort();
        Tags::from_sorted(pairs)
    }

    /// Accepts pairs of a log, which are already sorted.
    ///
    /// # Errors
    /// [`TagsError`] if a key is empty, occurs twice, or is not in order.
    pub fn from_sorted(pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>) -> Result<Tags<'a>, TagsError> {
        let keys = || pairs.iter().map(|(key, _)| key);
        if keys().any(|key| key.is_empty()) {
            return Err(TagsError::EmptyKey);
        }
        let out_of_order = keys().zip(keys().skip(1)).find(|(one, next)| one >= next);
        match out_of_order {
            Some((key, _)) => Err(TagsError::Twice(key.to_string())),
            None => Ok(Tags(pairs)),
        }
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pairs, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_ref(), value.as_ref()))
    }

    /// The value under this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(own, _)| *own == key).map(|(_, v)| v)
    }

    /// These tags, with others added or put in their place.
    #[must_use]
    pub fn with(&self, others: &Tags<'_>) -> Tags<'static> {
        let own = self.iter().filter(|(key, _)| others.get(key).is_none());
        Tags::copied(own.chain(others.iter()))
    }

    /// These tags without those of some keys.
    #[must_use]
    pub fn without(&self, keys: &[String]) -> Tags<'static> {
        Tags::copied(
            self.iter()
                .filter(|(key, _)| keys.iter().all(|one| one != key)),
        )
    }

    /// Pairs that were tags, in which no key is twice.
    fn copied<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Tags<'static> {
        let owned = |text: &str| Cow::Owned(text.to_owned());
        let mut pairs: Vec<(Cow<'static, str>, Cow<'static, str>)> = pairs
            .map(|(key, value)| (owned(key), owned(value)))
            .collect();
        pairs.sort();
        Tags(pairs)
    }

    /// The same tags, free of the line they were read from.
    pub fn into_owned(self) -> Tags<'static> {
        Tags(
            self.0
                .into_iter()
                .map(|(key, value)| (Cow::Owned(key.into_owned()), Cow::Owned(value.into_owned())))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_sorted_and_no_key_stands_twice() {
        let tags = Tags::from_pairs(vec![("b".into(), "2".into()), ("a".into(), "1".into())]);
        let tags = tags.unwrap();
        assert_eq!(tags.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "2")]);
        assert_eq!(tags.get("b"), Some("2"));
        let twice = Tags::from_pairs(vec![("a".into(), "2".into()), ("a".into(), "1".into())]);
        assert_eq!(twice, Err(TagsError::Twice("a".into())));
        let empty = Tags::from_pairs(vec![("".into(), "2".into())]);
        assert_eq!(empty, Err(TagsError::EmptyKey));
        let equals = Tags::from_pairs(vec![("a=b".into(), "2".into())]);
        assert_eq!(equals, Err(TagsError::EqualsSign("a=b".into())));
    }
}
