//! Reader a log from front to back and going on behind damage.
//!
//! Owns how far one sees past a line that is not sound. Must not know what events mean; no figure
//! may rest on a survey that saw damage.

use std::convert::Infallible;

use super::lines::{Lines, RawLine};
use super::tail::{self, Tail};
use super::{Checker, Code, Damage, LogError, LogPosition, LogReader, Place, Scanned, Verdict};
use crate::event::Entry;

/// A line as a survey finds it.
#[derive(Debug)]
pub enum Seen<'a> {
    /// An event that counts, and where it stands.
    Sound(&'a Entry<'a>, Place),
    /// A line that is damaged in these ways, and where it stands.
    Damaged(Vec<Damage>, Place),
    /// A sound line of an append that never finished.
    Unfinished(Place),
}

impl LogReader {
    /// Shows every line. The mark and the tail that it answers with are those of the lines ahead of
    /// the first damage, and of the end of the file.
    ///
    /// # Errors
    /// [`LogError`] where this is not a log at all, or one of a later version.
    pub fn survey(&self, mut each: impl FnMut(Seen<'_>) + Send) -> Result<Scanned, LogError> {
        let settled = self.settled_end()?;
        let relayed = self.relay(None, settled, |entry, place| {
            each(Seen::Sound(entry, place));
            Ok::<(), Infallible>(())
        });
        match relayed {
            Ok(relayed) => self.survey_from(relayed.as_ref(), settled, each),
            Err(never) => match never {},
        }
    }

    /// The survey on one core, line by line: the only one that sees damage and where a log ends.
    pub(super) fn survey_from(
        &self,
        from: Option<&LogPosition>,
        settled: u64,
        mut each: impl FnMut(Seen<'_>),
    ) -> Result<Scanned, LogError> {
        let read_error = |source| super::file::io_error(&self.path, "read", source);
        let mut checker = from.map_or_else(Checker::new, Checker::after);
        let (offset, number) =
            from.map_or((0, 1), |mark| (mark.offset, mark.seq.saturating_add(2)));
        let mut lines = Lines::new(&self.file, offset, number, self.length);
        let mut last = from.copied();
        let mut tail = Tail::Clean;
        let mut is_sound = true;
        while let Some(raw) = lines.next_line().map_err(read_error)? {
            let place = Place::of(&raw);
            let counts = raw.offset < settled;
            let unfinished = Tail::Torn {
                offset: settled,
                bytes: self.length.saturating_sub(settled),
            };
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
                            offset: place.end,
                            seq: entry.seq,
                            hash: entry.hash,
                            at: entry.at,
                        });
                    }
                    each(Seen::Sound(&entry, place));
                    if !raw.terminated {
                        tail = Tail::Unterminated;
                    }
                }
                Ok(_) if raw.terminated => {
                    each(Seen::Unfinished(place));
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
                    each(Seen::Damaged(found, place));
                }
            }
        }
        Ok(Scanned { last, tail })
    }

    /// What is wrong with a line, behind damage that was seen before.
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
                reason: format!("it is of version {version}, which is not known here"),
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
