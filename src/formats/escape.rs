//! Reversible escapes for text in formats that do not allow every character.
//!
//! The escapes are `\\`, `\n`, `\r`, `\t`, and `\u{3b}` with a code point in lower-case hex. Always
//! escaped are control characters, white space other than the space, characters that change the text
//! direction, and spaces at either end. The caller names the format's own special characters.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with the characters in `anywhere` escaped, and those in `at_start` if they come first.
/// [`unescaped`] reverses it.
pub fn escaped<'t>(text: &'t str, anywhere: &[char], at_start: &[char]) -> Cow<'t, str> {
    let needs_escape = |at: usize, length: usize, c: char| {
        let at_end = at == 0 || at.saturating_add(length) == text.len();
        anywhere.contains(&c)
            || (at == 0 && at_start.contains(&c))
            || (c == ' ' && at_end)
            || is_always_escaped(c)
    };
    let is_plain = text
        .bytes()
        .all(|byte| (b' '..0x7f).contains(&byte) && byte != b'\\')
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains(anywhere)
        && !text.starts_with(at_start);
    if is_plain {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().saturating_add(16));
    for (at, c) in text.char_indices() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a String cannot fail.
            c if needs_escape(at, c.len_utf8(), c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_always_escaped(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The text that [`escaped`] was given; `None` if a backslash starts no known escape.
pub fn unescaped(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    let mut out = String::with_capacity(text.len());
    let mut pieces = text.split('\\');
    out.push_str(pieces.next()?);
    while let Some(piece) = pieces.next() {
        if piece.is_empty() {
            // Two backslashes are an escaped one, and the text after them is plain.
            out.push('\\');
            out.push_str(pieces.next()?);
            continue;
        }
        let (c, rest) = if let Some(code) = piece.strip_prefix("u{") {
            let (code, rest) = code.split_once('}')?;
            (char::from_u32(u32::from_str_radix(code, 16).ok()?)?, rest)
        } else {
            let c = match piece.as_bytes().first()? {
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                _ => return None,
            };
            (c, piece.get(1..)?)
        };
        out.push(c);
        out.push_str(rest);
    }
    Some(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_that_are_not_allowed_are_escaped() {
        for (raw, written) in [
            ("plain, with a comma", "plain, with a comma"),
            ("Straße 🎁", "Straße 🎁"),
            ("a;b", r"a\u{3b}b"),
            ("C:\\temp", r"C:\\temp"),
            ("one\ntwo\r\tthree", r"one\ntwo\r\tthree"),
            (" both ends ", r"\u{20}both ends\u{20}"),
            (" ", r"\u{20}"),
            ("(code) (code)", r"\u{28}code) (code)"),
            ("\u{1b}[31m\u{202e}\u{2028}", r"\u{1b}[31m\u{202e}\u{2028}"),
            ("", ""),
        ] {
            assert_eq!(escaped(raw, &[';'], &['(']), written);
            assert_eq!(unescaped(written).as_deref(), Some(raw));
        }
    }

    #[test]
    fn unknown_escapes_are_refused() {
        for bad in [
            r"\",
            r"\x",
            r"\u",
            r"\u{",
            r"\u{}",
            r"\u{110000}",
            r"\u{zz}",
            r"a\\\",
            r"\é",
        ] {
            assert_eq!(unescaped(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_text_round_trips_without_forbidden_characters(text in any::<String>()) {
            let written = escaped(&text, &[';', ','], &['*', '!']);
            let is_held_back = |c| matches!(c, ';' | ',' | '\n' | '\r' | '\0' | '\u{85}');
            prop_assert!(!written.contains(is_held_back));
            prop_assert!(!written.starts_with(['*', '!', ' ']) && !written.ends_with(' '));
            let back = unescaped(&written);
            prop_assert_eq!(back.as_deref(), Some(text.as_str()));
        }

        #[test]
        fn reading_any_text_never_panics(text in "[\\\\u{}nrt0-9a-f é]{0,20}") {
            let _ = unescaped(&text);
        }
    }
}
