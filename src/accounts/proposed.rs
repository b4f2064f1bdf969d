//! [`Proposed`]: the event that a request would record, before the rules are checked.

use crate::event::{Event, EventRef, Link, Record, Tags};
use crate::money::TypedAmount;
use crate::time::Timestamp;

use super::request::Context;
use super::state::State;

/// The event that a request would record, before the rules are checked.
pub(super) struct Proposed {
    pub(super) record: Record<'static>,
    /// The amounts that were typed, what leaves before what arrives, if the event names an earlier one.
    pub(super) typed: [Option<TypedAmount>; 2],
    /// True if its amounts are computed from an earlier event, or copied from it.
    pub(super) is_computed: bool,
    pub(super) memo: Option<String>,
    pub(super) tags: Tags<'static>,
}

/// The record of an event that comes next.
pub(super) fn frame(
    state: &State,
    context: &Context<'_>,
    event: Event<'static>,
    link: Option<Link>,
    effective: Option<Timestamp>,
) -> Record<'static> {
    let at = context.at.unwrap_or(Timestamp::MIN);
    Record {
        seq: state.last_seq().map_or(0, |last| last.saturating_add(1)),
        at,
        effective: effective.filter(|effective| *effective != at),
        event,
        link,
        key: None,
        more: false,
        note: None,
    }
}

/// The tags of an event, unless they were erased.
pub(super) fn tags_of(state: &State, record: &Record<'static>) -> Tags<'static> {
    if state.commitments().is_redacted(record.seq) {
        return Tags::default();
    }
    record.tags().clone().into_owned()
}

pub(super) fn number(event: &EventRef, context: &Context<'_>) -> u64 {
    match (event, context.target) {
        (EventRef::Seq(seq), _) => *seq,
        (_, Some(target)) => target.seq,
        _ => 0,
    }
}
