//! The terminal: taken over as a whole, and given back whatever happens.

use std::io::{self, BufWriter};
use std::mem::ManuallyDrop;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::force_color_output;
use ratatui::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use crate::output::print::{Outlet, outlet};

/// Bytes that are written at once, so that no half of a screen is seen.
const BLOCK: usize = 64 * 1024;

/// True while the terminal is taken over.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// The terminal as a screen. It is given back when this is dropped.
pub(super) struct Screen {
    /// Its own drop prints to standard error, which may be gone with the terminal: what it would give
    /// back, [`give_back`] does.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Outlet>>>>,
}

/// What came from the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TerminalEvent {
    Key(KeyCode),
    Resized,
    /// The user wants to leave for a while.
    Suspend,
    Interrupt,
    Gone,
}

impl Screen {
    pub(super) fn take(colour: bool) -> io::Result<Screen> {
        give_back_on_panic();
        force_color_output(colour);
        // From here on: if the next steps fail half way, what was done is undone.
        IS_TAKEN.store(true, Ordering::SeqCst);
        let screen = take_over().and_then(|()| {
            let out = BufWriter::with_capacity(BLOCK, outlet());
            Terminal::new(CrosstermBackend::new(out))
        });
        match screen {
            Ok(terminal) => Ok(Screen {
                terminal: ManuallyDrop::new(terminal),
            }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Draws a screen. `draw` returns where the cursor is.
    pub(super) fn draw(
        &mut self,
        draw: impl FnOnce(&mut ratatui::buffer::Buffer) -> Option<(u16, u16)>,
    ) -> io::Result<()> {
        self.terminal.draw(|frame| {
            if let Some(cursor) = draw(frame.buffer_mut()) {
                frame.set_cursor_position(cursor);
            }
        })?;
        Ok(())
    }

    /// Stops the program as Ctrl-Z does, and takes the terminal over again when it goes on.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        stop();
        IS_TAKEN.store(true, Ordering::SeqCst);
        take_over()?;
        execute!(outlet(), Clear(ClearType::All))?;
        // Nothing of it is on the screen any more. The library's own `clear` would ask the terminal for
        // the cursor, and not every one answers.
        self.terminal.swap_buffers();
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// What comes from the terminal within so much time.
pub(super) fn next_event(most: Duration) -> io::Result<Option<TerminalEvent>> {
    if waits_in_vain(most) {
        return Ok(Some(TerminalEvent::Gone));
    }
    if !event::poll(Duration::ZERO)? {
        return Ok(None);
    }
    Ok(match event::read()? {
        Event::Key(key) if key.kind != KeyEventKind::Release => {
            let control = key.modifiers.contains(KeyModifiers::CONTROL);
            match key.code {
                KeyCode::Char('c') if control => Some(TerminalEvent::Interrupt),
                KeyCode::Char('z') if control => Some(TerminalEvent::Suspend),
                KeyCode::Char(_) if control => None,
                code => is_known(code).then_some(TerminalEvent::Key(code)),
            }
        }
        Event::Resize(..) => Some(TerminalEvent::Resized),
        _ => None,
    })
}

/// True of keys that do something somewhere. Others do not even take a message away.
fn is_known(key: KeyCode) -> bool {
    use KeyCode::{
        Backspace, Char, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Up,
    };
    let moves = matches!(
        key,
        Left | Right | Up | Down | PageUp | PageDown | Home | End
    );
    moves || matches!(key, Char(_) | Enter | Esc | Backspace)
}

/// Waits for input, and tells whether the terminal has gone away meanwhile: not every way of going
/// sends a signal, and reading from one that is gone returns at once, for ever.
#[cfg(unix)]
fn waits_in_vain(most: Duration) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stdin = io::stdin();
    let mut stdin = [PollFd::new(&stdin, PollFlags::IN)];
    let most = Timespec::try_from(most).unwrap_or_default();
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    let found = poll(&mut stdin, Some(&most));
    found.is_ok() && stdin.iter().any(|stdin| stdin.revents().intersects(gone))
}

#[cfg(not(unix))]
fn waits_in_vain(most: Duration) -> bool {
    let _ = event::poll(most);
    false
}

fn take_over() -> io::Result<()> {
    enable_raw_mode()?;
    // The first look makes the library listen for another size of the window.
    event::poll(Duration::ZERO)?;
    execute!(outlet(), EnterAlternateScreen, Hide)
}

/// Gives the terminal back, once.
fn give_back() {
    if IS_TAKEN.swap(false, Ordering::SeqCst) {
        // There is nothing else to be done about a terminal that does not answer.
        let _ = execute!(outlet(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// Before a panic's message, which would be lost on the screen.
fn give_back_on_panic() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
    });
}

#[cfg(unix)]
fn stop() {
    let _ = signal_hook::low_level::raise(signal_hook::consts::SIGSTOP);
}

#[cfg(not(unix))]
fn stop() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_gives_the_terminal_back_before_its_message() {
        static WAS_TAKEN: AtomicBool = AtomicBool::new(true);
        // What prints the message comes after what gives the terminal back.
        std::panic::set_hook(Box::new(|_| {
            WAS_TAKEN.store(IS_TAKEN.load(Ordering::SeqCst), Ordering::SeqCst);
        }));
        give_back_on_panic();
        IS_TAKEN.store(true, Ordering::SeqCst);
        let panicked = std::thread::spawn(|| panic!("in the middle of a screen")).join();
        let _ = std::panic::take_hook();
        assert!(panicked.is_err());
        assert!(!WAS_TAKEN.load(Ordering::SeqCst));
    }
}
