//! Both parsers of a line, for the fuzz targets; only with `--cfg fuzzing`.

use super::format::{self, LineFault, ParseCache, ParsedLine};
use crate::event::Entry;

/// A line as a reader took it, with the two stretches of its bytes that its hash is made of.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken<'a> {
    /// The declared value.
    pub entry: Entry<'a>,
    /// The bytes in front of its hash.
    pub hashed: &'a [u8],
    /// The note's object, if there is one that is not redacted.
    pub note_object: Option<&'a [u8]>,
}

impl<'a> From<ParsedLine<'a>> for Taken<'a> {
    fn from(line: ParsedLine<'a>) -> Taken<'a> {
        Taken {
            entry: line.entry,
            hashed: line.covered.hashed,
            note_object: line.covered.note_object,
        }
    }
}

/// The strict reader.
pub fn strict(line: &[u8]) -> Option<Taken<'_>> {
    format::read(line).ok().map(Taken::from)
}

/// True if the strict parser accepts these bytes as the beginning of a line.
pub fn is_beginning(line: &[u8]) -> bool {
    matches!(format::read(line), Err(LineFault::Ends))
}

/// The quick reader with what it remembers from line to line.
#[derive(Debug, Default)]
pub struct Quick(ParseCache);

impl Quick {
    /// Reads a line, or leaves it to the strict reader.
    pub fn read<'a>(&mut self, line: &'a [u8]) -> Option<Taken<'a>> {
        let text = std::str::from_utf8(line).ok()?;
        format::read_quick(text, &mut self.0).map(Taken::from)
    }
}
