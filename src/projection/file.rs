//! Recognizes our files and creates new ones.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;

use super::ProjectionError;
use super::permissions::owner_only;

/// Says in an SQLite file's header that it is ours: `LDGR`.
pub(super) const APPLICATION: i32 = 0x4c44_4752;

/// What a database is that is not signed so.
pub(super) const SOMEBODY_ELSES: &str = "a database of somebody else's";

/// Decides by its first bytes whether a file is ours, before opening it could change it; true if
/// there is nothing yet.
pub(super) fn identify(path: &Path) -> Result<bool, ProjectionError> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let not_ours = |what| ProjectionError::NotOurs {
        path: path.to_owned(),
        what,
    };
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(not_ours("no regular file")),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(source) => return Err(io_error(path, source)),
    }
    let mut header = Vec::new();
    OpenOptions::new()
        .read(true)
        .open(path)
        .and_then(|file| file.take(100).read_to_end(&mut header))
        .map_err(|source| io_error(path, source))?;
    if header.is_empty() {
        return Ok(true);
    }
    if !header.starts_with(MAGIC) {
        return Err(not_ours("no SQLite database"));
    }
    if header.get(68..72) != Some(&APPLICATION.to_be_bytes()) {
        return Err(not_ours(SOMEBODY_ELSES));
    }
    Ok(false)
}

/// Makes an empty file, for its owner alone.
pub(super) fn make(path: &Path) -> Result<(), ProjectionError> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    owner_only(&mut options);
    let made = options.open(path);
    made.map(drop).map_err(|source| io_error(path, source))
}

fn io_error(path: &Path, source: io::Error) -> ProjectionError {
    ProjectionError::Io {
        path: path.to_owned(),
        action: "open",
        source,
    }
}

/// What a path names now.
#[cfg(unix)]
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;

    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Here an open file can be neither moved nor replaced.
#[cfg(not(unix))]
pub(super) fn identity(_: &Path) -> Option<(u64, u64)> {
    None
}
