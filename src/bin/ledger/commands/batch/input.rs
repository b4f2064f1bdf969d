//! The lines of a batch, read completely before the log is opened, so that a slow pipe never holds
//! the lock.

use std::io::{self, BufRead, BufReader, Read as _};

use anyhow::Context as _;
use event_ledger::accounts::Request;
use event_ledger::ledger::Mode;

use super::line;
use crate::failure::{Consequence, Failure, InLine};
use crate::flags::InputLimit;
use crate::input_file::{self, InputFile};
use crate::output::progress::Progress;

/// No line of a batch needs more: an event has at most 64 KiB, and escapes make six bytes of one.
pub(super) const LINE_MAX_BYTES: u64 = 1024 * 1024;
pub(super) const BLOCK: usize = 128 * 1024;

/// What the lines ask for.
#[derive(Default)]
pub(super) struct BatchLines {
    /// One a line that can be understood.
    pub(super) requests: Vec<Request>,
    /// Their line numbers, counted from 1.
    pub(super) numbers: Vec<u64>,
    /// The lines that cannot, each with its number.
    pub(super) mistakes: Vec<(u64, anyhow::Error)>,
}

/// Reads all lines; if the batch counts as a whole, up to the first invalid one.
pub(super) fn read(
    source: InputFile<'_>,
    limit: InputLimit,
    mode: Mode,
    shown: bool,
) -> anyhow::Result<BatchLines> {
    let unreadable = |error: io::Error| input_error(source, &error);
    match source {
        InputFile::Standard => {
            let progress = Progress::counting("reading", "lines", shown);
            let lines = BufReader::with_capacity(BLOCK, io::stdin().lock());
            read_lines(lines, (limit, 0), mode, progress, |_| 1, unreadable)
        }
        InputFile::Named(path) => {
            let file = input_file::open(path).map_err(unreadable)?;
            let length = file.metadata().map_or(0, |metadata| metadata.len());
            let lines = BufReader::with_capacity(BLOCK, file);
            if length > 0 {
                let progress = Progress::new("reading", length, shown);
                let limit = (limit, length);
                read_lines(lines, limit, mode, progress, |bytes| bytes, unreadable)
            } else {
                let progress = Progress::counting("reading", "lines", shown);
                read_lines(lines, (limit, 0), mode, progress, |_| 1, unreadable)
            }
        }
    }
}

/// Reads lines, with a limit and the length of all of them if it is known.
fn read_lines(
    mut lines: impl BufRead,
    (limit, length_of_all): (InputLimit, u64),
    mode: Mode,
    mut progress: Progress,
    step: impl Fn(u64) -> u64,
    unreadable: impl Fn(io::Error) -> anyhow::Error,
) -> anyhow::Result<BatchLines> {
    let mut asked = BatchLines::default();
    let mut bytes = Vec::new();
    let mut number: u64 = 0;
    let mut total: u64 = 0;
    loop {
        bytes.clear();
        let longest = LINE_MAX_BYTES.saturating_add(1);
        let read = (&mut lines)
            .take(longest)
            .read_until(b'\n', &mut bytes)
            .map_err(&unreadable)?;
        if read == 0 {
            return Ok(asked);
        }
        number = number.saturating_add(1);
        let length = u64::try_from(read).unwrap_or(u64::MAX);
        progress.advance(step(length));
        total = total.saturating_add(length);
        if total > limit.max_bytes {
            return Err(refuse_all(limit.exceeded(length_of_all).into()));
        }
        let is_whole = length < longest || bytes.ends_with(b"\n");
        if !is_whole {
            lines.skip_until(b'\n').map_err(&unreadable)?;
        }
        let line = is_whole.then_some(bytes.as_slice());
        if let Err(mistake) = asked.add(number, line) {
            if mode == Mode::Together {
                return Err(refuse_all(mistake));
            }
            asked.mistakes.push((number, mistake));
        }
    }
}

impl BatchLines {
    /// Adds a line, or one that is too long. Empty lines are skipped.
    pub(super) fn add(&mut self, number: u64, line: Option<&[u8]>) -> anyhow::Result<()> {
        let understood = match line {
            None => Err(Failure::usage(format!("it has more than {LINE_MAX_BYTES} bytes")).into()),
            Some(bytes) => {
                // Some editors and PowerShell put a mark in front of the first line.
                let text = match bytes.strip_prefix(b"\xef\xbb\xbf") {
                    Some(rest) if number == 1 => rest,
                    _ => bytes,
                };
                if text.trim_ascii().is_empty() {
                    return Ok(());
                }
                line::request(text)
            }
        };
        let request = understood.context(InLine(number))?;
        self.requests.push(request);
        self.numbers.push(number);
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.requests.len().saturating_add(self.mistakes.len())
    }

    pub(super) fn append(&mut self, later: BatchLines) {
        self.requests.extend(later.requests);
        self.numbers.extend(later.numbers);
        self.mistakes.extend(later.mistakes);
    }
}

/// Says that the other lines were not recorded either.
pub(super) fn refuse_all(error: anyhow::Error) -> anyhow::Error {
    error.context(Consequence("nothing was recorded"))
}

fn input_error(source: InputFile<'_>, error: &io::Error) -> anyhow::Error {
    refuse_all(Failure::io(format!("cannot read {}: {error}", source.name())).into())
}
