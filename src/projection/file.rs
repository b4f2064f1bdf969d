//! Recognizes our files and creates new ones.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::ProjectionError;
use crate::log::no_follow;

/// Says in an SQLite file's header that it is ours: `LDGR`.
const APPLICATION: i32 = 0x4c44_4752;

/// How many tables and views there are.
pub(super) const TABLES: &str = "SELECT count(*) FROM sqlite_schema";

/// What a database with another application id is.
pub(super) const OTHER_PROGRAMS_DATABASE: &str = "another program's database";

/// Decides by its first bytes whether a file is ours, before opening it could change it; true if
/// there is nothing yet.
pub(super) fn identify(path: &Path) -> Result<bool, ProjectionError> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let not_ours = |what| ProjectionError::NotOurs {
        path: path.to_owned(),
        what,
    };
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => return Err(not_ours("a symbolic link")),
        Ok(metadata) if !metadata.is_file() => return Err(not_ours("no regular file")),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(source) => return Err(io_error(path, source)),
    }
    let mut header = Vec::new();
    no_follow(OpenOptions::new().read(true))
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
        return Err(not_ours(OTHER_PROGRAMS_DATABASE));
    }
    Ok(false)
}

/// The files that SQLite keeps beside a database, and what they start with.
const BESIDE: [(&str, &[&[u8]]); 3] = [
    (
        "-wal",
        &[&[0x37, 0x7f, 0x06, 0x82], &[0x37, 0x7f, 0x06, 0x83]],
    ),
    (
        "-shm",
        &[
            &3_007_000_u32.to_le_bytes(),
            &3_007_000_u32.to_be_bytes(),
            &[0; 4],
        ],
    ),
    ("-journal", &[&[0xd9, 0xd5, 0x05, 0xf9], &[0; 4]]),
];

/// Makes sure that what is beside a database is SQLite's: it would be written over or removed.
pub(super) fn check_beside(path: &Path) -> Result<(), ProjectionError> {
    for (suffix, starts) in BESIDE {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let beside = PathBuf::from(name);
        let not_ours = |what| ProjectionError::NotOurs {
            path: beside.clone(),
            what,
        };
        let metadata = match std::fs::symlink_metadata(&beside) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            found => found.map_err(|source| io_error(&beside, source))?,
        };
        if !metadata.is_file() || names(&metadata) > 1 {
            return Err(not_ours("no file of SQLite's alone"));
        }
        let mut start = [0; 4];
        let read = no_follow(OpenOptions::new().read(true))
            .open(&beside)
            .and_then(|file| io::Read::read(&mut io::Read::take(file, 4), &mut start))
            .map_err(|source| io_error(&beside, source))?;
        let is_ours = starts.iter().any(|known| **known == start);
        // Looked for last: another process may be making the database.
        let is_missing = std::fs::symlink_metadata(path).is_err();
        if read > 0 && (is_missing || !is_ours) {
            return Err(not_ours("no file of SQLite's for this database"));
        }
    }
    Ok(())
}

/// How many names a file has.
#[cfg(unix)]
fn names(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn names(_: &std::fs::Metadata) -> u64 {
    1
}

/// Makes an empty file, for its owner alone.
pub(super) fn make(path: &Path) -> Result<(), ProjectionError> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    let made = no_follow(&mut options).open(path);
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

/// Writes our application id to an empty file; true if it has it then. An open database is more
/// reliable than the file's first bytes, because opening it undoes an interrupted write.
pub(super) fn claim(connection: &Connection) -> rusqlite::Result<bool> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i32>(0));
    if number("PRAGMA application_id")? == APPLICATION {
        return Ok(true);
    }
    // Another program may be about to make one of its own.
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let (signed, tables) = (number("PRAGMA application_id")?, number(TABLES)?);
    if signed == 0 && tables == 0 {
        connection.pragma_update(None, "application_id", APPLICATION)?;
    }
    let signed = number("PRAGMA application_id")?;
    connection.execute_batch("COMMIT")?;
    Ok(signed == APPLICATION)
}
