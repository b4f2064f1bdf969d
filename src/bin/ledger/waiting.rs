//! Waiting: until the log changes, until standard output accepts more, until a command ends, or for
//! a pause, and never longer than until the user ends the program.
//!
//! Between two checks nothing is lost: without a change notification, the log is checked again
//! after a while.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use event_ledger::log::{Holder, LockWaiter};

use crate::bell::Bell;
use crate::clock::Deadline;

#[cfg(not(unix))]
#[path = "waiting/portable.rs"]
mod platform;
#[cfg(unix)]
#[path = "waiting/unix.rs"]
mod platform;

/// Lines up to this length together are written completely or not at all.
pub(crate) const WHOLE_BYTES: usize = 4096;
/// The time a command has to end after a request to do so.
const GRACE: Duration = Duration::from_secs(2);

/// Waits on behalf of a command that follows the log.
pub(crate) struct Waiting {
    platform: platform::PlatformWaiting,
    /// Whether to check that standard output has a reader.
    prints: bool,
}

impl Waiting {
    /// From here on a signal no longer ends the program by itself. `prints` means that the output
    /// goes to standard output.
    pub(crate) fn new(log: &Path, bell: Option<Bell>, prints: bool) -> io::Result<Waiting> {
        Ok(Waiting {
            platform: platform::PlatformWaiting::new(log, bell)?,
            prints,
        })
    }

    /// Whether to end: a signal came, or the reader closed the pipe.
    pub(crate) fn is_over(&self) -> bool {
        self.platform.is_over()
    }

    /// Waits until the log may have changed.
    pub(crate) fn for_more(&mut self) {
        let most = self.platform.between_looks();
        self.platform.wait(most, self.prints);
    }

    /// Waits this long. False if it is time to end.
    pub(crate) fn pause(&mut self, time: Duration) -> bool {
        let deadline = Deadline::after(time);
        while !self.is_over() && !deadline.is_over() {
            self.platform.wait_for_signals(deadline.left());
        }
        !self.is_over()
    }

    /// Prints lines of this many bytes once standard output accepts it. `None` if it is time to
    /// end instead.
    pub(crate) fn print<T>(&mut self, bytes: usize, print: impl FnOnce() -> T) -> Option<T> {
        self.platform.wait_for_room();
        if self.is_over() {
            return None;
        }
        if bytes <= WHOLE_BYTES {
            return Some(print());
        }
        // A write of this size can block in the middle, where only the signal itself helps.
        self.platform.let_signals_end(true);
        let printed = (!self.is_over()).then(print);
        self.platform.let_signals_end(false);
        printed
    }

    /// Runs a command with text on its standard input, for no longer than `limit`.
    pub(crate) fn run(
        &mut self,
        command: &mut Command,
        input: Vec<u8>,
        limit: Option<Duration>,
    ) -> io::Result<CommandEnd> {
        let mut child = platform::apart(command).spawn()?;
        if let Some(stdin) = child.stdin.take() {
            feed(stdin, input);
        }
        let deadline = limit.map(Deadline::after);
        let unfinished = loop {
            if let Some(status) = child.try_wait()? {
                return Ok(CommandEnd::Ended(status));
            }
            if self.is_over() {
                break CommandEnd::Stopped;
            }
            if deadline.as_ref().is_some_and(Deadline::is_over) {
                break CommandEnd::TookTooLong;
            }
            self.platform.wait_for_signals(platform::CHILD_AT_LEAST);
        };
        platform::end(&mut child, false);
        let deadline = Deadline::after(GRACE);
        while !deadline.is_over() {
            if let Some(status) = child.try_wait()? {
                return Ok(unfinished.or_success(status));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        platform::end(&mut child, true);
        let status = child.wait()?;
        Ok(unfinished.or_success(status))
    }
}

/// How the run of a command ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CommandEnd {
    /// It ended by itself.
    Ended(ExitStatus),
    /// It was ended because it took longer than it may.
    TookTooLong,
    /// It was ended because this program ends.
    Stopped,
}

impl CommandEnd {
    /// A command that was told to end and succeeds all the same has done its work.
    fn or_success(self, status: ExitStatus) -> CommandEnd {
        if status.success() {
            CommandEnd::Ended(status)
        } else {
            self
        }
    }
}

/// Writes the input. A command need not read all of it.
fn feed(mut stdin: impl io::Write + Send + 'static, input: Vec<u8>) {
    if input.len() <= WHOLE_BYTES {
        // A new pipe has room for that.
        let _ = stdin.write_all(&input);
        return;
    }
    // Not joined: a command can leave a process behind that keeps the pipe open and never reads.
    let _ = std::thread::Builder::new().spawn(move || stdin.write_all(&input));
}

/// Requests the lock for a moment only, because a follower tries again anyway.
pub(crate) struct BriefLockWait<'w> {
    waiting: &'w Waiting,
    tries: u32,
}

impl BriefLockWait<'_> {
    pub(crate) fn new(waiting: &Waiting) -> BriefLockWait<'_> {
        BriefLockWait { waiting, tries: 0 }
    }
}

impl LockWaiter for BriefLockWait<'_> {
    fn wait(&mut self, _: &dyn Fn() -> Option<Holder>) -> bool {
        self.tries = self.tries.saturating_add(1);
        if self.tries > 100 || self.waiting.is_over() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
        true
    }
}
