//! The head of a checkpoint: its log, its end, and its tables.
//!
//! The file `head` has a magic word, the length and the digest of the manifest, the manifest as
//! JSON, then three tables that are rewritten with it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Mutex};

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::cache_dir::{HEAD, LogCache};
use super::fold::join_accounts;
use super::table::{PagedTable, Root, merge};
use super::{CheckpointError, GONE, as_u64, held, outstanding};
use crate::accounts::{Commitments, Outstanding, Seal};
use crate::event::Hash;
use crate::log::{LogPosition, read_at};
use crate::time::Timestamp;

/// Eight bytes that no other file begins with; the last digit is the form's version.
const MAGIC: &[u8; 8] = b"LDGRCKP7";
/// Magic, length, digest.
const HEADER_BYTES: usize = 8 + 4 + 32;
/// A longer manifest is not ours.
const MANIFEST_MAX_BYTES: usize = 64 * 1024 * 1024;
/// The size of the first read, usually the whole manifest.
const FIRST_READ: usize = 4096;

/// A stored [`LogPosition`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredPosition {
    pub(super) offset: u64,
    pub(super) seq: u64,
    hash: String,
    at: i64,
}

impl From<&LogPosition> for StoredPosition {
    fn from(position: &LogPosition) -> StoredPosition {
        StoredPosition {
            offset: position.offset,
            seq: position.seq,
            hash: position.hash.to_string(),
            at: position.at.unix_micros(),
        }
    }
}

impl StoredPosition {
    pub(super) fn position(&self) -> Result<LogPosition, CheckpointError> {
        let read = || {
            Some(LogPosition {
                offset: self.offset,
                seq: self.seq,
                hash: Hash::from_hex(self.hash.as_bytes())?,
                at: Timestamp::from_unix_micros(self.at)?,
            })
        };
        read().ok_or(CheckpointError::Wrong("a position is not in its form"))
    }
}

/// What is known about consecutive events without reading them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventSegment {
    /// The position before its first event.
    pub(super) from: StoredPosition,
    /// The position after its last event.
    pub(super) to: StoredPosition,
    pub(super) events: u64,
    /// When its first event was recorded.
    pub(super) first_at: i64,
    /// The earliest and the latest time at which one of its events took effect.
    pub(super) effective: (i64, i64),
    /// When those take effect that take effect after they were recorded, sorted.
    pub(super) postdated: Vec<i64>,
    /// True if the state after it is stored.
    pub(super) has_state: bool,
    /// True if its changes are stored.
    pub(super) has_changes: bool,
}

/// A table in a file of its own, which is named by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableFile {
    pub(super) root: Root,
}

impl TableFile {
    pub(super) fn name(&self) -> String {
        self.root.name()
    }
}

/// What a checkpoint is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) ledger: String,
    /// The position after the first line.
    pub(super) first: StoredPosition,
    /// The position after the last event that is folded in.
    pub(super) end: StoredPosition,
    /// The SHA-256 of that event's line.
    pub(super) last_line: String,
    /// The effective times that are later than the last recording time, sorted; `None` if there are
    /// too many.
    pub(super) late: Option<Vec<i64>>,
    /// The accounts: tables of their own, the oldest first, each of which is joined to those before.
    pub(super) accounts: Vec<TableFile>,
    /// After them, the accounts in this file.
    pub(super) own_accounts: Root,
    /// The index by key: its tables, oldest first.
    pub(super) facts: Vec<TableFile>,
    /// After them, the facts in this file: those of `open`.
    pub(super) own_facts: Root,
    /// The segment that is not full yet.
    pub(super) open: Option<EventSegment>,
    /// Whole states in tables of their own: after which event, and where.
    pub(super) states: Vec<(u64, TableFile)>,
    /// Events since the last stored state.
    pub(super) since_state: u64,
    /// The newest version of its lines.
    pub(super) version: u64,
    /// The first event that breaks a rule.
    pub(super) broken: Option<u64>,
    /// What the accounts still expect, after the facts.
    pub(super) own_outstanding: Root,
    pub(super) seal: StoredSeal,
    /// The redactions, oldest first, each with the event whose note it erased.
    pub(super) redactions: Vec<(u64, u64)>,
}

/// A stored [`Seal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredSeal {
    through: Option<i64>,
    final_through: Option<i64>,
}

impl From<Seal> for StoredSeal {
    fn from(seal: Seal) -> StoredSeal {
        StoredSeal {
            through: seal.through.map(Timestamp::unix_micros),
            final_through: seal.final_through.map(Timestamp::unix_micros),
        }
    }
}

impl StoredSeal {
    fn seal(self) -> Result<Seal, CheckpointError> {
        let moment = |stored: Option<i64>| match stored.map(Timestamp::from_unix_micros) {
            Some(None) => Err(CheckpointError::Wrong("a seal is not in its form")),
            moment => Ok(moment.flatten()),
        };
        Ok(Seal {
            through: moment(self.through)?,
            final_through: moment(self.final_through)?,
        })
    }
}

impl Manifest {
    /// What earlier events have settled for all later ones: the seal and the redactions.
    pub(super) fn global(&self) -> Result<Commitments, CheckpointError> {
        let redactions = self.redactions.iter().copied();
        let seal = self.seal.seal()?;
        Ok(Commitments::resting_on(self.end.seq, seal, redactions))
    }

    /// The events whose notes were erased, sorted.
    pub(super) fn redacted(&self) -> Vec<u64> {
        let erased: BTreeSet<u64> = self.redactions.iter().map(|(_, event)| *event).collect();
        erased.into_iter().collect()
    }

    /// Writes the head: the manifest, and the three tables whose bytes these are.
    pub(super) fn write(
        &self,
        mut out: impl Write,
        own: [&[u8]; 3],
    ) -> Result<(), CheckpointError> {
        let json = serde_json::to_vec(self)
            .map_err(|_| CheckpointError::Wrong("its manifest cannot be written"))?;
        let length =
            u32::try_from(json.len()).map_err(|_| CheckpointError::Wrong("it is too long"))?;
        let digest: [u8; 32] = Sha256::digest(&json).into();
        let head = [MAGIC.as_slice(), &length.to_le_bytes(), &digest, &json];
        for part in head.into_iter().chain(own) {
            out.write_all(part)?;
        }
        Ok(())
    }
}

/// A checkpoint's head, opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) manifest: Manifest,
    pub(super) own_accounts: PagedTable,
    pub(super) own_facts: PagedTable,
    own_outstanding: PagedTable,
    place: LogCache,
    /// The opened tables.
    tables: Mutex<HashMap<String, Arc<PagedTable>>>,
}

impl Opened {
    /// Opens the checkpoint in a directory; `None` if there is none.
    pub(super) fn open(place: LogCache) -> Result<Option<Opened>, CheckpointError> {
        let Some(file) = place.open(HEAD)? else {
            return Ok(None);
        };
        let mut bytes = read_up_to(&file, FIRST_READ)?;
        let (length, digest) =
            header(&bytes).ok_or(CheckpointError::Wrong("its head is another file"))?;
        if length > MANIFEST_MAX_BYTES {
            return Err(CheckpointError::Wrong("its manifest is too long"));
        }
        let end = HEADER_BYTES.saturating_add(length);
        let file_bytes = file.metadata()?.len();
        if as_u64(end) > file_bytes {
            return Err(CheckpointError::Wrong("its head is cut off"));
        }
        if bytes.len() < end {
            bytes = read_up_to(&file, end)?;
        }
        let json = bytes
            .get(HEADER_BYTES..end)
            .ok_or(CheckpointError::Wrong("its head is cut off"))?;
        if <[u8; 32]>::from(Sha256::digest(json)) != digest {
            return Err(CheckpointError::Wrong(
                "its head is not the one that was written",
            ));
        }
        let manifest: Manifest = serde_json::from_slice(json)
            .map_err(|_| CheckpointError::Wrong("its manifest is not in its form"))?;
        let file = Arc::new(file);
        let accounts_from = as_u64(end);
        let facts_from = accounts_from.saturating_add(manifest.own_accounts.bytes);
        let outstanding_from = facts_from.saturating_add(manifest.own_facts.bytes);
        if outstanding_from.saturating_add(manifest.own_outstanding.bytes) > file_bytes {
            return Err(CheckpointError::Wrong("its head is cut off"));
        }
        Ok(Some(Opened {
            own_accounts: PagedTable::new(Arc::clone(&file), accounts_from, manifest.own_accounts),
            own_facts: PagedTable::new(Arc::clone(&file), facts_from, manifest.own_facts),
            own_outstanding: PagedTable::new(file, outstanding_from, manifest.own_outstanding),
            manifest,
            place,
            tables: Mutex::default(),
        }))
    }

    /// A table of its own.
    pub(super) fn table(&self, named: &TableFile) -> Result<Arc<PagedTable>, CheckpointError> {
        let name = named.name();
        if let Some(table) = held(&self.tables).get(&name) {
            return Ok(Arc::clone(table));
        }
        let file = self.place.open(&name)?;
        let file = file.ok_or(CheckpointError::Wrong(GONE))?;
        if named.root.bytes > file.metadata()?.len() {
            return Err(CheckpointError::Wrong("one of its files is cut off"));
        }
        let table = Arc::new(PagedTable::new(Arc::new(file), 0, named.root));
        held(&self.tables).insert(name, Arc::clone(&table));
        Ok(table)
    }

    /// How many accounts there may be; not more than the files have room for.
    pub(super) fn account_room(&self) -> Result<usize, CheckpointError> {
        /// A record takes at least a byte for each of its two lengths.
        const RECORD_BYTES: u64 = 2;
        let room = |root: &Root| root.records.min(root.bytes / RECORD_BYTES);
        let mut sum = room(&self.manifest.own_accounts);
        for named in &self.manifest.accounts {
            // The file is at least as long as the manifest says once this has opened it.
            self.table(named)?;
            sum = sum.saturating_add(room(&named.root));
        }
        Ok(usize::try_from(sum).unwrap_or(0))
    }

    /// Every table of facts, the oldest first.
    pub(super) fn each_facts(
        &self,
        mut look: impl FnMut(&PagedTable) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        let named = self.manifest.facts.iter();
        self.each(named, &self.own_facts, &mut look)
    }

    /// Every table of accounts, the oldest first.
    pub(super) fn each_accounts(
        &self,
        mut look: impl FnMut(&PagedTable) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        let named = self.manifest.accounts.iter();
        self.each(named, &self.own_accounts, &mut look)
    }

    /// What one account still expects.
    pub(super) fn outstanding_of(&self, name: &str) -> Result<Outstanding, CheckpointError> {
        let mut found = Outstanding::default();
        let looked = outstanding::of_account(&self.own_outstanding, name);
        self.fit(looked.map(|stored| found = stored))?;
        Ok(found)
    }

    /// Every account that still expects something, in the order of the names.
    pub(super) fn each_outstanding(
        &self,
        show: impl FnMut(&str, Outstanding),
    ) -> Result<(), CheckpointError> {
        self.fit(outstanding::each(&self.own_outstanding, show))
    }

    /// The root of what the accounts expect, with all pages read.
    pub(super) fn whole_outstanding(&self) -> Result<Root, CheckpointError> {
        self.own_outstanding.each(b"", |_, _| Ok(()))?;
        Ok(self.manifest.own_outstanding)
    }

    fn each<'m>(
        &self,
        mut named: impl Iterator<Item = &'m TableFile>,
        own: &PagedTable,
        look: &mut dyn FnMut(&PagedTable) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        let looked = named
            .try_for_each(|named| look(&*self.table(named)?))
            .and_then(|()| look(own));
        self.fit(looked)
    }

    /// Every account by its name, as all tables together say it, in the order of the names.
    pub(super) fn merged_accounts(
        &self,
        put: impl FnMut(&[u8], &[u8]) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        let named = &self.manifest.accounts;
        self.fit(self.merged(named, &self.own_accounts, join_accounts, put))
    }

    /// The records of several tables, the oldest first, as one.
    pub(super) fn merged(
        &self,
        named: &[TableFile],
        own: &PagedTable,
        join: impl FnMut(&[Vec<u8>]) -> Result<Vec<u8>, CheckpointError>,
        put: impl FnMut(&[u8], &[u8]) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        let tables = named.iter().map(|named| self.table(named));
        let tables = tables.collect::<Result<Vec<_>, CheckpointError>>()?;
        let each = tables.iter().map(|table| &**table).chain([own]);
        let cursors = each.map(|table| table.seek(b""));
        let mut cursors = cursors.collect::<Result<Vec<_>, CheckpointError>>()?;
        merge(&mut cursors, join, put)
    }

    /// One table of its own.
    pub(super) fn one(
        &self,
        named: &TableFile,
        look: impl FnOnce(&PagedTable) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        self.fit(self.table(named).and_then(|table| look(&table)))
    }

    /// The checkpoint found; an unusable one is deleted.
    fn fit(&self, looked: Result<(), CheckpointError>) -> Result<(), CheckpointError> {
        if matches!(looked, Err(CheckpointError::Wrong(_))) {
            self.throw_away();
        }
        looked
    }

    /// Deletes it, unless another one has replaced it.
    fn throw_away(&self) {
        let Ok(Some(lock)) = self.place.lock() else {
            return;
        };
        let now = Opened::open(self.place.clone());
        let is_this = |now: Option<Opened>| now.is_none_or(|now| now.manifest == self.manifest);
        if now.map_or(true, is_this) {
            lock.clear();
        }
    }
}

fn header(bytes: &[u8]) -> Option<(usize, [u8; 32])> {
    let (magic, rest) = bytes.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (digest, _) = rest.split_first_chunk::<32>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    (magic == MAGIC).then_some((length, *digest))
}

/// The first bytes of a file, fewer if it is shorter.
fn read_up_to(file: &File, most: usize) -> Result<Vec<u8>, CheckpointError> {
    let mut bytes = vec![0; most];
    let mut filled = 0_usize;
    while filled < most {
        let target = bytes.get_mut(filled..).unwrap_or_default();
        let read = read_at(file, target, as_u64(filled))?;
        if read == 0 {
            break;
        }
        filled = filled.saturating_add(read);
    }
    bytes.truncate(filled);
    Ok(bytes)
}
