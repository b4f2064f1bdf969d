//! Iteration over a table in the order of its keys.

use std::sync::Arc;

use super::pages::{PageRef, PagedTable, record};
use crate::checkpoint::CheckpointError;
use crate::checkpoint::varint::Bytes;

/// A place in a table: on a record once [`TableCursor::advance`] has said so.
pub(in crate::checkpoint) struct TableCursor<'t> {
    table: &'t PagedTable,
    /// The pages from the root to a leaf, and how far each was read.
    path: Vec<PageStep>,
    key: (usize, usize),
    value: (usize, usize),
}

impl PagedTable {
    /// The value of a key.
    pub(in crate::checkpoint) fn get(
        &self,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, CheckpointError> {
        let mut cursor = self.seek(key)?;
        if cursor.advance()? && cursor.key() == key {
            return Ok(Some(cursor.value().to_vec()));
        }
        Ok(None)
    }

    /// Shows every record whose key begins so, in order.
    pub(in crate::checkpoint) fn each(
        &self,
        prefix: &[u8],
        mut show: impl FnMut(&[u8], &[u8]) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        let mut cursor = self.seek(prefix)?;
        while cursor.advance()? && cursor.key().starts_with(prefix) {
            show(cursor.key(), cursor.value())?;
        }
        Ok(())
    }

    /// A cursor before the first record whose key is not less than this one.
    pub(in crate::checkpoint) fn seek(
        &self,
        key: &[u8],
    ) -> Result<TableCursor<'_>, CheckpointError> {
        TableCursor::seek(self, key)
    }
}

struct PageStep {
    page: Arc<[u8]>,
    read: usize,
    height: u8,
}

impl PageStep {
    fn rest(&self) -> Bytes<'_> {
        Bytes(self.page.get(self.read..).unwrap_or_default())
    }
}

impl<'t> TableCursor<'t> {
    pub(super) fn seek(
        table: &'t PagedTable,
        key: &[u8],
    ) -> Result<TableCursor<'t>, CheckpointError> {
        let mut cursor = TableCursor {
            table,
            path: Vec::new(),
            key: (0, 0),
            value: (0, 0),
        };
        let root = table.root;
        cursor.go_down(root.page, root.height, key)?;
        Ok(cursor)
    }

    /// Moves to the leaf for a key, before its first record that is not less than the key.
    fn go_down(
        &mut self,
        mut at: PageRef,
        mut height: u8,
        key: &[u8],
    ) -> Result<(), CheckpointError> {
        loop {
            let page = self.table.page(&at, height == 0)?;
            let mut bytes = Bytes(&page);
            let mut found = None;
            let mut read = 0;
            while !bytes.is_empty() {
                let (first_key, value) = record(&mut bytes)?;
                let is_after = if height == 0 {
                    first_key >= key
                } else {
                    first_key > key && found.is_some()
                };
                if is_after {
                    break;
                }
                read = page.len().saturating_sub(bytes.0.len());
                if height > 0 {
                    found = PageRef::get(value);
                }
            }
            self.path.push(PageStep {
                page: Arc::clone(&page),
                read,
                height,
            });
            if height == 0 {
                return Ok(());
            }
            at = found.ok_or(CheckpointError::Wrong("a page points nowhere"))?;
            height = height.saturating_sub(1);
        }
    }

    /// Moves to the next record; false after the last.
    pub(in crate::checkpoint) fn advance(&mut self) -> Result<bool, CheckpointError> {
        while let Some(step) = self.path.last_mut() {
            if step.rest().is_empty() {
                self.path.pop();
                continue;
            }
            let page = Arc::clone(&step.page);
            let mut bytes = step.rest();
            let (key, value) = record(&mut bytes)?;
            let end = page.len().saturating_sub(bytes.0.len());
            let height = step.height;
            if height == 0 {
                let value_from = end.saturating_sub(value.len());
                self.value = (value_from, end);
                self.key = (value_from.saturating_sub(key.len()), value_from);
                step.read = end;
                return Ok(true);
            }
            let at = PageRef::get(value).ok_or(CheckpointError::Wrong("a page points nowhere"))?;
            step.read = end;
            self.go_down(at, height.saturating_sub(1), &[])?;
        }
        Ok(false)
    }

    pub(in crate::checkpoint) fn key(&self) -> &[u8] {
        self.part(self.key)
    }

    pub(in crate::checkpoint) fn value(&self) -> &[u8] {
        self.part(self.value)
    }

    fn part(&self, (from, to): (usize, usize)) -> &[u8] {
        let leaf = self.path.last().map(|step| &*step.page);
        leaf.and_then(|page| page.get(from..to)).unwrap_or_default()
    }
}
