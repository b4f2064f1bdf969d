//! What a checkpoint costs and what it saves: `cargo bench --bench checkpoint`.
//!
//! Every figure is of one log of 100,000 events in 1000 accounts, opened anew each time. Compare
//! `fold/of_a_log_on_all_cores` of the bench `replay`, which is the same without a checkpoint.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench may panic"
)]
#![allow(
    clippy::arithmetic_side_effects,
    dead_code,
    reason = "of what all benches share not each needs everything"
)]

mod made;

use std::fs;
use std::path::{Path, PathBuf};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use event_ledger::checkpoint::{CacheDir, Checkpoint, Sizes};
use event_ledger::event::{Entry, Event, Opening};
use event_ledger::ledger::{AccountQuery, LedgerError, ReadOptions, Reader};
use event_ledger::log::{LogReader, NoWait};
use event_ledger::replay::{Bound, Cutoff, Replay};
use made::{EVENTS, RARE};
use tempfile::TempDir;

const NEW_EVENTS: usize = 1000;
const ONE: &str = "assets:acct00042";

fn opening(log: &LogReader) -> Opening<'static> {
    match log.entry(0).unwrap().unwrap().record.event {
        Event::Ledger(opening) => opening,
        other => panic!("a log begins with {other:?}"),
    }
}

/// Folds in whatever is new, however little.
fn eager(root: PathBuf) -> CacheDir {
    let sizes = Sizes {
        tail_bytes: 0,
        ..Sizes::default()
    };
    CacheDir::with_sizes(root, sizes)
}

fn fold_in(home: &CacheDir, log: &Path) -> Checkpoint {
    let log = made::snapshot(log);
    Checkpoint::of(home, &log, &opening(&log)).unwrap()
}

/// The files of a checkpoint as they were, in a directory that nobody used yet.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn writing(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().unwrap();
    let (bytes, ends) = made::lines();
    let log = made::put(&directory, &bytes[..ends[ends.len() - 1 - NEW_EVENTS]]);
    let kept = directory.path().join("kept");
    fold_in(&eager(kept.clone()), &log);
    made::put(&directory, &bytes);

    let mut group = criterion.benchmark_group("checkpoint");
    group.sample_size(20);
    let fresh = || tempfile::tempdir_in(&directory).unwrap();
    group.bench_function("made_from_the_log", |bencher| {
        let make = |home: TempDir| {
            let found = fold_in(&eager(home.path().join("home")), &log);
            assert_eq!(found.end().seq, EVENTS);
            home
        };
        bencher.iter_batched(fresh, make, BatchSize::PerIteration);
    });
    group.bench_function("extended_by_1000_events", |bencher| {
        let behind = || {
            let home = fresh();
            copy(&kept, &home.path().join("home"));
            home
        };
        let extend = |home: TempDir| {
            let found = fold_in(&eager(home.path().join("home")), &log);
            assert_eq!(found.end().seq, EVENTS);
            home
        };
        bencher.iter_batched(behind, extend, BatchSize::PerIteration);
    });
    group.finish();
}

fn reading(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().unwrap();
    let (bytes, _) = made::lines();
    let log = made::put(&directory, &bytes);
    let home = CacheDir::new(directory.path().join("home"));
    fold_in(&home, &log);
    let open = || {
        let reading = Reader::open(&log, &mut NoWait).unwrap();
        reading.with_checkpoints(Some(home.clone()))
    };

    let mut group = criterion.benchmark_group("checkpoint");
    group.bench_function("balance_of_one_account", |bencher| {
        bencher.iter(|| {
            let found = open().query(Cutoff::default(), None, AccountQuery::Named(&[ONE]));
            assert!(found.unwrap().state().account(ONE).is_some());
        });
    });
    group.bench_function("all_balances", |bencher| {
        bencher.iter(|| {
            let found = open().query(Cutoff::default(), None, AccountQuery::All);
            assert_eq!(found.unwrap().state().account_count(), 1001);
        });
    });
    group.bench_function("balances_in_the_middle", |bencher| {
        let middle = open().log().entry(EVENTS / 2).unwrap().unwrap();
        let cutoff = Cutoff {
            until: Some(Bound::Time(middle.at)),
            ..Cutoff::default()
        };
        bencher.iter(|| {
            open()
                .query(cutoff.clone(), None, AccountQuery::All)
                .unwrap()
        });
    });
    group.bench_function("lines_of_a_rare_account", |bencher| {
        let options = ReadOptions {
            account: Some(RARE),
            ..ReadOptions::default()
        };
        bencher.iter(|| {
            let mut count = 0;
            let each = |_: &Entry<'_>, _: &Replay, _| {
                count += 1;
                Ok::<(), LedgerError>(())
            };
            let found = open().scan(Cutoff::default(), None, options, each);
            found.unwrap();
            assert_eq!(count, 10);
        });
    });
    group.finish();
}

criterion_group!(benches, writing, reading);
criterion_main!(benches);
