//! XML as a tree of elements by their local names, with their lines and trimmed texts.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::element::Element;
use super::super::text::place_of;
use super::super::{Fault, FilePlace, ImportError};

/// How deep elements may be nested: the standard needs twenty.
const DEEPEST: usize = 100;

/// The tree of a document; its root has the document's elements in it.
pub(super) fn parse(text: &str) -> Result<Element, ImportError> {
    let mut reader = Reader::from_str(text);
    let mut lines = LineCounter {
        text,
        at: 0,
        line: 1,
    };
    let mut open = vec![Element {
        place: FilePlace::on_line(1),
        ..Element::default()
    }];
    loop {
        let line = lines.at(reader.buffer_position());
        let event = reader
            .read_event()
            .map_err(|error| broken(text, &reader, &error.to_string()))?;
        let depth = open.len();
        let Some(own) = open.last_mut() else {
            break;
        };
        match event {
            Event::Start(start) if depth < DEEPEST => open.push(element(&start, line)),
            Event::Start(_) => return Err(broken(text, &reader, "elements are nested too deep")),
            Event::Empty(start) => own.inner.push(element(&start, line)),
            Event::End(_) => {
                // The reader checks that tags match; the root of the tree is never closed.
                let closed = if open.len() > 1 { open.pop() } else { None };
                if let (Some(closed), Some(outer)) = (closed, open.last_mut()) {
                    let text = closed.text.trim().to_owned();
                    outer.inner.push(Element { text, ..closed });
                }
            }
            Event::Text(piece) => own.text.push_str(&piece),
            Event::CData(piece) => own.text.push_str(&piece),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(c.to_string()),
                    _ => {
                        quick_xml::escape::resolve_predefined_entity(&reference).map(str::to_owned)
                    }
                };
                let Some(resolved) = resolved else {
                    return Err(broken(
                        text,
                        &reader,
                        &format!("the entity `{}` is not known", &*reference),
                    ));
                };
                own.text.push_str(&resolved);
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match open.pop() {
        Some(root) if open.is_empty() => Ok(root),
        own => {
            let name = own.map(|own| own.name).unwrap_or_default();
            let fault = Fault::expected("the end of the file", format!("`</{name}>`"));
            Err(fault.at(place_of(text, text.len())))
        }
    }
}

fn element(start: &BytesStart<'_>, line: u64) -> Element {
    let local = start.local_name();
    let name = local.as_ref().to_owned();
    let currency = start
        .attributes()
        .flatten()
        .find(|own| own.key.local_name().as_ref() == "Ccy");
    Element {
        name,
        place: FilePlace::on_line(line),
        currency: currency.map(|own| own.value.into_owned()),
        ..Element::default()
    }
}

fn broken(text: &str, reader: &Reader<&[u8]>, message: &str) -> ImportError {
    let at = usize::try_from(reader.buffer_position())
        .unwrap_or(usize::MAX)
        .min(text.len());
    Fault::Json(format!("not XML: {message}")).at(place_of(text, at))
}

/// Counts the lines up to a byte.
struct LineCounter<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl LineCounter<'_> {
    fn at(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        let between = self.text.as_bytes().get(self.at..byte).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', between).count();
        self.at = byte;
        self.line = self
            .line
            .saturating_add(u64::try_from(lines).unwrap_or(u64::MAX));
        self.line
    }
}
