//! The file that is imported. It is read before the log is opened: no lock is held while a pipe is
//! waited for.

use std::fs::File;
use std::io;

use event_ledger::formats::import::ReadSeek;

use crate::failure::{Consequence, Failure};
use crate::flags::InputLimit;
use crate::input_file::{self, InputFile};

impl InputFile<'_> {
    /// The file, which can be read several times; what comes through a pipe is kept in a temporary
    /// file for that.
    pub(super) fn open(self, limit: InputLimit) -> anyhow::Result<Box<dyn ReadSeek>> {
        let most = limit.max_bytes;
        let opened: io::Result<Option<File>> = match self {
            InputFile::Standard => spooled(&mut io::stdin().lock(), most),
            InputFile::Named(path) => input_file::open(path).and_then(|mut file| {
                let metadata = file.metadata()?;
                if metadata.is_file() {
                    Ok((metadata.len() <= most).then_some(file))
                } else {
                    spooled(&mut file, most)
                }
            }),
        };
        match opened {
            Ok(Some(file)) => Ok(Box::new(file)),
            Ok(None) => {
                let length = match self {
                    InputFile::Named(path) => path.metadata().map_or(0, |metadata| metadata.len()),
                    InputFile::Standard => 0,
                };
                let error = anyhow::Error::from(limit.exceeded(length));
                Err(nothing_imported(error.context(self.name())))
            }
            Err(error) => {
                let failure = Failure::io(format!("cannot read {}: {error}", self.name()));
                Err(nothing_imported(failure.into()))
            }
        }
    }
}

/// A temporary file with what comes from a pipe; `None` if it is longer than this.
fn spooled(from: &mut dyn io::Read, most: u64) -> io::Result<Option<File>> {
    let mut file = tempfile::tempfile()?;
    let copied = io::copy(&mut io::Read::take(from, most.saturating_add(1)), &mut file)?;
    Ok((copied <= most).then_some(file))
}

/// Says that nothing else of the file was imported either.
pub(super) fn nothing_imported(error: anyhow::Error) -> anyhow::Error {
    error.context(Consequence("nothing was imported"))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _};

    use super::*;

    #[test]
    fn a_pipe_is_kept_up_to_a_length() {
        let mut file = spooled(&mut &b"12345"[..], 5).unwrap().unwrap();
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "12345");
        assert!(spooled(&mut io::repeat(0), 1000).unwrap().is_none());
    }
}
