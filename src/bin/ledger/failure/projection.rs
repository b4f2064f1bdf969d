//! Messages for errors of the SQLite mirror.

use event_ledger::projection::ProjectionError;

use super::engine::wait_longer;
use super::{Correction, Failure, make_directory};

impl From<ProjectionError> for Failure {
    fn from(error: ProjectionError) -> Failure {
        let message = error.to_string();
        match error {
            ProjectionError::Ledger(error) => error.into(),
            ProjectionError::NotOurs { .. } => {
                Failure::usage(message).with_advice("name a new file")
            }
            ProjectionError::OtherLedger { .. } => {
                Failure::head_mismatch(message).with_advice("--file names the log that it is of")
            }
            ProjectionError::OtherVersion { .. } => {
                Failure::usage(message).corrected([Correction::Add(vec!["--rebuild".to_owned()])])
            }
            ProjectionError::InUse { .. } => wait_longer(message),
            ProjectionError::Gone { .. } => Failure::io(message),
            #[cfg(feature = "sqlite")]
            ProjectionError::Sqlite { .. } => Failure::io(message),
            ProjectionError::Io { path, source, .. } => {
                Failure::io(message).with_hint_if_any(make_directory(&path, &source))
            }
        }
    }
}
