//! Kept roots: those of the blocks of a log's tree, so that most lines need not be read again.
//!
//! They come from lines that were checked and may be deleted at any time. No leaf that a proof shows
//! comes from them: its block is read from the log and must lead to the kept root.

use sha2::{Digest as _, Sha256};

use super::TreeHash;
use super::tree::BLOCK_LINES;
use crate::event::{Hash, LedgerId};

/// Eight bytes that no other file begins with; the last digit is the form's version.
const MAGIC: &[u8; 8] = b"LDGRTRE1";
/// The bytes of a root, and of a digest.
const ROOT_BYTES: usize = 32;

/// The roots of the first blocks of a log's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRoots {
    pub(super) roots: Vec<TreeHash>,
    /// The hash of the last line that they cover.
    pub(super) last: Hash,
}

impl TreeRoots {
    /// Reads what [`TreeRoots::write`] wrote for this ledger; `None` for anything else.
    pub fn read(bytes: &[u8], ledger: &LedgerId) -> Option<TreeRoots> {
        let (content, digest) = bytes.split_last_chunk::<ROOT_BYTES>()?;
        if <[u8; ROOT_BYTES]>::from(Sha256::digest(content)) != *digest {
            return None;
        }
        let rest = content.strip_prefix(MAGIC)?;
        let rest = rest.strip_prefix(ledger.as_str().as_bytes())?;
        let (last, rest) = rest.split_first_chunk::<64>()?;
        let (roots, []) = rest.as_chunks::<ROOT_BYTES>() else {
            return None;
        };
        if roots.is_empty() {
            return None;
        }
        Some(TreeRoots {
            roots: roots.iter().copied().map(TreeHash::from_bytes).collect(),
            last: Hash::from_hex(last)?,
        })
    }

    /// The bytes of a file.
    pub fn write(&self, ledger: &LedgerId) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(ledger.as_str().as_bytes());
        bytes.extend_from_slice(self.last.as_bytes());
        for root in &self.roots {
            bytes.extend_from_slice(root.as_bytes());
        }
        let digest: [u8; ROOT_BYTES] = Sha256::digest(&bytes).into();
        bytes.extend_from_slice(&digest);
        bytes
    }

    /// How many lines they cover.
    pub(super) fn lines(&self) -> u64 {
        let blocks = u64::try_from(self.roots.len()).unwrap_or(0);
        blocks.saturating_mul(BLOCK_LINES)
    }
}
