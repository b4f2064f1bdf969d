//! Valid logs for tests, made line by line.

use std::path::Path;

use super::lines::as_u64;
use super::{Holder, LockWaiter, LogReader, encode};
use crate::event::{
    AccountName, Event, Hash, LedgerId, Movement, Note, Opening, Record, Salt, Tags,
};
use crate::money::{Amount, Currency};
use crate::time::Timestamp;

/// Waits up to ten seconds for a lock. A process that another test starts has a copy of every open
/// file, and so of its lock, until it runs its program.
#[derive(Default)]
pub(crate) struct ShortWait(u32);

impl LockWaiter for ShortWait {
    fn wait(&mut self, _: &dyn Fn() -> Option<Holder>) -> bool {
        std::thread::sleep(std::time::Duration::from_millis(1));
        self.0 += 1;
        self.0 < 10_000
    }
}

/// The log of these bytes, in a file.
pub(super) fn opened(bytes: &[u8], path: &Path) -> LogReader {
    std::fs::write(path, bytes).unwrap();
    LogReader::open(path, &mut ShortWait::default()).unwrap()
}

/// The lines of a log.
#[derive(Default)]
pub(super) struct Made {
    pub(super) bytes: Vec<u8>,
    /// Where each line starts.
    pub(super) starts: Vec<u64>,
    previous: Option<Hash>,
}

impl Made {
    /// The next line: the first describes the ledger, all others are deposits. A note has about
    /// this length; none for zero.
    pub(super) fn push(&mut self, note_bytes: usize, more: bool) {
        let seq = as_u64(self.starts.len());
        let event = if seq == 0 {
            Event::Ledger(Opening {
                id: LedgerId::from_bytes([7; 16]),
                currency: Currency::new("EUR"),
                zone: "UTC".into(),
                strict: false,
            })
        } else {
            Event::Deposit(Movement {
                account: AccountName::main(),
                amount: Amount::from_canonical(b"20.00").unwrap(),
                currency: Currency::new("EUR"),
            })
        };
        let micros = 1_800_000_000_000_000 + i64::try_from(seq).unwrap();
        let note = (note_bytes > 0).then(|| Note::Kept {
            salt: Salt([1; 16]),
            memo: Some("é".repeat(note_bytes / 2 + 1).into()),
            tags: Tags::default(),
        });
        let record = Record {
            seq,
            at: Timestamp::from_unix_micros(micros).unwrap(),
            effective: None,
            event,
            link: None,
            key: None,
            more,
            note,
        };
        let (line, entry) = encode(record, self.previous.as_ref());
        self.previous = Some(entry.hash);
        self.starts.push(as_u64(self.bytes.len()));
        self.bytes.extend_from_slice(line.as_bytes());
        self.bytes.push(b'\n');
    }
}
