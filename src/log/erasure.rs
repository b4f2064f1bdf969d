//! Erasing notes: a new file, in which each note is its digest, takes the log's place.
//!
//! At every moment the log's path names a whole log, the old or the new one, and no copy stays
//! behind. Must not depend on what events mean.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::atomic_file::{Access, AtomicFile};
use super::erased::erased_line;
use super::file::{self, io_error};
use super::lines::as_u64;
use super::quarantine::names_beside;
use super::{LogError, LogReader, NoWait, ScanError, ScanOptions, ScanRange, Tail, Writer};
use super::{format, no_follow, platform, tail};
use crate::event::{Hash, Note};

/// The name of the new file between its last byte and the rename is `<file>.erasing`.
const BETWEEN: &str = "erasing";
/// What an action on the log is called in an error.
const ACTION: &str = "erase notes in";
/// A redacted note with its quotes.
const DIGEST_BYTES: u64 = 66;

/// The new file for a log, still empty. It is made before an erasure is recorded, so that what
/// refuses it is found first.
#[derive(Debug)]
pub struct Erasure {
    file: AtomicFile,
}

impl Writer {
    /// Makes the file in which these many notes will be erased, beside the log.
    ///
    /// # Errors
    /// [`LogError::Io`] if the log cannot be replaced: it has a second hard link, an owner that this
    /// process cannot give to another file, attributes against it, or no room beside it.
    pub fn prepare_erasure(&self, notes: usize) -> Result<Erasure, LogError> {
        let path = self.log().path();
        let failed = |source| io_error(path, ACTION, source);
        let refused = |reason: &str| failed(io::Error::other(reason.to_owned()));
        let old = self.log().file.metadata().map_err(failed)?;
        if platform::names(&old) > 1 {
            return Err(refused("it has a second hard link, which would keep them"));
        }
        let real = std::fs::canonicalize(path).map_err(failed)?;
        if platform::is_mount_point(&real) {
            return Err(refused("it is a mount point"));
        }
        if platform::is_fixed(&real) || real.parent().is_some_and(platform::is_fixed) {
            let reason = "attributes of it or of its directory forbid that (lsattr shows them)";
            return Err(refused(reason));
        }
        let between = between(&real);
        self.remove_unfinished(&between).map_err(failed)?;
        let file = AtomicFile::create_as(&real, Access::Owner, Some(between));
        let file = file.map_err(|error| failed(error.into()))?;
        platform::take_after(file.file(), &old)
            .map_err(|source| refused(&format!("its owner and mode cannot be kept: {source}")))?;
        let growth = as_u64(notes).saturating_mul(DIGEST_BYTES);
        platform::reserve(file.file(), self.log().length().saturating_add(growth))
            .map_err(failed)?;
        Ok(Erasure { file })
    }

    /// Replaces the log by the same lines with the notes of these events erased, and returns the new
    /// log, whose lock is held as long as it is open. What is written to this one after that is lost.
    ///
    /// # Errors
    /// [`LogError`]; then the log is as it was, unless only the last sync, that of its name, failed.
    pub fn erase(&self, erasure: Erasure, events: &BTreeSet<u64>) -> Result<LogReader, LogError> {
        let log = self.log();
        let failed = |source| io_error(log.path(), ACTION, source);
        let Erasure { mut file } = erasure;
        log.write_erased(&mut file, events)
            .and_then(|()| file.set_length(file.bytes()))
            .map_err(failed)?;
        let opened = file.file().try_clone().map_err(failed)?;
        let new = LogReader::new(opened, log.path(), file.bytes())?;
        // No other process has it open yet: a writer that finds it under the log's name waits until its name is
        // synced.
        file::lock(&new.file, log.path(), true, &mut NoWait)?;
        if !new.is_erased_copy_of(log, events)? {
            let reason = "the new file is not the same log; it was discarded";
            return Err(failed(io::Error::other(reason)));
        }
        if !file::is_still_named(&log.file, log.path())? {
            let reason = "it was moved away or replaced meanwhile";
            return Err(failed(io::Error::other(reason)));
        }
        file.commit_over().map_err(|error| failed(error.into()))?;
        Ok(new)
    }

    /// Removes the new file of an erasure that was killed before the rename. Another file of that name
    /// stays, and is an error.
    fn remove_unfinished(&self, between: &Path) -> io::Result<()> {
        let found = match std::fs::symlink_metadata(between) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            found => found?,
        };
        if !found.is_file() || !begins_alike(&self.log().file, between)? {
            let reason = format!("{} is in the way", between.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, reason));
        }
        std::fs::remove_file(between)
    }
}

/// The name that the new file of a log has just before the rename.
fn between(real: &Path) -> PathBuf {
    let mut names = names_beside(real, BETWEEN);
    names.next().unwrap_or_else(|| real.with_extension(BETWEEN))
}

/// True if a file is empty or begins as a log does, up to the hash of the first line.
fn begins_alike(log: &File, other: &Path) -> io::Result<bool> {
    const HASH: &[u8] = b",\"hash\":\"";
    let mut options = std::fs::OpenOptions::new();
    let mut theirs = Vec::new();
    let opened = no_follow(options.read(true)).open(other)?;
    opened.take(512).read_to_end(&mut theirs)?;
    let mut own = vec![0; theirs.len()];
    let read = platform::read_at(log, &mut own, 0)?;
    own.truncate(read);
    let up_to_hash = |bytes: &[u8]| {
        let end = memchr::memmem::find(bytes, HASH).unwrap_or(bytes.len());
        bytes.get(..end).unwrap_or_default().to_vec()
    };
    Ok(up_to_hash(&theirs) == up_to_hash(&own))
}

impl LogReader {
    /// Writes the log with the notes of these events erased.
    fn write_erased(&self, out: &mut AtomicFile, events: &BTreeSet<u64>) -> io::Result<()> {
        let mut at = 0;
        for event in events {
            let Some((offset, line)) = self.line_of(*event, self.settled)? else {
                continue;
            };
            let Some(erased) = erased_line(&line) else {
                continue;
            };
            self.copy(at, offset, out)?;
            out.write_all(erased.as_bytes())?;
            at = offset.saturating_add(as_u64(line.len()));
        }
        self.copy(at, self.settled, out)
    }

    fn copy(&self, from: u64, to: u64, out: &mut AtomicFile) -> io::Result<()> {
        let mut block = vec![0; 256 * 1024];
        let mut at = from;
        while at < to {
            let rest = usize::try_from(to.saturating_sub(at)).unwrap_or(usize::MAX);
            let length = rest.min(block.len());
            let target = block.get_mut(..length).unwrap_or_default();
            let read = platform::read_at(&self.file, target, at)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            out.write_all(target.get(..read).unwrap_or_default())?;
            at = at.saturating_add(as_u64(read));
        }
        Ok(())
    }

    /// True if every line of this log is valid, it ends with the same event as another one, which
    /// ends with a whole line, and has none of these notes.
    fn is_erased_copy_of(
        &self,
        other: &LogReader,
        events: &BTreeSet<u64>,
    ) -> Result<bool, LogError> {
        let mut is_erased = true;
        let scanned = self.scan_range(ScanRange::ALL, ScanOptions::CHECK, |entry, _| {
            if matches!(entry.note, Some(Note::Kept { .. })) && events.contains(&entry.seq) {
                is_erased = false;
            }
            Ok::<(), std::convert::Infallible>(())
        });
        let scanned = match scanned {
            Ok(scanned) => scanned,
            Err(ScanError::Log(error)) => return Err(error),
            Err(ScanError::Stopped(never)) => match never {},
        };
        let head = other
            .last_hash()
            .map_err(|source| io_error(&other.path, "read", source))?;
        let is_whole = scanned.tail == Tail::Clean && other.settled == other.length;
        let last = scanned.last.map(|last| (last.seq, last.hash));
        Ok(is_erased && is_whole && last.is_some() && last == head)
    }

    fn last_hash(&self) -> io::Result<Option<(u64, Hash)>> {
        let line = tail::last_settled_line(&self.file, self.settled)?;
        Ok(line.and_then(|line| {
            let entry = format::read(&line).ok()?.entry;
            Some((entry.seq, entry.hash))
        }))
    }
}
