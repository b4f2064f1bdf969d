//! Proofs over a log: the Merkle tree, head files, receipts and proofs of growth.
//!
//! Files are read strictly and written in one form only. A log's line is bytes here, so every version
//! of the format is covered. Signatures are parsed, not verified: the caller runs `ssh-keygen` for
//! that. Must not depend on rules or printing.

mod error;
mod growth;
mod head;
mod line;
mod log_tree;
mod receipt;
mod roots;
mod signature;
mod text;
mod tree;

#[cfg(test)]
mod tests;

pub use error::ProofError;
pub use growth::GrowthProof;
pub use head::{HeadFile, TreeHead};
pub use log_tree::{ChainedLine, LogTree, LogTreeError, TreePath};
pub use receipt::InclusionReceipt;
pub use roots::TreeRoots;
pub use signature::{SIGNATURE_NAMESPACE, SshSignature, is_signer_name};
pub use text::PROOF_FILE_MAX_BYTES;
pub use tree::{TreeBuilder, TreeHash, TreeProof, is_consistent, root_from_path};

/// A proof file of any kind, recognised by its first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofFile {
    /// A receipt for one event.
    Receipt(InclusionReceipt),
    /// A proof that the log has grown from an older head.
    Growth(GrowthProof),
    /// A head file.
    Head(HeadFile),
}

impl ProofFile {
    /// Reads a file whose kind is not known in advance.
    ///
    /// # Errors
    /// [`ProofError`] with the line that is wrong.
    pub fn read(bytes: &[u8]) -> Result<ProofFile, ProofError> {
        if bytes.starts_with(b"c2sp.org/") {
            InclusionReceipt::read(bytes).map(ProofFile::Receipt)
        } else if bytes.starts_with(b"old ") {
            GrowthProof::read(bytes).map(ProofFile::Growth)
        } else if bytes.starts_with(b"ledger/") {
            HeadFile::read(bytes).map(ProofFile::Head)
        } else {
            Err(ProofError::Form {
                line: 1,
                reason: "not a receipt, a proof of growth or a head file",
            })
        }
    }
}
