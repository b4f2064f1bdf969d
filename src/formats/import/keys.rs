//! Keys by which the content of a file is known again in a later file.
//!
//! A key is a digest of the format, the account, and the content or the number that the source gives.
//! Equal content is counted: the first, the second and so on. So after an import the ledger has as
//! many equal events as it had before or as the file has, whichever is more.

use hashbrown::HashMap;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use crate::event::{Hash, Key};

/// What has been seen in a file, and how often.
#[derive(Default)]
pub(super) struct Occurrences(HashMap<[u8; 32], u64>);

impl Occurrences {
    /// The key of content, counted among those like it.
    pub(super) fn key(&mut self, format: &str, parts: &[&str]) -> Key<'static> {
        let digest = digest(format, parts);
        let seen = self.0.entry(digest).or_default();
        *seen = seen.saturating_add(1);
        written(format, digest, Some(*seen))
    }
}

/// The key of something that its source numbers. Only a digest of the number: a key is never erased,
/// and an account number must not stay for ever.
pub(super) fn numbered(format: &str, parts: &[&str]) -> Key<'static> {
    written(format, digest(format, parts), None)
}

/// What a key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowIdentity {
    /// A key or a number in the file.
    Number,
    /// The content, counted among equal content.
    Content,
    /// An event of a ledger of our own, known by its key or its content.
    Event,
}

/// Splits a key made of content into its digest and its count.
pub fn counted(key: &str) -> Option<(&str, u64)> {
    let whole = key.split_once('/').map_or(key, |(whole, _)| whole);
    let (digest, count) = whole.rsplit_once(':')?;
    digest.contains(':').then_some(())?;
    Some((digest, count.parse().ok()?))
}

/// The key of content that was counted further by so many.
pub fn recounted(key: &Key<'_>, by: u64) -> Option<Key<'static>> {
    let (digest, count) = counted(key.as_str())?;
    let part = key.as_str().split_once('/').map_or("", |(_, part)| part);
    let count = count.checked_add(by)?;
    let text = match part {
        "" => format!("{digest}:{count}"),
        part => format!("{digest}:{count}/{part}"),
    };
    Key::new(text).ok()
}

/// A text as it is compared: in NFC.
pub(super) fn comparable(text: &str) -> String {
    text.nfc().collect()
}

/// The key of one of several parts.
pub(super) fn part_of(key: &Key<'_>, part: usize) -> Key<'static> {
    let text = format!("{key}/{part}");
    // Too long only if the key is: then its digest replaces it.
    Key::new(text.clone()).unwrap_or_else(|_| numbered("part", &[&text]))
}

fn digest(format: &str, parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in [format].iter().chain(parts) {
        // The length first, so that no two lists of parts are the same bytes.
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

#[expect(
    clippy::expect_used,
    reason = "short, not empty and without control characters"
)]
fn written(format: &str, digest: [u8; 32], occurrence: Option<u64>) -> Key<'static> {
    let digest = Hash::from_bytes(digest);
    let digest = digest.short(32);
    let text = match occurrence {
        Some(occurrence) => format!("{format}:{digest}:{occurrence}"),
        None => format!("{format}:{digest}"),
    };
    Key::new(text).expect("a key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_has_the_same_keys_in_every_file() {
        let keys = |rows: &[&[&str]]| {
            let mut occurrences = Occurrences::default();
            let keys = rows
                .iter()
                .map(|row| occurrences.key("csv", row).to_string());
            keys.collect::<Vec<_>>()
        };
        let one = keys(&[&["a"], &["b"], &["a"]]);
        let other = keys(&[&["a"], &["a"], &["a"], &["b"]]);
        assert_eq!(one[0], other[0]);
        assert_eq!(one[2], other[1]);
        assert_eq!(one[1], other[3]);
        assert!(!one.contains(&other[2]));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(numbered("ofx", &["ab", "c"]), numbered("ofx", &["a", "bc"]));
        assert_ne!(numbered("ofx", &["a", ""]), numbered("ofx", &["a"]));
    }

    #[test]
    fn counted_keys_are_told_from_numbered_ones_and_count_on() {
        let mut occurrences = Occurrences::default();
        let key = occurrences.key("csv", &["a"]);
        let digest = key.as_str().strip_suffix(":1").unwrap().to_owned();
        assert_eq!(counted(key.as_str()), Some((digest.as_str(), 1)));
        assert_eq!(counted(numbered("csv", &["a"]).as_str()), None);
        let part = part_of(&key, 2);
        assert_eq!(counted(part.as_str()), Some((digest.as_str(), 1)));
        let later = recounted(&part, 3).unwrap();
        assert_eq!(later.as_str(), format!("{digest}:4/2"));
    }

    #[test]
    fn a_part_of_a_long_key_is_a_key() {
        let long = Key::new("k".repeat(128)).unwrap();
        assert_ne!(part_of(&long, 1), part_of(&long, 2));
        assert_eq!(part_of(&Key::new("a").unwrap(), 2).as_str(), "a/2");
    }
}
