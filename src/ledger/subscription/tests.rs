use std::io::Write as _;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::event::{AccountName, Event, Movement, Record};
use crate::log::encode;
use crate::log::testing::ShortWait;
use crate::money::Amount;
use crate::time::Timestamp;

/// Lines of a ledger with this id: the first, then deposits, the last three of each ten a batch.
fn lines(id: u8, amount: u64, events: u64) -> Vec<String> {
    let mut previous = None;
    (0..=events)
        .map(|seq| {
            let event = if seq == 0 {
                Event::Ledger(Opening {
                    id: LedgerId::from_bytes([id; 16]),
                    currency: None,
                    zone: "UTC".into(),
                    strict: false,
                })
            } else {
                Event::Deposit(Movement {
                    account: AccountName::main(),
                    amount: Amount::from_canonical(amount.to_string().as_bytes()).unwrap(),
                    currency: None,
                })
            };
            let record = Record {
                seq,
                at: Timestamp::from_unix_micros(1_700_000_000_000_000).unwrap(),
                effective: None,
                event,
                link: None,
                key: None,
                more: matches!(seq % 10, 7 | 8),
                note: None,
            };
            let (line, entry) = encode(record, previous.as_ref());
            previous = Some(entry.hash);
            line + "\n"
        })
        .collect()
}

fn reading(path: &Path) -> Reader {
    Reader::open(path, &mut ShortWait::default()).unwrap()
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

fn take(follower: &mut Subscription) -> Vec<u64> {
    let mut taken = Vec::new();
    let ended: Result<(), LedgerError> = follower.take(|entry, state, _| {
        assert_eq!(state.last_seq(), Some(entry.seq));
        taken.push(entry.seq);
        Ok(())
    });
    ended.unwrap();
    taken
}

/// Looks for more in the file.
fn look(follower: &mut Subscription, path: &Path) -> Result<bool, LedgerError> {
    let mut source = LogSource::File(path.to_owned());
    follower.look(&mut source, &mut ShortWait::default())
}

fn broken(looked: Result<bool, LedgerError>) -> Break {
    match looked {
        Err(LedgerError::NotContinued { found, .. }) => *found,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_event_is_handed_on_once_and_in_order_however_the_bytes_arrive() {
    let directory = TempDir::new().unwrap();
    let log = lines(1, 5, 60).concat().into_bytes();
    let whole = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let complete: Vec<&str> = text
            .split_inclusive('\n')
            .filter(|l| l.ends_with('\n'))
            .collect();
        let open = complete
            .iter()
            .rev()
            .take_while(|l| l.contains("\"more\":true"))
            .count();
        complete.len() - open
    };
    for step in [1_usize, 7, 97, 240, 1000] {
        let path = directory.path().join(step.to_string());
        let first = log.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        std::fs::write(&path, &log[..first]).unwrap();
        let mut follower = Subscription::start(reading(&path), Start::Front).unwrap();
        let mut seen = take(&mut follower);
        let mut end = first;
        while end < log.len() {
            let next = (end + step).min(log.len());
            append(&path, &log[end..next]);
            end = next;
            if look(&mut follower, &path).unwrap() {
                seen.extend(take(&mut follower));
            }
            // A line that lacks nothing but its line feed may be there already.
            let (least, most) = (whole(&log[..end]), whole(&[&log[..end], b"\n"].concat()));
            assert!(
                (least..=most).contains(&seen.len()),
                "{step} {end} {}",
                seen.len()
            );
        }
        assert_eq!(seen, (0..=60).collect::<Vec<u64>>());
        assert_eq!(
            follower
                .state()
                .account("main")
                .unwrap()
                .balance
                .to_text(crate::money::Scale::WHOLE),
            "300"
        );
    }
}

#[test]
fn a_follower_starts_where_it_is_told_to() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("log");
    std::fs::write(&path, lines(1, 5, 20).concat()).unwrap();
    let from = |start| Subscription::start(reading(&path), start).unwrap();
    assert_eq!(take(&mut from(Start::Head)), [0; 0]);
    assert_eq!(take(&mut from(Start::Front)).len(), 21);
    let mut follower = from(Start::After(17));
    let position = follower.position().unwrap();
    assert_eq!(position.seq, 17);
    assert_eq!(take(&mut follower), [18, 19, 20]);
    assert_eq!(
        take(&mut from(Start::SavedPosition(position))),
        [18, 19, 20]
    );
}

#[test]
fn a_bookmark_that_the_log_does_not_hold_is_refused() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("log");
    std::fs::write(&path, lines(1, 5, 20).concat()).unwrap();
    let position = Subscription::start(reading(&path), Start::Head)
        .unwrap()
        .position()
        .unwrap();
    let start =
        || Subscription::start(reading(&path), Start::SavedPosition(position)).map(|_| true);
    assert!(start().is_ok());
    std::fs::write(&path, lines(1, 5, 19).concat()).unwrap();
    assert_eq!(broken(start()), Break::Cut { head: Some(19) });
    std::fs::write(&path, lines(1, 6, 30).concat()).unwrap();
    assert!(matches!(broken(start()), Break::Other { .. }));
    std::fs::write(&path, lines(2, 5, 30).concat()).unwrap();
    assert!(matches!(broken(start()), Break::Foreign { .. }));
}

#[test]
fn a_log_that_is_cut_or_replaced_is_noticed() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("log");
    let other = directory.path().join("other");
    let follower = || {
        std::fs::write(&path, lines(1, 5, 20).concat()).unwrap();
        Subscription::start(reading(&path), Start::Head).unwrap()
    };
    let cases: [(&str, Vec<String>, bool); 5] = [
        ("cut", lines(1, 5, 19), false),
        ("written anew", lines(1, 6, 25), false),
        ("written anew with the same length", lines(1, 6, 20), false),
        ("another file", lines(1, 6, 20), true),
        ("another ledger", lines(2, 5, 25), true),
    ];
    for (what, content, renamed) in cases {
        let mut follower = follower();
        std::fs::write(&other, content.concat()).unwrap();
        if renamed {
            std::fs::rename(&other, &path).unwrap();
        } else {
            std::fs::write(&path, content.concat()).unwrap();
        }
        if what.ends_with("length") {
            // As long as nothing is appended there is nothing to see, and nothing is shown.
            assert!(!look(&mut follower, &path).unwrap());
            std::fs::write(&path, lines(1, 6, 21).concat()).unwrap();
        }
        let found = broken(look(&mut follower, &path));
        match what {
            "cut" => assert_eq!(found, Break::Cut { head: Some(19) }),
            _ => assert!(matches!(found, Break::Other { .. }), "{what}: {found:?}"),
        }
    }
    let mut emptied = follower();
    std::fs::write(&path, b"").unwrap();
    assert_eq!(broken(look(&mut emptied, &path)), Break::Cut { head: None });
    let mut follower = follower();
    std::fs::remove_file(&path).unwrap();
    let gone = look(&mut follower, &path);
    assert!(matches!(gone, Err(LedgerError::NoLedger { .. })));
}

#[test]
fn another_file_that_goes_on_from_the_same_event_is_followed() {
    let directory = TempDir::new().unwrap();
    let (path, copy) = (directory.path().join("log"), directory.path().join("copy"));
    std::fs::write(&path, lines(1, 5, 20).concat()).unwrap();
    let mut follower = Subscription::start(reading(&path), Start::Head).unwrap();
    std::fs::write(&copy, lines(1, 5, 22).concat()).unwrap();
    std::fs::rename(&copy, &path).unwrap();
    assert!(look(&mut follower, &path).unwrap());
    assert_eq!(take(&mut follower), [21, 22]);
    append(&path, lines(1, 5, 23)[23].as_bytes());
    assert!(look(&mut follower, &path).unwrap());
    assert_eq!(take(&mut follower), [23]);
}

#[test]
fn nothing_of_an_append_that_is_damaged_is_handed_on() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("log");
    let lines = lines(1, 5, 25);
    std::fs::write(&path, lines[..=20].concat()).unwrap();
    let mut follower = Subscription::start(reading(&path), Start::Head).unwrap();
    let later = lines[21..]
        .concat()
        .replacen("\"amount\":\"5\"", "\"amount\":\"6\"", 3);
    append(&path, later.as_bytes());
    let looked = look(&mut follower, &path);
    assert!(
        matches!(looked, Err(LedgerError::Log(LogError::Damaged { .. }))),
        "{looked:?}"
    );
}
