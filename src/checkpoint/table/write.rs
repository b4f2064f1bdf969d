//! Writing a table from front to back: leaves as they fill, then the pages above them.

use std::io::{self, Write};

use super::pages::{PAGE_BYTES, PageRef, Root, digest};
use crate::checkpoint::{CheckpointError, as_u64, varint};

/// Takes records in the order of their keys.
pub(in crate::checkpoint) struct TableWriter<W> {
    out: W,
    offset: u64,
    records: u64,
    /// The open page of each height, leaves first.
    open: Vec<OpenPage>,
}

/// A page that is not full yet.
#[derive(Default)]
struct OpenPage {
    bytes: Vec<u8>,
    first_key: Vec<u8>,
    records: u64,
    /// True once a page of this height was written.
    has_siblings: bool,
}

impl OpenPage {
    fn push(&mut self, key: &[u8], value: &[u8]) {
        if self.records == 0 {
            self.first_key.clear();
            self.first_key.extend_from_slice(key);
        }
        varint::put_u64(&mut self.bytes, as_u64(key.len()));
        varint::put_u64(&mut self.bytes, as_u64(value.len()));
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
        self.records = self.records.saturating_add(1);
    }
}

impl<W: Write> TableWriter<W> {
    pub(in crate::checkpoint) fn new(out: W) -> TableWriter<W> {
        TableWriter {
            out,
            offset: 0,
            records: 0,
            open: vec![OpenPage::default()],
        }
    }

    /// Adds a record; its key must be greater than the last one's.
    pub(in crate::checkpoint) fn push(
        &mut self,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), CheckpointError> {
        self.records = self.records.saturating_add(1);
        self.push_at(0, key, value)?;
        Ok(())
    }

    fn push_at(&mut self, height: usize, key: &[u8], value: &[u8]) -> io::Result<()> {
        if self.open.len() <= height {
            self.open.push(OpenPage::default());
        }
        let Some(open) = self.open.get_mut(height) else {
            return Ok(());
        };
        open.push(key, value);
        if open.bytes.len() >= PAGE_BYTES && open.records > 1 {
            self.close(height)?;
        }
        Ok(())
    }

    /// Writes the open page of this height and points to it from the height above.
    fn close(&mut self, height: usize) -> io::Result<()> {
        let Some(open) = self.open.get_mut(height) else {
            return Ok(());
        };
        let OpenPage {
            bytes, first_key, ..
        } = std::mem::replace(
            open,
            OpenPage {
                has_siblings: true,
                ..OpenPage::default()
            },
        );
        let at = self.write(&bytes)?;
        let mut value = Vec::with_capacity(28);
        at.put(&mut value);
        self.push_at(height.saturating_add(1), &first_key, &value)
    }

    fn write(&mut self, page: &[u8]) -> io::Result<PageRef> {
        self.out.write_all(page)?;
        let length = u32::try_from(page.len())
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "a page is too long"))?;
        let at = PageRef {
            offset: self.offset,
            length,
            digest: digest(page),
        };
        self.offset = self.offset.saturating_add(u64::from(length));
        Ok(at)
    }

    /// Writes open pages, and returns the table's description and the writer.
    pub(in crate::checkpoint) fn finish(mut self) -> Result<(W, Root), CheckpointError> {
        let mut height = 0_usize;
        loop {
            let Some(open) = self.open.get_mut(height) else {
                return Err(CheckpointError::Wrong("a table without a root"));
            };
            if !open.has_siblings {
                // The only page of its height is the root.
                let bytes = std::mem::take(&mut open.bytes);
                let page = self.write(&bytes)?;
                let root = Root {
                    page,
                    height: u8::try_from(height).unwrap_or(u8::MAX),
                    records: self.records,
                    bytes: self.offset,
                };
                self.out.flush()?;
                return Ok((self.out, root));
            }
            if open.records > 0 {
                self.close(height)?;
            }
            height = height.saturating_add(1);
        }
    }
}
