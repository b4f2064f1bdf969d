//! Parses the usual lines of a ledger by position, several times as fast as the strict parser.
//!
//! It accepts a line only if the strict parser accepts it with the same result, and returns `None`
//! for every other line, valid or not. Only the strict parser reports errors.

#![expect(
    clippy::inline_always,
    reason = "a line's parts are large: each is built in place instead of being moved"
)]

mod digits;

use super::cursor::LineCursor;
use super::read::{Covered, ParsedLine, ReadNote};
use crate::event::{AccountName, Entry, Event, Hash, Key, Link, Movement, Record};
use crate::money::{Amount, Currency, Scale};
use crate::time::{Day, Timestamp};
use memchr::memchr;

/// The values of the previous line, which are likely to repeat. They make parsing faster and never
/// change its result.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::log) struct ParseCache {
    /// The day on which the last line was recorded.
    day: Option<Day>,
    /// The day of the last explicit effective time.
    effective_day: Option<Day>,
    currency: Option<KnownCurrency>,
}

#[derive(Clone, Copy, Debug)]
struct KnownCurrency {
    /// The code and the quote after it, if that is four bytes.
    text: Option<[u8; 4]>,
    currency: Currency,
    minor: Option<Scale>,
}

/// Parses one line without its line feed, if it is a usual one.
#[inline]
pub(in crate::log) fn read<'a>(line: &'a str, cache: &mut ParseCache) -> Option<ParsedLine<'a>> {
    let (entry, covered, remaining) = read_first(line, cache, |entry| entry)?;
    remaining
        .is_empty()
        .then_some(ParsedLine { entry, covered })
}

/// Parses the line at the start of a text, if it is a usual one, stores its content with `put`, and
/// returns the text after its closing brace. Parsing never continues past a line feed, which a line
/// cannot contain.
#[inline(always)]
pub(in crate::log) fn read_first<'a, R>(
    text: &'a str,
    cache: &mut ParseCache,
    put: impl FnOnce(Entry<'a>) -> R,
) -> Option<(R, Covered<'a>, &'a str)> {
    let mut rest = text.as_bytes();
    let is_version_2 = take(&mut rest, b"{\"v\":1,\"seq\":").is_none();
    if is_version_2 {
        take(&mut rest, b"{\"v\":2,\"seq\":")?;
    }
    let seq = number(&mut rest)?;
    let (at, effective) = cache.times(&mut rest)?;
    let event = event(text, &mut rest, cache)?;
    let mut extras = Extras::default();
    if !rest.starts_with(HASH) {
        extras = self::extras(&mut rest)?;
    }
    // All types that are read here are those of version 1: only a link can need version 2.
    if is_version_2 != matches!(extras.link, Some(link) if !matches!(link, Link::Reverses(_))) {
        return None;
    }
    let hashed = ahead(text, rest)?;
    let (hash, remaining) = rest.split_first_chunk::<75>()?;
    let (before, hash) = hash.split_first_chunk::<9>()?;
    let (hash, after) = hash.split_first_chunk::<64>()?;
    if before != HASH {
        return None;
    }
    let hash = Hash::from_hex(hash)?;
    let (mut note, mut note_object) = (None, None);
    if after == b"\"}" {
        rest = remaining;
    } else {
        rest = rest.get(73..)?;
        (note, note_object) = self::note(text, &mut rest)?;
    }
    let entry = put(Entry {
        record: Record {
            seq,
            at,
            effective,
            event,
            link: extras.link,
            key: extras.key,
            more: extras.more,
            note,
        },
        hash,
    });
    let covered = Covered {
        hashed,
        note_object,
    };
    Some((entry, covered, text.get(start_of(text, rest)?..)?))
}

const HASH: &[u8; 9] = b",\"hash\":\"";

/// Where the rest of a text starts.
#[inline]
fn start_of(text: &str, rest: &[u8]) -> Option<usize> {
    text.len().checked_sub(rest.len())
}

/// The part of a text before its rest.
#[inline]
fn ahead<'a>(text: &'a str, rest: &[u8]) -> Option<&'a [u8]> {
    text.as_bytes().get(..start_of(text, rest)?)
}

#[inline(never)]
fn note<'a>(text: &'a str, rest: &mut &'a [u8]) -> Option<ReadNote<'a>> {
    take(rest, b"\",\"note\":")?;
    let remaining = text.get(start_of(text, rest)?..)?;
    // The strict parser looks for quotes, which must not be those of another line.
    let end = memchr(b'\n', rest).unwrap_or(rest.len());
    let mut cursor = LineCursor::new(remaining.get(..end)?);
    let note = super::read::note(&mut cursor).ok()?;
    *rest = rest.get(cursor.at()..)?;
    take(rest, b"}")?;
    Some(note)
}

/// Optional parts before the hash.
#[derive(Default)]
struct Extras<'a> {
    link: Option<Link>,
    key: Option<Key<'a>>,
    more: bool,
}

#[inline(never)]
fn extras<'a>(rest: &mut &'a [u8]) -> Option<Extras<'a>> {
    let link = match take(rest, b",\"reverses\":") {
        Some(()) => Some(Link::Reverses(number(rest)?)),
        None if rest.starts_with(b",\"key\"") => None,
        None => added_link(rest)?,
    };
    let key = match take(rest, b",\"key\":\"") {
        Some(()) => Some(key(rest)?),
        None => None,
    };
    Some(Extras {
        link,
        key,
        more: take(rest, b",\"more\":true").is_some(),
    })
}

/// A link that version 2 adds.
#[expect(clippy::option_option, reason = "no link is one way to be read")]
fn added_link(rest: &mut &[u8]) -> Option<Option<Link>> {
    Some(if take(rest, b",\"captures\":").is_some() {
        let hold = number(rest)?;
        let keep = take(rest, b",\"keep\":true").is_some();
        Some(Link::Captures { hold, keep })
    } else if take(rest, b",\"corrects\":").is_some() {
        Some(Link::Corrects(number(rest)?))
    } else if take(rest, b",\"refunds\":").is_some() {
        Some(Link::Refunds(number(rest)?))
    } else {
        None
    })
}

/// Takes exactly these bytes off the front.
#[inline]
fn take<const N: usize>(rest: &mut &[u8], literal: &[u8; N]) -> Option<()> {
    let (front, remaining) = rest.split_first_chunk::<N>()?;
    if front != literal {
        return None;
    }
    *rest = remaining;
    Some(())
}

/// Takes a whole number of less than 16 digits.
#[inline]
fn number(rest: &mut &[u8]) -> Option<u64> {
    let (value, count) = digits::leading(rest)?;
    let leading_zero = count > 1 && rest.first() == Some(&b'0');
    if count == 0 || leading_zero {
        return None;
    }
    *rest = rest.get(count..)?;
    Some(value)
}

/// Consumes the text before the next quote, and the quote.
#[inline]
fn until_quote<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = rest.iter().position(|byte| *byte == b'"')?;
    let (taken, remaining) = rest.split_at_checked(length)?;
    *rest = remaining.get(1..)?;
    Some(taken)
}

/// Reads a time; most are on the day of the one before.
#[inline(always)]
fn instant(day: &mut Option<Day>, text: &[u8; 27]) -> Option<Timestamp> {
    let known = day.as_ref();
    match known.and_then(|day| day.moment(text)) {
        Some(instant) => Some(instant),
        None => on_another_day(day, text),
    }
}

#[inline(never)]
fn on_another_day(known: &mut Option<Day>, text: &[u8; 27]) -> Option<Timestamp> {
    let day = Day::of(text)?;
    *known = Some(day);
    day.moment(text)
}

impl ParseCache {
    /// Parses from the number to the type: the recording time, and the effective time if there is
    /// one.
    #[inline(always)]
    fn times(&mut self, rest: &mut &[u8]) -> Option<(Timestamp, Option<Timestamp>)> {
        let (at, mut remaining) = rest.split_first_chunk::<37>()?;
        let (before, at) = at.split_first_chunk::<7>()?;
        let (at, after) = at.split_first_chunk::<27>()?;
        if before != b",\"at\":\"" || after != b"\",\"" {
            return None;
        }
        let at = instant(&mut self.day, at)?;
        let mut effective = None;
        if take(&mut remaining, b"type\":\"").is_none() {
            effective = Some(self.effective(&mut remaining)?);
        }
        *rest = remaining;
        Some((at, effective))
    }

    #[inline(never)]
    fn effective(&mut self, rest: &mut &[u8]) -> Option<Timestamp> {
        take(rest, b"effective\":\"")?;
        let (text, remaining) = rest.split_first_chunk::<27>()?;
        *rest = remaining;
        take(rest, b"\",\"type\":\"")?;
        instant(&mut self.effective_day, text)
    }

    /// Takes a currency with its minor digits.
    #[inline(always)]
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

    #[inline(always)]
    fn money(&mut self, rest: &mut &[u8]) -> Option<(Amount, Option<Currency>)> {
        take(rest, b",\"amount\":\"")?;
        let amount = amount(rest)?;
        if take(rest, b",\"currency\":\"").is_none() {
            return Some((amount, None));
        }
        let (currency, minor) = self.currency(rest)?;
        let has_its_digits = minor.is_none_or(|minor| minor == amount.scale());
        has_its_digits.then_some((amount, Some(currency)))
    }
}

#[inline(always)]
fn account<'a>(text: &'a str, rest: &mut &'a [u8]) -> Option<AccountName<'a>> {
    let start = start_of(text, rest)?;
    let length = until_quote(rest)?.len();
    AccountName::from_text(text.get(start..start.checked_add(length)?)?)
}

/// Parses an amount and the quote after it.
#[inline(always)]
fn amount(rest: &mut &[u8]) -> Option<Amount> {
    let bytes = *rest;
    let Some((whole, count)) = digits::leading(bytes) else {
        return any_amount(rest);
    };
    let (mut fraction, mut fraction_count, mut end) = (0, 0, count);
    if bytes.get(count) == Some(&b'.') {
        let remaining = count.wrapping_add(1);
        (fraction, fraction_count) = digits::leading(bytes.get(remaining..)?)?;
        end = remaining.wrapping_add(fraction_count);
    }
    let leading_zero = count > 1 && bytes.first() == Some(&b'0');
    let stray_point = fraction_count == 0 && end != count;
    if count == 0 || count > 9 || fraction_count > 9 || leading_zero || stray_point {
        return any_amount(rest);
    }
    if bytes.get(end) != Some(&b'"') {
        return None;
    }
    *rest = rest.get(end.wrapping_add(1)..)?;
    Amount::from_digits(whole, fraction, fraction_count)
}

#[inline(never)]
fn any_amount(rest: &mut &[u8]) -> Option<Amount> {
    Amount::from_canonical(until_quote(rest)?)
}

/// Money that moves; everything else is rare.
#[inline(always)]
fn event<'a>(text: &'a str, rest: &mut &'a [u8], cache: &mut ParseCache) -> Option<Event<'a>> {
    // Branch-free: the order of deposits and withdrawals is unpredictable.
    let word = rest.first_chunk::<8>()?;
    let (comes_in, goes_out) = (word == b"deposit\"", word == b"withdraw");
    if comes_in | goes_out {
        *rest = rest.get(7_usize.wrapping_add(usize::from(goes_out))..)?;
        take(rest, b"\",\"account\":\"")?;
        let movement = movement(text, rest, cache)?;
        return Some(if goes_out {
            Event::Withdraw(movement)
        } else {
            Event::Deposit(movement)
        });
    }
    take(rest, b"transfer\",\"from\":\"")?;
    let from = account(text, rest)?;
    take(rest, b",\"to\":\"")?;
    let to = account(text, rest)?;
    let (amount, currency) = cache.money(rest)?;
    Some(Event::Transfer {
        from,
        to,
        amount,
        currency,
    })
}

#[inline(always)]
fn movement<'a>(
    text: &'a str,
    rest: &mut &'a [u8],
    cache: &mut ParseCache,
) -> Option<Movement<'a>> {
    let account = account(text, rest)?;
    let (amount, currency) = cache.money(rest)?;
    Some(Movement {
        account,
        amount,
        currency,
    })
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
