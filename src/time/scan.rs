//! Scans a text from the left, byte by byte.

/// The text, if it consists of ASCII digits only.
pub(super) fn all_digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

/// The rest of a text that is scanned from the left.
pub(super) struct Scan<'a>(&'a [u8]);

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Scan<'a> {
        Scan(text.as_bytes())
    }

    pub(super) fn begins_with(&self, byte: u8) -> bool {
        self.0.first() == Some(&byte)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }

    pub(super) fn take(&mut self, one_of: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        one_of.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    /// Exactly this many digits (at most nine).
    pub(super) fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let value = std::str::from_utf8(digits)
            .ok()
            .and_then(all_digits)?
            .parse()
            .ok()?;
        self.0 = rest;
        Some(value)
    }

    /// A point and 1 to 9 digits, in nanoseconds.
    pub(super) fn fraction(&mut self) -> Option<u32> {
        self.take(b".")?;
        let count = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let missing = u32::try_from(9_usize.checked_sub(count)?).ok()?;
        self.digits(count)?
            .checked_mul(10_u32.checked_pow(missing)?)
    }
}
