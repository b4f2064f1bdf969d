//! What is wrong with a read model, as a person and a script see it.
//!
//! Owns the wording. Must not know what was asked for.

use event_ledger::projection::ProjectionError;

use super::Failure;

impl From<ProjectionError> for Failure {
    fn from(error: ProjectionError) -> Failure {
        let message = error.to_string();
        match error {
            ProjectionError::Ledger(error) => error.into(),
            ProjectionError::NotOurs { .. } => Failure::usage(message)
                .with_hint(Some("name a file that is not there yet".to_owned())),
            ProjectionError::OtherLedger { .. } => Failure::head_mismatch(message)
                .with_hint(Some("--file FILE names the log that it is of".to_owned())),
            ProjectionError::OtherVersion { .. } => Failure::usage(message)
                .with_hint(Some("--rebuild makes it anew from the log".to_owned())),
            ProjectionError::InUse { .. } => Failure::new("lock_timeout", 11, message),
            ProjectionError::Sqlite { .. }
            | ProjectionError::Gone { .. }
            | ProjectionError::Io { .. } => Failure::io(message),
        }
    }
}
