//! What a replay costs, piece by piece: `cargo bench --bench replay`.
//!
//! Every figure is of one log of 100,000 events in 1000 accounts, made here; throughput is in events,
//! so that "1 Melem/s" is a million events a second.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a bench may panic"
)]

use std::convert::Infallible;
use std::hint::black_box;
use std::io::Write as _;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use event_ledger::accounts::{Command, Found, Request, State, decide};
use event_ledger::audit::verify;
use event_ledger::event::{AccountName, Event, Hash, LedgerId, Movement, Opening};
use event_ledger::log::{
    Checker, Contention, Holder, Lines, Mark, Record, Scanned, Snapshot, seal,
};
use event_ledger::money::{Amount, Currency, TypedAmount};
use event_ledger::replay::{Cutoff, Replay};
use event_ledger::time::Instant;
use tempfile::TempDir;

const EVENTS: u64 = 100_000;
const ACCOUNTS: u64 = 1000;

struct Impatient;

impl Contention for Impatient {
    fn wait(&mut self, _: &dyn Fn() -> Option<Holder>) -> bool {
        false
    }
}

fn record(seq: u64, event: Event<'_>) -> Record<'_> {
    let micros = 1_767_225_600_000_000 + i64::try_from(seq).unwrap() * 1_499_977;
    Record {
        seq,
        at: Instant::from_unix_micros(micros).unwrap(),
        effective: None,
        event,
        reverses: None,
        key: None,
        more: false,
        note: None,
    }
}

/// Every account is paid into in turn, and every tenth event goes from one to the next.
fn log() -> (TempDir, Snapshot) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.jsonl");
    let mut bytes = Vec::new();
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
                account: name(seq),
                amount,
                currency,
            }),
        };
        let (line, entry) = seal(record(seq, event), previous.as_ref());
        previous = Some(entry.hash);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    let mut file = tempfile::NamedTempFile::new_in(&directory).unwrap();
    file.write_all(&bytes).unwrap();
    file.persist(&path).unwrap();
    let log = Snapshot::open(&path, &mut Impatient).unwrap();
    (directory, log)
}

fn scanned(log: &Snapshot) -> Scanned {
    log.scan(None, |_, _| Ok::<(), Infallible>(())).unwrap()
}

fn end(log: &Snapshot) -> Mark {
    scanned(log).last.unwrap()
}

fn scanner(criterion: &mut Criterion) {
    let (_directory, log) = log();
    let end = end(&log);
    let mut group = criterion.benchmark_group("scanner");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("lines", |bencher| {
        bencher.iter(|| {
            let mut lines = Lines::new(log.file(), 0, 1, log.length());
            while let Some(line) = lines.next_line().unwrap() {
                black_box(line);
            }
        });
    });
    group.bench_function("without_hashes", |bencher| {
        bencher.iter(|| {
            log.reread(None, &end, |entry, place| {
                black_box((entry, place));
                Ok::<(), Infallible>(())
            })
            .unwrap();
        });
    });
    group.bench_function("with_hashes_on_one_core", |bencher| {
        bencher.iter(|| {
            let mut lines = Lines::new(log.file(), 0, 1, log.length());
            let mut checker = Checker::new();
            while let Some(line) = lines.next_line().unwrap() {
                black_box(checker.check(&line).unwrap());
            }
        });
    });
    group.bench_function("with_hashes_on_all_cores", |bencher| {
        bencher.iter(|| scanned(&log));
    });
    group.finish();
}

fn fold(criterion: &mut Criterion) {
    let (_directory, log) = log();
    let end = end(&log);
    let mut group = criterion.benchmark_group("fold");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("of_a_checked_prefix", |bencher| {
        bencher.iter(|| {
            let mut replay = Replay::new(Cutoff::default(), None);
            log.reread(None, &end, |entry, _| replay.take(entry).map(drop))
                .unwrap();
            replay
        });
    });
    group.bench_function("of_a_log_on_all_cores", |bencher| {
        bencher.iter(|| {
            let mut replay = Replay::new(Cutoff::default(), None);
            log.scan(None, |entry, _| replay.take(entry).map(drop))
                .unwrap();
            replay
        });
    });
    group.bench_function("verify", |bencher| {
        bencher.iter(|| {
            let verified = verify(&log, None, &Cutoff::default(), drop, |_| {}, None).unwrap();
            assert!(verified.is_ok());
        });
    });
    group.finish();
}

fn decision(criterion: &mut Criterion) {
    let (_directory, log) = log();
    let mut state = State::default();
    log.scan(None, |entry, _| state.apply(entry)).unwrap();
    let amount = TypedAmount::parse("12.50").unwrap();
    let account = AccountName::new("assets:acct00042").unwrap();
    let request = Request::from(Command::Withdraw { account, amount });
    let found = Found::default();
    criterion.bench_function("decision/withdraw", |bencher| {
        bencher.iter(|| decide(&state, black_box(&request), &found).unwrap());
    });
    let decided = record(
        EVENTS + 1,
        Event::Close {
            account: AccountName::main(),
        },
    );
    let previous = Hash::from_bytes([7; 32]);
    criterion.bench_function("decision/seal", |bencher| {
        bencher.iter(|| seal(black_box(decided.clone()), Some(&previous)));
    });
}

criterion_group!(benches, scanner, fold, decision);
criterion_main!(benches);
