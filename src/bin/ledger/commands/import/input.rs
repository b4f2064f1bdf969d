//! The file that is imported, read to its end before the log is opened: nobody waits for a lock that
//! somebody's pipe holds.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;

use crate::failure::Failure;

/// Where the bytes come from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    Standard,
    File(&'a Path),
}

impl<'a> Source<'a> {
    pub(super) fn of(named: Option<&'a Path>) -> Source<'a> {
        match named {
            Some(path) if path != Path::new("-") => Source::File(path),
            _ => Source::Standard,
        }
    }

    /// What messages call it.
    pub(super) fn name(self) -> String {
        match self {
            Source::Standard => "standard input".to_owned(),
            Source::File(path) => path.display().to_string(),
        }
    }

    /// All of its bytes.
    pub(super) fn bytes(self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let read = match self {
            Source::Standard => io::stdin().lock().read_to_end(&mut bytes),
            Source::File(path) => OpenOptions::new()
                .read(true)
                .open(path)
                .and_then(|mut file| file.read_to_end(&mut bytes)),
        };
        match read {
            Ok(_) => Ok(bytes),
            Err(error) => Err(nothing_imported(Failure::io(format!(
                "cannot read {}: {error}",
                self.name()
            )))),
        }
    }
}

/// Says that nothing else of the file was taken either.
pub(super) fn nothing_imported(failure: Failure) -> Failure {
    failure.and("nothing was imported")
}
