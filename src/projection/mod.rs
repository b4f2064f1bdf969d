//! Read models: what others keep of a log, and how far they have come in it.
//!
//! Owns the [`Cursor`], a file that says up to which event somebody was told, and the [`Database`], a
//! SQLite file with the events and what they add up to as tables. Both can be thrown away and made
//! again; neither the log nor the rules know of them. Must not know clap, printing or the clock.

mod books;
mod cursor;
mod database;
mod error;
mod figures;
mod rows;

pub use cursor::Cursor;
pub use database::{Brought, Database};
pub use error::ProjectionError;

/// A file that is made is its owner's own, like the log.
#[cfg(unix)]
fn owners_own(options: &mut std::fs::OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;

    options.mode(0o600);
}

#[cfg(not(unix))]
fn owners_own(_: &mut std::fs::OpenOptions) {}

/// What a path names now.
#[cfg(unix)]
fn identity(path: &std::path::Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;

    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Here an open file can be neither moved nor replaced.
#[cfg(not(unix))]
fn identity(_: &std::path::Path) -> Option<(u64, u64)> {
    None
}
