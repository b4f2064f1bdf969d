//! What the benches work on: one log of 100,000 events in 1000 accounts, the same every time.
//!
//! Owns how it is made. Must not know what is measured.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use event_ledger::event::{AccountName, Event, Hash, LedgerId, Movement, Opening, Record};
use event_ledger::log::{LogReader, NoWait, encode};
use event_ledger::money::{Amount, Currency};
use event_ledger::time::Timestamp;
use tempfile::TempDir;

pub(crate) const EVENTS: u64 = 100_000;
const ACCOUNTS: u64 = 1000;

pub(crate) fn record(seq: u64, event: Event<'_>) -> Record<'_> {
    let micros = 1_767_225_600_000_000 + i64::try_from(seq).unwrap() * 1_499_977;
    Record {
        seq,
        at: Timestamp::from_unix_micros(micros).unwrap(),
        effective: None,
        event,
        link: None,
        key: None,
        more: false,
        note: None,
    }
}

/// An account with one event in ten thousand.
pub(crate) const RARE: &str = "rare";

/// Every account is paid into in turn, and every tenth event goes from one to the next. The log's
/// bytes, and where each of its lines ends.
pub(crate) fn lines() -> (Vec<u8>, Vec<usize>) {
    let mut bytes = Vec::new();
    let mut ends = Vec::new();
    let mut previous: Option<Hash> = None;
    let currency = Currency::new("EUR");
    let name =
        |index: u64| AccountName::new(format!("assets:acct{:05}", index % ACCOUNTS)).unwrap();
    for seq in 0..=EVENTS {
        let cents = 1 + seq * 7919 % 99_999;
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        let amount = Amount::from_canonical(amount.as_bytes()).unwrap();
        let event = match seq {
            0 => Event::Ledger(Opening {
                id: LedgerId::from_bytes([7; 16]),
                currency,
                zone: "UTC".into(),
                strict: false,
            }),
            // The giver was paid at least as much just before.
            _ if seq > 10_000 && seq % 10 == 0 => Event::Transfer {
                from: name(seq - 1),
                to: name(seq * 31),
                amount: Amount::from_canonical(b"0.01").unwrap(),
                currency,
            },
            _ => Event::Deposit(Movement {
                account: if seq % 10_000 == 5 {
                    AccountName::new(RARE).unwrap()
                } else {
                    name(seq)
                },
                amount,
                currency,
            }),
        };
        let (line, entry) = encode(record(seq, event), previous.as_ref());
        previous = Some(entry.hash);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        ends.push(bytes.len());
    }
    (bytes, ends)
}

/// Puts these bytes into a log in a directory.
pub(crate) fn put(directory: &TempDir, bytes: &[u8]) -> PathBuf {
    let path = directory.path().join("ledger.jsonl");
    let mut file = tempfile::NamedTempFile::new_in(directory).unwrap();
    file.write_all(bytes).unwrap();
    file.persist(&path).unwrap();
    path
}

/// The log as it stands.
pub(crate) fn snapshot(path: &Path) -> LogReader {
    LogReader::open(path, &mut NoWait).unwrap()
}
