//! An account ledger as one plain file of events, from which every figure is replayed.
//!
//! Rooms in reading order; each may use those above it where its own page says so.
pub mod event;
pub mod log;
pub mod money;
pub mod time;
