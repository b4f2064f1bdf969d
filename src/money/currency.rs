//! Currency codes, and the number of decimals that ISO 4217 defines for them.

use std::fmt;
use std::num::NonZeroU64;

use super::Scale;

/// A currency code: 3 to 8 of `A-Z0-9`, starting with a letter.
///
/// Stored as a big-endian number of its bytes, padded with zeros: cheap to copy, ordered like the text,
/// and `Option<Currency>` takes no more memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(NonZeroU64);

/// The code of a [`Currency`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrencyText([u8; 8]);

impl Currency {
    /// The currency of this code; `None` if the code is malformed.
    pub fn new(code: &str) -> Option<Currency> {
        let bytes = code.as_bytes();
        let fits = (3..=8).contains(&bytes.len())
            && bytes.first().is_some_and(u8::is_ascii_uppercase)
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !fits {
            return None;
        }
        let mut padded = [0; 8];
        padded.get_mut(..bytes.len())?.copy_from_slice(bytes);
        NonZeroU64::new(u64::from_be_bytes(padded)).map(Currency)
    }

    /// The code.
    pub fn text(self) -> CurrencyText {
        CurrencyText(self.0.get().to_be_bytes())
    }

    /// The number of decimals that ISO 4217 defines; `None` if it has no such code or no minor unit for
    /// it (gold, special drawing rights).
    pub fn minor_digits(self) -> Option<Scale> {
        let known = iso_currency::Currency::from_code(self.text().as_str())?;
        u8::try_from(known.exponent()?).ok().and_then(Scale::new)
    }
}

impl CurrencyText {
    /// The code as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(8);
        self.0.get(..end).unwrap_or_default()
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_three_to_eight_capitals_and_digits_starting_with_a_letter() {
        for good in ["EUR", "USD", "X99", "BITCOIN1", "ABCDEFGH"] {
            assert_eq!(
                Currency::new(good).map(|c| c.to_string()).as_deref(),
                Some(good)
            );
        }
        for bad in ["", "EU", "eur", "9AB", "ABCDEFGHI", "EÜR", "E R", "EUR\0"] {
            assert_eq!(Currency::new(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn minor_digits_are_those_of_iso_4217() {
        let digits = |code: &str| {
            Currency::new(code)
                .and_then(Currency::minor_digits)
                .map(Scale::digits)
        };
        assert_eq!(digits("EUR"), Some(2));
        assert_eq!(digits("JPY"), Some(0));
        assert_eq!(digits("KWD"), Some(3));
        assert_eq!(digits("CLF"), Some(4));
        assert_eq!(digits("XAU"), None);
        assert_eq!(digits("BTC"), None);
    }
}
