//! The fold: entries in order of their numbers, each either counted or not.

use hashbrown::{HashMap, HashSet};

use crate::accounts::{ApplyError, Commitments, Outstanding, Settings, State, Touched};
use crate::event::{Entry, Event, Hash, Opening};
use crate::money::Currency;
use crate::time::Timestamp;

use super::{Bound, Cutoff};

/// The state of a fold that a later one continues.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// What the counted events add up to.
    pub state: State,
    /// How many were counted; the first line is none.
    pub events: u64,
    /// The last entry that was known: number, hash, when it was recorded.
    pub last: Option<(u64, Hash, Timestamp)>,
    /// How many of the counted take effect after now.
    pub future: u64,
}

/// Folds entries one at a time.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    cutoff: Cutoff,
    now: Option<Timestamp>,
    progress: Progress,
    /// When the last known event up to the position of `--until` was recorded.
    reached: Option<Timestamp>,
    /// Accounts of known entries that were not counted, with what they hold.
    uncounted: HashMap<Box<str>, Option<Currency>>,
    /// What is left out: the events that the cutoff names, and those that refer to them.
    left_out: HashSet<u64>,
    /// For a fold that does not start at the first line: facts needed when it is merged.
    settings: Option<Settings>,
}

impl Replay {
    /// A fold from the first line. Without `now`, no event is in the future.
    pub fn new(cutoff: Cutoff, now: Option<Timestamp>) -> Replay {
        Replay::resume(cutoff, now, Progress::default())
    }

    /// A fold that continues one with the same cutoff.
    pub fn resume(cutoff: Cutoff, now: Option<Timestamp>, progress: Progress) -> Replay {
        Replay {
            left_out: cutoff.without.iter().copied().collect(),
            cutoff,
            now,
            reached: progress.last.map(|(_, _, at)| at),
            progress,
            uncounted: HashMap::new(),
            settings: None,
        }
    }

    /// A fold of entries from a later position, separate from those before, for [`Replay::append`].
    pub fn of_later(cutoff: Cutoff, now: Option<Timestamp>, opening: Opening<'static>) -> Replay {
        let progress = Progress {
            state: State::empty(opening),
            ..Progress::default()
        };
        Replay {
            settings: Some(Settings::default()),
            ..Replay::resume(cutoff, now, progress)
        }
    }

    /// Merges the fold of the following entries, made by [`Replay::of_later`] with the same cutoff.
    /// False if they cannot be merged; then this fold must not be used, and the entries must be
    /// taken one by one.
    #[must_use]
    pub fn append(&mut self, later: Replay) -> bool {
        let settings = later.settings.unwrap_or_default();
        let reached = later.reached.or(self.reached);
        if !self.append_folded(later.progress, &settings) {
            return false;
        }
        self.reached = reached;
        for (name, said) in later.uncounted {
            let holds = self.uncounted.entry(name).or_insert(None);
            *holds = holds.or(said);
        }
        true
    }

    /// Merges events that were folded separately, all of which count, and what they set. False if
    /// that is not possible; then this fold must not be used.
    #[must_use]
    pub fn append_folded(&mut self, later: Progress, settings: &Settings) -> bool {
        let Progress {
            state,
            events,
            last,
            future,
        } = later;
        if !self.progress.state.append(state, settings) {
            return false;
        }
        self.progress.events = self.progress.events.saturating_add(events);
        self.progress.future = self.progress.future.saturating_add(future);
        self.progress.last = last.or(self.progress.last);
        self.reached = last.map(|(_, _, at)| at).or(self.reached);
        true
    }

    /// What the entries of a fold made by [`Replay::of_later`] set on their accounts.
    pub fn settings(&self) -> Option<&Settings> {
        self.settings.as_ref()
    }

    /// Skips events that are known and do not count, up to this one. Their accounts must be
    /// recorded with [`Replay::note_known`].
    pub fn pass_over(&mut self, last: (u64, Hash, Timestamp)) {
        self.progress.last = Some(last);
    }

    /// Records accounts that exist in what is known, counted or not: the given accounts whose first
    /// event is known.
    pub fn note_known(&mut self, by_now: &State) {
        for (name, account) in by_now.unsorted() {
            if self.cutoff.knows_at(account.first_at, account.first) {
                let said = account.currency.filter(|_| account.currency_is_fixed);
                self.note_account(name, said);
            }
        }
    }

    /// Forgets every account but these.
    pub fn keep_only(&mut self, names: &[&str]) {
        self.progress.state.keep_only(names);
    }

    /// The same fold with another cutoff, under which everything so far counted as well.
    #[must_use]
    pub fn with_cutoff(self, cutoff: Cutoff) -> Replay {
        Replay { cutoff, ..self }
    }

    /// Takes the next entry and returns whether it counts. The first line describes the ledger and
    /// is included at any cutoff.
    ///
    /// # Errors
    /// [`ApplyError`] if a balance does not fit, or an account is in another currency; then the entry did
    /// not count.
    pub fn take(&mut self, entry: &Entry<'_>) -> Result<bool, ApplyError> {
        self.take_to(None, entry)
    }

    /// The same for an entry whose accounts were looked up in this state, if they were.
    ///
    /// # Errors
    /// Those of [`Replay::take`].
    pub fn take_to(
        &mut self,
        touched: Option<Touched>,
        entry: &Entry<'_>,
    ) -> Result<bool, ApplyError> {
        let is_first_line = matches!(entry.event, Event::Ledger(_));
        if let Some(Bound::Seq(end)) = self.cutoff.until
            && entry.seq <= end
            && self.cutoff.knows(entry)
        {
            self.reached = Some(entry.at);
        }
        let is_left_out = self.leaves_out(entry);
        if !is_first_line && (is_left_out || !self.cutoff.counts(entry)) {
            if self.cutoff.knows(entry) {
                self.progress.last = Some((entry.seq, entry.hash, entry.at));
                self.note_uncounted(entry);
            }
            return Ok(false);
        }
        let state = &mut self.progress.state;
        let touched = touched.unwrap_or_else(|| state.touched_by(&entry.event));
        state.apply_to(touched, entry)?;
        if let Some(settings) = &mut self.settings {
            settings.note(entry);
        }
        self.progress.last = Some((entry.seq, entry.hash, entry.at));
        if !is_first_line {
            self.progress.events = self.progress.events.saturating_add(1);
            if self.now.is_some_and(|now| entry.took_effect() > now) {
                self.progress.future = self.progress.future.saturating_add(1);
            }
        }
        Ok(true)
    }

    /// True if an entry is left out by its number, or because it refers to one that is.
    fn leaves_out(&mut self, entry: &Entry<'_>) -> bool {
        if self.left_out.is_empty() {
            return false;
        }
        if self.left_out.contains(&entry.seq) {
            return true;
        }
        let target = entry.refers_to();
        let is_left_out = target.is_some_and(|target| self.left_out.contains(&target));
        if is_left_out {
            self.left_out.insert(entry.seq);
        }
        is_left_out
    }

    /// True if this entry, which was taken, is left out as if it had not happened.
    pub fn is_left_out(&self, seq: u64) -> bool {
        self.left_out.contains(&seq)
    }

    fn note_uncounted(&mut self, entry: &Entry<'_>) {
        let said = match &entry.event {
            Event::Ledger(_) => None,
            event => event.currency(),
        };
        for name in entry.event.accounts() {
            self.note_account(name.as_str(), said);
        }
    }

    fn note_account(&mut self, name: &str, said: Option<Currency>) {
        match self.uncounted.get_mut(name) {
            Some(holds) => *holds = holds.or(said),
            None => drop(self.uncounted.insert(name.into(), said)),
        }
    }

    /// The moment at which holds are looked at: the one that was asked about, otherwise now, which is
    /// never before the last event that is known.
    pub fn as_of(&self) -> Timestamp {
        let last = self.progress.last.map_or(Timestamp::MIN, |(_, _, at)| at);
        match (self.cutoff.until, self.cutoff.known_at) {
            (Some(Bound::Time(moment)), _) | (None, Some(Bound::Time(moment))) => moment,
            (Some(Bound::Seq(_)), _) => self.reached.unwrap_or(last),
            (None, Some(Bound::Seq(_))) => last,
            (None, None) => self.now.map_or(last, |now| now.max(last)),
        }
    }

    /// Takes in what the counted events have settled for later ones, as it was kept elsewhere.
    pub fn put_commitments(&mut self, commitments: Commitments) {
        self.progress.state.put_commitments(commitments);
    }

    /// Takes in what an account expects, as it was kept elsewhere.
    pub fn put_outstanding(&mut self, name: &str, outstanding: Outstanding) {
        self.progress.state.put_outstanding(name, outstanding);
    }

    /// What the counted events add up to.
    pub fn state(&self) -> &State {
        &self.progress.state
    }

    /// The same, with the rest let go.
    pub fn into_state(self) -> State {
        self.progress.state
    }

    /// How far this has come.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The cutoff that this was made with.
    pub fn cutoff(&self) -> &Cutoff {
        &self.cutoff
    }

    /// How many events were counted; the first line is none.
    pub fn events(&self) -> u64 {
        self.progress.events
    }

    /// The last entry that was known, the first line included: number, hash, when it was recorded.
    pub fn last(&self) -> Option<(u64, Hash, Timestamp)> {
        self.progress.last
    }

    /// How many counted events take effect after now.
    pub fn future(&self) -> u64 {
        self.progress.future
    }

    /// The currency of an account that exists in what was known, counted or not; `None` if it does
    /// not exist.
    pub fn known_account(&self, name: &str) -> Option<Option<Currency>> {
        let counted = self.progress.state.account(name);
        let uncounted = self.uncounted.get(name).copied();
        match counted {
            Some(account) => Some(account.currency.or(uncounted.flatten())),
            None => uncounted,
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests on small numbers")]
mod tests;
