//! The widths of a table's columns, and its lines.
//!
//! Colours are set as marks, characters without width that no harmless text holds, and become escapes
//! once a line is complete. So `comfy-table` measures every cell right.

use std::borrow::Cow;
use std::iter::repeat_n;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Width, presets};

use super::super::colour;
use super::super::text::{shorten, width};
use super::cell::{Cell, Column, Emphasis, Kind, Row};

/// What a stream can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TableStyle {
    /// Colour and weight.
    pub(crate) colour: bool,
    /// Columns of the terminal. `None` in pipes and files: there no text is shortened.
    pub(crate) width: Option<usize>,
    /// Rules consist of ASCII characters.
    pub(crate) ascii: bool,
}

/// Blanks between two columns.
const GAP: usize = 2;
/// A text column is not made narrower than this before other columns are left out.
const ENOUGH_TEXT: usize = 16;
/// The same for a text whose beginning says little.
const ENOUGH_LONG_TEXT: usize = 32;
/// A text column is never made narrower than this.
const NARROWEST: usize = 8;
/// The indentation of text on a line of its own.
const INDENT: usize = 2;
/// More columns than `comfy-table` supports are cut, also in pipes; no text of a log is so wide.
const MOST: usize = 60_000;

const STRONG: char = '\u{2061}';
const DIM: char = '\u{2062}';
const NEGATIVE: char = '\u{2063}';
const END: char = '\u{2064}';

/// A column that is shown.
#[derive(Clone, Debug)]
struct ShownColumn {
    /// Its place among the cells of a row.
    index: usize,
    head: Cell<'static>,
    kind: Kind,
    rank: u8,
    goes_below: bool,
    /// Columns of the terminal without the gap.
    width: usize,
    /// What its widest text needs.
    natural: usize,
    /// Where text is cut.
    most: usize,
    /// Columns for the decimal point and the digits after it.
    fraction: usize,
    /// Blanks after it.
    gap: usize,
}

impl ShownColumn {
    fn is_right(&self) -> bool {
        matches!(self.kind, Kind::Figure | Kind::Number)
    }

    /// How much of its text is to be seen, before it goes on a line of its own.
    fn enough(&self) -> usize {
        self.natural.min(if self.goes_below {
            ENOUGH_LONG_TEXT
        } else {
            ENOUGH_TEXT
        })
    }
}

/// The widths of a table.
pub(super) struct Layout {
    shown: Vec<ShownColumn>,
    /// The cells on a line of their own below each row.
    below: Vec<ShownColumn>,
    /// The width of that line.
    most_below: usize,
    style: TableStyle,
}

impl Layout {
    /// The layout for these rows.
    pub(super) fn new<'r>(
        columns: &[Column],
        rows: impl Iterator<Item = &'r Row>,
        style: TableStyle,
    ) -> Layout {
        let mut shown: Vec<ShownColumn> = columns.iter().enumerate().map(of_head).collect();
        let mut whole = vec![0_usize; columns.len()];
        for row in rows {
            for ((column, whole), cell) in shown.iter_mut().zip(&mut whole).zip(row) {
                let cell_width = width(&cell.text);
                match fraction(column.kind, &cell.text) {
                    Some(fraction) => {
                        *whole = (*whole).max(cell_width.saturating_sub(fraction));
                        column.fraction = column.fraction.max(fraction);
                    }
                    None => column.width = column.width.max(cell_width),
                }
            }
        }
        for (column, whole) in shown.iter_mut().zip(whole) {
            column.width = column.width.max(whole.saturating_add(column.fraction));
            column.width = column.width.min(MOST);
            column.natural = column.width;
        }
        match style.width {
            Some(limit) => Layout::narrow(&shown, limit, style),
            None => Layout::of(shown, Vec::new(), style),
        }
    }

    fn of(mut shown: Vec<ShownColumn>, below: Vec<ShownColumn>, style: TableStyle) -> Layout {
        let next = shown.iter().skip(1).map(|column| column.kind == Kind::Unit);
        let gaps: Vec<usize> = next.map(|unit| if unit { 1 } else { GAP }).collect();
        for (column, gap) in shown.iter_mut().zip(gaps.into_iter().chain([0])) {
            column.gap = gap;
        }
        Layout {
            shown,
            below,
            most_below: style.width.unwrap_or(MOST).saturating_sub(INDENT),
            style,
        }
    }

    /// The layout for a terminal of this width: first text is cut, then optional columns are left
    /// out, then text goes on a line of its own, then names that may go there too, then numbers. Figures and names in
    /// their columns are never cut.
    fn narrow(all: &[ShownColumn], limit: usize, style: TableStyle) -> Layout {
        let mut ranks: Vec<u8> = all.iter().map(|column| column.rank).collect();
        ranks.push(0);
        ranks.sort_unstable();
        ranks.dedup();
        ranks.reverse();
        let text = all.iter().rposition(|column| column.kind == Kind::Text);
        let text = text.filter(|_| all.len() > 1);
        let is_text = |column: &ShownColumn| Some(column.index) == text;
        let is_long = all
            .iter()
            .any(|column| is_text(column) && column.goes_below);
        let is_name = |column: &ShownColumn| column.goes_below && column.kind != Kind::Number;
        let some = |is_it: &dyn Fn(&ShownColumn) -> bool| {
            let below = all.iter().filter(|column| is_it(column));
            below.cloned().collect::<Vec<ShownColumn>>()
        };
        let attempts = [
            Vec::new(),
            some(&is_text),
            some(&|column| is_text(column) || is_name(column)),
            some(&|column| is_text(column) || column.goes_below),
        ];
        let mut last = None;
        for below in attempts {
            let stays = is_long && below.is_empty();
            let optional = ranks.iter().copied().filter(|_| !stays);
            for keep in std::iter::once(u8::MAX).chain(optional) {
                let shown = all
                    .iter()
                    .filter(|column| column.rank < keep.max(1))
                    .filter(|column| below.iter().all(|own| own.index != column.index));
                let mut layout = Layout::of(shown.cloned().collect(), below.clone(), style);
                let fits = layout.cut_to(limit);
                if fits {
                    return layout;
                }
                last = Some(layout);
            }
        }
        last.unwrap_or_else(|| Layout::of(all.to_vec(), Vec::new(), style))
    }

    /// Makes text columns narrower, the widest first, until the line fits. False if it does not, or
    /// too little of the text is left.
    fn cut_to(&mut self, limit: usize) -> bool {
        while self.width() > limit {
            let texts = self.shown.iter_mut();
            let gives =
                |column: &&mut ShownColumn| column.kind == Kind::Text && column.width > NARROWEST;
            let Some(widest) = texts.filter(gives).max_by_key(|column| column.width) else {
                break;
            };
            widest.width = widest.width.saturating_sub(1);
        }
        // Rows that come after the widths were fixed are cut as well, the last column at the edge.
        let spare = limit.saturating_sub(self.width());
        let last = self.shown.len().saturating_sub(1);
        let mut is_enough = self.width() <= limit;
        for (number, column) in self.shown.iter_mut().enumerate() {
            if column.kind == Kind::Text {
                let spare = if number == last { spare } else { 0 };
                column.most = column.width.saturating_add(spare);
                is_enough &= column.width >= column.enough();
            }
        }
        is_enough
    }

    fn width(&self) -> usize {
        let widths = self.shown.iter();
        let widths = widths.map(|column| column.width.saturating_add(column.gap));
        widths.fold(0, usize::saturating_add)
    }

    /// The head and these rows.
    pub(super) fn whole(&self, rows: &[Row]) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(
                self.shown
                    .iter()
                    .map(|column| self.content(column, &column.head)),
            );
        for row in rows {
            table.add_row(self.contents(row));
        }
        for (column, shown) in table.column_iter_mut().zip(&self.shown) {
            column.set_padding((0, small(shown.gap)));
            if shown.is_right() {
                column.set_cell_alignment(CellAlignment::Right);
            }
            // An empty heading has no width, but keeps the gap to the next column.
            let least = small(shown.width.saturating_add(shown.gap));
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
        }
        let mut text = String::new();
        let mut rows = rows.iter();
        for (number, line) in table.lines().enumerate() {
            self.finish(&line, &mut text);
            if number == 0 {
                self.rule(&mut text);
            } else if let Some(row) = rows.next() {
                self.line_below(row, &mut text);
            }
        }
        text
    }

    /// One row, for a table that is printed while it is made. What is wider than its column moves the
    /// rest of its line.
    pub(super) fn line(&self, row: &Row, text: &mut String) {
        let mut line = String::new();
        for (column, content) in self.shown.iter().zip(self.contents(row)) {
            let missing = column.width.saturating_sub(width(&content));
            let (before, after) = if column.is_right() {
                (missing, 0)
            } else {
                (0, missing)
            };
            line.extend(repeat_n(' ', before));
            line.push_str(&content);
            line.extend(repeat_n(' ', after.saturating_add(column.gap)));
        }
        self.finish(&line, text);
        self.line_below(row, text);
    }

    /// A rule over the whole width.
    pub(super) fn rule(&self, text: &mut String) {
        let rule = if self.style.ascii { "-" } else { "─" };
        let rule = rule.repeat(self.width());
        text.push_str(&colour::paint(self.style.colour, colour::DIM, &rule));
        text.push('\n');
    }

    fn contents(&self, row: &Row) -> Vec<String> {
        let cells = self.shown.iter().map(|column| {
            let cell = row.get(column.index);
            cell.map_or_else(String::new, |cell| self.content(column, cell))
        });
        cells.collect()
    }

    /// A cell with its marks, cut, and padded so that decimal points are below each other.
    fn content(&self, column: &ShownColumn, cell: &Cell<'_>) -> String {
        let text = self.cut(&cell.text, column.most);
        let fraction = fraction(column.kind, &cell.text);
        let mut content = self.marked(&text, cell.tone, fraction.is_some());
        if let Some(own) = fraction {
            let missing = column.fraction.saturating_sub(own);
            content.extend(repeat_n(' ', missing));
        }
        content
    }

    /// The text in at most so many columns. Marks of our own are ASCII if the terminal wants that.
    fn cut<'t>(&self, text: &'t str, most: usize) -> Cow<'t, str> {
        if self.style.ascii && text == "–" {
            return Cow::Borrowed("-");
        }
        if width(text) <= most {
            return Cow::Borrowed(text);
        }
        if self.style.ascii {
            let cut = shorten(text, most.saturating_sub(2));
            return Cow::Owned(format!("{}...", cut.strip_suffix('…').unwrap_or(&cut)));
        }
        shorten(text, most)
    }

    fn marked(&self, text: &str, tone: Emphasis, is_figure: bool) -> String {
        let is_negative = is_figure && text.starts_with('-');
        let marks = [
            (tone == Emphasis::Strong).then_some(STRONG),
            (tone == Emphasis::Dim).then_some(DIM),
            is_negative.then_some(NEGATIVE),
        ];
        let mut marked: String = marks.into_iter().flatten().collect();
        if !self.style.colour || text.is_empty() || marked.is_empty() {
            return text.to_owned();
        }
        marked.push_str(text);
        marked.push(END);
        marked
    }

    fn line_below(&self, row: &Row, text: &mut String) {
        let below = self.below.iter();
        let cells = below.filter_map(|column| Some((column, row.get(column.index)?)));
        let cells: Vec<(&ShownColumn, &Cell<'_>)> =
            cells.filter(|(_, cell)| !cell.text.is_empty()).collect();
        let Some((_, first)) = cells.first() else {
            return;
        };
        let texts: Vec<String> = cells
            .iter()
            .map(|(column, cell)| match column.kind {
                // Without its head, only this says what it is: `#7`.
                Kind::Number => format!("{}{}", column.head.text, cell.text),
                _ => cell.text.to_string(),
            })
            .collect();
        let joined = texts.join(&" ".repeat(GAP));
        let content = self.marked(&self.cut(&joined, self.most_below), first.tone, false);
        self.finish(&format!("{}{content}", " ".repeat(INDENT)), text);
    }

    /// Adds a line without trailing spaces, with marks turned into colours.
    fn finish(&self, line: &str, text: &mut String) {
        let line = line.trim_end();
        if self.style.colour {
            for character in line.chars() {
                match character {
                    STRONG => text.push_str(&colour::HEADING.render().to_string()),
                    DIM => text.push_str(&colour::DIM.render().to_string()),
                    NEGATIVE => text.push_str(&colour::NEGATIVE.render().to_string()),
                    END => text.push_str(&anstyle::Reset.render().to_string()),
                    other => text.push(other),
                }
            }
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
}

fn of_head((index, column): (usize, &Column)) -> ShownColumn {
    let head = Cell::from(column.head.as_str()).into_owned().strong();
    ShownColumn {
        index,
        // At least one, to keep the gap after an empty heading.
        width: width(&head.text).max(1),
        head,
        kind: column.kind,
        rank: column.rank,
        goes_below: column.goes_below,
        natural: 0,
        most: MOST,
        fraction: 0,
        gap: 0,
    }
}

fn small(columns: usize) -> u16 {
    u16::try_from(columns).unwrap_or(u16::MAX)
}

/// The columns from the decimal point on; `None` if the text is not a figure.
fn fraction(kind: Kind, text: &str) -> Option<usize> {
    let unsigned = text.trim_start_matches(['-', '+']);
    if kind != Kind::Figure || !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (_, fraction) = unsigned.split_once('.').unwrap_or_default();
    let point = usize::from(unsigned.contains('.'));
    Some(width(fraction).saturating_add(point))
}
