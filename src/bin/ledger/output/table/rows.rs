//! Rows as a table holds them until it is laid out: one text behind the other, and what the layout
//! has to know of each.
//!
//! Owns that each text is measured once. Must not know where it goes.

use super::super::text::width;
use super::cell::{Cell, Column, Emphasis, Kind};

/// Rows of cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    text: String,
    cells: Vec<Held>,
    count: usize,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    /// Where its text ends; it starts where the one before ends.
    end: usize,
    width: u32,
    fraction: Option<u32>,
    tone: Emphasis,
}

/// A cell that was measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured<'t> {
    pub(super) text: &'t str,
    /// Columns of the terminal.
    pub(super) width: usize,
    /// Columns from the point on, where it is a figure among figures.
    pub(super) fraction: Option<usize>,
    pub(super) tone: Emphasis,
}

impl<'t> Measured<'t> {
    pub(super) fn new(text: &'t str, tone: Emphasis, kind: Kind) -> Measured<'t> {
        Measured {
            text,
            width: width(text),
            fraction: (kind == Kind::Figure).then(|| fraction(text)).flatten(),
            tone,
        }
    }
}

impl Rows {
    /// Adds a row: a cell for each column, an empty one where there is none.
    pub(super) fn push<'t>(&mut self, columns: &[Column], row: impl IntoIterator<Item = Cell<'t>>) {
        let mut row = row.into_iter();
        for column in columns {
            let cell = row.next();
            debug_assert!(cell.is_some(), "a cell for each column");
            let cell = cell.unwrap_or_default();
            let measured = Measured::new(&cell.text, cell.tone, column.kind);
            self.text.push_str(measured.text);
            self.cells.push(Held {
                end: self.text.len(),
                width: small(measured.width),
                fraction: measured.fraction.map(small),
                tone: measured.tone,
            });
        }
        debug_assert!(row.next().is_none(), "no more cells than columns");
        self.count = self.count.saturating_add(1);
    }

    /// Makes room for so many rows of so many columns at once.
    pub(super) fn reserve(&mut self, rows: usize, columns: usize) {
        /// As many bytes as most cells have.
        const CELL: usize = 12;
        let cells = rows.saturating_mul(columns);
        self.cells.reserve(cells);
        self.text.reserve(cells.saturating_mul(CELL));
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Every cell, row by row.
    pub(super) fn cells(&self) -> impl Iterator<Item = Measured<'_>> {
        let mut start = 0;
        self.cells.iter().map(move |held| {
            let text = self.text.get(start..held.end).unwrap_or_default();
            start = held.end;
            Measured {
                text,
                width: wide(held.width),
                fraction: held.fraction.map(wide),
                tone: held.tone,
            }
        })
    }
}

/// Columns as they are kept: no terminal has so many that they could not be told.
fn small(columns: usize) -> u32 {
    u32::try_from(columns).unwrap_or(u32::MAX)
}

fn wide(columns: u32) -> usize {
    usize::try_from(columns).unwrap_or(usize::MAX)
}

/// Columns from the point on, or `None` where the text is no figure.
fn fraction(text: &str) -> Option<usize> {
    let unsigned = text.trim_start_matches(['-', '+']);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let point = unsigned.bytes().position(|byte| byte == b'.');
    Some(
        point
            .and_then(|point| unsigned.get(point..))
            .map_or(0, width),
    )
}
