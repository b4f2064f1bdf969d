//! Where the streams lead: never into the log itself, whose lines are the log's own.

use std::path::Path;

/// Which of the two streams are this very file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeadsInto {
    /// Standard output.
    pub(crate) out: bool,
    /// Standard error.
    pub(crate) err: bool,
}

/// Finds out whether a shell has sent a stream into this file. Where the system does not tell, no.
#[cfg(unix)]
pub(crate) fn leads_into(file: &Path) -> LeadsInto {
    use std::os::unix::fs::MetadataExt as _;

    let identity = |path: &Path| {
        let found = std::fs::metadata(path)
            .ok()
            .filter(std::fs::Metadata::is_file)?;
        Some((found.dev(), found.ino()))
    };
    let Some(own) = identity(file) else {
        return LeadsInto::default();
    };
    LeadsInto {
        out: identity(Path::new("/dev/stdout")) == Some(own),
        err: identity(Path::new("/dev/stderr")) == Some(own),
    }
}

/// Here an open file cannot be told from another.
#[cfg(not(unix))]
pub(crate) fn leads_into(_: &Path) -> LeadsInto {
    LeadsInto::default()
}
