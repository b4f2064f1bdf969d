//! Output files of commands: new ones, or ones that the same command made before.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use event_ledger::log::{Access, AtomicFile, AtomicFileError, IsOurs, Obstacle, replaceable};

use crate::failure::{Correction, Failure, make_directory, quoted};
use crate::output::target::is_same_file;

/// A path that a result will be written to, checked.
pub(crate) struct OutputTarget {
    path: PathBuf,
    is_ours: fn(&File) -> io::Result<bool>,
    /// An argument that names another file, for the hint.
    example: &'static str,
}

impl OutputTarget {
    /// Checks a path for a result: `is_ours` recognises a file of the same command.
    pub(crate) fn new(
        path: &Path,
        log: &Path,
        example: &'static str,
        is_ours: fn(&File) -> io::Result<bool>,
    ) -> Result<OutputTarget, Failure> {
        let target = OutputTarget {
            path: path.to_owned(),
            is_ours,
            example,
        };
        if is_same_file(path, log) || is_same_name(path, log) {
            let shown = path.display();
            return Err(target.with_example(Failure::usage(format!(
                "the output would replace the log itself, {shown}"
            ))));
        }
        replaceable(path, &is_ours).map_err(|error| target.failed(error))?;
        Ok(target)
    }

    /// The path as it was given.
    pub(crate) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    pub(crate) fn create(self) -> Result<OutputFile, Failure> {
        self.create_with(Access::Owner)
    }

    /// Makes the file with these bytes.
    pub(crate) fn write(self, bytes: &[u8], access: Access) -> Result<(), Failure> {
        let mut file = self.create_with(access)?;
        file.put(bytes)?;
        file.commit().map(drop)
    }

    /// Starts the file with this access if it is new.
    fn create_with(self, access: Access) -> Result<OutputFile, Failure> {
        let file = AtomicFile::create(&self.path, access).map_err(|error| self.failed(error))?;
        Ok(OutputFile { file, target: self })
    }

    fn with_example(&self, failure: Failure) -> Failure {
        let failure = failure.with_advice(format!("name another file: {}", self.example));
        let other = self.example.split_once(' ').map(|(_, other)| other);
        failure.corrected(other.map(|other| Correction::word(self.shown(), other)))
    }

    fn failed(&self, error: AtomicFileError) -> Failure {
        let shown = self.shown();
        match error {
            AtomicFileError::Refused { obstacle, .. } => {
                let failure =
                    Failure::usage(format!("{shown} stays as it is: {}", obstacle.text()));
                if obstacle == Obstacle::NotRegular {
                    failure.with_advice(format!("send the output there: > {}", quoted(&shown)))
                } else {
                    self.with_example(failure)
                }
            }
            AtomicFileError::Io { action, source, .. } => self.io_failure(action, &source),
        }
    }

    fn io_failure(&self, action: &str, error: &io::Error) -> Failure {
        // A library's own text also names the temporary file.
        let said = match error.raw_os_error() {
            Some(_) => error.to_string(),
            None => error.kind().to_string(),
        };
        Failure::io(format!("cannot {action} {}: {said}", self.shown()))
            .with_hint_if_any(make_directory(&self.path, error))
    }
}

/// A result that is being written. If it is dropped, the target is unchanged.
pub(crate) struct OutputFile {
    file: AtomicFile,
    target: OutputTarget,
}

impl OutputFile {
    /// The path as it was given.
    pub(crate) fn shown(&self) -> String {
        self.target.shown()
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.file.write_all(bytes);
        written.map_err(|error| self.target.io_failure("write", &error))
    }

    /// Puts the file in its place and returns its length.
    pub(crate) fn commit(self) -> Result<u64, Failure> {
        let is_ours: IsOurs<'_> = &self.target.is_ours;
        self.file
            .commit(is_ours)
            .map_err(|error| self.target.failed(error))
    }
}

/// True if two paths are one name in the same directory: a log may not exist yet.
fn is_same_name(one: &Path, other: &Path) -> bool {
    let directory = |path: &Path| {
        let parent = path.parent()?;
        let parent = Some(parent).filter(|parent| !parent.as_os_str().is_empty());
        std::fs::canonicalize(parent.unwrap_or(Path::new("."))).ok()
    };
    one == other
        || one.file_name() == other.file_name()
            && directory(one).is_some_and(|found| directory(other) == Some(found))
}

/// The first bytes of a file, up to a limit.
pub(crate) fn beginning(file: &File, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = file;
    file.rewind()?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The last bytes of a file, up to a limit.
pub(crate) fn ending(file: &File, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = file;
    let length = file.metadata()?.len();
    file.seek(io::SeekFrom::Start(length.saturating_sub(most)))?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
