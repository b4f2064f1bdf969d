//! Waiting on systems without `poll` and change notifications: by time.
//!
//! An interrupt ends the program immediately.

use std::io;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use crate::bell::Bell;

pub(super) const CHILD_AT_LEAST: Duration = Duration::from_millis(20);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
const ON_AN_ENGINE: Duration = Duration::from_secs(1);

pub(super) struct PlatformWaiting(Duration);

impl PlatformWaiting {
    pub(super) fn new(_: &Path, bell: Option<Bell>) -> io::Result<PlatformWaiting> {
        let between_looks = bell.map_or(BETWEEN_LOOKS, |_| ON_AN_ENGINE);
        Ok(PlatformWaiting(between_looks))
    }

    pub(super) fn is_over(&self) -> bool {
        false
    }

    pub(super) fn between_looks(&self) -> Duration {
        self.0
    }

    pub(super) fn let_signals_end(&self, _: bool) {}

    pub(super) fn wait(&mut self, most: Duration, _: bool) {
        std::thread::sleep(most);
    }

    pub(super) fn wait_for_signals(&mut self, most: Duration) {
        std::thread::sleep(most);
    }

    pub(super) fn wait_for_room(&mut self) {}
}

pub(super) fn apart(command: &mut Command) -> &mut Command {
    command
}

pub(super) fn end(child: &mut Child, _: bool) {
    let _ = child.kill();
}
