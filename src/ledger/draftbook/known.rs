//! What is known of a log that is not read from its front: a checkpoint, and the events behind it.
//!
//! Owns that no rule is asked about an account, a key or a reversal before it was looked up. Must not
//! decide anything.

use std::path::Path;

use hashbrown::HashSet;

use crate::accounts::{Command, Found, Settings, State};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::event::Entry;
use crate::ledger::transaction::Receipt;
use crate::ledger::{LedgerError, Wish};
use crate::log::LogReader;
use crate::replay::{Bound, Cutoff};
use crate::time::Zone;

use super::Draftbook;

/// From so many wishes on all accounts are looked up at once, where there are not many more.
const MANY_WISHES: usize = 16;
const ACCOUNTS_A_WISH: usize = 32;

/// A checkpoint and what came behind it.
pub(super) struct Known {
    checkpoint: Checkpoint,
    tail: State,
    settings: Settings,
    /// The accounts that were looked up, there or not.
    accounts: HashSet<Box<str>>,
    /// The events whose reversal was looked up.
    reversals: HashSet<u64>,
    knows_all: bool,
}

impl Known {
    /// An account at the log's end, put in a state.
    fn put(&self, name: &str, state: &mut State) -> Result<(), CheckpointError> {
        let later = self.tail.account(name);
        if let Some(account) = self.checkpoint.account(name)? {
            state.put_account(name, account);
        }
        let join = |later| state.join_account(name, later, self.settings.of(name));
        if later.is_none_or(join) {
            Ok(())
        } else {
            Err(CheckpointError::Wrong("its accounts cannot be joined"))
        }
    }
}

impl<'l> Draftbook<'l> {
    /// The log from a checkpoint of it on; `None` where it cannot go on from there, or where the log
    /// is to be read for what is wrong with it.
    pub(in crate::ledger) fn from_checkpoint(
        checkpoint: Checkpoint,
        log: &'l LogReader,
        path: &Path,
        wishes: &[Wish],
    ) -> Option<Draftbook<'l>> {
        let opening = checkpoint.opening().clone();
        let zone = Zone::named(&opening.zone).ok()?;
        let mut book = Draftbook::blank(path);
        book.log = Some(log);
        book.zone = zone;
        let keys = Draftbook::keys(wishes);
        for key in &keys {
            let first = first_under(log, &checkpoint, key).ok()?;
            if let Some(first) = first {
                book.keyed
                    .insert((*key).to_owned(), Box::new(Receipt::old(first)));
            }
        }
        let mut known = Known {
            checkpoint,
            tail: State::behind(opening.clone()),
            settings: Settings::default(),
            accounts: HashSet::new(),
            reversals: HashSet::new(),
            knows_all: false,
        };
        let keyed = &mut book.keyed;
        let scanned = log.scan(Some(known.checkpoint.mark()), |entry, _| {
            Draftbook::note_key(keyed, &keys, entry);
            known.settings.note(entry);
            known.tail.apply(entry)
        });
        let scanned = scanned.ok()?;
        book.last = scanned.last;
        book.tail = scanned.tail;
        book.state = State::behind(opening);
        for (target, by) in known.tail.reversals() {
            book.state.put_reversal(target, by);
        }
        let is_worth_all = wishes.len() > MANY_WISHES
            && usize::try_from(known.checkpoint.account_count())
                .is_ok_and(|count| count < wishes.len().saturating_mul(ACCOUNTS_A_WISH));
        book.known = Some(known);
        if is_worth_all {
            book.know_all().ok()?;
        }
        Some(book)
    }

    /// Looks up what a decision on this command rests on.
    pub(super) fn know(&mut self, command: &Command, found: &Found) -> Result<(), LedgerError> {
        let asked = match command {
            Command::Open { account, .. }
            | Command::Limit { account, .. }
            | Command::Deposit { account, .. }
            | Command::Withdraw { account, .. }
            | Command::Close { account } => [Some(account), None],
            Command::Transfer { from, to, .. } => [Some(from), Some(to)],
            Command::Reverse { seq } => {
                self.know_reversal(*seq)?;
                [None, None]
            }
        };
        for name in asked.into_iter().flatten() {
            self.know_account(name.as_str())?;
        }
        for entry in found.keyed.iter().chain(&found.target) {
            for name in entry.event.accounts() {
                self.know_account(name.as_str())?;
            }
        }
        Ok(())
    }

    fn know_account(&mut self, name: &str) -> Result<(), LedgerError> {
        let Some(known) = &mut self.known else {
            return Ok(());
        };
        if known.knows_all || known.accounts.contains(name) {
            return Ok(());
        }
        known.put(name, &mut self.state)?;
        known.accounts.insert(name.into());
        Ok(())
    }

    pub(super) fn know_reversal(&mut self, seq: u64) -> Result<(), LedgerError> {
        let Some(known) = &mut self.known else {
            return Ok(());
        };
        if known.reversals.insert(seq)
            && let Some(by) = known.checkpoint.reversed_by(seq)?
        {
            self.state.put_reversal(seq, by);
        }
        Ok(())
    }

    /// Looks every account up; false where all were known before.
    pub(super) fn know_all(&mut self) -> Result<bool, LedgerError> {
        let Some(known) = &mut self.known else {
            return Ok(false);
        };
        if std::mem::replace(&mut known.knows_all, true) {
            return Ok(false);
        }
        let mut all = known.checkpoint.accounts()?;
        for (name, later) in known.tail.unsorted() {
            if !all.join_account(name, later, known.settings.of(name)) {
                return Err(CheckpointError::Wrong("its accounts cannot be joined").into());
            }
        }
        for (name, account) in all.unsorted() {
            // What is known already may have changed since.
            if !known.accounts.contains(name) {
                self.state.put_account(name, *account);
            }
        }
        Ok(true)
    }

    /// The accounts of an event as they stood right behind it, where that is found sooner than by
    /// reading the log from its front.
    pub(super) fn standings_at(&self, entry: &Entry<'_>) -> Result<Option<State>, LedgerError> {
        let (Some(known), Some(log)) = (&self.known, self.log) else {
            return Ok(None);
        };
        let cutoff = Cutoff {
            known_at: Some(Bound::Seq(entry.seq)),
            ..Cutoff::default()
        };
        let mut replay = known.checkpoint.fold(log, cutoff, None)?.replay;
        let mark = known.checkpoint.mark();
        if entry.seq > mark.seq {
            let scanned = log.scan(Some(mark), |entry, _| replay.take(entry).map(drop));
            if scanned.is_err() {
                return Err(CheckpointError::Wrong("the log is not what it was").into());
            }
        }
        Ok(Some(replay.into_state()))
    }
}

/// The first event that was recorded under a key.
fn first_under(
    log: &LogReader,
    checkpoint: &Checkpoint,
    key: &str,
) -> Result<Option<Entry<'static>>, CheckpointError> {
    for offset in checkpoint.lines_under(key)? {
        let (entry, _) = log
            .checked_at(offset)?
            .ok_or(CheckpointError::Wrong("the log is not what it was"))?;
        if entry.key.as_ref().is_some_and(|own| own.as_str() == key) {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}
