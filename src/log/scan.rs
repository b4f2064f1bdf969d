//! Reader a log from front to back, checking every line, and handing on the events that count.
//!
//! Owns the order of the checks and where a read stops. Must not know what events mean.

use std::io;

use super::check::{Asked, Verdict};
use super::file::io_error;
use super::lines::{Lines, RawLine};
use super::parallel::{ScanPlan, Segment};
use super::progress::Looked;
use super::tail::{self, Tail};
use super::{Checker, Code, Damage, LogError, LogReader};
use crate::event::{Entry, Hash};
use crate::time::Timestamp;

/// A place between two lines: everything ahead of `offset` has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPosition {
    /// The offset behind the last line that counts.
    pub offset: u64,
    /// That line's number.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
    /// When it was recorded.
    pub at: Timestamp,
}

/// Where an event stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its line, counted from 1.
    pub line: u64,
    /// The line's offset, counted from 0.
    pub offset: u64,
    /// The offset behind its line feed.
    pub end: u64,
}

impl Place {
    pub(super) fn of(raw: &RawLine<'_>) -> Place {
        Place {
            line: raw.number,
            offset: raw.offset,
            end: raw.end(),
        }
    }
}

/// What a whole scan found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// The last event that counts; `None` where there is none, not even the first line.
    pub last: Option<LogPosition>,
    /// What lies behind it.
    pub tail: Tail,
}

/// Why a scan ended early.
#[derive(Debug)]
pub enum ScanError<E> {
    /// The log is not sound, or could not be read.
    Log(LogError),
    /// Whoever takes the events stopped it.
    Stopped(E),
}

impl<E> From<LogError> for ScanError<E> {
    fn from(error: LogError) -> ScanError<E> {
        ScanError::Log(error)
    }
}

impl LogReader {
    /// Reads from the front, or from behind a line that was checked before, checks every line, and
    /// hands on each event that counts, in the order of the log. What is long is read on all cores, so
    /// that `each` may be called on another thread, never on two at once.
    ///
    /// # Errors
    /// [`ScanError::Log`] at the first line that is not sound; [`ScanError::Stopped`] with what
    /// `each` answered.
    pub fn scan<E: Send>(
        &self,
        from: Option<&LogPosition>,
        mut each: impl FnMut(&Entry<'_>, Place) -> Result<(), E> + Send,
    ) -> Result<Scanned, ScanError<E>> {
        let left = self
            .length
            .saturating_sub(from.map_or(0, |mark| mark.offset));
        let mut looked = Looked::begin(self.observer.as_ref(), left);
        self.scan_unseen(from, |entry, place| {
            looked.advance(place.end.saturating_sub(place.offset));
            each(entry, place)
        })
    }

    /// The same, and nobody is told how far it has come: for whoever prints on the way.
    ///
    /// # Errors
    /// Those of [`LogReader::scan`].
    pub fn scan_unseen<E: Send>(
        &self,
        from: Option<&LogPosition>,
        mut each: impl FnMut(&Entry<'_>, Place) -> Result<(), E> + Send,
    ) -> Result<Scanned, ScanError<E>> {
        let settled = self.settled_end()?;
        let relayed = self
            .relay(from, settled, &mut each)
            .map_err(ScanError::Stopped)?;
        self.scan_from(relayed.as_ref(), settled, each)
    }

    /// The same from a mark to an offset at which a line ends, ahead of where the log is settled.
    ///
    /// # Errors
    /// Those of [`LogReader::scan`].
    pub(crate) fn scan_between<E: Send>(
        &self,
        from: &LogPosition,
        end: u64,
        mut each: impl FnMut(&Entry<'_>, Place) -> Result<(), E> + Send,
    ) -> Result<Scanned, ScanError<E>> {
        let relayed = self
            .relay(Some(from), end, &mut each)
            .map_err(ScanError::Stopped)?;
        self.scan_lines(relayed.as_ref(), end, end.min(self.length), each)
    }

    /// The offset behind the last line that is known to have been finished.
    pub(super) fn settled_end(&self) -> Result<u64, LogError> {
        tail::settled_end(&self.file, self.length)
            .map_err(|source| io_error(&self.path, "read", source))
    }

    /// Hands on what all cores together find sound, where there is much of it. Answers with the line
    /// behind which the reading goes on.
    pub(super) fn relay<E: Send>(
        &self,
        from: Option<&LogPosition>,
        settled: u64,
        each: impl FnMut(&Entry<'_>, Place) -> Result<(), E> + Send,
    ) -> Result<Option<LogPosition>, E> {
        let stretch = Segment {
            file: &self.file,
            from: from.copied(),
            end: settled,
            asked: Asked::All,
        };
        match ScanPlan::of(stretch.length()) {
            Some(shares) => stretch.relay(shares, each),
            None => Ok(stretch.from),
        }
    }

    /// The scan on one core, line by line: the only one that says what is wrong and where a log ends.
    pub(super) fn scan_from<E>(
        &self,
        from: Option<&LogPosition>,
        settled: u64,
        each: impl FnMut(&Entry<'_>, Place) -> Result<(), E>,
    ) -> Result<Scanned, ScanError<E>> {
        self.scan_lines(from, settled, self.length, each)
    }

    fn scan_lines<E>(
        &self,
        from: Option<&LogPosition>,
        settled: u64,
        end: u64,
        mut each: impl FnMut(&Entry<'_>, Place) -> Result<(), E>,
    ) -> Result<Scanned, ScanError<E>> {
        let read_error = |source: io::Error| io_error(&self.path, "read", source);
        let mut checker = from.map_or_else(Checker::new, Checker::after);
        let mut last = from.copied();
        let (offset, number) =
            from.map_or((0, 1), |mark| (mark.offset, mark.seq.saturating_add(2)));
        let mut lines = Lines::new(&self.file, offset, number, end);
        let mut tail = Tail::Clean;
        while let Some(raw) = lines.next_line().map_err(read_error)? {
            let place = Place::of(&raw);
            let counts = raw.offset < settled;
            let unfinished = || Tail::Torn {
                offset: settled,
                bytes: self.length.saturating_sub(settled),
            };
            if !raw.terminated && !counts {
                if !tail::is_torn(&raw, checker.next_seq(), checker.last_at()) {
                    return Err(self.refuse(&mut checker, &raw).into());
                }
                tail = unfinished();
                break;
            }
            match checker.check(&raw) {
                Ok(entry) if counts => {
                    each(&entry, place).map_err(ScanError::Stopped)?;
                    last = Some(LogPosition {
                        offset: place.end,
                        seq: entry.seq,
                        hash: entry.hash,
                        at: entry.at,
                    });
                    if !raw.terminated {
                        tail = Tail::Unterminated;
                    }
                }
                Ok(_) => tail = unfinished(),
                Err(verdict) => return Err(self.error(&raw, verdict).into()),
            }
        }
        Ok(Scanned { last, tail })
    }

    /// What to say of bytes at the end that are neither a line nor torn.
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

/// True where a first line is one of ours that came to harm, and not somebody else's file.
pub(crate) fn looks_like_ours(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let beginning = line.get(..line.len().min(512)).unwrap_or_default();
    beginning.starts_with(b"{\"v\":")
        || memchr::memmem::find(beginning, b"\"type\":\"ledger\"").is_some()
}
