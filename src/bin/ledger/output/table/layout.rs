//! Where everything in a table goes: widths, the column of the decimal point, and colours.
//!
//! Owns how a cell becomes text and how cells become a line. Must not know how many rows there are.
//!
//! Colours are set as marks, characters without width that no harmless text holds, and turned into
//! escapes once a line is whole. So every width is right, and comfy-table needs to know no colours.

use std::borrow::Cow;

use super::super::colour;
use super::super::text::{shorten, width};
use super::Look;
use super::cell::{Cell, Column, Kind, Tone};

/// What rules are made of.
pub(super) const RULE: char = '─';
/// Blanks between two columns.
const GAP: usize = 2;
/// A column is not made narrower than this.
const NARROWEST: usize = 8;

const STRONG: char = '\u{2061}';
const DIM: char = '\u{2062}';
const NEGATIVE: char = '\u{2063}';
const END: char = '\u{2064}';

/// Where a column goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    kind: Kind,
    /// Columns of the terminal without the gap.
    width: usize,
    /// Where text is cut.
    most: Option<usize>,
    /// Columns for the point and what comes after it.
    fraction: usize,
    /// Blanks after it.
    pub(super) gap: usize,
    /// Flush right.
    pub(super) right: bool,
}

impl Place {
    /// Columns with the gap after it.
    pub(super) fn room(&self) -> usize {
        self.width.saturating_add(self.gap)
    }
}

/// The widths of a table, fixed.
pub(super) struct Layout {
    head: Vec<Cell>,
    places: Vec<Place>,
    colour: bool,
}

impl Layout {
    /// The layout that these rows ask for and the terminal allows.
    pub(super) fn new<'a>(
        columns: &[Column],
        rows: impl Iterator<Item = &'a Vec<Cell>>,
        look: Look,
    ) -> Layout {
        let mut needs: Vec<Need> = columns.iter().map(Need::of_head).collect();
        for row in rows {
            for (need, cell) in needs.iter_mut().zip(row) {
                need.grow(&cell.text);
            }
        }
        let mut places: Vec<Place> = needs.iter().map(Need::place).collect();
        let closer = places.iter().skip(1).map(|place| place.kind == Kind::Unit);
        let gaps: Vec<usize> = closer.map(|unit| if unit { 1 } else { GAP }).collect();
        for (place, gap) in places.iter_mut().zip(gaps) {
            place.gap = gap;
        }
        if let Some(limit) = look.width {
            narrow(&mut places, limit);
        }
        let head = columns
            .iter()
            .map(|column| Cell::from(column.head.as_str()).strong());
        Layout {
            head: head.collect(),
            places,
            colour: look.colour,
        }
    }

    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }

    pub(super) fn width(&self) -> usize {
        total(&self.places)
    }

    /// The cells of the head as text.
    pub(super) fn head(&self) -> Vec<String> {
        let cells = self.places.iter().zip(&self.head);
        cells
            .map(|(place, cell)| self.content(place, cell, false))
            .collect()
    }

    /// The cells of a row as text: shortened, lined up at the point, marked for colour.
    pub(super) fn row(&self, row: &[Cell]) -> Vec<String> {
        let cells = self.places.iter().zip(row);
        cells
            .map(|(place, cell)| self.content(place, cell, true))
            .collect()
    }

    /// The head and the rule below it.
    pub(super) fn top(&self) -> String {
        let mut text = String::new();
        self.finish_line(&self.joined(&self.head()), &mut text);
        self.finish_line(&self.rule(), &mut text);
        text
    }

    /// A row as a line. What is wider than its column moves the rest of its line, and is not cut.
    pub(super) fn line(&self, row: &[Cell], text: &mut String) {
        self.finish_line(&self.joined(&self.row(row)), text);
    }

    /// A rule over the whole width.
    pub(super) fn rule(&self) -> String {
        RULE.to_string().repeat(self.width())
    }

    /// Puts a line of either maker to `text`: without blanks at its end, marks turned into colours.
    pub(super) fn finish_line(&self, line: &str, text: &mut String) {
        let line = line.trim_end();
        if !self.colour {
            text.push_str(line);
        } else if line.starts_with(RULE) && line.chars().all(|c| c == RULE) {
            text.push_str(&colour::paint(true, colour::DIM, line));
        } else {
            for character in line.chars() {
                match character {
                    STRONG => text.push_str(&colour::HEADING.render().to_string()),
                    DIM => text.push_str(&colour::DIM.render().to_string()),
                    NEGATIVE => text.push_str(&colour::NEGATIVE.render().to_string()),
                    END => text.push_str(&anstyle::Reset.render().to_string()),
                    other => text.push(other),
                }
            }
        }
        text.push('\n');
    }

    fn joined(&self, cells: &[String]) -> String {
        let mut line = String::new();
        for (place, cell) in self.places.iter().zip(cells) {
            let blanks = " ".repeat(place.width.saturating_sub(width(cell)));
            if place.right {
                line.extend([&blanks, cell.as_str()]);
            } else {
                line.extend([cell.as_str(), &blanks]);
            }
            line.push_str(&" ".repeat(place.gap));
        }
        line
    }

    fn content(&self, place: &Place, cell: &Cell, is_row: bool) -> String {
        let text = match place.most {
            Some(most) => shorten(&cell.text, most),
            None => Cow::Borrowed(cell.text.as_str()),
        };
        let figure = (is_row && place.kind == Kind::Figure)
            .then(|| fraction(&text))
            .flatten();
        let missing = figure.map_or(0, |own| place.fraction.saturating_sub(own));
        let mut content = String::with_capacity(text.len().saturating_add(missing));
        if self.colour && !text.is_empty() {
            match cell.tone {
                Tone::Plain => {}
                Tone::Dim => content.push(DIM),
                Tone::Strong => content.push(STRONG),
            }
            if figure.is_some() && text.starts_with('-') {
                content.push(NEGATIVE);
            }
        }
        let marked = !content.is_empty();
        content.push_str(&text);
        if marked {
            content.push(END);
        }
        content.push_str(&" ".repeat(missing));
        content
    }
}

/// Columns from the point on, or `None` where the text is no figure.
fn fraction(text: &str) -> Option<usize> {
    let unsigned = text.trim_start_matches(['-', '+']);
    unsigned.starts_with(|c: char| c.is_ascii_digit()).then(|| {
        unsigned
            .find('.')
            .and_then(|point| unsigned.get(point..))
            .map_or(0, width)
    })
}

/// What the cells of a column need.
struct Need {
    kind: Kind,
    text: usize,
    whole: usize,
    fraction: usize,
}

impl Need {
    fn of_head(column: &Column) -> Need {
        // At least one, as comfy-table has it.
        let text = width(&column.head).max(1);
        Need {
            kind: column.kind,
            text,
            whole: 0,
            fraction: 0,
        }
    }

    fn grow(&mut self, text: &str) {
        let all = width(text);
        match fraction(text) {
            Some(fraction) if self.kind == Kind::Figure => {
                self.whole = self.whole.max(all.saturating_sub(fraction));
                self.fraction = self.fraction.max(fraction);
            }
            _ => self.text = self.text.max(all),
        }
    }

    fn place(&self) -> Place {
        Place {
            kind: self.kind,
            width: self.text.max(self.whole.saturating_add(self.fraction)),
            most: None,
            fraction: self.fraction,
            gap: 0,
            right: matches!(self.kind, Kind::Figure | Kind::Number),
        }
    }
}

fn total(places: &[Place]) -> usize {
    places
        .iter()
        .map(Place::room)
        .fold(0, usize::saturating_add)
}

/// Takes from the widest text column until all fit, or none can give. Figures and names never do:
/// rather a line that wraps than half a figure.
fn narrow(places: &mut [Place], limit: usize) {
    while total(places) > limit {
        let gives = |place: &&mut Place| place.kind == Kind::Text && place.width > NARROWEST;
        let Some(widest) = places
            .iter_mut()
            .filter(gives)
            .max_by_key(|place| place.width)
        else {
            break;
        };
        widest.width = widest.width.saturating_sub(1);
    }
    // Rows that come after the widths were fixed are cut as well, the last column at the edge.
    let spare = limit.saturating_sub(total(places));
    let last = places.len().saturating_sub(1);
    for (number, place) in places.iter_mut().enumerate() {
        if place.kind == Kind::Text {
            let spare = if number == last { spare } else { 0 };
            place.most = Some(place.width.saturating_add(spare));
        }
    }
}
