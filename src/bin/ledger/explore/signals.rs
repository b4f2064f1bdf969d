//! Signals, and a terminal that goes away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Failure;
use crate::waiting::Waiting;

/// The error that there is no terminal any more. Its message has no reader, but its exit code has.
pub(super) fn gone() -> Failure {
    Failure::io("the terminal is gone")
}

/// Which signals came, besides those of [`Waiting`].
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// The terminal goes away.
    hangup: Arc<AtomicBool>,
    /// Ctrl-\ from elsewhere.
    quit: Arc<AtomicBool>,
    /// Ctrl-Z from elsewhere: on this screen it is a key.
    stop: Arc<AtomicBool>,
}

impl Signals {
    #[cfg(unix)]
    pub(super) fn listen() -> Signals {
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
    pub(super) fn listen() -> Signals {
        Signals::default()
    }

    /// True if the program is to end.
    pub(super) fn leaves(&self, waiting: &Waiting) -> Result<bool, Failure> {
        if self.hangup.load(Ordering::SeqCst) {
            return Err(gone());
        }
        Ok(waiting.is_over() || self.quit.load(Ordering::SeqCst))
    }

    /// True once for each Ctrl-Z from elsewhere.
    pub(super) fn is_to_stop(&self) -> bool {
        self.stop.swap(false, Ordering::SeqCst)
    }
}
