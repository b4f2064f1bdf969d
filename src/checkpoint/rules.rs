//! [`RuleWatch`]: the first event of a log that breaks a rule, noticed while the log is read.

use hashbrown::HashSet;

use super::CheckpointError;
use super::open::Checkpoint;
use crate::accounts::{RuleCheck, RuleChecker, State, Touched};
use crate::event::{Entry, Event, Link, Record};
use crate::log::{LineSpan, LogError, LogReader};

/// Looks for the first event that breaks a rule, from the first line on or from the end of a checkpoint.
/// A key that is used twice is not noticed.
#[derive(Debug)]
pub struct RuleWatch<'c> {
    /// Here is looked up what the rules ask of earlier events.
    checkpoint: Option<&'c Checkpoint>,
    state: State,
    checker: RuleChecker,
    /// The accounts that were looked up.
    accounts: HashSet<Box<str>>,
    /// The events that were looked up, with what refers to them.
    events: HashSet<u64>,
    broken: Option<u64>,
}

impl RuleWatch<'_> {
    /// From the first line on.
    pub fn new() -> RuleWatch<'static> {
        RuleWatch {
            checkpoint: None,
            state: State::default(),
            checker: RuleChecker::default(),
            accounts: HashSet::new(),
            events: HashSet::new(),
            broken: None,
        }
    }

    /// From the end of a checkpoint on.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn after(checkpoint: &Checkpoint) -> Result<RuleWatch<'_>, CheckpointError> {
        let mut state = State::empty(checkpoint.opening().clone());
        state.put_commitments(checkpoint.global_commitments()?);
        state.put_last_seq(Some(checkpoint.end().seq));
        Ok(RuleWatch {
            checkpoint: Some(checkpoint),
            state,
            broken: checkpoint.broken(),
            ..RuleWatch::new()
        })
    }

    /// Takes the next event, into a state of its own.
    ///
    /// # Errors
    /// [`CheckpointError`] if an earlier event cannot be looked up.
    pub fn take(
        &mut self,
        log: &LogReader,
        entry: &Entry<'_>,
        place: LineSpan,
    ) -> Result<(), CheckpointError> {
        if self.broken.is_some() {
            return Ok(());
        }
        let loaded = self.load_for(log, entry)?;
        let target = |seq| match loaded {
            Some(record) if record.seq == seq => Ok(Some(record)),
            _ => earlier(log, place)(seq),
        };
        let checked = self.checker.check(&self.state, entry, target);
        let checked = checked.map_err(std::io::Error::other)?;
        // What does not fit is refused, and changes nothing.
        let _ = self.state.apply_to(checked.touched, entry);
        self.note(&checked);
        Ok(())
    }

    /// Checks the next event in a state that the caller keeps: that of all events before it.
    ///
    /// # Errors
    /// [`LogError`] if an earlier event cannot be read.
    #[inline]
    pub fn check(
        &mut self,
        state: &State,
        log: &LogReader,
        entry: &Entry<'_>,
        place: LineSpan,
    ) -> Result<Touched, LogError> {
        if self.broken.is_some() {
            return Ok(state.touched_by(&entry.event));
        }
        let checked = self.checker.check(state, entry, earlier(log, place))?;
        self.note(&checked);
        Ok(checked.touched)
    }

    /// The first event that breaks a rule.
    pub fn finish(mut self) -> Option<u64> {
        let postponed = std::mem::take(&mut self.checker).finish();
        self.broken
            .or_else(|| postponed.map(|refused| refused.record.seq))
    }

    fn note(&mut self, checked: &RuleCheck) {
        if let Some(refused) = checked.refused.first() {
            self.broken = Some(refused.record.seq);
        }
    }

    /// Looks up what the rules ask of an event, and returns the event that it names, if the checkpoint
    /// has that.
    fn load_for(
        &mut self,
        log: &LogReader,
        entry: &Entry<'_>,
    ) -> Result<Option<Record<'static>>, CheckpointError> {
        let Some(checkpoint) = self.checkpoint else {
            return Ok(None);
        };
        for name in entry.event.accounts() {
            self.load_account(checkpoint, name.as_str())?;
        }
        let target = match (entry.link, &entry.event) {
            (Some(link), _) => link.target(),
            (None, Event::Release { hold, .. }) => *hold,
            _ => return Ok(None),
        };
        let target = self.load_event(checkpoint, log, target)?;
        if let Some(Link::Reverses(reversed)) = target.as_ref().and_then(|target| target.link) {
            self.load_event(checkpoint, log, reversed)?;
        }
        Ok(target)
    }

    fn load_account(&mut self, checkpoint: &Checkpoint, name: &str) -> Result<(), CheckpointError> {
        if self.accounts.contains(name) {
            return Ok(());
        }
        self.accounts.insert(name.into());
        if let Some(account) = checkpoint.account(name)? {
            self.state.put_account(name, account);
            let outstanding = checkpoint.outstanding(name)?;
            self.state.put_outstanding(name, outstanding);
        }
        Ok(())
    }

    /// Looks up an event, if the checkpoint has it, what reversed, captured, released, refunded or
    /// corrected it, and the accounts of a hold.
    fn load_event(
        &mut self,
        checkpoint: &Checkpoint,
        log: &LogReader,
        seq: u64,
    ) -> Result<Option<Record<'static>>, CheckpointError> {
        let end = checkpoint.end();
        if seq > end.seq {
            return Ok(None);
        }
        let found = log
            .entry_before(seq, end.offset)
            .map_err(std::io::Error::other)?;
        let Some(Entry { record, .. }) = found else {
            return Ok(None);
        };
        if !self.events.insert(seq) {
            return Ok(Some(record));
        }
        self.state.recall(&record);
        self.load_reversal(checkpoint, seq)?;
        checkpoint.each_commitment_under(seq, |record| self.state.recall(record))?;
        for (refund, _) in self.state.commitments().refunds_of(seq).to_vec() {
            self.load_reversal(checkpoint, refund)?;
        }
        if let Event::Hold(hold) = &record.event {
            for name in hold.from.iter().chain(&hold.to) {
                self.load_account(checkpoint, name.as_str())?;
            }
        }
        Ok(Some(record))
    }

    fn load_reversal(&mut self, checkpoint: &Checkpoint, seq: u64) -> Result<(), CheckpointError> {
        if let Some(by) = checkpoint.reversed_by(seq)? {
            self.state.put_reversal(seq, by);
        }
        Ok(())
    }
}

/// Finds an event before a line.
fn earlier(
    log: &LogReader,
    place: LineSpan,
) -> impl FnOnce(u64) -> Result<Option<Record<'static>>, LogError> + '_ {
    move |seq| {
        let found = log.entry_before(seq, place.offset)?;
        Ok(found.map(|entry| entry.record))
    }
}
