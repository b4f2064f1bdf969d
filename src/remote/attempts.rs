//! Attempts at one server after another, until a deadline.

use std::sync::Arc;
use std::time::Duration;

use super::{Clock, Deadline};

/// The first pause before the next attempt, and the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// The additional time for a large append, per number of bytes.
const LARGE_APPEND_STEP: usize = 4 * 1024 * 1024;

/// How often the head is checked without a notification.
pub(super) const HEAD_CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The current server of an engine, and the time that is left.
pub(super) struct Attempts {
    clock: Arc<dyn Clock>,
    turn: usize,
}

/// The growing pause between attempts.
pub(super) struct AttemptPause(Duration);

impl Default for AttemptPause {
    fn default() -> AttemptPause {
        AttemptPause(SHORTEST_PAUSE)
    }
}

impl Attempts {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Attempts {
        Attempts { clock, turn: 0 }
    }

    /// The current server.
    pub(super) fn current<'h, H>(&self, hosts: &'h [H]) -> Option<&'h H> {
        hosts.get(self.turn.checked_rem(hosts.len())?)
    }

    /// Turns to the next server.
    pub(super) fn turn(&mut self) {
        self.turn = self.turn.wrapping_add(1);
    }

    pub(super) fn left(&self, until: Deadline) -> Duration {
        until.left(self.clock.as_ref())
    }

    /// The time limit of a request: not beyond the deadline.
    pub(super) fn limit(&self, most: Duration, until: Deadline) -> Duration {
        most.min(self.left(until))
    }

    /// The time limit of an append of this many bytes.
    pub(super) fn append_limit(&self, most: Duration, bytes: usize, until: Deadline) -> Duration {
        let steps = u32::try_from(bytes.checked_div(LARGE_APPEND_STEP).unwrap_or(0));
        let more = Duration::from_secs(1).saturating_mul(steps.unwrap_or(u32::MAX));
        self.limit(most.saturating_add(more), until)
    }

    /// Pauses before the next attempt; false once the deadline has passed.
    pub(super) async fn pause(&self, pause: &mut AttemptPause, until: Deadline) -> bool {
        let left = self.left(until);
        if left.is_zero() {
            return false;
        }
        tokio::time::sleep(pause.0.min(left)).await;
        pause.0 = pause.0.saturating_mul(2).min(LONGEST_PAUSE);
        // An attempt without time would only hide why the last one failed.
        !self.left(until).is_zero()
    }
}
