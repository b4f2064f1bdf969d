use super::*;
use crate::event::{AccountName, Event, Hash, LedgerId, Movement, Note, Opening, Salt, Tags};
use crate::log::{Contention, Holder, Record, seal};
use crate::money::Amount;
use crate::time::Instant;

struct Impatient;

impl Contention for Impatient {
    fn wait(&mut self, _: &dyn Fn() -> Option<Holder>) -> bool {
        false
    }
}

/// A log whose notes have these lengths, and where its lines start.
fn log_of(notes: &[usize]) -> (Vec<u8>, Vec<u64>) {
    let (mut bytes, mut starts) = (Vec::new(), Vec::new());
    let mut previous: Option<Hash> = None;
    for (seq, length) in (0..).zip(notes) {
        let event = if seq == 0 {
            Event::Ledger(Opening {
                id: LedgerId::from_bytes([7; 16]),
                currency: None,
                zone: "UTC".into(),
                strict: false,
            })
        } else {
            Event::Deposit(Movement {
                account: AccountName::main(),
                amount: Amount::from_canonical(b"5").unwrap(),
                currency: None,
            })
        };
        let note = (seq > 0 && *length > 0).then(|| Note::Kept {
            salt: Salt([1; 16]),
            memo: Some("x".repeat(*length).into()),
            tags: Tags::default(),
        });
        let record = Record {
            seq,
            at: Instant::from_unix_micros(1_700_000_000_000_000).unwrap(),
            effective: None,
            event,
            reverses: None,
            key: None,
            more: false,
            note,
        };
        let (line, entry) = seal(record, previous.as_ref());
        previous = Some(entry.hash);
        starts.push(as_u64(bytes.len()));
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    (bytes, starts)
}

#[test]
fn one_look_at_the_file_tells_what_a_longer_one_does_or_nothing() {
    let notes = [0, 0, 0, 500, 0, 600, 760, 780, 800, 900, 3000, 0, 0];
    let (bytes, starts) = log_of(&notes);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let mut quickly = 0;
    let mut compare = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let log = Snapshot::open(&path, &mut Impatient).unwrap();
        let around = starts
            .iter()
            .flat_map(|start| [start.saturating_sub(1), *start, start + 1]);
        for offset in around.filter(|offset| *offset < log.length()) {
            let anyhow = log.checked_anyhow(offset).unwrap();
            if let Some(near) = log.checked_near(offset) {
                quickly += 1;
                assert_eq!(Some(near), anyhow, "offset {offset}");
            }
        }
    };
    compare(&bytes);
    for cut in [1, 2, 100, 300] {
        compare(&bytes[..bytes.len() - cut]);
    }
    for at in (0..bytes.len()).step_by(23) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        compare(&changed);
    }
    assert!(quickly > 1000, "{quickly}");
}

#[test]
fn lines_of_a_usual_length_are_read_with_one_look() {
    let (bytes, starts) = log_of(&[0; 30]);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    std::fs::write(&path, bytes).unwrap();
    let log = Snapshot::open(&path, &mut Impatient).unwrap();
    let near = |start: &u64| log.checked_near(*start).map(|(entry, _)| entry.seq);
    let found: Vec<_> = starts.iter().skip(8).map(near).collect();
    assert_eq!(found, (8..30).map(Some).collect::<Vec<_>>());
}
