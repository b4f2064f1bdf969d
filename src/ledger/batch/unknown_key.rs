//! Refusals of events that a key names under which nothing was recorded.

use crate::accounts::{HoldMismatch, NotReversible, Operation, Refusal};
use crate::event::EventRef;

/// A refusal because an event is missing, if that event was named by a key that is unknown.
pub(super) fn of_unknown_key(operation: &Operation, refusal: Refusal) -> Refusal {
    if !matches!(operation.target(), Some(EventRef::Key(_))) {
        return refusal;
    }
    match refusal {
        Refusal::UnknownHold { seq, .. } => Refusal::UnknownHold {
            seq,
            reason: HoldMismatch::KeyUnknown,
        },
        Refusal::NotReversible { seq, .. } => Refusal::NotReversible {
            seq,
            reason: NotReversible::KeyUnknown,
        },
        Refusal::NothingToRedact { .. } => Refusal::NothingToRedact {
            event: operation.target().cloned().unwrap_or(EventRef::Seq(0)),
        },
        other => other,
    }
}
