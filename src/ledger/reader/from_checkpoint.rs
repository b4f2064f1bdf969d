//! Answers from a checkpoint.
//!
//! Every function returns `None` if there is no checkpoint, or if anything is wrong: then the whole
//! log is read, which reports the error. Must not depend on how a checkpoint is stored.

use std::convert::Infallible;

use super::{AccountQuery, Reader, Replayed, touches};
use crate::accounts::State;
use crate::checkpoint::{CacheDir, Checkpoint, Folded, RuleWatch};
use crate::event::{Entry, Opening};
use crate::ledger::LedgerError;
use crate::log::{LogPosition, ScanOptions, ScanRange, Scanned};
use crate::replay::{Bound, Cutoff, Progress, Replay};
use crate::time::Timestamp;

/// An event with the state before and after it.
#[derive(Debug)]
pub struct EventContext {
    /// The event.
    pub entry: Entry<'static>,
    /// The state of the counted events before it, without reversals.
    pub before: State,
    /// The same with the event.
    pub after: State,
    /// The event that reverses it, if that counts.
    pub reversed_by: Option<u64>,
    /// The number of counted events and the end of the log, without accounts.
    pub all: Replayed,
}

impl Reader {
    /// The checkpoint of this log, if there is one.
    fn checkpoint(&self) -> Option<&Checkpoint> {
        let find = || Checkpoint::of(self.cache.as_ref()?, &self.log, &self.opening);
        self.checkpoint.get_or_init(find).as_ref()
    }

    /// The directory of checkpoints, if this log has one that is usable.
    pub fn checkpoints(&self) -> Option<&CacheDir> {
        self.checkpoint().and(self.cache.as_ref())
    }

    /// Accounts at a cutoff: from a checkpoint and what follows it, if there is one, otherwise from
    /// a scan of the whole log. The state's reversals may be incomplete.
    ///
    /// # Errors
    /// The error of the log; a damaged log has no figures.
    pub fn query(
        &self,
        cutoff: Cutoff,
        now: Option<Timestamp>,
        accounts: AccountQuery<'_>,
    ) -> Result<Replayed, LedgerError> {
        if !cutoff.without.is_empty() {
            return self.replay(cutoff, now);
        }
        let everything = cutoff.counts_everything();
        // The state is for existing accounts; other names are looked up among all accounts.
        let exist = |names: &[&str], found: &Replayed| {
            let exists = |name: &&str| found.state().account(name).is_some();
            names.iter().all(exists)
        };
        let found = match accounts {
            AccountQuery::None if everything => self.fold(&cutoff, now, accounts),
            AccountQuery::Named(names) | AccountQuery::WithHolds(names) if everything => self
                .fold(&cutoff, now, accounts)
                .filter(|found| exist(names, found)),
            AccountQuery::Sorted if everything => self.fold_sorted(&cutoff, now),
            _ => None,
        };
        match found.or_else(|| self.fold(&cutoff, now, AccountQuery::All)) {
            Some(found) => Ok(found),
            None => self.replay(cutoff, now),
        }
    }

    /// All accounts with everything counted, if a checkpoint has them.
    pub fn cached(&self) -> Option<Replayed> {
        self.fold(&Cutoff::default(), None, AccountQuery::All)
    }

    fn fold_sorted(&self, cutoff: &Cutoff, now: Option<Timestamp>) -> Option<Replayed> {
        let checkpoint = self.checkpoint()?;
        let Folded { mut replay, end } = checkpoint.fold_all(now, Some(&[])).ok()?;
        let outstanding = checkpoint.each_outstanding(|name, outstanding| {
            replay.put_outstanding(name, outstanding);
        });
        outstanding.ok()?;
        let mut later = Replay::of_later(Cutoff::default(), now, self.opening.clone());
        let scanned = self.scan_after(end, |entry| later.take(entry).map(drop))?;
        let sorted = checkpoint
            .sorted_accounts(later.state(), later.settings()?)
            .ok()?;
        if !replay.append(later) {
            return None;
        }
        Some(Replayed {
            sorted: Some(sorted),
            is_whole: false,
            ..Replayed::new(replay.with_cutoff(cutoff.clone()), scanned)
        })
    }

    fn fold(
        &self,
        cutoff: &Cutoff,
        now: Option<Timestamp>,
        accounts: AccountQuery<'_>,
    ) -> Option<Replayed> {
        let checkpoint = self.checkpoint()?;
        let names = match accounts {
            AccountQuery::None => Some(&[][..]),
            AccountQuery::Named(names) | AccountQuery::WithHolds(names) => Some(names),
            AccountQuery::All | AccountQuery::Sorted => None,
        };
        let folded = match names {
            Some(names) => checkpoint.fold_all(now, Some(names)),
            None => checkpoint.fold(&self.log, cutoff, now),
        };
        let Folded { mut replay, end } = folded.ok()?;
        if let AccountQuery::WithHolds(_) = accounts {
            replay.put_commitments(checkpoint.commitments(|_| true).ok()?);
        }
        let scanned = self.scan_after(end, |entry| replay.take(entry).map(drop))?;
        if let Some(names) = names {
            // Of other accounts, the state has only the changes after the checkpoint.
            replay.keep_only(names);
        }
        Some(Replayed {
            is_whole: names.is_none(),
            ..Replayed::new(replay, scanned)
        })
    }

    /// Scans what follows a checkpoint.
    fn scan_after<E: Send>(
        &self,
        position: LogPosition,
        mut each: impl FnMut(&Entry<'_>) -> Result<(), E> + Send,
    ) -> Option<Scanned> {
        let checkpoint = self.checkpoint()?;
        let watch = || RuleWatch::after(checkpoint).ok();
        let mut watch = (!self.rules.are_known()).then(watch).flatten();
        let range = ScanRange::after(Some(position));
        let scanned = self
            .log
            .scan(range, ScanOptions::default(), |entry, place| {
                if entry.seq > checkpoint.end().seq
                    && let Some(watching) = &mut watch
                    && watching.take(&self.log, entry, place).is_err()
                {
                    watch = None;
                }
                each(entry)
            })
            .ok()?;
        if let Some(watch) = watch {
            self.rules.found(watch);
        }
        Some(scanned)
    }

    /// A counted event with the state before and after it, found without reading the whole log; `None`
    /// if it does not count, or a scan is needed.
    pub fn context(&self, seq: u64, cutoff: Cutoff) -> Option<EventContext> {
        let checkpoint = self.checkpoint()?;
        let entry = self.log.checked(seq).ok()??;
        // Nothing is before the first line.
        let before = seq.checked_sub(1)?;
        if !cutoff.counts(&entry) {
            return None;
        }
        let everything = cutoff.counts_everything();
        let no_accounts = if everything {
            AccountQuery::WithHolds(&[])
        } else {
            AccountQuery::All
        };
        let all = self.fold(&cutoff, None, no_accounts)?;
        // Everything that was recorded before it is known by then.
        let before = Cutoff {
            known_at: Some(Bound::Seq(before)),
            ..cutoff.clone()
        };
        let before = self.fold(&before, None, AccountQuery::All)?.replay;
        let mut after = before.clone().with_cutoff(cutoff.clone());
        after.take(&entry).ok()?;
        let kept = checkpoint.reversed_by(seq).ok()?;
        let mut reversed_by = None;
        if let Some(by) = kept {
            let reversal = self.log.checked(by).ok()??;
            reversed_by = cutoff.counts(&reversal).then_some(by);
        }
        self.scan_after(*checkpoint.end(), |later| {
            if later.reverses() == Some(seq) && cutoff.counts(later) {
                reversed_by.get_or_insert(later.seq);
            }
            Ok::<(), Infallible>(())
        })?;
        Some(EventContext {
            entry,
            before: before.into_state(),
            after: after.into_state(),
            reversed_by,
            all,
        })
    }

    /// The events of an account, each checked in this run; `None` if they are many, or none.
    pub(super) fn entries_of(
        &self,
        name: &str,
        cutoff: &Cutoff,
        now: Option<Timestamp>,
    ) -> Option<AccountEntries> {
        /// Lines that are closer together than this are read faster with all in between.
        const APART: u64 = 16;
        let checkpoint = self.checkpoint()?;
        let most = checkpoint.end().seq / APART;
        let lines = checkpoint.lines_of(name, most).ok()??;
        let mut entries = Vec::with_capacity(lines.len());
        for offset in lines {
            let (entry, _) = self.log.checked_at(offset).ok()??;
            if !touches(&entry, name) {
                return None;
            }
            entries.push(entry);
        }
        let folded = if cutoff.until.is_some() || now.is_none() {
            // Events in the future are counted only for the present.
            None
        } else if cutoff.counts_everything() {
            Some(checkpoint.fold_all(now, Some(&[])).ok()?.replay)
        } else {
            Some(checkpoint.fold(&self.log, cutoff, now).ok()?.replay)
        };
        let mut folded = folded.map(|replay| replay.with_cutoff(cutoff.clone()));
        let scanned = self.scan_after(*checkpoint.end(), |entry| {
            if touches(entry, name) {
                entries.push(entry.clone().into_owned());
            }
            folded
                .as_mut()
                .map_or(Ok(false), |fold| fold.take(entry))
                .map(drop)
        })?;
        let future = folded.map_or(0, |fold| fold.future());
        let mut alone = State::empty(self.opening.clone());
        if entries.iter().any(|entry| alone.apply(entry).is_err()) {
            return None;
        }
        (!entries.is_empty()).then_some(AccountEntries {
            entries,
            future,
            scanned,
        })
    }
}

/// The events of one account.
pub(super) struct AccountEntries {
    entries: Vec<Entry<'static>>,
    /// How many counted events of all accounts take effect in the future.
    future: u64,
    scanned: Scanned,
}

impl AccountEntries {
    /// Hands out the entries and folds them: the state is right for this account alone.
    pub(super) fn replay<E: From<LedgerError>>(
        self,
        opening: Opening<'static>,
        cutoff: Cutoff,
        mut each: impl FnMut(&Entry<'_>, &Replay, bool) -> Result<(), E>,
    ) -> Result<Replayed, E> {
        let progress = Progress {
            state: State::empty(opening),
            future: self.future,
            ..Progress::default()
        };
        let mut replay = Replay::resume(cutoff, None, progress);
        for entry in &self.entries {
            let counted = replay.take(entry).map_err(LedgerError::from)?;
            each(entry, &replay, counted)?;
        }
        Ok(Replayed {
            is_whole: false,
            ..Replayed::new(replay, self.scanned)
        })
    }
}
