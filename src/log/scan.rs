//! Reads a log from front to back, checks every line, and delivers the events that count.

use std::io;
use std::sync::Arc;

use super::check::{LineChecks, Verdict};
use super::erased::without_erased;
use super::file::io_error;
use super::lines::{LineReader, RawLine};
use super::parallel::{ScanPlan, Segment};
use super::progress::ProgressReport;
use super::tail::{self, Tail};
use super::{Checker, Code, Damage, LineSpan, LogError, LogPosition, LogReader};
use crate::event::Entry;

/// The part of a log that a scan reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanRange {
    /// The position to start from; `None` is the first line.
    pub after: Option<LogPosition>,
    /// The position to stop at; `None` is the end of the log.
    pub up_to: Option<LogPosition>,
}

impl ScanRange {
    /// The whole log.
    pub const ALL: ScanRange = ScanRange {
        after: None,
        up_to: None,
    };

    /// What follows a position that was checked before; the whole log without one.
    pub fn after(after: Option<LogPosition>) -> ScanRange {
        ScanRange { after, up_to: None }
    }

    /// The same as far as an earlier scan went, and whether its hashes need not be computed again: not
    /// if that scan took a last line without a line feed.
    pub fn again(self, checked: Option<&Scanned>) -> (ScanRange, bool) {
        let is_whole = |scanned: &&Scanned| scanned.tail != Tail::Unterminated;
        match checked.filter(is_whole).and_then(|scanned| scanned.last) {
            Some(last) => (self.up_to(last), true),
            None => (self, false),
        }
    }

    /// The same up to a position.
    #[must_use]
    pub fn up_to(self, position: LogPosition) -> ScanRange {
        ScanRange {
            up_to: Some(position),
            ..self
        }
    }
}

/// How a scan reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanOptions {
    /// No progress is reported: the caller prints while it reads.
    pub is_silent: bool,
    /// A scan of this same reader has checked the whole range before: the hashes in between are not
    /// computed again. Only for a range with both ends known, which are compared.
    pub is_checked: bool,
    /// The caller does not look at notes, so it does not matter which of them count as erased.
    pub ignores_notes: bool,
}

impl ScanOptions {
    /// A check of the lines: their notes are not looked at.
    pub const CHECK: ScanOptions = ScanOptions {
        is_silent: false,
        is_checked: false,
        ignores_notes: true,
    };
}

/// What a whole scan found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// The last event that counts; `None` if there is none, not even the first line.
    pub last: Option<LogPosition>,
    /// What follows it.
    pub tail: Tail,
}

/// Why a scan ended early.
#[derive(Debug)]
pub enum ScanError<E> {
    /// The log is damaged or could not be read.
    Log(LogError),
    /// The caller stopped it.
    Stopped(E),
}

impl<E> From<LogError> for ScanError<E> {
    fn from(error: LogError) -> ScanError<E> {
        ScanError::Log(error)
    }
}

impl LogReader {
    /// Checks every line of a range and delivers each event that counts, in the order of the log. A
    /// note that counts as erased is delivered as erased, whether or not its bytes are gone. A long range
    /// is read on all cores, so `each` may be called on another thread, but never on two at once.
    ///
    /// # Errors
    /// [`ScanError::Log`] at the first invalid line; [`ScanError::Stopped`] with the error of
    /// `each`.
    pub fn scan<E: Send>(
        &self,
        range: ScanRange,
        options: ScanOptions,
        mut each: impl FnMut(&Entry<'_>, LineSpan) -> Result<(), E> + Send,
    ) -> Result<Scanned, ScanError<E>> {
        let start = range.after.map_or(0, |position| position.offset);
        let end = range.up_to.map_or(self.length, |position| position.offset);
        let observer = self.observer.as_ref().filter(|_| !options.is_silent);
        let mut progress = ProgressReport::begin(observer, end.saturating_sub(start));
        let erased = if options.ignores_notes {
            Arc::default()
        } else {
            self.erased_from(start)?
        };
        self.scan_range(range, options, |entry, span| {
            progress.advance(span.end.saturating_sub(span.offset));
            each(&without_erased(entry, &erased), span)
        })
    }

    /// The same with every note as its line has it, and without progress.
    pub(super) fn scan_range<E: Send>(
        &self,
        range: ScanRange,
        options: ScanOptions,
        mut each: impl FnMut(&Entry<'_>, LineSpan) -> Result<(), E> + Send,
    ) -> Result<Scanned, ScanError<E>> {
        if let (true, Some(end)) = (options.is_checked, range.up_to) {
            return self.scan_again(range.after, end, each);
        }
        let (settled, end) = match range.up_to {
            None => (self.settled, self.length),
            Some(position) => (position.offset, position.offset.min(self.length)),
        };
        let reached = self
            .scan_in_parallel(range.after, settled, &mut each)
            .map_err(ScanError::Stopped)?;
        self.scan_lines(reached.as_ref(), settled, end, each)
    }

    /// Converts every event that an earlier scan of this same reader has found, on all cores and without
    /// computing the hashes again. Each core has a result of its own from `make`; `each` takes them in
    /// the order of the log and empties them. False if that scan took a last line without a line feed:
    /// then nothing was converted.
    ///
    /// # Errors
    /// [`ScanError::Log`] if the log was changed meanwhile; [`ScanError::Stopped`] with the error of
    /// `convert` or `each`.
    pub fn convert<P, E: Send>(
        &self,
        checked: &Scanned,
        make: impl Fn() -> P + Sync,
        convert: impl Fn(&mut P, &Entry<'_>) -> Result<(), E> + Sync,
        each: impl FnMut(&mut P) -> Result<(), E> + Send,
    ) -> Result<bool, ScanError<E>> {
        let (range, is_checked) = ScanRange::ALL.again(Some(checked));
        let Some(end) = range.up_to.filter(|_| is_checked) else {
            return Ok(false);
        };
        let erased = self.erased_from(0)?;
        let convert = |converted: &mut P, entry: &Entry<'_>| {
            convert(converted, &without_erased(entry, &erased))
        };
        let segment = self.checked_segment(None, end);
        let plan = ScanPlan::some(segment.length());
        let last = segment.convert(plan, make, convert, each);
        self.reached(last.map_err(ScanError::Stopped)?, end)?;
        Ok(true)
    }

    /// Reads lines by their form and their numbers, without their hashes. A file that was changed
    /// meanwhile is noticed if a number or the last hash changed.
    fn scan_again<E: Send>(
        &self,
        after: Option<LogPosition>,
        end: LogPosition,
        each: impl FnMut(&Entry<'_>, LineSpan) -> Result<(), E> + Send,
    ) -> Result<Scanned, ScanError<E>> {
        let segment = self.checked_segment(after, end);
        let last = segment.scan(ScanPlan::some(segment.length()), each);
        Ok(self.reached(last.map_err(ScanError::Stopped)?, end)?)
    }

    /// A range whose hashes were computed before.
    fn checked_segment(&self, after: Option<LogPosition>, end: LogPosition) -> Segment<'_> {
        Segment {
            file: &self.file,
            from: after,
            end: end.offset,
            checks: LineChecks::AllButHash,
        }
    }

    /// Makes sure that a scan of lines that were checked before came to their end.
    fn reached(&self, last: Option<LogPosition>, end: LogPosition) -> Result<Scanned, LogError> {
        if last == Some(end) {
            return Ok(Scanned {
                last,
                tail: Tail::Clean,
            });
        }
        let changed = io::Error::other("it was changed while it was read");
        Err(io_error(&self.path, "read", changed))
    }

    /// Delivers what the parallel scan finds valid, if the range is long, and returns the position
    /// where the sequential scan continues.
    pub(super) fn scan_in_parallel<E: Send>(
        &self,
        after: Option<LogPosition>,
        settled: u64,
        each: impl FnMut(&Entry<'_>, LineSpan) -> Result<(), E> + Send,
    ) -> Result<Option<LogPosition>, E> {
        let segment = Segment {
            file: &self.file,
            from: after,
            end: settled,
            checks: LineChecks::All,
        };
        match ScanPlan::of(segment.length()) {
            Some(plan) => segment.scan(plan, each),
            None => Ok(after),
        }
    }

    /// The scan on one core, line by line, which alone reports errors and the end of the log.
    pub(super) fn scan_lines<E>(
        &self,
        from: Option<&LogPosition>,
        settled: u64,
        end: u64,
        mut each: impl FnMut(&Entry<'_>, LineSpan) -> Result<(), E>,
    ) -> Result<Scanned, ScanError<E>> {
        let mut checker = from.map_or_else(Checker::new, Checker::after);
        let mut last = from.copied();
        let mut tail = Tail::Clean;
        let mut lines = self.lines(last.as_ref(), settled.min(end));
        while let Some(raw) = lines
            .next_line()
            .map_err(|source| self.unreadable(source))?
        {
            let span = LineSpan::of(&raw);
            let entry = match checker.check(&raw) {
                Ok(entry) => entry,
                Err(verdict) => return Err(self.error(&raw, verdict).into()),
            };
            each(&entry, span).map_err(ScanError::Stopped)?;
            last = Some(LogPosition {
                offset: span.end,
                seq: entry.seq,
                hash: entry.hash,
                at: entry.at,
            });
            if !raw.terminated {
                tail = Tail::Unterminated;
            }
        }
        if settled < end {
            tail = Tail::Torn {
                offset: settled,
                bytes: self.length.saturating_sub(settled),
            };
            match self.check_tail(&mut checker, last.as_ref(), end) {
                // A writer has set the tail aside meanwhile: it was torn.
                Err(_) if self.has_changed() => {}
                checked => checked?,
            }
        }
        Ok(Scanned { last, tail })
    }

    /// Makes sure that what follows the last line that counts is an append that was never finished.
    fn check_tail(
        &self,
        checker: &mut Checker,
        last: Option<&LogPosition>,
        end: u64,
    ) -> Result<(), LogError> {
        let mut lines = self.lines(last, end);
        while let Some(raw) = lines
            .next_line()
            .map_err(|source| self.unreadable(source))?
        {
            if !raw.terminated {
                if tail::is_torn(&raw, checker.next_seq(), checker.last_at()) {
                    return Ok(());
                }
                return Err(self.refuse(checker, &raw));
            }
            if let Err(verdict) = checker.check(&raw) {
                return Err(self.error(&raw, verdict));
            }
        }
        Ok(())
    }

    /// The lines after a position, in a log that is sound up to there.
    fn lines(&self, after: Option<&LogPosition>, end: u64) -> LineReader<'_> {
        let (offset, number) = after.map_or((0, 1), |position| {
            (position.offset, position.seq.saturating_add(2))
        });
        LineReader::new(&self.file, offset, number, end)
    }

    /// True if the file has another length by now.
    pub(super) fn has_changed(&self) -> bool {
        let length = self.file.metadata().map(|found| found.len());
        length.map_or(true, |length| length != self.length)
    }

    fn unreadable(&self, source: io::Error) -> LogError {
        io_error(&self.path, "read", source)
    }

    /// The error for bytes at the end that are neither a line nor torn.
    fn refuse(&self, checker: &mut Checker, raw: &RawLine<'_>) -> LogError {
        match checker.check(raw) {
            Err(verdict) => self.error(raw, verdict),
            Ok(_) => self.damaged(Damage {
                line: raw.number,
                offset: raw.offset,
                code: Code::Form,
                reason: "it has no line feed".to_owned(),
            }),
        }
    }

    fn damaged(&self, damage: Damage) -> LogError {
        LogError::Damaged {
            path: self.path.clone(),
            damage,
        }
    }

    pub(super) fn error(&self, raw: &RawLine<'_>, verdict: Verdict) -> LogError {
        if raw.number == 1 && !looks_like_ours(raw.bytes) {
            return LogError::NotALedger {
                path: self.path.clone(),
                what: "its first line is not that of a ledger",
            };
        }
        match verdict {
            Verdict::Newer(version) => LogError::Newer {
                path: self.path.clone(),
                line: raw.number,
                offset: raw.offset,
                version,
            },
            Verdict::Damaged(found) => {
                let first = found.into_iter().next().unwrap_or_else(|| Damage {
                    line: raw.number,
                    offset: raw.offset,
                    code: Code::Form,
                    reason: "it is not sound".to_owned(),
                });
                self.damaged(first)
            }
        }
    }
}

/// True if a first line is a damaged one of a log, and not that of another program's file.
pub(crate) fn looks_like_ours(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let beginning = line.get(..line.len().min(512)).unwrap_or_default();
    beginning.starts_with(b"{\"v\":")
        || memchr::memmem::find(beginning, b"\"type\":\"ledger\"").is_some()
}
