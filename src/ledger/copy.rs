//! Copies a log to another place: every byte and every hash stays. What the other log has already must
//! be the beginning of this one, so that a copy may be repeated after it was stopped anywhere.

use std::io;
use std::path::PathBuf;

use super::engine::{ConflictPause, EngineLog};
use super::reader::never_stopped;
use super::{CopyError, LedgerError, LogSource};
use crate::event::Hash;
use crate::log::{
    LINE_MAX_BYTES, LockWaiter, LogError, LogPosition, LogReader, ScanOptions, ScanRange, Tail,
    Writer, as_u64, read_at,
};
use crate::remote::PART_BYTES;

/// The size of one append, unless a batch is larger.
const CHUNK_BYTES: u64 = 8 * 1024 * 1024;

/// What a copy needs from outside.
pub struct CopyOptions<'a> {
    /// How long to wait for locks.
    pub waiter: &'a mut dyn LockWaiter,
    /// On how many servers a new log on a cluster is kept.
    pub replicas: u8,
    /// Rename the file that was copied, so that nothing is recorded in it any more.
    pub moves: bool,
    /// Called with the number of bytes after each part that was copied.
    pub progress: &'a mut dyn FnMut(u64),
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The number of events that the other log did not have.
    pub events: u64,
    /// The end of both logs.
    pub head: (u64, Hash),
    /// The bytes of a torn tail, which are not copied.
    pub torn_bytes: u64,
    /// Where a torn tail of the other log was set aside.
    pub set_aside: Option<PathBuf>,
    /// The new name of the file.
    pub moved_to: Option<PathBuf>,
}

/// A checked log to copy from.
struct Original<'l> {
    log: &'l LogReader,
    /// The names of both logs, for messages.
    names: (PathBuf, PathBuf),
    last: LogPosition,
    /// True if the last line lacks its line feed.
    is_unterminated: bool,
    /// Where an append may end: never inside a batch.
    ends: Vec<u64>,
}

/// Copies a log. If it returns, everything in `from` is in `to` and synced.
///
/// # Errors
/// [`CopyError`].
pub fn copy(
    from: &mut LogSource,
    to: &mut LogSource,
    options: &mut CopyOptions<'_>,
) -> Result<Copied, CopyError> {
    let from_name = from.path();
    let moving = match from {
        LogSource::File(path) if options.moves => {
            Some(Writer::open(path, options.waiter).map_err(missing)?)
        }
        _ => None,
    };
    let opened;
    let log = if let Some(writer) = &moving {
        writer.log()
    } else {
        opened = from.open(options.waiter)?;
        &opened
    };
    // With a line more, a part of an engine is still one message.
    let most = match to {
        LogSource::File(_) => CHUNK_BYTES,
        LogSource::Engine(_) => as_u64(PART_BYTES.saturating_sub(LINE_MAX_BYTES.saturating_add(1))),
    };
    let (original, torn_bytes) = Original::check(log, (from_name, to.path()), most)?;
    let (before, set_aside) = match to {
        LogSource::File(path) => {
            let writer = Writer::open_or_create(path, options.waiter);
            let mut writer = writer.map_err(LedgerError::from)?;
            let copied = original.append_to_file(&mut writer, options);
            if copied.is_err() {
                writer.discard_if_empty();
            }
            copied?
        }
        LogSource::Engine(engine) => {
            engine.create(options.replicas).map_err(LedgerError::from)?;
            (original.append_to_engine(engine, options)?, None)
        }
    };
    let moved_to = match &moving {
        Some(writer) => Some(writer.move_away().map_err(|source| CopyError::NotMoved {
            path: log.path().to_owned(),
            source,
        })?),
        None => None,
    };
    Ok(Copied {
        events: original.last.seq.saturating_sub(before.unwrap_or(0)),
        head: (original.last.seq, original.last.hash),
        torn_bytes,
        set_aside,
        moved_to,
    })
}

fn missing(error: LogError) -> LedgerError {
    match error {
        LogError::NotFound { path } => LedgerError::NoLedger {
            path,
            torn_bytes: 0,
        },
        error => error.into(),
    }
}

impl<'l> Original<'l> {
    /// Checks every line, and finds where appends of about this size may end. Returns the bytes of a
    /// torn tail, too.
    fn check(
        log: &'l LogReader,
        names: (PathBuf, PathBuf),
        most: u64,
    ) -> Result<(Original<'l>, u64), CopyError> {
        let (mut ends, mut start) = (Vec::new(), 0);
        let scanned = log.scan(ScanRange::ALL, ScanOptions::default(), |entry, span| {
            if !entry.more && span.end.saturating_sub(start) >= most {
                ends.push(span.end);
                start = span.end;
            }
            Ok(())
        });
        let scanned = never_stopped(scanned)?;
        let last = scanned.last.ok_or_else(|| LedgerError::NoLedger {
            path: log.path().to_owned(),
            torn_bytes: scanned.tail.torn_bytes(),
        })?;
        ends.push(last.offset);
        let original = Original {
            log,
            names,
            last,
            is_unterminated: scanned.tail == Tail::Unterminated,
            ends,
        };
        Ok((original, scanned.tail.torn_bytes()))
    }

    /// The offset here after which the other log lacks everything.
    fn offset_after(
        &self,
        other: Option<&LogReader>,
        last: Option<LogPosition>,
    ) -> Result<u64, CopyError> {
        let (Some(other), Some(last)) = (other, last) else {
            return Ok(0);
        };
        let ours = self.log.position_of(last.seq).map_err(LedgerError::from)?;
        if let Some(ours) = ours.filter(|ours| ours.hash == last.hash) {
            return Ok(ours.offset);
        }
        let (from, to) = self.names.clone();
        let theirs = other.position_of(self.last.seq);
        let theirs = theirs.map_err(LedgerError::from)?;
        if theirs.is_some_and(|theirs| theirs.hash == self.last.hash) {
            let events = last.seq.saturating_sub(self.last.seq);
            return Err(CopyError::Ahead { from, to, events });
        }
        Err(CopyError::Differs { to })
    }

    /// The parts from an offset on, each with the offset after it.
    fn parts_from(&self, offset: u64) -> impl Iterator<Item = (u64, io::Result<Vec<u8>>)> {
        let mut start = offset;
        let ends = self.ends.iter().filter(move |end| **end > offset);
        ends.map(move |end| {
            let part = self.read(start, *end);
            start = *end;
            (*end, part)
        })
    }

    fn read(&self, start: u64, end: u64) -> io::Result<Vec<u8>> {
        let length = usize::try_from(end.saturating_sub(start)).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        let mut filled = 0_usize;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let read = read_at(self.log.file(), rest, start.saturating_add(as_u64(filled)))?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            filled = filled.saturating_add(read);
        }
        if end == self.last.offset && self.is_unterminated {
            bytes.push(b'\n');
        }
        Ok(bytes)
    }

    fn unreadable(&self, source: io::Error) -> LedgerError {
        LedgerError::Log(LogError::Io {
            path: self.log.path().to_owned(),
            action: "read",
            source,
        })
    }

    /// Appends what the file lacks. Returns its last event before that, and where its torn tail is now.
    fn append_to_file(
        &self,
        writer: &mut Writer,
        options: &mut CopyOptions<'_>,
    ) -> Result<(Option<u64>, Option<PathBuf>), CopyError> {
        let scan = writer
            .log()
            .scan(ScanRange::ALL, ScanOptions::default(), |_, _| Ok(()));
        let mut end = never_stopped(scan)?;
        let before = end.last.map(|last| last.seq);
        let start = self.offset_after(Some(writer.log()), end.last)?;
        let mut set_aside = None;
        for (_, part) in self.parts_from(start) {
            let part = part.map_err(|error| self.unreadable(error))?;
            let length = as_u64(part.len());
            let quarantine = writer.append(&end, &part).map_err(LedgerError::from)?;
            set_aside = set_aside.or(quarantine);
            end.tail = Tail::Clean;
            (options.progress)(length);
        }
        if before == Some(self.last.seq) {
            // Its writer may have been stopped before the sync.
            writer.make_durable().map_err(LedgerError::from)?;
        }
        Ok((before, set_aside))
    }

    /// Appends what the engine lacks. Returns its last event before that. An append of a copy that was
    /// stopped may arrive meanwhile: the logs are compared again after each conflict.
    fn append_to_engine(
        &self,
        engine: &mut EngineLog,
        options: &mut CopyOptions<'_>,
    ) -> Result<Option<u64>, CopyError> {
        let mut before = None;
        let mut until = engine.deadline();
        let mut pause = ConflictPause::default();
        loop {
            let mut mirrored = engine.sync(until).map_err(LedgerError::from)?;
            let other = mirrored.log.take();
            let last = other.as_ref().map(LogReader::last_position).transpose();
            let last = last.map_err(LedgerError::from)?.flatten();
            let first = *before.get_or_insert(last.map(|last| last.seq));
            let start = self.offset_after(other.as_ref(), last)?;
            let mut is_conflict = false;
            for (_, part) in self.parts_from(start) {
                let part = part.map_err(|error| self.unreadable(error))?;
                until = engine.deadline();
                let appended = engine.append(&mut mirrored, &part, &[], until);
                is_conflict = !appended.map_err(LedgerError::from)?;
                if is_conflict {
                    break;
                }
                (options.progress)(as_u64(part.len()));
            }
            if !is_conflict {
                return Ok(first);
            }
            drop(mirrored);
            engine.back_off(&mut pause, until)?;
        }
    }
}
