//! From lines to a checkpoint, and from one checkpoint to the next.
//!
//! Decides when a segment is full, when a state is stored, and when tables are merged. The same log
//! gives the same segments and states, however many runs it took.

mod files;
mod open_segment;

use super::fold::{AccountFold, join_accounts};
use hashbrown::HashSet;

use super::cache_dir::WriteLock;
use super::manifest::{Manifest, Opened, StoredPosition, StoredSeal, TableFile};
use super::outstanding;
use super::record::{self, Offsets};
use super::table::{Root, TableWriter};
use super::{CheckpointError, Sizes, as_u64};
use crate::accounts::{Commitments, OutstandingBook, commits, kept_under};
use crate::event::{Entry, Event, Opening, Record};
use crate::log::{LineSpan, LogPosition, encode};
use files::IndexRecords;
use open_segment::OpenSegment;

/// No more times than this are stored in the head.
const LATE_MAX: usize = 65_536;
/// The approximate size of an account with its name.
const ACCOUNT_BYTES: u64 = 64;

/// Takes the events after a position, in order, and makes a checkpoint of them.
pub(super) struct Builder {
    lock: WriteLock,
    sizes: Sizes,
    opening: Opening<'static>,
    first: Option<LogPosition>,
    end: Option<LogPosition>,
    late: Option<Vec<i64>>,
    /// Tables of accounts, the oldest first.
    tables: Vec<TableFile>,
    /// All accounts, or if there are tables, those to be merged with them.
    accounts: AccountFold,
    /// Changes not yet added to `accounts` and the open segment.
    fresh: AccountFold,
    open: Option<OpenSegment>,
    /// The index records of the open segment.
    loose: IndexRecords,
    /// Index records of full segments that are in no table yet.
    sealed: IndexRecords,
    facts: Vec<TableFile>,
    states: Vec<(u64, TableFile)>,
    since_state: u64,
    /// The newest version of the lines so far.
    version: u64,
    /// What is sealed, and the redactions.
    global: Commitments,
    outstanding: OutstandingBook,
    /// The events after which states are stored, if that is fixed.
    states_at: Option<HashSet<u64>>,
}

impl Builder {
    /// From the first line on.
    pub(super) fn new(lock: WriteLock, sizes: Sizes, opening: &Opening<'static>) -> Self {
        Builder {
            lock,
            sizes,
            opening: opening.clone(),
            first: None,
            end: None,
            late: Some(Vec::new()),
            tables: Vec::new(),
            accounts: AccountFold::empty(opening),
            fresh: AccountFold::empty(opening),
            open: None,
            loose: IndexRecords::default(),
            sealed: IndexRecords::default(),
            facts: Vec::new(),
            states: Vec::new(),
            since_state: 0,
            version: 1,
            global: Commitments::default(),
            outstanding: OutstandingBook::default(),
            states_at: None,
        }
    }

    /// The same, with states stored after these events.
    pub(super) fn with_states_at(self, states: HashSet<u64>) -> Self {
        Builder {
            states_at: Some(states),
            ..self
        }
    }

    /// Continues from the end of a checkpoint.
    pub(super) fn from(
        lock: WriteLock,
        sizes: Sizes,
        opening: &Opening<'static>,
        opened: &Opened,
    ) -> Result<Self, CheckpointError> {
        let mut builder = Builder::new(lock, sizes, opening);
        let manifest = &opened.manifest;
        builder.first = Some(manifest.first.position()?);
        builder.end = Some(manifest.end.position()?);
        builder.late.clone_from(&manifest.late);
        builder.tables.clone_from(&manifest.accounts);
        builder.facts.clone_from(&manifest.facts);
        builder.states.clone_from(&manifest.states);
        builder.since_state = manifest.since_state;
        builder.version = manifest.version;
        builder.global = manifest.global()?;
        opened.each_outstanding(|name, stored| builder.outstanding.put(name, stored))?;
        builder.accounts.take_all(&opened.own_accounts, b"")?;
        if let Some(segment) = &manifest.open {
            let mut open = OpenSegment::after(segment.from.position()?, opening);
            open.events = segment.events;
            open.first_at = segment.first_at;
            open.effective = segment.effective;
            open.postdated.clone_from(&segment.postdated);
            let loose = &mut builder.loose;
            let from = open.first_seq();
            opened.own_facts.each(b"", |key, value| {
                if record::is_of_an_event(key) {
                    loose.push(key, value);
                } else if let Some(name) = record::name_of_lines(key) {
                    let (_, lines) = Offsets::read(value).ok_or(CheckpointError::Wrong(
                        "the lines of an account are not in their form",
                    ))?;
                    open.lines.insert(name.into(), lines);
                } else if let Some(name) = record::name_of_change(from, key) {
                    open.changes.take(name, value)?;
                }
                Ok(())
            })?;
            builder.open = Some(open);
        }
        Ok(builder)
    }

    /// Takes the next event, which was checked.
    pub(super) fn take(
        &mut self,
        entry: &Entry<'_>,
        place: LineSpan,
    ) -> Result<(), CheckpointError> {
        let end = LogPosition {
            offset: place.end,
            seq: entry.seq,
            hash: entry.hash,
            at: entry.at,
        };
        let before = self.end.replace(end);
        if matches!(entry.event, Event::Ledger(_)) {
            self.first = Some(end);
            if let Some(key) = &entry.key {
                self.loose.push(
                    &record::and_number(record::of_key(key.as_str()), place.offset),
                    &[],
                );
            }
            return Ok(());
        }
        let before = before.ok_or(CheckpointError::Wrong("the log has no first line"))?;
        self.fresh
            .state
            .apply(entry)
            .map_err(|_| CheckpointError::Wrong("a balance does not fit"))?;
        self.fresh.settings.note(entry);
        if let Some(key) = &entry.key {
            let key = record::and_number(record::of_key(key.as_str()), place.offset);
            self.loose.push(&key, &[]);
        }
        if let Some(target) = entry.reverses() {
            let key = record::and_number(record::of_reversal(target), entry.seq);
            self.loose.push(&key, &[]);
        }
        self.version = entry.version().max(self.version);
        if entry.event.kind().acts_at_once() {
            self.global.apply(entry);
        }
        if commits(entry) {
            self.outstanding.apply(entry);
            let under = record::of_commitments_under(kept_under(entry));
            let key = record::and_number(under, entry.seq);
            let kept = Record {
                note: None,
                ..entry.record.clone()
            };
            let (line, _) = encode(kept, None);
            self.loose.push(&key, line.as_bytes());
        }
        if let (Some(effective), Some(late)) = (entry.effective, &mut self.late)
            && effective > entry.at
        {
            late.push(effective.unix_micros());
        }
        let opening = &self.opening;
        let open = self
            .open
            .get_or_insert_with(|| OpenSegment::after(before, opening));
        open.see(entry, place);
        if open.events >= self.sizes.segment_events {
            self.encode(end)?;
        }
        Ok(())
    }

    /// Adds recent changes to the accounts and the open segment.
    fn settle(&mut self) -> Result<(), CheckpointError> {
        let mut fresh = std::mem::replace(&mut self.fresh, AccountFold::empty(&self.opening));
        // They have records of their own.
        fresh.state.put_commitments(Commitments::default());
        if let Some(open) = &mut self.open {
            open.changes.append(fresh.clone())?;
        }
        self.accounts.append(fresh)
    }

    /// The open segment is full.
    fn encode(&mut self, to: LogPosition) -> Result<(), CheckpointError> {
        self.settle()?;
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        let mut segment = open.segment(&to);
        self.since_state = self.since_state.saturating_add(open.events);
        if self.is_state_due(to.seq) {
            self.keep_state(to.seq)?;
            self.since_state = 0;
            segment.has_state = true;
        }
        let touched = as_u64(open.changes.state.account_count());
        segment.has_changes = touched.saturating_mul(8) <= self.sizes.segment_events.max(8192);
        let from = open.first_seq();
        if segment.has_changes {
            let sealed = &mut self.sealed;
            let put = |key: &[u8], value: &[u8]| sealed.push(key, value);
            open.changes.records(&record::of_changes(from), put);
        }
        open.put_lines(&mut self.sealed);
        let json = serde_json::to_vec(&segment)
            .map_err(|_| CheckpointError::Wrong("a segment cannot be written"))?;
        self.sealed.push(&record::of_segment(from), &json);
        self.sealed.append(&mut self.loose);
        if self.sealed.bytes() > self.sizes.held_bytes {
            self.write_facts()?;
        }
        Ok(())
    }

    fn is_state_due(&self, after: u64) -> bool {
        if let Some(states) = &self.states_at {
            return states.contains(&after);
        }
        let an_account = self.sizes.events_an_account;
        let apart = an_account.saturating_mul(self.account_count());
        self.since_state >= apart.max(self.sizes.segment_events)
    }

    /// Not fewer than there are.
    fn account_count(&self) -> u64 {
        let records = self.tables.iter().map(|table| table.root.records);
        let own = as_u64(self.accounts.state.account_count());
        records.fold(own, u64::saturating_add)
    }

    fn rewrites_accounts(&self) -> bool {
        let own = as_u64(self.accounts.state.account_count());
        own.saturating_mul(ACCOUNT_BYTES) <= self.sizes.rewritten_bytes
    }

    /// Stores the state after an event: as records if it is small, otherwise as a table of its own,
    /// on which the accounts are based from then on.
    fn keep_state(&mut self, after: u64) -> Result<(), CheckpointError> {
        if self.tables.is_empty() && self.rewrites_accounts() {
            let sealed = &mut self.sealed;
            let put = |key: &[u8], value: &[u8]| sealed.push(key, value);
            self.accounts.records(&record::of_state(after), put);
            return Ok(());
        }
        self.write_accounts()?;
        self.merge_accounts(0)?;
        if let [whole] = self.tables.as_slice() {
            self.states.push((after, whole.clone()));
        }
        Ok(())
    }

    fn write_accounts(&mut self) -> Result<(), CheckpointError> {
        let mut records = IndexRecords::default();
        let put = |key: &[u8], value: &[u8]| records.push(key, value);
        self.accounts.records(b"", put);
        self.tables.push(files::write(&self.lock, &mut records)?);
        self.accounts = AccountFold::empty(&self.opening);
        Ok(())
    }

    /// Joins the tables of accounts from this one on.
    fn merge_accounts(&mut self, from: usize) -> Result<(), CheckpointError> {
        files::merge(&self.lock, &mut self.tables, from, join_accounts)
    }

    fn write_facts(&mut self) -> Result<(), CheckpointError> {
        let table = files::write(&self.lock, &mut self.sealed)?;
        self.facts.push(table);
        Ok(())
    }

    /// Writes what was built, up to the last event that was taken, whose line this is the digest of, and
    /// the first event that breaks a rule.
    pub(super) fn finish(
        mut self,
        last_line: String,
        broken: Option<u64>,
    ) -> Result<(), CheckpointError> {
        let (Some(first), Some(end)) = (self.first, self.end) else {
            return Err(CheckpointError::Wrong("the log has no first line"));
        };
        self.settle()?;
        if !self.sealed.is_empty() {
            self.write_facts()?;
        }
        let from = files::first_to_merge(&self.facts);
        files::merge(&self.lock, &mut self.facts, from, newest)?;
        if !self.rewrites_accounts() {
            self.write_accounts()?;
            self.merge_accounts(files::first_to_merge(&self.tables))?;
        }
        let late = self.late.take().and_then(|mut late| {
            late.retain(|time| *time > end.at.unix_micros());
            late.sort_unstable();
            (late.len() <= LATE_MAX).then_some(late)
        });
        let (own_accounts, accounts_root) = {
            let mut records = IndexRecords::default();
            let put = |key: &[u8], value: &[u8]| records.push(key, value);
            self.accounts.records(b"", put);
            image(&mut records)?
        };
        let open = self.open.as_ref().map(|open| open.segment(&end));
        if let Some(open) = &self.open {
            open.put_lines(&mut self.loose);
            let loose = &mut self.loose;
            let put = |key: &[u8], value: &[u8]| loose.push(key, value);
            open.changes
                .records(&record::of_changes(open.first_seq()), put);
        }
        let (own_facts, facts_root) = image(&mut self.loose)?;
        let (own_outstanding, outstanding_root) = {
            let mut records = IndexRecords::default();
            let put = |key: &[u8], value: &[u8]| records.push(key, value);
            outstanding::records(&mut self.outstanding, end.at, put);
            image(&mut records)?
        };
        let manifest = Manifest {
            ledger: self.opening.id.as_str().to_owned(),
            first: StoredPosition::from(&first),
            end: StoredPosition::from(&end),
            last_line,
            late,
            accounts: self.tables,
            own_accounts: accounts_root,
            facts: self.facts,
            own_facts: facts_root,
            open,
            states: self.states,
            since_state: self.since_state,
            version: self.version,
            broken,
            own_outstanding: outstanding_root,
            seal: StoredSeal::from(self.global.seal()),
            redactions: self.global.redactions().collect(),
        };
        let own = [&*own_accounts, &*own_facts, &*own_outstanding];
        files::write_head(&self.lock, &manifest, own)
    }
}

/// A table as bytes.
fn image(records: &mut IndexRecords) -> Result<(Vec<u8>, Root), CheckpointError> {
    let mut writer = TableWriter::new(Vec::new());
    records.drain_sorted(|key, value| writer.push(key, value))?;
    writer.finish()
}

/// If several tables have a value, the newest counts.
pub(super) fn newest(values: &[Vec<u8>]) -> Result<Vec<u8>, CheckpointError> {
    let newest = values.last().cloned();
    newest.ok_or(CheckpointError::Wrong("a record without a value"))
}
