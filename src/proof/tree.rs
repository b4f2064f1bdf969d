//! The Merkle tree of RFC 6962 over the hashes of a log's lines.
//!
//! Stored nowhere: one pass over the hashes computes a root, an inclusion path or a consistency path,
//! with one hash in memory for each level of the tree.

use std::fmt;
use std::num::NonZeroU64;

use sha2::{Digest as _, Sha256};

use super::ProofError;
use super::text::{NumberedLines, decode_base64, encode_base64};
use crate::event::Hash;

/// The lines of a block, whose root may be kept.
pub(super) const BLOCK_LINES: u64 = 4096;
/// No tree with a 64-bit size has a longer path.
const PATH_MAX: usize = 64;

/// The hash of a leaf or of an inner node.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TreeHash([u8; 32]);

impl TreeHash {
    /// The leaf of a line: its hash as 64 hex digits is the leaf's content.
    pub fn of_line(hash: &Hash) -> TreeHash {
        TreeHash::of_leaf(hash.as_bytes())
    }

    pub(super) fn of_leaf(content: &[u8]) -> TreeHash {
        let mut sha = Sha256::new();
        sha.update([0]);
        sha.update(content);
        TreeHash(sha.finalize().into())
    }

    pub(super) fn of_node(left: TreeHash, right: TreeHash) -> TreeHash {
        let mut sha = Sha256::new();
        sha.update([1]);
        sha.update(left.0);
        sha.update(right.0);
        TreeHash(sha.finalize().into())
    }

    /// Reads 32 bytes in canonical standard base64.
    pub fn from_base64(text: &str) -> Option<TreeHash> {
        let bytes = decode_base64(text)?;
        Some(TreeHash(bytes.try_into().ok()?))
    }

    pub(super) fn from_bytes(bytes: [u8; 32]) -> TreeHash {
        TreeHash(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode_base64(&self.0))
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads the hashes of a path, one a line, up to and with the empty line after them.
pub(super) fn read_path(lines: &mut NumberedLines<'_>) -> Result<Vec<TreeHash>, ProofError> {
    let mut path = Vec::new();
    loop {
        let line = lines.next_line("a hash or an empty line is missing")?;
        if line.is_empty() {
            return Ok(path);
        }
        if path.len() == PATH_MAX {
            return Err(lines.wrong("the path has more than 64 hashes"));
        }
        let hash = TreeHash::from_base64(line);
        path.push(hash.ok_or_else(|| lines.wrong("not 32 bytes in canonical base64"))?);
    }
}

/// A complete subtree: its number of leaves is a power of two.
struct Subtree {
    first_leaf: u64,
    leaves: u64,
    root: TreeHash,
}

/// The subtree whose path is collected.
struct Watched {
    first_leaf: u64,
    leaves: u64,
    /// Known once its last leaf was pushed.
    root: Option<TreeHash>,
    /// Whether the proof starts with the subtree's own root.
    is_in_proof: bool,
    path: Vec<TreeHash>,
}

/// The root of a tree and the requested proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeProof {
    /// The root of the whole tree.
    pub root: TreeHash,
    /// The inclusion or consistency path.
    pub path: Vec<TreeHash>,
}

/// Builds a tree leaf by leaf and keeps only the roots of its complete subtrees.
#[derive(Default)]
pub struct TreeBuilder {
    size: u64,
    /// From left to right, each larger than the next.
    subtrees: Vec<Subtree>,
    /// The roots of the complete subtrees of [`BLOCK_LINES`] leaves, from left to right.
    blocks: Vec<TreeHash>,
    watched: Option<Watched>,
}

impl TreeBuilder {
    /// A builder that computes the root alone.
    pub fn new() -> TreeBuilder {
        TreeBuilder::default()
    }

    /// A builder that also collects the inclusion path of a line.
    pub fn for_inclusion(index: u64) -> TreeBuilder {
        TreeBuilder {
            watched: Some(Watched {
                first_leaf: index,
                leaves: 1,
                root: None,
                is_in_proof: false,
                path: Vec::new(),
            }),
            ..TreeBuilder::default()
        }
    }

    /// A builder that also collects the consistency path from an older size.
    ///
    /// That path is the inclusion path of the last complete subtree of the older tree, after the root
    /// of this subtree. The root is left out if the subtree is the whole older tree, because the
    /// checker knows it.
    pub fn for_consistency(older_size: NonZeroU64) -> TreeBuilder {
        let older_size = older_size.get();
        let leaves = older_size & older_size.wrapping_neg();
        TreeBuilder {
            watched: Some(Watched {
                first_leaf: older_size.saturating_sub(leaves),
                leaves,
                root: None,
                is_in_proof: leaves != older_size,
                path: Vec::new(),
            }),
            ..TreeBuilder::default()
        }
    }

    /// The number of leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the leaf of the next line.
    pub fn push(&mut self, hash: &Hash) {
        self.push_leaf(TreeHash::of_line(hash));
    }

    pub(super) fn push_leaf(&mut self, leaf: TreeHash) {
        self.push_subtree(leaf, 1);
    }

    /// Adds all leaves of a block whose root is known, after a whole number of blocks. Its leaves are in
    /// no path that is collected.
    pub(super) fn push_block(&mut self, root: TreeHash) {
        self.push_subtree(root, BLOCK_LINES);
    }

    /// The roots of the complete blocks so far.
    pub(super) fn blocks(&self) -> &[TreeHash] {
        &self.blocks
    }

    fn push_subtree(&mut self, root: TreeHash, leaves: u64) {
        let mut subtree = Subtree {
            first_leaf: self.size,
            leaves,
            root,
        };
        self.watch(&subtree);
        while let Some(left) = self.subtrees.pop_if(|left| left.leaves == subtree.leaves) {
            if let Some(watched) = &mut self.watched {
                watched.joined(&left, &subtree);
            }
            subtree = Subtree {
                first_leaf: left.first_leaf,
                leaves: left.leaves.saturating_mul(2),
                root: TreeHash::of_node(left.root, subtree.root),
            };
            self.watch(&subtree);
        }
        self.subtrees.push(subtree);
        self.size = self.size.saturating_add(leaves);
    }

    fn watch(&mut self, subtree: &Subtree) {
        if subtree.leaves == BLOCK_LINES {
            self.blocks.push(subtree.root);
        }
        if let Some(watched) = &mut self.watched
            && (watched.first_leaf, watched.leaves) == (subtree.first_leaf, subtree.leaves)
        {
            watched.root = Some(subtree.root);
        }
    }

    /// The root of the tree so far; none without a leaf.
    pub fn root(&self) -> Option<TreeHash> {
        let mut from_right = self.subtrees.iter().rev();
        let last = from_right.next()?.root;
        Some(from_right.fold(last, |right, left| TreeHash::of_node(left.root, right)))
    }

    /// The root and the path; `None` if the line or the older size is beyond the tree.
    pub fn finish(mut self) -> Option<TreeProof> {
        let mut right = self.subtrees.pop()?;
        while let Some(left) = self.subtrees.pop() {
            if let Some(watched) = &mut self.watched {
                watched.joined(&left, &right);
            }
            right = Subtree {
                first_leaf: left.first_leaf,
                leaves: left.leaves.saturating_add(right.leaves),
                root: TreeHash::of_node(left.root, right.root),
            };
        }
        let path = match self.watched {
            None => Vec::new(),
            Some(watched) => watched.finish(self.size)?,
        };
        Some(TreeProof {
            root: right.root,
            path,
        })
    }
}

impl Watched {
    /// The proof in a tree of this size; none if the tree does not contain the watched subtree.
    fn finish(self, size: u64) -> Option<Vec<TreeHash>> {
        let own_root = self.root?;
        if !self.is_in_proof {
            return Some(self.path);
        }
        if self.first_leaf.saturating_add(self.leaves) == size {
            // The older tree is the whole tree.
            return Some(Vec::new());
        }
        Some([&[own_root], self.path.as_slice()].concat())
    }

    /// Adds the sibling if one of two joined subtrees contains the watched one.
    fn joined(&mut self, left: &Subtree, right: &Subtree) {
        if self.root.is_none() || self.first_leaf < left.first_leaf {
            return;
        }
        if self.first_leaf >= right.first_leaf {
            self.path.push(left.root);
        } else {
            self.path.push(right.root);
        }
    }
}

/// A node's place in its level, while a path is followed from a leaf to the root (RFC 9162, 2.1.3.2).
struct Climb {
    node: u64,
    last: u64,
}

enum Sibling {
    Left,
    Right,
}

impl Climb {
    /// The side of the next sibling, and a move to the level above it; none at the root.
    fn next_sibling(&mut self) -> Option<Sibling> {
        if self.last == 0 {
            return None;
        }
        let side = if self.node & 1 == 1 {
            Sibling::Left
        } else if self.node == self.last {
            // The last node of a level without a sibling is moved up as it is.
            self.up(self.node.trailing_zeros());
            Sibling::Left
        } else {
            Sibling::Right
        };
        self.up(1);
        Some(side)
    }

    fn up(&mut self, levels: u32) {
        self.node = self.node.checked_shr(levels).unwrap_or(0);
        self.last = self.last.checked_shr(levels).unwrap_or(0);
    }

    fn is_at_root(&self) -> bool {
        self.last == 0
    }
}

/// The root that an inclusion path leads to; none if the path has the wrong length.
pub fn root_from_path(
    leaf: TreeHash,
    index: u64,
    size: NonZeroU64,
    path: &[TreeHash],
) -> Option<TreeHash> {
    if index >= size.get() {
        return None;
    }
    let mut climb = Climb {
        node: index,
        last: size.get().saturating_sub(1),
    };
    let mut root = leaf;
    for hash in path {
        root = match climb.next_sibling()? {
            Sibling::Left => TreeHash::of_node(*hash, root),
            Sibling::Right => TreeHash::of_node(root, *hash),
        };
    }
    climb.is_at_root().then_some(root)
}

/// Whether a consistency path shows that the newer tree starts with all leaves of the older one.
pub fn is_consistent(
    older: (NonZeroU64, TreeHash),
    newer: (NonZeroU64, TreeHash),
    path: &[TreeHash],
) -> bool {
    let ((older_size, older_root), (newer_size, newer_root)) = (older, newer);
    if older_size >= newer_size {
        return older == newer && path.is_empty();
    }
    roots_from_path(older_size, older_root, newer_size, path) == Some((older_root, newer_root))
}

/// The older and the newer root that a consistency path leads to (RFC 9162, 2.1.4.2).
fn roots_from_path(
    older_size: NonZeroU64,
    older_root: TreeHash,
    newer_size: NonZeroU64,
    path: &[TreeHash],
) -> Option<(TreeHash, TreeHash)> {
    let mut climb = Climb {
        node: older_size.get().saturating_sub(1),
        last: newer_size.get().saturating_sub(1),
    };
    climb.up(older_size.trailing_zeros());
    let (first, path) = if older_size.is_power_of_two() {
        (older_root, path)
    } else {
        let (first, rest) = path.split_first()?;
        (*first, rest)
    };
    let (mut older, mut newer) = (first, first);
    for hash in path {
        match climb.next_sibling()? {
            Sibling::Left => {
                older = TreeHash::of_node(*hash, older);
                newer = TreeHash::of_node(*hash, newer);
            }
            Sibling::Right => newer = TreeHash::of_node(newer, *hash),
        }
    }
    climb.is_at_root().then_some((older, newer))
}
