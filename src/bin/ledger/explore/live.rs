//! The loop: keys, events that are recorded meanwhile, and the screen.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use event_ledger::event::Entry;
use event_ledger::ledger::{LedgerError, ReadOptions, Reader, Subscription};
use event_ledger::log::LogError;
use event_ledger::replay::Cutoff;
use event_ledger::time::Timestamp;
use hashbrown::HashMap;

use super::index::{LogIndex, TooManyEvents};
use super::search::{RunningSearch, matches};
use super::state::{EventSource, ExploreState, LogView};
use super::terminal::{Screen, TerminalEvent, next_event};
use super::update::{Input, Wanted, update};
use super::view::{Theme, draw};
use crate::clock::Deadline;
use crate::failure::Failure;
use crate::session::Session;
use crate::waiting::Waiting;

/// How long a key is waited for before something else is looked after.
const GLANCE: Duration = Duration::from_millis(50);
/// How often new events are looked for.
const LOOK: Duration = Duration::from_millis(500);
/// How many events are kept, so that a screen is drawn without reading.
const KEPT: usize = 4096;

/// The log while it is explored.
struct LiveLog {
    follower: Subscription,
    index: LogIndex,
    kept: RefCell<HashMap<u32, Entry<'static>>>,
    name: String,
    now: Timestamp,
}

/// Why the log could not be read.
enum ReadStopped {
    Ledger(LedgerError),
    TooMany(TooManyEvents),
}

impl From<LedgerError> for ReadStopped {
    fn from(error: LedgerError) -> ReadStopped {
        ReadStopped::Ledger(error)
    }
}

impl From<ReadStopped> for anyhow::Error {
    fn from(stopped: ReadStopped) -> anyhow::Error {
        match stopped {
            ReadStopped::Ledger(error) => error.into(),
            ReadStopped::TooMany(error) => Failure::io(error.to_string()).into(),
        }
    }
}

impl LiveLog {
    fn read(reading: Reader, name: String, now: Timestamp) -> anyhow::Result<LiveLog> {
        let mut index = LogIndex::default();
        let replayed = reading.scan::<ReadStopped>(
            Cutoff::default(),
            None,
            ReadOptions::default(),
            |entry, _, _| index.push(entry).map_err(ReadStopped::TooMany),
        )?;
        index.settle();
        Ok(LiveLog {
            follower: Subscription::after(reading, replayed),
            index,
            kept: RefCell::default(),
            name,
            now,
        })
    }

    fn view(&self) -> LogView<'_> {
        LogView {
            index: &self.index,
            events: self,
            zone: self.follower.zone(),
            name: &self.name,
            now: self.now,
        }
    }

    /// Takes in what was recorded since. The events that hold the text of a search are its hits.
    fn grow(&mut self, search: Option<&str>) -> anyhow::Result<Input> {
        let before = self.index.len();
        let index = &mut self.index;
        let mut hits = Vec::new();
        self.follower.take::<ReadStopped>(|entry, _, _| {
            let is_hit = search.is_some_and(|text| matches(entry, text));
            if let (true, Ok(seq)) = (is_hit, u32::try_from(entry.seq)) {
                hits.push(seq);
            }
            index.push(entry).map_err(ReadStopped::TooMany)
        })?;
        self.index.settle();
        Ok(Input::Grown { before, hits })
    }
}

impl EventSource for LiveLog {
    fn event(&self, seq: u32) -> Option<Entry<'static>> {
        if let Some(entry) = self.kept.borrow().get(&seq) {
            return Some(entry.clone());
        }
        let entry = self.follower.entry(u64::from(seq)).ok()??;
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(seq, entry.clone());
        Some(entry)
    }
}

/// Explores a log until the user has seen enough.
pub(crate) fn run(reading: Reader, session: &mut Session) -> anyhow::Result<()> {
    let style = session.printer.table_style();
    let theme = Theme {
        colour: style.colour,
        ascii: style.ascii,
    };
    let now = session.now()?;
    let name = session.path().file_name();
    let name = name.map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut log = LiveLog::read(reading, name, now)?;
    let waiting = session.waiting(false)?;
    let signals = Signals::listen();
    let mut screen = Screen::take(theme.colour).context("cannot take over the terminal")?;
    let mut state = ExploreState::new(log.view());
    let mut search: Option<RunningSearch> = None;
    let mut next_look = Deadline::after(LOOK);
    let mut is_drawn = false;
    loop {
        if !is_drawn {
            let view = log.view();
            screen.draw(|buffer| draw(&state, view, theme, buffer))?;
            is_drawn = true;
        }
        if waiting.is_over() || signals.quit.load(Ordering::SeqCst) {
            return Ok(());
        }
        if signals.hangup.load(Ordering::SeqCst) {
            bail!(gone());
        }
        if signals.stop.swap(false, Ordering::SeqCst) {
            screen.suspend()?;
            is_drawn = false;
            continue;
        }
        let mut event = next_event(GLANCE)?;
        // A key that is held down must not be drawn more often than the terminal can.
        while let Some(current) = event {
            is_drawn = false;
            let input = match current {
                TerminalEvent::Interrupt => return Ok(()),
                TerminalEvent::Gone => bail!(gone()),
                TerminalEvent::Suspend => {
                    screen.suspend()?;
                    None
                }
                TerminalEvent::Resized => None,
                TerminalEvent::Input(input) => Some(input),
            };
            if let Some(input) = input {
                let (next, wanted) = update(state, &input, log.view());
                state = next;
                match wanted {
                    Wanted::Nothing => {}
                    Wanted::Quit => return Ok(()),
                    Wanted::Search(text) => {
                        let path = log.follower.path().to_owned();
                        search = Some(RunningSearch::start(path, text));
                    }
                }
            }
            event = next_event(Duration::ZERO)?;
        }
        if let Some((text, seqs)) = search.as_ref().and_then(RunningSearch::ended) {
            search = None;
            (state, _) = update(state, &Input::Found { text, seqs }, log.view());
            is_drawn = false;
        }
        if next_look.is_over() {
            next_look = Deadline::after(LOOK);
            log.now = session.clock()?;
            if has_grown(&mut log, &waiting, session)? {
                let text = state.search_text().map(str::to_owned);
                let grown = log.grow(text.as_deref())?;
                (state, _) = update(state, &grown, log.view());
                is_drawn = false;
            }
        }
    }
}

/// Looks for more. While a writer holds the lock there is nothing yet.
fn has_grown(
    log: &mut LiveLog,
    waiting: &Waiting,
    session: &mut Session,
) -> Result<bool, LedgerError> {
    match session.look(&mut log.follower, waiting) {
        Err(LedgerError::Log(LogError::LockTimeout { .. }) | LedgerError::Engine(_)) => Ok(false),
        other => other,
    }
}

/// The error that there is no terminal any more. Its message has no reader, but its exit code has.
fn gone() -> Failure {
    Failure::io("the terminal is gone")
}

/// Which signals came, besides those of [`Waiting`].
#[derive(Debug, Default)]
struct Signals {
    /// The terminal goes away.
    hangup: Arc<AtomicBool>,
    /// Ctrl-\ from elsewhere.
    quit: Arc<AtomicBool>,
    /// Ctrl-Z from elsewhere: on this screen it is a key.
    stop: Arc<AtomicBool>,
}

impl Signals {
    #[cfg(unix)]
    fn listen() -> Signals {
        use signal_hook::consts::{SIGHUP, SIGQUIT, SIGTSTP};
        use signal_hook::flag::{register, register_conditional_shutdown};
        let signals = Signals::default();
        for (signal, came) in [(SIGHUP, &signals.hangup), (SIGQUIT, &signals.quit)] {
            // The second signal ends the program at once. Without these, the first does.
            let _ = register_conditional_shutdown(signal, 1, Arc::clone(came));
            let _ = register(signal, Arc::clone(came));
        }
        let _ = register(SIGTSTP, Arc::clone(&signals.stop));
        signals
    }

    #[cfg(not(unix))]
    fn listen() -> Signals {
        Signals::default()
    }
}
