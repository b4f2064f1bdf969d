//! A proof file as numbered lines, and the forms of single fields.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ProofError;

/// The greatest length of a proof file: a receipt for the longest line, signed by some dozen keys.
pub const PROOF_FILE_MAX_BYTES: usize = 256 * 1024;

/// Decodes standard base64 in its only canonical form: padded, with padding bits of zero.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Encodes as standard base64.
pub(super) fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Splits a canonical decimal number (no sign, no leading zero) off the front of a text.
pub(super) fn split_number(text: &str) -> Option<(u64, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(end)?;
    if digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    Some((digits.parse().ok()?, rest))
}

/// Reads a whole text as a canonical decimal number.
pub(super) fn parse_number(text: &str) -> Option<u64> {
    split_number(text).and_then(|(number, rest)| rest.is_empty().then_some(number))
}

/// The lines of a proof file, with the number of the current one for messages.
pub(super) struct NumberedLines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> NumberedLines<'a> {
    /// Checks length, encoding and the last line feed.
    pub(super) fn new(bytes: &'a [u8]) -> Result<NumberedLines<'a>, ProofError> {
        if bytes.len() > PROOF_FILE_MAX_BYTES {
            return Err(ProofError::TooLong {
                limit: PROOF_FILE_MAX_BYTES,
            });
        }
        let line_at = |end: usize| {
            let before = bytes.get(..end).unwrap_or_default();
            before.split(|byte| *byte == b'\n').count()
        };
        let rest = std::str::from_utf8(bytes).map_err(|error| ProofError::Form {
            line: line_at(error.valid_up_to()),
            reason: "not UTF-8",
        })?;
        if !rest.ends_with('\n') {
            return Err(ProofError::Form {
                line: line_at(bytes.len()),
                reason: "the last line has no line feed",
            });
        }
        Ok(NumberedLines { rest, number: 0 })
    }

    /// Moves to the next line and returns it without its line feed.
    pub(super) fn next_line(&mut self, missing: &'static str) -> Result<&'a str, ProofError> {
        self.number = self.number.saturating_add(1);
        let (line, rest) = self
            .rest
            .split_once('\n')
            .ok_or_else(|| self.wrong(missing))?;
        self.rest = rest;
        Ok(line)
    }

    /// True after the last line.
    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// An error about the current line.
    pub(super) fn wrong(&self, reason: &'static str) -> ProofError {
        ProofError::Form {
            line: self.number,
            reason,
        }
    }
}
