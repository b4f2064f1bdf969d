//! Random commands, killed at random: after every step the log is held against a small ledger of the
//! test's own, which knows the rules and nothing of files.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::bench::{Dice, all, can_trace, traced, under, without_strace};
use crate::harness::{Ran, Shell};

const ACCOUNTS: [&str; 4] = ["main", "till", "bank", "owed"];

/// What a command asks for, all of it in cents.
#[derive(Clone, Debug)]
enum Act {
    Open(&'static str, Option<i64>),
    Limit(&'static str, Option<i64>),
    Deposit(&'static str, i64),
    Withdraw(&'static str, i64),
    Transfer(&'static str, &'static str, i64),
    Close(&'static str),
    Reverse(usize),
    Undo,
}

#[derive(Clone, Debug)]
struct Wish {
    act: Act,
    key: Option<String>,
    memo: String,
}

#[derive(Clone, Debug)]
struct Recorded {
    wish: Wish,
    reverses: Option<usize>,
    /// The append that it was part of; 0 until that is complete.
    append: usize,
}

#[derive(Clone, Debug, Default)]
struct Account {
    cents: i64,
    floor: Option<i64>,
    is_closed: bool,
}

/// The test's own ledger: event 0 is the first line.
#[derive(Clone, Debug, Default)]
struct Model {
    events: Vec<Recorded>,
    accounts: BTreeMap<&'static str, Account>,
    appends: usize,
}

enum Answer {
    Record(Recorded),
    Repeat(usize),
}

impl Model {
    fn head(&self) -> usize {
        self.events.len()
    }

    fn event(&self, seq: usize) -> Option<&Recorded> {
        seq.checked_sub(1).and_then(|at| self.events.get(at))
    }

    fn answer(&self, wish: &Wish) -> Result<Answer, &'static str> {
        if let Some(key) = &wish.key
            && let Some(at) = self
                .events
                .iter()
                .position(|e| e.wish.key.as_ref() == Some(key))
        {
            let first = &self.events[at];
            let same_act = match (&wish.act, first.reverses) {
                (Act::Reverse(seq), reverses) => reverses == Some(*seq),
                (act, None) => format!("{act:?}") == format!("{:?}", first.wish.act),
                (_, Some(_)) => false,
            };
            let is_same = same_act && wish.memo == first.wish.memo;
            return if is_same {
                Ok(Answer::Repeat(at + 1))
            } else {
                Err("key_conflict")
            };
        }
        let reverses = match wish.act {
            Act::Reverse(seq) => Some(seq),
            _ => None,
        };
        let act = match reverses {
            Some(seq) => self.opposite(seq)?,
            None => wish.act.clone(),
        };
        self.permit(&act)?;
        let wish = Wish {
            act,
            ..wish.clone()
        };
        Ok(Answer::Record(Recorded {
            wish,
            reverses,
            append: 0,
        }))
    }

    fn opposite(&self, seq: usize) -> Result<Act, &'static str> {
        let opposite = match self.event(seq).ok_or("not_reversible")?.wish.act {
            Act::Deposit(account, cents) => Act::Withdraw(account, cents),
            Act::Withdraw(account, cents) => Act::Deposit(account, cents),
            Act::Transfer(from, to, cents) => Act::Transfer(to, from, cents),
            _ => return Err("not_reversible"),
        };
        if self.is_reversed(seq) {
            return Err("already_reversed");
        }
        Ok(opposite)
    }

    fn is_reversed(&self, seq: usize) -> bool {
        self.events.iter().any(|event| event.reverses == Some(seq))
    }

    fn can_be_undone(&self, seq: usize) -> bool {
        let event = &self.events[seq - 1];
        let moves = matches!(
            event.wish.act,
            Act::Deposit(..) | Act::Withdraw(..) | Act::Transfer(..)
        );
        moves && event.reverses.is_none() && !self.is_reversed(seq)
    }

    /// The newest event that can be undone with the others of its append, newest first.
    fn to_undo(&self) -> Vec<usize> {
        let newest_first = || (1..=self.head()).rev();
        let Some(newest) = newest_first().find(|seq| self.can_be_undone(*seq)) else {
            return Vec::new();
        };
        let append = self.events[newest - 1].append;
        newest_first()
            .filter(|seq| {
                let of_it = append != 0 && self.events[seq - 1].append == append;
                *seq == newest || (of_it && self.can_be_undone(*seq))
            })
            .collect()
    }

    fn permit(&self, act: &Act) -> Result<(), &'static str> {
        let known = |account: &str| self.accounts.get(account);
        let (must_be_there, all): (Option<&str>, Vec<&str>) = match act {
            Act::Open(account, _) => {
                return match known(account) {
                    Some(account) if !account.is_closed => Err("account_exists"),
                    _ => Ok(()),
                };
            }
            Act::Limit(account, _) | Act::Withdraw(account, _) | Act::Close(account) => {
                (Some(account), vec![account])
            }
            Act::Deposit(account, _) => (None, vec![account]),
            Act::Transfer(from, to, _) => (Some(from), vec![from, to]),
            Act::Reverse(_) | Act::Undo => unreachable!("they became what they reverse"),
        };
        if must_be_there.is_some_and(|account| known(account).is_none()) {
            return Err("unknown_account");
        }
        if all
            .iter()
            .any(|account| known(account).is_some_and(|account| account.is_closed))
        {
            return Err("account_closed");
        }
        match act {
            Act::Close(account) if self.accounts[account].cents != 0 => Err("account_not_empty"),
            Act::Withdraw(account, cents) | Act::Transfer(account, _, cents) => {
                let account = &self.accounts[account];
                match account.floor {
                    Some(floor) if account.cents - cents < floor => Err("insufficient_funds"),
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn record(&mut self, event: Recorded) {
        match event.wish.act {
            Act::Open(name, floor) => {
                *self.account(name) = Account {
                    floor,
                    ..Account::default()
                }
            }
            Act::Limit(name, floor) => self.account(name).floor = floor,
            Act::Deposit(name, cents) => self.account(name).cents += cents,
            Act::Withdraw(name, cents) => self.account(name).cents -= cents,
            Act::Transfer(from, to, cents) => {
                self.account(from).cents -= cents;
                self.account(to).cents += cents;
            }
            Act::Close(name) => self.account(name).is_closed = true,
            Act::Reverse(_) | Act::Undo => unreachable!("they became what they reverse"),
        }
        self.events.push(event);
    }

    /// The account, made where it is not there. Where nobody says otherwise, its floor is zero.
    fn account(&mut self, name: &'static str) -> &mut Account {
        self.accounts.entry(name).or_insert(Account {
            floor: Some(0),
            ..Account::default()
        })
    }

    /// What these wishes, all or none, make of this ledger, and which numbers the receipts name.
    fn after(&self, wishes: &[Wish]) -> Result<(Model, Vec<usize>), &'static str> {
        let mut after = self.clone();
        let mut seqs = Vec::new();
        let before = after.head();
        for wish in wishes {
            let steps = match wish.act {
                Act::Undo => after.to_undo().into_iter().map(Act::Reverse).collect(),
                _ => vec![wish.act.clone()],
            };
            if steps.is_empty() {
                return Err("not_reversible");
            }
            for act in steps {
                let step = Wish {
                    act,
                    ..wish.clone()
                };
                seqs.push(match after.answer(&step)? {
                    Answer::Repeat(seq) => seq,
                    Answer::Record(event) => {
                        after.record(event);
                        after.head()
                    }
                });
            }
        }
        after.appends += 1;
        for event in &mut after.events[before..] {
            event.append = after.appends;
        }
        Ok((after, seqs))
    }

    /// The balances as the program prints them.
    fn balances(&self) -> Value {
        let balance = |(name, account): (&&str, &Account)| json!({"account": name, "balance": euro(account.cents), "pending_in": "0.00", "pending_out": "0.00", "available": euro(account.cents), "currency": "EUR"});
        self.accounts.iter().map(balance).collect()
    }
}

fn euro(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

fn floor(floor: Option<i64>) -> String {
    floor.map_or_else(|| "none".to_owned(), euro)
}

impl Wish {
    /// As a line of a batch; a command line says the same.
    fn line(&self) -> Value {
        let mut line = match &self.act {
            Act::Open(account, lowest) => {
                json!({"type": "open", "account": account, "floor": floor(*lowest)})
            }
            Act::Limit(account, lowest) => {
                json!({"type": "limit", "account": account, "floor": floor(*lowest)})
            }
            Act::Deposit(account, cents) => {
                json!({"type": "deposit", "account": account, "amount": euro(*cents)})
            }
            Act::Withdraw(account, cents) => {
                json!({"type": "withdraw", "account": account, "amount": euro(*cents)})
            }
            Act::Transfer(from, to, cents) => {
                json!({"type": "transfer", "from": from, "to": to, "amount": euro(*cents)})
            }
            Act::Close(account) => json!({"type": "close", "account": account}),
            Act::Reverse(seq) => json!({"type": "reverse", "seq": seq}),
            Act::Undo => json!({"type": "undo"}),
        };
        line["memo"] = json!(self.memo);
        if let Some(key) = &self.key {
            line["key"] = json!(key);
        }
        line
    }

    fn words(&self) -> String {
        let words = match &self.act {
            Act::Open(account, lowest) => format!("open {account} --floor={}", floor(*lowest)),
            Act::Limit(account, lowest) => format!("limit {account} --floor={}", floor(*lowest)),
            Act::Deposit(account, cents) => format!("deposit {} -a {account}", euro(*cents)),
            Act::Withdraw(account, cents) => format!("withdraw {} -a {account}", euro(*cents)),
            Act::Transfer(from, to, cents) => {
                format!("transfer {} --from {from} --to {to}", euro(*cents))
            }
            Act::Close(account) => format!("close {account}"),
            Act::Reverse(seq) => format!("reverse {seq}"),
            Act::Undo => "undo".to_owned(),
        };
        let key = self.key.as_ref().map(|key| format!(" --key {key}"));
        format!("{words} --json -m {}{}", self.memo, key.unwrap_or_default())
    }
}

/// How a run is brought to its end.
#[derive(Debug)]
enum End {
    /// By itself.
    Calm,
    /// Killed where it would make this call for the n-th time.
    KilledAt(String, usize),
    /// Its write is cut short so many bytes behind the log's end, and it is killed where it would cut
    /// back.
    TornAt(usize),
}

/// One run of the whole machine.
struct Machine {
    shell: Shell,
    dice: Dice,
    model: Model,
    /// What has been acknowledged or read, byte for byte; it never changes again.
    sound: Vec<u8>,
    /// Every torn tail that was ever seen.
    torn: Vec<Vec<u8>>,
    /// Wishes with keys, to be sent again.
    keyed: Vec<Wish>,
    wishes: u64,
    kills: usize,
}

impl Machine {
    fn new(seed: u64) -> Machine {
        Machine {
            shell: Shell::new(),
            dice: Dice(seed),
            model: Model::default(),
            sound: Vec::new(),
            torn: Vec::new(),
            keyed: Vec::new(),
            wishes: 0,
            kills: 0,
        }
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        let at = self.dice.below(choices.len() as u64);
        choices[usize::try_from(at).unwrap()].clone()
    }

    fn cents(&mut self) -> i64 {
        i64::try_from(1 + self.dice.below(5000)).unwrap()
    }

    fn floor(&mut self) -> Option<i64> {
        let floor = -self.cents();
        self.one_of(&[None, Some(0), Some(floor)])
    }

    fn wish(&mut self) -> Wish {
        if !self.keyed.is_empty() && self.dice.below(5) == 0 {
            // Sent again, at times with another figure.
            let mut again = self.one_of(&self.keyed.clone());
            if self.dice.below(4) == 0 {
                again.act = Act::Deposit("main", 700_000);
            }
            return again;
        }
        let account = self.one_of(&ACCOUNTS);
        let other = self.one_of(&ACCOUNTS.map(|name| if name == account { "spare" } else { name }));
        let (cents, lowest) = (self.cents(), self.floor());
        let seq = self.dice.below(self.model.head() as u64 + 3);
        let act = match self.dice.below(16) {
            0 => Act::Open(account, lowest),
            1 => Act::Limit(account, lowest),
            2..=6 => Act::Deposit(account, cents),
            7..=9 => Act::Withdraw(account, cents),
            10..=12 => Act::Transfer(account, other, cents),
            13 => Act::Close(account),
            14 => Act::Reverse(usize::try_from(seq).unwrap()),
            _ => Act::Undo,
        };
        self.wishes += 1;
        let is_keyed = self.dice.below(3) == 0 && !matches!(act, Act::Undo);
        let wish = Wish {
            act,
            key: is_keyed.then(|| format!("key-{}", self.wishes)),
            memo: format!("wish-{}", self.wishes),
        };
        if is_keyed {
            self.keyed.push(wish.clone());
        }
        wish
    }

    fn end(&mut self, calls: &[(String, usize)]) -> End {
        match self.dice.below(10) {
            0..=4 => {
                let (call, count) = self.one_of(calls);
                End::KilledAt(call, count)
            }
            5..=6 => End::TornAt(usize::try_from(self.dice.below(400)).unwrap()),
            _ => End::Calm,
        }
    }

    fn run(&self, end: &End, line: &str) -> Ran {
        match end {
            End::Calm => self.shell.ledger(line),
            End::KilledAt(call, count) => {
                let inject = format!("{call}:signal=SIGKILL:when={count}");
                traced(&self.shell, &[&inject], None, line).ran
            }
            End::TornAt(bytes) => {
                let length = self.bytes().len() + bytes;
                let limit = format!("--fsize={length}");
                let kill = "inject=ftruncate,unlink,unlinkat:signal=SIGKILL";
                let wrapper = [
                    "strace",
                    "-f",
                    "-qq",
                    "-o",
                    "/dev/null",
                    "-e",
                    kill,
                    "prlimit",
                    &limit,
                ];
                without_strace(under(&self.shell, &wrapper, line).output().unwrap())
            }
        }
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.shell.file("ledger.jsonl")).unwrap_or_default()
    }

    /// Asks for one wish, or for some at once, and lives with what becomes of it.
    fn step(&mut self, calls: &[(String, usize)]) {
        let wishes: Vec<Wish> = match self.dice.below(4) {
            0 => (0..=self.dice.below(3)).map(|_| self.wish()).collect(),
            _ => vec![self.wish()],
        };
        let is_batch = wishes.len() > 1;
        let line = if is_batch {
            let lines: String = wishes
                .iter()
                .flat_map(|wish| [wish.line().to_string(), "\n".to_owned()])
                .collect();
            std::fs::write(self.shell.file("batch"), lines).unwrap();
            "batch batch --json".to_owned()
        } else {
            wishes[0].words()
        };
        let end = self.end(calls);
        let ran = self.run(&end, &line);
        let place = format!("{wishes:?}, {end:?}: {ran:?}");
        let expected = self.model.after(&wishes);
        // Only whole lines are receipts.
        let receipts: Vec<Value> = String::from_utf8_lossy(&ran.raw)
            .split_inclusive('\n')
            .filter_map(|line| serde_json::from_str(line.strip_suffix('\n')?).ok())
            .collect();
        let seqs: Vec<usize> = receipts
            .iter()
            .map(|receipt| number(&receipt["seq"]))
            .collect();
        let was_killed = ran.status.is_none();
        match &expected {
            Ok((after, expected)) => {
                assert!(expected.starts_with(&seqs), "{place}");
                let cut = matches!(end, End::TornAt(_)) && ran.status == Some(1);
                assert!(
                    was_killed || cut || (ran.status == Some(0) && seqs == *expected),
                    "{place}"
                );
                self.kills += usize::from(was_killed);
                let seen = self.look(&place);
                let may_be_missing = was_killed || cut;
                if seen == after.head() {
                    self.model = after.clone();
                } else {
                    assert!(
                        may_be_missing && seen == self.model.head() && seqs.is_empty(),
                        "{seen}: {place}"
                    );
                }
            }
            Err(code) => {
                assert!(seqs.is_empty(), "{place}");
                assert!(
                    was_killed || ran.error()["code"] == *code,
                    "{code}: {place}"
                );
                assert_eq!(self.look(&place), self.model.head(), "{place}");
            }
        }
        self.holds(&place);
    }

    /// The head as a reader sees it, and that a tail it calls torn is what lies behind the head.
    fn look(&mut self, place: &str) -> usize {
        let read = self.shell.ledger("head --json").succeeds().json();
        let seq = number(&read["seq"]);
        let log = self.bytes();
        let ends = log
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .map(|(at, _)| at + 1);
        let end = ends.take(seq + 1).last().unwrap();
        // A last line that lacks its line feed counts.
        let lines = log[..end].iter().filter(|byte| **byte == b'\n').count();
        let end = if lines == seq + 1 { end } else { log.len() };
        assert_eq!(number(&read["torn_bytes"]), log.len() - end, "{place}");
        assert!(
            log.starts_with(&self.sound),
            "an acknowledged byte changed: {place}"
        );
        self.sound = log[..end].to_vec();
        if end < log.len() {
            self.torn.push(log[end..].to_vec());
        }
        // Every torn tail lies in its quarantine, or still where it was.
        let kept: Vec<Vec<u8>> = self
            .shell
            .names()
            .iter()
            .filter(|name| name.contains(".torn-"))
            .map(|name| std::fs::read(self.shell.file(name)).unwrap())
            .collect();
        for torn in &self.torn {
            assert!(
                kept.contains(torn) || &log[end..] == torn,
                "torn bytes are gone: {place}"
            );
        }
        seq
    }

    /// Balances, numbers, keys and events are those of the test's own ledger.
    fn holds(&self, place: &str) {
        let read = self.shell.ledger("balance --json").succeeds().json();
        assert_eq!(read["balances"], self.model.balances(), "{place}");
        assert_eq!(number(&read["seq"]), self.model.head(), "{place}");
        let verified = self.shell.ledger("verify --json").succeeds().json();
        assert_eq!(verified["ok"], true, "{place}");
        let replayed = self.shell.ledger("replay --json").succeeds().json_lines();
        // Behind the first line and ahead of the state.
        let events: Vec<&Value> = replayed
            .iter()
            .filter_map(|line| line.get("event"))
            .collect();
        let events = &events[events.len() - self.model.head()..];
        for (at, (event, recorded)) in events.iter().zip(&self.model.events).enumerate() {
            assert_eq!(number(&event["seq"]), at + 1, "{place}");
            let mut expected = recorded.wish.line();
            if let Some(reverses) = recorded.reverses {
                expected["reverses"] = json!(reverses);
            }
            for (name, value) in expected.as_object().unwrap() {
                assert_eq!(&event[name], value, "{name} of {event}: {place}");
            }
        }
    }
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

#[test]
fn random_commands_killed_anywhere_leave_a_log_that_a_second_ledger_agrees_with() {
    if !can_trace("random commands with random kills") {
        return;
    }
    let (seeds, steps) = if all() { (100, 60) } else { (6, 25) };
    let mut kills = 0;
    let mut torn = 0;
    for seed in 0..seeds {
        let mut machine = Machine::new(seed);
        // Where an ordinary append and a first write may be killed.
        let calls = crate::killed::calls_of(&Shell::given(&["init -q"]), "deposit 7");
        let first = crate::killed::calls_of(&Shell::new(), "init");
        loop {
            let end = machine.end(&first);
            let ran = machine.run(&end, "init --currency EUR --json");
            match machine.shell.ledger("head --json").status {
                Some(10) => assert_ne!(ran.status, Some(0), "{ran:?}"),
                status => {
                    assert_eq!(status, Some(0), "{ran:?}");
                    break;
                }
            }
        }
        for step in 0..steps {
            println!("seed {seed}, step {step}");
            machine.step(&calls);
        }
        kills += machine.kills;
        torn += machine.torn.len();
    }
    println!("{kills} kills, {torn} torn tails");
    // The dice are the same every time, but the calls to be killed at are this machine's.
    assert!(kills > 5 && torn > 0, "{kills} kills, {torn} torn tails");
}
