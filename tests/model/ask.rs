//! Commands: what is asked for, as plain values, and random sequences of them.

/// A second in microseconds.
pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const HOUR: i64 = 3600 * SECOND;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Microseconds since the start of November 2026, in which everything happens.
pub(crate) type Micros = i64;
pub(crate) type Word = &'static str;

/// `2026-11-23T10:15:02.000000Z`
pub(crate) fn instant(micros: Micros) -> String {
    let (day, rest) = (micros.div_euclid(DAY) + 1, micros.rem_euclid(DAY));
    assert!((1..=30).contains(&day), "{micros} is not in November");
    let (hour, minute) = (rest / HOUR, rest / (60 * SECOND) % 60);
    let (second, micro) = (rest / SECOND % 60, rest % SECOND);
    format!("2026-11-{day:02}T{hour:02}:{minute:02}:{second:02}.{micro:06}Z")
}

/// A time as it is typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Time {
    At(Micros),
    /// A day of November, from 1.
    Day(i64),
}

impl Time {
    pub(crate) fn text(self) -> String {
        match self {
            Time::At(micros) => instant(micros),
            Time::Day(day) => format!("2026-11-{day:02}"),
        }
    }

    pub(crate) fn start(self) -> Micros {
        match self {
            Time::At(micros) => micros,
            Time::Day(day) => (day - 1) * DAY,
        }
    }

    pub(crate) fn end(self) -> Micros {
        match self {
            Time::At(micros) => micros,
            Time::Day(day) => day * DAY - 1,
        }
    }
}

/// An amount or a floor as it is typed: figure and perhaps currency.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sum {
    pub(crate) figure: String,
    pub(crate) currency: Option<Word>,
}

impl Sum {
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.figure, self.currency.unwrap_or_default())
    }

    /// In billionths, and the decimals that were typed.
    pub(crate) fn value(&self) -> (i128, usize) {
        let (sign, digits) = match self.figure.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, self.figure.as_str()),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let billionths: i128 = format!("{whole}{part:0<9}").parse().unwrap();
        (sign * billionths, part.len())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bound {
    Free,
    At(Sum),
}

/// How an earlier event is named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Named {
    Seq(u64),
    Key(Word),
    Head(u64),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verb {
    Open(Word, Option<Word>, Option<Bound>),
    Limit(Word, Bound),
    Close(Word),
    Deposit(Word, Sum),
    Withdraw(Word, Sum),
    Transfer(Word, Word, Sum),
    /// From, to, what leaves, what arrives.
    Exchange(Word, Word, Sum, Sum),
    Hold {
        from: Option<Word>,
        to: Option<Word>,
        sum: Sum,
        expires: Option<Time>,
    },
    Capture {
        hold: Named,
        sum: Option<Sum>,
        to: Option<Word>,
        keep: bool,
    },
    Release(Named, Option<Sum>),
    Refund(Named, Option<Sum>),
    Reverse(Named),
    Undo,
    Correct(Box<Change>),
    /// Through, and whether it is final.
    Seal(Time, bool),
    Unseal(Option<Time>),
}

impl Verb {
    /// True for a mistake that the command line alone shows.
    pub(crate) fn is_mistyped(&self) -> bool {
        match self {
            Verb::Transfer(from, to, _) => from == to,
            Verb::Exchange(from, to, leaves, arrives) => {
                from == to || (leaves.currency.is_some() && leaves.currency == arrives.currency)
            }
            Verb::Hold { from, to, .. } => from == to,
            Verb::Correct(change) => change.from.is_some() && change.from == change.to,
            _ => false,
        }
    }
}

/// What a correction changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) event: Named,
    pub(crate) sum: Option<Sum>,
    pub(crate) arrives: Option<Sum>,
    pub(crate) account: Option<Word>,
    pub(crate) from: Option<Word>,
    pub(crate) to: Option<Word>,
    pub(crate) untag: Vec<Word>,
}

/// One event that is asked for, with the flags that go with it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ask {
    pub(crate) verb: Verb,
    pub(crate) effective: Option<Time>,
    pub(crate) key: Option<Word>,
    pub(crate) memo: Option<Word>,
    pub(crate) tags: Vec<(Word, Word)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Head {
    Any,
    Right,
    Stale,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    /// One command.
    One,
    /// A batch, all or nothing.
    Together,
    /// A batch with `--keep-going`.
    KeepGoing,
}

/// One run of the program.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Command {
    pub(crate) now: Micros,
    pub(crate) head: Head,
    pub(crate) dry_run: bool,
    pub(crate) mode: Mode,
    pub(crate) asks: Vec<Ask>,
}

/// A ledger, and what is done with it.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) seed: u64,
    pub(crate) currency: Option<Word>,
    pub(crate) strict: bool,
    pub(crate) commands: Vec<Command>,
}

const ACCOUNTS: [Word; 5] = ["a", "b", "c:d", "main", "é"];
const KEYS: [Word; 6] = ["k1", "k2", "k3", "k4", "k5", "k6"];
/// Where the clock starts.
pub(crate) const MORNING: Micros = 22 * DAY + 10 * HOUR;

/// The numbers of a small generator (`SplitMix64`), the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }

    /// True once in so many times.
    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        let index = self.below(choices.len() as u64);
        choices[usize::try_from(index).unwrap()]
    }

    fn account(&mut self) -> Word {
        // The first ones more often, so that accounts meet.
        let most = self.of(&[2, 3, 5]);
        self.of(&ACCOUNTS[..most])
    }

    fn maybe<T>(&mut self, times: u64, make: impl FnOnce(&mut Dice) -> T) -> Option<T> {
        self.one_in(times).then(|| make(self))
    }

    fn sum(&mut self) -> Sum {
        let currency = match self.below(16) {
            0 => Some("EUR"),
            1 => Some("USD"),
            2 => Some("JPY"),
            3 => Some("XXL"),
            _ => None,
        };
        let whole = self.below(40) + 1;
        let part = match currency {
            Some("JPY") => "",
            Some("EUR" | "USD") => self.of(&["", "", ".5", ".25"]),
            _ => self.of(&["", "", "", "", "", ".5", ".25", ".125", ".50"]),
        };
        Sum {
            figure: format!("{whole}{part}"),
            currency,
        }
    }

    fn bound(&mut self) -> Bound {
        if self.one_in(4) {
            return Bound::Free;
        }
        let mut sum = self.sum();
        if self.below(3) > 0 {
            sum.figure = format!("-{}", sum.figure);
        }
        Bound::At(sum)
    }

    /// A time around now; whole hours, so that many are the same.
    fn time(&mut self, now: Micros, hours: std::ops::Range<i64>) -> Time {
        let span = u64::try_from(hours.end - hours.start).unwrap();
        let offset = hours.start + i64::try_from(self.below(span)).unwrap();
        let at = now / HOUR * HOUR + offset * HOUR;
        match self.below(8) {
            0 => Time::Day(at / DAY + 1),
            1 => Time::At(now),
            _ => Time::At(at),
        }
    }

    /// An earlier event, mostly one of the last. A batch has no word for the end of the log.
    fn named(&mut self, next: u64, in_batch: bool) -> Named {
        match self.below(12) {
            0 => Named::Key(self.of(&KEYS)),
            1 if !in_batch => Named::Head(self.below(4)),
            2 => Named::Seq(self.below(next + 2)),
            _ => Named::Seq(next.saturating_sub(1 + self.below(10))),
        }
    }

    /// An earlier hold, mostly an open one.
    fn hold(&mut self, next: u64, holds: &[u64], in_batch: bool) -> Named {
        if holds.is_empty() || self.one_in(4) {
            self.named(next, in_batch)
        } else {
            Named::Seq(self.of(holds))
        }
    }

    fn change(&mut self, next: u64, in_batch: bool) -> Change {
        Change {
            event: self.named(next, in_batch),
            sum: self.maybe(2, Dice::sum),
            arrives: self.maybe(8, Dice::sum),
            account: self.maybe(6, Dice::account),
            from: self.maybe(6, Dice::account),
            to: self.maybe(6, Dice::account),
            untag: self
                .maybe(6, |dice| dice.of(&["o", "p"]))
                .into_iter()
                .collect(),
        }
    }

    fn verb(&mut self, now: Micros, next: u64, holds: &[u64], in_batch: bool) -> Verb {
        match self.below(if in_batch { 60 } else { 64 }) {
            0..2 => Verb::Open(
                self.account(),
                self.maybe(3, |dice| dice.of(&["EUR", "USD", "JPY", "XXL"])),
                self.maybe(2, Dice::bound),
            ),
            2..4 => Verb::Limit(self.account(), self.bound()),
            4..6 => Verb::Close(self.account()),
            6..16 => Verb::Deposit(self.account(), self.sum()),
            16..21 => Verb::Withdraw(self.account(), self.sum()),
            21..26 => Verb::Transfer(self.account(), self.account(), self.sum()),
            26..30 => {
                let (mut leaves, mut arrives) = (self.sum(), self.sum());
                if self.below(3) > 0 {
                    arrives.currency = Some("USD");
                    "7.5".clone_into(&mut arrives.figure);
                }
                if self.one_in(8) {
                    std::mem::swap(&mut leaves, &mut arrives);
                }
                Verb::Exchange(self.account(), self.account(), leaves, arrives)
            }
            30..37 => {
                let (from, to) = match self.below(4) {
                    0 => (Some(self.account()), None),
                    1 => (None, Some(self.account())),
                    _ => (Some(self.account()), Some(self.account())),
                };
                Verb::Hold {
                    from,
                    to,
                    sum: self.sum(),
                    expires: self.maybe(2, |dice| dice.time(now, -1..9)),
                }
            }
            37..43 => Verb::Capture {
                hold: self.hold(next, holds, in_batch),
                sum: self.maybe(2, Dice::sum),
                to: self.maybe(4, Dice::account),
                keep: self.one_in(2),
            },
            43..46 => Verb::Release(self.hold(next, holds, in_batch), self.maybe(2, Dice::sum)),
            46..50 => Verb::Refund(self.named(next, in_batch), self.maybe(2, Dice::sum)),
            50..53 => Verb::Reverse(self.named(next, in_batch)),
            53..56 => Verb::Undo,
            56..60 => Verb::Correct(Box::new(self.change(next, in_batch))),
            60..63 => Verb::Seal(self.time(now, -40..3), self.one_in(6)),
            _ => Verb::Unseal(self.maybe(2, |dice| dice.time(now, -40..2))),
        }
    }

    fn ask(&mut self, now: Micros, next: u64, holds: &[u64], in_batch: bool) -> Ask {
        let mut verb = self.verb(now, next, holds, in_batch);
        while in_batch && verb.is_mistyped() {
            // Such a line refuses a whole batch before the log is opened.
            verb = self.verb(now, next, holds, in_batch);
        }
        let acts_at_once = matches!(verb, Verb::Seal(..) | Verb::Unseal(_));
        let effective = self.maybe(3, |dice| dice.time(now, -30..30));
        // It needs a reason.
        let needs_memo = matches!(verb, Verb::Unseal(_));
        let memo = self.maybe(4, |dice| dice.of(&["", "rent", "tea \"x\""]));
        Ask {
            effective: effective.filter(|_| !acts_at_once),
            key: self.maybe(5, |dice| dice.of(&KEYS)),
            memo: if needs_memo { Some("late") } else { memo },
            tags: match self.below(8) {
                0 => vec![("o", "1")],
                1 => vec![("p", "2"), ("o", "3")],
                _ => Vec::new(),
            },
            verb,
        }
    }

    /// A random command, for a log whose next line has this number and which has these open holds.
    pub(crate) fn command(&mut self, now: Micros, next: u64, holds: &[u64]) -> Command {
        let mode = match self.below(10) {
            0 => Mode::Together,
            1 => Mode::KeepGoing,
            _ => Mode::One,
        };
        let count = if mode == Mode::One {
            1
        } else {
            1 + self.below(4)
        };
        Command {
            now,
            head: match self.below(20) {
                0 => Head::Stale,
                1 | 2 => Head::Right,
                _ => Head::Any,
            },
            dry_run: self.one_in(20),
            mode,
            asks: (0..count)
                .map(|before| self.ask(now, next + before, holds, mode != Mode::One))
                .collect(),
        }
    }

    /// How long the clock runs until the next command; sometimes it is set back.
    pub(crate) fn pause(&mut self) -> Micros {
        self.of(&[0, SECOND, 60 * SECOND, HOUR / 2, HOUR, -60 * SECOND])
    }

    /// A ledger without commands.
    pub(crate) fn ledger(&mut self) -> Story {
        Story {
            seed: self.0,
            currency: self.of(&[None, Some("EUR"), Some("EUR"), Some("XXL")]),
            strict: self.one_in(6),
            commands: Vec::new(),
        }
    }
}
