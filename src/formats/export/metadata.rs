//! What an event says besides its money, as names with values: for formats that have tags or
//! metadata.
//!
//! Owns the names, and that no tag of a user passes for one of ours. A tag whose key cannot be a name
//! there is written as `tag-1`, its key and value parted by the first `=`; values that are too long
//! for a line go on in `tag-1-2` and so on, a memo in `memo-1`, `memo-2`.

use std::borrow::Cow;

use crate::event::{Entry, Note};
use crate::formats::escape::escaped;

use super::row::floor;
use crate::money::Scale;

/// What a format can hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Whether a key can be a name.
    pub(super) is_name: fn(&str) -> bool,
    /// Characters that no value holds.
    pub(super) forbidden: &'static [char],
    /// The bytes a value may have, where a line ends somewhere.
    pub(super) longest: Option<usize>,
}

/// Names that mean something to us or to one of the programs, in lower case.
const TAKEN: [&str; 20] = [
    "seq",
    "at",
    "effective-at",
    "type",
    "key",
    "reverses",
    "redacted",
    "memo",
    "account",
    "currency",
    "floor",
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

/// Characters of a piece of a value that is too long for one line: written out, none takes more than
/// ten bytes.
const PIECE: usize = 380;

/// Names with values, the values written so that they stand in a line.
pub(super) type Items = Vec<(Cow<'static, str>, String)>;

fn is_taken(key: &str) -> bool {
    let key = key.to_lowercase();
    TAKEN.contains(&key.as_str()) || key.starts_with("tag-") || key.starts_with("memo-")
}

/// What an event says of itself, then its tags. Of an event that is no transaction, also
/// what it says of an account.
pub(super) fn of(entry: &Entry<'_>, room: &Room) -> Items {
    let value = |text: &str| escaped(text, room.forbidden, &[]).into_owned();
    let mut items: Items = vec![
        ("seq".into(), entry.seq.to_string()),
        ("at".into(), entry.at.to_string()),
    ];
    let mut add = |name: &'static str, text: String| items.push((name.into(), text));
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
    if let Some(seq) = entry.reverses() {
        add("reverses", seq.to_string());
    }
    if matches!(entry.note, Some(Note::Redacted(_))) {
        add("redacted", "true".to_owned());
    }
    memo(entry, room, &mut items);
    tags(entry, room, &mut items);
    items
}

/// The memo, where it does not stand elsewhere: of events that are no transactions, and where it is
/// too long for a line.
fn memo(entry: &Entry<'_>, room: &Room, items: &mut Items) {
    let Some(memo) = entry.memo() else {
        return;
    };
    let text = escaped(memo, room.forbidden, &[]);
    if !fits(&text, room) {
        pieces(memo, room, "memo", 1, items);
    } else if !entry.event.kind().moves_money() {
        items.push(("memo".into(), text.into_owned()));
    }
}

fn tags(entry: &Entry<'_>, room: &Room, items: &mut Items) {
    let mut number = 0_u32;
    for (key, value) in entry.tags().iter() {
        if (room.is_name)(key) && !is_taken(key) {
            let text = escaped(value, room.forbidden, &[]);
            if fits(&text, room) {
                items.push((key.to_owned().into(), text.into_owned()));
                continue;
            }
        }
        number = number.saturating_add(1);
        let name = format!("tag-{number}");
        let both = format!("{}={value}", escaped(key, &['='], &[]));
        let text = escaped(&both, room.forbidden, &[]);
        if fits(&text, room) {
            items.push((name.into(), text.into_owned()));
        } else {
            pieces(&both, room, &name, 0, items);
        }
    }
}

fn fits(text: &str, room: &Room) -> bool {
    room.longest.is_none_or(|longest| text.len() <= longest)
}

/// A long text in pieces, each written out for itself: `memo-1`, `memo-2`; or `tag-1`, `tag-1-2`.
fn pieces(text: &str, room: &Room, name: &str, first: u32, items: &mut Items) {
    let mut number = first;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .char_indices()
            .nth(PIECE)
            .map_or(rest.len(), |(at, _)| at);
        let (piece, behind) = rest.split_at(end);
        let name = match number {
            0 => name.to_owned(),
            number => format!("{name}-{number}"),
        };
        items.push((
            name.into(),
            escaped(piece, room.forbidden, &[]).into_owned(),
        ));
        number = number.max(1).saturating_add(1);
        rest = behind;
    }
}

/// The memo as a transaction's one line of text: cut where it is too long, and then whole in the
/// metadata.
pub(super) fn description(
    entry: &Entry<'_>,
    room: &Room,
    forbidden: &[char],
    first: &[char],
) -> String {
    let memo = entry.memo().unwrap_or_default();
    let text = escaped(memo, forbidden, first);
    if fits(&text, room) && fits(&escaped(memo, room.forbidden, &[]), room) {
        return text.into_owned();
    }
    let cut = memo
        .char_indices()
        .nth(PIECE)
        .map_or(memo.len(), |(at, _)| at);
    let start = memo.get(..cut).unwrap_or(memo).trim_end();
    format!("{}…", escaped(start, forbidden, first))
}
