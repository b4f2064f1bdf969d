//! Where checkpoints lie: a directory a log, named by the ledger's id and the log's path.
//!
//! Owns files and their names: a file is written under another name and then renamed, so that under
//! its own it is whole; nothing is synced, because what a crash takes away is made again. Files that
//! others may read or write are not ours and not read. Must not know what the files say.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use hashbrown::HashSet;
use sha2::{Digest as _, Sha256};

use super::{CheckpointError, Sizes};
use crate::event::LedgerId;
use crate::log::{Access, AtomicFile, careful, is_own, is_private, private_directory};

/// The directory that all checkpoints lie in.
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

    /// The same, for whoever has no time to bring a checkpoint up to its log's end.
    #[must_use]
    pub fn as_it_is(self) -> CacheDir {
        CacheDir {
            is_kept_up: false,
            ..self
        }
    }

    /// The place of one log's checkpoint.
    pub(super) fn place(&self, id: &LedgerId, log: &Path) -> Result<Slot, CheckpointError> {
        let path = std::fs::canonicalize(log)?;
        let digest: [u8; 32] = Sha256::digest(path.as_os_str().as_encoded_bytes()).into();
        let digits = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
        let name = format!("{}-{}", id.as_str(), digits.collect::<String>());
        Ok(Slot {
            directory: self.root.join(name),
        })
    }
}

/// The directory of one log's checkpoint.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    directory: PathBuf,
}

/// The name of the file that all others are found by.
pub(super) const HEAD: &str = "head";
const LOCK: &str = "lock";

impl Slot {
    /// Opens a file for reading; `None` where it is not there.
    pub(super) fn open(&self, name: &str) -> Result<Option<File>, CheckpointError> {
        let mut options = OpenOptions::new();
        let file = match careful(options.read(true)).open(self.directory.join(name)) {
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

    /// A place for another checkpoint of the same log.
    pub(super) fn beside(&self) -> Slot {
        Slot {
            directory: self.directory.with_extension("recount"),
        }
    }

    /// Takes everything away that lies here.
    pub(super) fn clear(&self) {
        // What stays is of no harm: it is looked at before it is used.
        let _ = std::fs::remove_dir_all(&self.directory);
    }

    /// Takes the right to write here, where nobody else has it at the moment.
    pub(super) fn lock(&self) -> Result<Option<WriteLock>, CheckpointError> {
        private_directory(DirBuilder::new().recursive(true)).create(&self.directory)?;
        if !is_own(&std::fs::metadata(&self.directory)?) {
            // What is left in somebody else's directory they could neither use nor replace.
            return Ok(None);
        }
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false);
        let lock = careful(options).open(self.directory.join(LOCK))?;
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

/// The right to write in a place.
#[derive(Debug)]
pub(super) struct WriteLock {
    place: Slot,
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

    /// Takes away every table that is not named here.
    pub(super) fn sweep(&self, keep: &HashSet<&str>) {
        let Ok(found) = std::fs::read_dir(&self.place.directory) else {
            return;
        };
        for file in found.flatten() {
            let name = file.file_name();
            let is_kept = name
                .to_str()
                .is_some_and(|name| name == HEAD || name == LOCK || keep.contains(name));
            if !is_kept {
                // What stays lies there until the next time.
                let _ = std::fs::remove_file(file.path());
            }
        }
    }

    /// Takes everything away but the lock.
    pub(super) fn clear(&self) {
        let _ = std::fs::remove_file(self.place.directory.join(HEAD));
        self.sweep(&HashSet::new());
    }

    pub(super) fn place(&self) -> &Slot {
        &self.place
    }
}
