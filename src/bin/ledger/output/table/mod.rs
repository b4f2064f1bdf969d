//! Tables, laid out by `comfy-table`.
//!
//! Up to 10,000 rows are laid out at once; longer tables are streamed in the same look. Here is what
//! `comfy-table` does not do: decimal points below each other, colours, and what gives way on a narrow
//! terminal.
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

use cell::Row;
pub(crate) use cell::{Cell, Column};
use layout::Layout;
pub(crate) use layout::TableStyle;
pub(crate) use stream::StreamedTable;

/// A table that is held whole; for more than 10,000 rows there is [`StreamedTable`].
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Row>,
    sums: Vec<Row>,
    style: TableStyle,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(columns: Vec<Column>, style: TableStyle) -> Table {
        Table {
            columns,
            rows: Vec::new(),
            sums: Vec::new(),
            style,
        }
    }

    /// Adds a row, a cell for each column.
    pub(crate) fn push<'t>(&mut self, row: impl IntoIterator<Item = Cell<'t>>) {
        self.rows.push(owned(row));
    }

    /// Adds a row below the rule at the end: sums, in bold.
    pub(crate) fn push_sum<'t>(&mut self, row: impl IntoIterator<Item = Cell<'t>>) {
        self.sums.push(owned(row.into_iter().map(Cell::strong)));
    }

    /// True if nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.sums.is_empty()
    }

    /// The table, each line with its end.
    pub(crate) fn to_text(&self) -> String {
        let layout = self.layout();
        let mut text = layout.whole(&self.rows);
        self.sum_lines(&layout, &mut text);
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
        Layout::new(
            &self.columns,
            self.rows.iter().chain(&self.sums),
            self.style,
        )
    }
}

fn owned<'t>(row: impl IntoIterator<Item = Cell<'t>>) -> Row {
    row.into_iter().map(Cell::into_owned).collect()
}

#[cfg(test)]
mod tests;
