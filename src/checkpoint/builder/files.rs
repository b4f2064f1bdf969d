//! Writing tables to their own files, and merging them.

use hashbrown::HashSet;

use crate::checkpoint::cache_dir::{HEAD, WriteLock};
use crate::checkpoint::manifest::{Manifest, TableFile};
use crate::checkpoint::table::{PagedTable, TableWriter, merge as merge_tables};
use crate::checkpoint::{CheckpointError, GONE};

/// Records in no order, in one piece of memory.
#[derive(Debug, Default)]
pub(super) struct IndexRecords {
    content: Vec<u8>,
    /// Where each starts, how long its key is, how long its value.
    places: Vec<(usize, u32, u32)>,
}

impl IndexRecords {
    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) {
        let short = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        self.places
            .push((self.content.len(), short(key.len()), short(value.len())));
        self.content.extend_from_slice(key);
        self.content.extend_from_slice(value);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// How much memory they take.
    pub(super) fn bytes(&self) -> usize {
        self.content
            .len()
            .saturating_add(
                self.places
                    .len()
                    .saturating_mul(std::mem::size_of::<(usize, u32, u32)>()),
            )
    }

    /// Takes all of another's in.
    pub(super) fn append(&mut self, other: &mut IndexRecords) {
        let base = self.content.len();
        self.content.append(&mut other.content);
        let places = other.places.drain(..);
        self.places
            .extend(places.map(|(from, key, value)| (from.saturating_add(base), key, value)));
    }

    /// Hands all of them out in the order of their keys.
    pub(super) fn drain_sorted(
        &mut self,
        mut each: impl FnMut(&[u8], &[u8]) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        let content = std::mem::take(&mut self.content);
        let mut places = std::mem::take(&mut self.places);
        let part = |from: usize, length: u32| {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            content
                .get(from..from.saturating_add(length))
                .unwrap_or_default()
        };
        places.sort_unstable_by(|(a, a_key, _), (b, b_key, _)| {
            part(*a, *a_key).cmp(part(*b, *b_key))
        });
        for (from, key, value) in places {
            let after = from.saturating_add(usize::try_from(key).unwrap_or(usize::MAX));
            each(part(from, key), part(after, value))?;
        }
        Ok(())
    }
}

/// Writes records as a table in a file of its own.
pub(super) fn write(
    lock: &WriteLock,
    records: &mut IndexRecords,
) -> Result<TableFile, CheckpointError> {
    let mut writer = TableWriter::new(lock.create()?);
    records.drain_sorted(|key, value| writer.push(key, value))?;
    let (file, root) = writer.finish()?;
    let table = TableFile { root };
    WriteLock::name(file, &table.name())?;
    Ok(table)
}

/// The first table to merge, so that each table is longer than all newer ones together: their
/// number, and the number of times a record is rewritten, grow with the logarithm of the length.
pub(super) fn first_to_merge(tables: &[TableFile]) -> usize {
    let mut after = 0_u64;
    let mut first = tables.len();
    for (index, table) in tables.iter().enumerate().rev() {
        if table.root.bytes <= after {
            first = index;
        }
        after = after.saturating_add(table.root.bytes);
    }
    first
}

/// Makes one table of those from this one on.
pub(super) fn merge(
    lock: &WriteLock,
    tables: &mut Vec<TableFile>,
    from: usize,
    join: impl FnMut(&[Vec<u8>]) -> Result<Vec<u8>, CheckpointError>,
) -> Result<(), CheckpointError> {
    let parts = tables.get(from..).unwrap_or_default();
    if parts.len() < 2 {
        return Ok(());
    }
    let mut opened = Vec::new();
    for part in parts {
        let file = lock.place().open(&part.name())?;
        let file = file.ok_or(CheckpointError::Wrong(GONE))?;
        opened.push(PagedTable::new(std::sync::Arc::new(file), 0, part.root));
    }
    let mut cursors = Vec::new();
    for table in &opened {
        cursors.push(table.seek(b"")?);
    }
    let mut writer = TableWriter::new(lock.create()?);
    merge_tables(&mut cursors, join, |key, value| writer.push(key, value))?;
    let (file, root) = writer.finish()?;
    let merged = TableFile { root };
    WriteLock::name(file, &merged.name())?;
    tables.truncate(from);
    tables.push(merged);
    Ok(())
}

/// Writes the head, and takes away the tables that it does not name.
pub(super) fn write_head(
    lock: &WriteLock,
    manifest: &Manifest,
    own: [&[u8]; 3],
) -> Result<(), CheckpointError> {
    let mut file = lock.create()?;
    manifest.write(&mut file, own)?;
    WriteLock::name(file, HEAD)?;
    let states = manifest.states.iter().map(|(_, table)| table);
    let tables = manifest
        .accounts
        .iter()
        .chain(&manifest.facts)
        .chain(states);
    let names: Vec<String> = tables.map(TableFile::name).collect();
    lock.sweep(&names.iter().map(String::as_str).collect::<HashSet<&str>>());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_out_sorted_and_whole() {
        let mut facts = IndexRecords::default();
        facts.push(b"b", b"2");
        facts.push(b"ab", b"");
        let mut more = IndexRecords::default();
        more.push(b"a", b"1");
        facts.append(&mut more);
        let mut found = Vec::new();
        let sorted = facts.drain_sorted(|key, value| {
            found.push((key.to_vec(), value.to_vec()));
            Ok(())
        });
        sorted.unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(found.first(), Some(&(b"a".to_vec(), b"1".to_vec())));
        assert_eq!(found.get(1), Some(&(b"ab".to_vec(), b"".to_vec())));
        assert_eq!(found.get(2), Some(&(b"b".to_vec(), b"2".to_vec())));
        assert!(facts.is_empty() && more.is_empty());
    }
}
