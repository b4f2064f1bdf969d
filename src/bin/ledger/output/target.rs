//! Checks that the output streams are not the log itself.

use std::path::Path;

/// Which of the two streams are this very file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamTargets {
    pub(crate) out: bool,
    pub(crate) err: bool,
}

/// The file behind a path.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;

    let found = std::fs::metadata(path)
        .ok()
        .filter(std::fs::Metadata::is_file)?;
    Some((found.dev(), found.ino()))
}

/// True if two paths lead to the same file, through links of either kind.
#[cfg(unix)]
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    identity(one).is_some_and(|file| identity(other) == Some(file))
}

/// On this platform only the resolved paths can be compared.
#[cfg(not(unix))]
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    real(one).is_some_and(|file| real(other) == Some(file))
}

/// Finds out whether a shell has sent a stream into this file. Where the system does not tell, no.
#[cfg(unix)]
pub(crate) fn stream_targets(file: &Path) -> StreamTargets {
    let Some(own) = identity(file) else {
        return StreamTargets::default();
    };
    StreamTargets {
        out: identity(Path::new("/dev/stdout")) == Some(own),
        err: identity(Path::new("/dev/stderr")) == Some(own),
    }
}

/// On this platform open files cannot be compared.
#[cfg(not(unix))]
pub(crate) fn stream_targets(_: &Path) -> StreamTargets {
    StreamTargets::default()
}
