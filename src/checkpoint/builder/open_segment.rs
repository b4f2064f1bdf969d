//! The segment that is being filled, with everything that must be known about its events.

use hashbrown::HashMap;

use super::files::IndexRecords;
use crate::checkpoint::fold::AccountFold;
use crate::checkpoint::manifest::{EventSegment, StoredPosition};
use crate::checkpoint::record::{self, Offsets};
use crate::event::{Entry, Opening};
use crate::log::{LineSpan, LogPosition};
use crate::time::Timestamp;

/// The segment that is being filled.
pub(super) struct OpenSegment {
    pub(super) from: LogPosition,
    pub(super) events: u64,
    pub(super) first_at: i64,
    pub(super) effective: (i64, i64),
    pub(super) postdated: Vec<i64>,
    /// Its changes, except recent ones.
    pub(super) changes: AccountFold,
    pub(super) lines: HashMap<Box<str>, Offsets>,
}

impl OpenSegment {
    pub(super) fn after(from: LogPosition, opening: &Opening<'static>) -> OpenSegment {
        OpenSegment {
            from,
            events: 0,
            first_at: 0,
            effective: (i64::MAX, i64::MIN),
            postdated: Vec::new(),
            changes: AccountFold::empty(opening),
            lines: HashMap::new(),
        }
    }

    pub(super) fn first_seq(&self) -> u64 {
        self.from.seq.saturating_add(1)
    }

    pub(super) fn see(&mut self, entry: &Entry<'_>, place: LineSpan) {
        let at = entry.at.unix_micros();
        let effective = entry.effective.map_or(at, Timestamp::unix_micros);
        if self.events == 0 {
            self.first_at = at;
        }
        self.events = self.events.saturating_add(1);
        let (least, most) = self.effective;
        self.effective = (least.min(effective), most.max(effective));
        if effective > at {
            self.postdated.push(effective);
        }
        let mut before = None;
        for name in entry.event.accounts() {
            if before == Some(name) {
                continue;
            }
            before = Some(name);
            if let Some(lines) = self.lines.get_mut(name.as_str()) {
                lines.push(place.offset);
                continue;
            }
            let mut lines = Offsets::default();
            lines.push(place.offset);
            self.lines.insert(name.as_str().into(), lines);
        }
    }

    pub(super) fn segment(&self, to: &LogPosition) -> EventSegment {
        let mut postdated = self.postdated.clone();
        postdated.sort_unstable();
        EventSegment {
            from: StoredPosition::from(&self.from),
            to: StoredPosition::from(to),
            events: self.events,
            first_at: self.first_at,
            effective: self.effective,
            postdated,
            has_state: false,
            has_changes: true,
        }
    }

    pub(super) fn put_lines(&self, facts: &mut IndexRecords) {
        for (name, lines) in &self.lines {
            let key = record::and_number(record::of_lines(name), self.first_seq());
            facts.push(&key, &lines.bytes);
        }
    }
}
