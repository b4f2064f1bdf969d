//! The local mirror: an ordinary log file with an engine's content, updated by fetching what is
//! new.
//!
//! Its directory contains the log, its position, its lock, and the bytes of an append whose outcome
//! is unknown. It is a cache: it may be deleted at any time, and nothing in it is synced.

mod files;
mod position;

use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

pub use position::SyncedPosition;

use super::settle::{self, Settled};
use super::{
    Append, AppendId, AppendPosition, Clock, Deadline, EngineHead, Fetched, Identity, LogName,
    NotAppended, Store, StoreError,
};
use files::{Directory, KeptAppend, PAUSE, io_error};

/// How often appends that are missing or do not continue the chain are fetched again, since another
/// replica may have them.
const FETCHES: u32 = 5;

/// What this machine has seen of a log before an append.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'a> {
    /// The last line before it; empty for the first append.
    Before(&'a [u8]),
    /// The append itself, with these bytes.
    Same(&'a [u8]),
}

/// Checks the lines of an append: that they continue the chain, or that they are the same events as
/// before, perhaps with erased notes. Returns a message if not.
pub type ChainCheck<'c> = dyn FnMut(Seen<'_>, &[u8]) -> Result<(), String> + 'c;

/// The mirror of one log, locked for this process.
#[derive(Debug)]
pub struct Mirror {
    directory: Directory,
    log: File,
    synced: SyncedPosition,
    waited: bool,
    _lock: File,
}

/// An append that an earlier command left unknown, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledAppend {
    /// Its lines.
    pub lines: Vec<u8>,
    /// What became of it.
    pub outcome: Settled,
}

impl Mirror {
    /// Opens and locks the mirror of a log below the cache directory; makes an empty one if there is
    /// none. A mirror that is torn is cut, one that is damaged is emptied.
    ///
    /// # Errors
    /// [`StoreError::Mirror`], or [`StoreError::MirrorLocked`] once the deadline has passed.
    pub fn open(
        cache: &Path,
        log_name: &LogName,
        identity: &Identity,
        until: Deadline,
        clock: &dyn Clock,
    ) -> Result<Mirror, StoreError> {
        let directory = Directory::create(cache, log_name, identity)?;
        let (lock, waited) = directory.lock(until, clock)?;
        let synced = directory
            .read_position()
            .filter(|synced| synced.log_name == *log_name && synced.identity == *identity)
            .unwrap_or_else(|| SyncedPosition::start(log_name.clone(), identity.clone()));
        let log = directory.open_log()?;
        let mut mirror = Mirror {
            directory,
            log,
            synced,
            waited,
            _lock: lock,
        };
        if mirror.is_sound()? {
            mirror.cut()?;
        } else {
            mirror.discard()?;
        }
        Ok(mirror)
    }

    /// The mirrors of a log that this machine has, the one that was synced last first. For reading
    /// without a connection.
    pub fn find(cache: &Path, log_name: &LogName) -> Vec<(PathBuf, SyncedPosition)> {
        let mut found = Directory::all(cache);
        found.retain(|(_, synced)| synced.log_name == *log_name && !synced.is_empty());
        found.sort_by_key(|(_, synced)| std::cmp::Reverse(synced.time));
        found
    }

    /// The mirror's log file. It may have more bytes than [`SyncedPosition::bytes`] while another
    /// process syncs.
    pub fn path(&self) -> PathBuf {
        self.directory.log_path()
    }

    /// How far the mirror goes.
    pub fn synced(&self) -> &SyncedPosition {
        &self.synced
    }

    /// Updates the mirror to the engine's head. `head` is a head that was requested before the
    /// mirror was opened.
    ///
    /// # Errors
    /// [`StoreError`]; the mirror keeps what was fetched and checked before.
    pub fn sync(
        &mut self,
        store: &mut dyn Store,
        head: EngineHead,
        check: &mut ChainCheck<'_>,
        until: Deadline,
        clock: &dyn Clock,
    ) -> Result<EngineHead, StoreError> {
        let head = self.recent_head(store, head, until, clock)?;
        let mut fetches: u32 = 1;
        while self.synced.position < head.position {
            let error = match self.fetch(store, &head, check, until) {
                Ok(()) => continue,
                Err(error) => error,
            };
            let is_replica = matches!(
                error,
                StoreError::Hole { .. } | StoreError::BrokenChain { .. }
            );
            if !is_replica || fetches >= FETCHES || until.is_over(clock) {
                return Err(error);
            }
            fetches = fetches.saturating_add(1);
            clock.pause(PAUSE);
        }
        self.synced.time = head.time;
        self.save()?;
        Ok(head)
    }

    /// A head that is not older than any seen by this machine. A leader that was deposed may report an
    /// older one for a while.
    fn recent_head(
        &mut self,
        store: &mut dyn Store,
        mut head: EngineHead,
        until: Deadline,
        clock: &dyn Clock,
    ) -> Result<EngineHead, StoreError> {
        let mut is_old = std::mem::take(&mut self.waited);
        loop {
            if is_old || head.position < self.synced.seen {
                head = store.head(until)?;
            }
            if head.identity != self.synced.identity {
                return Err(StoreError::Replaced {
                    log_name: store.log_name().clone(),
                });
            }
            if head.position >= self.synced.seen {
                return Ok(head);
            }
            if until.is_over(clock) {
                return Err(StoreError::RolledBack {
                    log_name: store.log_name().clone(),
                    seen: self.synced.seen,
                    head: head.position,
                });
            }
            is_old = true;
            clock.pause(PAUSE);
        }
    }

    /// Fetches what is new. The last append is fetched again, to see that it is the same.
    fn fetch(
        &mut self,
        store: &mut dyn Store,
        head: &EngineHead,
        check: &mut ChainCheck<'_>,
        until: Deadline,
    ) -> Result<(), StoreError> {
        let log_name = store.log_name().clone();
        let last = self.read_last()?;
        let log_path = self.directory.log_path();
        let mut end = last_line(&last).to_vec();
        let mut next = self.synced.clone();
        let mut failure = None;
        let mut log = BufWriter::with_capacity(256 * 1024, &self.log);
        log.seek(SeekFrom::Start(next.bytes))
            .map_err(|source| io_error(&log_path, "seek in", source))?;
        let from = next.position.max(AppendPosition::new(1));
        let outcome = store.fetch(from, head.position, until, &mut |fetched| {
            let Fetched {
                position,
                lines: payload,
                ..
            } = fetched;
            let broken = |problem: String| StoreError::BrokenChain {
                log_name: log_name.clone(),
                position,
                problem,
            };
            let step = if position == next.position {
                if payload == last.as_slice() {
                    Ok(())
                } else {
                    check(Seen::Same(&last), payload).map_err(broken)
                }
            } else if position != next.position.next() || payload.last() != Some(&b'\n') {
                Err(broken(
                    "it is not the next one, or not whole lines".to_owned(),
                ))
            } else {
                check(Seen::Before(&end), payload)
                    .map_err(broken)
                    .and_then(|()| {
                        end.clear();
                        end.extend_from_slice(last_line(payload));
                        log.write_all(payload)
                            .map_err(|source| io_error(&log_path, "write", source))?;
                        next.advance(position, payload);
                        Ok(())
                    })
            };
            match step {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        log.flush()
            .map_err(|source| io_error(&log_path, "write", source))?;
        drop(log);
        self.synced = next;
        self.save()?;
        outcome?;
        match failure {
            Some(error) => Err(error),
            None if self.synced.position < head.position => Err(StoreError::Hole {
                log_name,
                position: self.synced.position.next(),
                node: None,
            }),
            None => Ok(()),
        }
    }

    /// Appends lines that were decided on the mirror's end, settles a lost answer, and adds the
    /// lines to the mirror. If the outcome stays unknown, they are kept for
    /// [`Mirror::settle_kept`].
    ///
    /// If the lines of earlier appends are replaced with it, it is left to the next sync, which sees
    /// that the mirror has old ones.
    ///
    /// # Errors
    /// [`NotAppended`].
    pub fn append(
        &mut self,
        store: &mut dyn Store,
        lines: &[u8],
        replaced: &[(AppendPosition, Vec<u8>)],
        until: Deadline,
        clock: &dyn Clock,
    ) -> Result<AppendPosition, NotAppended> {
        let expected = self.synced.position;
        let id = AppendId::random().map_err(|source| {
            let path = self.directory.log_path();
            NotAppended::NotRecorded(io_error(&path, "draw a random id for", source))
        })?;
        let append = Append {
            replaced,
            ..Append::new(expected, lines, id)
        };
        let outcome = settle::append(store, &append, until, clock);
        match &outcome {
            Ok(_) if !replaced.is_empty() => {}
            Ok(position) => {
                // They are recorded. What the mirror lacks is fetched by the next sync.
                if self.extend(*position, lines).is_err() {
                    let _ = self.cut();
                }
            }
            Err(NotAppended::Unknown(_)) => {
                self.directory
                    .keep(expected, lines, id)
                    .map_err(NotAppended::Unknown)?;
            }
            Err(_) => {}
        }
        outcome
    }

    fn extend(&mut self, position: AppendPosition, lines: &[u8]) -> Result<(), StoreError> {
        // Only a single part is known to be the append at that position.
        if position != self.synced.position.next() {
            return Ok(());
        }
        let path = self.directory.log_path();
        self.log
            .seek(SeekFrom::Start(self.synced.bytes))
            .and_then(|_| self.log.write_all(lines))
            .map_err(|source| io_error(&path, "write", source))?;
        self.synced.advance(position, lines);
        self.save()
    }

    /// Finds out what became of appends that earlier commands left unknown. None is sent again: what is
    /// not recorded yet stays kept until its position is taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn settle_kept(
        &mut self,
        store: &mut dyn Store,
        until: Deadline,
    ) -> Result<Vec<SettledAppend>, StoreError> {
        let mut settled = Vec::new();
        for (name, kept) in self.directory.all_kept()? {
            let KeptAppend {
                expected,
                lines,
                id,
            } = kept;
            if let Some(outcome) = settle::look(store, expected, &lines, id, until)? {
                self.directory.forget_kept(&name)?;
                settled.push(SettledAppend { lines, outcome });
            }
        }
        Ok(settled)
    }

    /// Empties the mirror, so that the next sync fetches everything. What was seen is remembered.
    ///
    /// # Errors
    /// [`StoreError::Mirror`].
    pub fn discard(&mut self) -> Result<(), StoreError> {
        self.synced.empty();
        // The position first: a log that is too long is cut. Another process may read the old file.
        self.save()?;
        self.log = self.directory.replace_log()?;
        Ok(())
    }

    /// True if the log reaches its recorded position and ends with the last append.
    fn is_sound(&self) -> Result<bool, StoreError> {
        if self.length()? < self.synced.bytes {
            return Ok(false);
        }
        let last = self.read_last()?;
        let digest: [u8; 32] = Sha256::digest(&last).into();
        Ok(self.synced.is_empty() || digest == self.synced.last_digest)
    }

    /// Cuts what a sync that did not finish has left after the position.
    fn cut(&self) -> Result<(), StoreError> {
        if self.length()? > self.synced.bytes {
            self.log
                .set_len(self.synced.bytes)
                .map_err(|source| io_error(&self.directory.log_path(), "cut", source))?;
        }
        Ok(())
    }

    fn length(&self) -> Result<u64, StoreError> {
        self.log
            .metadata()
            .map(|metadata| metadata.len())
            .map_err(|source| io_error(&self.directory.log_path(), "look at", source))
    }

    /// The bytes of the last append.
    fn read_last(&self) -> Result<Vec<u8>, StoreError> {
        files::read_range(
            &self.log,
            self.synced.bytes.saturating_sub(self.synced.last_bytes),
            self.synced.last_bytes,
        )
        .map_err(|source| io_error(&self.directory.log_path(), "read", source))
    }

    fn save(&self) -> Result<(), StoreError> {
        self.directory.write_position(&self.synced)
    }
}

/// The last line of an append, with its LF.
fn last_line(payload: &[u8]) -> &[u8] {
    let body = payload.strip_suffix(b"\n").unwrap_or(payload);
    let start = memchr::memrchr(b'\n', body).map_or(0, |at| at.saturating_add(1));
    payload.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests;
