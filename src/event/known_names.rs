//! Account names that were read before: most names of a log are, and need no second look.
//!
//! Owns a memory that forgets and is never asked what a name is. Must not know lines.

use super::AccountName;
use super::name::first_quote;

/// Names of up to this many bytes are remembered.
const LONGEST: usize = 31;
/// So many places there are; two names that have the same one take turns.
const PLACES: usize = 1 << PLACE_BITS;
const PLACE_BITS: u32 = 13;
/// What is so short that it names no more accounts than this is read without a memory. Tests and
/// fuzzing are to meet it at once.
const WORTH_IT: u32 = if cfg!(any(test, fuzzing)) { 1 } else { 256 };

/// The names that were read before.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownNames {
    /// How many names were read before there was a memory.
    read: u32,
    places: Vec<Word>,
}

/// A short name as two numbers: its bytes, with zeros behind them, and its length in the last one.
type Word = (u128, u128);

impl KnownNames {
    /// Reads the name that a text starts with, up to a quote; `None` where that cannot be told here:
    /// not every name is one that is read quickly.
    #[inline]
    pub(crate) fn ahead_of_quote<'a>(&mut self, text: &'a str) -> Option<AccountName<'a>> {
        let Some((word, length)) = short_word(text.as_bytes()) else {
            return AccountName::ahead_of_quote(text);
        };
        let place = place(word);
        if self.places.get(place) == Some(&word) {
            return text.get(..length).map(AccountName::seen_to_be_one);
        }
        self.read_anew(text, place, word)
    }

    #[inline(never)]
    fn read_anew<'a>(
        &mut self,
        text: &'a str,
        place: usize,
        word: Word,
    ) -> Option<AccountName<'a>> {
        let name = AccountName::ahead_of_quote(text)?;
        if let Some(known) = self.places.get_mut(place) {
            *known = word;
        } else if self.read >= WORTH_IT {
            self.places = vec![(0, 0); PLACES];
        } else {
            self.read = self.read.saturating_add(1);
        }
        Some(name)
    }
}

/// What stands ahead of the first quote, where that is short and not nothing, with its length.
#[inline]
fn short_word(bytes: &[u8]) -> Option<(Word, usize)> {
    let (low, rest) = bytes.split_first_chunk::<16>()?;
    let low = u128::from_le_bytes(*low);
    let quote = first_quote(low);
    let (low, high, length) = if quote < 16 {
        (cut(low, quote), 0, usize::from(quote))
    } else {
        let high = u128::from_le_bytes(*rest.first_chunk::<16>()?);
        let quote = first_quote(high);
        (low, cut(high, quote), usize::from(quote).wrapping_add(16))
    };
    // The last byte is free, and zeros in a name are told apart from those behind it.
    let told = u128::from(u8::try_from(length).ok()?) << 120;
    (1..=LONGEST)
        .contains(&length)
        .then_some(((low, high | told), length))
}

/// The first bytes of a word.
#[inline]
fn cut(word: u128, bytes: u8) -> u128 {
    let kept = 1_u128.checked_shl(u32::from(bytes).wrapping_mul(8));
    word & kept.unwrap_or(0).wrapping_sub(1)
}

/// Where a name is remembered.
#[inline]
fn place((low, high): Word) -> usize {
    /// Odd, without a pattern: the golden ratio's digits.
    const MIXER: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
    let mixed = (low ^ high.rotate_left(59)).wrapping_mul(MIXER);
    usize::try_from(mixed >> (128 - PLACE_BITS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str) -> String {
        format!("{name}\",\"amount\":\"20.00\",\"currency\":\"EUR\"")
    }

    #[test]
    fn a_name_is_read_alike_whether_it_is_known_or_not() {
        let mut known = KnownNames::default();
        for _ in 0..2 {
            for number in 0..4000_usize {
                for name in [
                    format!("a{number}"),
                    format!("assets:bank:number{number}"),
                    "x".repeat(number % 70),
                    format!("é{number}"),
                ] {
                    let text = line(&name);
                    let anew = AccountName::ahead_of_quote(&text);
                    assert_eq!(known.ahead_of_quote(&text), anew, "{name}");
                }
            }
        }
        assert_eq!(known.places.len(), PLACES);
    }

    #[test]
    fn what_only_looks_like_a_known_name_is_looked_at() {
        let mut known = KnownNames::default();
        let text = line("main");
        for _ in 0..=WORTH_IT + 1 {
            assert!(known.ahead_of_quote(&text).is_some());
        }
        let (word, length) = short_word(text.as_bytes()).unwrap();
        assert_eq!((known.places[place(word)], length), (word, 4));
        for name in ["main\0", "main\0\0", "\0main", "", "main:", "\0"] {
            let text = line(name);
            assert_eq!(known.ahead_of_quote(&text), None, "{name:?}");
        }
        // Nothing that is refused is remembered.
        for name in ["main\0", "main:"] {
            assert_eq!(known.ahead_of_quote(&line(name)), None, "{name:?}");
        }
    }
}
