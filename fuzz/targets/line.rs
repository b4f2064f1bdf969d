//! LineReader of the log: the quick reader never differs from the strict one, what was read is written
//! again byte for byte, and a line that is cut anywhere is a line cut and no damage.
#![no_main]

use event_ledger::event::{Entry, Note};
use event_ledger::log::encode;
use event_ledger::log::fuzzing::{Quick, is_beginning, strict};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut remembers = Quick::default();
    for line in data.split(|byte| *byte == b'\n') {
        let taken = strict(line);
        for quick in [remembers.read(line), Quick::default().read(line)] {
            assert!(
                quick.is_none() || quick == taken,
                "only the quick reader says {quick:?}"
            );
        }
        let Some(taken) = taken else { continue };
        assert_eq!(written_again(taken.entry), with_hash(line, &[b'0'; 64]));
        // Every cut of a short line, some cuts of a long one.
        let step = line.len() / 500 + 1;
        for cut in (0..line.len()).step_by(step) {
            assert!(is_beginning(&line[..cut]), "cut at {cut} it is damage");
        }
    }
});

/// The line of what was read. Its hash depends on the line in front of it, so it stands as zeros.
fn written_again(entry: Entry<'_>) -> Vec<u8> {
    if let Some(Note::Kept { memo, tags, .. }) = &entry.note {
        assert!(memo.is_some() || !tags.is_empty());
    }
    let (line, _) = encode(entry.record, None);
    let line = line.into_bytes();
    let taken = strict(&line).expect("what is written can be read");
    assert!(taken.hashed.len() < line.len());
    with_hash(&line, &[b'0'; 64])
}

/// The line with another hash. Nothing in front of the hash can hold `,"hash":"`, since a quote
/// inside a text is escaped.
fn with_hash(line: &[u8], hash: &[u8; 64]) -> Vec<u8> {
    const KEY: &[u8] = b",\"hash\":\"";
    let at = line.windows(KEY.len()).position(|window| window == KEY);
    let at = at.expect("a line has a hash") + KEY.len();
    [&line[..at], hash, &line[at + hash.len()..]].concat()
}
