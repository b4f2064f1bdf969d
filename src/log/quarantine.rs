//! Copies of a log's bytes in files beside it, made before the log itself is changed.
//!
//! Owns their names, and that they are on the disk, name and all, before anybody relies on them. Must
//! not know why bytes are set aside.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::lines::as_u64;
use super::{LogReader, platform};

/// Copies the bytes of a log from `offset` on to `<file>.<word>-<offset>`, made new and synced. A
/// copy that cannot be finished is taken away again.
pub(crate) fn keep_copy(log: &LogReader, offset: u64, word: &str) -> io::Result<PathBuf> {
    let (path, copy) = new_file_beside(&log.path, &format!("{word}-{offset}"))?;
    let copied = copy_from(log, offset, &copy).and_then(|()| sync_directory(&path));
    match copied {
        Ok(()) => Ok(path),
        Err(error) => {
            let _ = std::fs::remove_file(&path);
            Err(error)
        }
    }
}

fn copy_from(log: &LogReader, offset: u64, mut copy: &File) -> io::Result<()> {
    let mut at = offset;
    let mut block = vec![0; 64 * 1024];
    while at < log.length {
        let read = platform::read_at(&log.file, &mut block, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        copy.write_all(block.get(..read).unwrap_or_default())?;
        at = at.saturating_add(as_u64(read));
    }
    copy.sync_all()
}

/// Makes `<file>.<suffix>`, or with `.1`, `.2` behind it where that name is taken.
fn new_file_beside(log: &Path, suffix: &str) -> io::Result<(PathBuf, File)> {
    for candidate in names_beside(log, suffix) {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        match platform::careful(&mut options).open(&candidate) {
            Ok(file) => return Ok((candidate, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// The first of those names that nothing has.
pub(super) fn free_name_beside(log: &Path, suffix: &str) -> io::Result<PathBuf> {
    names_beside(log, suffix)
        .find(|name| std::fs::symlink_metadata(name).is_err())
        .ok_or_else(|| io::ErrorKind::AlreadyExists.into())
}

pub(super) fn names_beside(log: &Path, suffix: &str) -> impl Iterator<Item = PathBuf> {
    let mut name = OsString::from(log);
    name.push(".");
    name.push(suffix);
    let further = name.clone();
    std::iter::once(PathBuf::from(name)).chain((1_u32..).map(move |number| {
        let mut next = further.clone();
        next.push(format!(".{number}"));
        PathBuf::from(next)
    }))
}

/// Makes a new name in a directory durable.
#[expect(
    clippy::disallowed_methods,
    reason = "a directory is opened, which `file::open` refuses"
)]
pub(crate) fn sync_directory(file: &Path) -> io::Result<()> {
    // The name that must last is the one the bytes lie under, also behind a symbolic link.
    let real = std::fs::canonicalize(file)?;
    match real.parent() {
        Some(directory) if cfg!(unix) => File::open(directory)?.sync_all(),
        _ => Ok(()),
    }
}
