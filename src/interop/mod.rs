//! Other programs' formats: a ledger goes out in them, and comes in.
//!
//! Owns what those formats are and how ours maps onto them. Must not know files, terminals or the
//! clock: it is handed bytes, and a buffer that what is written is appended to.

pub mod escape;
pub mod import;
