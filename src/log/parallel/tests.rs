use std::convert::Infallible;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::log::lines::LINE_MAX_BYTES;
use crate::log::testing::{Made, opened};
use crate::log::{LenientLine, LogReader, ScanError, ScanOptions, ScanRange, Scanned};

/// A valid log; every seventh line has a note of this size, and an incomplete batch may be at its
/// end.
fn log_of(events: u64, note_bytes: usize) -> Vec<u8> {
    let mut made = Made::default();
    for seq in 0..=events {
        let note_bytes = if seq % 7 == 6 { note_bytes } else { 0 };
        made.push(note_bytes, seq % 5 == 3);
    }
    made.bytes
}

/// What a scan finds: every entry with its span, and how it ended.
type Found = (Vec<(Entry<'static>, LineSpan)>, Result<Scanned, String>);

fn found(
    scan: impl FnOnce(&mut Vec<(Entry<'static>, LineSpan)>) -> Result<Scanned, ScanError<&'static str>>,
) -> Found {
    let mut seen = Vec::new();
    let outcome = scan(&mut seen).map_err(|error| format!("{error:?}"));
    (seen, outcome)
}

fn stop_at(
    stop: usize,
    seen: &mut Vec<(Entry<'static>, LineSpan)>,
    entry: &Entry<'_>,
    place: LineSpan,
) -> Result<(), &'static str> {
    if seen.len() == stop {
        return Err("enough");
    }
    seen.push((entry.clone().into_owned(), place));
    Ok(())
}

fn on_one_core(log: &LogReader, from: Option<&LogPosition>, stop: usize) -> Found {
    found(|seen| {
        let settled = log.settled;
        log.scan_lines(from, settled, log.length(), |entry, place| {
            stop_at(stop, seen, entry, place)
        })
    })
}

fn on_several(log: &LogReader, from: Option<&LogPosition>, stop: usize, plan: ScanPlan) -> Found {
    found(|seen| {
        let settled = log.settled;
        let segment = Segment {
            file: log.file(),
            from: from.copied(),
            end: settled,
            checks: LineChecks::All,
        };
        let each = |entry: &Entry<'_>, place| stop_at(stop, seen, entry, place);
        let last = segment.scan(plan, each).map_err(ScanError::Stopped)?;
        log.scan_lines(last.as_ref(), settled, log.length(), |entry, place| {
            stop_at(stop, seen, entry, place)
        })
    })
}

fn as_text(seen: &LenientLine<'_>, text: &mut String) {
    writeln!(text, "{seen:?}").unwrap();
}

/// What a lenient scan finds, on one core and on several.
fn lenient_scans(log: &LogReader, plan: ScanPlan) -> (String, String) {
    let settled = log.settled;
    let mut one = String::new();
    let ended = log.lenient_scan_from(None, settled, |seen| as_text(&seen, &mut one));
    write!(one, "{ended:?}").unwrap();
    let mut several = String::new();
    let segment = Segment {
        file: log.file(),
        from: None,
        end: settled,
        checks: LineChecks::All,
    };
    let each = |entry: &Entry<'_>, place| {
        as_text(&LenientLine::Sound(entry, place), &mut several);
        Ok::<(), Infallible>(())
    };
    let last = segment.scan(plan, each).unwrap();
    let ended = log.lenient_scan_from(last.as_ref(), settled, |seen| as_text(&seen, &mut several));
    write!(several, "{ended:?}").unwrap();
    (one, several)
}

const SMALL: ScanPlan = ScanPlan {
    block: 97,
    workers: 3,
};

#[test]
fn a_relay_alone_hands_on_every_line_of_a_sound_log() {
    let directory = tempfile::tempdir().unwrap();
    for (events, note_bytes) in [(60, 0), (60, 500), (40, 4000)] {
        let bytes = log_of(events, note_bytes);
        let log = opened(&bytes, &directory.path().join("log"));
        for block in [1, 50, 200, 1000, 1 << 20] {
            for workers in [1, 2, 5] {
                let segment = Segment {
                    file: log.file(),
                    from: None,
                    end: log.length(),
                    checks: LineChecks::All,
                };
                let mut numbers = Vec::new();
                let each = |entry: &Entry<'_>, _| {
                    numbers.push(entry.seq);
                    Ok::<(), Infallible>(())
                };
                let last = segment.scan(ScanPlan { block, workers }, each).unwrap();
                assert_eq!(numbers, (0..=events).collect::<Vec<_>>());
                assert_eq!(last.unwrap().offset, log.length());
            }
        }
    }
}

#[test]
fn what_is_converted_on_several_cores_is_in_the_order_of_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let log = opened(&log_of(60, 500), &directory.path().join("log"));
    let segment = Segment {
        file: log.file(),
        from: None,
        end: log.length(),
        checks: LineChecks::AllButHash,
    };
    for block in [1, 200, 1000, 1 << 20] {
        for workers in [1, 2, 5] {
            let plan = ScanPlan { block, workers };
            // Stops in the middle, or never.
            for stop in [40, u64::MAX] {
                let mut text = String::new();
                let convert = |own: &mut String, entry: &Entry<'_>| {
                    if entry.seq == stop {
                        return Err(entry.seq);
                    }
                    write!(own, "{} ", entry.seq).unwrap();
                    Ok(())
                };
                let ended = segment.convert(plan, String::new, convert, |own| {
                    text.push_str(own);
                    own.clear();
                    Ok(())
                });
                let all: Vec<String> = (0..=60).map(|seq| format!("{seq} ")).collect();
                let all = all.concat();
                if stop == u64::MAX {
                    assert_eq!(ended.unwrap().unwrap().offset, log.length());
                    assert_eq!(text, all);
                } else {
                    assert_eq!(ended.unwrap_err(), stop);
                    assert!(all.starts_with(&text) && !text.contains("40"), "{text}");
                }
            }
            let refused = |own: &mut String| Err::<(), _>(own.len());
            let convert = |own: &mut String, _: &Entry<'_>| {
                own.push('x');
                Ok(())
            };
            let ended = segment.convert(plan, String::new, convert, refused);
            assert!(ended.is_err(), "what takes the text can stop it");
        }
    }
}

#[test]
fn what_is_long_enough_is_read_on_all_cores_and_answers_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let log = opened(&log_of(12_000, 4000), &directory.path().join("log"));
    assert!(log.length() > 8 << 20);
    let scanned = found(|seen| {
        log.scan(ScanRange::ALL, ScanOptions::default(), |entry, place| {
            stop_at(usize::MAX, seen, entry, place)
        })
    });
    assert!(scanned == on_one_core(&log, None, usize::MAX));
}

#[test]
fn a_file_that_shrinks_while_it_is_read_gives_the_same_error_after_the_same_lines() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let bytes = log_of(30, 0);
    for kept in [0, 100, 3000, bytes.len() - 1] {
        let log = opened(&bytes, &path);
        let settled = log.settled;
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(u64::try_from(kept).unwrap()).unwrap();
        let mut one = Vec::new();
        let each = |entry: &Entry<'_>, place| stop_at(usize::MAX, &mut one, entry, place);
        let one_ended = format!("{:?}", log.scan_lines(None, settled, log.length(), each));
        assert!(one_ended.contains("became shorter"), "{one_ended}");
        let mut several = Vec::new();
        let segment = Segment {
            file: log.file(),
            from: None,
            end: settled,
            checks: LineChecks::All,
        };
        let each = |entry: &Entry<'_>, place| stop_at(usize::MAX, &mut several, entry, place);
        let last = segment.scan(SMALL, each).unwrap();
        let each = |entry: &Entry<'_>, place| stop_at(usize::MAX, &mut several, entry, place);
        let several_ended = format!(
            "{:?}",
            log.scan_lines(last.as_ref(), settled, log.length(), each)
        );
        assert_eq!(one_ended, several_ended);
        assert!(one == several);
    }
}

#[test]
fn what_was_checked_is_read_again_alike_as_long_as_it_is_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let bytes = log_of(2000, 100);
    let log = opened(&bytes, &path);
    assert!(log.length() > 3 * ScanPlan::some(log.length()).block);
    let mut marks = Vec::new();
    let scanned = log.scan(ScanRange::ALL, ScanOptions::default(), |entry, place| {
        marks.push(LogPosition {
            offset: place.end,
            seq: entry.seq,
            hash: entry.hash,
            at: entry.at,
        });
        Ok::<(), Infallible>(())
    });
    let end = scanned.unwrap().last.unwrap();
    let again = |from: Option<&LogPosition>, to: &LogPosition| {
        let mut seqs = Vec::new();
        let each = |entry: &Entry<'_>, _| {
            seqs.push(entry.seq);
            Ok::<(), Infallible>(())
        };
        let options = ScanOptions {
            is_checked: true,
            ..ScanOptions::default()
        };
        let range = ScanRange::after(from.copied()).up_to(*to);
        log.scan(range, options, each).map(|_| seqs).ok()
    };
    assert_eq!(again(None, &end), Some((0..=2000).collect()));
    assert_eq!(
        again(Some(&marks[7]), &marks[1500]),
        Some((8..=1500).collect())
    );
    assert_eq!(again(Some(&end), &end), Some(vec![]));
    // A wrong number or last hash is noticed anywhere.
    for (line, what) in [
        (1, "\"seq\":1,"),
        (900, "\"seq\":900,"),
        (2000, "\"hash\":\""),
    ] {
        let mut changed = bytes.clone();
        let start = usize::try_from(marks[line - 1].offset).unwrap();
        let at = memchr::memmem::find(&bytes[start..], what.as_bytes()).unwrap();
        let digit = &mut changed[start + at + what.len() - 2 + usize::from(line == 2000) * 2];
        *digit = if *digit == b'7' { b'8' } else { b'7' };
        std::fs::write(&path, &changed).unwrap();
        assert_eq!(again(None, &end), None, "line {line}");
    }
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert_eq!(again(None, &end), None);
}

#[test]
fn a_panic_in_one_worker_ends_the_others() {
    let directory = tempfile::tempdir().unwrap();
    let log = opened(&log_of(60, 0), &directory.path().join("log"));
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let segment = Segment {
            file: log.file(),
            from: None,
            end: log.length(),
            checks: LineChecks::All,
        };
        segment.scan(SMALL, |entry, _| {
            assert!(entry.seq < 20, "meant to happen");
            Ok::<(), Infallible>(())
        })
    }));
    assert!(ended.is_err());
}

#[test]
fn an_overlong_line_is_left_to_the_scan_from_the_front() {
    let directory = tempfile::tempdir().unwrap();
    for length in [LINE_MAX_BYTES, LINE_MAX_BYTES + 1, 3 * LINE_MAX_BYTES] {
        let mut bytes = log_of(20, 0);
        let middle = memchr::memchr_iter(b'\n', &bytes).nth(9).unwrap() + 1;
        let mut endless = vec![b'x'; length];
        endless.push(b'\n');
        bytes.splice(middle..middle, endless);
        let log = opened(&bytes, &directory.path().join("log"));
        let serial = on_one_core(&log, None, usize::MAX);
        assert!(serial.1.is_err());
        assert_eq!(on_several(&log, None, usize::MAX, SMALL), serial);
        let (one, several) = lenient_scans(&log, SMALL);
        assert_eq!(one, several);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn several_cores_and_one_tell_the_same_of_every_changed_log(
        at in 0..9000_usize, byte in any::<u8>(), how in 0..8_u8, note_bytes in prop_oneof![Just(0_usize), Just(300)],
        block in prop_oneof![1..60_u64, 60..700_u64], workers in 1..4_usize,
        begin in prop_oneof![Just(None), (0..24_usize).prop_map(Some)], stop in prop_oneof![Just(usize::MAX), 0..26_usize],
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let sound = log_of(24, note_bytes);
        let from = begin.map(|begin| {
            let log = opened(&sound, &path);
            let (entry, place) = on_one_core(&log, None, usize::MAX).0[begin].clone();
            LogPosition { offset: place.end, seq: entry.seq, hash: entry.hash, at: entry.at }
        });
        let mut bytes = sound;
        let at = at % bytes.len();
        let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        let line = at % lines.len();
        match how {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => drop(bytes.remove(at)),
            3 => bytes.truncate(at),
            4 => { bytes.truncate(at); bytes.extend(vec![0; usize::from(byte)]) }
            5 => { lines.remove(line); bytes = lines.concat() }
            6 => { lines.insert(line, lines[line].clone()); bytes = lines.concat() }
            _ => {}
        }
        let log = opened(&bytes, &path);
        let from = from.filter(|position| position.offset <= log.length());
        let plan = ScanPlan { block, workers };
        prop_assert_eq!(on_several(&log, from.as_ref(), stop, plan), on_one_core(&log, from.as_ref(), stop));
        let (one, several) = lenient_scans(&log, plan);
        prop_assert_eq!(one, several);
    }
}
