//! What a batch looks up in a checkpoint before a rule needs it: an account, a key, a reversal.

use std::borrow::Cow;
use std::path::Path;

use crate::accounts::{Request, Settings, State};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::event::{EventRef, Link, Record};
use crate::ledger::LedgerError;
use crate::log::{LogReader, ScanOptions, ScanRange};
use crate::replay::{Bound, Cutoff};

use super::key_index::{KeyIndex, note_in};
use super::loaded_state::{LoadedState, LookedUp, first_under};
use super::{Batch, known_zone};

/// For this many requests or more, all accounts are loaded at once, unless there are many more.
const MANY_REQUESTS: usize = 16;
const ACCOUNTS_PER_REQUEST: usize = 32;

impl<'l> Batch<'l> {
    /// The batch on the log from a checkpoint of it on; `None` if that is not possible, or if the
    /// log must be read as a whole to say what is wrong with it.
    pub(in crate::ledger) fn from_checkpoint(
        checkpoint: Checkpoint,
        log: &'l LogReader,
        path: &Path,
        requests: &[Request],
        keeps: bool,
    ) -> Option<Batch<'l>> {
        let opening = checkpoint.opening().clone();
        let mut batch = Batch::blank(path);
        batch.log = Some(log);
        batch.zone = known_zone(&opening);
        batch.index = keeps.then(KeyIndex::default);
        let keys = Batch::keys(requests);
        for key in &keys {
            let first = first_under(log, &checkpoint, key).ok()?;
            if let Some(first) = first {
                batch.keyed.insert((*key).to_owned(), Box::new(first));
            }
        }
        let mut loaded = LoadedState {
            checkpoint,
            tail: State::empty(opening.clone()),
            settings: Settings::default(),
            looked_up: LookedUp::default(),
        };
        let (keyed, index) = (&mut batch.keyed, &mut batch.index);
        let mut version = loaded.checkpoint.version();
        let scanned = log.scan(
            ScanRange::after(Some(*loaded.checkpoint.end())),
            ScanOptions::default(),
            |entry, _| {
                Batch::note_key(keyed, &keys, entry);
                if let Some(index) = index {
                    note_in(index, entry);
                }
                loaded.settings.note(entry);
                version = entry.version().max(version);
                loaded.tail.apply(entry)
            },
        );
        let scanned = scanned.ok()?;
        batch.end = scanned;
        batch.version = version;
        batch.state = State::empty(opening);
        let mut commitments = loaded.checkpoint.global_commitments().ok()?;
        commitments.append(loaded.tail.commitments());
        batch.state.put_commitments(commitments);
        batch.state.put_last_seq(scanned.last.map(|last| last.seq));
        for (target, by) in loaded.tail.reversals() {
            batch.state.put_reversal(target, by);
        }
        let is_worth_all = requests.len() > MANY_REQUESTS
            && usize::try_from(loaded.checkpoint.account_count())
                .is_ok_and(|count| count < requests.len().saturating_mul(ACCOUNTS_PER_REQUEST));
        batch.loaded = Some(loaded);
        if is_worth_all {
            batch.load_all().ok()?;
        }
        Some(batch)
    }

    /// Looks up what a decision on this request needs.
    pub(super) fn load_for(
        &mut self,
        request: &Request,
        target: Option<&Record<'_>>,
    ) -> Result<(), LedgerError> {
        if self.loaded.is_none() {
            return Ok(());
        }
        if let Some(EventRef::Seq(seq)) = request.operation.target() {
            let mut newest = *seq;
            self.load_reversal(newest)?;
            self.load_commitments(newest)?;
            // A refusal names the newest of the events that stand in place of this one.
            while let Some(replacement) = self.state.commitments().corrected_by(newest) {
                newest = replacement;
                self.load_reversal(newest)?;
                self.load_commitments(newest)?;
            }
            if let Some(target) = target {
                self.recall(target);
            }
            if let Some(Link::Reverses(reversed)) = target.and_then(|target| target.link) {
                self.load_commitments(reversed)?;
                if let Some(reversed) = self.record_at(reversed)? {
                    self.recall(&reversed);
                }
            }
            let refunds = self.state.commitments().refunds_of(*seq).to_vec();
            for (refund, _) in refunds {
                self.load_reversal(refund)?;
            }
            let hold = self.state.commitments().hold(*seq);
            let names: Vec<String> = hold
                .into_iter()
                .flat_map(|hold| hold.accounts().map(ToString::to_string))
                .collect();
            for name in names {
                self.load_account(&name)?;
            }
        }
        for name in request.operation.accounts() {
            self.load_account(name.as_str())?;
        }
        let keyed = self.keyed(request).map(Cow::into_owned);
        for record in keyed.iter().chain(target) {
            for name in record.event.accounts() {
                self.load_account(name.as_str())?;
            }
        }
        Ok(())
    }

    pub(super) fn load_account(&mut self, name: &str) -> Result<(), LedgerError> {
        let Some(loaded) = &mut self.loaded else {
            return Ok(());
        };
        let looked_up = &mut loaded.looked_up;
        if looked_up.has_all_accounts || looked_up.accounts.contains(name) {
            return Ok(());
        }
        looked_up.accounts.insert(name.into());
        loaded.put(name, &mut self.state)?;
        Ok(())
    }

    /// Looks up what captured, released, refunded or corrected an event, and the event itself if it is a
    /// hold.
    pub(super) fn load_commitments(&mut self, seq: u64) -> Result<(), LedgerError> {
        let Some(loaded) = &mut self.loaded else {
            return Ok(());
        };
        if loaded.looked_up.commitments.insert(seq) {
            let checkpoint = &loaded.checkpoint;
            checkpoint.each_commitment_under(seq, |record| self.state.recall(record))?;
        }
        Ok(())
    }

    /// Takes in what an event of the log settled, if the checkpoint has it.
    fn recall(&mut self, record: &Record<'_>) {
        if let Some(loaded) = &self.loaded
            && record.seq <= loaded.checkpoint.end().seq
        {
            self.state.recall(record);
        }
    }

    pub(super) fn load_reversal(&mut self, seq: u64) -> Result<(), LedgerError> {
        let Some(loaded) = &mut self.loaded else {
            return Ok(());
        };
        if loaded.looked_up.reversals.insert(seq)
            && let Some(by) = loaded.checkpoint.reversed_by(seq)?
        {
            self.state.put_reversal(seq, by);
        }
        Ok(())
    }

    /// Looks up every account if there are not many; false if there are.
    pub(super) fn load_a_few(&mut self) -> Result<bool, LedgerError> {
        const MANY: u64 = 10_000;
        if let Some(loaded) = &self.loaded
            && !loaded.looked_up.has_all_accounts
            && loaded.checkpoint.account_count() > MANY
        {
            return Ok(false);
        }
        self.load_all()?;
        Ok(true)
    }

    /// Looks up every account; false if all were loaded before.
    pub(super) fn load_all(&mut self) -> Result<bool, LedgerError> {
        let Some(loaded) = &mut self.loaded else {
            return Ok(false);
        };
        if std::mem::replace(&mut loaded.looked_up.has_all_accounts, true) {
            return Ok(false);
        }
        let mut all = loaded.checkpoint.accounts()?;
        for (name, later) in loaded.tail.unsorted() {
            if !all.join_account(name, later, loaded.settings.of(name)) {
                return Err(CheckpointError::Wrong("its accounts cannot be joined").into());
            }
        }
        for (name, account) in all.unsorted() {
            // What was loaded before may have changed since.
            if !loaded.looked_up.accounts.contains(name) {
                self.state.put_account(name, *account);
            }
        }
        loaded.checkpoint.each_outstanding(|name, outstanding| {
            self.state.put_outstanding(name, outstanding);
        })?;
        Ok(true)
    }

    /// The state right after an event, if that is found sooner than by reading the whole log.
    pub(super) fn state_after(&self, record: &Record<'_>) -> Result<Option<State>, LedgerError> {
        let (Some(loaded), Some(log)) = (&self.loaded, self.log) else {
            return Ok(None);
        };
        let cutoff = Cutoff {
            known_at: Some(Bound::Seq(record.seq)),
            ..Cutoff::default()
        };
        let mut replay = loaded.checkpoint.fold(log, &cutoff, None)?.replay;
        let end = loaded.checkpoint.end();
        if record.seq > end.seq {
            let scanned = log.scan(
                ScanRange::after(Some(*end)),
                ScanOptions::default(),
                |entry, _| replay.take(entry).map(drop),
            );
            if scanned.is_err() {
                return Err(CheckpointError::Wrong("the log is not what it was").into());
            }
        }
        Ok(Some(replay.into_state()))
    }
}
