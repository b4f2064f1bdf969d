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
#![allow(
    dead_code,
    reason = "of what all benches share not each needs everything"
)]

mod made;

use std::convert::Infallible;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use event_ledger::accounts::{Context, Operation, Request, State, decide};
use event_ledger::audit::verify;
use event_ledger::event::{AccountName, Event, Hash, Hold, Movement};
use event_ledger::log::{
    Checker, LineReader, LogPosition, LogReader, ScanOptions, ScanRange, Scanned, encode,
};
use event_ledger::money::{Amount, TypedAmount};
use event_ledger::replay::{Cutoff, Replay};
use made::{EVENTS, record};
use tempfile::TempDir;

fn log() -> (TempDir, LogReader) {
    let directory = tempfile::tempdir().unwrap();
    let (bytes, _) = made::lines();
    let log = made::snapshot(&made::put(&directory, &bytes));
    (directory, log)
}

fn scanned(log: &LogReader) -> Scanned {
    log.scan(ScanRange::ALL, ScanOptions::default(), |_, _| {
        Ok::<(), Infallible>(())
    })
    .unwrap()
}

fn end(log: &LogReader) -> LogPosition {
    scanned(log).last.unwrap()
}

/// For a log that was checked before.
const AGAIN: ScanOptions = ScanOptions {
    ignores_notes: true,
    is_silent: false,
    is_checked: true,
};

fn scanner(criterion: &mut Criterion) {
    let (_directory, log) = log();
    let range = ScanRange::ALL.up_to(end(&log));
    let mut group = criterion.benchmark_group("scanner");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("lines", |bencher| {
        bencher.iter(|| {
            let mut lines = LineReader::new(log.file(), 0, 1, log.length());
            while let Some(line) = lines.next_line().unwrap() {
                black_box(line);
            }
        });
    });
    group.bench_function("without_hashes", |bencher| {
        bencher.iter(|| {
            log.scan(range, AGAIN, |entry, span| {
                black_box((entry, span));
                Ok::<(), Infallible>(())
            })
            .unwrap();
        });
    });
    group.bench_function("with_hashes_on_one_core", |bencher| {
        bencher.iter(|| {
            let mut lines = LineReader::new(log.file(), 0, 1, log.length());
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
    let range = ScanRange::ALL.up_to(end(&log));
    let mut group = criterion.benchmark_group("fold");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("of_a_checked_prefix", |bencher| {
        bencher.iter(|| {
            let mut replay = Replay::new(Cutoff::default(), None);
            log.scan(range, AGAIN, |entry, _| replay.take(entry).map(drop))
                .unwrap();
            replay
        });
    });
    group.bench_function("of_a_log_on_all_cores", |bencher| {
        bencher.iter(|| {
            let mut replay = Replay::new(Cutoff::default(), None);
            log.scan(ScanRange::ALL, ScanOptions::default(), |entry, _| {
                replay.take(entry).map(drop)
            })
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
    log.scan(ScanRange::ALL, ScanOptions::default(), |entry, _| {
        state.apply(entry)
    })
    .unwrap();
    let amount = TypedAmount::parse("12.50").unwrap();
    let account = AccountName::new("assets:acct00042").unwrap();
    let request = Request::from(Operation::Withdraw { account, amount });
    let context = Context::default();
    criterion.bench_function("decision/withdraw", |bencher| {
        bencher.iter(|| decide(&state, black_box(&request), &context).unwrap());
    });
    let account = || AccountName::new("assets:acct00042").unwrap();
    let (amount, currency) = (
        Amount::from_canonical(b"0.01").unwrap(),
        state.account("assets:acct00042").unwrap().currency,
    );
    for number in 1..=10_000 {
        let hold = Hold {
            from: Some(account()),
            to: None,
            amount,
            currency,
            expires: None,
        };
        state
            .apply(&record(EVENTS + number, Event::Hold(Box::new(hold))))
            .unwrap();
    }
    let movement = Movement {
        account: account(),
        amount: Amount::from_canonical(b"10000").unwrap(),
        currency,
    };
    state
        .apply(&record(EVENTS + 10_001, Event::Deposit(movement)))
        .unwrap();
    criterion.bench_function("decision/withdraw_with_10000_open_holds", |bencher| {
        bencher.iter(|| decide(&state, black_box(&request), &context).unwrap());
    });
    let decided = record(
        EVENTS + 10_002,
        Event::Close {
            account: AccountName::main(),
        },
    );
    let previous = Hash::from_bytes([7; 32]);
    criterion.bench_function("decision/encode", |bencher| {
        bencher.iter(|| encode(black_box(decided.clone()), Some(&previous)));
    });
}

criterion_group!(benches, scanner, fold, decision);
criterion_main!(benches);
