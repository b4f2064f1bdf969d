use crate::log::testing::{Made, opened};

/// A log with notes of about these lengths, and the offsets of its lines.
fn log_of(notes: &[usize]) -> (Vec<u8>, Vec<u64>) {
    let mut made = Made::default();
    for note_bytes in notes {
        made.push(*note_bytes, false);
    }
    (made.bytes, made.starts)
}

#[test]
fn one_look_at_the_file_tells_what_a_longer_one_does_or_nothing() {
    let notes = [0, 0, 0, 500, 0, 600, 760, 780, 800, 900, 3000, 0, 0];
    let (bytes, starts) = log_of(&notes);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let mut quickly = 0;
    let mut compare = |bytes: &[u8]| {
        let log = opened(bytes, &path);
        let around = starts
            .iter()
            .flat_map(|start| [start.saturating_sub(1), *start, start + 1]);
        for offset in around.filter(|offset| *offset < log.length()) {
            let anyhow = log.checked_slow(offset).unwrap();
            if let Some(near) = log.checked_fast(offset) {
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
    let log = opened(&bytes, &path);
    let near = |start: &u64| log.checked_fast(*start).map(|(entry, _)| entry.seq);
    let found: Vec<_> = starts.iter().skip(8).map(near).collect();
    assert_eq!(found, (8..30).map(Some).collect::<Vec<_>>());
}
