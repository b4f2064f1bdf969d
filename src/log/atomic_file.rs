//! Files that are written beside their place and renamed when they are complete.
//!
//! If the process is killed, the name leads to the old file or to the new one. Only a file that the
//! caller recognises as its own is replaced; a link in the last component is never followed.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::lines::as_u64;
use super::platform;
pub use temporary::Access;
use temporary::{TemporaryName, name, new_file, temporary_name};

mod temporary;

/// How many bytes are collected before they are written.
const BUFFER_BYTES: usize = 64 * 1024;

/// Recognises a file that the same command made earlier.
pub type IsOurs<'f> = &'f dyn Fn(&File) -> io::Result<bool>;

/// Why a target is not replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is a symbolic link.
    Link,
    /// It is a directory.
    Directory,
    /// It is a device, a pipe or a socket.
    NotRegular,
    /// It is a file that the caller did not make.
    Foreign,
    /// Another process holds its lock.
    InUse,
    /// Another file was put there after it was checked.
    Changed,
}

/// Why a file was not written.
#[derive(Debug, Error)]
pub enum AtomicFileError {
    /// The target stays unchanged.
    #[error("{} is not replaced: {}", path.display(), obstacle.text())]
    Refused {
        /// The target.
        path: PathBuf,
        /// What is there.
        obstacle: Obstacle,
    },
    /// The system refused a step.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// The target.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's error.
        source: io::Error,
    },
}

impl Obstacle {
    /// What is there, as the predicate of a sentence.
    pub fn text(self) -> &'static str {
        match self {
            Obstacle::Link => "it is a symbolic link",
            Obstacle::Directory => "it is a directory",
            Obstacle::NotRegular => "it is not a regular file",
            Obstacle::Foreign => "it is a file that this command did not make",
            Obstacle::InUse => "another process is using it",
            Obstacle::Changed => "another file was created there meanwhile",
        }
    }
}

/// A new file without its final name. If it is dropped, nothing is left of it.
#[derive(Debug)]
pub struct AtomicFile {
    file: BufWriter<File>,
    target: PathBuf,
    /// `None` if the file has no name yet: then nothing is left even if the process is killed.
    temporary: Option<TemporaryName>,
    /// The temporary name to use, if the caller has chosen one.
    between: Option<PathBuf>,
    is_synced: bool,
    bytes: u64,
}

impl AtomicFile {
    /// Makes an empty file in the directory of `target`.
    ///
    /// # Errors
    /// [`AtomicFileError::Io`].
    pub fn create(target: &Path, access: Access) -> Result<AtomicFile, AtomicFileError> {
        AtomicFile::create_as(target, access, None)
    }

    /// The same with a chosen temporary name in the directory of `target`, which must be free: what a
    /// kill leaves there can be found again.
    ///
    /// # Errors
    /// [`AtomicFileError::Io`].
    pub(super) fn create_as(
        target: &Path,
        access: Access,
        between: Option<PathBuf>,
    ) -> Result<AtomicFile, AtomicFileError> {
        let (file, temporary) = new_file(directory_of(target), access, between.as_deref())
            .map_err(|source| io_error(target, "create", source))?;
        Ok(AtomicFile {
            file: BufWriter::with_capacity(BUFFER_BYTES, file),
            target: target.to_owned(),
            temporary,
            between,
            is_synced: true,
            bytes: 0,
        })
    }

    /// The file itself. What was written last may still be in memory.
    pub(super) fn file(&self) -> &File {
        self.file.get_ref()
    }

    /// How many bytes were written.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The same file, which a power cut may take away: for caches.
    #[must_use]
    pub fn without_sync(self) -> AtomicFile {
        AtomicFile {
            is_synced: false,
            ..self
        }
    }

    /// The same file with another name in the same directory.
    #[must_use]
    pub fn renamed(self, name: &str) -> AtomicFile {
        AtomicFile {
            target: self.target.with_file_name(name),
            ..self
        }
    }

    /// The path that the file will have.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Cuts the written bytes to this length, or extends them with zeros that use no disk space.
    ///
    /// # Errors
    /// An error of the system.
    pub fn set_length(&mut self, length: u64) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().set_len(length)?;
        io::Seek::seek(&mut self.file, io::SeekFrom::Start(length))?;
        self.bytes = length;
        Ok(())
    }

    /// Renames the file into place and returns its length. An existing file is checked again under
    /// its lock: it is replaced if it is empty or `is_ours`, and refused otherwise.
    ///
    /// # Errors
    /// [`AtomicFileError`]; the target is unchanged, unless it was replaced and only the last step,
    /// the sync of the directory, failed.
    pub fn commit(self, is_ours: IsOurs<'_>) -> Result<u64, AtomicFileError> {
        let (file, temporary, target, bytes) = self.written()?;
        let failed = |source| io_error(&target.0, "replace", source);
        match replaceable(&target.0, is_ours)? {
            None => match name(&file, temporary, &target.0) {
                Err((_, error)) if error.kind() == io::ErrorKind::AlreadyExists => {
                    return Err(refused(&target.0, Obstacle::Changed));
                }
                named => {
                    named.map_err(|(_, source)| io_error(&target.0, "create", source))?;
                    target.sync_new()?;
                }
            },
            Some(existing) => {
                let metadata = existing.metadata().map_err(failed)?;
                // If the mode cannot be kept, the file is readable by its owner only.
                let _ = file.set_permissions(metadata.permissions());
                let temporary = if let Some(path) = temporary {
                    path
                } else {
                    let directory = directory_of(&target.0);
                    let named = temporary_name(directory, |path| platform::link(&file, path));
                    named.map_err(failed)?.1
                };
                replace(&temporary, &target.0, &metadata)?;
                target.sync()?;
            }
        }
        Ok(bytes)
    }

    /// Renames the file over the one at its target, which the caller has checked and locked. Wherever
    /// the process is killed, the old file is at the target or nowhere.
    ///
    /// # Errors
    /// [`AtomicFileError::Io`]; the target is unchanged, unless only the last step, the sync of the
    /// directory, failed.
    pub(super) fn commit_over(mut self) -> Result<(), AtomicFileError> {
        let between = self.between.take();
        let (file, temporary, target, _) = self.written()?;
        let failed = |source| io_error(&target.0, "replace", source);
        let temporary = match (temporary, between) {
            (Some(temporary), _) => temporary,
            (None, Some(between)) => {
                platform::link(&file, &between).map_err(failed)?;
                TemporaryName(between)
            }
            (None, None) => {
                let directory = directory_of(&target.0);
                let named = temporary_name(directory, |path| platform::link(&file, path));
                named.map_err(failed)?.1
            }
        };
        std::fs::rename(&temporary.0, &target.0).map_err(failed)?;
        target.sync()
    }

    /// Gives the file the first of these names that is free, and returns that name.
    ///
    /// # Errors
    /// [`AtomicFileError::Io`]; nothing is left then.
    pub fn commit_new(
        self,
        names: impl IntoIterator<Item = PathBuf>,
    ) -> Result<PathBuf, AtomicFileError> {
        let (file, mut temporary, target, _) = self.written()?;
        let is_synced = target.1;
        for candidate in names {
            match name(&file, temporary, &candidate) {
                Ok(()) => {
                    Target(candidate.clone(), is_synced).sync_new()?;
                    return Ok(candidate);
                }
                Err((again, error)) if error.kind() == io::ErrorKind::AlreadyExists => {
                    temporary = again;
                }
                Err((_, source)) => return Err(io_error(&candidate, "create", source)),
            }
        }
        Err(io_error(
            &target.0,
            "create",
            io::ErrorKind::AlreadyExists.into(),
        ))
    }

    /// Writes what is left in the buffer and syncs it.
    fn written(self) -> Result<(File, Option<TemporaryName>, Target, u64), AtomicFileError> {
        let failed = |source| io_error(&self.target, "write", source);
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .map_err(failed)?;
        if self.is_synced {
            file.sync_all().map_err(failed)?;
        }
        let target = Target(self.target, self.is_synced);
        Ok((file, self.temporary, target, self.bytes))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes = self.bytes.saturating_add(as_u64(written));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A path, and whether its name is synced.
struct Target(PathBuf, bool);

impl Target {
    /// The same for a new name, which is removed again if it cannot be synced.
    fn sync_new(&self) -> Result<(), AtomicFileError> {
        self.sync().inspect_err(|_| {
            let _ = std::fs::remove_file(&self.0);
        })
    }

    fn sync(&self) -> Result<(), AtomicFileError> {
        if !self.1 {
            return Ok(());
        }
        sync_directory(directory_of(&self.0))
            .map_err(|source| io_error(&self.0, "sync the directory of", source))
    }
}

/// How often a file that is replaced meanwhile is checked again.
const MOST_TRIES: u8 = 8;

/// Opens the file at a path, if it may be replaced: it is a regular file, and empty or `is_ours`.
/// `None` if nothing is there. An empty file is locked, because a log that is being started is one.
///
/// # Errors
/// [`AtomicFileError`].
pub fn replaceable(path: &Path, is_ours: IsOurs<'_>) -> Result<Option<File>, AtomicFileError> {
    for _ in 0..MOST_TRIES {
        match open_replaceable(path, is_ours) {
            Err(AtomicFileError::Refused {
                obstacle: Obstacle::Changed,
                ..
            }) => {}
            other => return other,
        }
    }
    Err(refused(path, Obstacle::Changed))
}

fn open_replaceable(path: &Path, is_ours: IsOurs<'_>) -> Result<Option<File>, AtomicFileError> {
    let failed = |source| io_error(path, "look at", source);
    let found = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed)?,
    };
    if let Some(obstacle) = obstacle(&found) {
        return Err(refused(path, obstacle));
    }
    let mut options = OpenOptions::new();
    let file = match platform::no_follow(options.read(true)).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|source| io_error(path, "open", source))?,
    };
    let is_empty = file.metadata().map_err(failed)?.len() == 0;
    // A file system without locks has no log that is being started.
    if is_empty && matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        return Err(refused(path, Obstacle::InUse));
    }
    let opened = file.metadata().map_err(failed)?;
    let is_named = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        named => {
            let named = named.map_err(failed)?;
            platform::identity(&opened) == platform::identity(&named)
        }
    };
    if !opened.is_file() || !is_named || (is_empty && opened.len() > 0) {
        return Err(refused(path, Obstacle::Changed));
    }
    if is_empty || is_ours(&file).map_err(|source| io_error(path, "read", source))? {
        return Ok(Some(file));
    }
    Err(refused(path, Obstacle::Foreign))
}

/// Opens an empty file whose lock represents another file; creates it if necessary. It is not
/// deleted.
///
/// # Errors
/// [`AtomicFileError`]; anything but an empty regular file is refused.
pub fn lock_file(path: &Path) -> Result<File, AtomicFileError> {
    let failed = |source| io_error(path, "open", source);
    if let Ok(found) = std::fs::symlink_metadata(path)
        && let Some(obstacle) = obstacle(&found)
    {
        return Err(refused(path, obstacle));
    }
    let mut options = OpenOptions::new();
    let options = options.read(true).append(true).create(true);
    let file = platform::no_follow(options).open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_file() && metadata.len() == 0 {
        Ok(file)
    } else {
        Err(refused(path, Obstacle::Foreign))
    }
}

/// Makes the names in a directory durable.
#[expect(
    clippy::disallowed_methods,
    reason = "a directory is opened, which `file::open` refuses"
)]
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(directory)?.sync_all()
    } else {
        Ok(())
    }
}

/// Makes the name of a file durable: if the path is a link, the name that it leads to.
pub(crate) fn sync_name(file: &Path) -> io::Result<()> {
    sync_directory(directory_of(&std::fs::canonicalize(file)?))
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn obstacle(found: &Metadata) -> Option<Obstacle> {
    if found.is_symlink() {
        Some(Obstacle::Link)
    } else if found.is_dir() {
        Some(Obstacle::Directory)
    } else if found.is_file() {
        None
    } else {
        Some(Obstacle::NotRegular)
    }
}

/// Puts a file in the place of the one that was checked. If another was put there meanwhile, that
/// one stays.
fn replace(
    temporary: &TemporaryName,
    target: &Path,
    checked: &Metadata,
) -> Result<(), AtomicFileError> {
    let temporary = &temporary.0;
    let failed = |source| io_error(target, "replace", source);
    if platform::exchange(temporary, target).is_err() {
        // Not every file system can exchange two names.
        return std::fs::rename(temporary, target).map_err(failed);
    }
    let replaced = std::fs::symlink_metadata(temporary).map_err(failed)?;
    if platform::identity(&replaced) == platform::identity(checked) {
        return Ok(());
    }
    platform::exchange(temporary, target).map_err(failed)?;
    Err(refused(target, Obstacle::Changed))
}

fn refused(path: &Path, obstacle: Obstacle) -> AtomicFileError {
    AtomicFileError::Refused {
        path: path.to_owned(),
        obstacle,
    }
}

fn io_error(path: &Path, action: &'static str, source: io::Error) -> AtomicFileError {
    AtomicFileError::Io {
        path: path.to_owned(),
        action,
        source,
    }
}

impl From<AtomicFileError> for io::Error {
    fn from(error: AtomicFileError) -> io::Error {
        match error {
            AtomicFileError::Io { source, .. } => source,
            refused @ AtomicFileError::Refused { .. } => io::Error::other(refused.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
