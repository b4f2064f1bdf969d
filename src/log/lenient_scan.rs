//! Reads a log from front to back and continues after damage.
//!
//! Figures must not come from a lenient scan that found damage.

use std::convert::Infallible;

use super::lines::{LineReader, RawLine};
use super::tail::{self, Tail};
use super::{Checker, Code, Damage, LineSpan, LogError, LogPosition, LogReader, Scanned, Verdict};
use crate::event::Entry;

/// A line of a lenient scan.
#[derive(Debug)]
pub enum LenientLine<'a> {
    /// An event that counts.
    Sound(&'a Entry<'a>, LineSpan),
    /// A line that is damaged in these ways.
    Damaged(Vec<Damage>, LineSpan),
    /// A valid line of an unfinished append.
    Unfinished(LineSpan),
}

impl LogReader {
    /// Delivers every line. The returned position and tail are those before the first damage, and
    /// the end of the file.
    ///
    /// # Errors
    /// [`LogError`] if this is not a log, or one of a later version.
    pub fn lenient_scan(
        &self,
        mut each: impl FnMut(LenientLine<'_>) + Send,
    ) -> Result<Scanned, LogError> {
        let settled = self.settled;
        let reached = self.scan_in_parallel(None, settled, |entry, span| {
            each(LenientLine::Sound(entry, span));
            Ok::<(), Infallible>(())
        });
        match reached {
            Ok(reached) => self.lenient_scan_from(reached.as_ref(), settled, each),
            Err(never) => match never {},
        }
    }

    /// The lenient scan on one core, line by line, which alone reports damage and the end of the
    /// log.
    pub(super) fn lenient_scan_from(
        &self,
        from: Option<&LogPosition>,
        settled: u64,
        mut each: impl FnMut(LenientLine<'_>),
    ) -> Result<Scanned, LogError> {
        let read_error = |source| super::file::io_error(&self.path, "read", source);
        let mut checker = from.map_or_else(Checker::new, Checker::after);
        let (offset, number) = from.map_or((0, 1), |position| {
            (position.offset, position.seq.saturating_add(2))
        });
        let mut lines = LineReader::new(&self.file, offset, number, settled);
        let mut next_number = number;
        let mut is_in_tail = false;
        let mut last = from.copied();
        let mut tail = Tail::Clean;
        let mut is_sound = true;
        let unfinished = Tail::Torn {
            offset: settled,
            bytes: self.length.saturating_sub(settled),
        };
        loop {
            let raw = match lines.next_line() {
                Ok(Some(raw)) => raw,
                Ok(None) if !is_in_tail && settled < self.length => {
                    is_in_tail = true;
                    lines = LineReader::new(&self.file, settled, next_number, self.length);
                    continue;
                }
                Ok(None) => break,
                Err(_) if is_in_tail && self.has_changed() => {
                    tail = unfinished;
                    break;
                }
                Err(source) => return Err(read_error(source)),
            };
            next_number = next_number.saturating_add(1);
            let span = LineSpan::of(&raw);
            let counts = !is_in_tail;
            // A writer has set the tail aside meanwhile: it was torn.
            if is_in_tail && self.has_changed() {
                tail = unfinished;
                break;
            }
            let is_torn = !raw.terminated
                && !counts
                && tail::is_torn(&raw, checker.next_seq(), checker.last_at());
            if is_torn {
                tail = unfinished;
                break;
            }
            match checker.check(&raw) {
                Ok(entry) if counts => {
                    if is_sound {
                        last = Some(LogPosition {
                            offset: span.end,
                            seq: entry.seq,
                            hash: entry.hash,
                            at: entry.at,
                        });
                    }
                    each(LenientLine::Sound(&entry, span));
                    if !raw.terminated {
                        tail = Tail::Unterminated;
                    }
                }
                Ok(_) if raw.terminated => {
                    each(LenientLine::Unfinished(span));
                    tail = unfinished;
                }
                other => {
                    let found = match other {
                        Ok(_) => vec![no_line_feed(&raw)],
                        Err(verdict) => self.name(&raw, verdict, is_sound)?,
                    };
                    checker.pass_over(&raw);
                    is_sound = false;
                    if !counts {
                        // Not what a cut append leaves: damage, and nothing of it is torn.
                        tail = Tail::Clean;
                    }
                    each(LenientLine::Damaged(found, span));
                }
            }
        }
        Ok(Scanned { last, tail })
    }

    /// What is wrong with a line, after other damage if it is not the first.
    #[cold]
    fn name(
        &self,
        raw: &RawLine<'_>,
        verdict: Verdict,
        is_first: bool,
    ) -> Result<Vec<Damage>, LogError> {
        let is_foreign = raw.number == 1 && !super::scan::looks_like_ours(raw.bytes);
        match verdict {
            Verdict::Damaged(found) if !is_foreign => Ok(found),
            Verdict::Newer(version) if !is_first => Ok(vec![Damage {
                line: raw.number,
                offset: raw.offset,
                code: Code::Form,
                reason: format!("its version {version} is not supported"),
            }]),
            verdict => Err(self.error(raw, verdict)),
        }
    }
}

fn no_line_feed(raw: &RawLine<'_>) -> Damage {
    Damage {
        line: raw.number,
        offset: raw.offset,
        code: Code::Form,
        reason: "it has no line feed".to_owned(),
    }
}
