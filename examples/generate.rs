//! Makes a valid log of any length, the same one every time:
//! `cargo run --profile dist --example generate -- 10000000 --out big.jsonl`.
//!
//! What it writes obeys every rule, so that `ledger verify` finds nothing in it. Options:
//! `--accounts N` (1000), `--keys N` (how many of the events carry a key; none), `--backdated N` (one
//! event in N took effect earlier than it was recorded; none), `--seed N`, `--out FILE` (standard
//! output).

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use event_ledger::event::{AccountName, Event, Hash, Key, LedgerId, Movement, Opening, Record};
use event_ledger::log::encode;
use event_ledger::money::{Amount, Currency};
use event_ledger::time::Timestamp;

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600_000_000;
/// Ten million events fill about half a year.
const STEP: u64 = 3_000_000;

struct Wish {
    events: u64,
    accounts: u64,
    keys: u64,
    backdated: u64,
    seed: u64,
    out: Option<String>,
}

fn main() -> ExitCode {
    let outcome = wish(std::env::args().skip(1)).and_then(|wish| {
        let target: Box<dyn Write> = match &wish.out {
            Some(path) => Box::new(create(path)?),
            None => Box::new(standard_output()),
        };
        let mut out = BufWriter::with_capacity(1 << 20, target);
        generate(&wish, &mut out)?;
        out.flush()
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn wish(mut words: impl Iterator<Item = String>) -> io::Result<Wish> {
    let mut wish = Wish {
        events: 0,
        accounts: 1000,
        keys: 0,
        backdated: 0,
        seed: 1,
        out: None,
    };
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    let number = |word: Option<String>| {
        word.and_then(|word| word.parse::<u64>().ok())
            .ok_or_else(|| wrong("a number is missing"))
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--accounts" => wish.accounts = number(words.next())?.max(1),
            "--keys" => wish.keys = number(words.next())?,
            "--backdated" => wish.backdated = number(words.next())?,
            "--seed" => wish.seed = number(words.next())?,
            "--out" => wish.out = Some(words.next().ok_or_else(|| wrong("--out FILE"))?),
            _ => wish.events = number(Some(word))?,
        }
    }
    Ok(wish)
}

/// `SplitMix64`: small, quick, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }
}

/// An account and its cents, so that nothing is ever overdrawn.
struct Purse {
    name: String,
    cents: u64,
}

fn generate(wish: &Wish, out: &mut impl Write) -> io::Result<()> {
    let mut random = Random(wish.seed);
    let eur = Currency::new("EUR");
    let mut purses: Vec<Purse> = (0..wish.accounts)
        .map(|index| Purse {
            name: format!("assets:acct{index:05}"),
            cents: 0,
        })
        .collect();
    let mut micros = START;
    let opening = Event::Ledger(Opening {
        id: LedgerId::from_bytes([7; 16]),
        currency: eur,
        zone: Cow::Borrowed("UTC"),
        strict: false,
    });
    let mut previous: Option<Hash> = None;
    write(out, &mut previous, record(0, micros, None, opening, None))?;
    for seq in 1..=wish.events {
        let step = random.below(STEP);
        micros = micros.saturating_add(i64::try_from(step).unwrap_or(0));
        let is_back_dated = wish.backdated > 0 && random.below(wish.backdated) == 0;
        let earlier = i64::try_from(random.below(86_400_000_000)).unwrap_or(0);
        let effective = is_back_dated.then(|| micros.saturating_sub(earlier));
        let key = (seq <= wish.keys).then(|| format!("order-{seq}"));
        let event = event(&mut random, &mut purses, eur);
        let record = record(seq, micros, effective, event, key.as_deref());
        write(out, &mut previous, record)?;
    }
    Ok(())
}

fn event<'p>(random: &mut Random, purses: &'p mut [Purse], eur: Option<Currency>) -> Event<'p> {
    let count = u64::try_from(purses.len()).unwrap_or(1);
    let one = usize::try_from(random.below(count)).unwrap_or(0);
    let other = usize::try_from(random.below(count)).unwrap_or(0);
    let cents = random.below(99_999).saturating_add(1);
    let can_pay = purses.get(one).is_some_and(|purse| purse.cents >= cents);
    let draw = random.below(10);
    let is_transfer = can_pay && draw < 3 && one != other;
    let is_withdrawal = can_pay && !is_transfer && draw < 6;
    if let Some(purse) = purses.get_mut(one) {
        purse.cents = if is_transfer || is_withdrawal {
            purse.cents.saturating_sub(cents)
        } else {
            purse.cents.saturating_add(cents)
        };
    }
    if is_transfer && let Some(purse) = purses.get_mut(other) {
        purse.cents = purse.cents.saturating_add(cents);
    }
    let amount = amount(cents);
    if is_transfer {
        return Event::Transfer {
            from: name(purses, one),
            to: name(purses, other),
            amount,
            currency: eur,
        };
    }
    let movement = Movement {
        account: name(purses, one),
        amount,
        currency: eur,
    };
    if is_withdrawal {
        Event::Withdraw(movement)
    } else {
        Event::Deposit(movement)
    }
}

fn name(purses: &[Purse], index: usize) -> AccountName<'_> {
    match purses
        .get(index)
        .map(|purse| AccountName::new(purse.name.as_str()))
    {
        Some(Ok(name)) => name,
        _ => AccountName::main(),
    }
}

#[expect(clippy::expect_used, reason = "every figure made here is canonical")]
fn amount(cents: u64) -> Amount {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    Amount::from_canonical(text.as_bytes()).expect("a canonical amount")
}

#[expect(clippy::expect_used, reason = "these moments lie in this century")]
fn record<'a>(
    seq: u64,
    micros: i64,
    effective: Option<i64>,
    event: Event<'a>,
    key: Option<&'a str>,
) -> Record<'a> {
    let instant = |micros| Timestamp::from_unix_micros(micros).expect("a moment there is");
    Record {
        seq,
        at: instant(micros),
        effective: effective.map(instant),
        event,
        link: None,
        key: key.and_then(|key| Key::new(key).ok()),
        more: false,
        note: None,
    }
}

fn write(out: &mut impl Write, previous: &mut Option<Hash>, record: Record<'_>) -> io::Result<()> {
    let (line, entry) = encode(record, previous.as_ref());
    *previous = Some(entry.hash);
    out.write_all(line.as_bytes())?;
    out.write_all(b"\n")
}

#[expect(clippy::disallowed_methods, reason = "what is made here is a new file")]
fn create(path: &str) -> io::Result<File> {
    File::create(path)
}

#[expect(clippy::disallowed_methods, reason = "an example prints for itself")]
fn standard_output() -> io::Stdout {
    io::stdout()
}

#[expect(clippy::print_stderr, reason = "an example prints for itself")]
fn complain(error: &io::Error) {
    eprintln!("generate: {error}");
}
