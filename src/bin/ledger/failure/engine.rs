//! What went wrong with an engine.

use std::path::Path;

use event_ledger::ledger::{CopyError, EngineError, LedgerError};
use event_ledger::log::LogError;
use event_ledger::remote::StoreError;

use super::{Correction, Failure, Recorded, quoted};

impl Failure {
    /// What to do after an outcome that is unknown: repeat the command, if it has a key.
    pub(super) fn repeated_with_its_key(self) -> Failure {
        let advice = "run the same command again with the same --key: it is recorded at most once";
        self.with_advice(advice.to_owned())
            .corrected([Correction::Given("--key")])
            .with_hint("ledger replay")
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        let message = error.to_string();
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::OutcomeUnknown(_) => Failure::new("outcome_unknown", message)
                .with_recorded(Recorded::Unknown)
                .repeated_with_its_key(),
            EngineError::Contended { .. } => wait_longer(message),
            EngineError::WrongClock { .. } => Failure::new("invalid_time", message)
                .records_nothing()
                .with_advice("set the clock")
                .corrected([Correction::Add(vec!["--wrong-clock".to_owned()])]),
            EngineError::NoMirror { .. } => {
                Failure::new("no_ledger", message).corrected([Correction::Drop("--offline")])
            }
        }
    }
}

/// The lock was not granted, or others were faster, until the time was over.
pub(super) fn wait_longer(message: String) -> Failure {
    Failure::new("lock_timeout", message)
        .records_nothing()
        .with_advice("run it again with --wait 60")
        .corrected([Correction::flag("--wait", "60")])
}

impl From<CopyError> for Failure {
    fn from(error: CopyError) -> Failure {
        let name = |path: &Path| quoted(&path.display().to_string());
        let message = error.to_string();
        match error {
            CopyError::Ledger(LedgerError::Engine(EngineError::OutcomeUnknown(_))) => {
                Failure::new("outcome_unknown", message)
                    .with_recorded(Recorded::Unknown)
                    .corrected([Correction::Given("copy")])
            }
            CopyError::Ledger(LedgerError::NoLedger { .. }) => Failure::new("no_ledger", message),
            // `--file` is not on the command line.
            CopyError::Ledger(LedgerError::Log(LogError::Damaged { path, .. })) => {
                let hint = format!("ledger --file {} doctor", name(&path));
                Failure::damaged(message).with_hint(hint)
            }
            CopyError::Ledger(error) => error.into(),
            CopyError::Ahead { from, to, .. } => {
                let hint = format!("ledger copy {} {}", name(&to), name(&from));
                Failure::new("head_conflict", message).with_hint(hint)
            }
            CopyError::Differs { to } => {
                let hint = format!("ledger --file {} head", name(&to));
                Failure::new("head_conflict", message).with_hint(hint)
            }
            CopyError::NotMoved { .. } => Failure::io(message),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let message = error.to_string();
        match error {
            StoreError::Address { .. } => {
                Failure::usage(message).with_advice("an address is like nats://localhost/books")
            }
            StoreError::TooLarge { .. } => Failure::usage(message)
                .records_nothing()
                .with_advice("divide it into several commands"),
            StoreError::Unreachable { .. } => Failure::new("unreachable", message)
                .records_nothing()
                .corrected([Correction::flag("--wait", "60")]),
            StoreError::NoStream { .. } => {
                Failure::new("no_ledger", message).with_hint("ledger init")
            }
            StoreError::WrongSetting { .. } => Failure::damaged(message)
                .records_nothing()
                .with_hint("ledger doctor"),
            StoreError::RolledBack { .. }
            | StoreError::Replaced { .. }
            | StoreError::Hole { .. }
            | StoreError::BrokenChain { .. } => Failure::damaged(message)
                .records_nothing()
                .with_hint("ledger verify"),
            StoreError::Mirror { path, .. } => Failure::io(message)
                .records_nothing()
                .with_hint_if_any(path.parent().map(|directory| {
                    let directory = directory.display().to_string();
                    format!("ls -ld {}", quoted(&directory))
                })),
            StoreError::MirrorLocked { .. } => wait_longer(message),
            StoreError::Refused { problem, .. } => {
                let failure = Failure::io(message).records_nothing();
                if problem.contains("non-clustered") {
                    let words = ["--replicas", "1"].map(str::to_owned);
                    failure.corrected([Correction::Add(words.to_vec())])
                } else {
                    failure
                }
            }
            StoreError::NotLines => Failure::io(message).records_nothing(),
        }
    }
}
