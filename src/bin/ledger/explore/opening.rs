//! Reads the log when `explore` starts. If that takes long, the screen says how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context as _, bail};
use event_ledger::ledger::Reader;
use event_ledger::log::ProgressObserver;
use event_ledger::time::Timestamp;
use ratatui::crossterm::event::KeyCode;

use super::live_log::LiveLog;
use super::signals::{Signals, gone};
use super::terminal::{Screen, TerminalEvent, next_event};
use super::view::{Theme, draw_reading};
use crate::failure::Failure;
use crate::waiting::Waiting;

/// A log that is read within this needs no screen of its own.
const BRIEF: Duration = Duration::from_millis(100);
/// How long a key is waited for before the end of reading is looked for.
const GLANCE: Duration = Duration::from_millis(20);

/// How far reading has come.
#[derive(Debug, Default)]
struct ReadProgress {
    /// Zero for a short log, whose reading is not reported.
    total: AtomicU64,
    read: AtomicU64,
}

impl ReadProgress {
    fn observer(self: &Arc<Self>) -> ProgressObserver {
        let progress = Arc::clone(self);
        ProgressObserver::new(move |total| {
            let progress = Arc::clone(&progress);
            progress.total.store(total, Ordering::Relaxed);
            Box::new(move |bytes| {
                progress.read.fetch_add(bytes, Ordering::Relaxed);
            })
        })
    }

    /// None for a short log.
    fn percent(&self) -> Option<u64> {
        let total = self.total.load(Ordering::Relaxed);
        let read = self.read.load(Ordering::Relaxed).min(total);
        read.saturating_mul(100).checked_div(total)
    }
}

/// The log, and the screen; none if the user did not want to wait.
pub(super) fn open(
    reading: Reader,
    name: &str,
    now: Timestamp,
    theme: Theme,
    waiting: &Waiting,
    signals: &Signals,
) -> anyhow::Result<Option<(LiveLog, Screen)>> {
    let take = || Screen::take(theme.colour).context("cannot take over the terminal");
    let progress = Arc::new(ReadProgress::default());
    let reading = reading.with_observer(Some(progress.observer()));
    let (sender, ended) = channel();
    let own_name = name.to_owned();
    // If the user leaves, this ends with the program.
    std::thread::spawn(move || {
        let _ = sender.send(LiveLog::read(reading, own_name, now));
    });
    let mut screen = None;
    let mut drawn = None;
    let mut most = BRIEF;
    loop {
        match ended.recv_timeout(most) {
            Ok(log) => {
                let log = log?;
                let screen = screen.map_or_else(take, Ok)?;
                return Ok(Some((log, screen)));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => bail!(Failure::io("the log was not read")),
        }
        if signals.leaves(waiting)? {
            return Ok(None);
        }
        let Some(percent) = progress.percent() else {
            continue;
        };
        let screen: &mut Screen = match &mut screen {
            Some(screen) => screen,
            None => screen.insert(take()?),
        };
        if drawn != Some(percent) {
            screen.draw(|buffer| {
                draw_reading(name, percent, theme, buffer);
                None
            })?;
            drawn = Some(percent);
        }
        // From here on keys are what is waited for.
        most = Duration::ZERO;
        let mut event = next_event(GLANCE)?;
        while let Some(current) = event {
            match current {
                TerminalEvent::Interrupt | TerminalEvent::Key(KeyCode::Char('q')) => {
                    return Ok(None);
                }
                TerminalEvent::Gone => bail!(gone()),
                TerminalEvent::Suspend => {
                    screen.suspend()?;
                    drawn = None;
                }
                TerminalEvent::Resized => drawn = None,
                TerminalEvent::Key(_) => {}
            }
            event = next_event(Duration::ZERO)?;
        }
        if signals.is_to_stop() {
            screen.suspend()?;
            drawn = None;
        }
    }
}
