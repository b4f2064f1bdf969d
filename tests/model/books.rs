//! The model: a list of lines, and rules that look through the whole list each time.
//!
//! Written from the pages on the format and the command line, and not from the program. Each command is
//! checked against every rule that it could break; of those that it breaks, the one that the documented
//! order has first is the answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::ask::{
    Ask, Bound, Change, Command, Head, Micros, Mode, Named, Sum, Verb, Word, instant,
};

const BILLION: i128 = 1_000_000_000;

type Tags = BTreeMap<Word, Word>;

/// An amount as it is written in a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Money {
    pub(crate) billionths: i128,
    pub(crate) decimals: usize,
    pub(crate) currency: Option<Word>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    Ledger,
    /// The floor in billionths and its decimals; `None` inside is no floor.
    #[expect(clippy::option_option, reason = "not named, or named as none")]
    Open(Word, Option<Word>, Option<Option<(i128, usize)>>),
    Limit(Word, Option<(i128, usize)>),
    Close(Word),
    Deposit(Word, Money),
    Withdraw(Word, Money),
    Transfer(Word, Word, Money),
    Exchange(Word, Word, Money, Money),
    Hold {
        from: Option<Word>,
        to: Option<Word>,
        money: Money,
        expires: Option<Micros>,
    },
    Release(u64, Money),
    Seal(Micros, bool),
    Unseal(Option<Micros>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Link {
    Reverses,
    Captures,
    CapturesAndKeeps,
    Corrects,
    Refunds,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) seq: u64,
    pub(crate) at: Micros,
    pub(crate) effective: Option<Micros>,
    pub(crate) what: What,
    pub(crate) link: Option<(Link, u64)>,
    pub(crate) key: Option<Word>,
    pub(crate) more: bool,
    pub(crate) memo: Option<Word>,
    pub(crate) tags: Tags,
}

/// What becomes of one event that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// These lines, by number.
    Recorded(Vec<u64>),
    /// The key was used for this line.
    Repeated(u64),
    Refused(&'static str),
}

/// A hold as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) seq: u64,
    pub(crate) captured: i128,
    pub(crate) released: i128,
    pub(crate) rest: i128,
    pub(crate) state: &'static str,
}

/// The figures of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Figures {
    pub(crate) balance: i128,
    pub(crate) pending_in: i128,
    pub(crate) pending_out: i128,
}

/// The rules that a command breaks, each with its place in the documented order.
#[derive(Default)]
struct Broken(Vec<(u8, &'static str)>);

const SEALED: u8 = 30;
const NO_TARGET: u8 = 40;
const REVERSED: u8 = 50;
const HOLD_CLOSED: u8 = 60;
const EXPIRED: u8 = 70;
const TIME: u8 = 80;
/// What only the log can show to be a mistake of the command line.
const USAGE: u8 = 85;
const UNKNOWN: u8 = 90;
const CLOSED: u8 = 100;
const EXISTS: u8 = 110;
const CURRENCY: u8 = 120;
const DECIMALS: u8 = 130;
const EXCEEDS: u8 = 140;
const NOT_EMPTY: u8 = 150;
const FUNDS: u8 = 160;

impl Broken {
    fn add(&mut self, is_broken: bool, place: u8, code: &'static str) {
        if is_broken {
            self.0.push((place, code));
        }
    }

    fn first(self) -> Result<(), &'static str> {
        match self.0.into_iter().min() {
            Some((_, code)) => Err(code),
            None => Ok(()),
        }
    }
}

/// The minor digits of the currencies that are used here.
fn minor(currency: Option<Word>) -> Option<usize> {
    match currency {
        Some("EUR" | "USD") => Some(2),
        Some("JPY") => Some(0),
        _ => None,
    }
}

/// A figure with at least so many decimals.
pub(crate) fn figure(billionths: i128, decimals: usize) -> String {
    let (whole, part) = (billionths.abs() / BILLION, billionths.abs() % BILLION);
    let digits = format!("{part:09}");
    let needed = digits.trim_end_matches('0').len().max(decimals);
    let point = if needed > 0 { "." } else { "" };
    let sign = if billionths < 0 { "-" } else { "" };
    format!("{sign}{whole}{point}{}", &digits[..needed])
}

impl Money {
    fn keys(&self, amount: &str, currency: &str) -> String {
        let code = self
            .currency
            .map(|code| format!(r#","{currency}":"{code}""#));
        let text = figure(self.billionths, self.decimals);
        format!(r#","{amount}":"{text}"{}"#, code.unwrap_or_default())
    }
}

impl What {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            What::Ledger => "ledger",
            What::Open(..) => "open",
            What::Limit(..) => "limit",
            What::Close(_) => "close",
            What::Deposit(..) => "deposit",
            What::Withdraw(..) => "withdraw",
            What::Transfer(..) => "transfer",
            What::Exchange(..) => "exchange",
            What::Hold { .. } => "hold",
            What::Release(..) => "release",
            What::Seal(..) => "seal",
            What::Unseal(_) => "unseal",
        }
    }

    fn moves_money(&self) -> bool {
        matches!(
            self.kind(),
            "deposit" | "withdraw" | "transfer" | "exchange"
        )
    }

    /// What changes on which account.
    fn changes(&self) -> Vec<(Word, i128)> {
        match self {
            What::Deposit(account, money) => vec![(*account, money.billionths)],
            What::Withdraw(account, money) => vec![(*account, -money.billionths)],
            What::Transfer(from, to, money) => {
                vec![(*from, -money.billionths), (*to, money.billionths)]
            }
            What::Exchange(from, to, leaves, arrives) => {
                vec![(*from, -leaves.billionths), (*to, arrives.billionths)]
            }
            _ => Vec::new(),
        }
    }

    /// The accounts that it names, each with the currency that it names for it.
    fn accounts(&self) -> Vec<(Word, Option<Word>)> {
        match self {
            What::Open(account, currency, _) => vec![(*account, *currency)],
            What::Limit(account, _) | What::Close(account) => vec![(*account, None)],
            What::Deposit(account, money) | What::Withdraw(account, money) => {
                vec![(*account, money.currency)]
            }
            What::Transfer(from, to, money) => {
                vec![(*from, money.currency), (*to, money.currency)]
            }
            What::Exchange(from, to, leaves, arrives) => {
                vec![(*from, leaves.currency), (*to, arrives.currency)]
            }
            What::Hold {
                from, to, money, ..
            } => [*from, *to]
                .into_iter()
                .flatten()
                .map(|account| (account, money.currency))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn money(&self) -> Option<&Money> {
        match self {
            What::Deposit(_, money)
            | What::Withdraw(_, money)
            | What::Transfer(_, _, money)
            | What::Exchange(_, _, money, _)
            | What::Hold { money, .. }
            | What::Release(_, money) => Some(money),
            _ => None,
        }
    }

    fn opposite(&self) -> Option<What> {
        Some(match self.clone() {
            What::Deposit(account, money) => What::Withdraw(account, money),
            What::Withdraw(account, money) => What::Deposit(account, money),
            What::Transfer(from, to, money) => What::Transfer(to, from, money),
            What::Exchange(from, to, leaves, arrives) => What::Exchange(to, from, arrives, leaves),
            _ => return None,
        })
    }
}

impl Line {
    fn took_effect(&self) -> Micros {
        self.effective.unwrap_or(self.at)
    }

    fn links(&self, link: Link) -> Option<u64> {
        self.link
            .filter(|(own, _)| *own == link)
            .map(|(_, seq)| seq)
    }

    fn captures(&self) -> Option<u64> {
        self.links(Link::Captures)
            .or(self.links(Link::CapturesAndKeeps))
    }

    /// The line as it is in the file, without its hash and with `SALT` for the salt.
    pub(crate) fn text(&self) -> String {
        let is_new = matches!(
            self.what.kind(),
            "hold" | "release" | "exchange" | "seal" | "unseal"
        );
        let has_new_link = self.link.is_some_and(|(link, _)| link != Link::Reverses);
        let version = if is_new || has_new_link { 2 } else { 1 };
        let mut text = format!(
            r#"{{"v":{version},"seq":{},"at":"{}""#,
            self.seq,
            instant(self.at)
        );
        if let Some(effective) = self.effective {
            text += &format!(r#","effective":"{}""#, instant(effective));
        }
        text += &format!(r#","type":"{}""#, self.what.kind());
        text += &self.own_keys();
        if let Some((link, seq)) = self.link {
            text += &match link {
                Link::Reverses => format!(r#","reverses":{seq}"#),
                Link::Captures => format!(r#","captures":{seq}"#),
                Link::CapturesAndKeeps => format!(r#","captures":{seq},"keep":true"#),
                Link::Corrects => format!(r#","corrects":{seq}"#),
                Link::Refunds => format!(r#","refunds":{seq}"#),
            };
        }
        if let Some(key) = self.key {
            text += &format!(r#","key":"{key}""#);
        }
        if self.more {
            text += r#","more":true"#;
        }
        text += r#","hash":"HASH""#;
        if self.memo.is_some() || !self.tags.is_empty() {
            text += r#","note":{"salt":"SALT""#;
            if let Some(memo) = self.memo {
                text += &format!(r#","memo":"{}""#, memo.replace('"', "\\\""));
            }
            if !self.tags.is_empty() {
                let pairs = self.tags.iter();
                let pairs: Vec<String> = pairs.map(|(k, v)| format!(r#""{k}":"{v}""#)).collect();
                text += &format!(r#","tags":{{{}}}"#, pairs.join(","));
            }
            text += "}";
        }
        text + "}"
    }

    fn own_keys(&self) -> String {
        let bound = |floor: Option<(i128, usize)>| {
            let text = floor.map(|(billionths, decimals)| figure(billionths, decimals));
            format!(r#","floor":"{}""#, text.unwrap_or("none".to_owned()))
        };
        match &self.what {
            What::Ledger => String::new(),
            What::Open(account, currency, floor) => {
                let currency = currency.map(|code| format!(r#","currency":"{code}""#));
                let floor = floor.map(bound).unwrap_or_default();
                format!(
                    r#","account":"{account}"{}{floor}"#,
                    currency.unwrap_or_default()
                )
            }
            What::Limit(account, floor) => {
                format!(r#","account":"{account}"{}"#, bound(*floor))
            }
            What::Close(account) => format!(r#","account":"{account}""#),
            What::Deposit(account, money) | What::Withdraw(account, money) => {
                format!(
                    r#","account":"{account}"{}"#,
                    money.keys("amount", "currency")
                )
            }
            What::Transfer(from, to, money) => format!(
                r#","from":"{from}","to":"{to}"{}"#,
                money.keys("amount", "currency")
            ),
            What::Exchange(from, to, leaves, arrives) => format!(
                r#","from":"{from}","to":"{to}"{}{}"#,
                leaves.keys("amount", "currency"),
                arrives.keys("to_amount", "to_currency")
            ),
            What::Hold {
                from,
                to,
                money,
                expires,
            } => {
                let side = |word: &str, account: &Option<Word>| {
                    let text = account.map(|account| format!(r#","{word}":"{account}""#));
                    text.unwrap_or_default()
                };
                let expires = expires.map(|moment| format!(r#","expires":"{}""#, instant(moment)));
                side("from", from)
                    + &side("to", to)
                    + &money.keys("amount", "currency")
                    + &expires.unwrap_or_default()
            }
            What::Release(hold, money) => {
                format!(r#","hold":{hold}{}"#, money.keys("amount", "currency"))
            }
            What::Seal(through, is_final) => {
                let is_final = if *is_final { r#","final":true"# } else { "" };
                format!(r#","through":"{}"{is_final}"#, instant(*through))
            }
            What::Unseal(through) => {
                let through = through.map(|moment| format!(r#","through":"{}""#, instant(moment)));
                through.unwrap_or_default()
            }
        }
    }
}

/// A ledger: every line so far.
#[derive(Clone, Debug)]
pub(crate) struct Books {
    currency: Option<Word>,
    strict: bool,
    pub(crate) lines: Vec<Line>,
}

/// Reading: which lines count, and when holds are looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cut {
    pub(crate) until: Option<Position>,
    pub(crate) known_at: Option<Position>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Position {
    Time(Micros),
    Seq(u64),
}

impl Books {
    pub(crate) fn new(currency: Option<Word>, strict: bool, at: Micros) -> Books {
        let first = Line {
            seq: 0,
            at,
            effective: None,
            what: What::Ledger,
            link: None,
            key: None,
            more: false,
            memo: None,
            tags: Tags::new(),
        };
        Books {
            currency,
            strict,
            lines: vec![first],
        }
    }

    pub(crate) fn next(&self) -> u64 {
        self.lines.len() as u64
    }

    pub(crate) fn last_at(&self) -> Micros {
        self.lines.last().unwrap().at
    }

    // Accounts.

    fn is_known(&self, account: Word) -> bool {
        let mut named = self.lines.iter().flat_map(|line| line.what.accounts());
        named.any(|(own, _)| own == account)
    }

    /// What an account holds, or would hold if it came into being without a currency being named.
    fn currency_of(&self, account: Word) -> Option<Word> {
        let mut named = self.lines.iter().flat_map(|line| line.what.accounts());
        let first = named.find(|(own, _)| *own == account);
        first.and_then(|(_, currency)| currency).or(self.currency)
    }

    fn is_closed(&self, account: Word) -> bool {
        let mut closed = false;
        for line in &self.lines {
            match line.what {
                What::Close(own) if own == account => closed = true,
                What::Open(own, ..) if own == account => closed = false,
                _ => {}
            }
        }
        closed
    }

    /// The floor in billionths; `None` is no floor.
    fn floor(&self, account: Word) -> Option<i128> {
        let mut floor = Some(0);
        for line in &self.lines {
            match line.what {
                What::Open(own, _, set) if own == account => {
                    floor = set.map_or(Some(0), |set| set.map(|(billionths, _)| billionths));
                }
                What::Limit(own, set) if own == account => {
                    floor = set.map(|(billionths, _)| billionths);
                }
                _ => {}
            }
        }
        floor
    }

    fn posted(&self, account: Word, counts: impl Fn(&Line) -> bool) -> i128 {
        let lines = self.lines.iter().filter(|line| counts(line));
        let changes = lines.flat_map(|line| line.what.changes());
        changes
            .filter(|(own, _)| *own == account)
            .map(|(_, change)| change)
            .sum()
    }

    // Holds.

    /// What captures took of a hold, and what is left of it without its expiry, counting these lines.
    fn settled(&self, hold: u64, counts: impl Fn(&Line) -> bool) -> (i128, i128) {
        let whole = self.lines[usize::try_from(hold).unwrap()].what.money();
        let (mut captured, mut left) = (0, whole.unwrap().billionths);
        for line in self.lines.iter().filter(|line| counts(line)) {
            let amount = line.what.money().map_or(0, |money| money.billionths);
            if line.captures() == Some(hold) {
                captured += amount;
                left -= amount;
                if line.links(Link::Captures).is_some() {
                    left = 0;
                }
            } else if matches!(line.what, What::Release(own, _) if own == hold) {
                left -= amount;
            }
        }
        (captured, left)
    }

    fn left(&self, hold: u64) -> i128 {
        self.settled(hold, |_| true).1
    }

    fn has_expired(&self, hold: u64, at: Micros) -> bool {
        let line = &self.lines[usize::try_from(hold).unwrap()];
        matches!(line.what, What::Hold { expires: Some(expires), .. } if expires <= at)
    }

    fn is_open(&self, hold: u64, at: Micros) -> bool {
        self.left(hold) > 0 && !self.has_expired(hold, at)
    }

    pub(crate) fn open_holds(&self, at: Micros) -> Vec<u64> {
        let lines = self.lines.iter();
        let holds = lines.filter(|line| matches!(line.what, What::Hold { .. }));
        let seqs = holds.map(|line| line.seq);
        seqs.filter(|hold| self.is_open(*hold, at)).collect()
    }

    /// What is available on an account at a moment, for a decision at `at`.
    fn available(&self, account: Word, moment: Micros, at: Micros) -> i128 {
        let has_come = |line: &Line| line.took_effect() <= moment;
        let mut available = self.posted(account, has_come);
        for line in &self.lines {
            if let What::Hold {
                from: Some(from), ..
            } = line.what
                && from == account
                && !self.has_expired(line.seq, at)
            {
                available -= self.settled(line.seq, has_come).1;
            }
        }
        available
    }

    /// The moments from `from` on at which anything changes.
    fn moments(&self, from: Micros) -> BTreeSet<Micros> {
        let changes = self.lines.iter().map(Line::took_effect);
        changes
            .filter(|moment| *moment > from)
            .chain([from])
            .collect()
    }

    // Links.

    fn reversed_by(&self, seq: u64) -> Option<u64> {
        let mut lines = self.lines.iter();
        let found = lines.find(|line| line.links(Link::Reverses) == Some(seq));
        found.map(|line| line.seq)
    }

    /// The refunds of an event that were not reversed.
    fn refunds(&self, seq: u64) -> Vec<&Line> {
        let lines = self.lines.iter();
        let refunds = lines.filter(|line| line.links(Link::Refunds) == Some(seq));
        refunds
            .filter(|line| self.reversed_by(line.seq).is_none())
            .collect()
    }

    fn refundable(&self, target: &Line) -> i128 {
        let refunds = self.refunds(target.seq);
        let given: i128 = refunds
            .iter()
            .filter_map(|line| line.what.money())
            .map(|money| money.billionths)
            .sum();
        target.what.money().map_or(0, |money| money.billionths) - given
    }

    fn is_corrected(&self, seq: u64) -> bool {
        let mut lines = self.lines.iter();
        lines.any(|line| line.links(Link::Corrects) == Some(seq))
    }

    fn find(&self, named: Named) -> Option<&Line> {
        match named {
            Named::Seq(seq) => self.lines.get(usize::try_from(seq).unwrap()),
            Named::Key(key) => self.lines.iter().find(|line| line.key == Some(key)),
            Named::Head(back) => {
                let last = self.next() - 1;
                self.lines
                    .get(usize::try_from(last.saturating_sub(back)).unwrap())
            }
        }
    }

    // The seal.

    /// The end of what is sealed, and of what is sealed for good.
    fn seals(&self) -> (Option<Micros>, Option<Micros>) {
        let (mut through, mut last) = (None, None);
        for line in &self.lines {
            match line.what {
                What::Seal(moment, is_final) => {
                    through = Some(moment);
                    if is_final {
                        last = Some(moment);
                    }
                }
                What::Unseal(moment) => through = moment,
                _ => {}
            }
        }
        (through, last)
    }

    fn is_sealed(&self, effective: Option<Micros>) -> bool {
        let (through, _) = self.seals();
        matches!((effective, through), (Some(effective), Some(through)) if effective <= through)
    }

    // Commands.

    /// Runs a command: the answers to what it asks for, or the one refusal of all of it.
    pub(crate) fn run(&mut self, command: &Command) -> Result<Vec<Answer>, &'static str> {
        let at = command.now.max(self.last_at());
        let mut after = self.clone();
        let mut answers = Vec::new();
        for ask in &command.asks {
            let before = after.next();
            let answer = after.answer(ask, command, at);
            if answer == Answer::Refused("head_conflict") {
                return Err("head_conflict");
            }
            if let Answer::Refused(code) = answer
                && command.mode != Mode::KeepGoing
            {
                return Err(code);
            }
            debug_assert!(after.next() >= before);
            answers.push(answer);
        }
        if command.mode == Mode::Together {
            let (first, last) = (self.next(), after.next() - 1);
            for line in &mut after.lines {
                line.more |= line.seq >= first && line.seq < last;
            }
        }
        if !command.dry_run {
            *self = after;
        }
        Ok(answers)
    }

    fn answer(&mut self, ask: &Ask, command: &Command, at: Micros) -> Answer {
        if ask.verb.is_mistyped() {
            return Answer::Refused("usage");
        }
        let first = ask.key.and_then(|key| self.find(Named::Key(key)));
        if let Some(first) = first {
            return if self.is_same(ask, first, at) {
                Answer::Repeated(first.seq)
            } else {
                Answer::Refused("key_conflict")
            };
        }
        if command.head == Head::Stale {
            return Answer::Refused("head_conflict");
        }
        let decided = match &ask.verb {
            Verb::Undo => self.undo(ask, at),
            Verb::Correct(change) => self.correct(ask, change, None, at),
            _ => self.single(ask, at).map(|line| vec![line]),
        };
        match decided {
            Ok(mut lines) => {
                lines.last_mut().unwrap().key = ask.key;
                let seqs = lines.iter().map(|line| line.seq).collect();
                self.lines.extend(lines);
                Answer::Recorded(seqs)
            }
            Err(code) => Answer::Refused(code),
        }
    }

    fn line(&self, at: Micros, effective: Option<Micros>, what: What, ask: &Ask) -> Line {
        Line {
            seq: self.next(),
            at,
            effective: effective.filter(|effective| *effective != at),
            what,
            link: None,
            key: None,
            more: false,
            memo: ask.memo.filter(|memo| !memo.is_empty()),
            tags: ask.tags.iter().copied().collect(),
        }
    }

    /// Everything but `undo` and `correct`: one line.
    fn single(&self, ask: &Ask, at: Micros) -> Result<Line, &'static str> {
        let mut broken = Broken::default();
        let asked = ask.effective.map(super::ask::Time::start);
        let named = match &ask.verb {
            Verb::Capture { hold, .. } | Verb::Release(hold, _) => Some(*hold),
            Verb::Refund(event, _) | Verb::Reverse(event) => Some(*event),
            _ => None,
        };
        let target = named.and_then(|named| self.find(named));
        // Not before the event that is named.
        let not_before = target.map(Line::took_effect).filter(|moment| *moment > at);
        let effective = asked.or(not_before);
        broken.add(self.is_sealed(effective), SEALED, "period_sealed");
        let (what, link) = match &ask.verb {
            Verb::Open(account, currency, floor) => {
                let floor_says = match floor {
                    Some(Bound::At(sum)) => sum.currency,
                    _ => None,
                };
                let said = currency.or(floor_says).or(self.currency_of(account));
                let floor = floor.as_ref().map(|floor| bound(&mut broken, floor, said));
                (What::Open(account, said, floor), None)
            }
            Verb::Limit(account, floor) => {
                let floor = bound(&mut broken, floor, self.currency_of(account));
                (What::Limit(account, floor), None)
            }
            Verb::Close(account) => {
                let balance = self.posted(account, |_| true);
                let holds = self.open_holds(at);
                let is_held = |hold: &u64| {
                    let line = &self.lines[usize::try_from(*hold).unwrap()];
                    line.what.accounts().iter().any(|(own, _)| own == account)
                };
                let is_empty = balance == 0 && !holds.iter().any(is_held);
                broken.add(!is_empty, NOT_EMPTY, "account_not_empty");
                (What::Close(account), None)
            }
            Verb::Deposit(account, sum) => {
                let money = self.money(&mut broken, sum, account);
                (What::Deposit(account, money), None)
            }
            Verb::Withdraw(account, sum) => {
                let money = self.money(&mut broken, sum, account);
                (What::Withdraw(account, money), None)
            }
            Verb::Transfer(from, to, sum) => {
                let money = self.money(&mut broken, sum, from);
                (What::Transfer(from, to, money), None)
            }
            Verb::Exchange(from, to, leaves, arrives) => {
                let leaves = self.money(&mut broken, leaves, from);
                let arrives = self.money(&mut broken, arrives, to);
                let is_known = leaves.currency.is_some() && arrives.currency.is_some();
                let is_exchange = is_known && leaves.currency != arrives.currency;
                broken.add(!is_exchange, CURRENCY, "currency_mismatch");
                (What::Exchange(from, to, leaves, arrives), None)
            }
            Verb::Hold {
                from,
                to,
                sum,
                expires,
            } => {
                let money = self.money(&mut broken, sum, from.or(*to).unwrap());
                let expires = expires.map(super::ask::Time::end);
                let is_late = |moment| moment > at && moment > asked.unwrap_or(at);
                broken.add(!expires.is_none_or(is_late), TIME, "invalid_time");
                let (from, to) = (*from, *to);
                (
                    What::Hold {
                        from,
                        to,
                        money,
                        expires,
                    },
                    None,
                )
            }
            Verb::Capture { sum, to, keep, .. } => {
                let hold = self.hold(&mut broken, target, effective, at)?;
                let money = self.taken(&mut broken, hold, sum.as_ref());
                let What::Hold { from, to: own, .. } = hold.what else {
                    return Err("unknown_hold");
                };
                let is_other = own.is_some() && to.is_some() && own != *to;
                broken.add(is_other, USAGE, "usage");
                let what = match (from, own.or(*to)) {
                    (Some(from), Some(to)) => What::Transfer(from, to, money),
                    (Some(from), None) => What::Withdraw(from, money),
                    (None, Some(to)) => What::Deposit(to, money),
                    (None, None) => return Err("usage"),
                };
                let link = if *keep {
                    Link::CapturesAndKeeps
                } else {
                    Link::Captures
                };
                (what, Some((link, hold.seq)))
            }
            Verb::Release(_, sum) => {
                let hold = self.hold(&mut broken, target, effective, at)?;
                let money = self.taken(&mut broken, hold, sum.as_ref());
                (What::Release(hold.seq, money), None)
            }
            Verb::Refund(_, sum) => {
                let Some(target) = target.filter(|target| Books::may_refund(target)) else {
                    broken.add(true, NO_TARGET, "not_reversible");
                    return Err(broken.first().unwrap_err());
                };
                let reversed = self.reversed_by(target.seq).is_some();
                broken.add(reversed, REVERSED, "already_reversed");
                let rest = self.refundable(target);
                let refunds = self.refunds(target.seq);
                let involved = refunds.iter().chain([&target]);
                let involved = involved.filter_map(|line| line.what.money());
                let money = all_or(&mut broken, sum.as_ref(), rest, involved);
                broken.add(
                    money.billionths > rest || rest == 0,
                    EXCEEDS,
                    "exceeds_refundable",
                );
                let what = match target.what.opposite().unwrap() {
                    What::Deposit(account, _) => What::Deposit(account, money),
                    What::Withdraw(account, _) => What::Withdraw(account, money),
                    What::Transfer(from, to, _) => What::Transfer(from, to, money),
                    other => other,
                };
                (what, Some((Link::Refunds, target.seq)))
            }
            Verb::Reverse(_) => {
                let Some((target, what)) = target
                    .filter(|target| self.may_reverse(target))
                    .and_then(|target| Some((target, target.what.opposite()?)))
                else {
                    broken.add(true, NO_TARGET, "not_reversible");
                    return Err(broken.first().unwrap_err());
                };
                let reversed = self.reversed_by(target.seq).is_some();
                broken.add(reversed, REVERSED, "already_reversed");
                (what, Some((Link::Reverses, target.seq)))
            }
            Verb::Seal(through, is_final) => {
                let through = through.end();
                let (in_force, _) = self.seals();
                let is_later = in_force.is_none_or(|in_force| through > in_force);
                broken.add(through >= at || !is_later, TIME, "invalid_time");
                (What::Seal(through, *is_final), None)
            }
            Verb::Unseal(from) => {
                let through = from.map(|time| time.start() - 1);
                let (in_force, last) = self.seals();
                let opens_last = last.is_some_and(|last| through.is_none_or(|own| own < last));
                broken.add(opens_last, SEALED, "period_sealed");
                let opens = in_force.is_some_and(|end| through.is_none_or(|own| own < end));
                broken.add(!opens, TIME, "invalid_time");
                (What::Unseal(through), None)
            }
            Verb::Undo | Verb::Correct(_) => unreachable!(),
        };
        let mut line = self.line(at, effective, what, ask);
        line.link = link;
        if let Some(target) = target {
            let mut tags = target.tags.clone();
            tags.extend(ask.tags.iter().copied());
            line.tags = tags;
        }
        self.accounts(&mut broken, &line);
        if let Some((account, _)) = Books::giver(&line) {
            let start = at.max(line.took_effect());
            let mut after = self.clone();
            after.lines.push(line.clone());
            let floor = self.floor(account);
            let is_below = after.moments(start).into_iter().any(|moment| {
                floor.is_some_and(|floor| after.available(account, moment, at) < floor)
            });
            broken.add(is_below, FUNDS, "insufficient_funds");
        }
        broken.first().map(|()| line)
    }

    /// The account that a line takes money from, if its floor counts.
    fn giver(line: &Line) -> Option<(Word, i128)> {
        if line.captures().is_some() {
            return None;
        }
        if let What::Hold {
            from: Some(from),
            money,
            ..
        } = &line.what
        {
            return Some((from, money.billionths));
        }
        let mut changes = line.what.changes().into_iter();
        changes.find(|(_, change)| *change < 0)
    }

    /// The hold that is named, or the first rule that is broken if it is none.
    fn hold<'a>(
        &self,
        broken: &mut Broken,
        target: Option<&'a Line>,
        effective: Option<Micros>,
        at: Micros,
    ) -> Result<&'a Line, &'static str> {
        let hold = target.filter(|target| matches!(target.what, What::Hold { .. }));
        let Some(hold) = hold else {
            let mut all = std::mem::take(broken);
            all.add(true, NO_TARGET, "unknown_hold");
            return Err(all.first().unwrap_err());
        };
        broken.add(self.left(hold.seq) == 0, HOLD_CLOSED, "hold_closed");
        broken.add(self.has_expired(hold.seq, at), EXPIRED, "hold_expired");
        let is_early = effective.unwrap_or(at) < hold.took_effect();
        broken.add(is_early, TIME, "invalid_time");
        Ok(hold)
    }

    /// What is taken from a hold.
    fn taken(&self, broken: &mut Broken, hold: &Line, sum: Option<&Sum>) -> Money {
        let left = self.left(hold.seq);
        let settles = |line: &&Line| {
            line.captures() == Some(hold.seq)
                || matches!(line.what, What::Release(own, _) if own == hold.seq)
        };
        let involved = self.lines.iter().filter(settles).chain([hold]);
        let involved = involved.filter_map(|line| line.what.money());
        let money = all_or(broken, sum, left, involved);
        broken.add(money.billionths > left, EXCEEDS, "exceeds_hold");
        money
    }

    fn may_refund(target: &Line) -> bool {
        let is_own = !matches!(target.link, Some((Link::Reverses | Link::Refunds, _)));
        matches!(target.what.kind(), "deposit" | "withdraw" | "transfer") && is_own
    }

    fn may_reverse(&self, target: &Line) -> bool {
        let of_special = target.links(Link::Reverses).is_some_and(|seq| {
            let reversed = &self.lines[usize::try_from(seq).unwrap()];
            reversed.links(Link::Refunds).is_some() || self.is_corrected(seq)
        });
        target.what.moves_money() && self.refunds(target.seq).is_empty() && !of_special
    }

    fn may_correct(&self, target: &Line) -> bool {
        let is_own = !matches!(target.link, Some((Link::Reverses | Link::Refunds, _)));
        target.what.moves_money() && is_own && self.refunds(target.seq).is_empty()
    }

    /// An amount for an account, in the currency that is meant.
    fn money(&self, broken: &mut Broken, sum: &Sum, account: Word) -> Money {
        let currency = sum.currency.or(self.currency_of(account));
        typed(broken, sum, currency)
    }

    /// The rules on accounts.
    fn accounts(&self, broken: &mut Broken, line: &Line) {
        let accounts = line.what.accounts();
        if let [(one, _), (other, _)] = accounts[..] {
            broken.add(one == other, USAGE, "usage");
        }
        let opens = matches!(line.what, What::Open(..));
        for (index, (account, said)) in accounts.iter().enumerate() {
            let arrives = match &line.what {
                What::Deposit(..) => true,
                What::Transfer(..) | What::Exchange(..) => index == 1,
                What::Hold { to, .. } => *to == Some(*account),
                _ => false,
            };
            let is_known = self.is_known(account);
            let may_make = opens || (arrives && !self.strict);
            broken.add(!is_known && !may_make, UNKNOWN, "unknown_account");
            let is_closed = is_known && self.is_closed(account);
            broken.add(is_closed && !opens, CLOSED, "account_closed");
            broken.add(is_known && !is_closed && opens, EXISTS, "account_exists");
            let names_money = !matches!(line.what, What::Limit(..) | What::Close(_));
            let holds = if is_known {
                self.currency_of(account)
            } else {
                said.or(self.currency)
            };
            broken.add(names_money && holds != *said, CURRENCY, "currency_mismatch");
        }
    }

    /// The two lines of a correction. `back` is the line whose content is to come back, for `undo`.
    fn correct(
        &self,
        ask: &Ask,
        change: &Change,
        back: Option<&Line>,
        at: Micros,
    ) -> Result<Vec<Line>, &'static str> {
        let mut broken = Broken::default();
        let asked = ask.effective.map(super::ask::Time::start);
        let target = self.find(change.event);
        let original = target.map(Line::took_effect);
        let restored = back.map(Line::took_effect).or(original);
        let new_effective = asked.or(restored);
        let in_sealed = self.is_sealed(original);
        let old_effective = if in_sealed {
            asked.or(original)
        } else {
            original
        };
        // What takes effect when it is recorded has no effective time, and meets no seal.
        let own = |effective: Option<Micros>| effective.filter(|effective| *effective != at);
        let is_sealed = self.is_sealed(own(old_effective)) || self.is_sealed(own(new_effective));
        broken.add(is_sealed, SEALED, "period_sealed");
        let Some(target) = target.filter(|target| self.may_correct(target)) else {
            broken.add(true, NO_TARGET, "not_reversible");
            return Err(broken.first().unwrap_err());
        };
        let reversed = self.reversed_by(target.seq).is_some();
        broken.add(reversed, REVERSED, "already_reversed");
        let mut reversal = self.line(at, old_effective, target.what.opposite().unwrap(), ask);
        reversal.link = Some((Link::Reverses, target.seq));
        reversal.more = true;
        // Every event of an `undo` has its memo.
        reversal.memo = reversal.memo.filter(|_| back.is_some());
        reversal.tags = target.tags.clone();
        let mut new = self.line(at, new_effective, target.what.clone(), ask);
        new.seq += 1;
        new.link = Some((Link::Corrects, target.seq));
        if ask.memo.is_none() {
            new.memo = back.unwrap_or(target).memo;
        }
        new.tags = back.unwrap_or(target).tags.clone();
        for key in &change.untag {
            new.tags.remove(key);
        }
        new.tags.extend(ask.tags.iter().copied());
        if let Some(back) = back {
            new.what = back.what.clone();
        } else {
            let is_pair = matches!(target.what.kind(), "transfer" | "exchange");
            let is_exchange = target.what.kind() == "exchange";
            let is_wrong = (change.account.is_some() && is_pair)
                || (change.from.is_some() || change.to.is_some()) && !is_pair
                || change.arrives.is_some() && !is_exchange;
            broken.add(is_wrong, USAGE, "usage");
            Books::change(&mut broken, &mut new.what, change);
            let is_same = new.what.accounts() == target.what.accounts()
                && new.what.changes() == target.what.changes()
                && new.memo == target.memo
                && new.tags == target.tags
                && new_effective == original;
            broken.add(is_same, USAGE, "usage");
        }
        self.accounts(&mut broken, &reversal);
        self.accounts(&mut broken, &new);
        let is_below = self.pair_is_below(&reversal, &new, at);
        broken.add(is_below, FUNDS, "insufficient_funds");
        broken.first().map(|()| vec![reversal, new])
    }

    /// Applies what a correction names.
    fn change(broken: &mut Broken, what: &mut What, change: &Change) {
        let mut amounts = Vec::new();
        match what {
            What::Deposit(account, money) | What::Withdraw(account, money) => {
                *account = change.account.unwrap_or(account);
                amounts.push((money, &change.sum));
            }
            What::Transfer(from, to, money) => {
                *from = change.from.unwrap_or(from);
                *to = change.to.unwrap_or(to);
                amounts.push((money, &change.sum));
            }
            What::Exchange(from, to, leaves, arrives) => {
                *from = change.from.unwrap_or(from);
                *to = change.to.unwrap_or(to);
                amounts.push((leaves, &change.sum));
                amounts.push((arrives, &change.arrives));
            }
            _ => {}
        }
        for (money, sum) in amounts {
            if let Some(sum) = sum {
                let is_other = sum.currency.is_some() && sum.currency != money.currency;
                broken.add(is_other, CURRENCY, "currency_mismatch");
                *money = typed(broken, sum, money.currency);
            }
        }
    }

    /// True if a correction leaves an account below its floor, of those that have less than without it.
    fn pair_is_below(&self, reversal: &Line, new: &Line, at: Micros) -> bool {
        let mut after = self.clone();
        after.lines.extend([reversal.clone(), new.clone()]);
        let start = |line: &Line| line.took_effect().max(at);
        let moments = after.moments(start(reversal).min(start(new)));
        let lines = [reversal, new];
        let accounts = lines.iter().flat_map(|line| line.what.accounts());
        let names: BTreeSet<Word> = accounts.map(|(account, _)| account).collect();
        names.into_iter().any(|account| {
            let at_moment = |books: &Books, moment| books.available(account, moment, at);
            let has_less = moments
                .iter()
                .any(|moment| at_moment(&after, *moment) < at_moment(self, *moment));
            let floor = self.floor(account);
            let is_below = moments
                .iter()
                .any(|moment| floor.is_some_and(|floor| at_moment(&after, *moment) < floor));
            has_less && is_below
        })
    }

    fn can_be_undone(&self, line: &Line, at: Micros) -> bool {
        match line.what {
            What::Hold { .. } => self.is_open(line.seq, at),
            _ => {
                line.what.moves_money()
                    && line.links(Link::Reverses).is_none()
                    && self.reversed_by(line.seq).is_none()
            }
        }
    }

    fn undo(&self, ask: &Ask, at: Micros) -> Result<Vec<Line>, &'static str> {
        let mut lines = self.lines.iter().rev();
        let newest = lines.find(|line| self.can_be_undone(line, at));
        let newest = newest.ok_or("not_reversible")?.seq;
        let mut first = newest;
        while first > 1 && self.lines[usize::try_from(first - 1).unwrap()].more {
            first -= 1;
        }
        let mut after = self.clone();
        for seq in (first..=newest).rev() {
            let line = &self.lines[usize::try_from(seq).unwrap()];
            if !after.can_be_undone(line, at) {
                continue;
            }
            // What stood before the corrections of this batch.
            let mut origin = line;
            while let Some(earlier) = origin.links(Link::Corrects)
                && origin.seq >= first
            {
                origin = &self.lines[usize::try_from(earlier).unwrap()];
            }
            let named = Named::Seq(seq);
            let lines = if origin.seq < first {
                let change = Change {
                    event: named,
                    sum: None,
                    arrives: None,
                    account: None,
                    from: None,
                    to: None,
                    untag: Vec::new(),
                };
                after.correct(ask, &change, Some(origin), at)?
            } else {
                let verb = match line.what {
                    What::Hold { .. } => Verb::Release(named, None),
                    _ => Verb::Reverse(named),
                };
                let step = Ask {
                    verb,
                    ..ask.clone()
                };
                vec![after.single(&step, at)?]
            };
            after.lines.extend(lines);
        }
        let mut undone = after.lines.split_off(self.lines.len());
        let last = undone.len() - 1;
        for (index, line) in undone.iter_mut().enumerate() {
            line.more = index < last;
        }
        Ok(undone)
    }

    /// True if what is asked for is what a line was recorded for.
    fn is_same(&self, ask: &Ask, first: &Line, at: Micros) -> bool {
        let inherits = matches!(
            ask.verb,
            Verb::Undo
                | Verb::Correct(_)
                | Verb::Capture { .. }
                | Verb::Release(..)
                | Verb::Refund(..)
                | Verb::Reverse(_)
        );
        let effective = match ask.effective.map(super::ask::Time::start) {
            Some(asked) => asked == first.took_effect(),
            None => inherits || first.effective.is_none(),
        };
        let asked_memo = ask.memo.filter(|memo| !memo.is_empty());
        let memo = asked_memo == first.memo || (inherits && asked_memo.is_none());
        let asked_tags: Tags = ask.tags.iter().copied().collect();
        let tags = if inherits {
            let mut pairs = asked_tags.iter();
            pairs.all(|(key, value)| first.tags.get(key) == Some(value))
        } else {
            asked_tags == first.tags
        };
        let _ = at;
        effective && memo && tags && self.is_same_verb(ask, first)
    }

    fn is_same_verb(&self, ask: &Ask, first: &Line) -> bool {
        let is_sum = |sum: &Sum, money: &Money| {
            sum.value().0 == money.billionths
                && (sum.currency.is_none() || sum.currency == money.currency)
        };
        let is_sum_if_named = |sum: &Option<Sum>| match (sum, first.what.money()) {
            (Some(sum), Some(money)) => is_sum(sum, money),
            (sum, _) => sum.is_none(),
        };
        // `head~2` means the event that it meant then.
        let is_target = |named: &Named, target: u64| match named {
            Named::Head(_) => true,
            named => self.find(*named).is_some_and(|line| line.seq == target),
        };
        let links = |link: Link, named: &Named| {
            first
                .links(link)
                .is_some_and(|target| is_target(named, target))
        };
        let is_bound =
            |asked: &Bound, recorded: Option<(i128, usize)>, currency: Option<Word>| match (
                asked, recorded,
            ) {
                (Bound::Free, None) => true,
                (Bound::At(sum), Some((billionths, _))) => {
                    sum.value().0 == billionths
                        && (sum.currency.is_none() || sum.currency == currency)
                }
                _ => false,
            };
        let is_own = first.link.is_none();
        match (&ask.verb, &first.what) {
            (Verb::Open(account, currency, floor), What::Open(own, holds, set)) => {
                let zero = Bound::At(Sum {
                    figure: "0".to_owned(),
                    currency: None,
                });
                let set = set.unwrap_or(Some((0, 0)));
                account == own
                    && currency.is_none_or(|currency| Some(currency) == *holds)
                    && is_bound(floor.as_ref().unwrap_or(&zero), set, *holds)
            }
            (Verb::Limit(account, floor), What::Limit(own, set)) => {
                account == own && is_bound(floor, *set, self.currency_of(account))
            }
            (Verb::Close(account), What::Close(own)) => account == own,
            (Verb::Deposit(account, sum), What::Deposit(own, money))
            | (Verb::Withdraw(account, sum), What::Withdraw(own, money)) => {
                is_own && account == own && is_sum(sum, money)
            }
            (Verb::Transfer(from, to, sum), What::Transfer(own_from, own_to, money)) => {
                is_own && (from, to) == (own_from, own_to) && is_sum(sum, money)
            }
            (
                Verb::Exchange(from, to, leaves, arrives),
                What::Exchange(own_from, own_to, left, arrived),
            ) => {
                is_own
                    && (from, to) == (own_from, own_to)
                    && is_sum(leaves, left)
                    && is_sum(arrives, arrived)
            }
            (
                Verb::Hold {
                    from,
                    to,
                    sum,
                    expires,
                },
                What::Hold {
                    from: own_from,
                    to: own_to,
                    money,
                    expires: own,
                },
            ) => {
                (from, to) == (own_from, own_to)
                    && is_sum(sum, money)
                    && expires.map(super::ask::Time::end) == *own
            }
            (
                Verb::Capture {
                    hold,
                    sum,
                    to,
                    keep,
                },
                what,
            ) => {
                let link = if *keep {
                    Link::CapturesAndKeeps
                } else {
                    Link::Captures
                };
                let arrives = what.changes().into_iter().find(|(_, change)| *change > 0);
                let is_to = to.is_none_or(|to| arrives.is_some_and(|(own, _)| own == to));
                links(link, hold) && is_sum_if_named(sum) && is_to
            }
            (Verb::Release(hold, sum), What::Release(own, _)) => {
                is_target(hold, *own) && is_sum_if_named(sum)
            }
            (Verb::Refund(event, sum), _) => links(Link::Refunds, event) && is_sum_if_named(sum),
            (Verb::Reverse(event), _) => links(Link::Reverses, event),
            (Verb::Undo, what) => first.link.is_some() || matches!(what, What::Release(..)),
            (Verb::Correct(change), what) => {
                let mut accounts = what.accounts().into_iter().map(|(account, _)| account);
                let (one, other) = (accounts.next(), accounts.next());
                let is_pair = other.is_some();
                let is_arriving = match (&change.arrives, what) {
                    (None, _) => true,
                    (Some(sum), What::Exchange(_, _, _, money)) => is_sum(sum, money),
                    _ => false,
                };
                let is_named = |asked: Option<Word>, own: Option<Word>, applies: bool| {
                    asked.is_none_or(|asked| applies && Some(asked) == own)
                };
                let untagged = |key: &&Word| !first.tags.contains_key(**key);
                let added = |key: &Word| ask.tags.iter().any(|(own, _)| own == key);
                links(Link::Corrects, &change.event)
                    && is_sum_if_named(&change.sum)
                    && is_arriving
                    && is_named(change.account, one, !is_pair)
                    && is_named(change.from, one, is_pair)
                    && is_named(change.to, other, is_pair)
                    && change
                        .untag
                        .iter()
                        .filter(|key| !added(key))
                        .all(|key| untagged(&key))
            }
            (Verb::Seal(through, is_final), What::Seal(own, own_final)) => {
                through.end() == *own && is_final == own_final
            }
            (Verb::Unseal(from), What::Unseal(through)) => {
                from.map(|time| time.start() - 1) == *through
            }
            _ => false,
        }
    }

    // Reading.

    /// The figures of every account and every hold, as they are shown, and the moment at which holds are
    /// looked at.
    pub(crate) fn shown(&self, cut: Cut, now: Micros) -> (BTreeMap<Word, Figures>, Vec<Shown>) {
        let (figures, holds, _) = self.shown_at(cut, now);
        (figures, holds)
    }

    /// The same with the moment at which holds are looked at.
    pub(crate) fn shown_at(
        &self,
        cut: Cut,
        now: Micros,
    ) -> (BTreeMap<Word, Figures>, Vec<Shown>, Micros) {
        let is_within = |position: Option<Position>, moment: Micros, seq: u64| match position {
            None => true,
            Some(Position::Time(end)) => moment <= end,
            Some(Position::Seq(end)) => seq <= end,
        };
        let counts = |line: &Line| {
            line.seq == 0
                || is_within(cut.known_at, line.at, line.seq)
                    && is_within(cut.until, line.took_effect(), line.seq)
        };
        let known = |line: &&Line| is_within(cut.known_at, line.at, line.seq);
        let last_at = |end: u64| {
            let lines = self.lines.iter().filter(known);
            let lines = lines.filter(|line| line.seq <= end);
            lines.map(|line| line.at).max().unwrap_or(self.lines[0].at)
        };
        let as_of = match (cut.until, cut.known_at) {
            (Some(Position::Time(moment)), _) | (None, Some(Position::Time(moment))) => moment,
            (Some(Position::Seq(seq)), _) | (None, Some(Position::Seq(seq))) => last_at(seq),
            (None, None) => now.max(self.last_at()),
        };
        let mut figures: BTreeMap<Word, Figures> = BTreeMap::new();
        let mut holds = Vec::new();
        for line in self.lines.iter().filter(|line| counts(line)) {
            for (account, _) in line.what.accounts() {
                figures.entry(account).or_default();
            }
            for (account, change) in line.what.changes() {
                figures.entry(account).or_default().balance += change;
            }
            let What::Hold {
                from, to, money, ..
            } = &line.what
            else {
                continue;
            };
            let (captured, left) = self.settled(line.seq, counts);
            let has_expired = self.has_expired(line.seq, as_of);
            let rest = if has_expired { 0 } else { left };
            let settles = |other: &&Line| {
                other.captures() == Some(line.seq)
                    || matches!(other.what, What::Release(own, _) if own == line.seq)
            };
            let mut counted = self.lines.iter().filter(|line| counts(line));
            let last = counted.rfind(settles);
            let state = match last {
                Some(last) if left == 0 && last.captures().is_some() => "captured",
                Some(_) if left == 0 => "released",
                _ if has_expired => "expired",
                _ => "open",
            };
            if let Some(from) = from {
                figures.entry(from).or_default().pending_out += rest;
            }
            if let Some(to) = to {
                figures.entry(to).or_default().pending_in += rest;
            }
            holds.push(Shown {
                seq: line.seq,
                captured,
                released: money.billionths - captured - left,
                rest,
                state,
            });
        }
        (figures, holds, as_of)
    }
}

/// An amount as it was typed, in a currency that is known by now.
fn typed(broken: &mut Broken, sum: &Sum, currency: Option<Word>) -> Money {
    let (billionths, mut decimals) = sum.value();
    if let Some(minor) = minor(currency) {
        broken.add(decimals > minor, DECIMALS, "invalid_amount");
        decimals = minor;
    }
    Money {
        billionths,
        decimals,
        currency,
    }
}

/// The amount that was typed, or all of a rest: with the decimals of the finest amount involved, which
/// also names the currency.
fn all_or<'a>(
    broken: &mut Broken,
    sum: Option<&Sum>,
    rest: i128,
    involved: impl Iterator<Item = &'a Money>,
) -> Money {
    let involved: Vec<&Money> = involved.collect();
    let currency = involved[0].currency;
    if let Some(sum) = sum {
        let is_other = sum.currency.is_some() && sum.currency != currency;
        broken.add(is_other, CURRENCY, "currency_mismatch");
        return typed(broken, sum, currency);
    }
    Money {
        billionths: rest,
        decimals: involved.iter().map(|money| money.decimals).max().unwrap(),
        currency,
    }
}

/// A floor in the currency of its account.
fn bound(broken: &mut Broken, floor: &Bound, currency: Option<Word>) -> Option<(i128, usize)> {
    let Bound::At(sum) = floor else {
        return None;
    };
    let is_other = sum.currency.is_some() && sum.currency != currency;
    broken.add(is_other, CURRENCY, "currency_mismatch");
    let money = typed(broken, sum, currency);
    Some((money.billionths, money.decimals))
}
