//! A usable checkpoint and its look-ups.
//!
//! A checkpoint is usable if the ledger is the same, the log is at least as long, and the last line
//! it covers is still at its place, byte for byte.

use sha2::{Digest as _, Sha256};

use super::cache_dir::CacheDir;
use super::fold::AccountFold;
use super::manifest::{Manifest, Opened};
use super::record::{self, Offsets};
use super::{CheckpointError, as_u64};
use crate::accounts::{Account, Commitments, Outstanding, Settings, SortedAccounts, State};
use crate::event::{Hash, Opening, Record};
use crate::log::{LogPosition, LogReader, decode};

/// The state of a log at a position.
#[derive(Debug)]
pub struct Checkpoint {
    pub(super) opened: Opened,
    pub(super) opening: Opening<'static>,
    end: LogPosition,
}

/// The digest of the last line before a position.
pub(super) fn last_line(log: &LogReader, end: &LogPosition) -> Result<String, CheckpointError> {
    match log.line_before(end.offset)? {
        Some((line_end, line)) if line_end == end.offset => {
            let digest = Hash::from_bytes(Sha256::digest(&line).into());
            Ok(digest.to_string())
        }
        _ => Err(CheckpointError::Wrong(
            "the log does not go on from its position",
        )),
    }
}

impl Checkpoint {
    /// Opens the existing checkpoint.
    ///
    /// # Errors
    /// [`CheckpointError`] if it does not match the log.
    pub fn open(
        cache: &CacheDir,
        log: &LogReader,
        opening: &Opening<'static>,
    ) -> Result<Option<Checkpoint>, CheckpointError> {
        let place = cache.place(&opening.id, log.path())?;
        let Some(opened) = Opened::open(place)? else {
            return Ok(None);
        };
        let manifest = &opened.manifest;
        if manifest.ledger != opening.id.as_str() {
            return Err(CheckpointError::Wrong("it is another ledger's"));
        }
        let end = manifest.end.position()?;
        if last_line(log, &end)? != manifest.last_line {
            return Err(CheckpointError::Wrong(
                "the log does not go on from its position",
            ));
        }
        if end.offset > log.length() {
            return Err(CheckpointError::Silent(
                "it goes further than the log that is read",
            ));
        }
        // The position is that of the line itself: a new event would be numbered and chained by it.
        if log.position_at(end.offset)? != Some(end) {
            return Err(CheckpointError::Wrong(
                "its position is not that of the line",
            ));
        }
        let first = log.position_of(0).map_err(std::io::Error::other)?;
        if first != Some(manifest.first.position()?) {
            return Err(CheckpointError::Wrong(
                "its first position is not that of the line",
            ));
        }
        let is_unerased = log.knows_erased(&end, &manifest.redacted());
        if !is_unerased.map_err(std::io::Error::other)? {
            return Err(CheckpointError::Wrong("a note in its part was erased"));
        }
        Ok(Some(Checkpoint {
            opened,
            opening: opening.clone(),
            end,
        }))
    }

    /// The first line's content.
    pub fn opening(&self) -> &Opening<'static> {
        &self.opening
    }

    /// The end of the part of the log that it covers.
    pub fn end(&self) -> &LogPosition {
        &self.end
    }

    /// The newest version of the lines up to there.
    pub fn version(&self) -> u64 {
        self.manifest().version
    }

    /// The first event up to there that breaks a rule.
    pub fn broken(&self) -> Option<u64> {
        self.manifest().broken
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.opened.manifest
    }

    /// The number of events up to its end that take effect after a moment; `None` if unknown.
    pub(super) fn later_than(&self, moment: i64) -> Option<u64> {
        let late = self.manifest().late.as_ref()?;
        if moment < self.end.at.unix_micros() {
            return None;
        }
        Some(count_after(late, moment))
    }

    /// All accounts at the end.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn accounts(&self) -> Result<State, CheckpointError> {
        let mut fold = AccountFold::empty(&self.opening);
        fold.state.reserve(self.opened.account_room()?);
        self.opened
            .each_accounts(|table| fold.take_all(table, b""))?;
        Ok(fold.state)
    }

    /// Every account in the order of names, merged with the state of later events that were applied
    /// separately.
    ///
    /// # Errors
    /// [`CheckpointError`], also if the two cannot be merged.
    pub fn sorted_accounts(
        &self,
        later: &State,
        settings: &Settings,
    ) -> Result<SortedAccounts, CheckpointError> {
        let accounts = self.opened.account_room()?;
        let mut sorted = SortedAccounts::with_room(accounts.saturating_add(later.account_count()));
        let later = later.accounts();
        let mut later = later.into_iter().peekable();
        self.opened.merged_accounts(|key, value| {
            let name = record::name_after(b"", key);
            let name = name.ok_or(CheckpointError::Wrong("a name is not in its form"))?;
            let account = record::get_account(value);
            let (mut account, _) =
                account.ok_or(CheckpointError::Wrong("an account is not in its form"))?;
            while let Some((new, account)) = later.next_if(|(new, _)| *new < name) {
                sorted.push(new, *account);
            }
            if let Some((_, made)) = later.next_if(|(own, _)| *own == name)
                && !account.join(made, settings.of(name))
            {
                return Err(CheckpointError::Silent(
                    "an account cannot be joined with what follows",
                ));
            }
            sorted.push(name, account);
            Ok(())
        })?;
        for (new, account) in later {
            sorted.push(new, *account);
        }
        Ok(sorted)
    }

    /// One account at the end.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn account(&self, name: &str) -> Result<Option<Account>, CheckpointError> {
        let mut fold = AccountFold::empty(&self.opening);
        self.opened
            .each_accounts(|table| match table.get(name.as_bytes())? {
                Some(value) => fold.take(name, &value),
                None => Ok(()),
            })?;
        Ok(fold.state.account(name).copied())
    }

    /// How many accounts there are at the end; not fewer.
    pub fn account_count(&self) -> u64 {
        let manifest = self.manifest();
        let tables = manifest.accounts.iter().map(|table| &table.root);
        let roots = tables.chain([&manifest.own_accounts]);
        roots.fold(0, |sum, root| sum.saturating_add(root.records))
    }

    /// The positions of lines that may have this key; the caller must read them.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn lines_under(&self, key: &str) -> Result<Vec<u64>, CheckpointError> {
        self.numbers_after(&record::of_key(key))
    }

    /// The event that reverses this one.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn reversed_by(&self, seq: u64) -> Result<Option<u64>, CheckpointError> {
        let found = self.numbers_after(&record::of_reversal(seq))?;
        Ok(found.into_iter().min())
    }

    /// What the events up to the end have settled for later ones, as far as `counts` says that they
    /// count.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn commitments(
        &self,
        counts: impl Fn(&Record<'_>) -> bool,
    ) -> Result<Commitments, CheckpointError> {
        let mut commitments = Commitments::default();
        self.each_commitment(&record::of_commitments(), |record| {
            if counts(record) {
                commitments.apply(record);
            }
        })?;
        Ok(commitments)
    }

    /// What a state that rests on this checkpoint must know of the events before the end, but for what
    /// accounts expect and what later events settled about single ones.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn global_commitments(&self) -> Result<Commitments, CheckpointError> {
        self.manifest().global()
    }

    /// What an account still expects at the end.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn outstanding(&self, name: &str) -> Result<Outstanding, CheckpointError> {
        self.opened.outstanding_of(name)
    }

    /// What each account still expects at the end.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn each_outstanding(
        &self,
        show: impl FnMut(&str, Outstanding),
    ) -> Result<(), CheckpointError> {
        self.opened.each_outstanding(show)
    }

    /// Shows the event of this number, if it is a hold, and those that capture, release, refund or correct
    /// it, in order.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn each_commitment_under(
        &self,
        seq: u64,
        show: impl FnMut(&Record<'_>),
    ) -> Result<(), CheckpointError> {
        self.each_commitment(&record::of_commitments_under(seq), show)
    }

    fn each_commitment(
        &self,
        prefix: &[u8],
        mut show: impl FnMut(&Record<'_>),
    ) -> Result<(), CheckpointError> {
        let mut lines = Vec::new();
        self.opened.each_facts(|table| {
            table.each(prefix, |key, line| {
                let seq = record::number_at_end(key);
                lines.extend(seq.map(|seq| (seq, line.to_vec())));
                Ok(())
            })
        })?;
        lines.sort_unstable_by_key(|(seq, _)| *seq);
        for (_, line) in lines {
            let entry = decode(&line)
                .ok()
                .ok_or(CheckpointError::Wrong("a commitment is not in its form"))?;
            show(&entry);
        }
        Ok(())
    }

    fn numbers_after(&self, prefix: &[u8]) -> Result<Vec<u64>, CheckpointError> {
        let mut found = Vec::new();
        self.opened.each_facts(|table| {
            table.each(prefix, |key, _| {
                found.extend(record::number_after(prefix, key));
                Ok(())
            })
        })?;
        found.sort_unstable();
        Ok(found)
    }

    /// The positions of an account's lines, in order; `None` if there are more than this.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn lines_of(&self, name: &str, most: u64) -> Result<Option<Vec<u64>>, CheckpointError> {
        let prefix = record::of_lines(name);
        let mut found: Vec<u64> = Vec::new();
        let mut is_too_much = false;
        self.opened.each_facts(|table| {
            table.each(&prefix, |_, value| {
                // A line is at least a byte here: no need to read what is too much.
                is_too_much |= as_u64(found.len()).saturating_add(as_u64(value.len()) / 9) > most;
                if !is_too_much {
                    let read = Offsets::read(value);
                    let (offsets, _) = read.ok_or(CheckpointError::Wrong(
                        "the lines of an account are not in their form",
                    ))?;
                    found.extend(offsets);
                }
                Ok(())
            })
        })?;
        if is_too_much || as_u64(found.len()) > most {
            return Ok(None);
        }
        found.sort_unstable();
        Ok(Some(found))
    }
}

/// How many of these sorted times are after a moment.
pub(super) fn count_after(times: &[i64], moment: i64) -> u64 {
    let until = times.partition_point(|time| *time <= moment);
    as_u64(times.len().saturating_sub(until))
}
