//! What an event refers to, and what refers to it.

use event_ledger::event::{Entry, Event, Link};

use super::state::LogView;

/// A link of an event, in either direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EventLink {
    /// `reverses`, `reversed by`.
    pub(super) word: &'static str,
    /// The event at the other end.
    pub(super) seq: u32,
}

/// The links of an event: first what it refers to.
pub(super) fn links_of(seq: u32, log: LogView<'_>) -> Vec<EventLink> {
    let mut links = Vec::new();
    let own = log.events.event(seq);
    if let Some(target) = own.as_ref().and_then(|entry| entry.refers_to())
        && let (Ok(target), Some(entry)) = (u32::try_from(target), &own)
    {
        links.push(EventLink {
            word: words(entry).0,
            seq: target,
        });
    }
    for by in log.index.references_to(seq) {
        if let Some(entry) = log.events.event(by) {
            links.push(EventLink {
                word: words(&entry).1,
                seq: by,
            });
        }
    }
    links
}

/// How an event refers to another one, and how that is called from the other side.
fn words(entry: &Entry<'_>) -> (&'static str, &'static str) {
    match (entry.link, &entry.event) {
        (Some(Link::Reverses(_)), _) => ("reverses", "reversed by"),
        (Some(Link::Captures { .. }), _) => ("captures", "captured by"),
        (Some(Link::Corrects(_)), _) => ("corrects", "corrected by"),
        (Some(Link::Refunds(_)), _) => ("refunds", "refunded by"),
        (None, Event::Release { .. }) => ("releases", "released by"),
        (None, Event::Redact { .. }) => ("redacts", "redacted by"),
        (None, _) => ("refers to", "referred to by"),
    }
}
