//! Logs of random events that hold whatever a log may hold: names of all scripts, every kind of
//! currency, figures of every size, times that lie apart, and text that nobody would write on purpose.
//! A seed always makes the same log.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a draw is below its bound"
)]

use std::borrow::Cow;

use event_ledger::event::{
    AccountName, Event, Hash, Key, LedgerId, Link, Movement, Note, Opening, Record, Salt, Tags,
};
use event_ledger::log::encode;
use event_ledger::money::{Amount, Currency, Floor, Scale};
use event_ledger::time::Timestamp;

/// 2024-02-27T22:00:00Z, so that a leap day is near.
const START: i64 = 1_709_071_200_000_000;
const DAY: i64 = 86_400_000_000;

const NAMES: [&str; 46] = [
    "main",
    "assets",
    "assets:bank",
    "assets:bank:giro",
    "Assets:Bank",
    "equity:external",
    "equity:external-2",
    "equity",
    "income:tips",
    "Revenues",
    "liabilities:card",
    "expense:eating-out",
    "check",
    "assert",
    "expr",
    "include",
    "account",
    "9",
    "2026-01-01",
    "1e5",
    "a_b",
    "a-b",
    "a.b",
    "a/b",
    "me@example.org",
    "TRUE",
    "Küche/2026",
    "Ärger",
    "ß",
    "日本:円",
    "銀行",
    "한국:은행",
    "חשבון",
    "حساب:٣",
    "नमक",
    "ไทย",
    "Ελλάδα:ταμείο",
    "счёт:наличные",
    "ⅷ",
    "Ⓐb",
    "x²",
    "½",
    "ǆ:ǅ",
    "ŉ",
    "𝒜𝒷",
    "a:b:c:d:e:f:g:h",
];

const CODES: [&str; 9] = [
    "EUR", "JPY", "KWD", "BTC", "X99", "TRUE", "NULL", "ABCDEFGH", "A1B2C3D4",
];

const TEXTS: [&str; 40] = [
    "lunch",
    "=1+1",
    "+43 1 234",
    "-5",
    "@SUM(A1)",
    "'=already",
    "''",
    "a, b; c | d",
    "; comment",
    "| bar",
    "* done",
    "! pending",
    "(code) text",
    "= 5",
    "[2026-01-01]",
    "a [=2026-02-02] b",
    ":a:b:",
    "key: value",
    "key:: 5",
    "\"quoted\" 'twice'",
    "C:\\temp\\new",
    "\\u{3b}",
    "back\\",
    "two\nlines",
    "\r\n",
    "\t tab",
    " blanks at both ends ",
    "  two  inside  ",
    "no\u{a0}break\u{a0}",
    "\u{2028}line\u{2029}paragraph\u{85}",
    "\u{1b}[31mred\u{1b}[0m\u{7}",
    "\u{202e}backwards\u{2066}",
    "\u{feff}mark",
    "nul\0nul",
    "👩\u{200d}👩\u{200d}👧 Straße 日本",
    "% # $ & ^ ~ { } < >",
    "#tag ^link",
    "2026-01-01 * \"x\"",
    "include /etc/passwd",
    "\u{c}\u{b}",
];

const TAG_KEYS: [&str; 22] = [
    "order",
    "Order",
    "shop",
    "a",
    "seq",
    "type",
    "date",
    "payee",
    "UUID",
    "lineno",
    "tag-1",
    "memo",
    "two words",
    "with=equals",
    "with:colon",
    "com,ma",
    "semi;colon",
    "größe",
    "=1",
    " ",
    "back\\slash",
    "new\nline",
];

/// `SplitMix64`.
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
        self.next() % bound
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len() as u64) as usize]
    }
}

/// The log of a seed.
pub(crate) fn log(seed: u64, events: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let mut accounts = accounts(&mut random);
    let zones = [
        "UTC",
        "Europe/Vienna",
        "Asia/Kolkata",
        "America/St_Johns",
        "Pacific/Kiritimati",
    ];
    let opening = Event::Ledger(Opening {
        id: LedgerId::from_bytes([seed as u8; 16]),
        currency: if random.one_in(2) {
            Currency::new("EUR")
        } else {
            None
        },
        zone: Cow::Borrowed(*random.pick::<&str>(&zones)),
        strict: false,
    });
    // With a default, an account that names no currency has the default.
    for purse in &mut accounts {
        purse.currency = purse.currency.or(opening.currency());
    }
    let mut micros = START;
    let mut bytes = Vec::new();
    let mut previous: Option<Hash> = None;
    let mut moved: Vec<(u64, Event<'static>)> = Vec::new();
    for seq in 0..=events {
        micros += random.below(2 * DAY as u64) as i64;
        let (event, reverses) = match seq {
            0 => (opening.clone(), None),
            _ if random.one_in(12) && !moved.is_empty() => {
                let at = random.below(moved.len() as u64) as usize;
                let (target, event) = moved.swap_remove(at);
                (opposite(event), Some(target))
            }
            _ => (event(&mut random, &accounts), None),
        };
        if event.kind().moves_money() && reverses.is_none() {
            moved.push((seq, event.clone()));
        }
        let apart = random.below(800) as i64 * DAY - 400 * DAY + random.below(DAY as u64) as i64;
        let effective = (seq > 0 && random.one_in(4)).then(|| micros + apart);
        let record = Record {
            seq,
            at: Timestamp::from_unix_micros(micros).unwrap(),
            effective: effective.map(|micros| Timestamp::from_unix_micros(micros).unwrap()),
            event,
            link: reverses.map(Link::Reverses),
            key: (seq > 0 && random.one_in(5)).then(|| key(&mut random, seq)),
            more: seq > 0 && seq < events && random.one_in(9),
            note: if seq > 0 { note(&mut random) } else { None },
        };
        let (line, entry) = encode(record, previous.as_ref());
        previous = Some(entry.hash);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    bytes
}

struct Purse {
    name: AccountName<'static>,
    currency: Option<Currency>,
}

fn accounts(random: &mut Random) -> Vec<Purse> {
    let mut names: Vec<String> = (0..20).map(|_| (*random.pick(&NAMES)).to_owned()).collect();
    while names.len() < 40 {
        let length = 1 + random.below(6);
        let name: String = (0..length)
            .filter_map(|_| char::from_u32(random.below(0x2_0000) as u32))
            .collect();
        if AccountName::new(name.as_str()).is_ok() {
            names.push(name);
        } else if let Some(c) = name.chars().find(|c| c.is_alphanumeric()) {
            let name: String = format!("{c}:{c}").chars().collect();
            names.extend(AccountName::new(name.as_str()).is_ok().then_some(name));
        }
    }
    names.sort();
    names.dedup();
    names
        .into_iter()
        .map(|name| Purse {
            name: AccountName::new(name).unwrap(),
            currency: if random.one_in(4) {
                None
            } else {
                Currency::new(random.pick::<&str>(&CODES))
            },
        })
        .collect()
}

fn amount(random: &mut Random, currency: Option<Currency>) -> Amount {
    let digits = currency
        .and_then(Currency::minor_digits)
        .map_or_else(|| random.below(10) as u8, Scale::digits);
    let most = [9, 100_000, 999_999_999_999_999_999][random.below(3) as usize];
    let whole = random.below(most);
    let fraction = random.below(10_u64.pow(u32::from(digits)));
    let text = if digits == 0 {
        format!("{}", whole.max(1))
    } else {
        format!(
            "{whole}.{:0width$}",
            fraction.max(1),
            width = usize::from(digits)
        )
    };
    Amount::from_canonical(text.as_bytes()).unwrap_or_else(|| panic!("{text}"))
}

fn event(random: &mut Random, accounts: &[Purse]) -> Event<'static> {
    let purse = random.pick(accounts);
    let (account, currency) = (purse.name.clone(), purse.currency);
    let amount = amount(random, currency);
    let alike: Vec<&Purse> = accounts
        .iter()
        .filter(|other| other.currency == currency && other.name != account)
        .collect();
    match random.below(12) {
        0..3 if !alike.is_empty() => Event::Transfer {
            from: account,
            to: random.pick(&alike).name.clone(),
            amount,
            currency,
        },
        3..6 => Event::Withdraw(Movement {
            account,
            amount,
            currency,
        }),
        6 => Event::Open {
            account,
            currency,
            floor: random.one_in(2).then_some(Floor::None),
        },
        7 => Event::Limit {
            account,
            floor: Floor::from_canonical(b"-500.5").unwrap(),
        },
        8 => Event::Close { account },
        _ => Event::Deposit(Movement {
            account,
            amount,
            currency,
        }),
    }
}

fn opposite(event: Event<'static>) -> Event<'static> {
    match event {
        Event::Deposit(movement) => Event::Withdraw(movement),
        Event::Withdraw(movement) => Event::Deposit(movement),
        Event::Transfer {
            from,
            to,
            amount,
            currency,
        } => Event::Transfer {
            from: to,
            to: from,
            amount,
            currency,
        },
        other => other,
    }
}

fn key(random: &mut Random, seq: u64) -> Key<'static> {
    let text: String = random
        .pick(&TEXTS)
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    Key::new(format!("{text}{seq}")).unwrap()
}

fn text(random: &mut Random) -> String {
    match random.below(12) {
        0 => random.pick(&TEXTS).repeat(400).chars().take(1000).collect(),
        1 => "m".repeat(4096),
        2 => (0..random.below(20))
            .filter_map(|_| char::from_u32(random.below(0x11_0000) as u32))
            .collect(),
        3 => format!("{}{}", random.pick(&TEXTS), random.pick(&TEXTS)),
        _ => (*random.pick(&TEXTS)).to_owned(),
    }
}

fn note(random: &mut Random) -> Option<Note<'static>> {
    if random.one_in(4) {
        return random
            .one_in(8)
            .then(|| Note::Redacted(Hash::from_bytes([7; 32])));
    }
    let memo = (!random.one_in(5))
        .then(|| text(random))
        .filter(|memo| !memo.is_empty());
    let mut tags: Vec<(Cow<'static, str>, Cow<'static, str>)> = Vec::new();
    for _ in 0..random.below(4) {
        let key = *random.pick(&TAG_KEYS);
        if tags.iter().all(|(own, _)| *own != key) {
            let value = if random.one_in(6) {
                String::new()
            } else {
                text(random)
            };
            tags.push((key.into(), value.into()));
        }
    }
    // An older log may have `=` in a key.
    tags.sort();
    let tags = Tags::from_sorted(tags).unwrap();
    (memo.is_some() || !tags.is_empty()).then(|| Note::Kept {
        salt: Salt([9; 16]),
        memo: memo.map(Cow::Owned),
        tags,
    })
}
