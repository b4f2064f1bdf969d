//! The directory of checkpoints: a directory for each log, named by the ledger's id and the log's path.
//!
//! Files get their name when they are complete, but are not synced: what a power cut takes away is made
//! again. Links are not followed, files that other users may read or write are not used, and only
//! files with a name, a form and an owner of ours are removed. Must not depend on what files contain.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use hashbrown::HashSet;
use sha2::{Digest as _, Sha256};

use super::{CheckpointError, Sizes};
use crate::event::LedgerId;
use crate::log::{Access, AtomicFile, is_own, is_private, lock_file, no_follow, private_directory};

/// The directory of all checkpoints.
#[derive(Clone, Debug)]
pub struct CacheDir {
    root: PathBuf,
    pub(super) sizes: Sizes,
    pub(super) is_kept_up: bool,
}

impl CacheDir {
    /// Checkpoints below this directory, which need not be there yet.
    pub fn new(root: PathBuf) -> CacheDir {
        CacheDir::with_sizes(root, Sizes::default())
    }

    /// The same, with other sizes.
    pub fn with_sizes(root: PathBuf, sizes: Sizes) -> CacheDir {
        CacheDir {
            root,
            sizes,
            is_kept_up: true,
        }
    }

    /// The same, for a caller that has no time to update a checkpoint.
    #[must_use]
    pub fn as_it_is(self) -> CacheDir {
        CacheDir {
            is_kept_up: false,
            ..self
        }
    }

    /// The kept roots of a log's tree, as they were given to [`CacheDir::keep_tree`].
    pub fn tree(&self, id: &LedgerId, log: &Path) -> Option<Vec<u8>> {
        let file = self.place(id, log).ok()?.open(TREE).ok()??;
        let mut bytes = Vec::new();
        let limited = &mut io::Read::take(file, TREE_MAX_BYTES);
        io::Read::read_to_end(limited, &mut bytes).ok()?;
        Some(bytes)
    }

    /// Keeps the roots of a log's tree beside its checkpoint, unless another process writes there.
    pub fn keep_tree(&self, id: &LedgerId, log: &Path, roots: &[u8]) {
        let keep = || -> Result<(), CheckpointError> {
            if let Some(lock) = self.place(id, log)?.lock()? {
                lock.note_log(log)?;
                let mut file = lock.create()?;
                io::Write::write_all(&mut file, roots)?;
                WriteLock::name(file, TREE)?;
            }
            Ok(())
        };
        // Without them the log is read.
        let _ = keep();
    }

    /// The place of one log's checkpoint.
    pub(super) fn place(&self, id: &LedgerId, log: &Path) -> Result<LogCache, CheckpointError> {
        let path = std::fs::canonicalize(log)?;
        let digest: [u8; 32] = Sha256::digest(path.as_os_str().as_encoded_bytes()).into();
        let digits = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
        let name = format!("{}-{}", id.as_str(), digits.collect::<String>());
        Ok(LogCache {
            directory: self.root.join(name),
        })
    }
}

/// The directory of one log's checkpoint.
#[derive(Clone, Debug)]
pub(super) struct LogCache {
    directory: PathBuf,
}

/// The name of the file that all others are found by.
pub(super) const HEAD: &str = "head";
const LOCK: &str = "lock";
/// The roots of a log's tree.
const TREE: &str = "tree";
/// A longer file is not ours: no log has so many lines.
const TREE_MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The file that names the log, so that the checkpoint of a log that is gone can be removed.
const LOG: &str = "log";
/// How much older than a new checkpoint one of a missing log is when it is removed.
const MISSING_LOG_DAYS: u64 = 30;

impl LogCache {
    /// Opens a file for reading; `None` if it is not there.
    pub(super) fn open(&self, name: &str) -> Result<Option<File>, CheckpointError> {
        match std::fs::symlink_metadata(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            found
                if found
                    .as_ref()
                    .is_ok_and(|found| found.is_dir() && is_own(found)) => {}
            _ => {
                return Err(CheckpointError::Wrong(
                    "its directory is not this user's own",
                ));
            }
        }
        let mut options = OpenOptions::new();
        let file = match no_follow(options.read(true)).open(self.directory.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let metadata = file.metadata()?;
        if metadata.is_file() && is_private(&metadata) {
            Ok(Some(file))
        } else {
            Err(CheckpointError::Wrong("a file is not this user's own"))
        }
    }

    /// A slot for another checkpoint of the same log.
    pub(super) fn beside(&self) -> LogCache {
        LogCache {
            directory: self.directory.with_extension("recount"),
        }
    }

    /// Removes everything of ours that is here.
    pub(super) fn clear(&self) {
        if is_own_directory(&self.directory) {
            // What stays does no harm: it is checked before it is used.
            remove_ours(&self.directory, |_| true);
            let _ = std::fs::remove_dir(&self.directory);
        }
    }

    /// Takes the right to write here, if no other process has it at the moment.
    pub(super) fn lock(&self) -> Result<Option<WriteLock>, CheckpointError> {
        private_directory(DirBuilder::new().recursive(true)).create(&self.directory)?;
        if !is_own_directory(&self.directory) {
            // Another user could neither use nor replace what is left there, and a link leads elsewhere.
            return Ok(None);
        }
        let lock = lock_file(&self.directory.join(LOCK)).map_err(io::Error::from)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(WriteLock {
                place: self.clone(),
                _lock: lock,
            })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

/// True if this is a directory of this user's, and no link to one.
fn is_own_directory(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir() && is_own(&found))
}

/// True of the names that this room gives to files.
fn is_our_name(name: &str) -> bool {
    let is_table = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_temporary = name.starts_with(".ledger-") || name == "unfinished";
    is_table || is_temporary || [HEAD, LOCK, LOG, TREE].contains(&name)
}

/// Removes the files in a directory that have a name of ours, belong to this user and are wanted gone.
fn remove_ours(directory: &Path, is_wanted: impl Fn(&str) -> bool) {
    let Ok(found) = std::fs::read_dir(directory) else {
        return;
    };
    for file in found.flatten() {
        let name = file.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| is_our_name(name) && is_wanted(name));
        // The metadata is that of a link itself, not of what it leads to.
        let is_regular = || {
            let metadata = file.metadata();
            metadata.is_ok_and(|metadata| metadata.is_file() && is_own(&metadata))
        };
        if is_ours && is_regular() {
            // What stays is removed the next time.
            let _ = std::fs::remove_file(file.path());
        }
    }
}

/// The right to write in a place.
#[derive(Debug)]
pub(super) struct WriteLock {
    place: LogCache,
    _lock: File,
}

impl WriteLock {
    /// Starts a file, whose name may not be known yet.
    pub(super) fn create(&self) -> Result<AtomicFile, CheckpointError> {
        let file = AtomicFile::create(&self.place.directory.join(HEAD), Access::Owner);
        Ok(file.map_err(io::Error::from)?.without_sync())
    }

    /// Gives a new file its name.
    pub(super) fn name(file: AtomicFile, name: &str) -> Result<(), CheckpointError> {
        let is_own = |file: &File| Ok(is_private(&file.metadata()?));
        file.renamed(name)
            .commit(&is_own)
            .map_err(io::Error::from)?;
        Ok(())
    }

    /// Removes every table that is not named here.
    pub(super) fn sweep(&self, keep: &HashSet<&str>) {
        remove_ours(&self.place.directory, |name| {
            ![HEAD, LOCK, LOG, TREE].contains(&name) && !keep.contains(name)
        });
    }

    /// Removes everything but the lock.
    pub(super) fn clear(&self) {
        remove_ours(&self.place.directory, |name| name != LOCK);
    }

    /// Notes which log this is of.
    pub(super) fn note_log(&self, log: &Path) -> Result<(), CheckpointError> {
        let path = std::fs::canonicalize(log)?;
        if let Some(file) = self.place.open(LOG)?
            && read_path(&file).is_ok_and(|noted| noted == path)
        {
            return Ok(());
        }
        let mut file = self.create()?;
        io::Write::write_all(&mut file, path.as_os_str().as_encoded_bytes())?;
        WriteLock::name(file, LOG)
    }

    pub(super) fn place(&self) -> &LogCache {
        &self.place
    }
}

/// The path that a file names, on systems whose paths are bytes.
fn read_path(file: &File) -> io::Result<PathBuf> {
    const MOST_BYTES: u64 = 64 * 1024;
    let mut text = String::new();
    io::Read::read_to_string(&mut io::Read::take(file, MOST_BYTES), &mut text)?;
    Ok(PathBuf::from(text))
}

impl CacheDir {
    /// Removes the checkpoints of logs that are gone and were not used for a month before this one was
    /// written.
    pub(super) fn remove_vanished(&self, written: &LogCache) {
        let age = |slot: &LogCache| slot.open(HEAD).ok()??.metadata().ok()?.modified().ok();
        let (Some(now), Ok(found)) = (age(written), std::fs::read_dir(&self.root)) else {
            return;
        };
        for entry in found.flatten() {
            let slot = LogCache {
                directory: entry.path(),
            };
            let is_vanished = || {
                let noted = read_path(&slot.open(LOG).ok()??).ok()?;
                let missing = std::fs::symlink_metadata(noted).err()?;
                let days = now.duration_since(age(&slot)?).ok()?.as_secs() / 86_400;
                let is_missing = missing.kind() == io::ErrorKind::NotFound;
                Some(is_missing && days > MISSING_LOG_DAYS)
            };
            if is_slot_name(&entry.file_name()) && is_vanished() == Some(true) {
                slot.clear();
            }
        }
    }
}

/// True of a ledger's id with the digest of a path.
fn is_slot_name(name: &std::ffi::OsStr) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.to_str()
        .and_then(|name| name.split_once('-'))
        .is_some_and(|(id, path)| id.len() == 32 && path.len() == 16 && is_hex(id) && is_hex(path))
}
