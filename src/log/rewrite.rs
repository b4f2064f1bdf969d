//! Putting a damaged log right, under its lock, and writing a part of one to a new file.
//!
//! Owns the order of steps that keeps every byte: a synced copy first, then blank lines behind the
//! end that make it damaged in any case, then new bytes over old ones, synced, and only then the cut. Whenever this stops in the middle, what is left is a log that shows
//! as damaged, never a shorter one that looks sound, and the copy beside it. Must not know what was
//! wrong.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::lines::as_u64;
use super::quarantine::{free_name_beside, keep_copy, sync_directory};
use super::{Contention, LogError, Snapshot, Tail, Writer, file, platform};

/// The copy of a log whose repair has not come to its end.
const UNFINISHED: &str = "repairing-0";
/// The copy of a log that was put right.
const FINISHED: &str = "damaged-0";

impl Writer {
    /// Puts the end of a sound log in order: sets a torn tail aside, which it answers with, or adds
    /// the line feed that is missing.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn settle(&self, tail: Tail) -> Result<Option<PathBuf>, LogError> {
        let log = self.log();
        let failed = |source| file::io_error(log.path(), "repair the end of", source);
        match tail {
            Tail::Clean => Ok(None),
            Tail::Unterminated => {
                (&log.file).write_all(b"\n").map_err(failed)?;
                log.file.sync_data().map_err(failed)?;
                Ok(None)
            }
            Tail::Torn { offset, .. } => {
                let copy = keep_copy(log, offset, "torn").map_err(failed)?;
                log.file.set_len(offset).map_err(failed)?;
                log.file.sync_all().map_err(failed)?;
                Ok(Some(copy))
            }
        }
    }

    /// Copies the whole log to a file beside it, synced, and opens that for reading. As long as its
    /// name says so, a repair is not finished. A copy that an earlier repair left is taken where it
    /// holds the same bytes; where it holds others, which the log may be a mixture of by now, there
    /// is nothing to answer.
    ///
    /// # Errors
    /// [`LogError`]; nothing was changed.
    pub fn keep_original(
        &self,
        contention: &mut dyn Contention,
    ) -> Result<Option<Snapshot>, LogError> {
        let log = self.log();
        let failed = |source| file::io_error(log.path(), "copy", source);
        if let Some(path) = unfinished_copy(log.path()) {
            let copy = Snapshot::open(&path, contention)?;
            let begins_alike = begins_with(log, &copy).map_err(failed)?;
            if begins_alike && copy.length == log.length {
                copy.file.sync_all().map_err(failed)?;
                sync_directory(&path).map_err(failed)?;
                return Ok(Some(copy));
            }
            // A shorter one was never finished itself, so that nothing was written after it.
            if !begins_alike {
                return Ok(None);
            }
        }
        let path = keep_copy(log, 0, UNFINISHED).map_err(failed)?;
        Snapshot::open(&path, contention).map(Some)
    }

    /// Starts to write over the log from `offset` on with what will be `length` bytes in all. Blank
    /// lines are put behind both the old and the new end first, and synced: they keep the log
    /// damaged to every reader and writer until [`Overwrite::finish`] cuts them off, so that a line
    /// that is half written by then is never taken for a torn append.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn overwrite(&self, offset: u64, length: u64) -> Result<Overwrite, LogError> {
        let path = self.log().path();
        let failed = |source| file::io_error(path, "write to", source);
        // The log itself is open for appending, which is where all its writes would go.
        let mut options = OpenOptions::new();
        let mut opened = platform::careful(options.write(true))
            .open(path)
            .map_err(failed)?;
        let locked = self.log().file.metadata().map_err(failed)?;
        let same = opened.metadata().map_err(failed)?;
        if platform::identity(&locked) != platform::identity(&same) {
            return Err(failed(io::Error::other("it was replaced in the meantime")));
        }
        let growth = length.saturating_sub(self.log().length());
        let growth =
            usize::try_from(growth).map_err(|_| failed(io::ErrorKind::FileTooLarge.into()))?;
        let barrier = vec![b'\n'; growth.saturating_add(2)];
        opened
            .seek(SeekFrom::Start(self.log().length()))
            .and_then(|_| opened.write_all(&barrier))
            .and_then(|()| opened.sync_all())
            .and_then(|()| opened.seek(SeekFrom::Start(offset)))
            .map_err(failed)?;
        Ok(Overwrite {
            file: BufWriter::with_capacity(256 * 1024, opened),
        })
    }
}

/// True where the first bytes of `whole` are all the bytes of `part`.
fn begins_with(whole: &Snapshot, part: &Snapshot) -> io::Result<bool> {
    if part.length > whole.length {
        return Ok(false);
    }
    let mut at = 0_u64;
    let (mut left, mut right) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    while at < part.length {
        let read = platform::read_at(&part.file, &mut left, at)?;
        let wanted = right.get_mut(..read).unwrap_or_default();
        let other = platform::read_at(&whole.file, wanted, at)?;
        let same = other.min(read);
        if same == 0 || left.get(..same) != right.get(..same) {
            return Ok(false);
        }
        at = at.saturating_add(as_u64(same));
    }
    Ok(true)
}

/// A log that is being written over.
#[derive(Debug)]
pub struct Overwrite {
    file: BufWriter<File>,
}

impl Overwrite {
    /// Writes a line and its line feed.
    ///
    /// # Errors
    /// What the system says.
    pub fn line(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.write_all(b"\n")
    }

    /// Makes the new bytes durable, then cuts what is left of the old ones behind `length`.
    ///
    /// # Errors
    /// What the system says.
    pub fn finish(self, length: u64) -> io::Result<()> {
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_data()?;
        file.set_len(length)?;
        file.sync_all()
    }
}

/// Says with its name that the copy's repair is finished; answers with the new name.
pub(crate) fn mark_finished(log: &Path, copy: &Path) -> io::Result<PathBuf> {
    let name = free_name_beside(log, FINISHED)?;
    std::fs::rename(copy, &name)?;
    sync_directory(&name)?;
    Ok(name)
}

/// The copy that a repair left beside this log without coming to its end.
pub(crate) fn unfinished_copy(log: &Path) -> Option<PathBuf> {
    let mut name = log.as_os_str().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    let path = PathBuf::from(name);
    std::fs::symlink_metadata(&path).is_ok().then_some(path)
}

/// A log that is written anew, beside no other.
#[derive(Debug)]
pub struct NewFile {
    file: BufWriter<File>,
    path: PathBuf,
    length: u64,
}

impl NewFile {
    /// Makes it, mode 0600.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::AlreadyExists`] where there is anything of this name.
    pub fn create(path: &Path) -> io::Result<NewFile> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        let file = platform::careful(&mut options).open(path)?;
        Ok(NewFile {
            file: BufWriter::with_capacity(256 * 1024, file),
            path: path.to_owned(),
            length: 0,
        })
    }

    /// Writes a line and its line feed.
    ///
    /// # Errors
    /// What the system says.
    pub fn line(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.write_all(b"\n")?;
        self.length = self
            .length
            .saturating_add(as_u64(bytes.len()))
            .saturating_add(1);
        Ok(())
    }

    /// Cuts it to `length`, and makes it and its name durable.
    ///
    /// # Errors
    /// What the system says.
    pub fn finish(self, length: u64) -> io::Result<()> {
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        if length < self.length {
            file.set_len(length)?;
        }
        file.sync_all()?;
        sync_directory(&self.path)
    }

    /// Takes it back.
    pub fn discard(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
