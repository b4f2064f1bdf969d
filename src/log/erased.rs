//! Notes that count as erased: a `redact` event names them, whether or not their bytes are gone yet.
//!
//! The `redact` event comes after the event that it names, so it is looked for before a line is
//! delivered: by its bytes alone, because a scan that delivers lines checks them anyway. Must not
//! depend on what else events mean.

use memchr::memmem;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::sync::Arc;

use memchr::memmem::Finder;

use super::lines::as_u64;
use super::position::seq_of;
use super::{chain, format, platform};
use crate::event::{Entry, Note};

/// What the line of a `redact` event contains, and no other: a quote in a text is escaped, and tags are
/// sorted by their keys.
const MARK: &[u8] = b"\"type\":\"redact\",\"event\":";
/// What comes before the line's own number, and how many bytes before [`MARK`] at most: the number, the
/// time and what is between them.
const SEQ: &[u8] = b"\"seq\":";
const LEAD_BYTES: usize = 64;
/// The digits of the greatest number, and the comma after them.
const NUMBER_BYTES: usize = 21;
/// How much of the file is searched at once.
const BLOCK_BYTES: u64 = 256 * 1024;
/// A shorter part of the file is searched without `memchr`.
const SHORT_BYTES: u64 = 16 * 1024;

/// The events that `redact` events from an offset on name.
#[derive(Debug, Default)]
pub(super) struct ErasedNotes {
    /// The start of the line from which on the file was searched.
    pub(super) from: u64,
    pub(super) events: Arc<BTreeSet<u64>>,
}

impl ErasedNotes {
    /// Nothing before the end of the file was searched.
    pub(super) fn unknown(end: u64) -> ErasedNotes {
        ErasedNotes {
            from: end,
            events: Arc::default(),
        }
    }
}

/// The entry without its note, if that counts as erased.
pub(super) fn without_erased<'e, 'a>(
    entry: &'e Entry<'a>,
    erased: &BTreeSet<u64>,
) -> Cow<'e, Entry<'a>> {
    match &entry.note {
        Some(note @ Note::Kept { .. }) if erased.contains(&entry.seq) => {
            let mut erased = entry.clone();
            erased.record.note = Some(Note::Redacted(format::note_digest(note)));
            Cow::Owned(erased)
        }
        _ => Cow::Borrowed(entry),
    }
}

/// A line with its note's digest in place of the note; `None` if it has no note to erase.
pub(super) fn erased_line(line: &[u8]) -> Option<String> {
    let read = format::read(line).ok()?;
    let digest = chain::digest(read.covered.note_object?);
    let hashed = std::str::from_utf8(read.covered.hashed).ok()?;
    let hash = read.entry.hash;
    Some(format!(
        "{hashed},\"hash\":\"{hash}\",\"note\":\"{digest}\"}}"
    ))
}

/// Whole lines with the notes of these events erased; `None` if they have none of them.
pub fn without_notes(lines: &[u8], events: &BTreeSet<u64>) -> Option<Vec<u8>> {
    let mut new = Vec::with_capacity(lines.len());
    let mut is_erased = false;
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        let is_named = seq_of(body).is_some_and(|seq| events.contains(&seq));
        match erased_line(body).filter(|_| is_named) {
            Some(erased) => {
                is_erased = true;
                new.extend_from_slice(erased.as_bytes());
                new.push(b'\n');
            }
            None => new.extend_from_slice(line),
        }
    }
    is_erased.then_some(new)
}

/// True if whole lines are those of the same events, some of whose notes were erased since.
pub fn are_same_events(before: &[u8], now: &[u8]) -> bool {
    let mut before = before.split(|byte| *byte == b'\n');
    let mut now = now.split(|byte| *byte == b'\n');
    loop {
        match (before.next(), now.next()) {
            (None, None) => return true,
            (Some(before), Some(now)) => {
                let is_erased = || erased_line(before).is_some_and(|own| own.as_bytes() == now);
                if before != now && !is_erased() {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// The events that the `redact` events in a part of a file name, if they are earlier ones.
pub(super) fn redactions(file: &File, from: u64, to: u64) -> io::Result<BTreeSet<u64>> {
    let mut events = BTreeSet::new();
    if to.saturating_sub(from) <= SHORT_BYTES {
        let bytes = read(file, from, to)?;
        if memmem::find(&bytes, MARK).is_some() {
            collect(&bytes, &mut events);
        }
        return Ok(events);
    }
    // A line that lies across the end of a block is seen whole in one of them, up to its number.
    let overlap = as_u64(
        LEAD_BYTES
            .saturating_add(MARK.len())
            .saturating_add(NUMBER_BYTES),
    );
    let mut at = from;
    while at < to {
        let end = at.saturating_add(BLOCK_BYTES).min(to);
        let bytes = read(file, at, end.saturating_add(overlap).min(to))?;
        collect(&bytes, &mut events);
        at = end;
    }
    Ok(events)
}

fn collect(bytes: &[u8], events: &mut BTreeSet<u64>) {
    for start in Finder::new(MARK).find_iter(bytes) {
        let named = number_at(bytes, start.saturating_add(MARK.len()));
        let lead = bytes.get(start.saturating_sub(LEAD_BYTES)..start);
        let lead = lead.unwrap_or_default();
        let own = memmem::rfind(lead, SEQ);
        let own = own.and_then(|found| number_at(lead, found.saturating_add(SEQ.len())));
        // What a redaction names is an earlier event, or it erases nothing.
        if let (Some(named), Some(own)) = (named, own)
            && named < own
        {
            events.insert(named);
        }
    }
}

/// The number whose digits begin at an index and end before another character.
fn number_at(bytes: &[u8], start: usize) -> Option<u64> {
    let digits = bytes.get(start..)?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()
}

fn read(file: &File, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let length = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length];
    let mut filled = 0_usize;
    while filled < length {
        let target = bytes.get_mut(filled..).unwrap_or_default();
        let read = platform::read_at(file, target, from.saturating_add(as_u64(filled)))?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        filled = filled.saturating_add(read);
    }
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test makes its file")]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<u64> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        std::fs::write(&path, text).unwrap();
        let file = File::open(&path).unwrap();
        let events = redactions(&file, 0, as_u64(text.len())).unwrap();
        events.into_iter().collect()
    }

    #[test]
    fn a_redaction_is_found_wherever_it_lies() {
        let line = concat!(
            r#"{"v":2,"seq":12345678901234567891,"at":"2026-01-01T00:00:00.000000Z","#,
            r#""type":"redact","event":12345678901234567890,"key":"k"}"#,
            "\n"
        );
        for before in [
            0, 1000, 16_000, 262_000, 262_030, 262_050, 262_070, 262_100, 262_120, 262_140,
            262_143, 262_144, 262_160,
        ] {
            let text = format!("{}{line}{line}", "x".repeat(before));
            assert_eq!(found(&text), [12_345_678_901_234_567_890], "{before}");
        }
    }

    #[test]
    fn lines_without_some_notes_are_those_of_the_same_events() {
        let mut made = crate::log::testing::Made::default();
        for note_bytes in [0, 30, 30] {
            made.push(note_bytes, false);
        }
        let lines = made.bytes;
        assert_eq!(without_notes(&lines, &[0].into()), None);
        let erased = without_notes(&lines, &[2].into()).unwrap();
        assert_eq!(crate::log::continues(b"", &erased), Ok(()));
        let both = without_notes(&erased, &[1].into()).unwrap();
        for (before, now, are_same) in [
            (&lines, &lines, true),
            (&lines, &erased, true),
            (&lines, &both, true),
            (&erased, &both, true),
            (&erased, &lines, false),
            (&both, &erased, false),
        ] {
            assert_eq!(are_same_events(before, now), are_same);
        }
        let twice = [erased.as_slice(), &erased].concat();
        assert!(!are_same_events(&lines, &twice));
    }

    #[test]
    fn a_redaction_of_itself_or_of_a_later_event_erases_nothing() {
        let line = |event: u64| {
            let at = r#""at":"2026-01-01T00:00:00.000000Z""#;
            format!("{{\"v\":2,\"seq\":7,{at},\"type\":\"redact\",\"event\":{event}}}\n")
        };
        assert_eq!(found(&line(6)), [6]);
        assert!(found(&line(7)).is_empty());
        assert!(found(&line(8)).is_empty());
    }

    #[test]
    fn what_only_looks_like_a_redaction_is_none() {
        for text in [
            r#""memo":"\"type\":\"redact\",\"event\":3,""#,
            r#""tags":{"type":"redact"},"#,
            r#""type":"redact","event":,"#,
            r#""type":"redact","event":123456789012345678901,"#,
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
