//! Files without a name, and temporary names.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::log::platform;

/// What the temporary names start with.
const TEMPORARY: &str = ".ledger-";

/// The mode of a new file. A replaced file's mode is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its owner only.
    Owner,
    /// Everybody, as far as the umask allows.
    Everyone,
}

/// A new file without a name if the system can make one, otherwise under a temporary name.
pub(super) fn new_file(
    directory: &Path,
    access: Access,
    between: Option<&Path>,
) -> io::Result<(File, Option<TemporaryName>)> {
    let mode = match access {
        Access::Owner => 0o600,
        Access::Everyone => 0o666,
    };
    // Without it, the error below would name the temporary file.
    std::fs::metadata(directory)?;
    match platform::unnamed_file(directory, mode) {
        Ok(file) => return Ok((file, None)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(error),
        // Not every file system has such files.
        Err(_) => {}
    }
    let open = |path: &Path| {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        platform::with_mode(&mut options, mode).open(path)
    };
    let (file, name) = match between {
        Some(path) => (open(path)?, TemporaryName(path.to_owned())),
        None => temporary_name(directory, open)?,
    };
    Ok((file, Some(name)))
}

/// A name that is removed when this is dropped.
#[derive(Debug)]
pub(super) struct TemporaryName(pub(super) PathBuf);

impl Drop for TemporaryName {
    fn drop(&mut self) {
        // The file was renamed, or is no longer needed.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Makes something under the first temporary name that is free.
pub(super) fn temporary_name<T>(
    directory: &Path,
    mut make: impl FnMut(&Path) -> io::Result<T>,
) -> io::Result<(T, TemporaryName)> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = directory.join(format!("{TEMPORARY}{}-{number}", std::process::id()));
        match make(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|made| (made, TemporaryName(path))),
        }
    }
}

/// Gives a file a name that must be free. If it is not, the temporary name comes back with the error.
pub(super) fn name(
    file: &File,
    temporary: Option<TemporaryName>,
    path: &Path,
) -> Result<(), (Option<TemporaryName>, io::Error)> {
    let named = match &temporary {
        None => platform::link(file, path),
        Some(temporary) => std::fs::hard_link(&temporary.0, path),
    };
    named.map_err(|error| (temporary, error))
}
