//! A proof of growth: nothing before an older head was changed (the request of `c2sp.org/tlog-witness`).

use std::fmt;
use std::num::NonZeroU64;

use super::text::{NumberedLines, parse_number};
use super::tree::read_path;
use super::{HeadFile, ProofError, TreeHash, TreeHead, is_consistent};

/// A newer head and the path that connects it with an older one. Its `Display` is the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrowthProof {
    older_size: NonZeroU64,
    path: Vec<TreeHash>,
    newer: HeadFile,
}

impl GrowthProof {
    /// Makes a proof.
    ///
    /// # Errors
    /// [`ProofError`] if the newer head does not continue the older one.
    pub fn new(
        older: &TreeHead,
        path: Vec<TreeHash>,
        newer: HeadFile,
    ) -> Result<GrowthProof, ProofError> {
        let proof = GrowthProof {
            older_size: older.size,
            path,
            newer,
        };
        proof.check(older)?;
        Ok(proof)
    }

    /// Reads a proof, which [`GrowthProof::check`] then holds against the older head.
    ///
    /// # Errors
    /// [`ProofError`] with the line that is wrong.
    pub fn read(bytes: &[u8]) -> Result<GrowthProof, ProofError> {
        let mut lines = NumberedLines::new(bytes)?;
        let older_size = lines
            .next_line("the file is empty")?
            .strip_prefix("old ")
            .and_then(parse_number)
            .and_then(NonZeroU64::new)
            .ok_or_else(|| lines.wrong("not `old` and a whole number from 1 on"))?;
        Ok(GrowthProof {
            older_size,
            path: read_path(&mut lines)?,
            newer: HeadFile::read_to_end(&mut lines)?,
        })
    }

    /// Checks that the newer head continues this older one.
    ///
    /// # Errors
    /// [`ProofError`] if it does not, or if the proof was made for another head.
    pub fn check(&self, older: &TreeHead) -> Result<(), ProofError> {
        let newer = &self.newer.head;
        if newer.ledger != older.ledger {
            return Err(ProofError::OtherLedger {
                proof: newer.ledger,
                older: older.ledger,
            });
        }
        if self.older_size != older.size {
            return Err(ProofError::OtherSize {
                proof: self.older_size.get(),
                older: older.size.get(),
            });
        }
        let ends = ((older.size, older.root), (newer.size, newer.root));
        if !is_consistent(ends.0, ends.1, &self.path) {
            return Err(ProofError::NotGrown {
                older: older.size.get(),
                newer: newer.size.get(),
            });
        }
        Ok(())
    }

    /// The newer head.
    pub fn newer(&self) -> &HeadFile {
        &self.newer
    }
}

impl fmt::Display for GrowthProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.older_size)?;
        for hash in &self.path {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.newer)
    }
}
