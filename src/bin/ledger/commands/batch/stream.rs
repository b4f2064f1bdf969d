//! `batch --stream`: all lines that have arrived are recorded with one sync, and answered after it.
//!
//! Another thread reads and parses, so that lines arrive while a group is synced.

use std::io::{self, BufRead, BufReader};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use event_ledger::ledger::{Outcome, Recorder};
use event_ledger::time::Zone;

use super::answers::show_each;
use super::input::{BLOCK, BatchLines, LINE_MAX_BYTES};
use crate::commands::writing::{self, RunOf};
use crate::failure::{Failure, InLine};
use crate::input_file::{self, InputFile};
use crate::session::{Done, Session};

/// A group has at most about so many lines.
const MOST_LINES: usize = 16 * 1024;
/// How many blocks of lines wait to be recorded before no more are read.
const MOST_BLOCKS: usize = 16;

/// The lines of one block, or why no more can be read.
type Block = io::Result<BatchLines>;

/// Records lines as they arrive, until the input ends.
pub(super) fn run(source: InputFile<'_>, session: &mut Session) -> Done {
    let failed = |error: &io::Error| Failure::io(format!("cannot read {}: {error}", source.name()));
    let input = open(source).map_err(|error| failed(&error))?;
    let (sender, receiver) = sync_channel(MOST_BLOCKS);
    // Not joined: it may wait for input when this ends.
    std::thread::Builder::new()
        .spawn(move || send_blocks(BufReader::with_capacity(BLOCK, input), &sender))
        .map_err(|error| Failure::io(format!("cannot start a thread: {error}")))?;
    let mut recorder = Recorder::default();
    let mut code = 0;
    while let Some((group, end)) = next_group(&receiver) {
        let failed_with = record(group, &mut recorder, session)?;
        if code == 0 {
            code = failed_with;
        }
        if let Err(error) = end {
            return Err(failed(&error).into());
        }
        if session.printer.flush().is_err() {
            break;
        }
    }
    Ok(code)
}

fn open(source: InputFile<'_>) -> io::Result<Box<dyn io::Read + Send>> {
    Ok(match source {
        InputFile::Standard => Box::new(io::stdin()),
        InputFile::Named(path) => Box::new(input_file::open(path)?),
    })
}

/// Waits for lines and takes all that have arrived by then; `None` at the end of the input. An error
/// of the input counts after the lines before it.
fn next_group(receiver: &Receiver<Block>) -> Option<(BatchLines, io::Result<()>)> {
    let mut group = BatchLines::default();
    let mut block = receiver.recv().ok()?;
    loop {
        match block {
            Ok(lines) => group.append(lines),
            Err(error) => return Some((group, Err(error))),
        }
        if group.len() >= MOST_LINES {
            return Some((group, Ok(())));
        }
        block = match receiver.try_recv() {
            Ok(block) => block,
            Err(_) => return Some((group, Ok(()))),
        };
    }
}

/// Records a group and prints an answer for each of its lines. Returns the exit code of the first line
/// that failed.
fn record(group: BatchLines, recorder: &mut Recorder, session: &mut Session) -> anyhow::Result<u8> {
    if group.requests.is_empty() {
        let run = RunOf {
            dry_run: false,
            started: false,
            zone: &Zone::utc(),
        };
        return Ok(show_each(session, group, None, run));
    }
    match session.record_group(recorder, &group.requests) {
        Ok(outcome) => {
            let Outcome {
                results,
                notices,
                zone,
                ..
            } = outcome;
            let run = writing::tell(session, false, &notices, &zone);
            Ok(show_each(session, group, results, run))
        }
        Err(error) => {
            let failure = session.failure(error);
            let code = refuse_group(group, &failure, session);
            if is_passing(&failure) {
                Ok(code)
            } else {
                Err(failure.into())
            }
        }
    }
}

/// True if a later group may be recorded: another process held the lock, or an engine could not be
/// reached.
fn is_passing(failure: &Failure) -> bool {
    matches!(failure.exit_code(), 11 | 13)
}

/// Prints for each line of a group that it was not recorded, or that this is unknown.
fn refuse_group(group: BatchLines, failure: &Failure, session: &mut Session) -> u8 {
    let mut mistakes: Vec<(u64, Failure)> = group
        .mistakes
        .into_iter()
        .map(|(number, mistake)| (number, session.failure(mistake)))
        .collect();
    let lines = group.numbers.into_iter();
    mistakes.extend(lines.map(|number| (number, failure.clone().at(&InLine(number).to_string()))));
    mistakes.sort_by_key(|(number, _)| *number);
    for (_, failure) in &mistakes {
        session.answer(&failure.answer());
    }
    mistakes
        .first()
        .map_or(0, |(_, failure)| failure.exit_code())
}

/// Sends the lines of the input, those of one read together.
fn send_blocks(mut input: impl BufRead, sender: &SyncSender<Block>) {
    let mut lines = SplitLines::default();
    loop {
        let block = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
            Ok(bytes) => Ok((lines.take(bytes), bytes.len())),
        };
        let (block, length) = match block {
            Ok((block, length)) => (Ok(block), length),
            Err(error) => (Err(error), 0),
        };
        input.consume(length);
        let is_over = length == 0;
        // The receiver is gone if the stream has ended.
        if sender.send(block).is_err() || is_over {
            return;
        }
    }
}

/// Lines out of blocks that end anywhere.
#[derive(Default)]
struct SplitLines {
    /// The beginning of a line whose end has not arrived.
    begun: Vec<u8>,
    number: u64,
    is_too_long: bool,
}

impl SplitLines {
    /// The lines that end in these bytes; the last line if there are none.
    fn take(&mut self, bytes: &[u8]) -> BatchLines {
        let mut asked = BatchLines::default();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let most = usize::try_from(LINE_MAX_BYTES).unwrap_or(usize::MAX);
            if self.begun.len().saturating_add(piece.len()) > most {
                self.is_too_long = true;
                self.begun.clear();
            }
            if !self.is_too_long {
                self.begun.extend_from_slice(piece);
            }
            if piece.ends_with(b"\n") {
                self.end_line(&mut asked);
            }
        }
        if bytes.is_empty() && (self.is_too_long || !self.begun.is_empty()) {
            self.end_line(&mut asked);
        }
        asked
    }

    fn end_line(&mut self, asked: &mut BatchLines) {
        self.number = self.number.saturating_add(1);
        let line = (!self.is_too_long).then_some(self.begun.as_slice());
        if let Err(mistake) = asked.add(self.number, line) {
            asked.mistakes.push((self.number, mistake));
        }
        self.begun.clear();
        self.is_too_long = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_same_wherever_blocks_end() {
        let line = "{\"type\":\"deposit\",\"amount\":\"5\"}\n";
        let long = "x".repeat(usize::try_from(LINE_MAX_BYTES).unwrap() + 1);
        let input = format!(
            "{line}\n{long}\n{line}  \nnothing\n{line}{}",
            line.trim_end()
        );
        for size in [1000, 4096, 100_000, input.len()] {
            let mut lines = SplitLines::default();
            let mut all = BatchLines::default();
            for block in input.as_bytes().chunks(size).chain([&b""[..]]) {
                all.append(lines.take(block));
            }
            assert_eq!(all.numbers, [1, 4, 7, 8], "blocks of {size}");
            let mistakes: Vec<u64> = all.mistakes.iter().map(|(number, _)| *number).collect();
            assert_eq!(mistakes, [3, 6], "blocks of {size}");
        }
    }
}
