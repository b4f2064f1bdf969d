//! The pager: an answer on a terminal that is longer than the screen goes through it.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

/// The pager that this user wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PagerChoice {
    /// A command line for the shell.
    Command(OsString),
    /// `less`, if it is there.
    Less,
}

impl PagerChoice {
    /// The choice of `LEDGER_PAGER`, otherwise of `PAGER`; `None` for a variable that is empty or `cat`.
    pub(crate) fn of(
        ledger_pager: Option<OsString>,
        pager: Option<OsString>,
    ) -> Option<PagerChoice> {
        match ledger_pager.or(pager) {
            Some(command) if command.is_empty() || command == "cat" => None,
            Some(command) => Some(PagerChoice::Command(command)),
            None => Some(PagerChoice::Less),
        }
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = match self {
            PagerChoice::Command(line) if cfg!(unix) => {
                let mut shell = Command::new("sh");
                shell.arg("-c").arg(line);
                shell
            }
            PagerChoice::Command(program) => Command::new(program),
            PagerChoice::Less => {
                let mut less = Command::new("less");
                less.arg("-FRX");
                less
            }
        };
        command.stdin(Stdio::piped()).spawn()
    }
}

/// A terminal behind a pager: what fits on the screen goes to it directly.
pub(crate) struct Paged<W: Write> {
    terminal: W,
    /// Until it is known whether the answer fits.
    pager: Option<PagerChoice>,
    lines: usize,
    waiting: Vec<u8>,
    running: Option<Child>,
}

impl<W: Write> Paged<W> {
    /// Pages what is written to a terminal of so many lines.
    pub(crate) fn new(terminal: W, pager: PagerChoice, lines: usize) -> Paged<W> {
        Paged {
            terminal,
            pager: Some(pager),
            lines,
            waiting: Vec::new(),
            running: None,
        }
    }

    fn out(&mut self) -> &mut dyn Write {
        match self.running.as_mut().and_then(|child| child.stdin.as_mut()) {
            Some(stdin) => stdin,
            None => &mut self.terminal,
        }
    }

    fn write_waiting(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        self.out().write_all(&waiting)
    }
}

impl<W: Write> Write for Paged<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.pager.is_none() {
            return self.out().write(bytes);
        }
        self.waiting.extend_from_slice(bytes);
        let lines = memchr::memchr_iter(b'\n', &self.waiting).count();
        if lines >= self.lines
            && let Some(pager) = self.pager.take()
        {
            // Without a pager the answer is printed as it is.
            self.running = pager.start().ok();
            self.write_waiting()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.pager = None;
            self.write_waiting()?;
        }
        self.out().flush()
    }
}

impl<W: Write> Drop for Paged<W> {
    /// Waits until the user has left the pager.
    fn drop(&mut self) {
        let _ = self.flush();
        if let Some(mut child) = self.running.take() {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_say_which_pager() {
        let of = |ledger: Option<&str>, pager: Option<&str>| {
            PagerChoice::of(ledger.map(OsString::from), pager.map(OsString::from))
        };
        let command = |line: &str| Some(PagerChoice::Command(line.into()));
        assert_eq!(of(None, None), Some(PagerChoice::Less));
        assert_eq!(of(None, Some("more")), command("more"));
        assert_eq!(of(Some("most"), Some("more")), command("most"));
        assert_eq!(of(Some(""), Some("more")), None);
        assert_eq!(of(None, Some("cat")), None);
    }

    #[test]
    #[cfg(unix)]
    fn only_what_is_longer_than_the_screen_is_paged() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("paged");
        let pager = || PagerChoice::Command(format!("cat > '{}'", file.display()).into());
        let mut terminal = Vec::new();
        let mut paged = Paged::new(&mut terminal, pager(), 3);
        paged.write_all(b"one\ntwo\n").unwrap();
        drop(paged);
        assert_eq!(terminal, b"one\ntwo\n");
        assert!(!file.exists());
        let mut terminal = Vec::new();
        let mut paged = Paged::new(&mut terminal, pager(), 3);
        paged.write_all(b"one\ntwo\n").unwrap();
        paged.write_all(b"three\n").unwrap();
        paged.write_all(b"four\n").unwrap();
        drop(paged);
        assert_eq!(terminal, b"");
        assert_eq!(std::fs::read(file).unwrap(), b"one\ntwo\nthree\nfour\n");
    }
}
