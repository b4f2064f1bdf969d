//! Reads the lines that a ledger is mostly made of by their positions, several times as fast as the
//! strict reader.
//!
//! Owns a shortcut and no rule: it takes a line only where the strict reader would take it and
//! answer the same, and answers `None` for everything else, sound or not. Only the strict reader
//! says what is wrong.

use super::cursor::Cursor;
use super::read::Line;
use crate::event::{AccountName, Entry, Event, Hash, Key, Movement};
use crate::money::{Amount, Currency, Scale};
use crate::time::Instant;

/// What the line before was found to say, so that it is not looked up again for the next. It makes a
/// line quicker to read and never decides about it.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::log) struct Habits {
    /// A moment on the day of the last times.
    day: Option<Instant>,
    currency: Option<KnownCurrency>,
}

#[derive(Clone, Copy, Debug)]
struct KnownCurrency {
    /// Its code and the quote behind it, where that is four bytes.
    text: Option<[u8; 4]>,
    currency: Currency,
    minor: Option<Scale>,
}

/// Reads one line without its line feed, where it is one of the usual ones.
#[inline]
pub(in crate::log) fn read<'a>(line: &'a [u8], habits: &mut Habits) -> Option<Line<'a>> {
    let mut rest = line.strip_prefix(b"{\"v\":1,\"seq\":")?;
    let seq = number(&mut rest)?;
    take(&mut rest, b",\"at\":\"")?;
    let at = habits.instant(&mut rest)?;
    take(&mut rest, b"\",\"")?;
    let effective = match take(&mut rest, b"effective\":\"") {
        Some(()) => {
            let effective = habits.instant(&mut rest)?;
            take(&mut rest, b"\",\"")?;
            Some(effective)
        }
        None => None,
    };
    take(&mut rest, b"type\":\"")?;
    let event = event(&mut rest, habits)?;
    let mut hashed = line.get(..line.len().checked_sub(rest.len())?)?;
    let mut extras = Extras::default();
    if take(&mut rest, HASH).is_none() {
        extras = self::extras(&mut rest)?;
        hashed = line.get(..line.len().checked_sub(rest.len())?)?;
        take(&mut rest, HASH)?;
    }
    let (hash, behind) = rest.split_at_checked(64)?;
    let hash = Hash::from_hex(hash)?;
    rest = behind;
    let (mut note, mut note_object) = (None, None);
    if rest != b"\"}" {
        take(&mut rest, b"\",\"note\":")?;
        let mut cursor = Cursor::new(std::str::from_utf8(rest).ok()?);
        (note, note_object) = super::read::note(&mut cursor).ok()?;
        if rest.get(cursor.at()..)? != b"}" {
            return None;
        }
    }
    Some(Line {
        entry: Entry {
            seq,
            at,
            effective,
            event,
            reverses: extras.reverses,
            key: extras.key,
            more: extras.more,
            hash,
            note,
        },
        hashed,
        note_object,
    })
}

const HASH: &[u8; 9] = b",\"hash\":\"";

/// What stands ahead of the hash in some lines.
#[derive(Default)]
struct Extras<'a> {
    reverses: Option<u64>,
    key: Option<Key<'a>>,
    more: bool,
}

#[inline(never)]
fn extras<'a>(rest: &mut &'a [u8]) -> Option<Extras<'a>> {
    let reverses = match take(rest, b",\"reverses\":") {
        Some(()) => Some(number(rest)?),
        None => None,
    };
    let key = match take(rest, b",\"key\":\"") {
        Some(()) => Some(key(rest)?),
        None => None,
    };
    Some(Extras {
        reverses,
        key,
        more: take(rest, b",\"more\":true").is_some(),
    })
}

/// Takes exactly these bytes off the front.
#[inline]
fn take<const N: usize>(rest: &mut &[u8], literal: &[u8; N]) -> Option<()> {
    let (front, behind) = rest.split_first_chunk::<N>()?;
    if front != literal {
        return None;
    }
    *rest = behind;
    Some(())
}

/// Takes a whole number of at most 18 digits.
#[inline]
fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    let mut length = 0_usize;
    for byte in rest.iter().take(19) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        length = length.wrapping_add(1);
    }
    let leading_zero = length > 1 && rest.first() == Some(&b'0');
    if length == 0 || length > 18 || leading_zero {
        return None;
    }
    *rest = rest.get(length..)?;
    Some(value)
}

/// Takes what stands before the next quote, and the quote.
#[inline]
fn until_quote<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = rest.iter().position(|byte| *byte == b'"')?;
    let (taken, behind) = rest.split_at_checked(length)?;
    *rest = behind.get(1..)?;
    Some(taken)
}

impl Habits {
    /// Takes 27 bytes of a time; most are on the day of the one before.
    #[expect(
        clippy::inline_always,
        reason = "handed back through memory, 27 bytes cost more than the look at them"
    )]
    #[inline(always)]
    fn instant(&mut self, rest: &mut &[u8]) -> Option<Instant> {
        let (text, behind) = rest.split_first_chunk::<27>()?;
        let known = self.day.as_ref();
        let known = known.and_then(|day| day.same_day_from_canonical(text));
        let instant = if let Some(instant) = known {
            instant
        } else {
            let instant = Instant::from_canonical(text)?;
            self.day = Some(instant);
            instant
        };
        *rest = behind;
        Some(instant)
    }

    /// Takes a currency with its minor digits.
    #[inline]
    fn currency(&mut self, rest: &mut &[u8]) -> Option<(Currency, Option<Scale>)> {
        if let Some(known) = &self.currency
            && let Some(text) = &known.text
            && take(rest, text).is_some()
        {
            return Some((known.currency, known.minor));
        }
        self.other_currency(rest)
    }

    #[inline(never)]
    fn other_currency(&mut self, rest: &mut &[u8]) -> Option<(Currency, Option<Scale>)> {
        let text = rest.first_chunk().copied();
        let code = until_quote(rest)?;
        let currency = Currency::new(std::str::from_utf8(code).ok()?)?;
        let minor = currency.minor_digits();
        self.currency = Some(KnownCurrency {
            text: text.filter(|_| code.len() == 3),
            currency,
            minor,
        });
        Some((currency, minor))
    }

    #[inline]
    fn money(&mut self, rest: &mut &[u8]) -> Option<(Amount, Option<Currency>)> {
        take(rest, b",\"amount\":\"")?;
        let amount = Amount::from_canonical(until_quote(rest)?)?;
        if take(rest, b",\"currency\":\"").is_none() {
            return Some((amount, None));
        }
        let (currency, minor) = self.currency(rest)?;
        let has_its_digits = minor.is_none_or(|minor| minor == amount.scale());
        has_its_digits.then_some((amount, Some(currency)))
    }
}

/// Money that moves; everything else is rare.
#[inline]
fn event<'a>(rest: &mut &'a [u8], habits: &mut Habits) -> Option<Event<'a>> {
    if take(rest, b"deposit\",\"account\":\"").is_some() {
        return movement(rest, habits).map(Event::Deposit);
    }
    if take(rest, b"withdraw\",\"account\":\"").is_some() {
        return movement(rest, habits).map(Event::Withdraw);
    }
    take(rest, b"transfer\",\"from\":\"")?;
    let from = account(rest)?;
    take(rest, b",\"to\":\"")?;
    let to = account(rest)?;
    let (amount, currency) = habits.money(rest)?;
    Some(Event::Transfer {
        from,
        to,
        amount,
        currency,
    })
}

#[inline]
fn movement<'a>(rest: &mut &'a [u8], habits: &mut Habits) -> Option<Movement<'a>> {
    let account = account(rest)?;
    let (amount, currency) = habits.money(rest)?;
    Some(Movement {
        account,
        amount,
        currency,
    })
}

#[inline]
fn account<'a>(rest: &mut &'a [u8]) -> Option<AccountName<'a>> {
    if let Some((name, length)) = AccountName::ahead_of_quote(rest) {
        *rest = rest.get(length.checked_add(1)?..)?;
        return Some(name);
    }
    AccountName::from_bytes(until_quote(rest)?)
}

/// A key without escapes.
fn key<'a>(rest: &mut &'a [u8]) -> Option<Key<'a>> {
    let text = until_quote(rest)?;
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'\\';
    if !text.iter().all(is_plain) {
        return None;
    }
    Key::new(std::str::from_utf8(text).ok()?).ok()
}

#[cfg(test)]
mod tests;
