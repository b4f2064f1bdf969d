//! The audit: everything that is wrong with a log, and what can be put right without losing a byte.
//!
//! Owns `verify` (every finding, also behind the first) and `doctor` (what came to harm in which way,
//! the repair of what is safe to repair, the salvage of the rest). Asks the log's own checks and the
//! accounts' own rules; has none of its own. Must not know clap or printing.

mod doctor;
mod error;
mod head;
mod problem;
mod repair;
mod rules;
mod verify;

pub use doctor::{Diagnosis, LeftOut, Repaired, Salvaged, diagnose, repair, salvage};
pub use error::AuditError;
pub use head::{HeadFound, KeptHead};
pub use problem::{Problem, ProblemKind};
pub use verify::{Finding, TORN_TAIL, Verified, verify};
