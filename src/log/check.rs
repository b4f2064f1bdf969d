//! Checks line after line against the format: form, number, time, hash.

use super::format::{self, Covered, LineFault, ParseCache, ParsedLine};
use super::lines::{LINE_MAX_BYTES, RawLine};
use super::{Code, Damage, LogPosition, chain};
use crate::event::{Entry, Hash, Kind, Note};
use crate::time::Timestamp;

/// Checks lines in order.
#[derive(Clone, Debug, Default)]
pub struct Checker {
    next: u64,
    previous: Option<(Hash, Timestamp)>,
    cache: ParseCache,
}

/// Why a line was not taken: damage, or a version that is not ours to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All that is wrong with the line, the gravest first.
    Damaged(Vec<Damage>),
    /// A line of this later version.
    Newer(u64),
}

impl Checker {
    /// Starts at the first line.
    pub fn new() -> Checker {
        Checker::default()
    }

    /// Starts after a line that was checked before.
    pub fn after(position: &LogPosition) -> Checker {
        Checker {
            next: position.seq.saturating_add(1),
            previous: Some((position.hash, position.at)),
            cache: ParseCache::default(),
        }
    }

    /// The number the next line must have.
    pub fn next_seq(&self) -> u64 {
        self.next
    }

    /// The time of the last line that was taken.
    pub(super) fn last_at(&self) -> Option<Timestamp> {
        self.previous.map(|(_, at)| at)
    }

    /// Accepts a valid line, or returns everything that is wrong with it.
    ///
    /// # Errors
    /// [`Verdict`].
    pub fn check<'a>(&mut self, raw: &RawLine<'a>) -> Result<Entry<'a>, Verdict> {
        self.check_quietly(raw).ok_or_else(|| self.judge(raw))
    }

    /// The same, without a word about a line that is not taken.
    #[inline]
    fn check_quietly<'a>(&mut self, raw: &RawLine<'a>) -> Option<Entry<'a>> {
        if raw.is_overlong() {
            return None;
        }
        let line = format::read_after(raw.bytes, &mut self.cache)?;
        if !self.is_next(&line) {
            return None;
        }
        self.next = line.entry.seq.saturating_add(1);
        self.previous = Some((line.entry.hash, line.entry.at));
        Some(line.entry)
    }

    /// Continues after a damaged line as if it were valid, as far as it can be parsed.
    pub fn pass_over(&mut self, raw: &RawLine<'_>) {
        self.next = self.next.saturating_add(1);
        if let Ok(line) = format::read(raw.bytes) {
            self.next = line.entry.seq.saturating_add(1);
            self.previous = Some((line.entry.hash, line.entry.at));
        } else if let Some(shape) = shape(raw.bytes)
            && let Some(hash) = Hash::from_hex(shape.claimed)
        {
            let at = self.previous.map_or(Timestamp::MIN, |(_, at)| at);
            self.previous = Some((hash, at));
        }
    }

    fn is_next(&self, line: &ParsedLine<'_>) -> bool {
        let previous = self.previous.as_ref();
        let previous = previous.map(|(hash, at)| (hash, at));
        is_next(self.next, previous, &line.entry, &line.covered)
    }

    /// True if only the version number of the next line is damaged.
    #[cold]
    fn is_next_in_a_known_version(&self, line: &[u8]) -> bool {
        const BEGINNING: &[u8] = b"{\"v\":";
        let Some(comma) = memchr::memchr(b',', line) else {
            return false;
        };
        let rest = line.get(comma..).unwrap_or_default();
        [b"1", b"2"].into_iter().any(|version| {
            let repaired = [BEGINNING, version, rest].concat();
            format::read(&repaired).is_ok_and(|line| self.is_next(&line))
        })
    }

    /// What is wrong with a line that was not taken.
    #[cold]
    fn judge(&self, raw: &RawLine<'_>) -> Verdict {
        if !raw.is_overlong()
            && let Err(LineFault::Newer(version)) = format::read(raw.bytes)
            && !self.is_next_in_a_known_version(raw.bytes)
        {
            return Verdict::Newer(version);
        }
        Verdict::Damaged(self.explain(raw))
    }

    #[cold]
    fn explain(&self, raw: &RawLine<'_>) -> Vec<Damage> {
        let mut found = Vec::new();
        let mut add = |code: Code, reason: String| {
            found.push(Damage {
                line: raw.number,
                offset: raw.offset,
                code,
                reason,
            });
        };
        if raw.is_overlong() {
            add(
                Code::Length,
                format!(
                    "it has {} bytes, a line has at most {LINE_MAX_BYTES}",
                    raw.length
                ),
            );
            return found;
        }
        if let Some(reason) = editor_trace(raw.bytes) {
            // Typical damage by editors and transfers is reported more precisely than a wrong hash.
            add(Code::Form, reason.to_owned());
            return found;
        }
        let previous = self.previous.as_ref().map(|(hash, _)| hash);
        match format::read(raw.bytes) {
            Ok(line) => {
                if !is_linked(previous, &line.entry, &line.covered) {
                    add(Code::Hash, HASH_REASON.to_owned());
                }
                if line.entry.seq != self.next {
                    let (seq, next) = (line.entry.seq, self.next);
                    add(Code::Seq, format!("its \"seq\" is {seq}, expected {next}"));
                }
                if let Some((_, at)) = self.previous
                    && line.entry.at < at
                {
                    let own = line.entry.at;
                    add(
                        Code::Time,
                        format!("its time {own} is before {at}, that of the previous line"),
                    );
                }
                let is_opening = line.entry.event.kind() == Kind::Ledger;
                if is_opening != (line.entry.seq == 0) {
                    add(
                        Code::Form,
                        "the first line, and only the first, is of type ledger".to_owned(),
                    );
                }
                if is_opening && line.entry.more {
                    add(Code::Form, "the first line cannot have \"more\"".to_owned());
                }
            }
            Err(fault) => {
                if let Some(shape) = shape(raw.bytes) {
                    let note = shape.note.map(|note| match redacted(note) {
                        Some(hash) => hash,
                        None => chain::digest(note),
                    });
                    let hash = chain::link(previous, shape.hashed, note.as_ref());
                    if hash.as_bytes() != shape.claimed {
                        add(Code::Hash, HASH_REASON.to_owned());
                    }
                }
                add(Code::Form, form_reason(fault));
            }
        }
        found
    }
}

/// A line that was taken, as far as the next one must follow it.
#[derive(Clone, Copy)]
pub(super) struct Predecessor<'p> {
    seq: u64,
    hash: &'p Hash,
    at: &'p Timestamp,
}

impl<'p> Predecessor<'p> {
    pub(super) fn entry(entry: &'p Entry<'_>) -> Predecessor<'p> {
        Predecessor {
            seq: entry.seq,
            hash: &entry.hash,
            at: &entry.at,
        }
    }

    pub(super) fn position(position: &'p LogPosition) -> Predecessor<'p> {
        Predecessor {
            seq: position.seq,
            hash: &position.hash,
            at: &position.at,
        }
    }
}

/// The checks of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineChecks {
    /// Everything.
    All,
    /// All but its hash, which this run has checked before.
    AllButHash,
}

/// True if a line follows the previous one, or is the first line of a log if there is none.
#[inline]
pub(super) fn follows(
    ahead: Option<Predecessor<'_>>,
    entry: &Entry<'_>,
    covered: &Covered<'_>,
    checks: LineChecks,
) -> bool {
    let (next, previous) = match ahead {
        Some(Predecessor { seq, hash, at }) => (seq.saturating_add(1), Some((hash, at))),
        None => (0, None),
    };
    match checks {
        LineChecks::All => is_next(next, previous, entry, covered),
        LineChecks::AllButHash => is_in_order(next, previous, entry),
    }
}

#[inline]
fn is_next(
    next: u64,
    previous: Option<(&Hash, &Timestamp)>,
    entry: &Entry<'_>,
    covered: &Covered<'_>,
) -> bool {
    is_in_order(next, previous, entry) && is_linked(previous.map(|(hash, _)| hash), entry, covered)
}

#[inline]
fn is_in_order(next: u64, previous: Option<(&Hash, &Timestamp)>, entry: &Entry<'_>) -> bool {
    entry.seq == next
        && previous.is_none_or(|(_, at)| entry.at >= *at)
        && (entry.event.kind() == Kind::Ledger) == (entry.seq == 0)
        && !(entry.seq == 0 && entry.more)
}

/// True if a line has the right hash after this one.
#[inline]
fn is_linked(previous: Option<&Hash>, entry: &Entry<'_>, covered: &Covered<'_>) -> bool {
    let note = match (&entry.note, covered.note_object) {
        (None, _) => None,
        (Some(Note::Redacted(hash)), _) => Some(*hash),
        (_, object) => object.map(chain::digest),
    };
    chain::is_linked(previous, covered.hashed, note.as_ref(), &entry.hash)
}

const HASH_REASON: &str = "its hash does not match its bytes and the previous line's hash";

fn editor_trace(line: &[u8]) -> Option<&'static str> {
    if line.iter().all(u8::is_ascii_whitespace) {
        Some("it is blank")
    } else if line.starts_with(b"\xef\xbb\xbf") {
        Some("it starts with a byte order mark")
    } else if line.ends_with(b"\r") {
        Some("it ends with a carriage return")
    } else {
        None
    }
}

fn form_reason(fault: LineFault) -> String {
    match fault {
        LineFault::Form { at, reason } => {
            format!("not in the canonical form at its byte {at}: {reason}")
        }
        LineFault::Ends => "it ends in its middle".to_owned(),
        LineFault::Newer(version) => {
            format!("its version is {version}, but its hash is that of an earlier version")
        }
    }
}

/// The raw stretches a hash is made of, found without reading the line.
struct LineShape<'a> {
    hashed: &'a [u8],
    claimed: &'a [u8],
    note: Option<&'a [u8]>,
}

fn shape(line: &[u8]) -> Option<LineShape<'_>> {
    const HASH: &[u8] = b",\"hash\":\"";
    let at = memchr::memmem::find(line, HASH)?;
    let hashed = line.get(..at)?;
    let after = line.get(at.checked_add(HASH.len())?..)?;
    let claimed = after.get(..64)?;
    let rest = after.get(64..)?.strip_prefix(b"\"")?.strip_suffix(b"}")?;
    let note = if rest.is_empty() {
        None
    } else {
        Some(rest.strip_prefix(b",\"note\":")?)
    };
    Some(LineShape {
        hashed,
        claimed,
        note,
    })
}

fn redacted(note: &[u8]) -> Option<Hash> {
    Hash::from_hex(note.strip_prefix(b"\"")?.strip_suffix(b"\"")?)
}
