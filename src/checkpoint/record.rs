//! Records as bytes: accounts, keys, reversals, the lines of an account, segments.

use sha2::{Digest as _, Sha256};

use super::varint::{self, Bytes};
use crate::accounts::{Account, Setting};
use crate::money::{Balance, Currency, Floor, Scale};
use crate::time::Timestamp;

/// Ahead of a key: what the record is about.
const KEY: u8 = b'K';
const REVERSAL: u8 = b'R';
const LINES: u8 = b'H';
const STRETCH: u8 = b'S';
const CHANGE: u8 = b'D';
const STATE: u8 = b'P';
const COMMITMENT: u8 = b'C';

/// The prefix of the records of an idempotency key: by digest, so that a long key is as short as any.
pub(super) fn of_key(key: &str) -> Vec<u8> {
    let digest: [u8; 32] = Sha256::digest(key).into();
    let mut out = vec![KEY];
    out.extend(digest.iter().take(8));
    out
}

/// The prefix of the records that reverse an event.
pub(super) fn of_reversal(target: u64) -> Vec<u8> {
    with_number(REVERSAL, target)
}

/// The prefix of the records of an account's lines.
pub(super) fn of_lines(name: &str) -> Vec<u8> {
    let mut out = vec![LINES];
    out.extend_from_slice(name.as_bytes());
    // No name holds it.
    out.push(0);
    out
}

pub(super) fn of_segments() -> Vec<u8> {
    vec![STRETCH]
}

pub(super) fn of_segment(from: u64) -> Vec<u8> {
    with_number(STRETCH, from)
}

/// The prefix of a segment's changes; a name follows.
pub(super) fn of_changes(from: u64) -> Vec<u8> {
    with_number(CHANGE, from)
}

/// The prefix of the state after the event with this number; a name follows.
pub(super) fn of_state(after: u64) -> Vec<u8> {
    with_number(STATE, after)
}

/// The prefix of the records that later events depend on beside the balances.
pub(super) fn of_commitments() -> Vec<u8> {
    vec![COMMITMENT]
}

/// The prefix of those that are kept under one event; a number follows.
pub(super) fn of_commitments_under(seq: u64) -> Vec<u8> {
    with_number(COMMITMENT, seq)
}

/// A number after a prefix, encoded so that bytes sort like numbers.
pub(super) fn and_number(mut prefix: Vec<u8>, number: u64) -> Vec<u8> {
    prefix.extend_from_slice(&number.to_be_bytes());
    prefix
}

fn with_number(kind: u8, number: u64) -> Vec<u8> {
    and_number(vec![kind], number)
}

/// True for the records that every event may add: keys, reversals and commitments.
pub(super) fn is_of_an_event(key: &[u8]) -> bool {
    matches!(key.first(), Some(&KEY | &REVERSAL | &COMMITMENT))
}

/// The number after a prefix of this length.
pub(super) fn number_after(prefix: &[u8], key: &[u8]) -> Option<u64> {
    let rest = key.strip_prefix(prefix)?;
    Some(u64::from_be_bytes(rest.try_into().ok()?))
}

/// The number at the end.
pub(super) fn number_at_end(key: &[u8]) -> Option<u64> {
    key.last_chunk().map(|number| u64::from_be_bytes(*number))
}

/// The name after a prefix.
pub(super) fn name_after<'k>(prefix: &[u8], key: &'k [u8]) -> Option<&'k str> {
    std::str::from_utf8(key.strip_prefix(prefix)?).ok()
}

/// The account whose lines a record of [`of_lines`] holds.
pub(super) fn name_of_lines(key: &[u8]) -> Option<&str> {
    let rest = key.strip_prefix(&[LINES])?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    std::str::from_utf8(rest.get(..end)?).ok()
}

/// What a segment changed in an account, from a record of [`of_changes`].
pub(super) fn name_of_change(from: u64, key: &[u8]) -> Option<&str> {
    name_after(&of_changes(from), key)
}

const IS_FIXED: u8 = 1;
const IS_OPEN: u8 = 2;
const SETS_FLOOR: u8 = 4;
const SETS_OPEN: u8 = 8;
const HAS_NO_FLOOR: u8 = 16;
const HAS_CURRENCY: u8 = 32;

/// An account, and what the events that it was folded from set on it.
pub(super) fn put_account(out: &mut Vec<u8>, account: &Account, setting: Setting) {
    let mut flags = 0;
    let mut set = |flag: u8, is_set: bool| flags |= if is_set { flag } else { 0 };
    set(IS_FIXED, account.currency_is_fixed);
    set(IS_OPEN, account.open);
    set(SETS_FLOOR, setting.floor.is_some());
    set(SETS_OPEN, setting.open.is_some());
    set(HAS_NO_FLOOR, account.floor == Floor::None);
    set(HAS_CURRENCY, account.currency.is_some());
    out.push(flags);
    out.push(account.scale.digits());
    if let Some(currency) = account.currency {
        let code = currency.text();
        let code = code.as_bytes();
        out.push(u8::try_from(code.len()).unwrap_or_default());
        out.extend_from_slice(code);
    }
    if let Floor::At(balance, scale) = account.floor {
        out.push(scale.digits());
        varint::put_i128(out, balance.billionths());
    }
    varint::put_i128(out, account.balance.billionths());
    varint::put_u64(out, account.first);
    varint::put_u64(out, account.last);
    varint::put_i64(out, account.first_at.unix_micros());
    varint::put_i64(out, account.last_at.unix_micros());
}

pub(super) fn get_account(bytes: &[u8]) -> Option<(Account, Setting)> {
    let mut bytes = Bytes(bytes);
    let flags = bytes.byte()?;
    let has = |flag: u8| flags & flag != 0;
    let scale = Scale::new(bytes.byte()?)?;
    let currency = if has(HAS_CURRENCY) {
        let length = usize::from(bytes.byte()?);
        let code = std::str::from_utf8(bytes.take(length)?).ok()?;
        Some(Currency::new(code)?)
    } else {
        None
    };
    let floor = if has(HAS_NO_FLOOR) {
        Floor::None
    } else {
        let scale = Scale::new(bytes.byte()?)?;
        Floor::At(Balance::from_billionths(bytes.i128()?), scale)
    };
    let account = Account {
        currency,
        currency_is_fixed: has(IS_FIXED),
        balance: Balance::from_billionths(bytes.i128()?),
        floor,
        scale,
        open: has(IS_OPEN),
        first: bytes.u64()?,
        last: bytes.u64()?,
        first_at: Timestamp::from_unix_micros(bytes.i64()?)?,
        last_at: Timestamp::from_unix_micros(bytes.i64()?)?,
    };
    // The last value counts.
    let setting = Setting {
        floor: has(SETS_FLOOR).then_some(account.floor),
        open: has(SETS_OPEN).then_some(account.open),
    };
    bytes.is_empty().then_some((account, setting))
}

/// The offsets of lines, each as its distance from the one before.
#[derive(Clone, Debug, Default)]
pub(super) struct Offsets {
    last: u64,
    pub(super) bytes: Vec<u8>,
}

impl Offsets {
    pub(super) fn push(&mut self, offset: u64) {
        varint::put_u64(&mut self.bytes, offset.saturating_sub(self.last));
        self.last = offset;
    }

    /// The offsets that were put there, and what more can be pushed to.
    pub(super) fn read(bytes: &[u8]) -> Option<(Vec<u64>, Offsets)> {
        let mut rest = Bytes(bytes);
        let mut found = Vec::new();
        let mut last = 0_u64;
        while !rest.is_empty() {
            last = last.checked_add(rest.u64()?)?;
            found.push(last);
        }
        let offsets = Offsets {
            last,
            bytes: bytes.to_vec(),
        };
        Some((found, offsets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(floor: Floor, currency: Option<&str>) -> Account {
        Account {
            currency: currency.and_then(Currency::new),
            currency_is_fixed: currency.is_some(),
            balance: Balance::from_billionths(-7_000_000_001),
            floor,
            scale: Scale::new(9).unwrap(),
            open: true,
            first: 3,
            last: 9_000_000,
            first_at: Timestamp::MIN,
            last_at: Timestamp::MAX,
        }
    }

    #[test]
    fn an_account_is_read_as_it_was_put() {
        let floors = [
            Floor::None,
            Floor::default(),
            Floor::At(Balance::from_billionths(i128::MIN), Scale::new(2).unwrap()),
        ];
        for floor in floors {
            for currency in [None, Some("EUR"), Some("ABCDEFGH")] {
                let account = account(floor, currency);
                for setting in [
                    Setting::default(),
                    Setting {
                        floor: Some(floor),
                        open: Some(true),
                    },
                ] {
                    let mut out = Vec::new();
                    put_account(&mut out, &account, setting);
                    assert_eq!(get_account(&out), Some((account, setting)));
                    for cut in 0..out.len() {
                        assert_eq!(get_account(&out[..cut]), None);
                    }
                }
            }
        }
    }

    #[test]
    fn offsets_are_read_as_they_were_pushed_and_go_on() {
        let mut offsets = Offsets::default();
        for offset in [0, 5, 1_000_000] {
            offsets.push(offset);
        }
        let (found, mut more) = Offsets::read(&offsets.bytes).unwrap();
        assert_eq!(found, [0, 5, 1_000_000]);
        more.push(1_000_001);
        assert_eq!(
            Offsets::read(&more.bytes).unwrap().0,
            [0, 5, 1_000_000, 1_000_001]
        );
    }
}
