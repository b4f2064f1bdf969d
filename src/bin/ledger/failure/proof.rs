//! What is wrong with a proof file or a signature, in words.

use event_ledger::log::DecodeError;
use event_ledger::proof::ProofError;

use super::Failure;

impl Failure {
    /// `ssh-keygen` made no signature.
    pub(crate) fn signing(message: impl Into<String>) -> Failure {
        Failure::new("signing_failed", 1, message)
    }

    /// A proof file is wrong.
    pub(crate) fn proof_invalid(message: impl Into<String>) -> Failure {
        Failure::new("proof_invalid", 6, message)
    }

    /// The signature of a known signer is wrong.
    pub(crate) fn signature_invalid(message: impl Into<String>) -> Failure {
        Failure::new("signature_invalid", 6, message)
    }

    /// No signer is known.
    pub(crate) fn unknown_signer(message: impl Into<String>) -> Failure {
        Failure::new("unknown_signer", 6, message)
    }
}

impl From<ProofError> for Failure {
    fn from(error: ProofError) -> Failure {
        let message = error.to_string();
        match error {
            // The proof may be right, but it is not about the head that was kept.
            ProofError::OtherLedger { .. } | ProofError::OtherSize { .. } => {
                Failure::head_mismatch(message)
            }
            ProofError::TooLong { .. }
            | ProofError::Form { .. }
            | ProofError::OtherEvent { .. }
            | ProofError::EventHash { .. }
            | ProofError::Path { .. }
            | ProofError::NotGrown { .. } => Failure::proof_invalid(message),
        }
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Failure {
        let message = format!("the event: {error}");
        match error {
            DecodeError::Newer(_) => {
                Failure::new("newer_version", 6, message).with_hint(super::message::INSTALL)
            }
            DecodeError::Form { .. } => Failure::proof_invalid(message),
        }
    }
}
