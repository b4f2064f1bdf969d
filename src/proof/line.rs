//! A log's line as what its hash is made of: true in every version of the format.

use sha2::{Digest as _, Sha256};

use super::text::split_number;
use crate::event::Hash;
use crate::log::LINE_MAX_BYTES;

/// A line's number and the parts that its hash covers.
pub(super) struct HashedLine<'a> {
    pub(super) seq: u64,
    /// The bytes before `,"hash":"`.
    hashed: &'a str,
    pub(super) hash: Hash,
    note: Option<HashedNote<'a>>,
}

enum HashedNote<'a> {
    Open(&'a str),
    Digest(Hash),
}

const HASH_DIGITS: usize = 64;

impl<'a> HashedLine<'a> {
    /// Splits a line, given without its line feed.
    pub(super) fn read(line: &'a str) -> Result<HashedLine<'a>, &'static str> {
        if line.len() > LINE_MAX_BYTES {
            return Err("the event's line is longer than 64 KiB");
        }
        if line.contains('\n') {
            return Err("the event has more than one line");
        }
        let seq =
            read_seq(line).ok_or("the event does not begin with its version, seq and time")?;
        // No text before the hash contains these bytes: quotes in it are escaped.
        let (hashed, rest) = line
            .split_once(",\"hash\":\"")
            .ok_or("the event has no hash")?;
        let (digits, rest) = rest
            .split_at_checked(HASH_DIGITS)
            .ok_or("the event's hash is not 64 hex digits")?;
        let hash =
            Hash::from_hex(digits.as_bytes()).ok_or("the event's hash is not 64 hex digits")?;
        let note = match rest {
            "\"}" => None,
            _ => Some(HashedNote::read(rest).ok_or("the event's hash or note ends otherwise")?),
        };
        Ok(HashedLine {
            seq,
            hashed,
            hash,
            note,
        })
    }

    /// Whether the hash is the one of these bytes after the hash of the line before.
    pub(super) fn is_hashed_after(&self, previous: Option<&Hash>) -> bool {
        let mut sha = Sha256::new();
        if let Some(previous) = previous {
            sha.update(previous.as_bytes());
        }
        sha.update(b"\n");
        sha.update(self.hashed);
        sha.update(b"\n");
        if let Some(note) = &self.note {
            sha.update(note.digest().as_bytes());
        }
        Hash::from_bytes(sha.finalize().into()) == self.hash
    }

    /// The line with its note's digest in place of the note.
    pub(super) fn closed(&self) -> String {
        let HashedLine { hashed, hash, .. } = self;
        match &self.note {
            None => format!("{hashed},\"hash\":\"{hash}\"}}"),
            Some(note) => {
                let digest = note.digest();
                format!("{hashed},\"hash\":\"{hash}\",\"note\":\"{digest}\"}}")
            }
        }
    }
}

impl<'a> HashedNote<'a> {
    /// Reads what follows the digits of the hash.
    fn read(text: &'a str) -> Option<HashedNote<'a>> {
        let note = text.strip_prefix("\",\"note\":")?.strip_suffix('}')?;
        if note.starts_with('{') && note.ends_with('}') {
            return Some(HashedNote::Open(note));
        }
        let digits = note.strip_prefix('"')?.strip_suffix('"')?;
        Hash::from_hex(digits.as_bytes()).map(HashedNote::Digest)
    }

    fn digest(&self) -> Hash {
        match self {
            HashedNote::Open(object) => Hash::from_bytes(Sha256::digest(object).into()),
            HashedNote::Digest(digest) => *digest,
        }
    }
}

/// The number of a line that begins `{"v":N,"seq":N,"at":"`.
fn read_seq(line: &str) -> Option<u64> {
    let (version, rest) = split_number(line.strip_prefix("{\"v\":")?)?;
    let (seq, rest) = split_number(rest.strip_prefix(",\"seq\":")?)?;
    (version > 0 && rest.starts_with(",\"at\":\"")).then_some(seq)
}
