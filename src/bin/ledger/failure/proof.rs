//! What is wrong with a proof file or a signature, in words.

use event_ledger::log::DecodeError;
use event_ledger::proof::ProofError;

use super::Failure;

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
            | ProofError::NotGrown { .. } => Failure::new("proof_invalid", message),
        }
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Failure {
        let message = format!("the event: {error}");
        match error {
            DecodeError::Newer(_) => {
                Failure::new("newer_version", message).with_hint(super::message::INSTALL)
            }
            DecodeError::Form { .. } => Failure::new("proof_invalid", message),
        }
    }
}
