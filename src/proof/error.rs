//! What can be wrong with a proof file.

use thiserror::Error;

use crate::event::LedgerId;

/// Why a proof file is not accepted.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProofError {
    /// The file is longer than any proof can be.
    #[error("the file is longer than {limit} bytes")]
    TooLong {
        /// The greatest length.
        limit: usize,
    },
    /// A line does not have the one form that it may have.
    #[error("line {line}: {reason}")]
    Form {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// The index and the event's own number differ.
    #[error("line {line}: the index is {index}, but the event's seq is {seq}")]
    OtherEvent {
        /// The line, counted from 1.
        line: usize,
        /// The index that the receipt states.
        index: u64,
        /// The number in the event.
        seq: u64,
    },
    /// The event's hash does not cover its bytes, its note and the hash before it.
    #[error("line {line}: the event's hash does not match its bytes")]
    EventHash {
        /// The line, counted from 1.
        line: usize,
    },
    /// The inclusion path leads to another root than the head's.
    #[error("line {line}: the path does not lead from event {index} to the root")]
    Path {
        /// The line of the root, counted from 1.
        line: usize,
        /// The event's number.
        index: u64,
    },
    /// A proof of growth and the older head are of two ledgers.
    #[error("the proof is of ledger {proof}, the older head of ledger {older}")]
    OtherLedger {
        /// The ledger of the proof.
        proof: LedgerId,
        /// The ledger of the older head.
        older: LedgerId,
    },
    /// A proof of growth starts at another size than the older head's.
    #[error("line 1: the proof starts at size {proof}, the older head has size {older}")]
    OtherSize {
        /// The size that the proof states.
        proof: u64,
        /// The size of the older head.
        older: u64,
    },
    /// The newer head does not continue the older one.
    #[error("the head of size {newer} does not continue the head of size {older}")]
    NotGrown {
        /// The size of the older head.
        older: u64,
        /// The size of the newer head.
        newer: u64,
    },
}
