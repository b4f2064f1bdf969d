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
    if let (Some(previous), None) = (previous, note)
        && let Some(hash) = link_short(previous, hashed)
    {
        return hash;
    }
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

/// The hash of a line without a note that fits a small buffer, as most do: handed over in one piece,
/// it costs a tenth less.
fn link_short(previous: &Hash, hashed: &[u8]) -> Option<Hash> {
    const AHEAD: usize = 65;
    let mut message = [0_u8; 320];
    let end = AHEAD.checked_add(hashed.len())?;
    let (front, behind) = message.split_at_mut(AHEAD);
    if let Some((line_feed, hash)) = front.split_last_mut() {
        hash.copy_from_slice(previous.as_bytes());
        *line_feed = b'\n';
    }
    behind.get_mut(..hashed.len())?.copy_from_slice(hashed);
    *message.get_mut(end)? = b'\n';
    message.get(..end.checked_add(1)?).map(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_same_hash_whether_it_fits_the_small_buffer_or_not() {
        let previous = digest(b"before");
        for length in [0, 1, 62, 63, 64, 65, 253, 254, 255, 256, 320, 1000] {
            let hashed = vec![b'x'; length];
            let mut whole = previous.as_bytes().to_vec();
            whole.push(b'\n');
            whole.extend_from_slice(&hashed);
            whole.push(b'\n');
            assert_eq!(link(Some(&previous), &hashed, None), digest(&whole));
            assert_eq!(link_short(&previous, &hashed).is_some(), length <= 254);
        }
    }
}
