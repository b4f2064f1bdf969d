//! Runs commands through the library: with and without a checkpoint, with and without a state that is
//! kept from command to command.

use event_ledger::accounts::{Correction, HoldStatus, NewLedger, Operation, Request, TypedFloor};
use event_ledger::checkpoint::{CacheDir, CheckpointVerifier, Sizes};
use event_ledger::event::{AccountName, EventRef, Head as RealHead, Key, Tags};
use event_ledger::ledger::{
    AccountQuery, LedgerError, LogSource, Mode as RealMode, Reader, RecordOptions, Recorder, record,
};
use event_ledger::log::{Holder, LockWaiter};
use event_ledger::money::{Currency, Figure, TypedAmount};
use event_ledger::replay::{Bound as RealBound, Cutoff};
use event_ledger::time::{Timestamp, When, Zone};
use tempfile::TempDir;

use crate::Runner;
use crate::ask::{
    Ask, Bound, Command, Head, MORNING, Micros, Mode, Named, Story, Sum, Verb, instant,
};
use crate::books::{Answer, Books, Cut, Figures, Position, Shown};

pub(crate) struct Library {
    directory: TempDir,
    checkpoints: Option<CacheDir>,
    /// Keeps its state from command to command.
    recorder: Option<Recorder>,
    head: Option<RealHead>,
    before: Option<RealHead>,
}

pub(crate) fn timestamp(micros: Micros) -> Timestamp {
    let moment = When::parse(&instant(micros)).unwrap();
    let moment = moment.resolve(Timestamp::MIN, &Zone::utc()).unwrap();
    moment.start().unwrap()
}

fn name(text: &str) -> AccountName<'static> {
    AccountName::new(text.to_owned()).unwrap()
}

fn currency(code: &str) -> Currency {
    Currency::new(code).unwrap()
}

fn amount(sum: &Sum) -> TypedAmount {
    TypedAmount::parse(&sum.text()).unwrap()
}

fn floor(bound: &Bound) -> TypedFloor {
    match bound {
        Bound::Free => TypedFloor::None,
        Bound::At(sum) => TypedFloor::At(Figure::parse(&sum.text()).unwrap()),
    }
}

fn event(named: Named) -> EventRef {
    match named {
        Named::Seq(seq) => EventRef::Seq(seq),
        Named::Key(key) => EventRef::Key(Key::new(key.to_owned()).unwrap()),
        Named::Head(back) => EventRef::Head(back),
    }
}

fn when(time: crate::ask::Time) -> When {
    When::parse(&time.text()).unwrap()
}

fn operation(verb: &Verb) -> Operation {
    let maybe = |sum: &Option<Sum>| sum.as_ref().map(amount);
    let account = |text: &Option<crate::ask::Word>| text.map(name);
    match verb {
        Verb::Open(own, code, bound) => Operation::Open {
            account: name(own),
            currency: code.map(currency),
            floor: bound.as_ref().map(floor),
        },
        Verb::Limit(own, bound) => Operation::Limit {
            account: name(own),
            floor: floor(bound),
        },
        Verb::Close(own) => Operation::Close { account: name(own) },
        Verb::Deposit(own, sum) => Operation::Deposit {
            account: name(own),
            amount: amount(sum),
        },
        Verb::Withdraw(own, sum) => Operation::Withdraw {
            account: name(own),
            amount: amount(sum),
        },
        Verb::Transfer(from, to, sum) => Operation::Transfer {
            from: name(from),
            to: name(to),
            amount: amount(sum),
        },
        Verb::Exchange(from, to, leaves, arrives) => Operation::Exchange {
            from: name(from),
            to: name(to),
            amount: amount(leaves),
            arrives: amount(arrives),
        },
        Verb::Hold {
            from,
            to,
            sum,
            expires,
        } => Operation::Hold {
            from: account(from),
            to: account(to),
            amount: amount(sum),
            expires: expires.map(when),
        },
        Verb::Capture {
            hold,
            sum,
            to,
            keep,
        } => Operation::Capture {
            hold: event(*hold),
            amount: maybe(sum),
            to: account(to),
            keep: *keep,
        },
        Verb::Release(hold, sum) => Operation::Release {
            hold: event(*hold),
            amount: maybe(sum),
        },
        Verb::Refund(own, sum) => Operation::Refund {
            event: event(*own),
            amount: maybe(sum),
        },
        Verb::Reverse(own) => Operation::Reverse { event: event(*own) },
        Verb::Undo => Operation::Undo,
        Verb::Correct(change) => Operation::Correct(Box::new(Correction {
            amount: maybe(&change.sum),
            arrives: maybe(&change.arrives),
            account: account(&change.account),
            from: account(&change.from),
            to: account(&change.to),
            untag: change.untag.iter().map(|key| (*key).to_owned()).collect(),
            ..Correction::of(event(change.event))
        })),
        Verb::Seal(through, is_final) => Operation::Seal {
            through: when(*through),
            is_final: *is_final,
        },
        Verb::Unseal(from) => Operation::Unseal {
            from: from.map(when),
        },
    }
}

/// Waits for a lock that a program which another test is starting holds for a moment: it has our open
/// files until it is itself.
struct ForADescriptor;

impl LockWaiter for ForADescriptor {
    fn wait(&mut self, _: &dyn Fn() -> Option<Holder>) -> bool {
        std::thread::yield_now();
        true
    }
}

fn request(ask: &Ask, if_head: Option<RealHead>) -> Request {
    let tags = ask.tags.iter();
    let tags = tags.map(|(key, value)| ((*key).into(), (*value).into()));
    Request {
        operation: operation(&ask.verb),
        effective: ask.effective.map(when),
        memo: ask.memo.map(str::to_owned),
        tags: Tags::from_pairs(tags.collect()).unwrap(),
        key: ask.key.map(|key| Key::new(key.to_owned()).unwrap()),
        if_head,
    }
}

fn code(error: &LedgerError) -> String {
    match error {
        LedgerError::Refused { refusal, .. } => refusal.code().to_owned(),
        LedgerError::OfRequest { source, .. } => code(source),
        other => panic!("{other}"),
    }
}

impl Library {
    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("ledger.jsonl")
    }

    fn record(
        &mut self,
        requests: &[Request],
        now: Micros,
        mode: RealMode,
        dry_run: bool,
    ) -> Result<event_ledger::ledger::Outcome, LedgerError> {
        let path = self.path();
        let mut options = RecordOptions {
            now: timestamp(now),
            waiter: &mut ForADescriptor,
            mode,
            dry_run,
            checkpoints: self.checkpoints.as_ref(),
            observer: None,
            progress: &mut || (),
        };
        let outcome = match &mut self.recorder {
            Some(recorder) if !dry_run => {
                let mut source = LogSource::File(path);
                recorder.record(&mut source, requests, &mut options)?
            }
            _ => record(&path, requests, &mut options)?,
        };
        if !dry_run {
            let head = outcome.head.map(|(seq, hash)| RealHead::new(seq, &hash));
            if head != self.head {
                self.before = std::mem::replace(&mut self.head, head);
            }
        }
        Ok(outcome)
    }
}

/// The lines of a log, without what is random and what follows from that.
pub(crate) fn lines_of(path: &std::path::Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let without = |line: &str, start: &str, length: usize, word: &str| match line.find(start) {
        Some(at) => {
            let from = at + start.len();
            format!("{}{word}{}", &line[..from], &line[from + length..])
        }
        None => line.to_owned(),
    };
    let lines = text.lines().map(|line| {
        let line = without(line, r#","hash":""#, 64, "HASH");
        without(&line, r#","note":{"salt":""#, 22, "SALT")
    });
    lines.collect()
}

/// Compares what is on hold on these accounts, which is looked up in another way than all of them.
fn compare_pending(
    reader: &Reader,
    accounts: AccountQuery<'_>,
    expected: &std::collections::BTreeMap<String, Figures>,
    now: Micros,
) -> Result<(), String> {
    let replayed = reader.query(Cutoff::default(), Some(timestamp(now)), accounts);
    let replay = replayed.unwrap().replay;
    let pending = replay.state().commitments().pending(replay.as_of());
    let names = match accounts {
        AccountQuery::Named(names) => names.to_vec(),
        _ => expected.keys().map(String::as_str).collect(),
    };
    for name in names {
        let found = pending.get(name).copied().unwrap_or_default();
        let found = (found.incoming.billionths(), found.outgoing.billionths());
        let figures = &expected[name];
        if found != (figures.pending_in, figures.pending_out) {
            return Err(format!(
                "{accounts:?}: {name} has {found:?}, not {figures:?}"
            ));
        }
    }
    Ok(())
}

impl Runner for Library {
    fn start(story: &Story) -> Library {
        let shared = std::path::Path::new("/dev/shm");
        let directory = if shared.is_dir() {
            TempDir::new_in(shared)
        } else {
            TempDir::new()
        };
        let directory = directory.unwrap();
        // Tiny, so that nearly every command starts from a checkpoint.
        let sizes = Sizes {
            log_bytes: 1,
            tail_bytes: 400,
            segment_events: 8,
            events_an_account: 1,
            ..Sizes::default()
        };
        let uses_checkpoint = story.seed.is_multiple_of(2);
        let keeps_state = story.seed.is_multiple_of(3);
        let cache = directory.path().join("cache");
        let mut library = Library {
            checkpoints: uses_checkpoint.then(|| CacheDir::with_sizes(cache, sizes)),
            recorder: keeps_state.then(Recorder::default),
            directory,
            head: None,
            before: None,
        };
        let init = Operation::Init(NewLedger {
            currency: story.currency.map(currency),
            zone: Zone::utc(),
            strict: story.strict,
        });
        let started = library.record(&[init.into()], MORNING, RealMode::Together, false);
        started.unwrap();
        library.before = Some(format!("0:{}", "0".repeat(64)).parse().unwrap());
        library
    }

    fn run(&mut self, command: &Command, books: &Books) -> Result<Vec<Answer>, String> {
        let if_head = match command.head {
            Head::Any => None,
            Head::Right => self.head.clone(),
            Head::Stale => self.before.clone(),
        };
        let asks = command.asks.iter();
        let requests: Vec<Request> = asks.map(|ask| request(ask, if_head.clone())).collect();
        let mode = match command.mode {
            Mode::KeepGoing => RealMode::EachForItself,
            Mode::One | Mode::Together => RealMode::Together,
        };
        let outcome = self.record(&requests, command.now, mode, command.dry_run);
        let outcome = outcome.map_err(|error| code(&error))?;
        let mut answers = Vec::new();
        for result in outcome.results {
            let receipt = match result {
                Err(error) => {
                    let code = code(&error);
                    answers.push(Answer::Refused(code.leak()));
                    continue;
                }
                Ok(receipt) => receipt,
            };
            if receipt.replayed {
                answers.push(Answer::Repeated(receipt.entry.seq));
                continue;
            }
            answers.push(Answer::Recorded(
                receipt.all().map(|receipt| receipt.entry.seq).collect(),
            ));
            if command.dry_run {
                continue;
            }
            for receipt in receipt.all() {
                let seq = receipt.entry.seq;
                let at = books.lines[seq as usize].at;
                let cut = Cut {
                    known_at: Some(Position::Seq(seq)),
                    until: None,
                };
                // Holds are looked at when the event was recorded.
                let (figures, holds) = books.shown(cut, at);
                for after in &receipt.accounts_after {
                    let found = Figures {
                        balance: after.account.balance.billionths(),
                        pending_in: after.pending.incoming.billionths(),
                        pending_out: after.pending.outgoing.billionths(),
                    };
                    if figures.get(after.name.as_str()) != Some(&found) {
                        return Err(format!("receipt of {seq}: {found:?} on {}", after.name));
                    }
                }
                if let Some(found) = &receipt.hold {
                    let hold = holds.iter().find(|hold| hold.seq == found.seq);
                    if hold.map(|hold| hold.rest) != Some(found.rest.billionths()) {
                        return Err(format!("receipt of {seq}: {found:?}"));
                    }
                }
            }
        }
        Ok(answers)
    }

    fn lines(&self) -> Vec<String> {
        lines_of(&self.path())
    }

    fn read(&mut self, cut: Cut, books: &Books, now: Micros) -> Result<(), String> {
        let bound = |position: Option<Position>| {
            position.map(|position| match position {
                Position::Time(moment) => RealBound::Time(timestamp(moment)),
                Position::Seq(seq) => RealBound::Seq(seq),
            })
        };
        let is_whole = cut.until.is_none() && cut.known_at.is_none();
        let cutoff = Cutoff {
            until: bound(cut.until),
            known_at: bound(cut.known_at),
            ..Cutoff::default()
        };
        let reader = Reader::open(&self.path(), &mut ForADescriptor).unwrap();
        let reader = reader.with_checkpoints(self.checkpoints.clone());
        let (expected, holds, expected_as_of) = books.shown_at(cut, now);
        let replayed = reader.query(cutoff, Some(timestamp(now)), AccountQuery::All);
        if let Some(seq) = reader.rules().first_broken() {
            return Err(format!("event {seq} is said to break a rule"));
        }
        let replay = replayed.unwrap().replay;
        let as_of = replay.as_of();
        if as_of != timestamp(expected_as_of) {
            return Err(format!("as of {as_of}, not {}", instant(expected_as_of)));
        }
        let pending = replay.state().commitments().pending(as_of);
        let figures = replay
            .state()
            .accounts()
            .into_iter()
            .map(|(name, account)| {
                let held = pending.get(name).copied().unwrap_or_default();
                let figures = Figures {
                    balance: account.balance.billionths(),
                    pending_in: held.incoming.billionths(),
                    pending_out: held.outgoing.billionths(),
                };
                (name.to_owned(), figures)
            });
        let found: std::collections::BTreeMap<String, Figures> = figures.collect();
        let expected: std::collections::BTreeMap<String, Figures> = expected
            .into_iter()
            .map(|(name, figures)| (name.to_owned(), figures))
            .collect();
        if found != expected {
            return Err(format!("expected {expected:?}, found {found:?}"));
        }
        let found: Vec<Shown> = replay
            .state()
            .commitments()
            .holds()
            .map(|hold| Shown {
                seq: hold.seq,
                captured: hold.captured().billionths(),
                released: hold.released().billionths(),
                rest: hold.rest(as_of).billionths(),
                state: HoldStatus::as_str(hold.status(as_of)),
            })
            .collect();
        if found != holds {
            return Err(format!("expected {holds:?}, found {found:?}"));
        }
        if !is_whole {
            return Ok(());
        }
        let names: Vec<&str> = expected.keys().map(String::as_str).collect();
        for accounts in names.chunks(1).map(AccountQuery::Named) {
            compare_pending(&reader, accounts, &expected, now)?;
        }
        compare_pending(&reader, AccountQuery::Sorted, &expected, now)?;
        let mut findings = Vec::new();
        let checkpoints = self.checkpoints.as_ref();
        let mut verifier =
            checkpoints.and_then(|cache| CheckpointVerifier::of(cache, reader.log()));
        let verified = event_ledger::audit::verify(
            reader.log(),
            None,
            &Cutoff::default(),
            |finding| findings.push(format!("{finding:?}")),
            |_| (),
            verifier.as_mut(),
        );
        if !verified.unwrap().is_ok() {
            return Err(format!("verify: {findings:?}"));
        }
        if verifier.is_some_and(|verifier| !verifier.agrees(reader.log(), None)) {
            return Err("the checkpoint is not that of the log".to_owned());
        }
        Ok(())
    }
}
