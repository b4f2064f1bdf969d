//! Why an operation on a ledger failed.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::EngineError;
use crate::accounts::{ApplyError, Overflow, Refusal};
use crate::checkpoint::CheckpointError;
use crate::event::{Entry, Hash};
use crate::log::{AppendError, DecodeError, LogError};
use crate::time::{Timestamp, WhenError, Zone};

/// Why an operation on a ledger failed.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The log cannot be read or locked.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The append did not succeed.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The engine that the log is on.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A rule of the ledger refuses it.
    #[error("{refusal}")]
    Refused {
        /// Which rule, with its figures.
        refusal: Box<Refusal>,
        /// What was recorded since, if the head is not the requested one.
        since: Option<Box<Since>>,
        /// The ledger's zone, to show times in.
        zone: Zone,
    },
    /// One of several requests cannot be recorded, and so none of them.
    #[error("{source}")]
    OfRequest {
        /// Which, counted from 0.
        request: usize,
        /// Why.
        source: Box<LedgerError>,
    },
    /// There is no log, or only the torn beginning of one.
    #[error("there is no ledger at {}{}", path.display(), if *torn_bytes > 0 { ", only the beginning of one that was never finished" } else { "" })]
    NoLedger {
        /// The path that was tried.
        path: PathBuf,
        /// The bytes of a first line that was never finished.
        torn_bytes: u64,
    },
    /// `init` of an existing log.
    #[error("there is already a ledger at {}", path.display())]
    LedgerExists {
        /// Where.
        path: PathBuf,
    },
    /// The log does not continue after an event that was read before: it was cut or replaced.
    #[error("{} does not continue after event {seq} ({}): {found}", path.display(), hash.short(16))]
    NotContinued {
        /// Which log.
        path: PathBuf,
        /// The event that was read before.
        seq: u64,
        /// Its hash.
        hash: Box<Hash>,
        /// What is there instead.
        found: Box<super::Break>,
    },
    /// A moment that cannot be resolved.
    #[error(transparent)]
    When(#[from] WhenError),
    /// A position where a time is required.
    #[error("`{text}` is a position in the log, but a time is required here")]
    PositionNotTime {
        /// As typed.
        text: String,
    },
    /// A position that the log does not have.
    #[error("`{text}` is not in this log: {reason}")]
    NoSuchPosition {
        /// As typed.
        text: String,
        /// Why not.
        reason: String,
        /// The log's last event.
        head: u64,
    },
    /// A moment that depends on the ledger's zone, which this build does not know.
    #[error(
        "`{text}` depends on the ledger's zone, {zone}, which this ledger program does not know"
    )]
    UnknownZone {
        /// The zone.
        zone: String,
        /// As typed.
        text: String,
        /// The moment, if the zone were UTC.
        in_utc: Option<Timestamp>,
    },
    /// An overflow in the figures of the log.
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// The request does not fit in a line of the log.
    #[error("the event would take {length} bytes, a line of the log has at most {most}")]
    TooLong {
        /// The bytes it would take.
        length: usize,
        /// The bytes a line has at most.
        most: usize,
    },
    /// The line of a decided event could not be read again.
    #[error("event {seq} would be a line that cannot be read again: {fault}")]
    Unreadable {
        /// The event's number.
        seq: u64,
        /// What is wrong with the line.
        fault: DecodeError,
    },
    /// The memo is longer than one may be.
    #[error("the memo has {length} bytes, at most {most} are allowed")]
    MemoTooLong {
        /// The bytes it has.
        length: usize,
        /// The bytes it may have.
        most: usize,
    },
    /// The checkpoint cannot be used. Never shown to users: the log is read instead.
    #[error("the checkpoint cannot be used: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}")]
    Random(io::Error),
}

impl From<ApplyError> for LedgerError {
    fn from(error: ApplyError) -> LedgerError {
        match error {
            ApplyError::Overflow(overflow) => overflow.into(),
            ApplyError::OtherCurrency {
                account,
                holds,
                said,
            } => LedgerError::Refused {
                refusal: Box::new(Refusal::CurrencyMismatch {
                    account: account.into(),
                    holds,
                    asked: said,
                    since: None,
                }),
                since: None,
                zone: Zone::utc(),
            },
        }
    }
}

/// The events recorded after an expected head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// False if the expected head is not in this log.
    pub is_known: bool,
    /// The number of events after it.
    pub count: u64,
    /// The newest of them, oldest first.
    pub newest: Vec<Entry<'static>>,
    /// Where the log ends.
    pub head: Option<(u64, Hash)>,
}

impl LedgerError {
    /// True for an error that is not about one request: the log cannot be continued, or does not end at
    /// the required head.
    pub(super) fn concerns_all(&self) -> bool {
        match self {
            LedgerError::Refused { refusal, .. } => {
                matches!(**refusal, Refusal::HeadConflict { .. })
            }
            LedgerError::When(_)
            | LedgerError::UnknownZone { .. }
            | LedgerError::PositionNotTime { .. }
            | LedgerError::MemoTooLong { .. }
            | LedgerError::TooLong { .. } => false,
            _ => true,
        }
    }
}
