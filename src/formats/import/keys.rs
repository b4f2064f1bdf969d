//! Keys made of what a file says, so that the same is known again.
//!
//! Owns what a key is made of: the format, the account, and the content or the source's own number.
//! Content that stands twice on a day is two events: the first, the second and so on are counted, so
//! that a ledger holds afterwards as many as it held before or as many as the file has, whichever is
//! more.

use hashbrown::HashMap;
use sha2::{Digest as _, Sha256};

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

/// The key of something that its source numbers itself. Only a digest of it: a key is never erased,
/// and nobody's account number is to stay for ever.
pub(super) fn numbered(format: &str, parts: &[&str]) -> Key<'static> {
    written(format, digest(format, parts), None)
}

/// A key's own part of several.
pub(super) fn part_of(key: &Key<'_>, part: usize) -> Key<'static> {
    let text = format!("{key}/{part}");
    // Too long only where somebody's own key is: then its digest stands for it.
    Key::new(text.clone()).unwrap_or_else(|_| numbered("part", &[&text]))
}

fn digest(format: &str, parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in [format].iter().chain(parts) {
        // The length in front, so that no two lists of parts come to the same bytes.
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
    fn a_part_of_a_long_key_is_a_key() {
        let long = Key::new("k".repeat(128)).unwrap();
        assert_ne!(part_of(&long, 1), part_of(&long, 2));
        assert_eq!(part_of(&Key::new("a").unwrap(), 2).as_str(), "a/2");
    }
}
