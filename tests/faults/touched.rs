//! Nothing else is touched, and nothing planted is believed: files at the names that commands write to,
//! caches, read models and copies that somebody else put there.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use event_ledger::accounts::{NewLedger, Operation, Request};
use event_ledger::event::AccountName;
use event_ledger::ledger::{LedgerError, Mode, Reader, RecordOptions, record};
use event_ledger::log::{Holder, LockWaiter};
use event_ledger::money::TypedAmount;
use event_ledger::replay::Cutoff;
use event_ledger::time::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::harness::Shell;

/// Everything below a directory: type, mode, and content or target of each.
fn tree(directory: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let content = if metadata.is_symlink() {
            fs::read_link(&path)
                .unwrap()
                .into_os_string()
                .into_encoded_bytes()
        } else if metadata.is_file() {
            fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        if metadata.is_dir() {
            found.extend(tree(&path));
        }
        found.insert(path, (metadata.mode(), content));
    }
    found
}

/// An option that names a file: the command, and the name at which something else is.
const WRITERS: [(&str, &str); 14] = [
    ("export --to csv -o out -q", "out"),
    ("export --to jsonl -o out -q", "out"),
    ("export --to hledger -o out -q", "out"),
    ("export --to beancount -o out -q", "out"),
    ("export --to parquet -o out -q", "out"),
    ("report --html out -q", "out"),
    ("doctor --salvage-to out -q", "out"),
    ("man --install man -q", "man/man1/ledger.1"),
    ("watch --cursor out --no-follow -q", "out"),
    ("watch --cursor out --no-follow -q", ".out.lock"),
    ("project sqlite out -q", "out"),
    ("project sqlite out -q", "out-wal"),
    ("project sqlite out -q", "out-shm"),
    ("project sqlite out -q", "out-journal"),
];

/// Puts something at a path.
type Put = fn(&Shell, &Path);

fn another_log(shell: &Shell) -> Vec<u8> {
    fs::read(shell.file("other/ledger.jsonl")).unwrap()
}

const THINGS: [(&str, Put); 13] = [
    ("a log", |shell, at| {
        fs::write(at, another_log(shell)).unwrap();
    }),
    ("a log without its first byte", |shell, at| {
        fs::write(at, &another_log(shell)[1..]).unwrap();
    }),
    ("a log with a damaged first line", |shell, at| {
        let mut log = another_log(shell);
        log[..40].fill(0);
        fs::write(at, log).unwrap();
    }),
    ("a log without notes", |_, at| {
        let line = "{\"v\":1,\"seq\":0,\"at\":\"2026-01-01T08:00:00.000000Z\",\"type\":\"ledger\",\"zone\":\"UTC\"}\n";
        fs::write(at, line).unwrap();
    }),
    ("notes", |_, at| fs::write(at, "buy milk\n").unwrap()),
    ("a page of another program", |_, at| {
        fs::write(at, "<!DOCTYPE html>\n<html></html>\n").unwrap();
    }),
    ("a database of another program", |_, at| {
        let mut bytes = b"SQLite format 3\0".to_vec();
        bytes.resize(4096, 0);
        fs::write(at, bytes).unwrap();
    }),
    ("a directory", |_, at| {
        fs::create_dir(at).unwrap();
        fs::write(at.join("inside"), "kept\n").unwrap();
    }),
    ("a link to the log", |shell, at| {
        symlink(shell.file("ledger.jsonl"), at).unwrap();
    }),
    ("a link to notes", |shell, at| {
        symlink(shell.file("notes"), at).unwrap();
    }),
    ("a link to nothing", |shell, at| {
        symlink(shell.file("nothing"), at).unwrap();
    }),
    ("another name of the log", |shell, at| {
        fs::hard_link(shell.file("ledger.jsonl"), at).unwrap();
    }),
    ("another name of notes", |shell, at| {
        fs::hard_link(shell.file("notes"), at).unwrap();
    }),
];

#[test]
fn no_option_that_names_a_file_changes_what_it_did_not_make() {
    for (what, put) in THINGS {
        let shell = Shell::given(&["deposit 5 -q", "withdraw 2 -q -m rent"]);
        fs::create_dir(shell.file("other")).unwrap();
        shell
            .ledger("-f other/ledger.jsonl deposit 7 -q")
            .succeeds();
        fs::write(shell.file("notes"), "kept\n").unwrap();
        for (command, name) in WRITERS {
            let at = shell.file(name);
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            put(&shell, &at);
            let before = tree(shell.path());
            let ran = shell.ledger(command);
            // `ledger_exists` for a new log, `usage` for everything else.
            let status = if command.starts_with("doctor") { 4 } else { 2 };
            assert_eq!(
                ran.status,
                Some(status),
                "{command}, {what} at {name}: {ran:?}"
            );
            assert!(tree(shell.path()) == before, "{command}, {what} at {name}");
            if at.is_dir() && !at.is_symlink() {
                fs::remove_dir_all(&at).unwrap();
            } else {
                fs::remove_file(&at).unwrap();
            }
            if at.parent().unwrap() != shell.path() {
                fs::remove_dir_all(shell.file("man")).unwrap();
            }
        }
    }
}

#[test]
fn what_a_command_made_it_writes_again() {
    let shell = Shell::given(&["deposit 5 -q", "withdraw 2 -q -m rent"]);
    for (number, (command, name)) in WRITERS.into_iter().enumerate() {
        if command.starts_with("doctor") || name.starts_with('.') || name.contains('-') {
            continue;
        }
        let command = command.replace("out", &format!("out{number}"));
        shell.ledger(&command).succeeds();
        shell.ledger("deposit 1 -q").succeeds();
        shell.ledger(&command).succeeds();
    }
    // In any format over any other.
    for format in [
        "csv",
        "jsonl",
        "hledger",
        "ledger",
        "beancount",
        "parquet",
        "csv",
    ] {
        shell
            .ledger(&format!("export --to {format} -o any -q"))
            .succeeds();
    }
    assert!(
        shell
            .names()
            .iter()
            .all(|name| !name.starts_with(".ledger-"))
    );
}

/// Long enough for a checkpoint.
fn long() -> Shell {
    let shell = Shell::given(&["init --currency EUR -q"]);
    let batch: Vec<String> = (0..6000)
        .map(|number| {
            format!("{{\"type\":\"deposit\",\"account\":\"a{}\",\"amount\":\"{}\",\"memo\":\"some words\"}}\n", number % 7, number % 90 + 1)
        })
        .collect();
    shell
        .ledger_with_input("batch -q -", batch.concat().as_bytes())
        .succeeds();
    shell.ledger("balance -q").succeeds();
    shell
}

/// The directory of the one checkpoint.
fn slot(shell: &Shell) -> PathBuf {
    let root = shell.caches().join("ledger");
    let mut slots: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|slot| slot.unwrap().path())
        .collect();
    assert_eq!(slots.len(), 1);
    slots.remove(0)
}

/// Changes a checkpoint's manifest and gives it the digest that fits.
fn forge(head: &[u8], change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let length = usize::try_from(u32::from_le_bytes(head[8..12].try_into().unwrap())).unwrap();
    let (json, rest) = head[44..].split_at(length);
    let mut manifest = serde_json::from_slice(json).unwrap();
    change(&mut manifest);
    let json = serde_json::to_vec(&manifest).unwrap();
    let length = u32::try_from(json.len()).unwrap().to_le_bytes();
    let digest: [u8; 32] = Sha256::digest(&json).into();
    [&head[..8], &length, &digest, &json, rest].concat()
}

#[test]
fn a_checkpoint_with_a_right_digest_over_wrong_positions_and_sizes_is_not_believed() {
    type Change = fn(&mut serde_json::Value);
    let changes: [(&str, Change); 10] = [
        ("the last number", |m| m["end"]["seq"] = 5000.into()),
        ("the last hash", |m| {
            m["end"]["hash"] = "07".repeat(32).into();
        }),
        ("the last time", |m| m["end"]["at"] = 1.into()),
        ("the last offset", |m| m["end"]["offset"] = 100.into()),
        ("an offset beyond all", |m| {
            m["end"]["offset"] = u64::MAX.into();
        }),
        ("the first number", |m| m["first"]["seq"] = 3.into()),
        ("the first hash", |m| {
            m["first"]["hash"] = "07".repeat(32).into();
        }),
        ("many records", |m| {
            m["own_accounts"]["records"] = u64::MAX.into();
        }),
        ("many bytes", |m| {
            m["own_accounts"]["bytes"] = (1_u64 << 60).into();
        }),
        ("all bytes", |m| m["own_facts"]["bytes"] = u64::MAX.into()),
    ];
    let shell = long();
    let head = slot(&shell).join("head");
    let sound = fs::read(&head).unwrap();
    for (what, change) in changes {
        fs::write(&head, forge(&sound, change)).unwrap();
        let expected = shell.ledger("balance --json --no-cache").succeeds();
        let found = shell.ledger("balance --json").succeeds();
        assert_eq!(found.stdout, expected.stdout, "{what}");
        fs::write(&head, forge(&sound, change)).unwrap();
        shell.ledger("deposit 1 --account a1 -q").succeeds();
        let verified = shell.ledger("verify --json").succeeds().json();
        assert_eq!(verified["ok"], true, "{what}: {verified}");
        shell.ledger("accounts -q").succeeds();
    }
    // A head that says it is longer than it is.
    let mut long = sound;
    long[8..12].copy_from_slice(&(60_u32 << 20).to_le_bytes());
    fs::write(&head, long).unwrap();
    shell.ledger("deposit 1 --account a1 -q").succeeds();
    shell.ledger("verify -q").succeeds();
}

#[test]
fn a_cache_directory_that_is_a_link_leads_nowhere() {
    let shell = long();
    let slot = slot(&shell);
    let elsewhere = shell.file("elsewhere");
    fs::rename(&slot, &elsewhere).unwrap();
    for name in ["precious", "head.old", "0123456789abcdef0123456789abcdef"] {
        fs::write(elsewhere.join(name), "kept\n").unwrap();
    }
    symlink(&elsewhere, &slot).unwrap();
    let before = tree(&elsewhere);
    // Much is new, so that a checkpoint would be written.
    let batch = "{\"type\":\"deposit\",\"amount\":\"1\",\"memo\":\"some words\"}\n".repeat(3000);
    shell
        .ledger_with_input("batch -q -", batch.as_bytes())
        .succeeds();
    for command in ["balance -q", "verify -q", "deposit 1 -q", "history main -q"] {
        shell.ledger(command).succeeds();
        assert!(tree(&elsewhere) == before, "{command}");
    }
    // In a directory of ours, too, only files with a name and a form of ours are removed.
    fs::remove_file(&slot).unwrap();
    fs::rename(&elsewhere, &slot).unwrap();
    fs::write(shell.file("notes"), "kept\n").unwrap();
    symlink(
        shell.file("notes"),
        slot.join("fedcba9876543210fedcba9876543210"),
    )
    .unwrap();
    shell.ledger("balance -q").succeeds();
    assert_eq!(fs::read_to_string(slot.join("precious")).unwrap(), "kept\n");
    assert_eq!(fs::read_to_string(slot.join("head.old")).unwrap(), "kept\n");
    assert_eq!(fs::read_to_string(shell.file("notes")).unwrap(), "kept\n");
    assert!(!slot.join("0123456789abcdef0123456789abcdef").exists());
}

#[test]
fn a_verify_whose_cache_is_deleted_meanwhile_blames_no_checkpoint() {
    let shell = long();
    let caches = shell.caches();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let _ = fs::remove_dir_all(caches.join("ledger"));
                std::thread::sleep(Duration::from_millis(3));
            }
        });
        for _ in 0..6 {
            shell.ledger("balance -q").succeeds();
            let ran = shell.ledger("verify");
            assert!(!ran.stderr.contains("checkpoint"), "{ran:?}");
            assert_eq!(ran.status, Some(0), "{ran:?}");
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_read_model_with_planted_code_is_refused_and_stays_as_it_is() {
    for (what, sql) in [
        (
            "a trigger",
            "CREATE TRIGGER t AFTER INSERT ON events BEGIN UPDATE accounts SET floor = '9'; END",
        ),
        (
            "an index on an expression",
            "CREATE INDEX i ON events (hex(zeroblob(1000000)))",
        ),
        (
            "a changed table",
            "ALTER TABLE events ADD COLUMN x TEXT AS (hex(zeroblob(1000000)))",
        ),
    ] {
        let shell = Shell::given(&["deposit 5 -q"]);
        shell.ledger("project sqlite out -q").succeeds();
        let connection = rusqlite::Connection::open(shell.file("out")).unwrap();
        connection.execute_batch(sql).unwrap();
        drop(connection);
        let before = fs::read(shell.file("out")).unwrap();
        shell.ledger("deposit 6 -q").succeeds();
        let ran = shell.ledger("project sqlite out -q");
        assert_eq!(ran.status, Some(2), "{what}: {ran:?}");
        assert!(fs::read(shell.file("out")).unwrap() == before, "{what}");
    }
    // A plain index and a view of the user's own are not in the way.
    let shell = Shell::given(&["deposit 5 -q"]);
    shell.ledger("project sqlite out -q").succeeds();
    let connection = rusqlite::Connection::open(shell.file("out")).unwrap();
    connection
        .execute_batch("CREATE INDEX i ON events (memo); CREATE VIEW v AS SELECT 1")
        .unwrap();
    drop(connection);
    shell.ledger("project sqlite out -q").succeeds();
}

#[test]
fn a_repair_takes_no_file_of_another_ledger_for_its_copy() {
    let shell = Shell::given(&["deposit 5 -q", "deposit 6 -q"]);
    fs::create_dir(shell.file("other")).unwrap();
    shell
        .ledger("-f other/ledger.jsonl deposit 7 -q")
        .succeeds();
    let other = another_log(&shell);
    // As a repair leaves it that was stopped: with its mark at the end.
    let mut log = shell.log();
    log.extend_from_slice(b"\n\n# this log is being repaired: ledger doctor --repair\n");
    shell.set_log(&log);
    fs::write(shell.file("ledger.jsonl.repairing-0"), &other).unwrap();
    let _ = shell.ledger("doctor --repair");
    assert_eq!(
        fs::read(shell.file("ledger.jsonl.repairing-0")).unwrap(),
        other
    );
    let id = |log: &[u8]| {
        let line: serde_json::Value =
            serde_json::from_slice(log.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
        line["id"].clone()
    };
    assert_ne!(id(&shell.log()), id(&other));
    assert!(shell.log().starts_with(&log[..log.len() - 60]));
}

#[test]
fn followers_of_one_cursor_deliver_each_event_once_and_the_cursor_is_never_empty() {
    let shell = Shell::given(&["deposit 1 -q"]);
    for _ in 0..20 {
        shell.ledger("deposit 1 -q").succeeds();
    }
    let is_over = AtomicBool::new(false);
    let cursor = shell.file("c");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                assert!(fs::read(&cursor).map_or(true, |bytes| bytes.ends_with(b"\n")));
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let followers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let line = "watch --cursor c --no-follow -q --exec 'cat >> out; echo >> out'";
                    let ran = shell.ledger(line);
                    let is_in_use = ran.stderr.contains("in use by another process");
                    assert!(ran.status == Some(0) || is_in_use, "{ran:?}");
                })
            })
            .collect();
        for follower in followers {
            follower.join().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    });
    shell
        .ledger("watch --cursor c --no-follow -q --exec 'cat >> out'")
        .succeeds();
    let out = fs::read_to_string(shell.file("out")).unwrap();
    let seqs: Vec<u64> = out
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["event"]["seq"]
                .as_u64()
                .or(line["seq"].as_u64())
                .unwrap()
        })
        .collect();
    assert_eq!(
        seqs,
        (0..=21)
            .filter(|seq| seqs.contains(&0) || *seq > 0)
            .collect::<Vec<_>>()
    );
}

/// Waits for a lock as long as it takes.
struct Patient;

impl LockWaiter for Patient {
    fn wait(&mut self, _: &dyn Fn() -> Option<Holder>) -> bool {
        std::thread::sleep(Duration::from_micros(200));
        true
    }
}

fn ask(path: &Path, request: Request) -> Result<(), LedgerError> {
    let mut options = RecordOptions {
        now: Timestamp::parse_rfc3339("2026-03-01T08:00:00Z").unwrap(),
        waiter: &mut Patient,
        mode: Mode::Together,
        dry_run: false,
        checkpoints: None,
        observer: None,
        progress: &mut || {},
    };
    record(path, &[request], &mut options).map(drop)
}

#[test]
fn readers_beside_a_torn_tail_that_is_set_aside_all_succeed() {
    let rounds = if crate::bench::all() { 5000 } else { 150 };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.jsonl");
    ask(&path, Operation::Init(NewLedger::default()).into()).unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let reader = Reader::open(&path, &mut Patient).unwrap();
                    // Something happens between the opening and the reading.
                    std::thread::sleep(Duration::from_micros(300));
                    let replayed = reader.replay(Cutoff::default(), None).unwrap();
                    let last = replayed.replay.last().map(|(seq, ..)| seq);
                    assert_eq!(
                        reader.entry(last.unwrap()).unwrap().unwrap().seq,
                        last.unwrap()
                    );
                }
            });
        }
        for round in 0..rounds {
            // A writer that is killed leaves part of its line.
            let file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            file.lock().unwrap();
            let torn = "{\"v\":1,\"seq\":";
            std::io::Write::write_all(&mut &file, &torn.as_bytes()[..=(round % torn.len())])
                .unwrap();
            drop(file);
            let deposit = Operation::Deposit {
                account: AccountName::main(),
                amount: TypedAmount::parse("5").unwrap(),
            };
            ask(&path, deposit.into()).unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    });
}
