//! The repair: reads a damaged log, removes bytes that contain no event, and reports the result.
//!
//! Such bytes are white space, carriage returns, a byte order mark, a line's second copy, and the
//! end of an append that did not finish. Every line that stays is checked against the hash chain.

use std::io;

use crate::event::Head;
use crate::log::{
    Checker, Code, Damage, LINE_MAX_BYTES, LineReader, LogError, LogPosition, LogReader, RawLine,
    Verdict, looks_like_ours, seq_of,
};

use super::head::{HeadCheck, HeadFound};
use super::problem::{Problem, ProblemKind};

/// No list of a kind of damage that cannot be repaired is longer; the last then counts the rest.
const MOST_PLACES: usize = 1000;

/// A repaired log.
#[derive(Debug)]
pub(super) struct RepairedLog {
    /// What was wrong, in the order in which it first showed.
    pub(super) problems: Vec<Problem>,
    /// The last event that counts; its offset is one in the repaired bytes.
    pub(super) last: Option<LogPosition>,
    /// Up to here the repaired bytes are the old ones.
    pub(super) unchanged: u64,
    /// The bytes of a torn tail.
    pub(super) torn_bytes: u64,
    pub(super) head_found: HeadFound,
}

impl RepairedLog {
    /// True if nothing is lost: every event of the old bytes is in the repaired ones.
    pub(super) fn is_whole(&self) -> bool {
        self.last.is_some()
            && self
                .problems
                .iter()
                .all(|problem| problem.kind.is_repairable())
    }
}

/// What becomes of a piece of the old log.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// A valid line; `offset` is its position in the repaired bytes.
    Kept { bytes: &'a [u8], offset: u64 },
    /// It is at or after damage that cannot be repaired.
    LeftOut { raw: RawLine<'a>, reason: &'a str },
}

/// Repairs a log line by line, in bounded memory, and changes nothing.
pub(super) fn rebuild<E: From<LogError>>(
    log: &LogReader,
    head: Option<&Head>,
    mut each: impl FnMut(Piece<'_>) -> Result<(), E>,
) -> Result<RepairedLog, E> {
    let read_error = |source: io::Error| -> E { read_failed(log, source).into() };
    let mut repair = LogRepair::new(log, head);
    let mut lines = LineReader::new(log.file(), 0, 1, log.length());
    while let Some(raw) = lines.next_line().map_err(read_error)? {
        repair.line(&raw, &mut each)?;
    }
    Ok(repair.end())
}

fn read_failed(log: &LogReader, source: io::Error) -> LogError {
    LogError::Io {
        path: log.path().to_owned(),
        action: "read",
        source,
    }
}

struct LogRepair<'l> {
    log: &'l LogReader,
    checker: Checker,
    lookout: HeadCheck<'l>,
    kept: KeptLines<'l>,
    problems: Vec<Problem>,
    /// The number of the line after which nothing is kept.
    broken_at: Option<u64>,
    /// How many repaired bytes there are.
    length: u64,
    unchanged: Option<u64>,
    last: Option<LogPosition>,
    torn_bytes: u64,
}

impl<'l> LogRepair<'l> {
    fn new(log: &'l LogReader, head: Option<&'l Head>) -> LogRepair<'l> {
        LogRepair {
            log,
            checker: Checker::new(),
            lookout: HeadCheck::new(head),
            kept: KeptLines::new(log),
            problems: Vec::new(),
            broken_at: None,
            length: 0,
            unchanged: None,
            last: None,
            torn_bytes: 0,
        }
    }

    fn line<E: From<LogError>>(
        &mut self,
        raw: &RawLine<'_>,
        each: &mut impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if raw.is_overlong() {
            let detail = format!(
                "it has {} bytes, a line has at most {LINE_MAX_BYTES}",
                raw.length
            );
            return self.give_up(raw, ProblemKind::TooLong, detail, each);
        }
        if !raw.terminated && self.checker.takes_for_torn(raw) && !is_whole(&self.checker, raw) {
            self.torn(raw, raw.offset);
            return Ok(());
        }
        let body = self.undress(raw);
        if body.is_empty() {
            self.found(ProblemKind::BlankLines, raw, "it is blank".to_owned());
            return Ok(());
        }
        if self.checker.next_seq() == 0 && self.broken_at.is_none() && !looks_like_ours(body) {
            return Err(LogError::NotALedger {
                path: self.log.path().to_owned(),
                what: "its first line is not that of a ledger",
            }
            .into());
        }
        let pieces = split(body);
        if pieces.len() > 1 {
            let detail = format!("{} events are on one line", pieces.len());
            self.found(ProblemKind::GluedLines, raw, detail);
        }
        let body_at = distance(raw.bytes, body);
        let count = pieces.len();
        for (index, (start, bytes)) in pieces.into_iter().enumerate() {
            let piece = RawLine {
                offset: raw
                    .offset
                    .saturating_add(body_at)
                    .saturating_add(as_u64(start)),
                bytes,
                length: as_u64(bytes.len()),
                length_without_nul: as_u64(bytes.len()),
                terminated: raw.terminated || index.saturating_add(1) < count,
                ..*raw
            };
            self.piece(&piece, each)?;
        }
        Ok(())
    }

    /// The line without the characters around it.
    fn undress<'b>(&mut self, raw: &RawLine<'b>) -> &'b [u8] {
        let mut body = raw.bytes;
        if raw.number == 1
            && let Some(rest) = body.strip_prefix(b"\xef\xbb\xbf")
        {
            self.found(
                ProblemKind::ByteOrderMark,
                raw,
                "there is a byte order mark before it".to_owned(),
            );
            body = rest;
        }
        let trimmed = body.trim_ascii();
        let is_returned = body
            .strip_suffix(b"\r")
            .is_some_and(|rest| !rest.trim_ascii().is_empty());
        if is_returned {
            self.found(
                ProblemKind::CarriageReturns,
                raw,
                "it ends with a carriage return".to_owned(),
            );
        }
        let without_return = body.strip_suffix(b"\r").unwrap_or(body);
        if trimmed.len() != without_return.len() && !trimmed.is_empty() {
            self.found(
                ProblemKind::StrayBlanks,
                raw,
                "there are spaces around it".to_owned(),
            );
        }
        trimmed
    }

    fn piece<E: From<LogError>>(
        &mut self,
        piece: &RawLine<'_>,
        each: &mut impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.checker.check(piece) {
            Ok(entry) if self.broken_at.is_none() => {
                let offset = self.length;
                if !piece.terminated {
                    let detail = "its line feed is missing".to_owned();
                    self.found(ProblemKind::MissingLineFeed, piece, detail);
                }
                self.length = offset.saturating_add(piece.length).saturating_add(1);
                self.lookout.see(entry.seq, &entry.hash);
                self.kept.add(entry.seq, piece.number, piece.offset);
                if !entry.more {
                    self.last = Some(LogPosition {
                        offset: self.length,
                        seq: entry.seq,
                        hash: entry.hash,
                        at: entry.at,
                    });
                }
                let bytes = piece.bytes;
                each(Piece::Kept { bytes, offset })
            }
            Ok(_) => {
                let line = self.broken_at.unwrap_or_default();
                let reason = format!("it follows line {line}, which is damaged");
                each(Piece::LeftOut {
                    raw: *piece,
                    reason: &reason,
                })
            }
            Err(_) if !piece.terminated && self.checker.takes_for_torn(piece) => {
                self.torn(piece, piece.offset);
                Ok(())
            }
            Err(verdict) => {
                if self.is_doubled(piece)? {
                    self.found(
                        ProblemKind::DoubledLines,
                        piece,
                        "it repeats an earlier line byte for byte".to_owned(),
                    );
                    return Ok(());
                }
                let (kind, detail) = self.classify(piece, verdict);
                self.give_up(piece, kind, detail, each)
            }
        }
    }

    /// True if the same line was kept before.
    fn is_doubled(&mut self, piece: &RawLine<'_>) -> Result<bool, LogError> {
        let Some(seq) = seq_of(piece.bytes).filter(|seq| *seq < self.checker.next_seq()) else {
            return Ok(false);
        };
        let kept = self.kept.line(seq);
        let kept = kept.map_err(|source| read_failed(self.log, source))?;
        Ok(kept == Some(piece.bytes))
    }

    fn classify(&self, piece: &RawLine<'_>, verdict: Verdict) -> (ProblemKind, String) {
        const MARKS: [&[u8]; 4] = [b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||"];
        if MARKS.iter().any(|mark| piece.bytes.starts_with(mark)) {
            let detail = "two versions of the file were merged and the merge not finished";
            return (ProblemKind::MergeMarks, detail.to_owned());
        }
        let found = match verdict {
            Verdict::Newer(version) => {
                return (
                    ProblemKind::NewerVersion,
                    format!("it is of version {version}"),
                );
            }
            Verdict::Damaged(found) => found,
        };
        let is_formed = found.iter().all(|damage| damage.code != Code::Form);
        let next = self.checker.next_seq();
        match seq_of(piece.bytes) {
            Some(seq) if is_formed && seq > next => {
                let missing = match seq.saturating_sub(1) {
                    last if last == next => format!("event {next} is missing"),
                    last => format!("the events {next} to {last} are missing"),
                };
                (ProblemKind::MissingLines, missing)
            }
            Some(seq) if is_formed && seq < next => (
                ProblemKind::Fork,
                format!("it is another event {seq}: the file has two histories"),
            ),
            _ => (ProblemKind::ChangedBytes, joined(&found)),
        }
    }

    /// Keeps no more lines, but continues to diagnose.
    fn give_up<E: From<LogError>>(
        &mut self,
        raw: &RawLine<'_>,
        kind: ProblemKind,
        detail: String,
        each: &mut impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if kind != ProblemKind::MergeMarks {
            // A byte order mark contains no event.
            self.checker.pass_over(raw);
        }
        self.broken_at.get_or_insert(raw.number);
        each(Piece::LeftOut {
            raw: *raw,
            reason: &detail,
        })?;
        self.found(kind, raw, detail);
        Ok(())
    }

    fn torn(&mut self, raw: &RawLine<'_>, from: u64) {
        self.torn_bytes = self.log.length().saturating_sub(from);
        let detail = format!("{} bytes of an append that never finished", self.torn_bytes);
        self.found(ProblemKind::TornTail, raw, detail);
    }

    fn found(&mut self, kind: ProblemKind, raw: &RawLine<'_>, detail: String) {
        // After a repair, the lines from here on differ from the old ones.
        self.unchanged.get_or_insert(self.length);
        let of_kind = |problem: &&mut Problem| problem.kind == kind;
        let is_full = self.problems.len() >= MOST_PLACES;
        if (kind.is_repairable() || is_full)
            && let Some(known) = self.problems.iter_mut().rev().find(of_kind)
        {
            known.count = known.count.saturating_add(1);
            return;
        }
        self.problems.push(Problem {
            kind,
            line: Some(raw.number),
            byte: Some(raw.offset),
            count: 1,
            detail,
        });
    }

    fn end(mut self) -> RepairedLog {
        let settled = self.last.map_or(0, |mark| mark.offset);
        if settled < self.length && self.broken_at.is_none() {
            // Complete lines of an incomplete batch.
            let bytes = self.length.saturating_sub(settled);
            self.torn_bytes = self.torn_bytes.saturating_add(bytes);
            let is_known = self
                .problems
                .iter()
                .any(|problem| problem.kind == ProblemKind::TornTail);
            if !is_known {
                self.problems.push(Problem {
                    kind: ProblemKind::TornTail,
                    line: None,
                    byte: None,
                    count: 1,
                    detail: format!("{bytes} bytes of a batch that never finished"),
                });
            }
        }
        let last = self.last.map_or(0, |mark| mark.seq);
        RepairedLog {
            problems: self.problems,
            last: self.last,
            unchanged: self.unchanged.unwrap_or(self.length).min(settled),
            torn_bytes: self.torn_bytes,
            head_found: self.lookout.found(last, self.broken_at.is_none()),
        }
    }
}

/// True if a line without a line feed is a complete next line.
fn is_whole(checker: &Checker, raw: &RawLine<'_>) -> bool {
    checker.clone().check(raw).is_ok_and(|entry| !entry.more)
}

/// The events on a line, each with its place in it. In the canonical form no text holds these bytes:
/// a quote in a text is escaped.
fn split(body: &[u8]) -> Vec<(usize, &[u8])> {
    const SEAM: &[u8] = b"}{\"v\":";
    let mut pieces = Vec::new();
    let mut start = 0_usize;
    let ends = memchr::memmem::find_iter(body, SEAM).map(|at| at.saturating_add(1));
    for end in ends.chain(std::iter::once(body.len())) {
        pieces.push((start, body.get(start..end).unwrap_or_default()));
        start = end;
    }
    pieces
}

/// The offset of `part` in `whole`.
fn distance(whole: &[u8], part: &[u8]) -> u64 {
    let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    as_u64(start)
}

fn joined(found: &[Damage]) -> String {
    let reasons: Vec<&str> = found.iter().map(|damage| damage.reason.as_str()).collect();
    reasons.join("; ")
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Finds lines that were kept: remembers the position of every n-th one.
struct KeptLines<'l> {
    log: &'l LogReader,
    /// The raw line and the offset of each block's first event.
    blocks: Vec<(u64, u64)>,
    /// The lines of one block.
    loaded: Option<(u64, Vec<Vec<u8>>)>,
    next: u64,
}

impl<'l> KeptLines<'l> {
    const BLOCK: u64 = 64;

    fn new(log: &'l LogReader) -> KeptLines<'l> {
        KeptLines {
            log,
            blocks: Vec::new(),
            loaded: None,
            next: 0,
        }
    }

    fn add(&mut self, seq: u64, number: u64, offset: u64) {
        if seq.is_multiple_of(KeptLines::BLOCK) {
            self.blocks.push((number, offset));
        }
        self.next = seq.saturating_add(1);
        let block = seq / KeptLines::BLOCK;
        if self
            .loaded
            .as_ref()
            .is_some_and(|(loaded, _)| *loaded == block)
        {
            self.loaded = None;
        }
    }

    fn line(&mut self, seq: u64) -> io::Result<Option<&[u8]>> {
        if seq >= self.next {
            return Ok(None);
        }
        let block = seq / KeptLines::BLOCK;
        if self
            .loaded
            .as_ref()
            .is_none_or(|(loaded, _)| *loaded != block)
        {
            self.loaded = Some((block, self.load(block)?));
        }
        let (_, lines) = self
            .loaded
            .as_ref()
            .map_or((0, &[][..]), |(b, l)| (*b, l.as_slice()));
        let at = usize::try_from(seq % KeptLines::BLOCK).unwrap_or(usize::MAX);
        Ok(lines.get(at).map(Vec::as_slice))
    }

    fn load(&self, block: u64) -> io::Result<Vec<Vec<u8>>> {
        let mut found = Vec::new();
        let index = usize::try_from(block).unwrap_or(usize::MAX);
        let Some(&(number, offset)) = self.blocks.get(index) else {
            return Ok(found);
        };
        let first = block.saturating_mul(KeptLines::BLOCK);
        let after = first.saturating_add(KeptLines::BLOCK).min(self.next);
        let mut wanted = first;
        let mut lines = LineReader::new(self.log.file(), offset, number, self.log.length());
        while wanted < after
            && let Some(raw) = lines.next_line()?
        {
            for (_, bytes) in split(raw.bytes.trim_ascii()) {
                if wanted < after && seq_of(bytes) == Some(wanted) {
                    found.push(bytes.to_vec());
                    wanted = wanted.saturating_add(1);
                }
            }
        }
        Ok(found)
    }
}
