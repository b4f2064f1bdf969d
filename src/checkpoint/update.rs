//! Makes the checkpoint of a log, and brings it up to the log's end.

use super::CheckpointError;
use super::builder::Builder;
use super::cache_dir::CacheDir;
use super::open::{Checkpoint, last_line};
use super::rules::RuleWatch;
use crate::event::{Entry, Event, Opening};
use crate::log::{LogReader, ScanError, ScanOptions, ScanRange, Tail};

/// What there is of a checkpoint, without any work on it.
#[derive(Debug)]
pub enum Ready {
    /// One that reaches to about the log's end.
    There(Box<Checkpoint>),
    /// None that is usable, and making one takes long.
    Behind,
    /// None, and none is possible.
    Nothing,
}

impl Checkpoint {
    /// The checkpoint of a log, created or updated if that is worthwhile. `None` if the log is
    /// short, or no checkpoint is possible or usable: then the log is read.
    pub fn of(cache: &CacheDir, log: &LogReader, opening: &Opening<'static>) -> Option<Checkpoint> {
        if log.length() < cache.sizes.log_bytes {
            return None;
        }
        let found = match Checkpoint::open(cache, log, opening) {
            // Another process opened the log later and has read more of it.
            Err(CheckpointError::Silent(_)) => return None,
            found => found.ok().flatten(),
        };
        let reaches = found
            .as_ref()
            .is_some_and(|found| found.reaches(log, cache));
        if reaches || !cache.is_kept_up {
            return found;
        }
        match Checkpoint::write(cache, log, opening, false) {
            Ok(true) => Checkpoint::open(cache, log, opening).ok().flatten(),
            // Another process is updating it, or it cannot be written: the one found is still
            // valid.
            Ok(false) | Err(CheckpointError::Io(_) | CheckpointError::Silent(_)) => found,
            // The one found is not valid: it is made again.
            Err(CheckpointError::Wrong(_)) => {
                found?;
                Checkpoint::write(cache, log, opening, true).ok()?;
                Checkpoint::open(cache, log, opening).ok().flatten()
            }
        }
    }

    /// The existing checkpoint, if [`Checkpoint::of`] would not have to read much of the log.
    pub fn ready(cache: &CacheDir, log: &LogReader, opening: &Opening<'static>) -> Ready {
        if log.length() < cache.sizes.log_bytes {
            return Ready::Nothing;
        }
        match Checkpoint::open(cache, log, opening) {
            Ok(Some(found)) if found.reaches(log, cache) => Ready::There(Box::new(found)),
            Ok(_) | Err(CheckpointError::Wrong(_)) => Ready::Behind,
            Err(CheckpointError::Io(_) | CheckpointError::Silent(_)) => Ready::Nothing,
        }
    }

    /// True if little enough follows it to be read each time.
    fn reaches(&self, log: &LogReader, cache: &CacheDir) -> bool {
        log.length().saturating_sub(self.end().offset) <= cache.sizes.tail_bytes
    }

    /// Writes a checkpoint of a log, continuing the existing one if it is valid and a new one is
    /// not requested; false if nothing was written.
    fn write(
        cache: &CacheDir,
        log: &LogReader,
        opening: &Opening<'static>,
        anew: bool,
    ) -> Result<bool, CheckpointError> {
        let place = cache.place(&opening.id, log.path())?;
        let Some(lock) = place.lock()? else {
            return Ok(false);
        };
        // The existing checkpoint is read again: another process may have replaced it and deleted
        // the tables of the one found.
        let from = match Checkpoint::open(cache, log, opening) {
            _ if anew => None,
            Err(CheckpointError::Wrong(_)) => None,
            found => found?,
        };
        if from.as_ref().is_some_and(|from| from.reaches(log, cache)) {
            return Ok(true);
        }
        lock.note_log(log.path())?;
        let mut builder = match &from {
            None => Builder::new(lock, cache.sizes, opening),
            Some(found) => Builder::from(lock, cache.sizes, opening, &found.opened)?,
        };
        let mut watch = match &from {
            None => RuleWatch::new(),
            Some(found) => RuleWatch::after(found)?,
        };
        let scanned = log.scan(
            ScanRange::after(from.as_ref().map(|found| *found.end())),
            ScanOptions::CHECK,
            |entry: &Entry<'_>, place| {
                // When it is finished, every line after the erased note moves.
                if let Event::Redact { event } = entry.event
                    && log
                        .keeps_note(event, place.offset)
                        .map_err(std::io::Error::other)?
                {
                    return Err(CheckpointError::Silent("an erasure is pending"));
                }
                watch.take(log, entry, place)?;
                builder.take(entry, place)
            },
        );
        let scanned = match scanned {
            Ok(scanned) => scanned,
            Err(ScanError::Stopped(unfit)) => return Err(unfit),
            // Errors of the log are reported by the command that reads it.
            Err(ScanError::Log(_)) => return Ok(false),
        };
        // A checkpoint cannot be bound to a last line without a line feed.
        let Some(end) = scanned.last.filter(|_| scanned.tail != Tail::Unterminated) else {
            return Ok(false);
        };
        builder.finish(last_line(log, &end)?, watch.finish())?;
        cache.remove_vanished(&cache.place(&opening.id, log.path())?);
        Ok(true)
    }
}
