//! Reader from a checkpoint on, where there is one.
//!
//! Owns when the whole log is read all the same: where no checkpoint is fit, and where anything is
//! wrong, so that what is wrong is said by whoever reads from the front. Must not know how a
//! checkpoint is kept.

use std::convert::Infallible;

use super::{Reader, Replayed};
use crate::accounts::{SortedAccounts, State};
use crate::checkpoint::{Checkpoint, Folded};
use crate::event::Entry;
use crate::ledger::LedgerError;
use crate::log::Scanned;
use crate::replay::{Bound, Cutoff, Progress, Replay};
use crate::time::Timestamp;

/// An event, and the state around it.
#[derive(Debug)]
pub struct EventContext {
    /// The event.
    pub entry: Entry<'static>,
    /// What counts of the events before it. No reversals are in it.
    pub before: State,
    /// The same with the event.
    pub after: State,
    /// The event that reverses it, where that counts.
    pub reversed_by: Option<u64>,
    /// Everything that counts, where that is needed to say how the log was cut and where it ends: of
    /// its accounts nothing may be known.
    pub all: Replayed,
}

impl Reader {
    /// The checkpoint of this log, where there is one to go on from.
    fn checkpoint(&self) -> Option<&Checkpoint> {
        let find = || Checkpoint::of(self.home.as_ref()?, &self.log, &self.opening);
        self.checkpoint.get_or_init(find).as_ref()
    }

    /// The accounts at a cutoff, from a checkpoint where there is one: what it holds was checked
    /// when it was made, everything else is now. Where accounts are named, the state may hold only
    /// those; all of them exist then. The state's reversals are not to be relied on.
    ///
    /// # Errors
    /// Those of [`Reader::replay`].
    pub fn balances(
        &self,
        cutoff: Cutoff,
        now: Option<Timestamp>,
        wanted: Option<&[&str]>,
    ) -> Result<Replayed, LedgerError> {
        if let Some(names) = wanted.filter(|_| cutoff.counts_everything())
            && let Some(found) = self.shortcut(cutoff, now, Some(names))
            && names
                .iter()
                .all(|name| found.state().account(name).is_some())
        {
            return Ok(found);
        }
        match self.shortcut(cutoff, now, None) {
            Some(found) => Ok(found),
            // What is wrong, if anything, is said by reading all of it.
            None => self.replay(cutoff, now),
        }
    }

    /// The accounts at two cutoffs.
    ///
    /// # Errors
    /// Those of [`Reader::replay`].
    pub fn balances_twice(
        &self,
        from: Cutoff,
        to: Cutoff,
    ) -> Result<(Replayed, Replayed), LedgerError> {
        if let Some(found) = self.shortcut(from, None, None)
            && let Some(other) = self.shortcut(to, None, None)
        {
            return Ok((found, other));
        }
        // From one reading of the log.
        let mut fold = Replay::new(from, None);
        let to = self.gather::<LedgerError>(to, None, |entry, _, _| {
            fold.take(entry)?;
            Ok(())
        })?;
        let from = Replayed {
            replay: fold,
            scanned: to.scanned,
        };
        Ok((from, to))
    }

    /// The accounts as they are by now, where a checkpoint says them at once.
    pub fn balances_at_once(&self) -> Option<Replayed> {
        self.shortcut(Cutoff::default(), None, None)
    }

    /// Every account at a cutoff, in the order of their names, and what the events up to there come
    /// to: of the accounts in there not all may be known.
    ///
    /// # Errors
    /// Those of [`Reader::replay`].
    pub fn roll(
        &self,
        cutoff: Cutoff,
        now: Option<Timestamp>,
    ) -> Result<(Replayed, SortedAccounts), LedgerError> {
        if cutoff.counts_everything()
            && let Some((mut replayed, roll)) = self.roll_at_once(now)
        {
            replayed.replay = replayed.replay.with_cutoff(cutoff);
            return Ok((replayed, roll));
        }
        let replayed = self.balances(cutoff, now, None)?;
        let roll = SortedAccounts::of(replayed.state());
        Ok((replayed, roll))
    }

    fn roll_at_once(&self, now: Option<Timestamp>) -> Option<(Replayed, SortedAccounts)> {
        let checkpoint = self.checkpoint()?;
        let Folded { mut replay, mark } = checkpoint.fold_all(now, Some(&[])).ok()?;
        let mut later = Replay::behind(Cutoff::default(), now, self.opening.clone());
        let take = |entry: &Entry<'_>, _| later.take(entry).map(drop);
        let scanned = self.log.scan(Some(&mark), take).ok()?;
        let roll = checkpoint.roll(later.state(), later.settings()?).ok()?;
        replay
            .append(later)
            .then_some((Replayed { replay, scanned }, roll))
    }

    fn shortcut(
        &self,
        cutoff: Cutoff,
        now: Option<Timestamp>,
        wanted: Option<&[&str]>,
    ) -> Option<Replayed> {
        let checkpoint = self.checkpoint()?;
        let folded = match wanted {
            Some(names) => checkpoint.fold_all(now, Some(names)),
            None => checkpoint.fold(&self.log, cutoff, now),
        };
        let Folded { mut replay, mark } = folded.ok()?;
        let take = |entry: &Entry<'_>, _| replay.take(entry).map(drop);
        let scanned = self.log.scan(Some(&mark), take).ok()?;
        if let Some(names) = wanted {
            // Of the others only what the last events did to them is known.
            replay.keep_only(names);
        }
        Some(Replayed { replay, scanned })
    }

    /// Shows the events of one account in order, each with whether it counts, and folds those: the
    /// state is right for this account and no other. Where it has few of them they are found by a
    /// checkpoint; each that is shown was checked in this run.
    ///
    /// # Errors
    /// What the log says, or what `each` answered.
    pub fn walk_account<E: From<LedgerError> + Send>(
        &self,
        name: &str,
        cutoff: Cutoff,
        now: Option<Timestamp>,
        mut each: impl FnMut(&Entry<'_>, bool) -> Result<(), E> + Send,
    ) -> Result<Replayed, E> {
        let Some((entries, future, scanned)) = self.entries_of(name, cutoff, now) else {
            return self.gather(cutoff, now, |entry, _, counted| {
                if entry.event.accounts().any(|own| own.as_str() == name) {
                    each(entry, counted)?;
                }
                Ok(())
            });
        };
        let progress = Progress {
            state: State::behind(self.opening.clone()),
            future,
            ..Progress::default()
        };
        let mut replay = Replay::resume(cutoff, None, progress);
        for entry in &entries {
            let counted = replay.take(entry).map_err(LedgerError::from)?;
            each(entry, counted)?;
        }
        Ok(Replayed { replay, scanned })
    }

    /// An event that counts and what lies around it, found without reading all of the log; `None`
    /// where it does not count, or is to be found by reading.
    pub fn around(&self, seq: u64, cutoff: Cutoff) -> Option<EventContext> {
        let checkpoint = self.checkpoint()?;
        let entry = self.log.checked(seq).ok()??;
        // The first line is there whatever the cutoff.
        let before = seq.checked_sub(1)?;
        if !cutoff.counts(&entry) {
            return None;
        }
        let all = self.shortcut(cutoff, None, cutoff.counts_everything().then_some(&[]))?;
        // All that was recorded before it is known where it is.
        let before = Cutoff {
            known_at: Some(Bound::Seq(before)),
            ..cutoff
        };
        let before = self.shortcut(before, None, None)?.replay;
        let mut after = before.clone().with_cutoff(cutoff);
        after.take(&entry).ok()?;
        let kept = checkpoint.reversed_by(seq).ok()?;
        let mut reversed_by = None;
        if let Some(by) = kept {
            let reversal = self.log.checked(by).ok()??;
            reversed_by = cutoff.counts(&reversal).then_some(by);
        }
        let behind = self.log.scan(Some(checkpoint.mark()), |later, _| {
            if later.reverses() == Some(seq) && cutoff.counts(later) {
                reversed_by.get_or_insert(later.seq);
            }
            Ok::<(), Infallible>(())
        });
        behind.ok()?;
        Some(EventContext {
            entry,
            before: before.into_state(),
            after: after.into_state(),
            reversed_by,
            all,
        })
    }

    /// The events of an account, how many of all that count lie in the future, and how the log ends;
    /// `None` where they are not few, or none.
    fn entries_of(
        &self,
        name: &str,
        cutoff: Cutoff,
        now: Option<Timestamp>,
    ) -> Option<(Vec<Entry<'static>>, u64, Scanned)> {
        /// Lines that lie closer together than this are read faster with all between them.
        const APART: u64 = 16;
        let checkpoint = self.checkpoint()?;
        let most = checkpoint.mark().seq / APART;
        let lines = checkpoint.lines_of(name, most).ok()??;
        let mut entries = Vec::new();
        let touches = |entry: &Entry<'_>| entry.event.accounts().any(|own| own.as_str() == name);
        for offset in lines {
            let (entry, _) = self.log.checked_at(offset).ok()??;
            if !touches(&entry) {
                return None;
            }
            entries.push(entry);
        }
        let folded = if cutoff.until.is_some() || now.is_none() {
            // Nobody asks what lies in the future of a moment in the past.
            None
        } else if cutoff.counts_everything() {
            Some(checkpoint.fold_all(now, Some(&[])).ok()?.replay)
        } else {
            Some(checkpoint.fold(&self.log, cutoff, now).ok()?.replay)
        };
        let mut folded = folded.map(|replay| replay.with_cutoff(cutoff));
        let scanned = self.log.scan(Some(checkpoint.mark()), |entry, _| {
            if touches(entry) {
                entries.push(entry.clone().into_owned());
            }
            folded
                .as_mut()
                .map_or(Ok(false), |fold| fold.take(entry))
                .map(drop)
        });
        let scanned = scanned.ok()?;
        let future = folded.map_or(0, |fold| fold.future());
        (!entries.is_empty()).then_some((entries, future, scanned))
    }
}
