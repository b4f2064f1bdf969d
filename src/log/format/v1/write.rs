//! Writes one line in its canonical form.
//!
//! Owns the order of the keys and the spelling of every value.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::event::{Event, Hash, Movement, Note, Record};
use crate::log::chain::{self, digest};
use crate::log::format::v2;
use crate::money::{Currency, Floor, Scale};

/// Writes the line of `record` after the line whose hash is `previous`, without its line feed.
pub(in crate::log) fn write(record: &Record<'_>, previous: Option<&Hash>) -> (String, Hash) {
    let mut line = String::with_capacity(320);
    push(
        &mut line,
        format_args!("{{\"v\":{},\"seq\":{}", record.version(), record.seq),
    );
    push(&mut line, format_args!(",\"at\":\"{}\"", record.at));
    if let Some(effective) = record.effective {
        push(&mut line, format_args!(",\"effective\":\"{effective}\""));
    }
    push(
        &mut line,
        format_args!(",\"type\":\"{}\"", record.event.kind().as_str()),
    );
    event(&mut line, &record.event);
    if let Some(link) = record.link {
        v2::write_link(&mut line, link);
    }
    if let Some(key) = &record.key {
        line.push_str(",\"key\":");
        string(&mut line, key.as_str());
    }
    if record.more {
        line.push_str(",\"more\":true");
    }
    let note = record.note.as_ref().map(note);
    let note_digest = match (&record.note, &note) {
        (Some(Note::Redacted(hash)), _) => Some(*hash),
        (_, Some(object)) => Some(digest(object.as_bytes())),
        _ => None,
    };
    let hash = chain::link(previous, line.as_bytes(), note_digest.as_ref());
    push(&mut line, format_args!(",\"hash\":\"{hash}\""));
    if let Some(note) = note {
        push(&mut line, format_args!(",\"note\":{note}"));
    }
    line.push('}');
    (line, hash)
}

/// The digest of a note's object.
pub(in crate::log) fn note_digest(note: &Note<'_>) -> Hash {
    match note {
        Note::Redacted(hash) => *hash,
        Note::Kept { .. } => digest(self::note(note).as_bytes()),
    }
}

/// Writing to a `String` cannot fail.
pub(in crate::log::format) fn push(line: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = line.write_fmt(text);
}

fn event(line: &mut String, event: &Event<'_>) {
    match event {
        Event::Ledger(opening) => {
            push(line, format_args!(",\"id\":\"{}\"", opening.id));
            currency(line, opening.currency);
            push(line, format_args!(",\"zone\":\"{}\"", opening.zone));
            if opening.strict {
                line.push_str(",\"strict\":true");
            }
        }
        Event::Open {
            account,
            currency: code,
            floor: lowest,
        } => {
            push(line, format_args!(",\"account\":\"{account}\""));
            currency(line, *code);
            if let Some(lowest) = lowest {
                floor(line, *lowest);
            }
        }
        Event::Limit {
            account,
            floor: lowest,
        } => {
            push(line, format_args!(",\"account\":\"{account}\""));
            floor(line, *lowest);
        }
        Event::Deposit(movement) | Event::Withdraw(movement) => {
            let Movement {
                account,
                amount,
                currency: code,
            } = movement;
            push(
                line,
                format_args!(",\"account\":\"{account}\",\"amount\":\"{amount}\""),
            );
            currency(line, *code);
        }
        Event::Transfer {
            from,
            to,
            amount,
            currency: code,
        } => {
            push(
                line,
                format_args!(",\"from\":\"{from}\",\"to\":\"{to}\",\"amount\":\"{amount}\""),
            );
            currency(line, *code);
        }
        Event::Close { account } => push(line, format_args!(",\"account\":\"{account}\"")),
        Event::Hold(_)
        | Event::Release { .. }
        | Event::Exchange(_)
        | Event::Seal { .. }
        | Event::Unseal { .. }
        | Event::Redact { .. } => v2::write_event(line, event),
    }
}

pub(in crate::log::format) fn currency(line: &mut String, currency: Option<Currency>) {
    if let Some(currency) = currency {
        push(line, format_args!(",\"currency\":\"{currency}\""));
    }
}

fn floor(line: &mut String, floor: Floor) {
    push(
        line,
        format_args!(",\"floor\":\"{}\"", floor.to_text(Scale::WHOLE)),
    );
}

fn note(note: &Note<'_>) -> String {
    match note {
        Note::Redacted(hash) => format!("\"{hash}\""),
        Note::Kept { salt, memo, tags } => {
            let mut object = format!("{{\"salt\":\"{}\"", URL_SAFE_NO_PAD.encode(salt.0));
            if let Some(memo) = memo {
                object.push_str(",\"memo\":");
                string(&mut object, memo);
            }
            if !tags.is_empty() {
                object.push_str(",\"tags\":{");
                for (index, (key, value)) in tags.iter().enumerate() {
                    if index > 0 {
                        object.push(',');
                    }
                    string(&mut object, key);
                    object.push(':');
                    string(&mut object, value);
                }
                object.push('}');
            }
            object.push('}');
            object
        }
    }
}

/// A JSON string with the required escapes only.
fn string(line: &mut String, text: &str) {
    line.push('"');
    for c in text.chars() {
        match c {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\u{8}' => line.push_str("\\b"),
            '\u{c}' => line.push_str("\\f"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            c if c < ' ' => push(line, format_args!("\\u{:04x}", u32::from(c))),
            c => line.push(c),
        }
    }
    line.push('"');
}
