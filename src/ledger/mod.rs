//! The transaction, and reading.
//!
//! [`record`] keeps the order of the steps: lock, read, replay, decide, append, sync. [`Reader`] reads
//! a log up to a moment, [`Subscription`] as it grows. Must not depend on clap or printing; reads no
//! clock and no environment: the caller passes in the time and how long to wait for the lock.

mod batch;
mod copy;
mod copy_error;
mod discontinuity;
mod engine;
mod engine_error;
mod error;
mod options;
mod outcome;
mod random;
mod reader;
mod receipt;
mod replicas;
mod source;
mod subscription;
mod transaction;

pub use copy::{Copied, CopyOptions, copy};
pub use copy_error::CopyError;
pub use discontinuity::Break;
pub use engine::{EngineLog, SettledEvents};
pub use engine_error::EngineError;
pub use error::{LedgerError, Since};
pub use options::{Mode, RecordOptions};
pub use outcome::{IntoResults, Outcome, Results};
pub use reader::{AccountQuery, EventContext, Omitted, ReadOptions, Reader, Replayed, RulesKept};
pub use receipt::{AccountAfter, HoldAfter, Notice, Receipt};
pub use replicas::{ReplicaCheck, ReplicaFound};
pub use source::{LogSource, Recorder};
pub use subscription::{SavedPosition, Start, Subscription};
pub use transaction::record;
