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

use comfy_table::presets;
use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, TableStyle, Width,
};

pub(crate) use cell::{Cell, Column};
use layout::{Layout, RULE};
pub(crate) use stream::StreamedTable;

/// Only a rule under the head.
const STYLE: TableStyle = presets::NOTHING.header_separator(LineStyle::none().fill(RULE));
/// comfy-table counts columns in 16 bits and breaks what is wider; such lines are laid out here.
const WIDEST: usize = 30_000;

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
        if self.fits(&layout) {
            let mut text = self.body(&layout);
            self.sum_lines(&layout, &mut text);
            text
        } else {
            self.laid_out_by_comfy_table(&layout)
        }
    }

    /// True where nothing has to give, so that every cell is put down as it is: comfy-table would take
    /// ten times as long for the same lines. True as well where it cannot count that far.
    fn fits(&self, layout: &Layout) -> bool {
        let limit = self.look.width.unwrap_or(usize::MAX);
        layout.width() <= limit || layout.width() > WIDEST
    }

    fn laid_out_by_comfy_table(&self, layout: &Layout) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(STYLE)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(layout.head());
        for row in self.rows.iter().chain(&self.sums) {
            table.add_row(layout.row(row));
        }
        for (column, place) in table.column_iter_mut().zip(layout.places()) {
            let cells = |count: usize| u16::try_from(count).unwrap_or_default();
            column
                .set_padding((0, cells(place.gap)))
                // Ours, since a column of shortened text may be wider than all that is left of it.
                .set_constraint(ColumnConstraint::Absolute(Width::Fixed(cells(
                    place.room(),
                ))))
                .set_cell_alignment(if place.right {
                    CellAlignment::Right
                } else {
                    CellAlignment::Left
                });
        }
        let mut text = String::new();
        // The head and the rule below it come before the rows, and a row is always one line.
        let first_sum = self.rows.len().saturating_add(2);
        for (number, line) in table.lines().enumerate() {
            if number == first_sum {
                layout.rule(&mut text);
            }
            let start = text.len();
            text.push_str(&line);
            layout.finish_line(&mut text, start);
        }
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
