//! The file that is imported, read to its end before the log is opened: nobody waits for a lock that
//! somebody's pipe holds.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;

use crate::failure::{Consequence, Failure};
use crate::flags::InputLimit;

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
    pub(super) fn bytes(self, limit: InputLimit) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = limit.max_bytes;
        let enough = most.saturating_add(1);
        let read = match self {
            Source::Standard => io::stdin().lock().take(enough).read_to_end(&mut bytes),
            Source::File(path) => OpenOptions::new()
                .read(true)
                .open(path)
                .and_then(|file| file.take(enough).read_to_end(&mut bytes)),
        };
        match read {
            Ok(read) if u64::try_from(read).is_ok_and(|read| read <= most) => Ok(bytes),
            Ok(_) => {
                let error = anyhow::Error::from(limit.exceeded());
                Err(nothing_imported(error.context(self.name())))
            }
            Err(error) => {
                let failure = Failure::io(format!("cannot read {}: {error}", self.name()));
                Err(nothing_imported(failure.into()))
            }
        }
    }
}

/// Says that nothing else of the file was taken either.
pub(super) fn nothing_imported(error: anyhow::Error) -> anyhow::Error {
    error.context(Consequence("nothing was imported"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_refused_before_memory_runs_out() {
        let endless = Source::File(Path::new("/dev/zero"));
        let failure = Failure::from(endless.bytes(InputLimit { max_bytes: 1000 }).unwrap_err());
        assert_eq!(failure.exit_code(), 2);
        assert_eq!(
            failure.message(),
            "/dev/zero: it has more than 1000 bytes; nothing was imported"
        );
    }

    #[test]
    fn a_file_of_just_so_many_bytes_is_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "12345").unwrap();
        let source = Source::File(file.path());
        assert_eq!(source.bytes(InputLimit { max_bytes: 5 }).unwrap(), b"12345");
        assert!(source.bytes(InputLimit { max_bytes: 4 }).is_err());
    }
}
