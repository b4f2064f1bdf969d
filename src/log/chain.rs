//! The hash chain: each line's hash covers the hash before it, its own bytes and its note's digest.
//! SHA-256 is that of FIPS 180-4.

use sha2::block_api::compress256;
use sha2::{Digest as _, Sha256};

use crate::event::Hash;

/// The digest of some raw bytes.
pub(super) fn digest(bytes: &[u8]) -> Hash {
    Hash::from_bytes(Sha256::digest(bytes).into())
}

/// The hash of a line: the hash before it (empty for the first line), the line's bytes before
/// `,"hash":"`, and its note's digest (empty if there is no note), joined by line feeds.
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

/// True if this is the hash of a line.
#[inline]
pub(super) fn is_linked(
    previous: Option<&Hash>,
    hashed: &[u8],
    note: Option<&Hash>,
    hash: &Hash,
) -> bool {
    match previous.and_then(|previous| link_short(previous, hashed, note)) {
        Some(words) => hash.says(&words),
        None => link(previous, hashed, note) == *hash,
    }
}

/// A block of SHA-256.
const BLOCK: usize = 64;
/// The message of most lines has at most this many blocks.
const BLOCKS: usize = 5;

/// The hash of a line whose message fits a small buffer, as most do: it is padded there and passed
/// to the compression function in one piece, without a hasher's buffering.
#[inline]
fn link_short(previous: &Hash, hashed: &[u8], note: Option<&Hash>) -> Option<[u32; 8]> {
    /// The padding of FIPS 180-4: a one bit, zeros, and the length in bits.
    const MARK: u8 = 0x80;
    const LENGTH_BYTES: usize = 8;
    const START: [u32; 8] = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];
    let mut message = [0_u8; BLOCK * BLOCKS];
    let (first, rest) = message.split_first_chunk_mut::<BLOCK>()?;
    *first = *previous.as_bytes();
    let (line_feed, rest) = rest.split_first_mut()?;
    *line_feed = b'\n';
    let (line, rest) = rest.split_at_mut_checked(hashed.len())?;
    line.copy_from_slice(hashed);
    let (line_feed, mut rest) = rest.split_first_mut()?;
    *line_feed = b'\n';
    if let Some(note) = note {
        let digest;
        (digest, rest) = rest.split_first_chunk_mut::<BLOCK>()?;
        *digest = *note.as_bytes();
    }
    let left = rest.len();
    *rest.first_mut()? = MARK;
    let length = message.len().checked_sub(left)?;
    let blocks = length.checked_add(1 + LENGTH_BYTES)?.div_ceil(BLOCK);
    let padded = message.get_mut(..blocks.checked_mul(BLOCK)?)?;
    let bits = u64::try_from(length).ok()?.checked_mul(8)?;
    *padded.last_chunk_mut()? = bits.to_be_bytes();
    let mut state = START;
    compress256(&mut state, padded.as_chunks().0);
    Some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_same_hash_whether_it_fits_the_small_buffer_or_not() {
        let previous = digest(b"before");
        let note_digest = digest(b"note");
        for length in 0..1000 {
            let hashed: Vec<u8> = (0..=250).cycle().step_by(7).take(length).collect();
            for note in [None, Some(&note_digest)] {
                let mut whole = previous.as_bytes().to_vec();
                whole.push(b'\n');
                whole.extend_from_slice(&hashed);
                whole.push(b'\n');
                whole.extend(note.iter().flat_map(|note| note.as_bytes()));
                let hash = digest(&whole);
                assert_eq!(link(Some(&previous), &hashed, note), hash);
                assert!(is_linked(Some(&previous), &hashed, note, &hash));
                assert!(!is_linked(Some(&previous), &hashed, note, &previous));
                let fits = whole.len() + 9 <= BLOCK * BLOCKS;
                assert_eq!(link_short(&previous, &hashed, note).is_some(), fits);
            }
        }
    }
}
