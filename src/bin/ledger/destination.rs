//! A file that a result goes into: whole or not at all, and never over a log.
//!
//! Owns how it is written: beside its place, synced, then moved there. Must not know what is written.

use anyhow::bail;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::failure::{Failure, quoted};
use crate::output::target::is_same_file;

/// Where a result is to go, checked and not yet begun.
#[derive(Debug)]
pub(crate) struct Destination {
    /// As it was named.
    named: PathBuf,
    /// Where the bytes will lie, links followed.
    real: PathBuf,
}

impl Destination {
    /// Checks a place for a file.
    ///
    /// # Errors
    /// A usage failure where the place is the log itself, or what is there is no regular file.
    pub(crate) fn new(path: &Path, log: &Path) -> anyhow::Result<Destination> {
        let shown = path.display();
        let found = std::fs::metadata(path);
        let real = match &found {
            Ok(_) => std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
            Err(_) => path.to_owned(),
        };
        // Of a log that is not there yet, the name is all there is.
        if is_same_file(path, log) || path == log {
            bail!(
                Failure::usage(format!("the output would replace the log itself, {shown}"))
                    .with_hint(Some("name another file: --output export.txt".to_owned()))
            );
        }
        match found {
            Ok(metadata) if !metadata.is_file() => {
                let what = if metadata.is_dir() {
                    "a directory"
                } else {
                    "no regular file"
                };
                Err(Failure::usage(format!("{shown} is {what}"))
                    .with_hint(
                        Some(format!(
                            "send the output there: > {}",
                            quoted(&shown.to_string())
                        ))
                        .filter(|_| !metadata.is_dir()),
                    )
                    .into())
            }
            _ => Ok(Destination {
                named: path.to_owned(),
                real,
            }),
        }
    }

    /// The place as it was named.
    pub(crate) fn named(&self) -> String {
        self.named.display().to_string()
    }

    /// The first bytes of what lies there, at most so many.
    pub(crate) fn beginning(&self, most: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        // What cannot be read is no log of anybody's who could write it anew.
        let _ = open(&self.real).and_then(|file| file.take(most).read_to_end(&mut bytes));
        bytes
    }

    /// Begins the file beside its place.
    pub(crate) fn begin(self) -> anyhow::Result<Writing> {
        let directory = match self.real.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let made = std::fs::metadata(directory).and_then(|_| new_file(directory, &self.real));
        let (file, beside) = made.map_err(|error| self.failed("make", &error))?;
        Ok(Writing {
            file: BufWriter::with_capacity(64 * 1024, file),
            beside,
            bytes: 0,
            destination: self,
        })
    }

    fn failed(&self, action: &str, error: &io::Error) -> Failure {
        let parent = self
            .real
            .parent()
            .map(|parent| parent.display().to_string());
        // The library also names the file beside, which is nobody's matter.
        let said = match error.raw_os_error() {
            Some(_) => error.to_string(),
            None => error.kind().to_string(),
        };
        let is_missing = error.kind() == io::ErrorKind::NotFound;
        Failure::io(format!("cannot {action} {}: {said}", self.named())).with_hint(
            parent
                .filter(|parent| is_missing && !parent.is_empty())
                .map(|parent| format!("mkdir -p {}", quoted(&parent))),
        )
    }
}

/// A file that is not in its place yet; dropped, it is gone.
pub(crate) struct Writing {
    file: BufWriter<File>,
    beside: TempPath,
    bytes: u64,
    destination: Destination,
}

impl Writing {
    /// The place as it was named.
    pub(crate) fn named(&self) -> String {
        self.destination.named()
    }

    /// Adds bytes.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(length);
        let written = self.file.write_all(bytes);
        Ok(written.map_err(|error| self.destination.failed("write", &error))?)
    }

    /// Puts the file in its place and says how many bytes it has.
    pub(crate) fn keep(self) -> anyhow::Result<u64> {
        let Writing {
            file,
            beside,
            bytes,
            destination,
        } = self;
        let kept = file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(|file| {
                file.sync_all()?;
                beside
                    .persist(&destination.real)
                    .map_err(|error| error.error)?;
                sync_directory_of(&destination.real)
            });
        kept.map_err(|error| destination.failed("write", &error))?;
        Ok(bytes)
    }
}

/// A new file with the mode of the one it will replace, or the usual one.
fn new_file(directory: &Path, replaced: &Path) -> io::Result<(File, TempPath)> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ledger-export-");
    #[cfg(unix)]
    let usual = {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::Permissions::from_mode(0o666)
    };
    #[cfg(unix)]
    builder.permissions(usual);
    let file = builder.tempfile_in(directory)?;
    if let Ok(metadata) = std::fs::metadata(replaced) {
        // Where the mode cannot be kept the file is written all the same.
        let _ = file.as_file().set_permissions(metadata.permissions());
    }
    Ok(file.into_parts())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a regular file that is no log of ours; opened only after it was found to be one"
)]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Makes the new name durable.
fn sync_directory_of(file: &Path) -> io::Result<()> {
    let real = std::fs::canonicalize(file)?;
    match real.parent() {
        Some(directory) if cfg!(unix) => open(directory)?.sync_all(),
        _ => Ok(()),
    }
}
