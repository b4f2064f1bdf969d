//! The files of a mirror's directory: names, modes and the lock. A file is replaced by writing a
//! new one and renaming it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::position::{SyncedPosition, hex};
use crate::log::{careful, is_own, is_private, private_directory};
use crate::remote::{AppendId, AppendPosition, Clock, Deadline, Identity, LogName, StoreError};

/// The pause between two checks of a lock, a head or a replica.
pub(super) const PAUSE: Duration = Duration::from_millis(10);
const ROOT: &str = "remote";
const LOG: &str = "log.jsonl";
const POSITION: &str = "position";
const LOCK: &str = "lock";
const KEPT: &str = "unknown-";
const UNFINISHED: &str = "unfinished";
/// More than a position file ever has.
const MOST_POSITION_BYTES: u64 = 16 * 1024;

/// An append whose outcome is unknown.
pub(super) struct KeptAppend {
    pub(super) expected: AppendPosition,
    pub(super) lines: Vec<u8>,
    pub(super) id: AppendId,
}

impl KeptAppend {
    fn parse(content: &[u8]) -> Option<KeptAppend> {
        let end = memchr::memchr(b'\n', content)?;
        let (first, lines) = content.split_at(end);
        let (number, id) = std::str::from_utf8(first).ok()?.split_once(' ')?;
        Some(KeptAppend {
            expected: AppendPosition::new(number.parse().ok()?),
            lines: lines.get(1..)?.to_vec(),
            id: AppendId::from_text(id)?,
        })
    }
}

/// The directory of one mirror.
#[derive(Clone, Debug)]
pub(super) struct Directory(PathBuf);

impl Directory {
    /// The directory of this log's mirror, made if it is not there.
    pub(super) fn create(
        cache: &Path,
        log_name: &LogName,
        identity: &Identity,
    ) -> Result<Directory, StoreError> {
        let mut sha = Sha256::new();
        sha.update(log_name.as_str());
        sha.update(b"\n");
        sha.update(identity.as_str());
        let digest: [u8; 32] = sha.finalize().into();
        let name = hex(digest.get(..16).unwrap_or(&digest));
        let path = cache.join(ROOT).join(name);
        private_directory(DirBuilder::new().recursive(true))
            .create(&path)
            .map_err(|source| io_error(&path, "create", source))?;
        let metadata = path
            .metadata()
            .map_err(|source| io_error(&path, "look at", source))?;
        if !is_own(&metadata) {
            return Err(not_own(&path));
        }
        Ok(Directory(path))
    }

    /// All mirrors below the cache directory that have a position.
    pub(super) fn all(cache: &Path) -> Vec<(PathBuf, SyncedPosition)> {
        let Ok(entries) = std::fs::read_dir(cache.join(ROOT)) else {
            return Vec::new();
        };
        let directories = entries.flatten().map(|entry| Directory(entry.path()));
        directories
            .filter_map(|directory| Some((directory.log_path(), directory.read_position()?)))
            .collect()
    }

    pub(super) fn log_path(&self) -> PathBuf {
        self.0.join(LOG)
    }

    /// Takes the lock; true if it had to be waited for.
    pub(super) fn lock(
        &self,
        until: Deadline,
        clock: &dyn Clock,
    ) -> Result<(File, bool), StoreError> {
        let path = self.0.join(LOCK);
        let file = self.open(LOCK)?;
        let mut waited = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok((file, waited)),
                Err(TryLockError::WouldBlock) => {
                    let left = until.left(clock);
                    if left.is_zero() {
                        return Err(StoreError::MirrorLocked { path });
                    }
                    waited = true;
                    clock.pause(PAUSE.min(left));
                }
                Err(TryLockError::Error(source)) if source.kind() == io::ErrorKind::Interrupted => {
                }
                Err(TryLockError::Error(source)) => return Err(io_error(&path, "lock", source)),
            }
        }
    }

    pub(super) fn open_log(&self) -> Result<File, StoreError> {
        self.open(LOG)
    }

    /// An empty log in place of the old one, which stays as it is for those who read it.
    pub(super) fn replace_log(&self) -> Result<File, StoreError> {
        self.replace(LOG, b"")?;
        self.open_log()
    }

    /// Opens a file for reading and writing, makes it with mode 0600 if it is not there. A file that
    /// other users may write or read is refused.
    fn open(&self, name: &str) -> Result<File, StoreError> {
        let path = self.0.join(name);
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = careful(options)
            .open(&path)
            .map_err(|source| io_error(&path, "open", source))?;
        let metadata = file
            .metadata()
            .map_err(|source| io_error(&path, "look at", source))?;
        if metadata.is_file() && is_private(&metadata) {
            Ok(file)
        } else {
            Err(not_own(&path))
        }
    }

    fn replace(&self, name: &str, content: &[u8]) -> Result<(), StoreError> {
        let unfinished = self.0.join(UNFINISHED);
        let path = self.0.join(name);
        // What a killed process left there may be a link.
        remove(&unfinished)?;
        let mut options = OpenOptions::new();
        careful(options.write(true).create_new(true))
            .open(&unfinished)
            .and_then(|mut file| file.write_all(content))
            .and_then(|()| std::fs::rename(&unfinished, &path))
            .map_err(|source| io_error(&path, "write", source))
    }

    /// The position that was saved last; `None` if there is none or it is damaged.
    pub(super) fn read_position(&self) -> Option<SyncedPosition> {
        let text = self.read(POSITION, MOST_POSITION_BYTES).ok()??;
        SyncedPosition::from_text(std::str::from_utf8(&text).ok()?)
    }

    pub(super) fn write_position(&self, synced: &SyncedPosition) -> Result<(), StoreError> {
        self.replace(POSITION, synced.to_text().as_bytes())
    }

    /// Keeps an append whose outcome is unknown.
    pub(super) fn keep(
        &self,
        expected: AppendPosition,
        lines: &[u8],
        id: AppendId,
    ) -> Result<(), StoreError> {
        let mut content = format!("{expected} {id}\n").into_bytes();
        content.extend_from_slice(lines);
        self.replace(&format!("{KEPT}{id}"), &content)
    }

    /// The appends whose outcome is unknown, each with the name of its file.
    pub(super) fn all_kept(&self) -> Result<Vec<(String, KeptAppend)>, StoreError> {
        let entries = std::fs::read_dir(&self.0)
            .map_err(|source| io_error(&self.0, "look at", source))?
            .flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.starts_with(KEPT))
            .collect();
        names.sort();
        let mut all = Vec::new();
        for name in names {
            let path = self.0.join(&name);
            let content = self
                .read(&name, u64::MAX)
                .map_err(|source| io_error(&path, "read", source))?;
            let kept = KeptAppend::parse(&content.unwrap_or_default())
                .ok_or_else(|| io_error(&path, "read", io::ErrorKind::InvalidData.into()))?;
            all.push((name, kept));
        }
        Ok(all)
    }

    pub(super) fn forget_kept(&self, name: &str) -> Result<(), StoreError> {
        remove(&self.0.join(name))
    }

    fn read(&self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let mut options = OpenOptions::new();
        let file = match careful(options.read(true)).open(self.0.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() || !is_private(&metadata) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let mut content = Vec::new();
        file.take(most).read_to_end(&mut content)?;
        Ok(Some(content))
    }
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error(path, "remove", error))
        }
        _ => Ok(()),
    }
}

/// Reads this many bytes of a file, or fewer if it ends before.
pub(super) fn read_range(file: &File, start: u64, bytes: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let mut at = start;
    let end = start.saturating_add(bytes);
    let mut block = [0; 16 * 1024];
    while at < end {
        let wanted = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
        let window = block.len().min(wanted);
        let Some(window) = block.get_mut(..window) else {
            break;
        };
        let read = crate::log::read_at(file, window, at)?;
        if read == 0 {
            break;
        }
        content.extend_from_slice(window.get(..read).unwrap_or_default());
        at = at.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok(content)
}

fn not_own(path: &Path) -> StoreError {
    io_error(
        path,
        "use",
        io::Error::new(
            io::ErrorKind::PermissionDenied,
            "it is not this user's own file, or other users may read it",
        ),
    )
}

pub(super) fn io_error(path: &Path, action: &'static str, source: io::Error) -> StoreError {
    StoreError::Mirror {
        path: path.to_owned(),
        action,
        source,
    }
}
