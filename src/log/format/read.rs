//! Reads one line strictly: the canonical form and nothing else.
//!
//! Owns the frame that the lines of every version have: which keys it has, and in which order. The
//! keys of a type belong to the version that added it. Borrows from the line; allocates only for escapes
//! and tags.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::cursor::{LineCursor, LineFault, Parsed};
use super::v1::read::{self as v1, instant};
use super::v2;
use crate::event::{Entry, Event, Hash, Key, Kind, Link, MEMO_MAX_BYTES, Note, Record, Salt, Tags};
use crate::time::Timestamp;

/// A line: its content, and the input of its hash.
pub(in crate::log) struct ParsedLine<'a> {
    pub(in crate::log) entry: Entry<'a>,
    pub(in crate::log) covered: Covered<'a>,
}

/// The two stretches of a line's bytes that its hash is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) struct Covered<'a> {
    /// The bytes before `,"hash":"`.
    pub(in crate::log) hashed: &'a [u8],
    /// The raw bytes of the note's object, if there is one that is not redacted.
    pub(in crate::log) note_object: Option<&'a [u8]>,
}

/// Reads one line without its line feed.
pub(in crate::log) fn read(line: &[u8]) -> Parsed<ParsedLine<'_>> {
    let (text, cut_inside_a_character) = utf8(line)?;
    match read_text(text) {
        Err(LineFault::Form { at, .. }) if cut_inside_a_character && at == text.len() => {
            Err(LineFault::Ends)
        }
        Ok(_) if cut_inside_a_character => {
            LineCursor::wrong_at(text.len(), "a line ends with its closing brace")
        }
        other => other,
    }
}

/// The text of a line; with `true` if the line ends inside a character.
fn utf8(line: &[u8]) -> Parsed<(&str, bool)> {
    match std::str::from_utf8(line) {
        Ok(text) => Ok((text, false)),
        Err(error) if error.error_len().is_none() => {
            let sound = line.get(..error.valid_up_to()).unwrap_or_default();
            Ok((std::str::from_utf8(sound).unwrap_or_default(), true))
        }
        Err(error) => LineCursor::wrong_at(error.valid_up_to(), "a line is UTF-8"),
    }
}

fn read_text(text: &str) -> Parsed<ParsedLine<'_>> {
    let mut line = LineCursor::new(text);
    line.literal("{\"v\":", "a line starts with {\"v\":")?;
    let version = line.number("the version is a number")?;
    if version != 1 && version != 2 {
        line.literal(",", "a comma follows the version")?;
        return match version {
            0 => line.wrong("the version is at least 1"),
            newer => Err(LineFault::Newer(newer)),
        };
    }
    line.literal(",\"seq\":", "the key \"seq\" comes next")?;
    let seq = line.number("\"seq\" is a whole number")?;
    line.literal(",\"at\":\"", "the key \"at\" comes next")?;
    let at = instant(&mut line)?;
    let effective = if line.optional(",\"effective\":\"")? {
        Some(instant(&mut line)?)
    } else {
        None
    };
    line.literal(",\"type\":\"", "the key \"type\" comes next")?;
    let type_at = line.at();
    let event = event(&mut line, version, at, effective)?;
    let kind = event.kind();
    if kind.acts_at_once() && effective.is_some() {
        return LineCursor::wrong_at(type_at, "this type has no \"effective\"");
    }
    let link = if version == 2 {
        v2::link(&mut line, kind)?
    } else if kind.moves_money() && line.optional(",\"reverses\":")? {
        Some(Link::Reverses(
            line.number("\"reverses\" is a whole number")?,
        ))
    } else {
        None
    };
    let key = if line.optional(",\"key\":\"")? {
        Some(key(&mut line)?)
    } else {
        None
    };
    let more = line.optional(",\"more\":true")?;
    let hashed = line.taken().as_bytes();
    line.literal(
        ",\"hash\":\"",
        "an unknown, doubled or misplaced key, or one of another type, instead of \"hash\" or an optional key",
    )?;
    let hash = hash(&mut line)?;
    let (note, note_object) = if line.optional(",\"note\":")? {
        note(&mut line)?
    } else {
        (None, None)
    };
    line.literal("}", "the line ends here")?;
    if !line.is_at_end() {
        return line.wrong("a line ends with its closing brace");
    }
    Ok(ParsedLine {
        entry: Entry {
            record: Record {
                seq,
                at,
                effective,
                event,
                link,
                key,
                more,
                note,
            },
            hash,
        },
        covered: Covered {
            hashed,
            note_object,
        },
    })
}

fn event<'a>(
    line: &mut LineCursor<'a>,
    version: u64,
    at: Timestamp,
    effective: Option<Timestamp>,
) -> Parsed<Event<'a>> {
    const VERSION_1: &str = "a type is ledger, open, limit, deposit, withdraw, transfer or close";
    const VERSION_2: &str =
        "a type is hold, release, exchange, seal, unseal, redact, or one that has a link";
    // A type of version 1 is in version 2 with a link that version 2 adds.
    let (is_there, reason): (fn(Kind) -> bool, _) = if version == 1 {
        (|kind| kind.version() == 1, VERSION_1)
    } else {
        (|kind| kind.version() == 2 || kind.moves_money(), VERSION_2)
    };
    let start = line.at();
    let may_go_on = |part: &str| {
        let mut kinds = Kind::ALL.into_iter().filter(|kind| is_there(*kind));
        kinds.any(|kind| kind.as_str().starts_with(part))
    };
    let word = line.until_quote(may_go_on, reason)?;
    let Some(kind) = Kind::from_word(word).filter(|kind| is_there(*kind)) else {
        return LineCursor::wrong_at(start, reason);
    };
    match v2::event(line, kind, at, effective)? {
        Some(event) => Ok(event),
        None => v1::event(line, kind),
    }
}

fn key<'a>(line: &mut LineCursor<'a>) -> Parsed<Key<'a>> {
    let start = line.at();
    let text = line.string()?;
    Key::new(text).or_else(|_| {
        LineCursor::wrong_at(
            start,
            "a key has 1 to 128 characters, none a control character",
        )
    })
}

fn hash(line: &mut LineCursor<'_>) -> Parsed<Hash> {
    const REASON: &str = "a hash is 64 lower-case hex digits";
    let start = line.at();
    let is_part = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let text = line.fixed(64, is_part, REASON)?;
    Hash::from_hex(text.as_bytes()).map_or_else(|| LineCursor::wrong_at(start, REASON), Ok)
}

pub(super) type ReadNote<'a> = (Option<Note<'a>>, Option<&'a [u8]>);

pub(super) fn note<'a>(line: &mut LineCursor<'a>) -> Parsed<ReadNote<'a>> {
    if line.optional("\"")? {
        return Ok((Some(Note::Redacted(hash(line)?)), None));
    }
    let object = line.at();
    line.literal(
        "{\"salt\":\"",
        "a note starts with its salt, or is a digest",
    )?;
    let salt = salt(line)?;
    let memo = if line.optional(",\"memo\":\"")? {
        let start = line.at();
        let memo = line.string()?;
        if memo.len() > MEMO_MAX_BYTES {
            return LineCursor::wrong_at(start, "a memo has at most 4096 bytes");
        }
        Some(memo)
    } else {
        None
    };
    let tags = if line.optional(",\"tags\":{")? {
        tags(line)?
    } else {
        Tags::default()
    };
    if memo.is_none() && tags.is_empty() {
        return line.wrong("a note has a memo or tags, each once and in that order");
    }
    line.literal("}", "a note ends after its memo and tags")?;
    let raw = line.taken_since(object).as_bytes();
    Ok((Some(Note::Kept { salt, memo, tags }), Some(raw)))
}

fn salt(line: &mut LineCursor<'_>) -> Parsed<Salt> {
    const REASON: &str = "a salt is 16 bytes in base64url without padding";
    let start = line.at();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let text = line.fixed(22, is_part, REASON)?;
    let mut bytes = [0; 16];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(16) => Ok(Salt(bytes)),
        _ => LineCursor::wrong_at(start, REASON),
    }
}

fn tags<'a>(line: &mut LineCursor<'a>) -> Parsed<Tags<'a>> {
    const REASON: &str = "tags are texts under keys that are not empty, sorted, none twice";
    let start = line.at();
    let mut pairs = Vec::new();
    loop {
        line.literal("\"", "a tag's key is a text")?;
        let key = line.string()?;
        line.literal(":\"", "a tag's value is a text")?;
        let value = line.string()?;
        pairs.push((key, value));
        if line.optional("}")? {
            break;
        }
        line.literal(",", "a comma or a brace follows a tag")?;
    }
    Tags::from_sorted(pairs).or_else(|_| LineCursor::wrong_at(start, REASON))
}
