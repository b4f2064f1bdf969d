//! Harmless text: characters that could control a terminal or hide text are escaped.
//!
//! The visible form is `\n`, `\t`, `\r`, or `\u{1b}` with the code point in lower-case hex. A
//! backslash is not escaped, so the form cannot be converted back.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Characters that move the cursor, turn the direction of the text, or take up no room at all.
///
/// The joiners U+200C and U+200D and the variation selectors stay: emoji and many scripts are not
/// written without them.
fn deceives(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' // soft hyphen
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' // direction
        | '\u{180e}' | '\u{200b}' | '\u{feff}' // blanks without width
        | '\u{2028}' | '\u{2029}' // line and paragraph
        | '\u{2060}'..='\u{206f}' // invisible operators, isolates, deprecated controls
        | '\u{3164}' | '\u{ffa0}' // letters that look like nothing
        | '\u{fff0}'..='\u{fffb}' // interlinear notes
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' // shorthand and music controls
        | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}' // tags
    )
}

/// One line of text for a terminal: everything that deceives is written out, line feeds as well.
#[inline]
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    escaped(text, deceives, write_visible)
}

/// As [`harmless`], but line feeds stay: for messages of several lines that we compose ourselves.
pub(crate) fn harmless_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && deceives(c), write_visible)
}

/// Like [`harmless_lines`], but colours (`ESC [ … m` with digits only) are kept too. For help
/// texts, which contain our styles and possibly values from the environment.
pub(crate) fn harmless_styled(text: &str) -> String {
    let mut pieces = text.split('\u{1b}');
    let mut out = harmless_lines(pieces.next().unwrap_or_default()).into_owned();
    for piece in pieces {
        let colour = piece
            .strip_prefix('[')
            .and_then(|rest| rest.split_once('m'))
            .filter(|(codes, _)| codes.chars().all(|c| c.is_ascii_digit() || c == ';'));
        if let Some((codes, rest)) = colour {
            out.extend(["\u{1b}[", codes, "m"]);
            out.push_str(&harmless_lines(rest));
        } else {
            write_visible(&mut out, '\u{1b}');
            out.push_str(&harmless_lines(piece));
        }
    }
    out
}

/// JSON text for a terminal: what deceives becomes `\u202e`, which every reader takes back to the
/// same character. Outside strings JSON holds none of these but for line feeds, carriage returns
/// and tabs, which are layout there and are left alone.
pub(crate) fn json_harmless(json: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte == b'\n' || (b' '..0x7f).contains(&byte);
    // Without an early end, it is checked many bytes at a time.
    if json
        .bytes()
        .fold(true, |plain, byte| plain & is_plain(byte))
    {
        return Cow::Borrowed(json);
    }
    escaped(
        json,
        |c| !matches!(c, '\n' | '\r' | '\t') && deceives(c),
        |out, character| {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        },
    )
}

/// Columns the text takes on a terminal: two for wide characters, none for combining ones.
#[inline]
pub(crate) fn width(text: &str) -> usize {
    if is_plain(text) {
        text.len()
    } else {
        text.width()
    }
}

/// True for printable ASCII, which nearly all text is.
#[inline]
fn is_plain(text: &str) -> bool {
    // Without an early end, it is checked many bytes at a time.
    let is_printable = |byte: u8| (b' '..0x7f).contains(&byte);
    text.bytes()
        .fold(true, |plain, byte| plain & is_printable(byte))
}

/// The text cut to at most `most` columns, ending in `…` if something is missing. Letters and their
/// accents stay together.
pub(crate) fn shorten(text: &str, most: usize) -> Cow<'_, str> {
    if width(text) <= most {
        return Cow::Borrowed(text);
    }
    let room = most.saturating_sub(1);
    let mut used = 0_usize;
    let mut kept = 0_usize;
    for cluster in text.graphemes(true) {
        used = used.saturating_add(width(cluster));
        if used > room {
            break;
        }
        kept = kept.saturating_add(cluster.len());
    }
    let start = text.get(..kept).unwrap_or_default();
    if most == 0 {
        return Cow::Borrowed("");
    }
    Cow::Owned(format!("{}…", start.trim_end()))
}

/// The text in lines of at most `most` columns, broken at blanks; further lines are indented. A word
/// longer than a line stays where it is.
pub(crate) fn wrapped(text: &str, most: usize) -> Cow<'_, str> {
    if width(text) <= most {
        return Cow::Borrowed(text);
    }
    let indent = text
        .len()
        .saturating_sub(text.trim_start_matches(' ').len());
    let indent = " ".repeat(indent);
    let room = most.saturating_sub(indent.len()).saturating_sub(2);
    let mut whole = indent.clone();
    let mut used = indent.len();
    let mut is_first = true;
    for word in text.trim_start_matches(' ').split(' ') {
        let needed = used.saturating_add(1).saturating_add(width(word));
        if is_first {
            used = used.saturating_add(width(word));
        } else if needed > most && (1..=room).contains(&width(word)) {
            whole.truncate(whole.trim_end().len());
            whole.extend(["\n", &indent, "  "]);
            used = indent.len().saturating_add(2).saturating_add(width(word));
        } else {
            whole.push(' ');
            used = needed;
        }
        whole.push_str(word);
        is_first = false;
    }
    Cow::Owned(whole)
}

/// A message with the middle left out if it is too long: the beginning says what it is about, the
/// end what is wrong.
pub(crate) fn brief(text: &str) -> Cow<'_, str> {
    const BEGINNING: usize = 300;
    const END: usize = 150;
    let places = || text.char_indices().map(|(at, _)| at);
    let (Some(from), Some(to)) = (
        places().nth(BEGINNING),
        places().nth_back(END.saturating_sub(1)),
    ) else {
        return Cow::Borrowed(text);
    };
    match (text.get(..from), text.get(to..)) {
        (Some(beginning), Some(end)) if from < to => Cow::Owned(format!("{beginning}…{end}")),
        _ => Cow::Borrowed(text),
    }
}

fn write_visible(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // Writing to a String cannot fail.
        other => drop(write!(out, "\\u{{{:x}}}", u32::from(other))),
    }
}

fn escaped(
    text: &str,
    picked: impl Fn(char) -> bool,
    write: impl Fn(&mut String, char),
) -> Cow<'_, str> {
    if is_plain(text) || !text.contains(&picked) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().saturating_add(16));
    for character in text.chars() {
        if picked(character) {
            write(&mut out, character);
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_broken_at_blanks_and_goes_on_indented() {
        assert_eq!(wrapped("as it is", 8), "as it is");
        assert_eq!(wrapped("one two three four", 9), "one two\n  three\n  four");
        assert_eq!(wrapped("  at a place", 9), "  at a\n    place");
        assert_eq!(
            wrapped("hash  0123456789abcdef", 9),
            "hash  0123456789abcdef"
        );
        assert_eq!(wrapped("für größere Beträge", 11), "für größere\n  Beträge");
        assert_eq!(wrapped("", 0), "");
    }

    #[test]
    fn what_is_too_long_loses_its_middle() {
        let long = format!("the tag `{}` has no value", "é".repeat(10_000));
        let short = brief(&long);
        assert_eq!(short.chars().count(), 451);
        assert!(short.starts_with("the tag `éé") && short.ends_with("éé` has no value"));
        assert_eq!(brief(&"é".repeat(450)), "é".repeat(450));
        assert_eq!(brief(&"é".repeat(451)).chars().count(), 451);
        assert_eq!(brief(""), "");
    }

    #[test]
    fn plain_text_is_told_by_every_byte_of_it() {
        for length in 0..20_usize {
            for at in 0..length {
                for character in '\0'..='\u{ff}' {
                    let mut letters = vec!['~'; length];
                    letters[at] = character;
                    let text: String = letters.into_iter().collect();
                    assert_eq!(
                        is_plain(&text),
                        (' '..='~').contains(&character),
                        "{text:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_acts_on_a_terminal_is_written_out() {
        for (raw, shown) in [
            ("a\x1b]0;title\x07b", "a\\u{1b}]0;title\\u{7}b"),
            ("one\ntwo\r\tthree", "one\\ntwo\\r\\tthree"),
            ("\u{9b}31m\u{7f}\0", "\\u{9b}31m\\u{7f}\\u{0}"),
            ("100\u{202e}001", "100\\u{202e}001"),
            (
                "a\u{2066}b\u{2069}\u{200f}\u{61c}",
                "a\\u{2066}b\\u{2069}\\u{200f}\\u{61c}",
            ),
            (
                "pay\u{200b}pal\u{feff}\u{ad}",
                "pay\\u{200b}pal\\u{feff}\\u{ad}",
            ),
            (
                "\u{e0041}\u{fff9}\u{2028}\u{2063}",
                "\\u{e0041}\\u{fff9}\\u{2028}\\u{2063}",
            ),
        ] {
            assert_eq!(harmless(raw), shown);
        }
    }

    #[test]
    fn everything_else_is_untouched_and_borrowed() {
        for plain in [
            "",
            "Rent, March 2026",
            "naïve café",
            "家賃 みどり",
            "👩\u{200d}👧 ❤\u{fe0f}",
            "می\u{200c}خواهم",
            "חשבון",
            "C:\\path",
        ] {
            assert!(matches!(harmless(plain), Cow::Borrowed(text) if text == plain));
        }
    }

    #[test]
    fn only_line_feeds_survive_in_several_lines() {
        assert_eq!(harmless_lines("a\nb\r\x1b[2J"), "a\nb\\r\\u{1b}[2J");
    }

    #[test]
    fn help_keeps_its_colours_and_nothing_else_of_escapes() {
        let styled = "\x1b[1mUsage\x1b[0m\n\x1b[2J\x1b]0;x\x07 \x1b[1;31mm\x1b[?25m\x1b";
        let shown =
            "\x1b[1mUsage\x1b[0m\n\\u{1b}[2J\\u{1b}]0;x\\u{7} \x1b[1;31mm\\u{1b}[?25m\\u{1b}";
        assert_eq!(harmless_styled(styled), shown);
    }

    #[test]
    fn json_stays_the_same_value_for_every_character() {
        for character in ('\0'..=char::MAX).filter(|c| deceives(*c) || *c == '"' || *c == '\\') {
            let value = format!("\\{character}é{character}");
            let json = serde_json::to_string_pretty(&[&value]).unwrap();
            let safe = json_harmless(&json);
            assert!(safe.chars().all(|c| c == '\n' || !deceives(c)), "{safe:?}");
            assert_eq!(serde_json::from_str::<[String; 1]>(&safe).unwrap(), [value]);
        }
        assert_eq!(
            json_harmless("\"\u{202e}\u{e0041}\""),
            r#""\u202e\udb40\udc41""#
        );
    }

    #[test]
    fn text_is_shortened_by_columns_and_never_inside_a_letter() {
        for (text, most, shown) in [
            ("Groceries", 9, "Groceries"),
            ("Groceries", 8, "Groceri…"),
            ("Rent for May", 6, "Rent…"),
            ("家賃三月", 8, "家賃三月"),
            ("家賃三月", 7, "家賃三…"),
            ("家賃三月", 6, "家賃…"),
            ("cafe\u{301} noir", 5, "cafe\u{301}…"),
            ("a👩\u{200d}👩\u{200d}👧b", 3, "a…"),
            ("a👩\u{200d}👩\u{200d}👧bc", 4, "a👩\u{200d}👩\u{200d}👧…"),
            ("abc", 1, "…"),
            ("abc", 0, ""),
        ] {
            assert_eq!(shorten(text, most), shown);
            assert!(width(&shorten(text, most)) <= most);
        }
    }
}
