//! Compares each server's copy of a log on an engine with this machine's, which was checked line by
//! line: so a rotten copy is found and named.

use std::io;
use std::ops::ControlFlow;

use hashbrown::HashMap;

use super::engine::EngineLog;
use super::{EngineError, LedgerError};
use crate::log::{LogError, LogReader, as_u64, read_at};
use crate::remote::{ReplicaState, StoreNode};

/// One server's copy of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaCheck {
    /// The server.
    pub node: String,
    /// What was found.
    pub found: ReplicaFound,
}

/// What was found of one server's copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaFound {
    /// It has the same bytes.
    Equal,
    /// A line is other than it should be.
    Differs {
        /// The line, counted from 1.
        line: u64,
        /// Which append it is in.
        append: u64,
    },
    /// An append is missing, although later ones were acknowledged.
    Missing {
        /// The first line that is missing, counted from 1.
        line: u64,
        /// The append.
        append: u64,
    },
    /// It could not be read.
    NotRead(String),
}

impl ReplicaCheck {
    /// True if the copy was read and is not what it should be.
    pub fn is_rotten(&self) -> bool {
        match self.found {
            ReplicaFound::Differs { .. } | ReplicaFound::Missing { .. } => true,
            ReplicaFound::Equal | ReplicaFound::NotRead(_) => false,
        }
    }
}

impl EngineLog {
    /// The servers that keep the log.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub fn nodes(&mut self) -> Result<Vec<StoreNode>, EngineError> {
        let until = self.deadline();
        Ok(self.store().nodes(until)?)
    }

    /// Compares each server's copy with a log that [`EngineLog::open`] returned.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn check_replicas(&mut self, log: &LogReader) -> Result<Vec<ReplicaCheck>, LedgerError> {
        let (to, until) = (self.synced(), self.deadline());
        let mut ends: HashMap<String, u64> = HashMap::new();
        let mut different: HashMap<String, (u64, u64)> = HashMap::new();
        let mut failure = None;
        let reads = self.store().read_replicas(to, until, &mut |node, fetched| {
            let end = ends.entry_ref(node).or_default();
            match first_difference(log, *end, fetched.lines) {
                Ok(None) => {
                    *end = end.saturating_add(as_u64(fetched.lines.len()));
                    return ControlFlow::Continue(());
                }
                Ok(Some(offset)) => {
                    different.insert(node.to_owned(), (offset, fetched.position.number()));
                }
                Err(error) => failure = Some(error),
            }
            ControlFlow::Break(())
        });
        let reads = reads.map_err(EngineError::from)?;
        let unreadable = |source| LogError::Io {
            path: log.path().to_owned(),
            action: "read",
            source,
        };
        if let Some(error) = failure {
            return Err(unreadable(error).into());
        }
        let checks = reads.into_iter().map(|read| {
            let end = ends.get(&read.node).copied().unwrap_or(0);
            let found = match (different.get(&read.node), read.state) {
                (Some((offset, append)), _) => ReplicaFound::Differs {
                    line: line_at(log, *offset)?,
                    append: *append,
                },
                (None, ReplicaState::Read(last)) if last >= to => ReplicaFound::Equal,
                (None, ReplicaState::Read(last)) => ReplicaFound::Missing {
                    line: line_at(log, end)?,
                    append: last.next().number(),
                },
                (None, ReplicaState::NotRead(why)) => ReplicaFound::NotRead(why),
            };
            Ok(ReplicaCheck {
                node: read.node,
                found,
            })
        });
        let checks: io::Result<Vec<ReplicaCheck>> = checks.collect();
        Ok(checks.map_err(unreadable)?)
    }
}

/// The offset of the first byte in which lines are other than the log from an offset on.
fn first_difference(log: &LogReader, offset: u64, lines: &[u8]) -> io::Result<Option<u64>> {
    let mut own = vec![0; lines.len()];
    let filled = read_all(log, offset, &mut own)?;
    let same = own.iter().zip(lines).take(filled);
    let same = as_u64(same.take_while(|(own, other)| own == other).count());
    Ok((same < as_u64(lines.len())).then(|| offset.saturating_add(same)))
}

/// The line at an offset, counted from 1.
fn line_at(log: &LogReader, offset: u64) -> io::Result<u64> {
    const BLOCK: u64 = 64 * 1024;
    let (mut at, mut lines) = (0, 1);
    let mut block = vec![0; usize::try_from(BLOCK).unwrap_or(0)];
    while at < offset {
        let length = usize::try_from(offset.saturating_sub(at).min(BLOCK)).unwrap_or(0);
        let target = block.get_mut(..length).unwrap_or_default();
        let read = read_all(log, at, target)?;
        let seen = block.get(..read).unwrap_or_default();
        lines = as_u64(memchr::memchr_iter(b'\n', seen).count()).saturating_add(lines);
        if read == 0 {
            break;
        }
        at = at.saturating_add(as_u64(read));
    }
    Ok(lines)
}

/// Reads from an offset on; how many bytes there are.
fn read_all(log: &LogReader, offset: u64, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0_usize;
    while let Some(rest) = into.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let read = read_at(log.file(), rest, offset.saturating_add(as_u64(filled)))?;
        if read == 0 {
            break;
        }
        filled = filled.saturating_add(read);
    }
    Ok(filled)
}
