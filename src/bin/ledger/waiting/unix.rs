//! Waiting on Unix: one `poll` over a pipe that signals write to, the log's change notification
//! (Linux), and standard output.

use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::low_level::pipe;

use crate::bell::Bell;
use crate::output::print::{Outlet, outlet};

/// The end of a child process is signalled; this check is for a child that ended before.
pub(super) const CHILD_AT_LEAST: Duration = Duration::from_millis(250);
/// The interval with change notifications, which do not report changes made on another machine.
const WITH_NOTICE: Duration = Duration::from_secs(1);
/// The interval with an engine that announces appends.
const WITH_BELL: Duration = Duration::from_secs(5);
/// The interval without them.
const WITHOUT_NOTICE: Duration = Duration::from_millis(100);

pub(super) struct PlatformWaiting {
    /// The file whose changes are reported; none if the log is on an engine.
    log: Option<PathBuf>,
    /// A signal came.
    over: Arc<AtomicBool>,
    /// From here on, a signal ends the program immediately.
    at_once: Arc<AtomicBool>,
    signals: UnixStream,
    notice: Option<OwnedFd>,
    outlet: Outlet,
    reader_gone: bool,
}

impl PlatformWaiting {
    pub(super) fn new(log: &Path, bell: Option<Bell>) -> io::Result<PlatformWaiting> {
        let (over, at_once) = (Arc::default(), Arc::default());
        let (signals, wake) = UnixStream::pair()?;
        signals.set_nonblocking(true)?;
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, 0, Arc::clone(&at_once))?;
            flag::register(signal, Arc::clone(&over))?;
            pipe::register(signal, wake.try_clone()?)?;
        }
        pipe::register(SIGCHLD, wake)?;
        let mut waiting = PlatformWaiting {
            log: bell.is_none().then(|| log.to_owned()),
            over,
            at_once,
            signals,
            notice: match bell {
                Some(bell) => Some(heard(bell)?),
                None => notice(),
            },
            outlet: outlet(),
            reader_gone: false,
        };
        waiting.ask_for_notice();
        Ok(waiting)
    }

    pub(super) fn is_over(&self) -> bool {
        self.reader_gone || self.over.load(Ordering::SeqCst)
    }

    pub(super) fn between_looks(&self) -> Duration {
        match self.notice {
            _ if self.log.is_none() => WITH_BELL,
            Some(_) => WITH_NOTICE,
            None => WITHOUT_NOTICE,
        }
    }

    pub(super) fn let_signals_end(&self, at_once: bool) {
        self.at_once.store(at_once, Ordering::SeqCst);
    }

    /// Until the log changed, a signal came, the reader went, or so much time has passed.
    pub(super) fn wait(&mut self, most: Duration, prints: bool) {
        if !self.is_over() {
            self.poll(true, prints.then_some(PollFlags::empty()), Some(most));
            // If the name leads to another file now, that one is watched.
            self.ask_for_notice();
        }
    }

    pub(super) fn wait_for_signals(&mut self, most: Duration) {
        self.poll(false, None, Some(most));
    }

    /// Waits until standard output accepts something, or it is time to end.
    pub(super) fn wait_for_room(&mut self) {
        while !self.is_over() && !self.poll(false, Some(PollFlags::OUT), None) {}
    }

    /// True if standard output accepts more.
    fn poll(&mut self, notice: bool, outlet: Option<PollFlags>, most: Option<Duration>) -> bool {
        let most = most.map(|most| {
            Timespec::try_from(most).unwrap_or(Timespec {
                tv_sec: 1,
                tv_nsec: 0,
            })
        });
        let mut watched = vec![PollFd::new(&self.signals, PollFlags::IN)];
        if let Some(outlet) = outlet {
            watched.push(PollFd::from_borrowed_fd(self.outlet.as_fd(), outlet));
        }
        if notice && let Some(notice) = &self.notice {
            watched.push(PollFd::new(notice, PollFlags::IN));
        }
        // Interrupted is as good as woken.
        let _ = poll(&mut watched, most.as_ref());
        let found = outlet.and(watched.get(1)).map(PollFd::revents);
        drop(watched);
        self.drain();
        let found = found.unwrap_or(PollFlags::empty());
        // A stream that was closed before the start has no reader that went away.
        let is_there = !found.contains(PollFlags::NVAL);
        self.reader_gone |= is_there && found.intersects(PollFlags::ERR | PollFlags::HUP);
        !is_there || found.contains(PollFlags::OUT)
    }

    /// Reads the notification, so that it does not wake this thread again.
    fn drain(&mut self) {
        let mut bytes = [0; 4096];
        while self.signals.read(&mut bytes).is_ok_and(|read| read > 0) {}
        if let Some(notice) = &self.notice {
            while rustix::io::read(notice, &mut bytes).is_ok_and(|read| read > 0) {}
        }
    }

    #[cfg(target_os = "linux")]
    fn ask_for_notice(&mut self) {
        use rustix::fs::inotify::{WatchFlags, add_watch};

        let changes = WatchFlags::MODIFY
            | WatchFlags::ATTRIB
            | WatchFlags::MOVE_SELF
            | WatchFlags::DELETE_SELF;
        if let (Some(notice), Some(log)) = (&self.notice, &self.log) {
            // If it is not available this time, the next check is by time.
            let _ = add_watch(notice, log, changes);
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn ask_for_notice(&mut self) {
        let _ = &self.log;
    }
}

/// The end of a pipe at which the bell is heard.
fn heard(bell: Bell) -> io::Result<OwnedFd> {
    let (here, there) = UnixStream::pair()?;
    here.set_nonblocking(true)?;
    // Not joined: it may wait for an append when this ends.
    std::thread::Builder::new().spawn(move || bell.ring(there))?;
    Ok(here.into())
}

#[cfg(target_os = "linux")]
fn notice() -> Option<OwnedFd> {
    use rustix::fs::inotify::{CreateFlags, init};

    // There may be no descriptors left: then the log is checked by time.
    init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()
}

#[cfg(not(target_os = "linux"))]
fn notice() -> Option<OwnedFd> {
    None
}

/// The command and everything it starts, as a process group.
pub(super) fn apart(command: &mut Command) -> &mut Command {
    command.process_group(0)
}

/// Tells a command that was started [`apart`] to end, or ends it.
pub(super) fn end(child: &mut Child, by_force: bool) {
    let signal = if by_force { Signal::KILL } else { Signal::TERM };
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // If it is gone already, nothing is left to do.
        let _ = kill_process_group(group, signal);
    }
}
