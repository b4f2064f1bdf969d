//! The file as lines, in bounded memory however long a line is.

use memchr::memchr;
use std::fs::File;
use std::io;

use super::platform;

/// The most bytes a line has, without its line feed.
pub const LINE_MAX_BYTES: usize = 64 * 1024;
/// How much of a longer line is returned.
const KEPT: usize = LINE_MAX_BYTES + 1;
/// What one read asks for. Measured: 128 to 256 KiB beat smaller reads, mapping and reading it all.
const BLOCK: usize = 256 * 1024;
/// What the first read asks for, so that a short log touches few pages.
const FIRST_BLOCK: usize = 16 * 1024;

/// A stretch of bytes between two line feeds.
#[derive(Clone, Copy, Debug)]
pub struct RawLine<'a> {
    /// Counted from 1.
    pub number: u64,
    /// Its first byte's offset in the file.
    pub offset: u64,
    /// The bytes without the line feed; of an overlong line only the first.
    pub bytes: &'a [u8],
    /// How many bytes it has, without the line feed.
    pub length: u64,
    /// How many of them are left when the NUL bytes at its end are not counted.
    pub length_without_nul: u64,
    /// True if a line feed follows.
    pub terminated: bool,
}

impl RawLine<'_> {
    /// True if it is longer than a line may be.
    pub fn is_overlong(&self) -> bool {
        usize::try_from(self.length).map_or(true, |length| length > LINE_MAX_BYTES)
    }

    /// The offset after the line and its line feed.
    pub fn end(&self) -> u64 {
        self.offset
            .saturating_add(self.length)
            .saturating_add(u64::from(self.terminated))
    }
}

/// Reads a stretch of a file line by line.
#[derive(Debug)]
pub struct LineReader<'f> {
    file: &'f File,
    /// Where reading ends, whatever was appended since.
    end: u64,
    buffer: Vec<u8>,
    /// The part of `buffer` that was not returned yet.
    start: usize,
    filled: usize,
    /// The offset in the file of `buffer[start]`.
    offset: u64,
    number: u64,
}

impl<'f> LineReader<'f> {
    /// Reads from `offset`, where line `number` starts, up to `end`.
    pub fn new(file: &'f File, offset: u64, number: u64, end: u64) -> LineReader<'f> {
        LineReader {
            file,
            end,
            buffer: Vec::new(),
            start: 0,
            filled: 0,
            offset,
            number,
        }
    }

    /// The next line, or `None` after the last.
    ///
    /// # Errors
    /// An error of the read, and `UnexpectedEof` if the file became shorter.
    pub fn next_line(&mut self) -> io::Result<Option<RawLine<'_>>> {
        let mut searched = 0_usize;
        loop {
            let pending = self.pending();
            let unsearched = pending.get(searched..).unwrap_or_default();
            if let Some(found) = memchr(b'\n', unsearched) {
                let length = searched.saturating_add(found);
                return Ok(Some(self.hand_out(length, true)));
            }
            searched = pending.len();
            if searched > LINE_MAX_BYTES {
                return self.overlong().map(Some);
            }
            if !self.fill()? {
                return Ok((searched > 0).then(|| self.hand_out(searched, false)));
            }
        }
    }

    fn pending(&self) -> &[u8] {
        self.buffer.get(self.start..self.filled).unwrap_or_default()
    }

    fn hand_out(&mut self, length: usize, terminated: bool) -> RawLine<'_> {
        let from = self.start;
        let offset = self.offset;
        let number = self.number;
        let taken = length.saturating_add(usize::from(terminated));
        self.start = self.start.saturating_add(taken);
        self.offset = self.offset.saturating_add(as_u64(taken));
        self.number = self.number.saturating_add(1);
        // An overlong line may fit in the buffer; it is reported in the same way.
        let shown = length.min(KEPT);
        let bytes = self
            .buffer
            .get(from..from.saturating_add(shown))
            .unwrap_or_default();
        RawLine {
            number,
            offset,
            bytes,
            length: as_u64(length),
            // Only what no line feed ends can be torn, and only there NUL bytes matter.
            length_without_nul: if terminated {
                as_u64(length)
            } else {
                as_u64(without_nul(bytes))
            },
            terminated,
        }
    }

    /// Skips a line that is too long, and returns its beginning.
    fn overlong(&mut self) -> io::Result<RawLine<'_>> {
        let offset = self.offset;
        let number = self.number;
        let beginning = self.pending().get(..KEPT).unwrap_or_default().to_vec();
        let mut length = 0_u64;
        let mut length_without_nul = 0_u64;
        let terminated = loop {
            let pending = self.pending();
            let line_feed = memchr(b'\n', pending);
            let part = pending
                .get(..line_feed.unwrap_or(pending.len()))
                .unwrap_or_default();
            let without_nul = without_nul(part);
            if without_nul > 0 {
                length_without_nul = length.saturating_add(as_u64(without_nul));
            }
            length = length.saturating_add(as_u64(part.len()));
            let taken = part.len().saturating_add(usize::from(line_feed.is_some()));
            self.start = self.start.saturating_add(taken);
            self.offset = self.offset.saturating_add(as_u64(taken));
            if line_feed.is_some() {
                break true;
            }
            if !self.fill()? {
                break false;
            }
        };
        self.number = self.number.saturating_add(1);
        // The part of the buffer before `start` was returned already; the beginning is stored
        // there.
        let pending = self.pending().to_vec();
        self.buffer.truncate(0);
        self.buffer.extend_from_slice(&beginning);
        self.start = self.buffer.len();
        self.buffer.extend_from_slice(&pending);
        self.filled = self.buffer.len();
        Ok(RawLine {
            number,
            offset,
            bytes: self.buffer.get(..KEPT).unwrap_or_default(),
            length,
            length_without_nul,
            terminated,
        })
    }

    /// Reads the next block after the pending bytes; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        let after = self.offset.saturating_add(as_u64(self.pending().len()));
        let left = self.end.saturating_sub(after);
        if left == 0 {
            return Ok(false);
        }
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled = self.filled.saturating_sub(self.start);
        self.start = 0;
        let block = if self.buffer.is_empty() {
            FIRST_BLOCK
        } else {
            BLOCK
        };
        let wanted = usize::try_from(left).map_or(block, |left| left.min(block));
        let room = self.filled.saturating_add(wanted);
        if self.buffer.len() < room {
            self.buffer.resize(room, 0);
        }
        let target = self.buffer.get_mut(self.filled..room).unwrap_or_default();
        let read = platform::read_at(self.file, target, after)?;
        if read == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file became shorter while it was read",
            ));
        }
        self.filled = self.filled.saturating_add(read);
        Ok(true)
    }
}

fn without_nul(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last.saturating_add(1))
}

pub(crate) fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn lines_of(content: &[u8]) -> Vec<(u64, u64, usize, u64, u64, bool)> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let mut lines = LineReader::new(&file, 0, 1, content.len() as u64);
        let mut found = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            found.push((
                line.number,
                line.offset,
                line.bytes.len(),
                line.length,
                line.length_without_nul,
                line.terminated,
            ));
        }
        found
    }

    #[test]
    fn lines_are_cut_at_line_feeds_and_the_rest_is_told_apart() {
        assert_eq!(lines_of(b""), []);
        assert_eq!(
            lines_of(b"ab\n\nc\0\0"),
            [
                (1, 0, 2, 2, 2, true),
                (2, 3, 0, 0, 0, true),
                (3, 4, 3, 3, 1, false)
            ]
        );
    }

    #[test]
    fn an_overlong_line_is_passed_over_in_bounded_memory_and_the_next_is_found() {
        let mut content = vec![b'x'; 1_000_000];
        content.extend_from_slice(b"\nnext\n");
        content.extend(vec![b'y'; 70_000]);
        content.extend(vec![0; 500_000]);
        let found = lines_of(&content);
        assert_eq!(
            found[0],
            (1, 0, LINE_MAX_BYTES + 1, 1_000_000, 1_000_000, true)
        );
        assert_eq!(found[1], (2, 1_000_001, 4, 4, 4, true));
        assert_eq!(
            found[2],
            (3, 1_000_006, LINE_MAX_BYTES + 1, 570_000, 70_000, false)
        );
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn an_overlong_line_is_handed_out_alike_wherever_reading_began() {
        let mut content = vec![b'\n'; 100_000];
        content.push(b'\n');
        content.extend(vec![b'x'; 200_000]);
        content.extend_from_slice(b"\nnext\n");
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&content).unwrap();
        // From just before it, one block contains all of it.
        for from in [100_001, 70_001] {
            let mut lines = LineReader::new(&file, from, 1, content.len() as u64);
            let overlong = loop {
                let line = lines.next_line().unwrap().unwrap();
                if line.offset == 100_001 {
                    break (line.bytes.len(), line.length, line.terminated);
                }
            };
            assert_eq!(overlong, (LINE_MAX_BYTES + 1, 200_000, true), "{from}");
        }
    }

    #[test]
    fn a_line_of_the_greatest_length_is_not_overlong() {
        let mut content = vec![b'x'; LINE_MAX_BYTES];
        content.push(b'\n');
        assert_eq!(lines_of(&content), [(1, 0, 65536, 65536, 65536, true)]);
    }
}
