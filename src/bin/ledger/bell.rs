//! Announces appends to a log on an engine.

#[cfg(unix)]
use std::io;
use std::sync::Arc;
#[cfg(unix)]
use std::time::Duration;

#[cfg(unix)]
use event_ledger::remote::{AppendPosition, Deadline};
use event_ledger::remote::{Clock, Store};

/// A connection to an engine that waits for appends, in a thread of its own.
pub(crate) struct Bell {
    pub(crate) store: Box<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// How long one wait on an engine takes, and the pause after one that failed.
#[cfg(unix)]
const RINGS_WITHIN: Duration = Duration::from_hours(1);
#[cfg(unix)]
const RING_AGAIN: Duration = Duration::from_secs(1);

#[cfg(unix)]
impl Bell {
    /// Writes a byte after each append, until the reading end is closed.
    pub(crate) fn ring(mut self, mut waiter: impl io::Write) {
        let mut beyond = AppendPosition::START;
        loop {
            let now = self.clock.now();
            let until = now.checked_add(RINGS_WITHIN).unwrap_or(now);
            let until = Deadline::at(until);
            let rang = self
                .store
                .wait(beyond, until)
                .and_then(|_| self.store.head(until));
            match rang {
                Ok(head) => beyond = head.position,
                Err(_) => self.clock.pause(RING_AGAIN),
            }
            if waiter.write_all(b"\n").is_err() {
                return;
            }
        }
    }
}
