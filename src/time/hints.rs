//! Suggestions for text that matches no form of the grammar.
//!
//! Each suggestion has been parsed, so it is always accepted.

use super::WhenError;
use super::error::quoted;
use super::parse;
use super::scan::all_digits;

/// The longest text, in bytes, for which a suggestion is made.
const LONGEST_GUESS: usize = 100;

pub(super) fn refusal(text: &str) -> WhenError {
    if text.len() > LONGEST_GUESS {
        return WhenError::NotUnderstood { text: quoted(text) };
    }
    number(text)
        .or_else(|| foreign_date(text))
        .or_else(|| dated(text))
        .or_else(|| phrase(text))
        .unwrap_or_else(|| WhenError::NotUnderstood { text: quoted(text) })
}

/// An error with a suggested spelling, if the grammar accepts that spelling.
fn misspelt(text: &str, reason: &'static str, accepted: String) -> Option<WhenError> {
    is_understood(&accepted).then(|| WhenError::Misspelt {
        text: quoted(text),
        reason,
        accepted,
    })
}

fn is_understood(text: &str) -> bool {
    matches!(parse::attempt(text), Some(Ok(_)))
}

/// Digits only: a date without dashes, Unix time without `@`, or an event number.
fn number(text: &str) -> Option<WhenError> {
    let bare = text.strip_prefix('#').unwrap_or(text);
    if let Some((seq, hash)) = bare.split_once(':')
        && are_digits(seq)
        && hash.len() >= 8
    {
        return misspelt(
            text,
            "a head is not a time, but its hash is a position",
            format!("hash:{}", hash.get(..16).unwrap_or(hash)),
        );
    }
    if !are_digits(bare) {
        return None;
    }
    match bare.len() {
        8 if bare == text => {
            let date = format!("{}-{}-{}", bare.get(..4)?, bare.get(4..6)?, bare.get(6..)?);
            misspelt(text, "a date is written with dashes", date)
        }
        9..=11 if bare == text => {
            misspelt(text, "Unix seconds are written with @", format!("@{bare}"))
        }
        12..=14 if bare == text => {
            let (seconds, millis) = bare.split_at_checked(bare.len().checked_sub(3)?)?;
            misspelt(
                text,
                "Unix time is written with @, in seconds",
                format!("@{seconds}.{millis}"),
            )
        }
        _ => misspelt(
            text,
            "an event's number is written with seq:",
            format!("seq:{bare}"),
        ),
    }
}

/// Unix time in milliseconds, which is out of range as seconds.
pub(super) fn milliseconds(text: &str) -> Option<WhenError> {
    let number = text.strip_prefix('@')?;
    let (seconds, millis) = number.split_at_checked(number.len().checked_sub(3)?)?;
    let is_likely = are_digits(number) && (12..=14).contains(&number.len());
    misspelt(
        text,
        "Unix time is in seconds",
        format!("@{seconds}.{millis}"),
    )
    .filter(|_| is_likely)
}

/// Numbers separated by `/`, `.` or `-` in any order, optionally followed by a time of day.
fn foreign_date(text: &str) -> Option<WhenError> {
    let (date, time) = match text.find([' ', 'T', 't']) {
        Some(end) => text.split_at_checked(end)?,
        None => (text, ""),
    };
    let parts: Vec<&str> = date.split(['/', '.', '-']).collect();
    if !parts.iter().all(|part| are_digits(part)) {
        return None;
    }
    let time = padded_time(time);
    let iso = |year: &str, month: &str, day: &str| format!("{year}-{month:0>2}-{day:0>2}{time}");
    let mut readings = match parts.as_slice() {
        [year, month] if year.len() == 4 && time.is_empty() => vec![format!("{year}-{month:0>2}")],
        [month, year] if year.len() == 4 && time.is_empty() => vec![format!("{year}-{month:0>2}")],
        [year, month, day] if year.len() == 4 => vec![iso(year, month, day)],
        [one, other, year] if year.len() == 4 => vec![iso(year, other, one), iso(year, one, other)],
        _ => return None,
    };
    readings.dedup();
    if let [only] = readings.as_slice()
        && let Some(Err(error)) = parse::attempt(only)
    {
        return Some(error);
    }
    readings.retain(|reading| is_understood(reading));
    match readings.as_slice() {
        [] => None,
        [only] => misspelt(text, "a date is written year-month-day", only.clone()),
        _ => Some(WhenError::Ambiguous {
            text: quoted(text),
            readings,
        }),
    }
}

/// A time of day with two digits per part and one space or `T` before it.
fn padded_time(time: &str) -> String {
    let Some(separator) = time.chars().next() else {
        return String::new();
    };
    let clock = time.get(1..).unwrap_or_default().trim_start();
    let hour_digits = clock.bytes().take_while(u8::is_ascii_digit).count();
    let (hour, rest) = clock.split_at_checked(hour_digits).unwrap_or_default();
    let rest = if rest.is_empty() { ":00" } else { rest };
    format!("{separator}{hour:0>2}{rest}")
}

/// Other ways to write the forms: `2026Q4`, `Q4 2026`, `10:15`.
fn dated(text: &str) -> Option<WhenError> {
    let upper = text.to_ascii_uppercase();
    let letters = |byte: &u8| matches!(byte, b'Q' | b'W');
    let mark = upper.bytes().position(|byte| letters(&byte));
    if let Some(mark) = mark {
        let separators = [' ', '-', '/'];
        let (before, after) = upper.split_at_checked(mark)?;
        let year = before.trim_end_matches(separators);
        let turned = after
            .rsplit_once(separators)
            .map(|(step, year)| format!("{year}-{step}"));
        return misspelt(
            text,
            "the year comes first, then a dash",
            format!("{year}-{after}"),
        )
        .or_else(|| misspelt(text, "the year comes first, then a dash", turned?));
    }
    let dated = format!("2026-11-23 {text:0>5}");
    misspelt(text, "a time of day needs its date", dated)
}

/// Forms with a missing part or other words: `2d`, `2 days`, `last week`, `head^`.
fn phrase(text: &str) -> Option<WhenError> {
    let lower = text.to_ascii_lowercase();
    if let Some(rest) = lower.strip_prefix("head") {
        let steps = if rest == "^" {
            "1"
        } else {
            rest.strip_prefix(['-', '^', '~', ' ']).unwrap_or(rest)
        };
        return misspelt(
            text,
            "events before the head are counted with ~",
            format!("head~{steps}"),
        );
    }
    if let Some(rest) = lower.strip_prefix("seq") {
        let number = rest.trim_start_matches([' ', ':', '=', '#']);
        return misspelt(
            text,
            "an event's number is written with seq:",
            format!("seq:{number}"),
        );
    }
    let last = ["last ", "past "]
        .iter()
        .find_map(|word| lower.strip_prefix(word));
    let count = match last {
        Some(unit) if !unit.starts_with(|c: char| c.is_ascii_digit()) => format!("1 {unit}"),
        Some(counted) => counted.to_owned(),
        None => lower.strip_prefix('-').unwrap_or(&lower).to_owned(),
    };
    misspelt(
        text,
        "steps back are a number, a unit and \"ago\"",
        format!("{} ago", count.trim_end_matches(" ago")),
    )
}

fn are_digits(text: &str) -> bool {
    all_digits(text).is_some()
}
