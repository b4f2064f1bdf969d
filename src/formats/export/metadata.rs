//! An event's data other than its amounts, as names and values for formats with tags or metadata.
//!
//! A user's tag is never confused with one of our own names. A tag whose key is not allowed as a name
//! is written as `tag-1: KEY=VALUE`. A value that is too long for a line continues in `tag-1-2` and so
//! on, a memo in `memo-1`, `memo-2`.

use std::borrow::Cow;

use crate::event::{Entry, Note};
use crate::formats::escape::escaped;

use super::row::{LINKS, floor, links};
use crate::money::Scale;

/// What a format allows in a name and a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldLimits {
    /// Whether a key is allowed as a name.
    pub(super) is_valid_name: fn(&str) -> bool,
    /// Characters that are not allowed in a value.
    pub(super) forbidden: &'static [char],
    /// The maximum length of a value in bytes, if there is one.
    pub(super) max_bytes: Option<usize>,
}

/// Names of an event's own fields, in lower case.
pub(in crate::formats) const EVENT_FIELDS: [&str; 14] = [
    "seq",
    "at",
    "effective-at",
    "type",
    "key",
    "reverses",
    "captures",
    "corrects",
    "refunds",
    "redacted",
    "memo",
    "account",
    "currency",
    "floor",
];

/// Names with a meaning in one of the other programs.
const OTHER_PROGRAMS: [&str; 9] = [
    "date",
    "date2",
    "payee",
    "uuid",
    "value",
    "filename",
    "lineno",
    "ledger-account",
    "ledger-currency",
];

/// Characters per piece of a value that is too long for one line. Escaped, a character takes at most
/// ten bytes.
const SPLIT_CHARS: usize = 380;

/// Names with values; the values are escaped to fit in a line.
pub(super) type Fields = Vec<(Cow<'static, str>, String)>;

fn is_taken(key: &str) -> bool {
    let key = key.to_lowercase();
    let mut taken = EVENT_FIELDS.iter().chain(&OTHER_PROGRAMS);
    taken.any(|name| *name == key) || key.starts_with("tag-") || key.starts_with("memo-")
}

/// The event's own fields, then its tags. For an event that is not a transaction, also its account,
/// currency and floor.
pub(super) fn of(entry: &Entry<'_>, limits: &FieldLimits) -> Fields {
    let value = |text: &str| escaped(text, limits.forbidden, &[]).into_owned();
    let mut fields: Fields = vec![
        ("seq".into(), entry.seq.to_string()),
        ("at".into(), entry.at.to_string()),
    ];
    let mut add = |name: &'static str, text: String| fields.push((name.into(), text));
    add("effective-at", entry.took_effect().to_string());
    add("type", entry.event.kind().as_str().to_owned());
    if !entry.event.kind().moves_money() {
        if let Some(account) = entry.event.accounts().next() {
            add("account", account.to_string());
        }
        if let Some(currency) = entry.event.currency() {
            add("currency", currency.to_string());
        }
        if let Some(floor) = floor(&entry.event) {
            add("floor", floor.to_text(Scale::WHOLE));
        }
    }
    if let Some(key) = &entry.key {
        add("key", value(key.as_str()));
    }
    for (name, seq) in LINKS.into_iter().zip(links(entry)) {
        if let Some(seq) = seq {
            add(name, seq.to_string());
        }
    }
    if matches!(entry.note, Some(Note::Redacted(_))) {
        add("redacted", "true".to_owned());
    }
    memo(entry, limits, &mut fields);
    tags(entry, limits, &mut fields);
    fields
}

/// Adds the memo of an event that is not a transaction, or a memo that is too long for a line. Other
/// memos are in the transaction's description.
fn memo(entry: &Entry<'_>, limits: &FieldLimits, fields: &mut Fields) {
    let Some(memo) = entry.memo() else {
        return;
    };
    let text = escaped(memo, limits.forbidden, &[]);
    if !fits(&text, limits) {
        push_split(memo, limits, "memo", 1, fields);
    } else if !entry.event.kind().moves_money() {
        fields.push(("memo".into(), text.into_owned()));
    }
}

fn tags(entry: &Entry<'_>, limits: &FieldLimits, fields: &mut Fields) {
    let mut number = 0_u32;
    for (key, value) in entry.tags().iter() {
        if (limits.is_valid_name)(key) && !is_taken(key) {
            let text = escaped(value, limits.forbidden, &[]);
            if fits(&text, limits) {
                fields.push((key.to_owned().into(), text.into_owned()));
                continue;
            }
        }
        number = number.saturating_add(1);
        let name = format!("tag-{number}");
        let both = format!("{}={value}", escaped(key, &['='], &[]));
        let text = escaped(&both, limits.forbidden, &[]);
        if fits(&text, limits) {
            fields.push((name.into(), text.into_owned()));
        } else {
            push_split(&both, limits, &name, 0, fields);
        }
    }
}

fn fits(text: &str, limits: &FieldLimits) -> bool {
    limits
        .max_bytes
        .is_none_or(|max_bytes| text.len() <= max_bytes)
}

/// Splits a long text into pieces: `memo-1`, `memo-2`; or `tag-1`, `tag-1-2`.
fn push_split(text: &str, limits: &FieldLimits, name: &str, first: u32, fields: &mut Fields) {
    let mut number = first;
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = split(rest);
        let name = match number {
            0 => name.to_owned(),
            number => format!("{name}-{number}"),
        };
        let piece = escaped(piece, limits.forbidden, &[]).into_owned();
        fields.push((name.into(), piece));
        number = number.max(1).saturating_add(1);
        rest = after;
    }
}

/// The memo as a transaction's description. A memo that is too long is cut here and complete in the
/// metadata.
pub(super) fn description(
    entry: &Entry<'_>,
    limits: &FieldLimits,
    forbidden: &[char],
    first: &[char],
) -> String {
    let memo = entry.memo().unwrap_or_default();
    let text = escaped(memo, forbidden, first);
    if fits(&text, limits) && fits(&escaped(memo, limits.forbidden, &[]), limits) {
        return text.into_owned();
    }
    let (start, _) = split(memo);
    format!("{}…", escaped(start.trim_end(), forbidden, first))
}

/// A piece of a text that fits in a line, and the rest.
fn split(text: &str) -> (&str, &str) {
    let end = text.char_indices().nth(SPLIT_CHARS);
    text.split_at(end.map_or(text.len(), |(at, _)| at))
}
