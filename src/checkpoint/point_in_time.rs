//! The state of a checkpoint at a cutoff: from the nearest stored state, with segments that count
//! whole or not at all, through those that contain the moment.

use super::fold::AccountFold;
use hashbrown::HashSet;

use super::manifest::EventSegment;
use super::open::{Checkpoint, count_after};
use super::{CheckpointError, record};
use crate::accounts::State;
use crate::event::Entry;
use crate::log::{LogPosition, LogReader, ScanError, ScanOptions, ScanRange};
use crate::replay::{Bound, Cutoff, Progress, Replay};
use crate::time::Timestamp;

/// A fold up to a checkpoint's end, to be continued.
#[derive(Debug)]
pub struct Folded {
    /// The fold.
    pub replay: Replay,
    /// Where it ends.
    pub end: LogPosition,
}

/// How much of a segment is on this side of a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SegmentPart {
    All,
    None,
    Some,
}

fn share(bound: Option<Bound>, times: (i64, i64), seqs: (u64, u64)) -> SegmentPart {
    let (is_all, is_none) = match bound {
        None => (true, false),
        Some(Bound::Time(moment)) => {
            let moment = moment.unix_micros();
            (times.1 <= moment, times.0 > moment)
        }
        Some(Bound::Seq(seq)) => (seqs.1 <= seq, seqs.0 > seq),
    };
    match (is_all, is_none) {
        (true, _) => SegmentPart::All,
        (_, true) => SegmentPart::None,
        _ => SegmentPart::Some,
    }
}

impl EventSegment {
    fn seqs(&self) -> (u64, u64) {
        (self.from.seq.saturating_add(1), self.to.seq)
    }

    fn known(&self, cutoff: &Cutoff) -> Result<SegmentPart, CheckpointError> {
        let last_at = self.to.position()?.at.unix_micros();
        Ok(share(
            cutoff.known_at,
            (self.first_at, last_at),
            self.seqs(),
        ))
    }

    fn counted(&self, cutoff: &Cutoff) -> SegmentPart {
        share(cutoff.until, self.effective, self.seqs())
    }

    /// The number of events that take effect after a moment; `None` if the moment is before the
    /// segment's end.
    fn later_than(&self, moment: i64) -> Result<Option<u64>, CheckpointError> {
        let is_over = self.to.position()?.at.unix_micros() <= moment;
        Ok(is_over.then(|| count_after(&self.postdated, moment)))
    }
}

impl Checkpoint {
    /// The state at the end of the checkpoint. If accounts are named, only these are included and
    /// nothing is known about others, and of holds only what is outstanding. Reversals are not
    /// included.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn fold_all(
        &self,
        now: Option<Timestamp>,
        wanted: Option<&[&str]>,
    ) -> Result<Folded, CheckpointError> {
        let future = match now {
            None => 0,
            Some(now) => self
                .later_than(now.unix_micros())
                .ok_or(CheckpointError::Silent("future events are unknown"))?,
        };
        let state = match wanted {
            None => {
                let mut state = self.accounts()?;
                state.put_commitments(self.commitments(|_| true)?);
                state
            }
            Some(names) => {
                let mut state = State::empty(self.opening.clone());
                state.put_commitments(self.global_commitments()?);
                for name in names {
                    if let Some(account) = self.account(name)? {
                        state.put_account(name, account);
                        state.put_outstanding(name, self.outstanding(name)?);
                    }
                }
                state
            }
        };
        let end = *self.end();
        let progress = Progress {
            state,
            events: end.seq,
            last: Some((end.seq, end.hash, end.at)),
            future,
        };
        Ok(Folded {
            replay: Replay::resume(Cutoff::default(), now, progress),
            end,
        })
    }

    /// The state at a cutoff before the end. Reversals are not included.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn fold(
        &self,
        log: &LogReader,
        cutoff: &Cutoff,
        now: Option<Timestamp>,
    ) -> Result<Folded, CheckpointError> {
        if cutoff.counts_everything() {
            let mut folded = self.fold_all(now, None)?;
            folded.replay = folded.replay.with_cutoff(cutoff.clone());
            return Ok(folded);
        }
        let segments = self.segments()?;
        let (mut replay, begun) = self.start(&segments, cutoff, now)?;
        let (mut is_over, mut is_passed_over) = (false, false);
        for segment in segments.iter().skip(begun) {
            if is_over {
                break;
            }
            match (segment.known(cutoff)?, segment.counted(cutoff)) {
                (SegmentPart::None, _) => is_over = true,
                (SegmentPart::All, SegmentPart::All)
                    if self.append(&mut replay, segment, now)? => {}
                (SegmentPart::All, SegmentPart::None) => {
                    let last = segment.to.position()?;
                    replay.pass_over((last.seq, last.hash, last.at));
                    is_passed_over = true;
                }
                _ => read(log, &mut replay, segment)?,
            }
        }
        if is_passed_over {
            replay.note_known(&self.accounts()?);
        }
        replay.put_commitments(self.commitments(|record| cutoff.counts(record))?);
        Ok(Folded {
            replay,
            end: *self.end(),
        })
    }

    /// The events after which the state is stored.
    pub(super) fn states(&self) -> Result<HashSet<u64>, CheckpointError> {
        let segments = self.segments()?;
        let kept = segments.iter().filter(|segment| segment.has_state);
        Ok(kept.map(|segment| segment.to.seq).collect())
    }

    /// Every segment in order, the open one last.
    fn segments(&self) -> Result<Vec<EventSegment>, CheckpointError> {
        let mut found: Vec<EventSegment> = Vec::new();
        self.opened.each_facts(|table| {
            table.each(&record::of_segments(), |_, value| {
                let segment = serde_json::from_slice(value)
                    .map_err(|_| CheckpointError::Wrong("a segment is not in its form"))?;
                found.push(segment);
                Ok(())
            })
        })?;
        found.extend(self.manifest().open.clone());
        found.sort_unstable_by_key(|segment| segment.from.seq);
        let mut after = &self.manifest().first;
        for segment in &found {
            if segment.from != *after {
                return Err(CheckpointError::Wrong("a segment is missing"));
            }
            after = &segment.to;
        }
        if *after != self.manifest().end {
            return Err(CheckpointError::Wrong("a segment is missing"));
        }
        Ok(found)
    }

    /// The newest stored state before the first segment that does not count whole, and the number
    /// of segments before it.
    fn start(
        &self,
        segments: &[EventSegment],
        cutoff: &Cutoff,
        now: Option<Timestamp>,
    ) -> Result<(Replay, usize), CheckpointError> {
        let mut future = Some(0_u64);
        let mut best = None;
        for (index, segment) in segments.iter().enumerate() {
            let is_whole = segment.known(cutoff)? == SegmentPart::All
                && segment.counted(cutoff) == SegmentPart::All;
            if !is_whole {
                break;
            }
            if let Some(now) = now {
                let later = segment.later_than(now.unix_micros())?;
                future = future
                    .zip(later)
                    .map(|(sum, later)| sum.saturating_add(later));
            }
            if let (true, Some(future)) = (segment.has_state, future) {
                best = Some((index, segment, future));
            }
        }
        let (state, last, future, begun) = if let Some((index, segment, future)) = best {
            let state = self.state_after(segment.to.seq)?;
            (
                state,
                segment.to.position()?,
                future,
                index.saturating_add(1),
            )
        } else {
            let state = State::empty(self.opening.clone());
            (state, self.manifest().first.position()?, 0, 0)
        };
        let progress = Progress {
            state,
            events: last.seq,
            last: Some((last.seq, last.hash, last.at)),
            future,
        };
        Ok((Replay::resume(cutoff.clone(), now, progress), begun))
    }

    fn state_after(&self, seq: u64) -> Result<State, CheckpointError> {
        let mut fold = AccountFold::empty(&self.opening);
        let whole = self
            .manifest()
            .states
            .iter()
            .find(|(after, _)| *after == seq);
        if let Some((_, table)) = whole {
            self.opened.one(table, |table| fold.take_all(table, b""))?;
            return Ok(fold.state);
        }
        self.take_each(&mut fold, &record::of_state(seq))?;
        Ok(fold.state)
    }

    fn take_each(&self, fold: &mut AccountFold, prefix: &[u8]) -> Result<(), CheckpointError> {
        self.opened.each_facts(|table| fold.take_all(table, prefix))
    }

    /// The changes of a segment, if they are stored.
    fn changes(&self, segment: &EventSegment) -> Result<Option<AccountFold>, CheckpointError> {
        if !segment.has_changes {
            return Ok(None);
        }
        let mut fold = AccountFold::empty(&self.opening);
        self.take_each(&mut fold, &record::of_changes(segment.seqs().0))?;
        Ok(Some(fold))
    }

    /// Adds a whole segment; false if it must be read.
    fn append(
        &self,
        replay: &mut Replay,
        segment: &EventSegment,
        now: Option<Timestamp>,
    ) -> Result<bool, CheckpointError> {
        let future = match now {
            None => Some(0),
            Some(now) => segment.later_than(now.unix_micros())?,
        };
        let (Some(future), Some(fold)) = (future, self.changes(segment)?) else {
            return Ok(false);
        };
        let last = segment.to.position()?;
        let progress = Progress {
            state: fold.state,
            events: segment.events,
            last: Some((last.seq, last.hash, last.at)),
            future,
        };
        if replay.append_folded(progress, &fold.settings) {
            Ok(true)
        } else {
            Err(CheckpointError::Wrong("its accounts cannot be joined"))
        }
    }
}

/// Reads a segment from the log and checks its hashes.
fn read(
    log: &LogReader,
    replay: &mut Replay,
    segment: &EventSegment,
) -> Result<(), CheckpointError> {
    let (from, to) = (segment.from.position()?, segment.to.position()?);
    let take = |entry: &Entry<'_>, _| replay.take(entry).map(drop);
    let scanned = log.scan(
        ScanRange::after(Some(from)).up_to(to),
        ScanOptions::CHECK,
        take,
    );
    let is_as_it_was = match scanned {
        Ok(scanned) => scanned.last == Some(to),
        Err(ScanError::Log(_) | ScanError::Stopped(_)) => false,
    };
    if is_as_it_was {
        Ok(())
    } else {
        Err(CheckpointError::Wrong("the log is not what it was"))
    }
}
