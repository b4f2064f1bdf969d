//! [`PagedTable`]: the pages of a table, each checked against its digest when it is read.

use std::fs::File;
use std::sync::{Arc, Mutex};

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::checkpoint::varint::Bytes;
use crate::checkpoint::{CheckpointError, as_u64, held};
use crate::log::read_at;

/// Pages are closed once they hold this many bytes.
pub(super) const PAGE_BYTES: usize = 8 * 1024;
/// No page is longer: a record is at most a few times a page.
const PAGE_MAX_BYTES: u32 = 64 * 1024 * 1024;

/// Half of a page's SHA-256.
pub(super) type PageDigest = [u8; 16];

pub(super) fn digest(page: &[u8]) -> PageDigest {
    let whole: [u8; 32] = Sha256::digest(page).into();
    whole.first_chunk().copied().unwrap_or_default()
}

/// The position of a page, relative to its table, and its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PageRef {
    pub(super) offset: u64,
    pub(super) length: u32,
    pub(super) digest: PageDigest,
}

impl PageRef {
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.offset.to_le_bytes());
        out.extend_from_slice(&self.length.to_le_bytes());
        out.extend_from_slice(&self.digest);
    }

    pub(super) fn get(bytes: &[u8]) -> Option<PageRef> {
        let mut bytes = Bytes(bytes);
        let found = PageRef {
            offset: u64::from_le_bytes(bytes.array()?),
            length: u32::from_le_bytes(bytes.array()?),
            digest: bytes.array()?,
        };
        bytes.is_empty().then_some(found)
    }
}

/// All that is to be known of a table to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::checkpoint) struct Root {
    pub(super) page: PageRef,
    /// Pages between the root and a record; 0 if the root is a leaf.
    pub(super) height: u8,
    /// How many records it holds.
    pub(in crate::checkpoint) records: u64,
    /// How many bytes it takes.
    pub(in crate::checkpoint) bytes: u64,
}

impl Root {
    /// A name for it that no other content has.
    pub(in crate::checkpoint) fn name(&self) -> String {
        let digits = self.page.digest.iter().map(|byte| format!("{byte:02x}"));
        digits.collect()
    }
}

/// A table that is read in place.
#[derive(Debug)]
pub(in crate::checkpoint) struct PagedTable {
    file: Arc<File>,
    /// Where in the file it starts.
    base: u64,
    pub(super) root: Root,
    /// Inner pages that were read, by offset.
    pub(super) inner: Mutex<HashMap<u64, Arc<[u8]>>>,
}

impl PagedTable {
    pub(in crate::checkpoint) fn new(file: Arc<File>, base: u64, root: Root) -> PagedTable {
        PagedTable {
            file,
            base,
            root,
            inner: Mutex::default(),
        }
    }

    pub(super) fn page(&self, at: &PageRef, is_leaf: bool) -> Result<Arc<[u8]>, CheckpointError> {
        if !is_leaf && let Some(page) = held(&self.inner).get(&at.offset) {
            return Ok(Arc::clone(page));
        }
        if at.length > PAGE_MAX_BYTES {
            return Err(CheckpointError::Wrong("a page is too long"));
        }
        let length = usize::try_from(at.length).unwrap_or(usize::MAX);
        let mut page = vec![0; length];
        let mut filled = 0_usize;
        while filled < length {
            let target = page.get_mut(filled..).unwrap_or_default();
            let from = self.base.saturating_add(at.offset);
            let read = read_at(&self.file, target, from.saturating_add(as_u64(filled)))?;
            if read == 0 {
                return Err(CheckpointError::Wrong("a page is cut off"));
            }
            filled = filled.saturating_add(read);
        }
        if digest(&page) != at.digest {
            return Err(CheckpointError::Wrong(
                "a page is not the one that was written",
            ));
        }
        let page: Arc<[u8]> = page.into();
        if !is_leaf {
            held(&self.inner).insert(at.offset, Arc::clone(&page));
        }
        Ok(page)
    }
}

/// The record at the front of these bytes: key and value.
pub(super) fn record<'a>(bytes: &mut Bytes<'a>) -> Result<(&'a [u8], &'a [u8]), CheckpointError> {
    let mut read = || {
        let key_length = bytes.usize()?;
        let value_length = bytes.usize()?;
        Some((bytes.take(key_length)?, bytes.take(value_length)?))
    };
    read().ok_or(CheckpointError::Wrong("a record is not in its form"))
}
