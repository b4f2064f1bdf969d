//! Receipts and proofs of growth: what is accepted is written again byte for byte, a closed receipt
//! is as right as the open one, and an error is short.
#![no_main]

use event_ledger::proof::{InclusionReceipt, ProofFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| match ProofFile::read(data) {
    Err(error) => assert!(error.to_string().len() < 200, "{error}"),
    Ok(ProofFile::Head(file)) => assert_eq!(file.to_string().as_bytes(), data),
    Ok(ProofFile::Growth(proof)) => {
        assert_eq!(proof.to_string().as_bytes(), data);
        let _ = proof.check(&proof.newer().head);
    }
    Ok(ProofFile::Receipt(receipt)) => {
        assert_eq!(receipt.to_string().as_bytes(), data);
        assert!(receipt.index() < receipt.head().head.size.get());
        let closed = receipt.clone().closed();
        let again = InclusionReceipt::read(closed.to_string().as_bytes());
        assert_eq!(again, Ok(closed));
    }
});
