//! The tags of OFX: SGML whose leaves are not closed (OFX 1), or XML (OFX 2), as one tree.
//!
//! Does not know what the elements mean. A leaf has text and an aggregate has none: that is how an
//! opening tag without a closing one is understood.

use super::super::element::Element;
use super::super::text::place_of;
use super::super::{Fault, FilePlace, ImportError};

/// How deep elements may be nested: banks need ten.
const DEEPEST: usize = 64;

/// The `OFX` element.
pub(super) fn parse(text: &str) -> Result<Element, ImportError> {
    let start =
        find_root(text).ok_or_else(|| Fault::expected("something else", "`<OFX>`").on_line(1))?;
    let mut parser = Parser {
        text,
        at: start,
        place: place_of(text, start),
        placed: start,
    };
    let mut open: Vec<Element> = Vec::new();
    while let Some(tag) = parser.next()? {
        let whole = match tag {
            OfxTag::Leaf(leaf) if !open.is_empty() => leaf,
            OfxTag::Leaf(root) if root.name == "OFX" => return Err(Fault::Empty.at(root.place)),
            OfxTag::Leaf(leaf) => return Err(unexpected(&leaf.place, &leaf.name, "<OFX>")),
            OfxTag::Open(element) if open.len() < DEEPEST => {
                open.push(element);
                continue;
            }
            OfxTag::Open(element) => {
                return Err(unexpected(&element.place, &element.name, "fewer levels"));
            }
            OfxTag::Close { name, place } => match close(&mut open, &name) {
                Some(root) if open.is_empty() => return Ok(Element { place, ..root }),
                Some(element) => element,
                None => {
                    let wanted = open.last().map(|own| format!("</{}>", own.name));
                    let wanted = wanted.unwrap_or_default();
                    return Err(unexpected(&place, &format!("/{name}"), &wanted));
                }
            },
        };
        if let Some(outer) = open.last_mut() {
            outer.inner.push(whole);
        }
    }
    let name = open
        .last()
        .map(|element| element.name.clone())
        .unwrap_or_default();
    Err(
        Fault::expected("the end of the file", format!("`</{name}>`"))
            .at(place_of(text, text.len())),
    )
}

/// Closes the innermost element, or one around it if those inside are leaves without a value.
fn close(open: &mut Vec<Element>, name: &str) -> Option<Element> {
    let at = open.iter().rposition(|element| element.name == name)?;
    // A leaf without a value looked like an aggregate: the following elements are beside it and not
    // inside.
    while open.len() > at.saturating_add(1) {
        let mut leaf = open.pop()?;
        let inner = std::mem::take(&mut leaf.inner);
        let outer = open.last_mut()?;
        outer.inner.push(leaf);
        outer.inner.extend(inner);
    }
    open.pop()
}

fn unexpected(place: &FilePlace, name: &str, wanted: &str) -> ImportError {
    Fault::expected(format!("`<{name}>`"), format!("`{wanted}`")).at(place.clone())
}

fn find_root(text: &str) -> Option<usize> {
    text.match_indices('<').map(|(at, _)| at).find(|at| {
        let rest = text.get(at.saturating_add(1)..).unwrap_or_default();
        let is_named = rest
            .get(..3)
            .is_some_and(|name| name.eq_ignore_ascii_case("OFX"));
        is_named
            && rest
                .get(3..)
                .is_some_and(|rest| rest.starts_with(['>', ' ', '\n']))
    })
}

enum OfxTag {
    /// An element that is over: it has text, or is closed at once.
    Leaf(Element),
    /// One that has no text, and is an aggregate or an empty leaf.
    Open(Element),
    Close {
        name: String,
        place: FilePlace,
    },
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// The place of the byte `placed`, from which later places are counted on.
    place: FilePlace,
    placed: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Its current position.
    fn here(&mut self) -> FilePlace {
        let between = self.text.get(self.placed..self.at).unwrap_or_default();
        let on = place_of(between, between.len());
        let lines = on.line.unwrap_or(1).saturating_sub(1);
        let column = on.column.unwrap_or(1);
        let before = self.place.column.unwrap_or(1).saturating_sub(1);
        self.place = FilePlace {
            line: self.place.line.map(|line| line.saturating_add(lines)),
            column: Some(if lines == 0 {
                before.saturating_add(column)
            } else {
                column
            }),
            field: None,
        };
        self.placed = self.at;
        self.place.clone()
    }

    fn closes_at_once(&self, name: &str) -> bool {
        let after = self.rest().trim_start().strip_prefix("</");
        after.is_some_and(|rest| {
            rest.get(..name.len())
                .is_some_and(|own| own.eq_ignore_ascii_case(name))
                && rest
                    .get(name.len()..)
                    .is_some_and(|rest| rest.trim_start().starts_with('>'))
        })
    }

    fn next(&mut self) -> Result<Option<OfxTag>, ImportError> {
        loop {
            let Some(offset) = self.rest().find('<') else {
                return Ok(None);
            };
            self.at = self.at.saturating_add(offset);
            let place = self.here();
            let rest = self.rest();
            let skipped = [("<!--", "-->"), ("<?", "?>"), ("<!", ">")]
                .into_iter()
                .find(|(start, _)| rest.starts_with(start));
            if let Some((_, end)) = skipped {
                let Some(length) = rest.find(end) else {
                    return Err(unexpected(&place, "!", end));
                };
                self.at = self.at.saturating_add(length).saturating_add(end.len());
                continue;
            }
            let Some(end) = rest.find('>') else {
                return Err(unexpected(&place, "", ">"));
            };
            let inside = rest.get(1..end).unwrap_or_default();
            let (is_close, inside) = match inside.strip_prefix('/') {
                Some(name) => (true, name),
                None => (false, inside),
            };
            let (is_empty, inside) = match inside.strip_suffix('/') {
                Some(name) => (true, name),
                None => (false, inside),
            };
            // No known OFX has attributes, but for namespaces of the root.
            let name = inside.split_whitespace().next().unwrap_or_default();
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            if name.is_empty() || !name.chars().all(is_name) {
                return Err(unexpected(&place, inside, "an element's name"));
            }
            let name = name.to_ascii_uppercase();
            let after = rest.get(end.saturating_add(1)..).unwrap_or_default();
            let mut length = end.saturating_add(1);
            if is_close {
                self.at = self.at.saturating_add(length);
                return Ok(Some(OfxTag::Close { name, place }));
            }
            let (text, taken) = value_in(after);
            length = length.saturating_add(taken);
            self.at = self.at.saturating_add(length);
            // The closing tag of a leaf, if it has one.
            let closes = self.closes_at_once(&name);
            if closes {
                let close = self.rest().find('>').unwrap_or_default();
                self.at = self.at.saturating_add(close).saturating_add(1);
            }
            let is_leaf = is_empty || closes || !text.is_empty();
            let element = Element {
                name,
                text,
                place,
                ..Element::default()
            };
            return Ok(Some(if is_leaf {
                OfxTag::Leaf(element)
            } else {
                OfxTag::Open(element)
            }));
        }
    }
}

/// The text up to the next tag, and how many bytes it takes. A `<` that begins no tag is text: banks
/// forget to escape it.
fn value_in(after: &str) -> (String, usize) {
    const QUOTE: (&str, &str) = ("<![CDATA[", "]]>");
    let indent = after.len().saturating_sub(after.trim_start().len());
    if let Some(quoted) = after.trim_start().strip_prefix(QUOTE.0)
        && let Some((text, _)) = quoted.split_once(QUOTE.1)
    {
        let marks = QUOTE.0.len().saturating_add(QUOTE.1.len());
        let taken = indent.saturating_add(marks).saturating_add(text.len());
        return (text.trim().to_owned(), taken);
    }
    let end = after
        .match_indices('<')
        .map(|(at, _)| at)
        .find(|at| {
            let next = after.get(at.saturating_add(1)..).unwrap_or_default();
            next.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
        })
        .unwrap_or(after.len());
    let raw = after.get(..end).unwrap_or_default();
    (decoded(raw.trim()), end)
}

/// Text with its entities resolved. An `&` that begins none stays: banks forget to escape it, too.
fn decoded(raw: &str) -> String {
    let mut pieces = raw.split('&');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let entity = piece
            .split_once(';')
            .and_then(|(name, rest)| character(name).map(|c| (c, rest)));
        if let Some((c, rest)) = entity {
            text.push(c);
            text.push_str(rest);
        } else {
            text.push('&');
            text.push_str(piece);
        }
    }
    text
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?).filter(|c| !c.is_control())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_that_are_closed_and_leaves_that_are_not_make_the_same_tree() {
        let sgml = "OFXHEADER:100\n\n<OFX><A><B>one &amp; two\n<C>3</A></OFX>";
        let xml = "<?xml version='1.0'?><?OFX OFXHEADER='200'?>\n<OFX>\n <A>\n  <B>one &#38; two</B><C>3</C></A></OFX>";
        for text in [sgml, xml] {
            let root = parse(text).unwrap();
            assert_eq!(root.value("A/B"), Some("one & two"), "{text}");
            assert_eq!(root.value("A/C"), Some("3"), "{text}");
        }
    }

    #[test]
    fn leaves_without_a_value_hold_nothing() {
        for text in [
            "<OFX><A><B><C>3</A></OFX>",
            "<OFX><A><B></B><C>3</C></A></OFX>",
            "<OFX><A><B/><C>3</A></OFX>",
        ] {
            let root = parse(text).unwrap();
            assert_eq!(root.value("A/B"), None, "{text}");
            assert_eq!(root.value("A/C"), Some("3"), "{text}");
        }
    }

    #[test]
    fn what_banks_forget_to_escape_is_text() {
        let root = parse("<OFX><A>AT&T < 5 & more<B><![CDATA[<i> & Co.]]></B></OFX>").unwrap();
        assert_eq!(root.value("A"), Some("AT&T < 5 & more"));
        assert_eq!(root.value("B"), Some("<i> & Co."));
    }

    #[test]
    fn a_file_that_is_cut_off_or_crossed_is_refused_with_its_place() {
        let error = parse("<OFX>\n<A><B>1").unwrap_err();
        assert_eq!((error.place.line, error.place.column), (Some(2), Some(8)));
        let error = parse("x\n<OFX>\n  <A></Z></OFX>").unwrap_err();
        assert_eq!((error.place.line, error.place.column), (Some(3), Some(6)));
        assert!(parse("<html>").is_err());
        assert!(parse(&format!("<OFX>{}", "<A>".repeat(100_000))).is_err());
    }
}
