//! The tree of a log: one scan checks every line and computes a root and a path.

use std::convert::Infallible;
use std::num::NonZeroU64;

use super::{TreeBuilder, TreeHash, TreeHead, TreeProof};
use crate::event::{Entry, Event, Hash, LedgerId};
use crate::log::{LogError, LogReader, ScanError, ScanOptions, ScanRange};

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
    ) -> Result<LogTree, LogTreeError> {
        let mut scan = TreeScan::new(size, path);
        let scanned = log.scan(ScanRange::ALL, ScanOptions::CHECK, |entry, span| {
            scan.take(entry, span.offset);
            Ok::<(), Infallible>(())
        });
        let scanned = match scanned {
            Ok(scanned) => scanned,
            Err(ScanError::Log(error)) => return Err(error.into()),
            Err(ScanError::Stopped(never)) => match never {},
        };
        let lines = scanned
            .last
            .map_or(0, |position| position.seq.saturating_add(1));
        let too_short = LogTreeError::TooShort { lines };
        let older_root = scan.older_root;
        let batch_end = scan.batch_end;
        let (Some(size), Some(hash)) = (NonZeroU64::new(scan.tree.size()), scan.last) else {
            return Err(too_short);
        };
        let line = match scan.line {
            Some((offset, previous)) => Some(ChainedLine {
                previous,
                line: log.line_at(offset)?,
            }),
            None => None,
        };
        let is_reached = scan.wanted.is_none_or(|wanted| wanted == size);
        let Some(TreeProof { root, path }) = scan.tree.finish().filter(|_| is_reached) else {
            return Err(too_short);
        };
        Ok(LogTree {
            head: TreeHead { ledger, size, root },
            path,
            older_root,
            line,
            is_erased: scan.is_erased,
            hash,
            batch_end,
            torn_bytes: scanned.tail.torn_bytes(),
        })
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
        }
    }

    fn take(&mut self, entry: &Entry<'_>, offset: u64) {
        let (seq, more) = (entry.seq, entry.more);
        if let Event::Redact { event } = entry.event
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
        if let TreePath::Consistency(older) = self.path
            && self.tree.size() == older.get()
        {
            self.older_root = self.tree.root();
        }
    }
}
