//! Bytes as text: by a mark in front, by the encoding that was asked for, or as UTF-8. Nothing else
//! is tried.

use std::borrow::Cow;

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};

use super::options::Encoding;
use super::{Fault, ImportError, Place};

/// The text of a file.
pub(super) fn decode(bytes: &[u8], asked: Option<Encoding>) -> Result<Cow<'_, str>, ImportError> {
    let marked = encoding_rs::Encoding::for_bom(bytes);
    let (encoding, rest) = match (marked, asked.map(|encoding| encoding.0)) {
        (Some((mark, length)), asked) => {
            // UTF-16 without a side means whichever the mark says.
            let is_other_side = mark == UTF_16BE && asked == Some(UTF_16LE);
            if let Some(asked) = asked
                && asked != mark
                && !is_other_side
            {
                return Err(ImportError::whole(Fault::MarkContradicts {
                    mark: mark.name().to_owned(),
                    asked: asked.name().to_owned(),
                }));
            }
            (mark, bytes.get(length..).unwrap_or_default())
        }
        (None, Some(asked)) => (asked, bytes),
        (None, None) => (UTF_8, bytes),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(rest);
    let Some(text) = text else {
        return Err(not_text(rest, encoding));
    };
    if text.trim().is_empty() {
        return Err(ImportError::whole(Fault::Empty));
    }
    match text.find('\0') {
        Some(at) => Err(ImportError::at(
            place_of(&text, at),
            Fault::NotText {
                encoding: encoding.name().to_owned(),
                byte: 0,
            },
        )),
        None => Ok(text),
    }
}

/// What a file says of itself, unless its bytes say otherwise: letters that are UTF-8 are hardly
/// ever anything else.
pub(super) fn declared(
    bytes: &[u8],
    declared: Option<Encoding>,
) -> Result<Option<Encoding>, ImportError> {
    let is_other = declared.is_some_and(|encoding| encoding.0 != UTF_8);
    if is_other && !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
        let declared = declared
            .map_or("", |encoding| encoding.0.name())
            .to_lowercase();
        return Err(ImportError::whole(Fault::EncodingOpen { declared }));
    }
    Ok(declared)
}

/// Where bytes stop being text.
fn not_text(bytes: &[u8], encoding: &'static encoding_rs::Encoding) -> ImportError {
    let good = if encoding == UTF_8 {
        std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len)
    } else {
        0
    };
    let (before, behind) = bytes.split_at_checked(good).unwrap_or((bytes, &[]));
    let before = std::str::from_utf8(before).unwrap_or_default();
    let fault = Fault::NotText {
        encoding: encoding.name().to_owned(),
        byte: behind.first().copied().unwrap_or_default(),
    };
    if encoding == UTF_8 {
        ImportError::at(place_of(before, before.len()), fault)
    } else {
        ImportError::whole(fault)
    }
}

/// The line and the column of a byte of a text, both from 1.
pub(super) fn place_of(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or(text);
    let count = |lines: usize| u64::try_from(lines.saturating_add(1)).unwrap_or(u64::MAX);
    let line = before.matches('\n').count();
    let on_line = before.rsplit('\n').next().unwrap_or_default();
    Place {
        line: Some(count(line)),
        column: Some(count(on_line.chars().count())),
        field: None,
    }
}

/// Text on one line: blanks and line ends between words become one blank.
pub(super) fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(label: &str) -> Option<Encoding> {
        Encoding::named(label).ok()
    }

    #[test]
    fn text_is_utf_8_unless_a_mark_or_the_asker_says_otherwise() {
        assert_eq!(decode("Büro".as_bytes(), None).unwrap(), "Büro");
        assert_eq!(decode("\u{feff}Büro".as_bytes(), None).unwrap(), "Büro");
        assert_eq!(decode(b"B\xfcro", encoding("latin1")).unwrap(), "Büro");
        assert_eq!(decode(b"5 \x80", encoding("windows-1252")).unwrap(), "5 €");
        let wide = b"\xff\xfeB\x00\xfc\x00";
        assert_eq!(decode(wide, None).unwrap(), "Bü");
        assert_eq!(decode(wide, encoding("utf-16")).unwrap(), "Bü");
        let other_side = b"\xfe\xff\x00B\x00\xfc";
        assert_eq!(decode(other_side, encoding("utf-16")).unwrap(), "Bü");
        assert_eq!(
            decode(b"B\x00\xfc\x00", encoding("utf-16le")).unwrap(),
            "Bü"
        );
    }

    #[test]
    fn a_file_that_says_one_encoding_and_reads_as_another_is_asked_about() {
        let latin = encoding("windows-1252");
        assert_eq!(declared(b"Caf\xe9", latin).unwrap(), latin);
        assert_eq!(declared(b"Cafe", latin).unwrap(), latin);
        assert_eq!(declared("Café".as_bytes(), None).unwrap(), None);
        let error = declared("Café".as_bytes(), latin).unwrap_err();
        assert!(matches!(*error.fault, Fault::EncodingOpen { .. }));
    }

    #[test]
    fn bytes_that_are_no_text_are_told_with_their_place() {
        let error = decode(b"a\nbc\xfcro", None).unwrap_err();
        assert_eq!(error.place.line, Some(2));
        assert_eq!(error.place.column, Some(3));
        let fault = Fault::NotText {
            encoding: "UTF-8".into(),
            byte: 0xfc,
        };
        assert_eq!(*error.fault, fault);
        assert!(decode(b"B\x00\xfc\x00", None).is_err());
        assert!(decode(b"D\x00a\x00", None).is_err());
        let contradiction = decode(b"\xff\xfeB\x00", encoding("latin1")).unwrap_err();
        assert!(matches!(
            *contradiction.fault,
            Fault::MarkContradicts { .. }
        ));
        assert_eq!(
            decode(b" \n", None).unwrap_err().fault.as_ref(),
            &Fault::Empty
        );
    }
}
