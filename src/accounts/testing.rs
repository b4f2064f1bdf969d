//! A small language for tests of rules: given events, when a request, then an event or a refusal.
//!
//! A request is one line: `deposit 50EUR main`, `transfer 5 a b`, `open a EUR floor=none`, `reverse
//! 3`, followed by `key=`, `memo=`, `tag=K:V`, `effective=SECOND`, `if=HEAD`.

use crate::event::{
    AccountName, Entry, Event, EventRef, Hash, Key, LedgerId, Link, Note, Opening, Record, Salt,
    Tags,
};
use crate::money::{Currency, Figure, Scale, TypedAmount};
use crate::time::{Timestamp, When, Zone};

use super::{
    Context, Correction, Decision, NotReversible, Operation, Proposal, Refusal, Request, State,
    TypedFloor, decide, permit,
};

/// So many seconds into the day on which every test happens.
pub(crate) fn second(seconds: u64) -> Timestamp {
    Timestamp::from_unix_micros(1_800_000_000_000_000 + i64::try_from(seconds).unwrap() * 1_000_000)
        .unwrap()
}

pub(crate) fn hash(seq: u64) -> Hash {
    Hash::from_bytes([u8::try_from(seq % 251).unwrap(); 32])
}

pub(crate) fn name(text: &str) -> AccountName<'static> {
    AccountName::new(text.to_owned()).unwrap()
}

pub(crate) fn currency(code: &str) -> Currency {
    Currency::new(code).unwrap()
}

pub(crate) fn request(line: &str) -> Request {
    let (options, words): (Vec<&str>, Vec<&str>) =
        line.split_whitespace().partition(|word| word.contains('='));
    let option = |wanted: &str| {
        let mut pairs = options.iter().map(|word| word.split_once('=').unwrap());
        pairs
            .find(|(key, _)| *key == wanted)
            .map(|(_, value)| value)
    };
    let floor = || {
        option("floor").map(|text| match text {
            "none" => TypedFloor::None,
            figure => TypedFloor::At(Figure::parse(figure).unwrap()),
        })
    };
    let amount = |text: &str| TypedAmount::parse(text).unwrap();
    let event = |seq: &str| EventRef::Seq(seq.parse().unwrap());
    let moment = |text: &str| When::parse(&second(text.parse().unwrap()).to_string()).unwrap();
    let operation = match words[..] {
        ["open", account] => Operation::Open {
            account: name(account),
            currency: None,
            floor: floor(),
        },
        ["open", account, code] => Operation::Open {
            account: name(account),
            currency: Some(currency(code)),
            floor: floor(),
        },
        ["limit", account] => Operation::Limit {
            account: name(account),
            floor: floor().unwrap(),
        },
        ["deposit", sum, account] => Operation::Deposit {
            account: name(account),
            amount: amount(sum),
        },
        ["withdraw", sum, account] => Operation::Withdraw {
            account: name(account),
            amount: amount(sum),
        },
        ["transfer", sum, from, to] => Operation::Transfer {
            from: name(from),
            to: name(to),
            amount: amount(sum),
        },
        ["close", account] => Operation::Close {
            account: name(account),
        },
        ["reverse", seq] => Operation::Reverse {
            event: EventRef::Seq(seq.parse().unwrap()),
        },
        ["hold", sum, ref from @ ..] => Operation::Hold {
            from: from.first().map(|from| name(from)),
            to: option("to").map(name),
            amount: amount(sum),
            expires: option("expires").map(moment),
        },
        ["capture", seq, ref sum @ ..] => Operation::Capture {
            hold: event(seq),
            amount: sum.first().map(|sum| amount(sum)),
            to: option("to").map(name),
            keep: option("keep").is_some(),
        },
        ["release", seq, ref sum @ ..] => Operation::Release {
            hold: event(seq),
            amount: sum.first().map(|sum| amount(sum)),
        },
        ["refund", seq, ref sum @ ..] => Operation::Refund {
            event: event(seq),
            amount: sum.first().map(|sum| amount(sum)),
        },
        ["correct", seq] => Operation::Correct(Box::new(Correction {
            amount: option("amount").map(amount),
            arrives: option("for").map(amount),
            account: option("account").map(name),
            from: option("from").map(name),
            to: option("to").map(name),
            ..Correction::of(event(seq))
        })),
        ["exchange", sum, from, to] => Operation::Exchange {
            from: name(from),
            to: name(to),
            amount: amount(sum),
            arrives: amount(option("for").unwrap()),
        },
        ["seal", through] => Operation::Seal {
            through: moment(through),
            is_final: option("final").is_some(),
        },
        ["unseal", ref from @ ..] => Operation::Unseal {
            from: from.first().map(|from| moment(from)),
        },
        ["redact", seq] => Operation::Redact {
            events: vec![event(seq)],
            linked: false,
        },
        _ => panic!("no command: {line}"),
    };
    let tags = option("tag").map(|pair| {
        let (key, value) = pair.split_once(':').unwrap();
        (key.to_owned().into(), value.to_owned().into())
    });
    Request {
        operation,
        effective: option("effective")
            .map(|text| When::parse(&second(text.parse().unwrap()).to_string()).unwrap()),
        memo: option("memo").map(str::to_owned),
        tags: Tags::from_pairs(tags.into_iter().collect()).unwrap(),
        key: option("key").map(|key| Key::new(key.to_owned()).unwrap()),
        if_head: option("if").map(|head| head.parse().unwrap()),
    }
}

/// An event as one line.
pub(crate) fn text(event: &Event<'_>) -> String {
    let in_currency =
        |currency: Option<Currency>| currency.map_or(String::new(), |c| format!(" {c}"));
    let kind = event.kind().as_str();
    match event {
        Event::Ledger(_) => kind.to_owned(),
        Event::Open {
            account,
            currency,
            floor,
        } => {
            let floor = floor.map_or(String::new(), |f| {
                format!(" floor {}", f.to_text(Scale::WHOLE))
            });
            format!("{kind} {account}{}{floor}", in_currency(*currency))
        }
        Event::Limit { account, floor } => {
            format!("{kind} {account} floor {}", floor.to_text(Scale::WHOLE))
        }
        Event::Deposit(m) | Event::Withdraw(m) => {
            format!(
                "{kind} {} {}{}",
                m.account,
                m.amount,
                in_currency(m.currency)
            )
        }
        Event::Transfer {
            from,
            to,
            amount,
            currency,
        } => format!("{kind} {from} {to} {amount}{}", in_currency(*currency)),
        Event::Close { account } => format!("{kind} {account}"),
        other => format!("{other:?}"),
    }
}

/// A log in memory with the state that it adds up to.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) entries: Vec<Entry<'static>>,
    pub(crate) state: State,
}

/// A ledger without a default currency, and these commands recorded.
pub(crate) fn given(lines: &[&str]) -> Log {
    Log::new(None, false).with(lines)
}

impl Log {
    pub(crate) fn new(default: Option<&str>, strict: bool) -> Log {
        let mut log = Log {
            entries: Vec::new(),
            state: State::default(),
        };
        let opening = Event::Ledger(Opening {
            id: LedgerId::from_bytes([7; 16]),
            currency: default.map(currency),
            zone: "UTC".into(),
            strict,
        });
        log.push(opening, None);
        log
    }

    pub(crate) fn with(mut self, lines: &[&str]) -> Log {
        for line in lines {
            self.record(line);
        }
        self
    }

    /// Records the result of a request, which must not be refused.
    pub(crate) fn record(&mut self, line: &str) {
        match self.when(line) {
            Ok(Decision::Record(proposals)) => {
                self.push_proposals(proposals, request(line).key);
            }
            other => panic!("`{line}` was not recorded: {other:?}"),
        }
    }

    /// Adds what was decided; the rules must permit it.
    pub(crate) fn push_proposals(&mut self, proposals: Vec<Proposal>, key: Option<Key<'static>>) {
        let count = proposals.len();
        for (index, proposal) in proposals.into_iter().enumerate() {
            let mut entry = self.entry(proposal.event, None);
            entry.record.link = proposal.link;
            entry.record.effective = proposal.effective;
            entry.record.more = index + 1 < count;
            if index + 1 == count {
                entry.record.key.clone_from(&key);
            }
            if proposal.memo.is_some() || !proposal.tags.is_empty() {
                entry.record.note = Some(Note::Kept {
                    salt: Salt([1; 16]),
                    memo: proposal.memo.map(Into::into),
                    tags: proposal.tags,
                });
            }
            let named = match (entry.link, &entry.event) {
                (Some(link), _) => Some(link.target()),
                (None, Event::Redact { event }) => Some(*event),
                _ => None,
            };
            let target = named.map(|seq| &self.at(seq).unwrap().record);
            let before = self.entries.last().map(|entry| &entry.record);
            let permitted = permit(&self.state, &entry, target, before);
            // The floors of a correction are judged after both of its events.
            match permitted {
                Err(Refusal::InsufficientFunds(_)) if entry.more => {}
                permitted => permitted.unwrap(),
            }
            self.state.apply(&entry).unwrap();
            self.entries.push(entry);
        }
    }

    /// Adds an event without checking the rules.
    pub(crate) fn push(&mut self, event: Event<'static>, reverses: Option<u64>) {
        let entry = self.entry(event, reverses);
        self.state.apply(&entry).unwrap();
        self.entries.push(entry);
    }

    pub(crate) fn entry(&self, event: Event<'static>, reverses: Option<u64>) -> Entry<'static> {
        let seq = u64::try_from(self.entries.len()).unwrap();
        Entry {
            record: Record {
                seq,
                at: second(seq),
                effective: None,
                event,
                link: reverses.map(Link::Reverses),
                key: None,
                more: false,
                note: None,
            },
            hash: hash(seq),
        }
    }

    pub(crate) fn at(&self, seq: u64) -> Option<&Entry<'static>> {
        self.entries.iter().find(|entry| entry.seq == seq)
    }

    /// Looks up what a decision needs, as the transaction does, and decides.
    pub(crate) fn when(&self, line: &str) -> Result<Decision, Refusal> {
        self.ask(&request(line))
    }

    pub(crate) fn ask(&self, request: &Request) -> Result<Decision, Refusal> {
        let same_key = |entry: &&Entry<'_>| request.key.is_some() && entry.key == request.key;
        let now = Timestamp::MIN;
        let effective = request.effective.as_ref().map(|when| {
            let resolved = when.resolve(now, &Zone::utc()).unwrap();
            resolved.start().unwrap()
        });
        let target = match request.operation.target() {
            Some(EventRef::Seq(seq)) => self.at(*seq),
            _ => None,
        };
        let at = second(u64::try_from(self.entries.len()).unwrap());
        let moment = request.operation.moment().map(|when| {
            let resolved = when.resolve(now, &Zone::utc()).unwrap();
            let moment = resolved.start().unwrap();
            match request.operation {
                Operation::Unseal { .. } => moment.previous_micro().unwrap(),
                _ => moment,
            }
        });
        let context = Context {
            at: Some(at),
            moment,
            effective,
            head: self.entries.last().map(|entry| (entry.seq, entry.hash)),
            keyed: self
                .entries
                .iter()
                .find(same_key)
                .map(|entry| &entry.record),
            target: target.map(|entry| &entry.record),
            id: None,
        };
        decide(&self.state, request, &context)
    }

    pub(crate) fn recorded(&self, line: &str) -> String {
        match self.when(line) {
            Ok(Decision::Record(proposals)) => text(&proposals.last().unwrap().event),
            other => panic!("`{line}`: {other:?}"),
        }
    }

    pub(crate) fn repeated(&self, line: &str) -> u64 {
        match self.when(line) {
            Ok(Decision::Repeat(seq)) => seq,
            other => panic!("`{line}`: {other:?}"),
        }
    }

    /// The refusal's code and sentence.
    pub(crate) fn refused(&self, line: &str) -> (&'static str, String) {
        let refusal = self.refusal(line);
        (refusal.code(), refusal.to_string())
    }

    pub(crate) fn refusal(&self, line: &str) -> Refusal {
        match self.when(line) {
            Err(refusal) => refusal,
            other => panic!("`{line}`: {other:?}"),
        }
    }

    pub(crate) fn balance(&self, account: &str) -> String {
        let account = self.state.account(account).unwrap();
        account.balance.to_text(account.scale)
    }
}

pub(crate) fn missing(seq: u64) -> Refusal {
    Refusal::NotReversible {
        seq,
        reason: NotReversible::Missing,
    }
}
