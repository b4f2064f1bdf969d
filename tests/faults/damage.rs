//! Every change of every byte of a small log, every cut, every line taken out, doubled or moved:
//! nothing goes unnoticed, and nothing that a crash can leave is called damage.

use std::path::Path;

use event_ledger::accounts::{NewLedger, Operation, Request};
use event_ledger::audit;
use event_ledger::event::{AccountName, Key, Tags};
use event_ledger::ledger::{LedgerError, Mode, Reader, RecordOptions, record};
use event_ledger::log::{Checker, LogError, LogReader, RawLine, Tail};
use event_ledger::money::{Currency, TypedAmount};
use event_ledger::replay::Cutoff;
use event_ledger::time::Timestamp;

use crate::ShortWait;

fn at(minute: u8) -> Timestamp {
    Timestamp::parse_rfc3339(&format!("2026-03-01T08:{minute:02}:00Z")).unwrap()
}

fn write(path: &Path, minute: u8, requests: &[Request]) {
    let mut conditions = RecordOptions {
        now: at(minute),
        waiter: &mut ShortWait::default(),
        mode: Mode::Together,
        dry_run: false,
        checkpoints: None,
        observer: None,
        progress: &mut || {},
    };
    record(path, requests, &mut conditions).unwrap();
}

fn deposit(account: &str, amount: &str) -> Request {
    Operation::Deposit {
        account: AccountName::typed(account).unwrap(),
        amount: TypedAmount::parse(amount).unwrap(),
    }
    .into()
}

/// A log with a note, a key, a batch and a reversal in it.
fn small_log(path: &Path) -> Vec<u8> {
    let new = NewLedger {
        currency: Currency::new("EUR"),
        ..NewLedger::default()
    };
    write(path, 0, &[Operation::Init(new).into()]);
    let noted = Request {
        memo: Some("Mittag \"im\" Café\n".to_owned()),
        tags: Tags::from_pairs(vec![("order".into(), "1234".into())]).unwrap(),
        key: Some(Key::new("a-1").unwrap()),
        ..deposit("main", "50")
    };
    write(path, 1, &[noted]);
    write(path, 2, &[deposit("main", "1"), deposit("Küche", "2")]);
    write(path, 3, &[Operation::Undo.into()]);
    write(path, 4, &[deposit("main", "7")]);
    std::fs::read(path).unwrap()
}

fn events(path: &Path, bytes: &[u8]) -> Result<(u64, Tail), LedgerError> {
    // Anew: writing over a file makes some file systems sync it.
    let _ = std::fs::remove_file(path);
    std::fs::write(path, bytes).unwrap();
    let reading = Reader::open(path, &mut ShortWait::default())?;
    let replayed = reading.replay(Cutoff::default(), None)?;
    Ok((replayed.replay.events(), replayed.scanned.tail))
}

/// No figure is to be had from these bytes, and `verify` finds something in them.
#[track_caller]
fn assert_damaged(path: &Path, bytes: &[u8], what: &str) {
    match events(path, bytes) {
        Err(LedgerError::Log(
            LogError::Damaged { .. } | LogError::NotALedger { .. } | LogError::Newer { .. },
        )) => {}
        other => panic!("{what}: {other:?}"),
    }
    let log = LogReader::open(path, &mut ShortWait::default()).unwrap();
    let mut findings = 0;
    match audit::verify(
        &log,
        None,
        &Cutoff::default(),
        |_| findings += 1,
        |_| {},
        None,
    ) {
        Ok(verified) => assert!(!verified.is_ok() && findings > 0, "{what}: {verified:?}"),
        Err(error) => {
            let text = error.to_string();
            assert!(text.len() < 1000, "{what}: {text}");
        }
    }
}

struct Desk {
    _directory: tempfile::TempDir,
    path: std::path::PathBuf,
    log: Vec<u8>,
    lines: Vec<Vec<u8>>,
}

fn desk() -> Desk {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.jsonl");
    let log = small_log(&path);
    let lines = log
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    Desk {
        _directory: directory,
        path,
        log,
        lines,
    }
}

#[test]
fn a_flipped_bit_at_any_byte_leaves_no_figure_to_be_had() {
    let Desk { path, log, .. } = &desk();
    for at in 0..log.len() {
        let mut bytes = log.clone();
        bytes[at] ^= 1 << (at % 8);
        assert_damaged(path, &bytes, &format!("bit {} of byte {at}", at % 8));
    }
}

fn raw(bytes: &[u8]) -> RawLine<'_> {
    RawLine {
        number: 1,
        offset: 0,
        bytes,
        length: bytes.len() as u64,
        length_without_nul: bytes.len() as u64,
        terminated: true,
    }
}

/// The checks of the lines alone, by which everything is read: they are quick enough for every value
/// of every byte.
#[test]
fn every_other_byte_inside_a_line_is_found() {
    let Desk { lines, .. } = &desk();
    let mut checker = Checker::new();
    for line in lines {
        let line = &line[..line.len() - 1];
        let mut changed = line.to_vec();
        for at in 0..line.len() {
            for byte in (0..=255).filter(|byte| *byte != line[at]) {
                changed[at] = byte;
                let found = checker.clone().check(&raw(&changed));
                assert!(found.is_err(), "{byte:#x} at {at}: {found:?}");
            }
            changed[at] = line[at];
        }
        checker.check(&raw(line)).unwrap();
    }
}

#[test]
fn every_other_byte_in_place_of_a_line_feed_is_found_but_a_nul_at_the_end_which_is_torn() {
    let Desk {
        path, log, lines, ..
    } = &desk();
    let last = log.len() - 1;
    let line_feeds = (0..log.len()).filter(|at| log[*at] == b'\n');
    for at in line_feeds {
        for byte in (0..=255).filter(|byte| *byte != b'\n') {
            let mut bytes = log.clone();
            bytes[at] = byte;
            if (at, byte) == (last, 0) {
                // The one change that a crash may leave too: the last line's end was never written.
                let (counted, tail) = events(path, &bytes).unwrap();
                let whole = lines.len() as u64 - 2;
                assert!(counted == whole && tail.torn_bytes() > 0, "{tail:?}");
                continue;
            }
            assert_damaged(path, &bytes, &format!("{byte:#x} at {at}"));
        }
    }
}

#[test]
fn every_byte_put_in_or_taken_out_is_found() {
    const BYTES: [u8; 8] = *b"\0\n \r0a\"}";
    let Desk {
        path, log, lines, ..
    } = &desk();
    for at in 0..log.len() - 1 {
        let mut bytes = log.clone();
        bytes.remove(at);
        assert_damaged(path, &bytes, &format!("byte {at} taken out"));
        let mut bytes = log.clone();
        let byte = BYTES[at % BYTES.len()];
        bytes.insert(at, byte);
        assert_damaged(path, &bytes, &format!("{byte:#x} put in at {at}"));
        let mut bytes = log.clone();
        bytes.insert(at, b'\n');
        assert_damaged(path, &bytes, &format!("a line feed put in at {at}"));
    }
    let mut checker = Checker::new();
    for line in lines {
        let line = &line[..line.len() - 1];
        for at in 0..=line.len() {
            for byte in BYTES {
                let changed = [&line[..at], &[byte], &line[at..]].concat();
                let found = checker.clone().check(&raw(&changed)).is_ok();
                assert!(!found, "{byte:#x} put in at {at}");
            }
        }
        checker.check(&raw(line)).unwrap();
    }
}

#[test]
fn every_line_taken_out_doubled_swapped_joined_or_parted_by_a_blank_one_is_found() {
    let Desk { path, lines, .. } = &desk();
    for at in 0..lines.len() {
        let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
            let mut changed = lines.clone();
            change(&mut changed);
            changed.concat()
        };
        if at + 1 < lines.len() {
            assert_damaged(path, &with(&|all| drop(all.remove(at))), "taken out");
            assert_damaged(path, &with(&|all| all.swap(at, at + 1)), "swapped");
            assert_damaged(
                path,
                &with(&|all| assert!(all[at].pop().is_some())),
                "joined",
            );
        }
        assert_damaged(
            path,
            &with(&|all| all.insert(at, all[at].clone())),
            "doubled",
        );
        assert_damaged(
            path,
            &with(&|all| all.insert(at, b"\n".to_vec())),
            "blank line",
        );
        assert_damaged(
            path,
            &with(&|all| {
                all[at].pop();
                all[at].extend_from_slice(b" \n");
            }),
            "trailing blank",
        );
        assert_damaged(
            path,
            &with(&|all| {
                all[at].pop();
                all[at].extend_from_slice(b"\r\n");
            }),
            "carriage return",
        );
        assert_damaged(
            path,
            &with(&|all| {
                let text = String::from_utf8(all[at].clone()).unwrap();
                let (head, hash) = text.split_once("\"hash\":\"").unwrap();
                let (hash, rest) = hash.split_at(64);
                all[at] = format!("{head}\"hash\":\"{}{rest}", hash.to_uppercase()).into_bytes();
            }),
            "upper-case hash",
        );
    }
    assert_damaged(
        path,
        &[b"\xef\xbb\xbf".to_vec(), lines.concat()].concat(),
        "byte order mark",
    );
}

#[test]
fn the_tail_of_another_log_is_found() {
    let (one, other) = (desk(), desk());
    for at in 1..one.lines.len() {
        let spliced = [one.lines[..at].concat(), other.lines[at..].concat()].concat();
        assert_damaged(&one.path, &spliced, &format!("spliced at line {at}"));
    }
}

#[test]
fn a_cut_at_any_byte_is_a_torn_append_and_the_whole_lines_before_it_count() {
    let Desk {
        path, log, lines, ..
    } = &desk();
    for end in 0..log.len() {
        let mut whole = 0;
        let mut offset = 0;
        let mut counted = None;
        for (index, line) in lines.iter().enumerate() {
            offset += line.len();
            // A line without its line feed counts when it is the last thing missing.
            if offset > end + 1 {
                break;
            }
            let says_more = String::from_utf8_lossy(line).contains(",\"more\":true");
            if !says_more {
                whole = offset.min(end);
                counted = Some(index as u64);
            }
        }
        match (events(path, &log[..end]), counted) {
            (Ok((events, tail)), Some(counted)) => {
                assert_eq!(events, counted, "cut at {end}");
                assert_eq!(tail.torn_bytes(), (end - whole) as u64, "cut at {end}");
            }
            (Err(LedgerError::NoLedger { torn_bytes, .. }), None) => {
                assert_eq!(torn_bytes, end as u64);
            }
            (other, _) => panic!("cut at {end}: {other:?}"),
        }
    }
}

#[test]
fn a_cut_with_nul_bytes_behind_it_is_torn_and_the_next_append_sets_it_aside() {
    let Desk {
        path, log, lines, ..
    } = &desk();
    let before = log.len() - lines.last().unwrap().len();
    for end in before..log.len() {
        let bytes = [&log[..end], &[0; 5][..]].concat();
        let (counted, tail) = events(path, &bytes).unwrap();
        // The first line is no event, and the last is cut.
        let whole = lines.len() as u64 - 2;
        assert_eq!(counted, whole, "cut at {end}");
        let torn = bytes.len() - before;
        assert_eq!(tail.torn_bytes(), torn as u64, "cut at {end}");
        write(path, 9, &[deposit("main", "3")]);
        let aside = path.with_file_name(format!("ledger.jsonl.torn-{before}"));
        assert_eq!(
            std::fs::read(&aside).unwrap(),
            bytes[before..],
            "cut at {end}"
        );
        std::fs::remove_file(aside).unwrap();
        assert_eq!(
            events(path, &std::fs::read(path).unwrap()).unwrap(),
            (whole + 1, Tail::Clean)
        );
    }
}

#[test]
fn a_damaged_log_is_not_appended_to_and_stays_as_it_is() {
    let Desk { path, log, .. } = &desk();
    for at in (0..log.len()).step_by(7) {
        let mut bytes = log.clone();
        bytes[at] ^= 1;
        std::fs::write(path, &bytes).unwrap();
        let mut conditions = RecordOptions {
            now: at_noon(),
            waiter: &mut ShortWait::default(),
            mode: Mode::Together,
            dry_run: false,
            checkpoints: None,
            observer: None,
            progress: &mut || {},
        };
        record(path, &[deposit("main", "3")], &mut conditions).unwrap_err();
        assert_eq!(std::fs::read(path).unwrap(), bytes, "byte {at}");
    }
}

fn at_noon() -> Timestamp {
    Timestamp::parse_rfc3339("2026-03-01T12:00:00Z").unwrap()
}

#[test]
fn an_event_is_found_by_its_number_wherever_it_stands() {
    let Desk { path, lines, .. } = &desk();
    let log = LogReader::open(path, &mut ShortWait::default()).unwrap();
    for seq in 0..lines.len() as u64 {
        assert_eq!(log.entry(seq).unwrap().unwrap().seq, seq);
    }
    assert!(log.entry(lines.len() as u64).unwrap().is_none());
}
