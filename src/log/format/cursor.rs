//! A cursor over the text of one line that distinguishes "wrong" from "incomplete".

use memchr::memchr;
use std::borrow::Cow;

/// Walks over a line; every step consumes bytes or returns an error.
pub(in crate::log::format) struct LineCursor<'a> {
    text: &'a str,
    at: usize,
}

/// Where and why bytes are not a line of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) enum LineFault {
    /// The bytes end early, and nothing before that is wrong: a proper prefix of a line.
    Ends,
    /// A line of a later version.
    Newer(u64),
    /// Not the canonical form.
    Form {
        /// The offset in the line.
        at: usize,
        /// The expected text.
        reason: &'static str,
    },
}

pub(in crate::log::format) type Parsed<T> = Result<T, LineFault>;

impl<'a> LineCursor<'a> {
    pub(in crate::log::format) fn new(text: &'a str) -> LineCursor<'a> {
        LineCursor { text, at: 0 }
    }

    /// The offset of the next byte.
    pub(in crate::log::format) fn at(&self) -> usize {
        self.at
    }

    /// What has been taken so far.
    pub(in crate::log::format) fn taken(&self) -> &'a str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// What has been taken since `start`.
    pub(in crate::log::format) fn taken_since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    pub(in crate::log::format) fn wrong<T>(&self, reason: &'static str) -> Parsed<T> {
        Err(LineFault::Form {
            at: self.at,
            reason,
        })
    }

    pub(in crate::log::format) fn wrong_at<T>(at: usize, reason: &'static str) -> Parsed<T> {
        Err(LineFault::Form { at, reason })
    }

    /// Takes exactly this text.
    pub(in crate::log::format) fn literal(
        &mut self,
        literal: &str,
        reason: &'static str,
    ) -> Parsed<()> {
        if self.optional(literal)? {
            Ok(())
        } else {
            self.wrong(reason)
        }
    }

    /// True if this text comes next; it is not taken.
    pub(in crate::log::format) fn starts_with(&self, literal: &str) -> Parsed<bool> {
        let rest = self.rest();
        if !rest.starts_with(literal.as_bytes()) && literal.as_bytes().starts_with(rest) {
            return Err(LineFault::Ends);
        }
        Ok(rest.starts_with(literal.as_bytes()))
    }

    /// Consumes this text if it is next.
    pub(in crate::log::format) fn optional(&mut self, literal: &str) -> Parsed<bool> {
        let rest = self.rest();
        if rest.starts_with(literal.as_bytes()) {
            self.advance(literal.len());
            return Ok(true);
        }
        if literal.as_bytes().starts_with(rest) {
            return Err(LineFault::Ends);
        }
        Ok(false)
    }

    /// Takes a whole number without leading zeros, which something must follow.
    pub(in crate::log::format) fn number(&mut self, reason: &'static str) -> Parsed<u64> {
        let rest = self.rest();
        let length = rest
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(rest.len());
        let digits = rest.get(..length).unwrap_or_default();
        let leading_zero = length > 1 && digits.first() == Some(&b'0');
        let value = digits.iter().try_fold(0_u64, |sum, byte| {
            sum.checked_mul(10)?
                .checked_add(u64::from(byte.saturating_sub(b'0')))
        });
        match value {
            Some(value) if !leading_zero && (length > 0 || rest.is_empty()) => {
                if length == rest.len() {
                    return Err(LineFault::Ends);
                }
                self.advance(length);
                Ok(value)
            }
            _ => self.wrong(reason),
        }
    }

    /// Consumes everything up to the next quote, and the quote. If there is no quote, `may_go_on`
    /// decides whether more bytes could still make the line valid.
    pub(in crate::log::format) fn until_quote(
        &mut self,
        may_go_on: impl FnOnce(&str) -> bool,
        reason: &'static str,
    ) -> Parsed<&'a str> {
        let start = self.at;
        let Some(length) = memchr(b'"', self.rest()) else {
            let partial = self.text.get(start..).unwrap_or_default();
            return if may_go_on(partial) {
                Err(LineFault::Ends)
            } else {
                self.wrong(reason)
            };
        };
        self.advance(length);
        let taken = self.taken_since(start);
        self.advance(1);
        Ok(taken)
    }

    /// Consumes exactly `length` bytes and the quote after them.
    pub(in crate::log::format) fn fixed(
        &mut self,
        length: usize,
        is_part: impl Fn(u8) -> bool,
        reason: &'static str,
    ) -> Parsed<&'a str> {
        let start = self.at;
        let part_fits = |part: &str| part.len() <= length && part.bytes().all(&is_part);
        let taken = self.until_quote(part_fits, reason)?;
        if taken.len() != length || !taken.bytes().all(is_part) {
            return LineCursor::wrong_at(start, reason);
        }
        Ok(taken)
    }

    /// Consumes the rest of a JSON string and its closing quote. Only required escapes are allowed:
    /// `\b \f \n \r \t \" \\`, and `\u00xx` in lower case for the other control characters.
    pub(in crate::log::format) fn string(&mut self) -> Parsed<Cow<'a, str>> {
        let start = self.at;
        let mut unescaped: Option<String> = None;
        let mut plain_from = self.at;
        loop {
            let rest = self.rest();
            let Some(length) = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
            else {
                return Err(LineFault::Ends);
            };
            self.advance(length);
            let plain = self.taken_since(plain_from);
            match rest.get(length) {
                Some(b'"') => {
                    let whole = self.taken_since(start);
                    self.advance(1);
                    return Ok(match unescaped {
                        None => Cow::Borrowed(whole),
                        Some(mut text) => {
                            text.push_str(plain);
                            Cow::Owned(text)
                        }
                    });
                }
                Some(b'\\') => {
                    let c = self.escape()?;
                    let text = unescaped.get_or_insert_default();
                    text.push_str(plain);
                    text.push(c);
                    plain_from = self.at;
                }
                _ => return self.wrong("a control character in a text is escaped"),
            }
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        let rest = self.rest();
        let short = match rest.get(1) {
            None => return Err(LineFault::Ends),
            Some(b'b') => Some('\u{8}'),
            Some(b'f') => Some('\u{c}'),
            Some(b'n') => Some('\n'),
            Some(b'r') => Some('\r'),
            Some(b't') => Some('\t'),
            Some(b'"') => Some('"'),
            Some(b'\\') => Some('\\'),
            _ => None,
        };
        if let Some(c) = short {
            self.advance(2);
            return Ok(c);
        }
        let digits = rest.get(2..).unwrap_or_default();
        let digits = digits.get(..4).unwrap_or(digits);
        let is_lower_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let fits = rest.get(1) == Some(&b'u')
            && digits.iter().take(2).all(|byte| *byte == b'0')
            && digits.iter().all(is_lower_hex);
        if !fits {
            return self.wrong("an escape is one of \\b \\f \\n \\r \\t \\\" \\\\ or \\u00xx");
        }
        if digits.len() < 4 {
            return Err(LineFault::Ends);
        }
        let value = std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .filter(|value| *value < 0x20 && !matches!(value, 0x08 | 0x09 | 0x0a | 0x0c | 0x0d))
            .and_then(char::from_u32);
        match value {
            Some(c) => {
                self.advance(6);
                Ok(c)
            }
            None => self.wrong("a character is escaped that is written another way"),
        }
    }

    /// True at the end of the text.
    pub(in crate::log::format) fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }
}
