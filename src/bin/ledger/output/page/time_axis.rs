//! Where a moment lies on the page, from left to right.

use event_ledger::time::{Period, Timestamp};

use super::super::axis::part;

/// Positions on the time axis.
pub(super) const WIDTH: u32 = 10_000;

/// The time axis of the charts and the slider.
pub(super) struct TimeAxis {
    span: Period,
}

impl TimeAxis {
    pub(super) fn new(span: Period) -> TimeAxis {
        TimeAxis { span }
    }

    /// The position of a moment.
    pub(super) fn place(&self, at: Timestamp) -> u32 {
        let micros = |at: Timestamp| i128::from(at.unix_micros());
        let (first, last) = (micros(self.span.first), micros(self.span.last));
        let at = micros(at).clamp(first, last.max(first));
        part(at.abs_diff(first), last.abs_diff(first), WIDTH)
    }
    pub(super) fn contains(&self, at: Timestamp) -> bool {
        (self.span.first..=self.span.last).contains(&at)
    }
}
