//! Files that are read as a whole: the inputs of commands, profiles, heads and proofs.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// The input that a command line names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InputFile<'a> {
    Standard,
    Named(&'a Path),
}

impl<'a> InputFile<'a> {
    /// `-` and nothing are standard input.
    pub(crate) fn of(named: Option<&'a Path>) -> InputFile<'a> {
        match named {
            Some(path) if path != Path::new("-") => InputFile::Named(path),
            _ => InputFile::Standard,
        }
    }

    /// Its name in messages.
    pub(crate) fn name(self) -> String {
        match self {
            InputFile::Standard => "standard input".to_owned(),
            InputFile::Named(path) => path.display().to_string(),
        }
    }
}

/// Opens a file for reading.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// The bytes of a file with at most so many.
pub(crate) fn read_limited(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = limit.saturating_add(1);
    open(path)?.take(most).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) {
        Ok(bytes)
    } else {
        let problem = format!("it has more than {limit} bytes");
        Err(io::Error::new(io::ErrorKind::FileTooLarge, problem))
    }
}
