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

/// A terminal with a pager in front: what fits on the screen goes to it directly.
pub(crate) struct Paged<W: Write> {
    terminal: W,
    /// Until it is known whether the answer fits.
    pager: Option<PagerChoice>,
    lines: usize,
    waiting: Vec<u8>,
    running: Option<Running>,
}

/// A pager that was started. It may be a shell that finds no such program.
struct Running {
    child: Child,
    /// All that was written to it, while it may have read none of that.
    written: Option<Vec<u8>>,
}

impl Running {
    /// More than a pipe holds before it is read.
    const MOST_UNREAD: usize = 1024 * 1024;

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(stdin) = &mut self.child.stdin else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let count = stdin.write(bytes)?;
        if let Some(written) = &mut self.written {
            written.extend(bytes.iter().take(count));
        }
        self.written
            .take_if(|written| written.len() > Running::MOST_UNREAD);
        Ok(count)
    }

    /// Waits until the user has left the pager. What was written to it, if there is no such program.
    fn end(&mut self) -> Option<Vec<u8>> {
        drop(self.child.stdin.take());
        let code = self.child.wait().ok()?.code();
        // What a shell exits with if it cannot find or run a program.
        self.written
            .take()
            .filter(|_| matches!(code, Some(126 | 127)))
    }
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

    fn pass_on(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(running) = &mut self.running else {
            return self.terminal.write(bytes);
        };
        let written = running.write(bytes);
        let is_gone = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
        if written.as_ref().is_err_and(is_gone) && self.end_pager()? {
            return self.terminal.write(bytes);
        }
        written
    }

    /// Waits for the pager. True if there is none: then the terminal has what was written to it.
    fn end_pager(&mut self) -> io::Result<bool> {
        let Some(unread) = self.running.as_mut().and_then(Running::end) else {
            return Ok(false);
        };
        self.running = None;
        self.terminal.write_all(&unread)?;
        Ok(true)
    }

    fn pass_on_waiting(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut rest = waiting.as_slice();
        while !rest.is_empty() {
            let count = self.pass_on(rest)?;
            rest = rest.get(count..).unwrap_or_default();
        }
        Ok(())
    }
}

impl<W: Write> Write for Paged<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.pager.is_none() {
            return self.pass_on(bytes);
        }
        self.waiting.extend_from_slice(bytes);
        let lines = memchr::memchr_iter(b'\n', &self.waiting).count();
        if lines >= self.lines
            && let Some(pager) = self.pager.take()
        {
            // Without a pager the answer is printed as it is.
            self.running = pager.start().ok().map(|child| Running {
                child,
                written: Some(Vec::new()),
            });
            self.pass_on_waiting()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.pager = None;
            self.pass_on_waiting()?;
        }
        // A pipe keeps nothing back.
        self.terminal.flush()
    }
}

impl<W: Write> Drop for Paged<W> {
    /// Waits until the user has left the pager.
    fn drop(&mut self) {
        let _ = self.flush();
        if self.end_pager().is_ok_and(|is_none| is_none) {
            let _ = self.terminal.flush();
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
    fn what_a_pager_that_is_not_there_was_given_is_printed_without_one() {
        for lines in [5, 100_000] {
            for pager in ["no-such-pager", "no-such-pager | no-such-pager"] {
                let text = "a line\n".repeat(lines);
                let mut terminal = Vec::new();
                let pager = PagerChoice::Command(format!("{pager} 2> /dev/null").into());
                let mut paged = Paged::new(&mut terminal, pager, 3);
                for block in text.as_bytes().chunks(10_000) {
                    paged.write_all(block).unwrap();
                }
                drop(paged);
                assert!(terminal == text.as_bytes(), "{lines} lines");
            }
        }
    }

    #[test]
    #[cfg(unix)]
    fn what_a_pager_did_not_read_before_it_was_left_is_not_printed() {
        let mut terminal = Vec::new();
        let pager = PagerChoice::Command("read line; exit 1".into());
        let mut paged = Paged::new(&mut terminal, pager, 3);
        let text = "line\n".repeat(100_000);
        let error = paged.write_all(text.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        drop(paged);
        assert_eq!(terminal, b"");
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
