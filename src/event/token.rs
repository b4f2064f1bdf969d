//! Short texts with their own form: hashes, heads, keys, ids, salts.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A SHA-256 as its 64 lower-case hex digits. Compared as bytes: upper case is another text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; 64]);

impl Hash {
    /// Reads exactly 64 lower-case hex digits.
    pub fn from_hex(text: &[u8]) -> Option<Hash> {
        let digits: [u8; 64] = text.try_into().ok()?;
        is_lower_hex(&digits).then_some(Hash(digits))
    }

    /// Writes 32 bytes as hex.
    pub fn from_bytes(bytes: [u8; 32]) -> Hash {
        Hash(hex(bytes))
    }

    /// True if the digits have the value of these eight big-endian words.
    #[inline]
    pub(crate) fn says(&self, words: &[u32; 8]) -> bool {
        let digits = self.0.as_chunks::<8>().0;
        let differences = digits
            .iter()
            .zip(words)
            .fold(0, |found, (eight, word)| found | (word_of(*eight) ^ word));
        differences == 0
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The digits as bytes.
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// The first `digits` of it, for people.
    pub fn short(&self, digits: usize) -> &str {
        self.as_str().get(..digits).unwrap_or_else(|| self.as_str())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Without a branch a byte: every line of a log passes through here.
fn is_lower_hex(text: &[u8]) -> bool {
    let strays = text.iter().fold(0, |strays, byte| {
        let not_a_digit = u8::from(byte.wrapping_sub(b'0') > 9);
        let not_a_letter = u8::from(byte.wrapping_sub(b'a') > 5);
        strays | (not_a_digit & not_a_letter)
    });
    strays == 0
}

/// Two digits per byte, all at once if the processor can: every line is hashed.
#[inline]
fn hex<const BYTES: usize, const DIGITS: usize>(bytes: [u8; BYTES]) -> [u8; DIGITS] {
    let high = bytes.map(|byte| hex_digit(byte >> 4));
    let low = bytes.map(|byte| hex_digit(byte & 15));
    let mut digits = [0; DIGITS];
    let (pairs, _) = digits.as_chunks_mut::<2>();
    for (pair, (high, low)) in pairs.iter_mut().zip(high.into_iter().zip(low)) {
        *pair = [high, low];
    }
    digits
}

/// The hex digit of a value below 16. The word that eight lower-case hex digits stand for: first
/// all digits to values, then neighbours combined to bytes, then the bytes moved together.
#[inline]
fn word_of(digits: [u8; 8]) -> u32 {
    const EACH: u64 = u64::MAX / 255;
    let digits = u64::from_le_bytes(digits);
    // Only a letter has this bit.
    let letters = (digits >> 6) & EACH;
    let values = (digits & EACH.wrapping_mul(15)).wrapping_add(letters.wrapping_mul(9));
    let bytes = ((values << 4) | (values >> 8)) & 0x00ff_00ff_00ff_00ff;
    let pairs = (bytes | (bytes >> 8)) & 0x0000_ffff_0000_ffff;
    let word = (pairs | (pairs >> 16)) & 0xffff_ffff;
    u32::try_from(word).unwrap_or_default().swap_bytes()
}

fn hex_digit(value: u8) -> u8 {
    const FROM_NINE_TO_A: u8 = b'a' - b'0' - 10;
    let letter = u8::from(value > 9).wrapping_mul(FROM_NINE_TO_A);
    value.wrapping_add(b'0').wrapping_add(letter)
}

/// A moment of the log as a word: `17:3fa9c1…`, the number of an event and its hash, which may be
/// cut to 8 digits or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The event's number.
    pub seq: u64,
    /// The first digits of its hash, at least 8.
    pub hash_prefix: String,
}

/// Why a text is not a head.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{0}` is not a head: SEQ:HASH as `ledger head` prints it, the hash with 8 to 64 hex digits"
)]
pub struct HeadError(pub String);

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Head, HeadError> {
        let wrong = || HeadError(text.chars().take(80).collect());
        let (seq, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
        let plain_number = !seq.is_empty()
            && seq.bytes().all(|byte| byte.is_ascii_digit())
            && (seq == "0" || !seq.starts_with('0'));
        if !plain_number || !(8..=64).contains(&hash.len()) || !is_lower_hex(hash.as_bytes()) {
            return Err(wrong());
        }
        Ok(Head {
            seq: seq.parse().map_err(|_| wrong())?,
            hash_prefix: hash.to_owned(),
        })
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash_prefix)
    }
}

impl Head {
    /// The head of an event, whole.
    pub fn new(seq: u64, hash: &Hash) -> Head {
        Head {
            seq,
            hash_prefix: hash.as_str().to_owned(),
        }
    }

    /// True if this is the head of the event with that number and hash.
    pub fn is_of(&self, seq: u64, hash: &Hash) -> bool {
        self.seq == seq && hash.as_str().starts_with(&self.hash_prefix)
    }
}

/// An idempotency key: 1 to 128 characters, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key<'a>(Cow<'a, str>);

/// Why a text is not a key.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum KeyError {
    /// No characters at all.
    #[error("the key is empty")]
    Empty,
    /// Longer than 128 characters.
    #[error("the key has more than 128 characters")]
    TooLong,
    /// A control character in it.
    #[error("the key contains the control character {0:?}")]
    Control(char),
}

impl<'a> Key<'a> {
    /// Reads a key.
    ///
    /// # Errors
    /// [`KeyError`] with the first thing that is wrong.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Key<'a>, KeyError> {
        let text = text.into();
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        if let Some(c) = text.chars().find(|c| c.is_control()) {
            return Err(KeyError::Control(c));
        }
        if text.len() > 128 && text.chars().count() > 128 {
            return Err(KeyError::TooLong);
        }
        Ok(Key(text))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same key, free of the line it was read from.
    pub fn into_owned(self) -> Key<'static> {
        Key(Cow::Owned(self.0.into_owned()))
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A ledger's id: 32 random hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LedgerId([u8; 32]);

impl LedgerId {
    /// Reads exactly 32 lower-case hex digits.
    pub fn from_hex(text: &[u8]) -> Option<LedgerId> {
        let digits: [u8; 32] = text.try_into().ok()?;
        is_lower_hex(&digits).then_some(LedgerId(digits))
    }

    /// Writes 16 bytes as hex.
    pub fn from_bytes(bytes: [u8; 16]) -> LedgerId {
        LedgerId(hex(bytes))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for LedgerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for LedgerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// 16 random bytes that keep a note from being guessed from its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Salt(pub [u8; 16]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_its_own_words_and_no_others() {
        for start in 0..=255_u8 {
            let mut next = start;
            let bytes: [u8; 32] = std::array::from_fn(|_| {
                next = next.wrapping_mul(5).wrapping_add(37);
                next
            });
            let hash = Hash::from_bytes(bytes);
            let words: [u32; 8] = std::array::from_fn(|at| {
                u32::from_be_bytes(bytes[at * 4..at * 4 + 4].try_into().unwrap())
            });
            assert!(hash.says(&words));
            for bit in 0..256 {
                let mut other = words;
                other[bit / 32] ^= 1 << (bit % 32);
                assert!(!hash.says(&other), "bit {bit}");
            }
        }
    }

    #[test]
    fn a_hash_in_upper_case_is_no_hash() {
        assert!(Hash::from_hex(&[b'a'; 64]).is_some());
        assert!(Hash::from_hex(&[b'A'; 64]).is_none());
        assert!(Hash::from_hex(&[b'a'; 63]).is_none());
        assert_eq!(Hash::from_bytes([0x0f; 32]).as_str(), "0f".repeat(32));
    }

    #[test]
    fn a_head_is_a_number_and_at_least_eight_digits_of_a_hash() {
        let head: Head = "17:3fa9c1d2".parse().unwrap();
        assert_eq!((head.seq, head.hash_prefix.as_str()), (17, "3fa9c1d2"));
        for bad in [
            "",
            "17",
            "17:",
            "17:3fa9c1d",
            "17:3FA9C1D2",
            "x:3fa9c1d2",
            "017:3fa9c1d2",
            "-1:3fa9c1d2",
            "99999999999999999999:3fa9c1d2",
            "seq:17",
        ] {
            assert!(bad.parse::<Head>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_has_1_to_128_characters_and_no_control_character() {
        assert!(Key::new("é".repeat(128)).is_ok());
        assert_eq!(Key::new("é".repeat(129)), Err(KeyError::TooLong));
        assert_eq!(Key::new(""), Err(KeyError::Empty));
        assert_eq!(Key::new("a\u{7f}"), Err(KeyError::Control('\u{7f}')));
        assert_eq!(Key::new("a\u{85}"), Err(KeyError::Control('\u{85}')));
    }
}
