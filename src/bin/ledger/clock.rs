//! The clock: the one caller of the system's, and how long a lock or an answer is waited for.

use std::ffi::OsStr;
use std::time::{Duration, Instant as Monotonic};

use event_ledger::log::{Holder, LockWaiter};
use event_ledger::remote::Clock;
use event_ledger::time::Timestamp;

use crate::failure::Failure;
use crate::output::print::Printer;

/// The time after which the process that holds the lock is named.
const SILENT: Duration = Duration::from_millis(500);
/// The first pause between two tries, and the longest.
const SHORTEST_PAUSE: Duration = Duration::from_micros(200);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// The time: `LEDGER_NOW` if it is set, otherwise the system's.
pub(crate) fn now(stand_in: Option<&OsStr>) -> anyhow::Result<Timestamp> {
    match stand_in {
        Some(text) => Ok(
            Timestamp::parse_rfc3339(&text.to_string_lossy()).map_err(|error| {
                Failure::invalid_time(format!("LEDGER_NOW cannot be read: {error}"))
                    .with_hint("unset LEDGER_NOW")
            })?,
        ),
        None => system_now(),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock's owner")]
fn system_now() -> anyhow::Result<Timestamp> {
    let now = Timestamp::from_system(std::time::SystemTime::now());
    Ok(now.ok_or_else(|| {
        Failure::invalid_time("the system's clock is outside the years 1 to 9999")
            .with_hint("date --iso-8601=seconds")
    })?)
}

/// The clock of this machine, for the library's engines.
pub(crate) struct MachineClock;

impl Clock for MachineClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock's owner")]
    fn now(&self) -> Monotonic {
        Monotonic::now()
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// The time limit of an operation.
pub(crate) struct Deadline(Option<Monotonic>);

impl Deadline {
    /// So long from now.
    #[expect(clippy::disallowed_methods, reason = "this is the clock's owner")]
    pub(crate) fn after(time: Duration) -> Deadline {
        Deadline(Monotonic::now().checked_add(time))
    }

    /// The remaining time; unlimited if its end is out of range.
    #[expect(clippy::disallowed_methods, reason = "this is the clock's owner")]
    pub(crate) fn left(&self) -> Duration {
        self.0.map_or(Duration::MAX, |end| {
            end.saturating_duration_since(Monotonic::now())
        })
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock's owner")]
    pub(crate) fn is_over(&self) -> bool {
        self.0.is_some_and(|end| Monotonic::now() >= end)
    }
}

/// Waits for a lock: retries after growing pauses, says which process holds it, and stops at the
/// time limit.
pub(crate) struct LockWait<'p> {
    printer: &'p mut Printer,
    most: Duration,
    since: Option<Monotonic>,
    pause: Duration,
    said: bool,
    has_clock: bool,
}

impl<'p> LockWait<'p> {
    pub(crate) fn new(printer: &'p mut Printer, most: Duration) -> LockWait<'p> {
        LockWait {
            printer,
            most,
            since: None,
            pause: SHORTEST_PAUSE,
            said: false,
            has_clock: false,
        }
    }

    /// The same, with the system's clock unless a test replaces it.
    pub(crate) fn with_clock(self, stand_in: Option<&OsStr>) -> LockWait<'p> {
        LockWait {
            has_clock: stand_in.is_none(),
            ..self
        }
    }
}

impl LockWaiter for LockWait<'_> {
    #[expect(clippy::disallowed_methods, reason = "this is the clock's owner")]
    fn wait(&mut self, holder: &dyn Fn() -> Option<Holder>) -> bool {
        let waited = self.since.get_or_insert_with(Monotonic::now).elapsed();
        let Some(left) = self.most.checked_sub(waited).filter(|left| !left.is_zero()) else {
            return false;
        };
        if waited >= SILENT && !self.said {
            self.said = true;
            let whom =
                holder().map_or_else(|| "another process".to_owned(), |holder| holder.to_string());
            self.printer.note(
                "waiting",
                &format!("waiting for {whom}, which holds the lock"),
            );
        }
        std::thread::sleep(self.pause.min(left));
        self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE);
        true
    }

    fn starts(&mut self) {
        self.since = None;
        self.pause = SHORTEST_PAUSE;
    }

    fn now(&mut self) -> Option<Timestamp> {
        self.has_clock.then(system_now)?.ok()
    }
}
