//! The permissions of the files that this room makes.

use std::fs::OpenOptions;

/// Makes a new file readable and writable by its owner only, like the log.
#[cfg(unix)]
pub(super) fn owner_only(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;

    options.mode(0o600);
}

#[cfg(not(unix))]
pub(super) fn owner_only(_: &mut OpenOptions) {}
