//! What lies behind the last good line, and what the next append makes of it.

use std::path::{Path, PathBuf};

use event_ledger::accounts::{NewLedger, Operation, Request};
use event_ledger::event::{AccountName, Tags};
use event_ledger::ledger::{LedgerError, Mode, Notice, Outcome, Reader, RecordOptions, record};
use event_ledger::log::{LogError, Tail};
use event_ledger::money::TypedAmount;
use event_ledger::replay::Cutoff;
use event_ledger::time::Timestamp;

use crate::ShortWait;

fn ask(path: &Path, requests: &[Request], dry_run: bool) -> Result<Outcome, LedgerError> {
    let mut conditions = RecordOptions {
        now: Timestamp::parse_rfc3339("2026-03-01T08:00:00Z").unwrap(),
        waiter: &mut ShortWait::default(),
        mode: Mode::Together,
        dry_run,
        checkpoints: None,
        observer: None,
        progress: &mut || {},
    };
    record(path, requests, &mut conditions)
}

fn deposit(amount: &str) -> Request {
    Operation::Deposit {
        account: AccountName::main(),
        amount: TypedAmount::parse(amount).unwrap(),
    }
    .into()
}

fn withdraw(amount: &str) -> Request {
    Operation::Withdraw {
        account: AccountName::main(),
        amount: TypedAmount::parse(amount).unwrap(),
    }
    .into()
}

/// A directory with a log of the first line, two deposits and a batch of three, which is handed out
/// line by line, the batch apart.
struct Desk {
    _directory: tempfile::TempDir,
    path: PathBuf,
    /// Three lines.
    settled: Vec<u8>,
    /// The batch's lines.
    batch: Vec<Vec<u8>>,
}

fn desk() -> Desk {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.jsonl");
    ask(
        &path,
        &[Operation::Init(NewLedger::default()).into()],
        false,
    )
    .unwrap();
    ask(&path, &[deposit("5")], false).unwrap();
    let noted = Request {
        memo: Some("Überweisung \"x\"\n".to_owned()),
        tags: Tags::from_pairs(vec![("a".into(), "b".into())]).unwrap(),
        ..deposit("6")
    };
    ask(&path, std::slice::from_ref(&noted), false).unwrap();
    let settled = std::fs::read(&path).unwrap();
    ask(&path, &[deposit("1"), noted, deposit("3")], false).unwrap();
    let batch = std::fs::read(&path).unwrap()[settled.len()..]
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    Desk {
        _directory: directory,
        path,
        settled,
        batch,
    }
}

impl Desk {
    /// Puts these bytes behind the settled lines, and reads.
    fn with(&self, tail: &[u8]) -> Result<(u64, Tail), LedgerError> {
        std::fs::write(&self.path, [&self.settled[..], tail].concat()).unwrap();
        let replayed =
            Reader::open(&self.path, &mut ShortWait::default())?.replay(Cutoff::default(), None)?;
        Ok((replayed.replay.events(), replayed.scanned.tail))
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        self.path.with_file_name(format!("ledger.jsonl.{suffix}"))
    }

    fn names(&self) -> usize {
        let directory = self.path.parent().unwrap();
        std::fs::read_dir(directory).unwrap().count()
    }

    fn torn(&self, tail: &[u8]) -> Tail {
        Tail::Torn {
            offset: self.settled.len() as u64,
            bytes: tail.len() as u64,
        }
    }
}

#[test]
fn every_beginning_of_a_batch_is_torn_until_its_last_line_is_whole() {
    let desk = desk();
    let batch = desk.batch.concat();
    for end in 1..batch.len() - 1 {
        for nul in [0, 1, 9] {
            let tail = [&batch[..end], &vec![0; nul][..]].concat();
            let found = desk.with(&tail).unwrap();
            assert_eq!(found, (2, desk.torn(&tail)), "{end} bytes and {nul} NUL");
        }
    }
    let unterminated = &batch[..batch.len() - 1];
    assert_eq!(desk.with(unterminated).unwrap(), (5, Tail::Unterminated));
    assert_eq!(desk.with(&batch).unwrap(), (5, Tail::Clean));
    let whole_and_nul = [unterminated, b"\0"].concat();
    let found = desk.with(&whole_and_nul).unwrap();
    assert_eq!(
        found,
        (2, desk.torn(&whole_and_nul)),
        "its line feed was never written"
    );
}

#[test]
fn nothing_but_nul_bytes_is_torn_however_many() {
    let desk = desk();
    for count in [1, 4096, 300_000] {
        let tail = vec![0; count];
        assert_eq!(desk.with(&tail).unwrap(), (2, desk.torn(&tail)));
    }
}

#[test]
fn whatever_is_no_beginning_of_the_next_line_is_damage() {
    let desk = desk();
    let next = String::from_utf8(desk.batch[0].clone()).unwrap();
    let next = next.trim_end();
    let cut = |text: &str| text.as_bytes()[..80].to_vec();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("a letter", b"x".to_vec()),
        ("a line feed", b"\n".to_vec()),
        ("a blank", b" ".to_vec()),
        ("NUL bytes and a line feed", b"\0\0\n".to_vec()),
        ("NUL bytes ahead", [b"\0", next.as_bytes()].concat()),
        (
            "NUL bytes inside",
            cut(next).into_iter().chain(*b"\0\0\"").collect(),
        ),
        (
            "a beginning with a line feed",
            [&cut(next)[..], b"\n"].concat(),
        ),
        (
            "another number",
            cut(&next.replace("\"seq\":3", "\"seq\":4")),
        ),
        (
            "an earlier number",
            cut(&next.replace("\"seq\":3", "\"seq\":2")),
        ),
        ("an earlier time", cut(&next.replace("2026-03", "2025-03"))),
        (
            "a text cut inside a character that is none",
            [&cut(next)[..], b"\xff"].concat(),
        ),
        ("a wrong key", cut(&next.replace("\"type\"", "\"kind\""))),
        ("a whole line whose hash is wrong", {
            let last = String::from_utf8(desk.batch[2].clone()).unwrap();
            let forged = last
                .trim_end()
                .replace("\"amount\":\"3\"", "\"amount\":\"4\"");
            [desk.batch[..2].concat(), forged.into_bytes()].concat()
        }),
        ("a line of a batch whose hash is wrong", {
            let forged = next.replace("\"amount\":\"1\"", "\"amount\":\"2\"");
            [forged.as_bytes(), b"\n"].concat()
        }),
        (
            "more than a line may have",
            [&cut(next)[..], &[b'x'; 70_000]].concat(),
        ),
    ];
    for (what, tail) in cases {
        match desk.with(&tail) {
            Err(LedgerError::Log(LogError::Damaged { damage, .. })) => {
                assert!(
                    damage.offset >= desk.settled.len() as u64,
                    "{what}: {damage}"
                );
                assert!(damage.reason.len() < 500, "{what}: {damage}");
            }
            other => panic!("{what}: {other:?}"),
        }
        let before = desk.bytes();
        ask(&desk.path, &[deposit("1")], false).unwrap_err();
        assert_eq!((desk.bytes(), desk.names()), (before, 1), "{what}");
    }
}

#[test]
fn an_append_sets_a_torn_tail_aside_and_says_so_once_for_every_name() {
    let desk = desk();
    let word = format!("torn-{}", desk.settled.len());
    for suffix in [word.clone(), format!("{word}.1"), format!("{word}.2")] {
        let torn = format!(
            "{{\"v\":1,\"seq\":3,\"at\":\"20{}",
            "\0".repeat(suffix.len())
        );
        desk.with(torn.as_bytes()).unwrap();
        let outcome = ask(&desk.path, &[deposit("7")], false).unwrap();
        assert!(
            outcome.notices.contains(&Notice::SetAside {
                bytes: torn.len() as u64,
                to: desk.beside(&suffix),
            }),
            "{:?}",
            outcome.notices
        );
        assert_eq!(
            std::fs::read(desk.beside(&suffix)).unwrap(),
            torn.as_bytes()
        );
        let log = desk.bytes();
        assert!(log.starts_with(&desk.settled));
        assert!(log[desk.settled.len()..].starts_with(b"{\"v\":1,\"seq\":3,"));
        assert!(log.ends_with(b"}\n"));
    }
    assert_eq!(desk.names(), 4);
}

#[test]
fn whole_lines_of_a_batch_without_an_end_are_set_aside_with_the_rest() {
    let desk = desk();
    let tail = [&desk.batch[0][..], &desk.batch[1], b"{\"v\""].concat();
    assert_eq!(desk.with(&tail).unwrap(), (2, desk.torn(&tail)));
    ask(&desk.path, &[deposit("7")], false).unwrap();
    let aside = desk.beside(&format!("torn-{}", desk.settled.len()));
    assert_eq!(std::fs::read(aside).unwrap(), tail);
}

#[test]
fn a_line_that_lacks_its_line_feed_gets_it_with_the_next_and_nothing_is_set_aside() {
    let desk = desk();
    let whole = desk.batch.concat();
    desk.with(&whole[..whole.len() - 1]).unwrap();
    ask(&desk.path, &[deposit("7")], false).unwrap();
    assert!(
        desk.bytes()
            .starts_with(&[&desk.settled[..], &whole].concat())
    );
    assert_eq!(desk.bytes().split(|byte| *byte == b'\n').count(), 8);
    assert_eq!(desk.names(), 1);
}

#[test]
fn what_is_refused_or_only_tried_changes_neither_the_log_nor_its_directory() {
    let desk = desk();
    let batch = desk.batch.concat();
    for tail in [&b"{\"v\":1,\"seq\""[..], b"\0\0", &batch[..batch.len() - 1]] {
        desk.with(tail).unwrap();
        let before = desk.bytes();
        ask(&desk.path, &[withdraw("1000")], false).unwrap_err();
        ask(&desk.path, &[deposit("1")], true).unwrap();
        ask(&desk.path, &[], false).unwrap();
        assert_eq!((desk.bytes(), desk.names()), (before, 1));
    }
}

#[test]
fn a_torn_first_line_is_no_ledger_yet_and_a_write_sets_it_aside_and_starts() {
    let desk = desk();
    let end = desk.settled.iter().position(|byte| *byte == b'\n').unwrap();
    let first = desk.settled[..end].to_vec();
    for cut in [1, 5, 40, end - 1] {
        for tail in [
            first[..cut].to_vec(),
            [&first[..cut], b"\0\0"].concat(),
            vec![0; cut],
        ] {
            for request in [deposit("5"), Operation::Init(NewLedger::default()).into()] {
                std::fs::write(&desk.path, &tail).unwrap();
                match Reader::open(&desk.path, &mut ShortWait::default()) {
                    Err(LedgerError::NoLedger { torn_bytes, .. }) => {
                        assert_eq!(torn_bytes, tail.len() as u64);
                    }
                    other => panic!("{other:?}"),
                }
                assert_eq!(desk.bytes(), tail, "a read changes nothing");
                ask(&desk.path, &[request], false).unwrap();
                assert_eq!(std::fs::read(desk.beside("torn-0")).unwrap(), tail);
                std::fs::remove_file(desk.beside("torn-0")).unwrap();
                assert!(desk.bytes().starts_with(b"{\"v\":1,\"seq\":0,"));
                Reader::open(&desk.path, &mut ShortWait::default()).unwrap();
            }
        }
    }
    std::fs::write(&desk.path, &first).unwrap();
    Reader::open(&desk.path, &mut ShortWait::default()).unwrap();
}
