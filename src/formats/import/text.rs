//! Bytes as text: by a byte order mark, by the encoding that the user names, or as UTF-8. Nothing
//! else is tried.
//!
//! Small formats are decoded whole; rows are decoded piece by piece.

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE};

use super::options::Encoding;
use super::{Fault, FilePlace, ImportError};

/// A file that can be read several times.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// The most bytes of a file that is held whole.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// All bytes of a file.
pub(super) fn whole(input: &mut dyn ReadSeek) -> Result<Vec<u8>, ImportError> {
    let bytes = front(input, MOST_BYTES.saturating_add(1))?;
    match u64::try_from(bytes.len()) {
        Ok(length) if length <= MOST_BYTES => Ok(bytes),
        _ => Err(Fault::TooLong(MOST_BYTES).whole()),
    }
}

/// The first bytes of a file.
pub(super) fn front(input: &mut dyn ReadSeek, most: u64) -> Result<Vec<u8>, ImportError> {
    let mut bytes = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    input.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl From<io::Error> for ImportError {
    fn from(error: io::Error) -> ImportError {
        Fault::Unread(error.to_string()).whole()
    }
}

/// The encoding of a file, and how many bytes its mark takes.
fn encoding(
    front: &[u8],
    asked: Option<Encoding>,
) -> Result<(&'static encoding_rs::Encoding, usize), ImportError> {
    let marked = encoding_rs::Encoding::for_bom(front);
    match (marked, asked.map(|encoding| encoding.0)) {
        (Some((mark, length)), asked) => {
            // UTF-16 without a side means the one that the mark says.
            let is_other_side = mark == UTF_16BE && asked == Some(UTF_16LE);
            if let Some(asked) = asked
                && asked != mark
                && !is_other_side
            {
                return Err(Fault::MarkContradicts {
                    mark: mark.name().to_owned(),
                    asked: asked.name().to_owned(),
                }
                .whole());
            }
            Ok((mark, length))
        }
        (None, asked) => Ok((asked.unwrap_or(UTF_8), 0)),
    }
}

/// The text of a file.
pub(super) fn decode(bytes: &[u8], asked: Option<Encoding>) -> Result<Cow<'_, str>, ImportError> {
    let (encoding, length) = encoding(bytes, asked)?;
    let rest = bytes.get(length..).unwrap_or_default();
    let text = encoding.decode_without_bom_handling_and_without_replacement(rest);
    let Some(text) = text else {
        return Err(not_text(rest, encoding));
    };
    if text.trim().is_empty() {
        return Err(Fault::Empty.whole());
    }
    match text.find('\0') {
        Some(at) => Err(Fault::NotText {
            encoding: encoding.name().to_owned(),
            byte: 0,
        }
        .at(place_of(&text, at))),
        None => Ok(text),
    }
}

/// The encoding that a file declares, unless its bytes are valid UTF-8, which other encodings
/// hardly ever are.
pub(super) fn declared(
    bytes: &[u8],
    declared: Option<Encoding>,
) -> Result<Option<Encoding>, ImportError> {
    let is_other = declared.is_some_and(|encoding| encoding.0 != UTF_8);
    if is_other && !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
        let declared = declared
            .map_or("", |encoding| encoding.0.name())
            .to_lowercase();
        return Err(Fault::EncodingOpen { declared }.whole());
    }
    Ok(declared)
}

/// The place at which bytes stop being text.
fn not_text(bytes: &[u8], encoding: &'static encoding_rs::Encoding) -> ImportError {
    let good = if encoding == UTF_8 {
        std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len)
    } else {
        0
    };
    let (before, after) = bytes.split_at_checked(good).unwrap_or((bytes, &[]));
    let before = std::str::from_utf8(before).unwrap_or_default();
    let fault = Fault::NotText {
        encoding: encoding.name().to_owned(),
        byte: after.first().copied().unwrap_or_default(),
    };
    if encoding == UTF_8 {
        fault.at(place_of(before, before.len()))
    } else {
        fault.whole()
    }
}

/// The line and the column of a byte of a text, both from 1.
pub(super) fn place_of(text: &str, at: usize) -> FilePlace {
    let before = text.get(..at).unwrap_or(text);
    let count = |lines: usize| u64::try_from(lines.saturating_add(1)).unwrap_or(u64::MAX);
    let line = before.matches('\n').count();
    let on_line = before.rsplit('\n').next().unwrap_or_default();
    FilePlace {
        column: Some(count(on_line.chars().count())),
        ..FilePlace::on_line(count(line))
    }
}

/// Decodes a file piece by piece.
pub(super) struct TextReader<'i> {
    input: &'i mut dyn ReadSeek,
    encoding: &'static encoding_rs::Encoding,
    decoder: Decoder,
    raw: Vec<u8>,
    /// The bytes of `raw` that are not decoded yet.
    pending: std::ops::Range<usize>,
    text: Vec<u8>,
    /// The bytes of `text` that are not consumed yet.
    ready: std::ops::Range<usize>,
    is_last: bool,
    is_over: bool,
    /// The place of the next byte to be decoded.
    line: u64,
    column: u64,
}

impl<'i> TextReader<'i> {
    const PIECE: usize = 64 * 1024;

    pub(super) fn new(
        input: &'i mut dyn ReadSeek,
        asked: Option<Encoding>,
    ) -> Result<TextReader<'i>, ImportError> {
        let front = front(input, 3)?;
        let (encoding, length) = encoding(&front, asked)?;
        let start = u64::try_from(length).unwrap_or_default();
        input.seek(SeekFrom::Start(start))?;
        Ok(TextReader {
            input,
            encoding,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: vec![0; Self::PIECE],
            pending: 0..0,
            // Room for three bytes of UTF-8 for each byte.
            text: vec![0; Self::PIECE.saturating_mul(3)],
            ready: 0..0,
            is_last: false,
            is_over: false,
            line: 1,
            column: 1,
        })
    }

    /// The next bytes of the text, empty at its end; valid UTF-8 as a whole, not in each piece.
    pub(super) fn fill(&mut self) -> Result<&[u8], ImportError> {
        while self.ready.is_empty() && !self.is_over {
            if self.pending.is_empty() && !self.is_last {
                let read = self.input.read(&mut self.raw)?;
                self.pending = 0..read;
                self.is_last = read == 0;
            }
            self.decode()?;
        }
        Ok(self.text.get(self.ready.clone()).unwrap_or_default())
    }

    pub(super) fn consume(&mut self, bytes: usize) {
        self.ready.start = self.ready.start.saturating_add(bytes).min(self.ready.end);
    }

    fn decode(&mut self) -> Result<(), ImportError> {
        let source = self.raw.get(self.pending.clone()).unwrap_or_default();
        let (result, read, written) =
            self.decoder
                .decode_to_utf8_without_replacement(source, &mut self.text, self.is_last);
        self.ready = 0..written;
        let text = self.text.get(..written).unwrap_or_default();
        let nul = memchr::memchr(0, text);
        self.advance(nul.unwrap_or(written));
        if nul.is_some() {
            return Err(self.not_text(0));
        }
        self.pending.start = self.pending.start.saturating_add(read);
        match result {
            DecoderResult::InputEmpty => self.is_over = self.is_last,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, after) => {
                let back = usize::from(length).saturating_add(usize::from(after));
                let at = self.pending.start.saturating_sub(back);
                let byte = self.raw.get(at).copied().unwrap_or_default();
                return Err(self.not_text(byte));
            }
        }
        Ok(())
    }

    /// Moves the place past the first bytes that were decoded.
    fn advance(&mut self, length: usize) {
        let text = self.text.get(..length).unwrap_or_default();
        let count = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        let characters =
            |text: &[u8]| count(text.iter().filter(|byte| **byte & 0xC0 != 0x80).count());
        self.line = self
            .line
            .saturating_add(count(memchr::memchr_iter(b'\n', text).count()));
        self.column = match memchr::memrchr(b'\n', text) {
            Some(at) => characters(text.get(at..).unwrap_or_default()),
            None => self.column.saturating_add(characters(text)),
        };
    }

    fn not_text(&self, byte: u8) -> ImportError {
        let place = FilePlace {
            column: Some(self.column),
            ..FilePlace::on_line(self.line)
        };
        let fault = Fault::NotText {
            encoding: self.encoding.name().to_owned(),
            byte,
        };
        fault.at(place)
    }

    /// The next line without its end; `None` at the end of the text.
    pub(super) fn line(&mut self) -> Result<Option<String>, ImportError> {
        let mut line = Vec::new();
        loop {
            let piece = self.fill()?;
            if piece.is_empty() {
                return Ok((!line.is_empty()).then(|| into_line(line)));
            }
            if let Some(end) = memchr::memchr(b'\n', piece) {
                line.extend_from_slice(piece.get(..end).unwrap_or_default());
                self.consume(end.saturating_add(1));
                return Ok(Some(into_line(line)));
            }
            let length = piece.len();
            line.extend_from_slice(piece);
            self.consume(length);
        }
    }
}

fn into_line(mut bytes: Vec<u8>) -> String {
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    // It is UTF-8: it was decoded.
    String::from_utf8(bytes).unwrap_or_default()
}

/// Text on one line: white space and line breaks between words become one space.
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
    use std::io::Cursor;

    use super::*;

    fn encoding(label: &str) -> Option<Encoding> {
        Encoding::named(label).ok()
    }

    fn piecewise(bytes: &[u8], asked: Option<Encoding>) -> Result<String, ImportError> {
        let mut input = Cursor::new(bytes.to_vec());
        let mut reader = TextReader::new(&mut input, asked)?;
        let mut text = Vec::new();
        loop {
            let piece = reader.fill()?.to_vec();
            if piece.is_empty() {
                return Ok(String::from_utf8(text).unwrap());
            }
            reader.consume(piece.len());
            text.extend(piece);
        }
    }

    #[test]
    fn text_is_utf_8_unless_a_mark_or_the_user_says_otherwise() {
        for (bytes, asked, expected) in [
            ("Büro".as_bytes(), None, "Büro"),
            ("\u{feff}Büro".as_bytes(), None, "Büro"),
            (b"B\xfcro", encoding("latin1"), "Büro"),
            (b"5 \x80", encoding("windows-1252"), "5 €"),
            (b"\xff\xfeB\x00\xfc\x00", None, "Bü"),
            (b"\xff\xfeB\x00\xfc\x00", encoding("utf-16"), "Bü"),
            (b"\xfe\xff\x00B\x00\xfc", encoding("utf-16"), "Bü"),
            (b"B\x00\xfc\x00", encoding("utf-16le"), "Bü"),
        ] {
            assert_eq!(decode(bytes, asked).unwrap(), expected);
            assert_eq!(piecewise(bytes, asked).unwrap(), expected);
        }
    }

    #[test]
    fn long_text_is_the_same_in_pieces() {
        let text = "Größe und Müll, 5,00 €\n".repeat(20_000);
        assert_eq!(piecewise(text.as_bytes(), None).unwrap(), text);
        let mut bad = text.clone().into_bytes();
        bad.extend(b"ab\xfc");
        let place = piecewise(&bad, None).unwrap_err().place;
        assert_eq!((place.line, place.column), (Some(20_001), Some(3)));
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
    fn bytes_that_are_no_text_are_named_with_their_place() {
        for error in [
            decode(b"a\nbc\xfcro", None).unwrap_err(),
            piecewise(b"a\nbc\xfcro", None).unwrap_err(),
        ] {
            assert_eq!(error.place.line, Some(2));
            assert_eq!(error.place.column, Some(3));
            let fault = Fault::NotText {
                encoding: "UTF-8".into(),
                byte: 0xfc,
            };
            assert_eq!(*error.fault, fault);
        }
        assert!(decode(b"B\x00\xfc\x00", None).is_err());
        assert!(piecewise(b"B\x00\xfc\x00", None).is_err());
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
