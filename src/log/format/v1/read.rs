//! The own keys of the types of version 1, and the values that later versions have too.

use std::borrow::Cow;

use crate::event::{AccountName, Event, Kind, LedgerId, Movement, Opening};
use crate::log::format::cursor::{LineCursor, Parsed};
use crate::money::{Amount, Currency, Floor};
use crate::time::Timestamp;

/// Reads the own keys of a type of version 1.
pub(in crate::log::format) fn event<'a>(
    line: &mut LineCursor<'a>,
    kind: Kind,
) -> Parsed<Event<'a>> {
    Ok(match kind {
        Kind::Ledger => Event::Ledger(opening(line)?),
        Kind::Open => Event::Open {
            account: account(line, ",\"account\":\"")?,
            currency: currency(line)?,
            floor: if line.optional(",\"floor\":\"")? {
                Some(floor(line)?)
            } else {
                None
            },
        },
        Kind::Limit => {
            let account = account(line, ",\"account\":\"")?;
            line.literal(",\"floor\":\"", "the key \"floor\" comes next")?;
            Event::Limit {
                account,
                floor: floor(line)?,
            }
        }
        Kind::Deposit => Event::Deposit(movement(line)?),
        Kind::Withdraw => Event::Withdraw(movement(line)?),
        Kind::Transfer => {
            let from = account(line, ",\"from\":\"")?;
            let to = account(line, ",\"to\":\"")?;
            let (amount, currency) = money(line)?;
            Event::Transfer {
                from,
                to,
                amount,
                currency,
            }
        }
        // Version 2 has taken all other kinds.
        _ => Event::Close {
            account: account(line, ",\"account\":\"")?,
        },
    })
}

pub(in crate::log::format) fn instant(line: &mut LineCursor<'_>) -> Parsed<Timestamp> {
    const REASON: &str = "a time is UTC with microseconds, like 2026-11-23T10:15:02.123456Z";
    let start = line.at();
    let is_part = |byte: u8| byte.is_ascii_digit() || b"-:.TZ".contains(&byte);
    let text = line.fixed(27, is_part, REASON)?;
    Timestamp::from_canonical(text.as_bytes())
        .map_or_else(|| LineCursor::wrong_at(start, REASON), Ok)
}

fn opening<'a>(line: &mut LineCursor<'a>) -> Parsed<Opening<'a>> {
    const ID: &str = "an id is 32 lower-case hex digits";
    const ZONE: &str = "a zone is an IANA name";
    line.literal(",\"id\":\"", "the key \"id\" comes next")?;
    let start = line.at();
    let id = line.fixed(32, |byte| byte.is_ascii_hexdigit(), ID)?;
    let Some(id) = LedgerId::from_hex(id.as_bytes()) else {
        return LineCursor::wrong_at(start, ID);
    };
    let currency = currency(line)?;
    line.literal(",\"zone\":\"", "the key \"zone\" comes next")?;
    let start = line.at();
    let is_zone = |zone: &str| {
        zone.len() <= 64
            && zone
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte))
    };
    let zone = line.until_quote(is_zone, ZONE)?;
    if zone.is_empty() || !is_zone(zone) {
        return LineCursor::wrong_at(start, ZONE);
    }
    let strict = line.optional(",\"strict\":true")?;
    Ok(Opening {
        id,
        currency,
        zone: Cow::Borrowed(zone),
        strict,
    })
}

pub(in crate::log::format) fn account<'a>(
    line: &mut LineCursor<'a>,
    key: &'static str,
) -> Parsed<AccountName<'a>> {
    const REASON: &str = "an account name has the form of one";
    let expected = match key {
        ",\"from\":\"" => "the key \"from\" comes next",
        ",\"to\":\"" => "the key \"to\" comes next",
        _ => "the key \"account\" comes next",
    };
    line.literal(key, expected)?;
    let start = line.at();
    // Every prefix of a name becomes a name with one more letter, unless it has the maximum length
    // already.
    let may_go_on =
        |part: &str| AccountName::new(format!("{part}a")).is_ok() || AccountName::new(part).is_ok();
    let name = line.until_quote(may_go_on, REASON)?;
    AccountName::new(name).or_else(|_| LineCursor::wrong_at(start, REASON))
}

pub(in crate::log::format) fn currency(line: &mut LineCursor<'_>) -> Parsed<Option<Currency>> {
    if !line.optional(",\"currency\":\"")? {
        return Ok(None);
    }
    currency_code(line).map(Some)
}

/// Reads a currency's code and the quote after it.
pub(in crate::log::format) fn currency_code(line: &mut LineCursor<'_>) -> Parsed<Currency> {
    const REASON: &str = "a currency is 3 to 8 of A-Z and 0-9, starting with a letter";
    let start = line.at();
    let may_go_on = |part: &str| {
        part.len() <= 8
            && !part.starts_with(|c: char| c.is_ascii_digit())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let code = line.until_quote(may_go_on, REASON)?;
    match Currency::new(code) {
        Some(currency) => Ok(currency),
        None => LineCursor::wrong_at(start, REASON),
    }
}

fn floor(line: &mut LineCursor<'_>) -> Parsed<Floor> {
    const REASON: &str = "a floor is \"none\" or a plain decimal";
    let start = line.at();
    let may_go_on =
        |part: &str| "none".starts_with(part) || begins_a_figure(part.trim_start_matches('-'));
    let text = line.until_quote(may_go_on, REASON)?;
    Floor::from_canonical(text.as_bytes()).map_or_else(|| LineCursor::wrong_at(start, REASON), Ok)
}

fn begins_a_figure(part: &str) -> bool {
    part.len() <= 28
        && part
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn movement<'a>(line: &mut LineCursor<'a>) -> Parsed<Movement<'a>> {
    let account = account(line, ",\"account\":\"")?;
    let (amount, currency) = money(line)?;
    Ok(Movement {
        account,
        amount,
        currency,
    })
}

pub(in crate::log::format) fn money(
    line: &mut LineCursor<'_>,
) -> Parsed<(Amount, Option<Currency>)> {
    line.literal(",\"amount\":\"", "the key \"amount\" comes next, a text")?;
    let start = line.at();
    let amount = amount(line)?;
    let currency = currency(line)?;
    match currency.and_then(Currency::minor_digits) {
        Some(digits) if digits != amount.scale() => {
            LineCursor::wrong_at(start, "an amount has exactly its currency's minor digits")
        }
        _ => Ok((amount, currency)),
    }
}

/// Reads an amount and the quote after it.
pub(in crate::log::format) fn amount(line: &mut LineCursor<'_>) -> Parsed<Amount> {
    const REASON: &str = "an amount is a plain decimal text greater than zero, at most 18 digits, a point and 9 more";
    let start = line.at();
    let text = line.until_quote(begins_a_figure, REASON)?;
    Amount::from_canonical(text.as_bytes()).map_or_else(|| LineCursor::wrong_at(start, REASON), Ok)
}
