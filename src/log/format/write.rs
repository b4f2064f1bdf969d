//! Writes one line in its canonical form.
//!
//! Owns the order of the keys and the spelling of every value.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::v1::write::{self as v1, push};
use super::v2;
use crate::event::{Hash, Note, Record};
use crate::log::chain::{self, digest};

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
    match record.event.kind().version() {
        1 => v1::event(&mut line, &record.event),
        _ => v2::write_event(&mut line, &record.event),
    }
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
