//! XML as a tree of elements by their local names.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::text::place_of;
use super::super::{Fault, ImportError};

/// How deep elements may be nested: the standard needs twenty.
const DEEPEST: usize = 100;

/// An element.
#[derive(Clone, Debug, Default)]
pub(super) struct XmlElement {
    pub(super) name: String,
    pub(super) line: u64,
    pub(super) text: String,
    /// The attribute `Ccy`.
    pub(super) currency: Option<String>,
    inner: Vec<XmlElement>,
}

impl XmlElement {
    pub(super) fn children(&self, name: &str) -> impl Iterator<Item = &XmlElement> {
        self.inner.iter().filter(move |own| own.name == name)
    }

    pub(super) fn one(&self, name: &str) -> Option<&XmlElement> {
        self.inner.iter().find(|own| own.name == name)
    }

    /// The text at the end of a path such as `Tp/CdOrPrtry/Cd`.
    pub(super) fn value(&self, path: &str) -> Option<&str> {
        let found = path.split('/').try_fold(self, |own, name| own.one(name))?;
        Some(found.text.trim()).filter(|text| !text.is_empty())
    }

    /// Every element of this name, however deep.
    pub(super) fn all<'e>(&'e self, name: &str, found: &mut Vec<&'e XmlElement>) {
        for own in &self.inner {
            if own.name == name {
                found.push(own);
            } else {
                own.all(name, found);
            }
        }
    }
}

/// The tree of a document; its root has the document's elements in it.
pub(super) fn parse(text: &str) -> Result<XmlElement, ImportError> {
    let mut reader = Reader::from_str(text);
    let mut lines = LineCounter {
        text,
        at: 0,
        line: 1,
    };
    let mut open = vec![XmlElement {
        line: 1,
        ..XmlElement::default()
    }];
    loop {
        let line = lines.at(reader.buffer_position());
        let event = reader
            .read_event()
            .map_err(|error| broken(text, &reader, &error.to_string()))?;
        let depth = open.len();
        let own = open.last_mut();
        match event {
            Event::Start(start) if depth < DEEPEST => open.push(element(&start, line)),
            Event::Start(_) => return Err(broken(text, &reader, "elements are nested too deep")),
            Event::Empty(start) => {
                if let Some(own) = own {
                    own.inner.push(element(&start, line));
                }
            }
            Event::End(_) => {
                // The reader checks that tags match; the root of the tree is never closed.
                let closed = if open.len() > 1 { open.pop() } else { None };
                if let (Some(closed), Some(outer)) = (closed, open.last_mut()) {
                    outer.inner.push(closed);
                }
            }
            Event::Text(piece) => {
                if let Some(own) = own {
                    own.text.push_str(&piece);
                }
            }
            Event::CData(piece) => {
                if let Some(own) = own {
                    own.text.push_str(&piece);
                }
            }
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
                if let Some(own) = own {
                    own.text.push_str(&resolved);
                }
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match open.pop() {
        Some(root) if open.is_empty() => Ok(root),
        own => {
            let name = own.map(|own| own.name).unwrap_or_default();
            let fault = Fault::Expected {
                found: "the end of the file".to_owned(),
                expected: format!("`</{name}>`"),
            };
            Err(ImportError::at(place_of(text, text.len()), fault))
        }
    }
}

fn element(start: &BytesStart<'_>, line: u64) -> XmlElement {
    let local = start.local_name();
    let name = local.as_ref().to_owned();
    let currency = start
        .attributes()
        .flatten()
        .find(|own| own.key.local_name().as_ref() == "Ccy");
    XmlElement {
        name,
        line,
        currency: currency.map(|own| own.value.into_owned()),
        ..XmlElement::default()
    }
}

fn broken(text: &str, reader: &Reader<&[u8]>, message: &str) -> ImportError {
    let at = usize::try_from(reader.buffer_position())
        .unwrap_or(usize::MAX)
        .min(text.len());
    ImportError::at(
        place_of(text, at),
        Fault::Json(format!("not XML: {message}")),
    )
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
