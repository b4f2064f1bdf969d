//! The tree of a log: one scan checks every line and computes a root and a path.

use std::convert::Infallible;
use std::num::NonZeroU64;

use super::tree::BLOCK_LINES;
use super::{TreeBuilder, TreeHash, TreeHead, TreeProof, TreeRoots};
use crate::event::{Entry, Event, Hash, LedgerId};
use crate::log::{LogError, LogReader, ScanError, ScanOptions, ScanRange, Scanned};

/// The path that is computed beside the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreePath {
    /// None.
    None,
    /// From the line of this number to the root.
    Inclusion(u64),
    /// From the tree of this older size.
    Consistency(NonZeroU64),
}

/// A line with the hash of the line before: what a receipt shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainedLine {
    /// The hash of the line before; none for the first line.
    pub previous: Option<Hash>,
    /// The line, without its line feed.
    pub line: String,
}

/// The tree of a log that was checked from its first line to its last.
#[derive(Clone, Debug)]
pub struct LogTree {
    /// Size and root.
    pub head: TreeHead,
    /// The path that was asked for.
    pub path: Vec<TreeHash>,
    /// The root at the older size of a consistency path.
    pub older_root: Option<TreeHash>,
    /// The line of an inclusion path. If its note counts as erased, it is not to be shown.
    pub line: Option<ChainedLine>,
    /// Whether the note of that line was erased by an event, whether or not its bytes are gone.
    pub is_erased: bool,
    /// The hash of the last line in the tree.
    pub hash: Hash,
    /// The last event of the batch that the tree ends inside of, if it does.
    pub batch_end: Option<u64>,
    /// The bytes of a torn tail.
    pub torn_bytes: u64,
}

/// Why there is no tree.
#[derive(Debug, thiserror::Error)]
pub enum LogTreeError {
    /// The log is damaged or could not be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log, or the size that was asked for, does not reach so far.
    #[error("the log has {lines} lines")]
    TooShort {
        /// The number of lines that count.
        lines: u64,
    },
}

impl LogTree {
    /// Scans a whole log. The tree covers its first `size` lines, or all.
    ///
    /// # Errors
    /// [`LogTreeError`].
    pub fn scan(
        log: &LogReader,
        ledger: LedgerId,
        size: Option<NonZeroU64>,
        path: TreePath,
    ) -> Result<(LogTree, Option<TreeRoots>), LogTreeError> {
        let mut scan = TreeScan::new(size, path);
        let scanned = scan.read(log, ScanRange::ALL)?;
        scan.finish(log, ledger, &scanned)
    }

    /// The same from roots that were kept: only the lines after them are read, and the blocks that
    /// the path needs. `None` if the roots are not those of this log, or the whole log must be read.
    ///
    /// # Errors
    /// [`LogTreeError`].
    pub fn from_roots(
        log: &LogReader,
        ledger: LedgerId,
        size: Option<NonZeroU64>,
        path: TreePath,
        roots: &TreeRoots,
    ) -> Result<Option<(LogTree, Option<TreeRoots>)>, LogTreeError> {
        let last = roots.lines().saturating_sub(1);
        let Some(covered) = log.position_of(last)? else {
            return Ok(None);
        };
        let mut scan = TreeScan::new(size, path);
        if covered.hash != roots.last || !scan.take_blocks(log, roots)? {
            return Ok(None);
        }
        let ends_before = scan.wanted.is_some_and(|wanted| wanted.get() <= last);
        if ends_before && scan.is_inside_batch {
            // The end of the batch is in a block that was not read.
            return Ok(None);
        }
        if !ends_before {
            scan.last = Some(covered.hash);
        }
        let scanned = scan.read(log, ScanRange::after(Some(covered)))?;
        if let TreePath::Inclusion(seq) = path {
            scan.is_erased |= log.is_erased(seq)?;
        }
        scan.finish(log, ledger, &scanned).map(Some)
    }
}

/// What a scan collects.
struct TreeScan {
    wanted: Option<NonZeroU64>,
    path: TreePath,
    tree: TreeBuilder,
    last: Option<Hash>,
    older_root: Option<TreeHash>,
    /// The offset of the line of an inclusion path, and the hash of the line before.
    line: Option<(u64, Option<Hash>)>,
    is_erased: bool,
    is_inside_batch: bool,
    batch_end: Option<u64>,
    /// The hash of the last line of the last complete block.
    block_end: Option<Hash>,
}

impl TreeScan {
    fn new(wanted: Option<NonZeroU64>, path: TreePath) -> TreeScan {
        TreeScan {
            wanted,
            path,
            tree: match path {
                TreePath::None => TreeBuilder::new(),
                TreePath::Inclusion(seq) => TreeBuilder::for_inclusion(seq),
                TreePath::Consistency(older) => TreeBuilder::for_consistency(older),
            },
            last: None,
            older_root: None,
            line: None,
            is_erased: false,
            is_inside_batch: false,
            batch_end: None,
            block_end: None,
        }
    }

    /// Takes the lines of a range.
    fn read(&mut self, log: &LogReader, range: ScanRange) -> Result<Scanned, LogError> {
        let scanned = log.scan(range, ScanOptions::CHECK, |entry, span| {
            self.take(entry, span.offset);
            Ok::<(), Infallible>(())
        });
        match scanned {
            Ok(scanned) => Ok(scanned),
            Err(ScanError::Log(error)) => Err(error),
            Err(ScanError::Stopped(never)) => match never {},
        }
    }

    /// Takes the blocks whose roots are kept, and reads those in which a leaf matters. False if one
    /// that was read leads to another root.
    fn take_blocks(&mut self, log: &LogReader, roots: &TreeRoots) -> Result<bool, LogError> {
        let mut first = 0_u64;
        for root in &roots.roots {
            let next = first.saturating_add(BLOCK_LINES);
            let is_beyond = self.wanted.is_some_and(|wanted| wanted.get() <= first);
            if self.needs_leaf_in(first, next) {
                let position = |seq: u64| log.position_of(seq);
                let before = match first.checked_sub(1) {
                    Some(before) => position(before)?,
                    None => None,
                };
                let Some(end) = position(next.saturating_sub(1))? else {
                    return Ok(false);
                };
                self.last = before.map(|before| before.hash);
                let mut block = TreeBuilder::new();
                let range = ScanRange::after(before).up_to(end);
                let read = log.scan(range, ScanOptions::CHECK, |entry, span| {
                    block.push(&entry.hash);
                    self.take(entry, span.offset);
                    Ok::<(), Infallible>(())
                });
                if read.is_err() || block.root() != Some(*root) {
                    return Ok(false);
                }
            } else if !is_beyond {
                self.tree.push_block(*root);
                self.grown();
            }
            first = next;
        }
        self.block_end = Some(roots.last);
        Ok(true)
    }

    /// True if the line of a path, the end of an older tree or that of this one is among these lines.
    fn needs_leaf_in(&self, first: u64, next: u64) -> bool {
        let has = |line: u64| (first..next).contains(&line);
        let ends_in = |size: NonZeroU64| has(size.get().saturating_sub(1));
        let is_in_path = match self.path {
            TreePath::None => false,
            TreePath::Inclusion(seq) => has(seq),
            TreePath::Consistency(older) => ends_in(older),
        };
        is_in_path || self.wanted.is_some_and(ends_in)
    }

    /// Notes the root of the older tree, once it is complete.
    fn grown(&mut self) {
        if let TreePath::Consistency(older) = self.path
            && self.tree.size() == older.get()
        {
            self.older_root = self.tree.root();
        }
    }

    /// The tree, and the roots of its blocks if it is that of the whole log.
    fn finish(
        self,
        log: &LogReader,
        ledger: LedgerId,
        scanned: &Scanned,
    ) -> Result<(LogTree, Option<TreeRoots>), LogTreeError> {
        let lines = scanned
            .last
            .map_or(0, |position| position.seq.saturating_add(1));
        let too_short = LogTreeError::TooShort { lines };
        let (Some(size), Some(hash)) = (NonZeroU64::new(self.tree.size()), self.last) else {
            return Err(too_short);
        };
        let roots = match (self.wanted, self.block_end) {
            (None, Some(last)) => Some(TreeRoots {
                roots: self.tree.blocks().to_vec(),
                last,
            }),
            _ => None,
        };
        let line = match self.line {
            Some((offset, previous)) => Some(ChainedLine {
                previous,
                line: log.line_at(offset)?,
            }),
            None => None,
        };
        let is_reached = self.wanted.is_none_or(|wanted| wanted == size);
        let Some(TreeProof { root, path }) = self.tree.finish().filter(|_| is_reached) else {
            return Err(too_short);
        };
        let tree = LogTree {
            head: TreeHead { ledger, size, root },
            path,
            older_root: self.older_root,
            line,
            is_erased: self.is_erased,
            hash,
            batch_end: self.batch_end,
            torn_bytes: scanned.tail.torn_bytes(),
        };
        Ok((tree, roots))
    }

    fn take(&mut self, entry: &Entry<'_>, offset: u64) {
        let (seq, more) = (entry.seq, entry.more);
        if let Event::Redact { event } = entry.event
            && event < seq
            && self.path == TreePath::Inclusion(event)
        {
            self.is_erased = true;
        }
        if self
            .wanted
            .is_some_and(|wanted| self.tree.size() >= wanted.get())
        {
            if self.is_inside_batch && !more {
                self.batch_end = Some(seq);
                self.is_inside_batch = false;
            }
            return;
        }
        if self.path == TreePath::Inclusion(seq) {
            self.line = Some((offset, self.last));
        }
        self.tree.push(&entry.hash);
        self.last = Some(entry.hash);
        self.is_inside_batch = more;
        if self.tree.size().is_multiple_of(BLOCK_LINES) {
            self.block_end = Some(entry.hash);
        }
        self.grown();
    }
}
