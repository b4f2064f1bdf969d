//! The loop: keys, events that are recorded meanwhile, and the screen.

use std::time::Duration;

use anyhow::bail;
use event_ledger::ledger::{LedgerError, Reader};
use event_ledger::log::LogError;

use super::live_log::LiveLog;
use super::opening;
use super::search::RunningSearch;
use super::signals::{Signals, gone};
use super::state::ExploreState;
use super::terminal::{TerminalEvent, next_event};
use super::update::Wanted;
use super::view::{Theme, draw};
use crate::clock::Deadline;
use crate::session::Session;
use crate::waiting::Waiting;

/// How long a key is waited for before something else is looked after.
const GLANCE: Duration = Duration::from_millis(50);
/// How often new events are looked for.
const LOOK: Duration = Duration::from_millis(500);

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
    let waiting = session.waiting(false)?;
    let signals = Signals::listen();
    let opened = opening::open(reading, &name, now, theme, &waiting, &signals)?;
    let Some((mut log, mut screen)) = opened else {
        return Ok(());
    };
    let mut state = ExploreState::new(log.view());
    state.message = session.first_broken().map(|seq| {
        let way = session.hint("ledger verify");
        format!("event {seq} breaks a rule of the ledger: {way}")
    });
    let mut search: Option<RunningSearch> = None;
    let mut next_look = Deadline::after(LOOK);
    let mut is_drawn = false;
    loop {
        if !is_drawn {
            let view = log.view();
            screen.draw(|buffer| draw(&state, view, theme, buffer))?;
            is_drawn = true;
        }
        if signals.leaves(&waiting)? {
            return Ok(());
        }
        if signals.is_to_stop() {
            screen.suspend()?;
            is_drawn = false;
            continue;
        }
        let mut event = next_event(GLANCE)?;
        // A key that is held down must not be drawn more often than the terminal can.
        while let Some(current) = event {
            is_drawn = false;
            match current {
                TerminalEvent::Interrupt => return Ok(()),
                TerminalEvent::Gone => bail!(gone()),
                TerminalEvent::Suspend => screen.suspend()?,
                TerminalEvent::Resized => {}
                TerminalEvent::Key(key) => match state.press(key, log.view()) {
                    Wanted::Nothing => {}
                    Wanted::Quit => return Ok(()),
                    Wanted::Search(text) => {
                        let path = log.follower.path().to_owned();
                        search = Some(RunningSearch::start(path, text));
                    }
                },
            }
            event = next_event(Duration::ZERO)?;
        }
        if let Some((text, seqs)) = search.as_ref().and_then(RunningSearch::ended) {
            search = None;
            state.take_hits(&text, &seqs, log.view());
            is_drawn = false;
        }
        if next_look.is_over() {
            next_look = Deadline::after(LOOK);
            log.now = session.clock()?;
            // A hold may have expired.
            is_drawn &= !state.is_at_the_end(log.view());
            if has_grown(&mut log, &waiting, session)? {
                let text = state.search_text().map(str::to_owned);
                let grown = log.grow(text.as_deref())?;
                state.grow(grown, log.view());
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
