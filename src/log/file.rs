//! Opening and locking files: never blocking, regular files only, with a time limit for the lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use super::lock_waiter::LockWaiter;
use super::{LogError, platform};

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Append,
    AppendOrCreate,
}

/// Opens a log's file and makes sure that it is a regular one.
pub(super) fn open(path: &Path, purpose: Purpose) -> Result<File, LogError> {
    // Asked before it is opened: opening a device can do things of its own.
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(not_a_file(path, &metadata)),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(io_error(path, "open", source)),
    }
    let mut options = OpenOptions::new();
    match purpose {
        Purpose::Read => options.read(true),
        Purpose::Append => options.read(true).append(true),
        Purpose::AppendOrCreate => options.read(true).append(true).create(true),
    };
    let file = match platform::careful(&mut options).open(path) {
        Ok(file) => file,
        Err(error)
            if error.kind() == io::ErrorKind::NotFound && purpose != Purpose::AppendOrCreate =>
        {
            return Err(LogError::NotFound {
                path: path.to_owned(),
            });
        }
        Err(source) => return Err(io_error(path, "open", source)),
    };
    let metadata = file
        .metadata()
        .map_err(|source| io_error(path, "look at", source))?;
    if metadata.is_file() {
        Ok(file)
    } else {
        Err(not_a_file(path, &metadata))
    }
}

fn not_a_file(path: &Path, metadata: &std::fs::Metadata) -> LogError {
    LogError::NotALedger {
        path: path.to_owned(),
        what: platform::describe(metadata),
    }
}

pub(super) fn io_error(path: &Path, action: &'static str, source: io::Error) -> LogError {
    LogError::Io {
        path: path.to_owned(),
        action,
        source,
    }
}

/// What became of asking for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Locked {
    Yes,
    /// The file system has no locks.
    Unsupported,
}

/// Waits for the lock: alone for a writer, with others for a reader.
pub(super) fn lock(
    file: &File,
    path: &Path,
    alone: bool,
    waiter: &mut dyn LockWaiter,
) -> Result<Locked, LogError> {
    loop {
        let outcome = if alone {
            file.try_lock()
        } else {
            file.try_lock_shared()
        };
        match outcome {
            Ok(()) => return Ok(Locked::Yes),
            Err(TryLockError::WouldBlock) => {
                if !waiter.wait(&|| platform::holder(file)) {
                    return Err(LogError::LockTimeout {
                        path: path.to_owned(),
                        holder: platform::holder(file),
                    });
                }
            }
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) if is_unsupported(&error) && !alone => {
                return Ok(Locked::Unsupported);
            }
            Err(TryLockError::Error(source)) => {
                return Err(LogError::CannotLock {
                    path: path.to_owned(),
                    source,
                });
            }
        }
    }
}

fn is_unsupported(error: &io::Error) -> bool {
    if error.kind() == io::ErrorKind::Unsupported {
        return true;
    }
    #[cfg(unix)]
    {
        matches!(
            error.raw_os_error(),
            Some(libc::ENOLCK | libc::ENOSYS | libc::EINVAL | libc::EBADF)
        )
    }
    #[cfg(not(unix))]
    {
        false
    }
}

/// True if the path still names this open file. A log that was moved or replaced during the wait
/// for its lock must not be written.
pub(super) fn is_still_named(file: &File, path: &Path) -> Result<bool, LogError> {
    let opened = file
        .metadata()
        .map_err(|source| io_error(path, "look at", source))?;
    match std::fs::metadata(path) {
        Ok(named) => Ok(platform::identity(&opened) == platform::identity(&named)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(io_error(path, "look at", source)),
    }
}
