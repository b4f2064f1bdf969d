//! Tables of any length: the first 10,000 rows fix the widths, later ones are printed as they come.

use super::super::print::{Printed, Printer};
use super::layout::Layout;
use super::{Cell, Column, Table, owned};

/// Rows that fix the widths.
const FIRST: usize = 10_000;

/// A table that is printed while it is made.
pub(crate) struct StreamedTable {
    /// The rows so far, until there is a layout; then only the sums.
    table: Table,
    layout: Option<Layout>,
    /// How many rows fix the widths.
    pub(super) first: usize,
}

impl StreamedTable {
    /// An empty table in the style that standard output supports.
    pub(crate) fn new(columns: Vec<Column>, printer: &Printer) -> StreamedTable {
        StreamedTable {
            table: Table::new(columns, printer.table_style()),
            layout: None,
            first: FIRST,
        }
    }

    /// Adds a row, and prints it if the widths are fixed.
    pub(crate) fn push<'t>(
        &mut self,
        row: impl IntoIterator<Item = Cell<'t>>,
        printer: &mut Printer,
    ) -> Printed {
        if let Some(layout) = &self.layout {
            let mut line = String::new();
            layout.line(&owned(row), &mut line);
            return printer.rendered(&line);
        }
        self.table.push(row);
        if self.table.rows.len() < self.first {
            return Ok(());
        }
        let layout = self.table.layout();
        // The head, and then these rows as all later ones: so many at once take `comfy-table` long.
        let mut text = layout.whole(&[]);
        for row in std::mem::take(&mut self.table.rows) {
            layout.line(&row, &mut text);
        }
        self.layout = Some(layout);
        printer.rendered(&text)
    }

    /// Adds a row below the rule at the end: sums, in bold.
    pub(crate) fn push_sum<'t>(&mut self, row: impl IntoIterator<Item = Cell<'t>>) {
        self.table.push_sum(row);
    }

    /// True if nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.layout.is_none() && self.table.is_empty()
    }

    /// Prints what is left: the whole table if it is short, and the sums.
    pub(crate) fn finish(self, printer: &mut Printer) -> Printed {
        let Some(layout) = self.layout else {
            return printer.rendered(&self.table.to_text());
        };
        let mut text = String::new();
        self.table.sum_lines(&layout, &mut text);
        printer.rendered(&text)
    }
}
