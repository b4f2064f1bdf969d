//! Tables: what columns and cells are, and a whole table as text.
//!
//! Owns the look: no vertical lines, one rule under the head, figures lined up at the point, and
//! red below zero. Must not know what the figures mean or where the text goes.
//!
//! ```text
//! Date        Type       Change  Balance      Memo
//! ──────────────────────────────────────────────────
//! 2026-03-01  deposit   2500.00  2731.40 EUR  Salary
//! 2026-03-03  withdraw   -12.5   2718.90 EUR  Coffee
//! ```

mod cell;
mod layout;
mod rows;
mod stream;

pub(crate) use cell::{Cell, Column};
use layout::Layout;
use rows::Rows;
pub(crate) use stream::StreamedTable;

/// What a stream can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TableStyle {
    /// Colour and weight.
    pub(crate) colour: bool,
    /// Columns of the terminal. `None` in pipes and files: there no text is shortened.
    pub(crate) width: Option<usize>,
}

/// A table that is held whole; for more than 10,000 rows there is [`StreamedTable`].
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Rows,
    sums: Rows,
    look: TableStyle,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(columns: Vec<Column>, look: TableStyle) -> Table {
        Table {
            columns,
            rows: Rows::default(),
            sums: Rows::default(),
            look,
        }
    }

    /// Makes room for so many rows at once.
    pub(crate) fn reserve(&mut self, rows: usize) {
        self.rows.reserve(rows, self.columns.len());
    }

    /// Adds a row, a cell for each column.
    pub(crate) fn push<'t>(&mut self, row: impl IntoIterator<Item = Cell<'t>>) {
        self.rows.push(&self.columns, row);
    }

    /// Adds a row below the rule at the end: sums, in bold.
    pub(crate) fn push_sum<'t>(&mut self, row: impl IntoIterator<Item = Cell<'t>>) {
        self.sums
            .push(&self.columns, row.into_iter().map(Cell::strong));
    }

    /// True where nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.sums.is_empty()
    }

    /// The table, each line with its end.
    pub(crate) fn to_text(&self) -> String {
        let layout = self.layout();
        let mut text = self.body(&layout);
        self.sum_lines(&layout, &mut text);
        text
    }

    /// Head and rows.
    fn body(&self, layout: &Layout) -> String {
        // A line has its line feed, and the rule takes three bytes a column.
        let lines = self.rows.len().saturating_add(8);
        let mut text =
            String::with_capacity(lines.saturating_mul(layout.width().saturating_add(1)));
        layout.top(&mut text);
        layout.lines(self.rows.cells(), &mut text);
        text
    }

    fn sum_lines(&self, layout: &Layout, text: &mut String) {
        if !self.sums.is_empty() {
            layout.rule(text);
        }
        layout.lines(self.sums.cells(), text);
    }

    fn layout(&self) -> Layout {
        let cells = self.rows.cells().chain(self.sums.cells());
        Layout::new(&self.columns, cells, self.look)
    }
}

#[cfg(test)]
mod tests;
