use std::convert::Infallible;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::event::{AccountName, Event, Hash, LedgerId, Movement, Opening};
use crate::log::{Contention, Holder, Record, Tail, seal};
use crate::money::{Amount, Currency};
use crate::time::Instant;

struct Impatient;

impl Contention for Impatient {
    fn wait(&mut self, _: &dyn Fn() -> Option<Holder>) -> bool {
        false
    }
}

fn log_of(events: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut previous: Option<Hash> = None;
    for seq in 0..=events {
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
        let record = Record {
            seq,
            at: Instant::from_unix_micros(micros).unwrap(),
            effective: None,
            event,
            reverses: None,
            key: None,
            more: seq % 5 == 3,
            note: None,
        };
        let (line, entry) = seal(record, previous.as_ref());
        previous = Some(entry.hash);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    bytes
}

fn opened(bytes: &[u8], path: &Path) -> Snapshot {
    std::fs::write(path, bytes).unwrap();
    Snapshot::open(path, &mut Impatient).unwrap()
}

type Seen = Vec<(u64, Place)>;

fn in_parts(log: &Snapshot, most: usize) -> Option<(usize, Seen, Scanned)> {
    let each = |seen: &mut Seen, entry: &Entry<'_>, place: Place| {
        seen.push((entry.seq, place));
        Ok::<(), Infallible>(())
    };
    let (parts, scanned) = log.scan_in(most, 400, None, |_| Seen::new(), each)?;
    Some((parts.len(), parts.concat(), scanned))
}

fn from_the_front(log: &Snapshot) -> Option<(Seen, Scanned)> {
    let mut seen = Seen::new();
    let scanned = log.scan(None, |entry, place| {
        seen.push((entry.seq, place));
        Ok::<(), Infallible>(())
    });
    scanned.ok().map(|scanned| (seen, scanned))
}

#[test]
fn parts_hand_on_every_event_once_and_in_order() {
    let directory = tempfile::tempdir().unwrap();
    for events in [12, 13, 60] {
        let log = opened(&log_of(events), &directory.path().join("log"));
        for most in 2..6 {
            let (parts, seen, scanned) = in_parts(&log, most).unwrap();
            assert_eq!(parts, most);
            assert_eq!(Some((seen, scanned)), from_the_front(&log));
        }
    }
}

#[test]
fn a_short_log_is_not_read_in_parts() {
    let directory = tempfile::tempdir().unwrap();
    let log = opened(&log_of(2), &directory.path().join("log"));
    assert!(in_parts(&log, 4).is_none());
    let (_, scanned) = from_the_front(&log).unwrap();
    assert_eq!(scanned.tail, Tail::Clean);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_change_to_a_log_is_seen_by_one_way_and_not_by_the_other(
        at in 0..6000_usize, byte in any::<u8>(), how in 0..5_u8, most in 2..5_usize,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let mut bytes = log_of(24);
        let at = at % bytes.len();
        match how {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => drop(bytes.remove(at)),
            3 => bytes.truncate(at),
            // A whole line goes missing, or comes twice.
            _ => {
                let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
                let line = at % lines.len();
                if byte & 1 == 0 { drop(lines.remove(line)) } else { lines.insert(line, lines[line].clone()) }
                bytes = lines.concat();
            }
        }
        let log = opened(&bytes, &directory.path().join("log"));
        let serial = from_the_front(&log);
        if let Some((_, seen, scanned)) = in_parts(&log, most) {
            prop_assert_eq!(Some((seen, scanned)), serial);
        }
    }
}
