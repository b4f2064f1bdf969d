//! Takes the time of a fold of lines that were checked in the same run:
//! `cargo run --profile dist --example refold -- big.jsonl` prints microseconds, the median of nine folds.
//!
//! It is what is left of a replay without its hashes: reading, understanding and adding up.

#![expect(
    clippy::disallowed_methods,
    reason = "it prints what it was asked for, and takes the time"
)]

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use event_ledger::accounts::State;
use event_ledger::log::{LogReader, NoWait, ScanOptions, ScanRange};

const FOLDS: usize = 9;

fn main() -> ExitCode {
    match median() {
        Ok(micros) => {
            let _ = writeln!(io::stdout(), "{micros}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "refold: {error}");
            ExitCode::FAILURE
        }
    }
}

fn median() -> io::Result<u128> {
    let path = std::env::args().nth(1);
    let path = path.ok_or_else(|| io::Error::other("no log was named"))?;
    let log = LogReader::open(Path::new(&path), &mut NoWait).map_err(io::Error::other)?;
    let scanned = log.scan(ScanRange::ALL, ScanOptions::default(), |_, _| {
        Ok::<(), Infallible>(())
    });
    let scanned = scanned.map_err(|error| io::Error::other(format!("{error:?}")))?;
    let end = scanned.last;
    let end = end.ok_or_else(|| io::Error::other("the log has no first line"))?;
    let mut took = Vec::with_capacity(FOLDS);
    for _ in 0..FOLDS {
        let start = Instant::now();
        let mut state = State::default();
        let options = ScanOptions {
            is_checked: true,
            ..ScanOptions::default()
        };
        let folded = log.scan(ScanRange::ALL.up_to(end), options, |entry, _| {
            state.apply(entry)
        });
        folded.map_err(|error| io::Error::other(format!("{error:?}")))?;
        took.push(start.elapsed().as_micros());
    }
    took.sort_unstable();
    Ok(took.get(FOLDS / 2).copied().unwrap_or_default())
}
