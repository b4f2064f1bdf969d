//! A receipt: one event and the path from it to a head (`c2sp.org/tlog-proof@v1`).

use std::fmt;

use super::line::HashedLine;
use super::text::{NumberedLines, decode_base64, encode_base64, parse_number};
use super::tree::read_path;
use super::{HeadFile, ProofError, TreeHash, root_from_path};
use crate::event::Hash;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
const EXTRA_LINE: usize = 2;
const INDEX_LINE: usize = 3;
/// Lines of a receipt that are not hashes of the path, up to and with the head's root.
const LINES_AROUND_PATH: usize = 7;

/// An event that is shown to be in the tree of a head. Its `Display` is the file.
///
/// A value of this type has a right hash, path and index; only its signatures remain to be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionReceipt {
    previous: Option<Hash>,
    line: String,
    index: u64,
    path: Vec<TreeHash>,
    head: HeadFile,
}

impl InclusionReceipt {
    /// Makes a receipt from a line of the log, without its line feed.
    ///
    /// # Errors
    /// [`ProofError`] if the parts do not fit together, with the line that they have in the file.
    pub fn new(
        previous: Option<Hash>,
        line: String,
        path: Vec<TreeHash>,
        head: HeadFile,
    ) -> Result<InclusionReceipt, ProofError> {
        let index = split(&line)?.seq;
        let receipt = InclusionReceipt {
            previous,
            line,
            index,
            path,
            head,
        };
        receipt.check()?;
        Ok(receipt)
    }

    /// Reads and checks a receipt.
    ///
    /// # Errors
    /// [`ProofError`] with the line that is wrong.
    pub fn read(bytes: &[u8]) -> Result<InclusionReceipt, ProofError> {
        let mut lines = NumberedLines::new(bytes)?;
        if lines.next_line("the file is empty")? != FIRST_LINE {
            return Err(lines.wrong("not `c2sp.org/tlog-proof@v1`"));
        }
        let extra = lines
            .next_line("the event is missing")?
            .strip_prefix("extra ")
            .ok_or_else(|| lines.wrong("not `extra` and the event"))?;
        let extra = decode_base64(extra).ok_or_else(|| lines.wrong("not canonical base64"))?;
        let (previous, line) = read_extra(extra).map_err(|reason| lines.wrong(reason))?;
        let index = lines
            .next_line("the index is missing")?
            .strip_prefix("index ")
            .and_then(parse_number)
            .ok_or_else(|| lines.wrong("not `index` and a whole number"))?;
        let receipt = InclusionReceipt {
            previous,
            line,
            index,
            path: read_path(&mut lines)?,
            head: HeadFile::read_to_end(&mut lines)?,
        };
        receipt.check()?;
        Ok(receipt)
    }

    fn check(&self) -> Result<(), ProofError> {
        let line = split(&self.line)?;
        if line.seq != self.index {
            return Err(ProofError::OtherEvent {
                line: INDEX_LINE,
                index: self.index,
                seq: line.seq,
            });
        }
        if (self.index == 0) != self.previous.is_none() {
            return Err(wrong_event("every event but the first follows a hash"));
        }
        if !line.is_hashed_after(self.previous.as_ref()) {
            return Err(ProofError::EventHash { line: EXTRA_LINE });
        }
        let head = &self.head.head;
        let leaf = TreeHash::of_line(&line.hash);
        if root_from_path(leaf, self.index, head.size, &self.path) != Some(head.root) {
            return Err(ProofError::Path {
                line: self.path.len().saturating_add(LINES_AROUND_PATH),
                index: self.index,
            });
        }
        Ok(())
    }

    /// The same receipt without the contents of the event's note.
    #[must_use]
    pub fn closed(self) -> InclusionReceipt {
        match HashedLine::read(&self.line).map(|line| line.closed()) {
            Ok(line) => InclusionReceipt { line, ..self },
            Err(_) => self,
        }
    }

    /// The event's line, without its line feed.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The event's number.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The hash of the line before; none for the first event.
    pub fn previous(&self) -> Option<&Hash> {
        self.previous.as_ref()
    }

    /// The head that the path leads to.
    pub fn head(&self) -> &HeadFile {
        &self.head
    }
}

fn wrong_event(reason: &'static str) -> ProofError {
    ProofError::Form {
        line: EXTRA_LINE,
        reason,
    }
}

fn split(line: &str) -> Result<HashedLine<'_>, ProofError> {
    HashedLine::read(line).map_err(wrong_event)
}

/// Splits the hash of the line before from the event's line.
fn read_extra(extra: Vec<u8>) -> Result<(Option<Hash>, String), &'static str> {
    let text = String::from_utf8(extra).map_err(|_| "the event is not UTF-8")?;
    let (previous, line) = text
        .split_once('\n')
        .ok_or("the event does not follow a hash and a line feed")?;
    let line = line
        .strip_suffix('\n')
        .ok_or("the event has no line feed at its end")?;
    let previous = match previous {
        "" => None,
        digits => {
            Some(Hash::from_hex(digits.as_bytes()).ok_or("the hash before is not 64 hex digits")?)
        }
    };
    Ok((previous, line.to_owned()))
}

impl fmt::Display for InclusionReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let previous = self.previous.as_ref().map_or("", Hash::as_str);
        let extra = format!("{previous}\n{}\n", self.line);
        writeln!(f, "{FIRST_LINE}")?;
        writeln!(f, "extra {}", encode_base64(extra.as_bytes()))?;
        writeln!(f, "index {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.head)
    }
}
