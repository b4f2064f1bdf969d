//! With a checkpoint and without one: the same answers, whatever the log says, however often the
//! checkpoint was brought up to its end, and whatever became of its files.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use event_ledger::accounts::{
    Account, Correction, Operation, Pending, Request, RuleChecker, SortedAccounts, State,
};
use event_ledger::checkpoint::{CacheDir, Checkpoint, CheckpointVerifier, Sizes};
use event_ledger::event::{
    AccountName, Event, EventRef, Hash, Hold, Key, LedgerId, Link, Movement, Opening, Record,
};
use event_ledger::ledger::{
    AccountQuery, LedgerError, Mode, Outcome, ReadOptions, Reader, RecordOptions, Replayed, record,
};
use event_ledger::log::{
    Holder, LockWaiter, ProgressObserver, ScanOptions, ScanRange, Tail, encode,
};
use event_ledger::money::{Amount, Balance, Currency, Floor, Scale, TypedAmount};
use event_ledger::replay::{Bound, Cutoff};
use event_ledger::time::Timestamp;
use proptest::prelude::*;

use crate::ShortWait;

/// What one event is made of, before it has a place.
#[derive(Clone, Debug)]
struct Line {
    kind: u8,
    accounts: (u8, u8),
    amount: u16,
    /// Which of the currencies, where not the default.
    currency: Option<u8>,
    /// Microseconds behind the last event.
    pause: u8,
    /// When it took effect, from when it was recorded.
    effective: Option<i16>,
    /// The event that it names, and how.
    names: Option<u16>,
    has_key: bool,
}

fn line(chaos: bool) -> impl Strategy<Value = Line> {
    let currency = if chaos {
        prop::option::weighted(0.05, 0..2_u8).boxed()
    } else {
        Just(None).boxed()
    };
    (
        0..14_u8,
        (0..6_u8, 0..6_u8),
        1..999_u16,
        currency,
        0..5_u8,
        prop::option::weighted(0.3, -60..60_i16),
        prop::option::weighted(0.1, any::<u16>()),
        prop::bool::weighted(0.3),
    )
        .prop_map(
            |(kind, accounts, amount, currency, pause, effective, names, has_key)| Line {
                kind,
                accounts,
                amount,
                currency,
                pause,
                effective,
                names,
                has_key,
            },
        )
}

const START: i64 = 1_767_225_600_000_000;

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_unix_micros(micros).unwrap()
}

fn name(number: u8) -> AccountName<'static> {
    AccountName::typed(["main", "b", "c:d", "é", "x", "long-name-of-an-account"][number as usize])
        .unwrap()
}

/// The rules, asked before an event is written.
#[derive(Default)]
struct Judge {
    checker: RuleChecker,
    state: State,
    records: Vec<Record<'static>>,
}

impl Judge {
    fn permits(&mut self, record: &Record<'static>) -> bool {
        let mut checker = self.checker.clone();
        let earlier = |seq: u64| Ok::<_, ()>(self.records.get(seq as usize).cloned());
        let checked = checker.check(&self.state, record, earlier).unwrap();
        if !checked.refused.is_empty() {
            return false;
        }
        self.checker = checker;
        self.state.apply_to(checked.touched, record).unwrap();
        self.records.push(record.clone());
        true
    }
}

/// A log that grows.
struct Log {
    path: PathBuf,
    cache: PathBuf,
    last: Option<Hash>,
    seq: u64,
    at: i64,
    default: Option<Currency>,
    /// What each account holds: an event in another currency is damage, which no cache looks for.
    currencies: BTreeMap<u8, Option<Currency>>,
    keys: u64,
    /// The holds so far.
    holds: Vec<u64>,
    /// Leaves out what breaks a rule.
    judge: Option<Judge>,
    _directory: tempfile::TempDir,
}

impl Log {
    fn new(has_default: bool) -> Log {
        Log::judged_by(None, has_default)
    }

    fn judged_by(judge: Option<Judge>, has_default: bool) -> Log {
        let directory = tempfile::tempdir().unwrap();
        let mut log = Log {
            path: directory.path().join("ledger.jsonl"),
            cache: directory.path().join("cache"),
            last: None,
            seq: 0,
            at: START,
            default: has_default.then(|| Currency::new("EUR").unwrap()),
            currencies: BTreeMap::new(),
            keys: 0,
            holds: Vec::new(),
            judge,
            _directory: directory,
        };
        let opening = Opening {
            id: LedgerId::from_bytes([7; 16]),
            currency: log.default,
            zone: "UTC".into(),
            strict: false,
        };
        log.add(Event::Ledger(opening), None, None, None);
        log
    }

    fn add(
        &mut self,
        event: Event<'static>,
        effective: Option<i64>,
        link: Option<Link>,
        key: Option<String>,
    ) {
        let record = Record {
            seq: self.seq,
            at: instant(self.at),
            effective: effective.map(|moved| instant(self.at + moved)),
            event,
            link,
            key: key.map(|key| Key::new(key).unwrap()),
            more: false,
            note: None,
        };
        if let Some(judge) = &mut self.judge
            && !judge.permits(&record)
        {
            return;
        }
        let (line, entry) = encode(record, self.last.as_ref());
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.append(true).create(true).open(&self.path).unwrap();
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
        self.last = Some(entry.hash);
        self.seq += 1;
    }

    fn push(&mut self, line: &Line) {
        self.at += i64::from(line.pause);
        let account = name(line.accounts.0);
        let chosen = |number: u8| Currency::new(["USD", "BTC"][number as usize]);
        let currency = line.currency.map_or(self.default, chosen);
        let (one, other) = line.accounts;
        let is_setting = matches!(line.kind, 1 | 2);
        let known = self.currencies.get(&one).copied().filter(|_| !is_setting);
        let currency = known.unwrap_or(currency);
        if !is_setting {
            self.currencies.insert(one, currency);
        }
        let is_pair = matches!(line.kind, 8..=10);
        if is_pair && *self.currencies.entry(other).or_insert(currency) != currency {
            return;
        }
        let amount = if currency.is_some_and(|currency| currency.minor_digits().is_some()) {
            format!("{}.{:02}", line.amount / 100 + 1, line.amount % 100)
        } else {
            format!("{}.{}", line.amount / 100 + 1, 1 + line.amount % 9)
        };
        let amount = Amount::from_canonical(amount.as_bytes()).unwrap();
        let floor = Floor::At(
            Balance::from_billionths(-i128::from(line.amount) * 1_000_000_000),
            Scale::WHOLE,
        );
        let movement = Movement {
            account: account.clone(),
            amount,
            currency,
        };
        let event = match line.kind {
            0 => Event::Open {
                account,
                currency,
                floor: line.amount.is_multiple_of(2).then_some(floor),
            },
            1 => Event::Limit { account, floor },
            2 => Event::Close { account },
            3..=5 => Event::Deposit(movement),
            6 | 7 => Event::Withdraw(movement),
            8 | 9 => Event::Transfer {
                from: account,
                to: name(line.accounts.1),
                amount,
                currency,
            },
            10 => {
                let expires = self.at + 61 + i64::from(line.amount % 90);
                self.holds.push(self.seq);
                Event::Hold(Box::new(Hold {
                    from: (one == other || !line.amount.is_multiple_of(3)).then_some(account),
                    to: (one != other).then(|| name(other)),
                    amount,
                    currency,
                    expires: line.amount.is_multiple_of(2).then(|| instant(expires)),
                }))
            }
            11 | 12 => Event::Withdraw(movement),
            _ => Event::Release {
                hold: self.hold(line).unwrap_or(1),
                amount,
                currency,
            },
        };
        let names = line
            .names
            .filter(|_| event.kind().moves_money() && self.seq > 1)
            .map(|number| 1 + u64::from(number) % (self.seq - 1));
        let link = match (line.kind, self.hold(line)) {
            (11 | 12, Some(hold)) => Some(Link::Captures {
                hold,
                keep: !line.amount.is_multiple_of(3),
            }),
            _ => names.map(|seq| match line.amount % 4 {
                0 => Link::Refunds(seq),
                1 => Link::Corrects(seq),
                _ => Link::Reverses(seq),
            }),
        };
        self.keys += 1;
        let key = line.has_key.then(|| format!("key-{}", self.keys / 2));
        self.add(event, line.effective.map(i64::from), link, key);
    }

    /// The hold that a capture or release is of.
    fn hold(&self, line: &Line) -> Option<u64> {
        let number = usize::from(line.amount) % self.holds.len().max(1);
        self.holds.get(number).copied()
    }

    fn reading(&self, home: Option<&CacheDir>) -> Reader {
        let reading = Reader::open(&self.path, &mut ShortWait::default()).unwrap();
        reading.with_checkpoints(home.cloned())
    }
}

type Figures = (
    BTreeMap<String, (Account, Pending)>,
    u64,
    Option<(u64, Hash, Timestamp)>,
    Option<u64>,
    Vec<Option<Option<Currency>>>,
    Tail,
);

fn figures(replayed: &Replayed, accounts_only: &[&str], obeys_the_rules: bool) -> Figures {
    let replay = &replayed.replay;
    let pending = replay.state().commitments().pending(replay.as_of());
    let accounts = replay.state().accounts().into_iter();
    let accounts = accounts
        .filter(|(name, _)| accounts_only.is_empty() || accounts_only.contains(name))
        .map(|(name, account)| {
            let pending = pending.get(name).copied().unwrap_or_default();
            (name.to_owned(), (*account, pending))
        });
    let future = replay.cutoff().until.is_none().then(|| replay.future());
    let known = (0..6)
        .map(name)
        .filter(|name| accounts_only.is_empty() || accounts_only.contains(&name.as_str()))
        .map(|name| replay.known_account(name.as_str()))
        // An account that was closed or limited before it was there has no currency to the letter.
        .map(|known| known.map(|currency| currency.filter(|_| obeys_the_rules)));
    (
        accounts.collect(),
        replay.events(),
        replay.last(),
        future,
        known.collect(),
        replayed.scanned.tail,
    )
}

/// Until, known at, now: from the middle of the log, and from its end.
type Moment = (Option<i16>, Option<i16>, i16);

/// Holds every kind of answer with a checkpoint against that without one.
fn compare(log: &Log, home: &CacheDir, moments: &[Moment]) {
    compare_all(log, home, moments, true);
}

/// Every account as it is by now, in the order of their names.
fn compare_rolls(log: &Log, home: &CacheDir) {
    let now = Some(instant(log.at));
    let slow_reading = log.reading(None);
    let slow = slow_reading.replay(Cutoff::default(), now).unwrap();
    let reading = log.reading(Some(home));
    let mut replayed = reading
        .query(Cutoff::default(), now, AccountQuery::Sorted)
        .unwrap();
    let broken = slow_reading.rules().first_broken();
    assert_eq!(reading.rules().first_broken(), broken);
    let roll = replayed.take_sorted();
    assert_eq!(roll, SortedAccounts::of(slow.state()));
    let (_, events, last, future, _, tail) = figures(&slow, &[], false);
    let (_, own_events, own_last, own_future, _, own_tail) = figures(&replayed, &[], false);
    assert_eq!((events, last, future), (own_events, own_last, own_future));
    assert_eq!(tail, own_tail);
    let pending = |replayed: &Replayed| -> BTreeMap<String, Pending> {
        let pending = replayed.replay.state().commitments();
        let pending = pending.pending(replayed.replay.as_of()).into_iter();
        pending
            .filter(|(_, pending)| *pending != Pending::default())
            .map(|(name, pending)| (name.to_owned(), pending))
            .collect()
    };
    assert_eq!(pending(&replayed), pending(&slow));
}

fn compare_all(log: &Log, home: &CacheDir, moments: &[Moment], obeys_the_rules: bool) {
    compare_rolls(log, home);
    for (until, known_at, now) in moments {
        let middle = START + (log.at - START) / 2;
        let bound = |moved: &i16| {
            if moved % 3 == 0 {
                Bound::Seq(moved.unsigned_abs().into())
            } else {
                Bound::Time(instant(middle + i64::from(*moved)))
            }
        };
        let cutoff = Cutoff {
            until: until.as_ref().map(bound),
            known_at: known_at.as_ref().map(bound),
            ..Cutoff::default()
        };
        let now = Some(instant(log.at + i64::from(*now)));
        let (with, without) = (log.reading(Some(home)), log.reading(None));
        let slow = without.replay(cutoff.clone(), now);
        let fast = with.query(cutoff.clone(), now, AccountQuery::All);
        let (slow, fast) = match (slow, fast) {
            (Ok(slow), Ok(fast)) => (slow, fast),
            (slow, fast) => panic!("{slow:?} {fast:?}"),
        };
        assert_eq!(
            figures(&slow, &[], obeys_the_rules),
            figures(&fast, &[], obeys_the_rules),
            "{cutoff:?}"
        );
        for wanted in [vec![], vec!["main"], vec!["b", "é"], vec!["nobody"]] {
            let fast = with
                .query(cutoff.clone(), now, AccountQuery::Named(&wanted))
                .unwrap();
            let slow = figures(&slow, &wanted, obeys_the_rules);
            let fast = figures(&fast, &wanted, obeys_the_rules);
            if wanted.is_empty() {
                assert_eq!((slow.1, slow.2, slow.3), (fast.1, fast.2, fast.3));
            } else {
                assert_eq!(slow, fast, "{cutoff:?} {wanted:?}");
            }
        }
        for seq in [0, 1, log.seq / 2, log.seq - 1, log.seq] {
            let (mut before, mut after, mut counted) = (None, None, None);
            let all = without
                .scan::<LedgerError>(
                    cutoff.clone(),
                    None,
                    ReadOptions::SILENT,
                    |entry, fold, counts| {
                        let accounts = |names: &[AccountName<'static>]| -> Vec<Option<Account>> {
                            let find = |name: &AccountName<'_>| fold.state().account(name.as_str());
                            names.iter().map(|name| find(name).copied()).collect()
                        };
                        let all_names: Vec<_> = (0..6).map(name).collect();
                        if entry.seq + 1 == seq {
                            before = Some(accounts(&all_names));
                        }
                        if entry.seq == seq && counts && seq > 0 {
                            after = Some(accounts(&all_names));
                            counted = Some(entry.clone().into_owned());
                        }
                        Ok(())
                    },
                )
                .unwrap();
            let Some(around) = with.context(seq, cutoff.clone()) else {
                continue;
            };
            let accounts = |state: &State| -> Vec<Option<Account>> {
                let names = (0..6).map(name);
                names
                    .map(|name| state.account(name.as_str()).copied())
                    .collect()
            };
            assert_eq!(Some(accounts(&around.before)), before, "before {seq}");
            assert_eq!(Some(accounts(&around.after)), after, "after {seq}");
            assert_eq!(Some(around.entry), counted);
            if obeys_the_rules {
                let by = all.state().reversed_by(seq);
                assert!(
                    by == around.reversed_by || around.reversed_by.is_none(),
                    "{seq}"
                );
            }
            assert_eq!(around.all.scanned, all.scanned);
        }
        for number in 0..6 {
            let name = name(number);
            let options = ReadOptions {
                account: Some(name.as_str()),
                ..ReadOptions::default()
            };
            let rows = |reading: &Reader| {
                let mut rows = Vec::new();
                let replayed = reading
                    .scan::<LedgerError>(cutoff.clone(), now, options, |entry, _, counted| {
                        rows.push((entry.clone().into_owned(), counted));
                        Ok(())
                    })
                    .unwrap();
                let account = replayed.state().account(name.as_str()).copied();
                // A reversal that keeps the rules is on the accounts of what it reverses.
                let is_own = |seq: &u64| rows.iter().any(|(entry, _)| entry.seq == *seq);
                let reversals: Vec<_> = rows
                    .iter()
                    .map(|(entry, _)| replayed.state().reversed_by(entry.seq).filter(is_own))
                    .collect();
                let future = cutoff.until.is_none().then(|| replayed.replay.future());
                (rows, account, reversals, future, replayed.scanned)
            };
            assert_eq!(rows(&with), rows(&without), "{name} {cutoff:?}");
        }
    }
}

/// Holds the checkpoint against its log, as `verify` does.
fn recount(log: &Log, home: &CacheDir) -> Option<bool> {
    let reading = log.reading(None);
    let mut recount = CheckpointVerifier::of(home, reading.log())?;
    let scanned = reading
        .log()
        .scan(ScanRange::ALL, ScanOptions::default(), |entry, place| {
            recount.take(entry, place);
            Ok::<(), ()>(())
        });
    scanned.unwrap();
    reading.replay(Cutoff::default(), None).unwrap();
    Some(recount.agrees(reading.log(), reading.rules().first_broken()))
}

fn ask(
    path: &Path,
    requests: &[Request],
    home: Option<&CacheDir>,
    now: i64,
) -> Result<Outcome, LedgerError> {
    let mut conditions = RecordOptions {
        now: instant(now),
        waiter: &mut ShortWait::default(),
        mode: Mode::EachForItself,
        dry_run: true,
        checkpoints: home,
        observer: None,
        progress: &mut || {},
    };
    record(path, requests, &mut conditions)
}

/// What is decided on each of these requests, which are only tried.
fn decisions(log: &Log, home: Option<&CacheDir>) -> Vec<String> {
    let typed = |text: &str| TypedAmount::parse(text).unwrap();
    let mut requests: Vec<Request> = Vec::new();
    for number in 0..6 {
        let account = name(number);
        requests.push(
            Operation::Deposit {
                account: account.clone(),
                amount: typed("5"),
            }
            .into(),
        );
        requests.push(
            Operation::Withdraw {
                account: account.clone(),
                amount: typed("5"),
            }
            .into(),
        );
        requests.push(Operation::Close { account }.into());
    }
    let nobody = AccountName::typed("mian").unwrap();
    requests.push(
        Operation::Withdraw {
            account: nobody,
            amount: typed("1"),
        }
        .into(),
    );
    for seq in 0..12 {
        requests.push(
            Operation::Reverse {
                event: EventRef::Seq(seq),
            }
            .into(),
        );
    }
    for seq in 0..24 {
        let event = EventRef::Seq(seq);
        requests.push(
            Operation::Capture {
                hold: event.clone(),
                amount: (seq % 2 == 0).then(|| typed("1")),
                to: (seq % 3 == 0).then(|| name(1)),
                keep: seq % 5 == 0,
            }
            .into(),
        );
        requests.push(
            Operation::Release {
                hold: event.clone(),
                amount: None,
            }
            .into(),
        );
        requests.push(
            Operation::Refund {
                event: event.clone(),
                amount: None,
            }
            .into(),
        );
        requests.push(
            Operation::Correct(Box::new(Correction {
                amount: Some(typed("3")),
                ..Correction::of(event)
            }))
            .into(),
        );
    }
    requests.push(Operation::Undo.into());
    for key in 0..8 {
        requests.push(Request {
            key: Some(Key::new(format!("key-{key}")).unwrap()),
            ..Operation::Deposit {
                account: name(0),
                amount: typed("5"),
            }
            .into()
        });
    }
    let mut found = Vec::new();
    for request in &requests {
        let outcome = ask(&log.path, std::slice::from_ref(request), home, log.at + 9);
        let told = outcome.map(|outcome| {
            let mut results: Vec<_> = outcome.results.into_iter().collect();
            for receipt in results.iter_mut().flatten() {
                receipt.entry.hash = Hash::from_bytes([0; 32]);
            }
            format!("{results:?} {:?}", outcome.notices)
        });
        found.push(format!("{told:?}"));
    }
    // All under one lock, which looks every account up at once.
    let outcome = ask(&log.path, &requests, home, log.at + 9).unwrap();
    for result in outcome.results {
        let told =
            result.map(|receipt| (receipt.entry.seq, receipt.replayed, receipt.accounts_after));
        found.push(format!("{told:?}"));
    }
    found
}

fn sizes() -> impl Strategy<Value = Sizes> {
    (
        prop::sample::select(vec![0_u64, 300, 2000]),
        prop::sample::select(vec![1_u64, 3, 8]),
        prop::sample::select(vec![0_u64, 2]),
        prop::sample::select(vec![0_u64, 200, 1 << 20]),
        prop::sample::select(vec![0_usize, 1 << 20]),
    )
        .prop_map(
            |(tail_bytes, segment_events, events_an_account, rewritten_bytes, held_bytes)| Sizes {
                log_bytes: 0,
                tail_bytes,
                segment_events,
                events_an_account,
                rewritten_bytes,
                held_bytes,
            },
        )
}

fn moments() -> impl Strategy<Value = Vec<Moment>> {
    let moved = || prop::option::weighted(0.6, -90..90_i16);
    prop::collection::vec((moved(), moved(), -9..70_i16), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_answer_is_that_of_the_whole_log(
        has_default: bool,
        pieces in prop::collection::vec(prop::collection::vec(line(false), 1..25), 1..5),
        sizes in sizes(),
        moments in moments(),
    ) {
        let mut log = Log::new(has_default);
        let home = CacheDir::with_sizes(log.cache.clone(), sizes);
        for piece in &pieces {
            for line in piece {
                log.push(line);
            }
            compare_all(&log, &home, &moments, false);
        }
        prop_assert_eq!(recount(&log, &home), Some(true));
        for (with, without) in decisions(&log, Some(&home)).iter().zip(decisions(&log, None)) {
            prop_assert_eq!(with, &without);
        }
    }

    #[test]
    fn every_answer_about_a_log_that_breaks_the_rules_is_that_of_the_whole_log(
        has_default: bool,
        pieces in prop::collection::vec(prop::collection::vec(line(true), 1..25), 1..4),
        sizes in sizes(),
        moments in moments(),
    ) {
        let mut log = Log::new(has_default);
        let home = CacheDir::with_sizes(log.cache.clone(), sizes);
        for piece in &pieces {
            for line in piece {
                log.push(line);
            }
            compare_all(&log, &home, &moments, false);
        }
        for decision in decisions(&log, None) {
            prop_assert!(!decision.contains("Unreadable"), "{}", decision);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_first_broken_rule_is_noticed_with_a_checkpoint_too(
        has_default: bool,
        pieces in prop::collection::vec(prop::collection::vec(line(false), 1..60), 1..4),
        forged in prop::collection::vec(line(false), 0..6),
        sizes in sizes(),
        moment in -90..90_i16,
    ) {
        let mut log = Log::judged_by(Some(Judge::default()), has_default);
        let home = CacheDir::with_sizes(log.cache.clone(), sizes);
        for piece in &pieces {
            for line in piece {
                log.push(line);
            }
            prop_assert_eq!(first_broken(&log, Some(&home), AccountQuery::All, None), None);
        }
        log.judge = None;
        for line in &forged {
            log.push(line);
        }
        let broken = first_broken(&log, None, AccountQuery::All, None);
        let main = name(0);
        for query in [
            AccountQuery::None,
            AccountQuery::Named(&[main.as_str()]),
            AccountQuery::WithHolds(&[main.as_str()]),
            AccountQuery::Sorted,
            AccountQuery::All,
        ] {
            for until in [None, Some(moment)] {
                prop_assert_eq!(first_broken(&log, Some(&home), query, until), broken);
            }
        }
        prop_assert_eq!(recount(&log, &home), Some(true));
    }
}

fn first_broken(
    log: &Log,
    home: Option<&CacheDir>,
    query: AccountQuery<'_>,
    until: Option<i16>,
) -> Option<u64> {
    let reading = log.reading(home);
    let until = until.map(|moved| Bound::Time(instant(log.at + i64::from(moved))));
    let cutoff = Cutoff {
        until,
        ..Cutoff::default()
    };
    reading.query(cutoff, Some(instant(log.at)), query).unwrap();
    reading.rules().first_broken()
}

/// A checkpoint is really there and used: else the tests above hold nothing against nothing.
#[test]
fn a_log_that_obeys_the_rules_has_a_checkpoint_up_to_its_end() {
    let (mut log, home) = some_log();
    for round in 0..3 {
        let reading = log.reading(Some(&home));
        reading
            .query(Cutoff::default(), None, AccountQuery::All)
            .unwrap();
        let found = Checkpoint::open(&home, reading.log(), reading.opening());
        let found = found.unwrap().unwrap();
        assert_eq!(found.end().offset, reading.log().length(), "round {round}");
        let around = reading.context(1, Cutoff::default());
        assert!(around.is_some(), "round {round}");
        log.push(&LINE);
    }
}

#[test]
fn a_refusal_names_the_newest_replacement_of_an_event_corrected_twice() {
    let mut log = Log::new(true);
    let movement = |amount: &[u8]| Movement {
        account: name(0),
        amount: Amount::from_canonical(amount).unwrap(),
        currency: log.default,
    };
    let (five, six) = (movement(b"5.00"), movement(b"6.00"));
    log.add(Event::Deposit(five.clone()), None, None, None);
    for (corrected, old, new) in [(1, &five, &six), (3, &six, &five)] {
        let reversal = Event::Withdraw(old.clone());
        log.add(reversal, None, Some(Link::Reverses(corrected)), None);
        let replacement = Event::Deposit(new.clone());
        log.add(replacement, None, Some(Link::Corrects(corrected)), None);
    }
    let sizes = Sizes {
        log_bytes: 0,
        tail_bytes: 0,
        segment_events: 1,
        events_an_account: 1,
        rewritten_bytes: 0,
        held_bytes: 0,
    };
    let home = CacheDir::with_sizes(log.cache.clone(), sizes);
    log.reading(Some(&home))
        .query(Cutoff::default(), None, AccountQuery::All)
        .unwrap();
    let again = Operation::Reverse {
        event: EventRef::Seq(1),
    };
    let outcome = ask(&log.path, &[again.into()], Some(&home), log.at + 9).unwrap();
    let told = format!("{:?}", outcome.results.into_iter().next());
    let newest = "AlreadyReversed { seq: 1, by: 2, replacement: Some(5) }";
    assert!(told.contains(newest), "{told}");
}

const LINE: Line = Line {
    kind: 3,
    accounts: (0, 1),
    amount: 500,
    currency: None,
    pause: 3,
    effective: None,
    names: None,
    has_key: true,
};

/// A log with a checkpoint of several files.
fn some_log() -> (Log, CacheDir) {
    let mut log = Log::new(true);
    let sizes = Sizes {
        log_bytes: 0,
        tail_bytes: 0,
        segment_events: 7,
        events_an_account: 1,
        rewritten_bytes: 1 << 20,
        held_bytes: 0,
    };
    let home = CacheDir::with_sizes(log.cache.clone(), sizes);
    for number in 0..40_u8 {
        log.push(&Line {
            kind: match number % 5 {
                2 => 10,
                3 => 9,
                4 => 11,
                _ => 3,
            },
            accounts: (number % 6, (number + 1) % 6),
            amount: u16::from(number) * 7,
            effective: (number % 5 == 0).then_some(-9),
            ..LINE
        });
    }
    log.reading(Some(&home))
        .query(Cutoff::default(), None, AccountQuery::All)
        .unwrap();
    (log, home)
}

fn files(log: &Log) -> Vec<PathBuf> {
    let place = std::fs::read_dir(&log.cache).unwrap().next().unwrap();
    let mut found: Vec<PathBuf> = std::fs::read_dir(place.unwrap().path())
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.file_name().unwrap() != "lock")
        .collect();
    found.sort();
    found
}

fn compare_some(log: &Log, home: &CacheDir) {
    compare(
        log,
        home,
        &[
            (None, None, 1),
            (Some(-1), None, 1),
            (Some(20), Some(31), 1),
            (None, Some(9), 1),
        ],
    );
}

#[test]
fn a_checkpoint_that_was_changed_at_any_byte_changes_no_answer() {
    let (log, home) = some_log();
    let mut tried = 0;
    for file in files(&log) {
        let sound = std::fs::read(&file).unwrap();
        for at in (0..sound.len()).step_by(67) {
            let mut changed = sound.clone();
            changed[at] ^= 1 << (at % 8);
            std::fs::write(&file, &changed).unwrap();
            compare(&log, &home, &[(None, None, 1), (Some(7), None, 1)]);
            std::fs::write(&file, &sound).unwrap();
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn a_checkpoint_that_is_cut_gone_empty_or_foreign_changes_no_answer() {
    let (log, home) = some_log();
    for file in files(&log) {
        let sound = std::fs::read(&file).unwrap();
        for length in [0, 1, sound.len() / 2, sound.len() - 1] {
            std::fs::write(&file, &sound[..length]).unwrap();
            compare_some(&log, &home);
            std::fs::write(&file, &sound).unwrap();
        }
        std::fs::remove_file(&file).unwrap();
        compare_some(&log, &home);
    }
    let (other, other_home) = some_log();
    for (own, others) in files(&log).iter().zip(files(&other)) {
        std::fs::copy(others, own).unwrap();
    }
    drop(other_home);
    compare_some(&log, &home);
}

#[test]
fn what_is_of_no_use_is_made_anew() {
    let (log, home) = some_log();
    let head = files(&log)
        .into_iter()
        .find(|path| path.file_name().unwrap() == "head")
        .unwrap();
    std::fs::write(&head, b"nonsense").unwrap();
    let reading = log.reading(Some(&home));
    reading
        .query(Cutoff::default(), None, AccountQuery::All)
        .unwrap();
    let found = Checkpoint::open(&home, reading.log(), reading.opening());
    assert!(found.unwrap().is_some());
}

#[test]
fn a_checkpoint_with_a_table_gone_is_made_anew_by_the_run_behind_the_one_that_missed_it() {
    for ends in [false, true] {
        let (log, home) = some_log();
        let all = files(&log);
        for table in all
            .iter()
            .filter(|path| !path.ends_with("head") && !path.ends_with("log"))
        {
            if ends {
                std::fs::write(table, b"").unwrap();
            } else {
                std::fs::remove_file(table).unwrap();
            }
            let seen = || log.reading(Some(&home)).context(20, Cutoff::default());
            assert!(seen().is_none(), "{}", table.display());
            compare_some(&log, &home);
            assert!(seen().is_some(), "{}", table.display());
            assert_eq!(files(&log), all);
        }
    }
}

#[test]
fn whoever_opened_the_log_earlier_leaves_a_checkpoint_that_goes_further_as_it_is() {
    let (mut log, home) = some_log();
    let early = log.reading(Some(&home));
    let slow = log.reading(None);
    log.push(&LINE);
    let late = log.reading(Some(&home));
    late.query(Cutoff::default(), None, AccountQuery::All)
        .unwrap();
    let kept = files(&log);
    let fast = early
        .query(Cutoff::default(), None, AccountQuery::All)
        .unwrap();
    let slow = slow.replay(Cutoff::default(), None).unwrap();
    assert_eq!(figures(&fast, &[], true), figures(&slow, &[], true));
    assert_eq!(files(&log), kept);
    let found = Checkpoint::open(&home, late.log(), late.opening());
    assert_eq!(found.unwrap().unwrap().end().offset, late.log().length());
}

#[test]
fn a_long_read_tells_how_far_it_has_come_and_one_from_a_checkpoint_has_nothing_to_tell() {
    let mut log = Log::new(true);
    for _ in 0..25_000 {
        log.push(&LINE);
    }
    let home = CacheDir::new(log.cache.clone());
    let (said, heard) = std::sync::mpsc::channel();
    let observer = ProgressObserver::new(move |total| {
        let said = said.clone();
        said.send((total, true)).unwrap();
        Box::new(move |bytes| said.send((bytes, false)).unwrap())
    });
    let reading = || {
        log.reading(Some(&home))
            .with_observer(Some(observer.clone()))
    };
    let told = || heard.try_iter().collect::<Vec<(u64, bool)>>();
    let walked =
        reading().scan::<LedgerError>(Cutoff::default(), None, ReadOptions::SILENT, |_, _, _| {
            Ok(())
        });
    walked.unwrap();
    assert_eq!(told(), []);
    // To make the checkpoint, and without one.
    reading()
        .query(Cutoff::default(), None, AccountQuery::All)
        .unwrap();
    let made = told();
    reading().replay(Cutoff::default(), None).unwrap();
    for told in [made, told()] {
        let length = std::fs::metadata(&log.path).unwrap().len();
        assert_eq!(told.first(), Some(&(length, true)));
        let read: u64 = told.iter().skip(1).map(|(bytes, _)| bytes).sum();
        assert!(
            read <= length && length - read < 1 << 20,
            "{read} of {length}"
        );
    }
    reading()
        .query(Cutoff::default(), None, AccountQuery::All)
        .unwrap();
    assert_eq!(told(), []);
}

/// Looks at the log whenever the waiting for its lock begins anew.
struct Between<'l> {
    log: &'l Log,
    home: &'l CacheDir,
    looks: u32,
}

impl LockWaiter for Between<'_> {
    fn wait(&mut self, _: &dyn Fn() -> Option<Holder>) -> bool {
        false
    }

    fn starts(&mut self) {
        let file = std::fs::File::open(&self.log.path).unwrap();
        assert!(file.try_lock().is_ok(), "somebody holds the lock");
        drop(file);
        let reading = self.log.reading(None);
        let found = Checkpoint::open(self.home, reading.log(), reading.opening());
        let found = found.unwrap().unwrap();
        assert_eq!(found.end().offset, reading.log().length());
        self.looks += 1;
    }
}

#[test]
fn an_append_brings_the_checkpoint_up_before_it_takes_the_lock() {
    let (mut log, home) = some_log();
    log.push(&LINE);
    let mut between = Between {
        log: &log,
        home: &home,
        looks: 0,
    };
    let deposit = Operation::Deposit {
        account: name(0),
        amount: TypedAmount::parse("5").unwrap(),
    };
    let mut conditions = RecordOptions {
        now: instant(log.at),
        waiter: &mut between,
        mode: Mode::Together,
        dry_run: false,
        checkpoints: Some(&home),
        observer: None,
        progress: &mut || {},
    };
    record(&log.path, &[deposit.into()], &mut conditions).unwrap();
    assert_eq!(between.looks, 1);
}

#[test]
fn a_changed_table_does_not_agree_and_is_thrown_away() {
    let (log, home) = some_log();
    assert_eq!(recount(&log, &home), Some(true));
    let table = files(&log).into_iter().next().unwrap();
    let mut bytes = std::fs::read(&table).unwrap();
    bytes[9] ^= 1;
    std::fs::write(&table, bytes).unwrap();
    assert_eq!(recount(&log, &home), Some(false));
    assert_eq!(recount(&log, &home), None);
}

#[test]
fn a_log_that_is_another_by_now_is_read_and_not_remembered() {
    let (log, home) = some_log();
    let other = Log::new(true);
    let bytes = std::fs::read(&other.path).unwrap();
    std::fs::write(&log.path, bytes).unwrap();
    let (with, without) = (log.reading(Some(&home)), log.reading(None));
    let fast = with
        .query(Cutoff::default(), None, AccountQuery::All)
        .unwrap();
    let slow = without.replay(Cutoff::default(), None).unwrap();
    assert_eq!(figures(&fast, &[], true), figures(&slow, &[], true));
}

#[test]
fn damage_behind_the_mark_is_told_as_without_a_checkpoint() {
    let (mut log, home) = some_log();
    log.push(&LINE);
    log.push(&LINE);
    let mut bytes = std::fs::read(&log.path).unwrap();
    let at = bytes.len() - 300;
    bytes[at] ^= 1;
    std::fs::write(&log.path, bytes).unwrap();
    let fast = log
        .reading(Some(&home))
        .query(Cutoff::default(), None, AccountQuery::All);
    let slow = log.reading(None).replay(Cutoff::default(), None);
    assert_eq!(fast.unwrap_err().to_string(), slow.unwrap_err().to_string());
}

#[cfg(unix)]
#[test]
fn checkpoints_are_their_owners_own_and_others_are_not_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let (log, home) = some_log();
    for file in files(&log) {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
    }
    let reading = log.reading(Some(&home));
    let found = Checkpoint::open(&home, reading.log(), reading.opening());
    assert!(found.is_err());
    compare_some(&log, &home);
}

/// Only root can give files away, and only root could read them then.
#[cfg(unix)]
#[test]
fn root_neither_reads_another_users_checkpoint_nor_leaves_files_among_it() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let (mut log, home) = some_log();
    let place = files(&log)[0].parent().unwrap().to_owned();
    if std::fs::metadata(&place).unwrap().uid() != 0 {
        return;
    }
    for path in files(&log).iter().chain([&place]) {
        chown(path, Some(12_345), None).unwrap();
    }
    log.push(&LINE);
    let all = files(&log);
    let reading = log.reading(Some(&home));
    let found = Checkpoint::open(&home, reading.log(), reading.opening());
    assert!(found.is_err());
    compare_some(&log, &home);
    assert_eq!(files(&log), all);
    for path in all {
        assert_eq!(std::fs::metadata(&path).unwrap().uid(), 12_345);
    }
}
