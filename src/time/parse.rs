//! The grammar of `WHEN`, form by form.

use super::error::quoted;
use super::form::{Form, Position, instant};
use super::scan::{Scan, all_digits};
use super::{Step, WhenError, calendar};

const NANOS_A_SECOND: i128 = 1_000_000_000;

/// `None` if the text matches no form; an error if it matches one but its date or number is invalid.
pub(super) fn attempt(text: &str) -> Option<Result<Form, WhenError>> {
    let lower = text.to_ascii_lowercase();
    word(&lower)
        .map(Ok)
        .or_else(|| position(text, &lower))
        .or_else(|| unix(text))
        .or_else(|| relative(text, &lower))
        .or_else(|| calendar::form(text))
}

fn word(lower: &str) -> Option<Form> {
    match lower {
        "now" => Some(Form::Now),
        "today" => Some(Form::Today),
        "yesterday" => Some(Form::Yesterday),
        "tomorrow" => Some(Form::Tomorrow),
        _ => None,
    }
}

fn position(text: &str, lower: &str) -> Option<Result<Form, WhenError>> {
    if let Some(digits) = lower.strip_prefix("hash:") {
        // The prefix is ASCII, so it has the same length in the original text.
        return Some(hash(text, text.get(5..).unwrap_or_default(), digits));
    }
    let (digits, place): (_, fn(u64) -> Position) = match lower.strip_prefix("seq:") {
        Some(digits) => (digits, Position::Seq),
        None => match lower.strip_prefix("head")? {
            "" => ("0", Position::BeforeHead),
            "~" => ("1", Position::BeforeHead),
            rest => (rest.strip_prefix('~')?, Position::BeforeHead),
        },
    };
    let digits = all_digits(digits)?;
    Some(match digits.parse() {
        Ok(number) => Ok(Form::Position(place(number))),
        Err(_) => Err(WhenError::NumberTooLarge { text: quoted(text) }),
    })
}

fn hash(text: &str, typed: &str, lower: &str) -> Result<Form, WhenError> {
    if !lower.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(WhenError::HashDigits {
            text: quoted(text),
            accepted: None,
        });
    }
    if !(8..=64).contains(&lower.len()) {
        return Err(WhenError::HashLength {
            text: quoted(text),
            digits: lower.len(),
        });
    }
    if typed != lower {
        let accepted = Some(format!("hash:{lower}"));
        return Err(WhenError::HashDigits {
            text: quoted(text),
            accepted,
        });
    }
    Ok(Form::Position(Position::Hash(lower.to_owned())))
}

/// `@` and Unix seconds, with an optional sign and fraction.
fn unix(text: &str) -> Option<Result<Form, WhenError>> {
    let number = text.strip_prefix('@')?;
    let (is_negative, number) = match number.strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, number),
    };
    let mut rest = Scan::new(number);
    let whole = all_digits(number.split('.').next()?)?;
    rest.skip(whole.len());
    let nanos = if rest.is_at_end() {
        0
    } else {
        rest.fraction()?
    };
    if !rest.is_at_end() {
        return None;
    }
    let Ok(seconds) = whole.parse::<u64>() else {
        return Some(Err(WhenError::NumberTooLarge { text: quoted(text) }));
    };
    let nanos = i128::from(seconds)
        .wrapping_mul(NANOS_A_SECOND)
        .wrapping_add(i128::from(nanos));
    let nanos = if is_negative {
        nanos.wrapping_neg()
    } else {
        nanos
    };
    Some(instant(text, nanos))
}

/// `2 days ago`, `90m ago`, `an hour ago`; `in 7 days`, `in 90m`, `in an hour`.
fn relative(text: &str, lower: &str) -> Option<Result<Form, WhenError>> {
    let words: Vec<&str> = lower.split_ascii_whitespace().collect();
    let (words, sign) = match words.as_slice() {
        [words @ .., "ago"] => (words, 1),
        ["in", words @ ..] => (words, -1),
        _ => return None,
    };
    let (count, unit) = match words {
        ["a" | "an", unit] => ("1", *unit),
        [count, unit] => (*count, *unit),
        [both] => both.split_at_checked(both.bytes().take_while(u8::is_ascii_digit).count())?,
        _ => return None,
    };
    let count = all_digits(count)?;
    if unit.is_empty() {
        return None;
    }
    Some(back(text, count, unit, sign))
}

/// The form for this many units ago, or, with a negative sign, from now on.
fn back(text: &str, count: &str, unit: &str, sign: i64) -> Result<Form, WhenError> {
    enum Unit {
        Seconds(i64),
        Calendar(Step),
    }
    let unit = match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Seconds(1),
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Seconds(60),
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Seconds(3600),
        "d" | "day" | "days" => Unit::Calendar(Step::Day),
        "w" | "week" | "weeks" => Unit::Calendar(Step::Week),
        "mo" | "month" | "months" => Unit::Calendar(Step::Month),
        "q" | "quarter" | "quarters" => Unit::Calendar(Step::Quarter),
        "y" | "yr" | "yrs" | "year" | "years" => Unit::Calendar(Step::Year),
        _ => {
            return Err(WhenError::Unit {
                text: quoted(text),
                unit: quoted(unit),
            });
        }
    };
    let too_large = || WhenError::NumberTooLarge { text: quoted(text) };
    let count: i64 = count.parse().map_err(|_| too_large())?;
    let count = count.checked_mul(sign).ok_or_else(too_large)?;
    match unit {
        Unit::Calendar(step) => Ok(Form::StepsAgo(step, count)),
        Unit::Seconds(seconds) => count
            .checked_mul(seconds)
            .and_then(|seconds| seconds.checked_mul(1_000_000))
            .map(Form::MicrosAgo)
            .ok_or_else(too_large),
    }
}
