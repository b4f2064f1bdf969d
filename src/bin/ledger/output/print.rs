//! The one place that prints: results to standard output, everything else to standard error.
//!
//! It handles closed and full streams and never panics, unlike `println!`: an event that was
//! recorded stays recorded even if its receipt cannot be printed.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write};

use anstyle::Style;

use super::colour::{self, ColorChoice, ColourWishes};
use super::json::{self, NoteAnswer, NoteBody};
use super::pager::{Paged, PagerChoice};
use super::table::TableStyle;
use super::target::StreamTargets;
use super::text::{harmless, harmless_lines, harmless_styled, json_harmless, wrapped};

/// Results are written in blocks of this size.
const BLOCK: usize = 64 * 1024;
/// The assumed width if the terminal does not report one.
const USUAL_WIDTH: usize = 80;

/// Whether the reader of the results is still there. If not, nothing more arrives: stop.
/// [`Printer::finish`] tells whether that is an error.
pub(crate) type Printed = Result<(), QuietEnd>;

/// Ends a command early and without an error: nothing reads standard output any more, or a signal came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ended early")]
pub(crate) struct QuietEnd;

/// Where results and messages go, and what these streams can show.
pub(crate) struct Streams {
    pub(crate) out: Box<dyn Write + Send>,
    pub(crate) err: Box<dyn Write + Send>,
    /// The columns of standard output, if it is a terminal.
    pub(crate) width: Option<usize>,
    /// Rules consist of ASCII characters.
    pub(crate) ascii: bool,
    pub(crate) out_colour: bool,
    pub(crate) err_colour: bool,
    /// Standard error is a terminal that can redraw a line.
    pub(crate) err_redraws: bool,
    pub(crate) err_terminal: bool,
}

impl Streams {
    /// The streams of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that prints"
    )]
    pub(crate) fn of_process(
        choice: ColorChoice,
        wishes: &ColourWishes,
        ascii: bool,
        pager: Option<PagerChoice>,
    ) -> Streams {
        let (out, err) = (io::stdout(), io::stderr());
        let (out_terminal, err_terminal) = (out.is_terminal(), err.is_terminal());
        let size = terminal_size::terminal_size_of(&out);
        let width = out_terminal.then(|| {
            size.map(|(width, _)| usize::from(width.0))
                .filter(|width| *width > 0)
                .unwrap_or(USUAL_WIDTH)
        });
        let lines = size.map(|(_, height)| usize::from(height.0));
        let lines = lines.filter(|lines| out_terminal && *lines > 0);
        let out: Box<dyn Write + Send> = match (pager, lines) {
            (Some(pager), Some(lines)) => Box::new(Paged::new(out, pager, lines)),
            _ => Box::new(out),
        };
        Streams {
            out,
            err: Box::new(err),
            width,
            out_colour: choice.decide(wishes, out_terminal),
            err_colour: choice.decide(wishes, err_terminal),
            ascii,
            err_redraws: err_terminal && !wishes.dumb(),
            err_terminal,
        }
    }
}

/// Standard output, for a caller that waits until it accepts more, or that draws on a terminal.
pub(crate) type Outlet = io::Stdout;

/// Standard output, to be waited for, or to be drawn on and not printed to.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that prints"
)]
pub(crate) fn outlet() -> Outlet {
    io::stdout()
}

/// Why results go nowhere any more.
enum Stopped {
    Closed,
    Failed(io::Error),
}

/// Prints. Results wait in a block until it is full, a message is due, or [`Printer::finish`].
pub(crate) struct Printer {
    streams: Streams,
    block: Vec<u8>,
    stopped: Option<Stopped>,
    /// Whether notes and warnings are JSON.
    json: bool,
    /// What no message shows.
    secrets: Vec<String>,
}

impl Printer {
    pub(crate) fn new(streams: Streams) -> Printer {
        Printer {
            streams,
            block: Vec::with_capacity(BLOCK),
            stopped: None,
            json: false,
            secrets: Vec::new(),
        }
    }

    /// Prints nothing more to these streams, which are not ours to write to. Messages go to
    /// standard output instead, if that is another stream.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that prints"
    )]
    pub(crate) fn avoid(&mut self, streams: StreamTargets) {
        if streams.err {
            self.streams.err = if streams.out {
                Box::new(io::sink())
            } else {
                Box::new(io::stdout())
            };
        }
        if streams.out {
            self.streams.out = Box::new(io::sink());
        }
    }

    /// What tables on standard output may use.
    pub(crate) fn table_style(&self) -> TableStyle {
        TableStyle {
            colour: self.streams.out_colour,
            width: self.streams.width,
            ascii: self.streams.ascii,
        }
    }

    /// Whether a person watches standard output.
    pub(crate) fn is_terminal(&self) -> bool {
        self.streams.width.is_some()
    }

    /// Whether messages have colour.
    pub(crate) fn err_colour(&self) -> bool {
        self.streams.err_colour
    }

    /// Whether a progress bar can be shown.
    pub(crate) fn shows_progress(&self) -> bool {
        self.streams.err_redraws
    }

    /// Whether a person watches standard error.
    pub(crate) fn asks(&self) -> bool {
        self.streams.err_terminal
    }

    /// A question on standard error, made harmless, after what was printed so far.
    pub(crate) fn question(&mut self, text: &str) {
        let _ = self.flush();
        let err = &mut self.streams.err;
        let _ = err.write_all(harmless(text).as_bytes());
        let _ = err.flush();
    }

    /// One line of a result, made harmless; on a terminal it is broken at blanks.
    pub(crate) fn line(&mut self, text: &str) -> Printed {
        let text = harmless(text);
        let text = match self.streams.width {
            Some(width) => wrapped(&text, width),
            None => Cow::Borrowed(&*text),
        };
        self.put(&[text.as_bytes(), b"\n"])
    }

    /// A line of JSON, made harmless without changing its value.
    pub(crate) fn json(&mut self, json: &str) -> Printed {
        self.put(&[json_harmless(json).as_bytes(), b"\n"])
    }

    /// Rendered text, which may contain colours and has its line feeds; the renderer has made its
    /// text harmless.
    pub(crate) fn rendered(&mut self, text: &str) -> Printed {
        self.put(&[text.as_bytes()])
    }

    /// Bytes for a file or another program, unchanged.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Printed {
        self.put(&[bytes])
    }

    pub(crate) fn flush(&mut self) -> Printed {
        self.pass_on();
        if self.stopped.is_none()
            && let Err(error) = self.streams.out.flush()
        {
            self.stop(error);
        }
        self.state()
    }

    /// Writes what is buffered and returns whether the reader is still there.
    pub(crate) fn finish(&mut self) -> io::Result<Printed> {
        let state = self.flush();
        match self.stopped.take() {
            Some(Stopped::Failed(error)) => {
                // Reported once; later output is dropped.
                self.stopped = Some(Stopped::Closed);
                Err(error)
            }
            other => {
                self.stopped = other;
                Ok(state)
            }
        }
    }

    /// Makes messages on standard error JSON objects.
    pub(crate) fn set_json(&mut self, json: bool) {
        self.json = json;
    }

    /// Shows `***` in place of these texts in every message.
    pub(crate) fn hide(&mut self, secrets: Vec<String>) {
        self.secrets = secrets;
    }

    /// `note: …`, or a note as JSON.
    pub(crate) fn note(&mut self, code: &'static str, text: &str) {
        if self.json {
            self.json_message(&json::text(&NoteAnswer::Note(NoteBody::new(code, text))));
        } else {
            self.say("note:", colour::NOTE, text);
        }
    }

    /// `warning: …`, or a warning as JSON.
    pub(crate) fn warning(&mut self, code: &'static str, text: &str) {
        if self.json {
            self.json_message(&json::text(&NoteAnswer::Warning(NoteBody::new(code, text))));
        } else {
            self.say("warning:", colour::WARNING, text);
        }
    }

    /// `error: …`
    pub(crate) fn error(&mut self, text: &str) {
        self.say("error:", colour::ERROR, text);
    }

    /// `hint: …`
    pub(crate) fn hint(&mut self, text: &str) {
        self.say("hint:", colour::HINT, text);
    }

    /// A line of JSON on standard error: an error for a program.
    pub(crate) fn json_message(&mut self, json: &str) {
        let line = format!("{}\n", json_harmless(json));
        self.tell(&line);
    }

    /// Text of several lines on standard error, possibly in colour: help that was not requested.
    pub(crate) fn guide(&mut self, text: &str) {
        let text = harmless_styled(text);
        self.tell(&text);
    }

    fn say(&mut self, prefix: &str, style: Style, text: &str) {
        let prefix = colour::paint(self.streams.err_colour, style, prefix);
        // Lines after the first are indented, so that a line feed in the text cannot imitate a
        // message of ours.
        let text = harmless_lines(text.trim_end_matches('\n')).replace('\n', "\n  ");
        self.tell(&format!("{prefix} {text}\n"));
    }

    /// A single write, so that the messages of two processes do not mix within a line. If it fails,
    /// there is no other place to report it, so the error is dropped.
    fn tell(&mut self, text: &str) {
        let _ = self.flush();
        let hidden = self
            .secrets
            .iter()
            .fold(Cow::Borrowed(text), |text, secret| {
                Cow::Owned(text.replace(secret.as_str(), "***"))
            });
        let _ = self.streams.err.write_all(hidden.as_bytes());
        let _ = self.streams.err.flush();
    }

    fn put(&mut self, parts: &[&[u8]]) -> Printed {
        for part in parts {
            if self.stopped.is_some() {
                break;
            }
            self.block.extend_from_slice(part);
            if self.block.len() >= BLOCK {
                self.pass_on();
            }
        }
        self.state()
    }

    fn pass_on(&mut self) {
        if self.stopped.is_none()
            && let Err(error) = self.streams.out.write_all(&self.block)
        {
            self.stop(error);
        }
        // After an error too: unwritten bytes are not tried again.
        self.block.clear();
    }

    fn stop(&mut self, error: io::Error) {
        self.stopped = Some(match error.kind() {
            io::ErrorKind::BrokenPipe => Stopped::Closed,
            _ => Stopped::Failed(error),
        });
    }

    fn state(&self) -> Printed {
        match self.stopped {
            None => Ok(()),
            Some(_) => Err(QuietEnd),
        }
    }
}

#[cfg(test)]
mod tests;
