//! The chain: each line's hash covers the hash before it, its own bytes and its note's digest.
//!
//! Owns the arithmetic of the chain (SHA-256, FIPS 180-4). Must not know what a line says.

use sha2::{Digest as _, Sha256};

use crate::event::Hash;

/// The digest of some raw bytes.
pub(super) fn digest(bytes: &[u8]) -> Hash {
    Hash::from_bytes(Sha256::digest(bytes).into())
}

/// The hash of a line: of the hash before it (nothing for the first line), the line's bytes before
/// `,"hash":"`, and its note's digest (nothing where there is none), joined by line feeds.
pub(super) fn link(previous: Option<&Hash>, hashed: &[u8], note: Option<&Hash>) -> Hash {
    let mut sha = Sha256::new();
    if let Some(previous) = previous {
        sha.update(previous.as_bytes());
    }
    sha.update(b"\n");
    sha.update(hashed);
    sha.update(b"\n");
    if let Some(note) = note {
        sha.update(note.as_bytes());
    }
    Hash::from_bytes(sha.finalize().into())
}
