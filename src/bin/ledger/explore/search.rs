//! Searching the whole log for a text, beside the screen.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use event_ledger::event::Entry;
use event_ledger::log::{Holder, LockWaiter, LogReader, ScanOptions, ScanRange};

pub(super) struct RunningSearch {
    text: String,
    found: Receiver<Vec<u32>>,
}

impl RunningSearch {
    /// Starts one for a text in lower case.
    pub(super) fn start(path: PathBuf, text: String) -> RunningSearch {
        let (sender, found) = channel();
        let wanted = text.clone();
        std::thread::spawn(move || {
            // The receiver is gone if another search was started.
            let _ = sender.send(search(&path, &wanted).unwrap_or_default());
        });
        RunningSearch { text, found }
    }

    /// What it found, once it has ended.
    pub(super) fn ended(&self) -> Option<(String, Vec<u32>)> {
        let found = self.found.try_recv().ok()?;
        Some((self.text.clone(), found))
    }
}

/// Waits for a writer, who holds the lock for a moment only.
pub(super) struct ShortWait(u32);

impl Default for ShortWait {
    fn default() -> ShortWait {
        ShortWait(1000)
    }
}

impl LockWaiter for ShortWait {
    fn wait(&mut self, _holder: &dyn Fn() -> Option<Holder>) -> bool {
        std::thread::sleep(Duration::from_millis(5));
        self.0 = self.0.saturating_sub(1);
        self.0 > 0
    }
}

fn search(path: &std::path::Path, text: &str) -> Option<Vec<u32>> {
    let log = LogReader::open(path, &mut ShortWait::default()).ok()?;
    let options = ScanOptions {
        is_silent: true,
        ..ScanOptions::default()
    };
    let mut found = Vec::new();
    let scanned = log.scan(ScanRange::ALL, options, |entry, _| {
        if matches(entry, text)
            && let Ok(seq) = u32::try_from(entry.seq)
        {
            found.push(seq);
        }
        Ok::<(), std::convert::Infallible>(())
    });
    scanned.ok()?;
    Some(found)
}

/// True if a memo, a tag or an account of an event holds a text, which is in lower case.
pub(super) fn matches(entry: &Entry<'_>, text: &str) -> bool {
    let holds = |own: &str| contains(own, text);
    if entry.seq == 0 {
        return false;
    }
    entry.memo().is_some_and(holds)
        || entry.event.accounts().any(|name| holds(name.as_str()))
        || entry
            .tags()
            .iter()
            .any(|(key, value)| holds(&format!("{key}={value}")))
}

/// Whether a text holds another one, ignoring case. Most texts are ASCII and need no copy.
fn contains(own: &str, text: &str) -> bool {
    if own.is_ascii() && text.is_ascii() {
        let (own, text) = (own.as_bytes(), text.as_bytes());
        return text.is_empty()
            || own
                .windows(text.len())
                .any(|window| window.eq_ignore_ascii_case(text));
    }
    own.to_lowercase().contains(text)
}
