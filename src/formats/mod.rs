//! Other programs' formats: a ledger goes out in them, and comes in.
//!
//! Owns what those formats are and how ours maps onto them. Must not know files, terminals or the
//! clock: what is written is appended to a buffer that is handed in, what is read is bytes.

pub mod escape;
pub mod export;
pub mod import;
