//! Where everything in a table goes: widths, the column of the decimal point, and colours.
//!
//! Owns how a cell becomes text and how cells become a line. Must not know how many rows there are.
//!
//! Colours are set as marks, characters without width that no harmless text holds, and turned into
//! escapes once a line is whole. So every width is right.

use std::borrow::Cow;

use super::super::colour;
use super::super::text::{shorten, width};
use super::TableStyle;
use super::cell::{Column, Emphasis, Kind};
use super::rows::Measured;

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
    head: Vec<Column>,
    places: Vec<Place>,
    colour: bool,
}

impl Layout {
    /// The layout that these rows ask for and the terminal allows.
    pub(super) fn new<'a>(
        columns: &[Column],
        cells: impl Iterator<Item = Measured<'a>>,
        look: TableStyle,
    ) -> Layout {
        let mut needs: Vec<Need> = columns.iter().map(Need::of_head).collect();
        let mut cells = cells.peekable();
        while cells.peek().is_some() {
            for (need, cell) in needs.iter_mut().zip(&mut cells) {
                need.grow(&cell);
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
        Layout {
            head: columns.to_vec(),
            places,
            colour: look.colour,
        }
    }

    pub(super) fn width(&self) -> usize {
        total(&self.places)
    }

    /// The head and the rule below it.
    pub(super) fn top(&self, text: &mut String) {
        let head = self.head.iter();
        let head = head.map(|column| Measured::new(&column.head, Emphasis::Strong, Kind::Text));
        self.put(head, text);
        self.rule(text);
    }

    /// Rows as lines. What is wider than its column moves the rest of its line, and is not cut.
    pub(super) fn lines<'t>(&self, cells: impl Iterator<Item = Measured<'t>>, text: &mut String) {
        let mut cells = cells.peekable();
        while cells.peek().is_some() {
            self.put(&mut cells, text);
        }
    }

    /// A rule over the whole width.
    pub(super) fn rule(&self, text: &mut String) {
        let start = text.len();
        text.extend(std::iter::repeat_n(RULE, self.width()));
        self.finish_line(text, start);
    }

    /// Ends the line that starts here, of either maker: without blanks at its end, marks turned into
    /// colours.
    pub(super) fn finish_line(&self, text: &mut String, start: usize) {
        let line = text.get(start..).unwrap_or_default();
        text.truncate(start.saturating_add(line.trim_end().len()));
        if self.colour {
            let line = text.split_off(start);
            paint(&line, text);
        }
        text.push('\n');
    }

    /// A line of the first cells there are, one for each column.
    fn put<'t>(&self, cells: impl Iterator<Item = Measured<'t>>, text: &mut String) {
        let start = text.len();
        for (place, cell) in self.places.iter().zip(cells) {
            let content = self.content(place, cell);
            let blanks = place.width.saturating_sub(content.width);
            if place.right {
                put_blanks(blanks, text);
                content.put(text);
                put_blanks(place.gap, text);
            } else {
                content.put(text);
                put_blanks(blanks.saturating_add(place.gap), text);
            }
        }
        self.finish_line(text, start);
    }

    fn content<'c>(&self, place: &Place, cell: Measured<'c>) -> Content<'c> {
        let (text, columns) = match place.most {
            Some(most) if cell.width > most => {
                let short = shorten(cell.text, most);
                let columns = width(&short);
                (short, columns)
            }
            _ => (Cow::Borrowed(cell.text), cell.width),
        };
        let missing = cell.fraction.map(|own| place.fraction.saturating_sub(own));
        let missing = missing.unwrap_or(0);
        let has_marks = self.colour && !text.is_empty();
        Content {
            width: columns.saturating_add(missing),
            missing,
            is_negative: has_marks && cell.fraction.is_some() && text.starts_with('-'),
            tone: if has_marks {
                cell.tone
            } else {
                Emphasis::Plain
            },
            text,
        }
    }
}

/// What stands in a place.
struct Content<'c> {
    text: Cow<'c, str>,
    tone: Emphasis,
    is_negative: bool,
    /// Columns, with the blanks behind it.
    width: usize,
    /// Blanks behind it, so that its point is below the others'.
    missing: usize,
}

impl Content<'_> {
    fn put(&self, text: &mut String) {
        match self.tone {
            Emphasis::Plain => {}
            Emphasis::Dim => text.push(DIM),
            Emphasis::Strong => text.push(STRONG),
        }
        if self.is_negative {
            text.push(NEGATIVE);
        }
        text.push_str(&self.text);
        if self.is_negative || self.tone != Emphasis::Plain {
            text.push(END);
        }
        put_blanks(self.missing, text);
    }
}

fn put_blanks(count: usize, text: &mut String) {
    const MANY: &str = "                                ";
    let mut missing = count;
    while missing > 0 {
        let some = missing.min(MANY.len());
        text.push_str(MANY.get(..some).unwrap_or(MANY));
        missing = missing.saturating_sub(some);
    }
}

/// Puts a line with its marks turned into colours.
fn paint(line: &str, text: &mut String) {
    if line.starts_with(RULE) && line.chars().all(|c| c == RULE) {
        text.push_str(&colour::paint(true, colour::DIM, line));
        return;
    }
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

/// What the cells of a column need.
struct Need {
    kind: Kind,
    text: usize,
    whole: usize,
    fraction: usize,
}

impl Need {
    fn of_head(column: &Column) -> Need {
        // At least one, so that what follows an empty head stays apart.
        let text = width(&column.head).max(1);
        Need {
            kind: column.kind,
            text,
            whole: 0,
            fraction: 0,
        }
    }

    fn grow(&mut self, cell: &Measured<'_>) {
        match cell.fraction {
            Some(fraction) => {
                self.whole = self.whole.max(cell.width.saturating_sub(fraction));
                self.fraction = self.fraction.max(fraction);
            }
            None => self.text = self.text.max(cell.width),
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
