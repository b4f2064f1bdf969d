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
mod stream;

pub(crate) use cell::{Cell, Column};
use layout::Layout;
pub(crate) use stream::StreamedTable;

/// What a stream can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Colour and weight.
    pub(crate) colour: bool,
    /// Columns of the terminal. `None` in pipes and files: there no text is shortened.
    pub(crate) width: Option<usize>,
}

/// A table that is held whole; for more than 10,000 rows there is [`StreamedTable`].
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    sums: Vec<Vec<Cell>>,
    look: Look,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(columns: Vec<Column>, look: Look) -> Table {
        Table {
            columns,
            rows: Vec::new(),
            sums: Vec::new(),
            look,
        }
    }

    /// Adds a row, a cell for each column.
    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        let row = self.complete(row);
        self.rows.push(row);
    }

    /// Adds a row below the rule at the end: sums, in bold.
    pub(crate) fn push_sum(&mut self, row: Vec<Cell>) {
        let row = self.complete(row);
        self.sums.push(row.into_iter().map(Cell::strong).collect());
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
        let mut text = String::new();
        layout.top(&mut text);
        for row in &self.rows {
            layout.line(row, &mut text);
        }
        text
    }

    fn sum_lines(&self, layout: &Layout, text: &mut String) {
        if !self.sums.is_empty() {
            layout.rule(text);
        }
        for row in &self.sums {
            layout.line(row, text);
        }
    }

    fn layout(&self) -> Layout {
        Layout::new(&self.columns, self.rows.iter().chain(&self.sums), self.look)
    }

    fn complete(&self, mut row: Vec<Cell>) -> Vec<Cell> {
        debug_assert_eq!(row.len(), self.columns.len(), "a cell for each column");
        row.resize(self.columns.len(), Cell::default());
        row
    }
}

#[cfg(test)]
mod tests;
