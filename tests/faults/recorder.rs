//! A recorder that keeps its state between groups decides as a program that reads the whole log each
//! time, whatever others write meanwhile.

use std::path::Path;

use event_ledger::accounts::{Correction, NewLedger, Operation, Request};
use event_ledger::checkpoint::{CacheDir, Sizes};
use event_ledger::event::{AccountName, EventRef, Key};
use event_ledger::ledger::{
    LedgerError, LogSource, Mode, Outcome, RecordOptions, Recorder, record,
};
use event_ledger::money::TypedAmount;
use event_ledger::time::Timestamp;
use proptest::prelude::*;

use crate::ShortWait;

const START: i64 = 1_767_225_600_000_000;

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_unix_micros(micros).unwrap()
}

fn options<'a>(
    now: i64,
    wait: &'a mut ShortWait,
    checkpoints: Option<&'a CacheDir>,
    progress: &'a mut dyn FnMut(),
) -> RecordOptions<'a> {
    RecordOptions {
        now: instant(START + now),
        waiter: wait,
        mode: Mode::EachForItself,
        dry_run: false,
        checkpoints,
        observer: None,
        progress,
    }
}

/// What one request is made of.
#[derive(Clone, Debug)]
struct Wanted {
    kind: u8,
    accounts: (u8, u8),
    amount: u8,
    seq: u8,
    key: Option<u8>,
}

fn wanted() -> impl Strategy<Value = Wanted> {
    (
        0..14_u8,
        (0..4_u8, 0..4_u8),
        1..9_u8,
        0..40_u8,
        prop::option::weighted(0.3, 0..12_u8),
    )
        .prop_map(|(kind, accounts, amount, seq, key)| Wanted {
            kind,
            accounts,
            amount,
            seq,
            key,
        })
}

fn request(wanted: &Wanted) -> Request {
    let account = |number: u8| AccountName::typed(["main", "b", "c:d", "é"][number as usize]);
    let (one, other) = wanted.accounts;
    let (one, other) = (account(one).unwrap(), account(other).unwrap());
    let amount = TypedAmount::parse(&wanted.amount.to_string()).unwrap();
    let event = match (wanted.seq % 5, wanted.key) {
        (0, Some(key)) => EventRef::Key(Key::new(format!("key-{}", 12 - key)).unwrap()),
        (1, _) => EventRef::Head(u64::from(wanted.seq) % 7),
        _ => EventRef::Seq(u64::from(wanted.seq)),
    };
    let operation = match wanted.kind {
        0..=2 => Operation::Deposit {
            account: one,
            amount,
        },
        3 => Operation::Withdraw {
            account: one,
            amount,
        },
        4 if one != other => Operation::Transfer {
            from: one,
            to: other,
            amount,
        },
        5 => Operation::Hold {
            from: Some(one),
            to: None,
            amount,
            expires: None,
        },
        6 => Operation::Capture {
            hold: event,
            amount: None,
            to: None,
            keep: false,
        },
        7 => Operation::Release {
            hold: event,
            amount: None,
        },
        8 => Operation::Refund {
            event,
            amount: None,
        },
        9 => Operation::Correct(Box::new(Correction {
            amount: Some(amount),
            ..Correction::of(event)
        })),
        10 => Operation::Reverse { event },
        11 => Operation::Undo,
        12 => Operation::Close { account: one },
        _ => Operation::Open {
            account: one,
            currency: None,
            floor: None,
        },
    };
    Request {
        key: wanted
            .key
            .map(|key| Key::new(format!("key-{key}")).unwrap()),
        ..operation.into()
    }
}

/// What an outcome says, without what is drawn at random.
fn told(outcome: Result<Outcome, LedgerError>) -> String {
    match outcome {
        Ok(outcome) => {
            let results: Vec<_> = outcome.results.into_iter().collect();
            format!("{results:?} {:?}", outcome.notices)
        }
        Err(error) => format!("{error:?}"),
    }
}

fn record_here(path: &Path, requests: &[Request], now: i64) -> Result<Outcome, LedgerError> {
    let (mut wait, mut progress) = (ShortWait::default(), || {});
    record(
        path,
        requests,
        &mut options(now, &mut wait, None, &mut progress),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_kept_state_decides_as_the_whole_log(
        groups in prop::collection::vec(
            (any::<bool>(), prop::collection::vec(wanted(), 1..6)),
            1..16,
        ),
        has_checkpoints in any::<bool>(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let (kept, read) = (directory.path().join("kept"), directory.path().join("read"));
        let cache = CacheDir::with_sizes(
            directory.path().join("cache"),
            Sizes { log_bytes: 0, tail_bytes: 300, segment_events: 3, ..Sizes::default() },
        );
        record_here(&kept, &[Operation::Init(NewLedger::default()).into()], 0).unwrap();
        std::fs::copy(&kept, &read).unwrap();
        let mut recorder = Recorder::default();
        let mut source = LogSource::File(kept.clone());
        for (number, (is_foreign, group)) in (1..).zip(&groups) {
            let requests: Vec<Request> = group.iter().map(request).collect();
            let expected = told(record_here(&read, &requests, number));
            let found = if *is_foreign {
                record_here(&kept, &requests, number)
            } else {
                let (mut wait, mut progress) = (ShortWait::default(), || {});
                let cache = has_checkpoints.then_some(&cache);
                let mut options = options(number, &mut wait, cache, &mut progress);
                recorder.record(&mut source, &requests, &mut options)
            };
            prop_assert_eq!(told(found), expected);
            prop_assert_eq!(std::fs::read(&kept).unwrap(), std::fs::read(&read).unwrap());
        }
    }
}

#[test]
fn a_log_that_was_replaced_or_damaged_meanwhile_is_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.jsonl");
    let deposit = |amount: &str| -> Request {
        Operation::Deposit {
            account: AccountName::main(),
            amount: TypedAmount::parse(amount).unwrap(),
        }
        .into()
    };
    let mut recorder = Recorder::default();
    let mut source = LogSource::File(path.clone());
    let mut group = |amount: &str| {
        let (mut wait, mut progress) = (ShortWait::default(), || {});
        let requests = [deposit(amount)];
        recorder.record(
            &mut source,
            &requests,
            &mut options(1, &mut wait, None, &mut progress),
        )
    };
    let balance = |outcome: Outcome| {
        let receipt = outcome.results.into_iter().next().unwrap().unwrap();
        let account = receipt.accounts_after[0].account;
        account.balance.to_text(account.scale)
    };
    assert_eq!(balance(group("5").unwrap()), "5");
    assert_eq!(balance(group("5").unwrap()), "10");
    // Another log under the same name.
    std::fs::remove_file(&path).unwrap();
    record_here(&path, &[deposit("1")], 1).unwrap();
    assert_eq!(balance(group("5").unwrap()), "6");
    // Gone.
    std::fs::remove_file(&path).unwrap();
    assert_eq!(balance(group("7").unwrap()), "7");
    // Damaged at its end, which is where the state was.
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.len() - 10;
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(group("5"), Err(LedgerError::Log(_))));
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}
