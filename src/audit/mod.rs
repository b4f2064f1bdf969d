//! The audit: every problem of a log, and what can be repaired without loss.
//!
//! `verify` reports every finding, `doctor` explains the damage, repairs what is safe to repair,
//! and salvages the rest. The checks are those of `log` and the rules those of `accounts`. Must not
//! depend on clap or printing.

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
pub use verify::{Finding, TORN_TAIL, UNKNOWN_ZONE, Verified, verify};
