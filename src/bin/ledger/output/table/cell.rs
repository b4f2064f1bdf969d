//! Columns and cells: what goes into a table. Text is made harmless when it becomes a cell.

use std::borrow::Cow;
use std::fmt::Display;

use super::super::text::harmless;

/// How the cells of a column are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Whole,
    Figure,
    Number,
    Unit,
}

/// The head of a column, and how its cells are set.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(super) head: String,
    pub(super) kind: Kind,
    /// 0 for a column that is always shown.
    pub(super) rank: u8,
    /// True if it may go on a line of its own.
    pub(super) goes_below: bool,
}

impl Column {
    /// Text that is cut on a narrow terminal: memos, details. If too little of it fits, the last
    /// such column goes on a line of its own.
    pub(crate) fn text(head: &str) -> Column {
        Column::new(head, Kind::Text)
    }

    /// Words that are never cut, so that they can be copied: account names, keys.
    pub(crate) fn name(head: &str) -> Column {
        Column::new(head, Kind::Whole)
    }

    /// Days and times.
    pub(crate) fn date(head: &str) -> Column {
        Column::new(head, Kind::Whole)
    }

    /// Money: lined up at the point, red below zero.
    pub(crate) fn figure(head: &str) -> Column {
        Column::new(head, Kind::Figure)
    }

    /// Counts and positions: flush right.
    pub(crate) fn number(head: &str) -> Column {
        Column::new(head, Kind::Number)
    }

    /// The currency of the figures before it, next to them and without a head.
    pub(crate) fn unit() -> Column {
        Column::new("", Kind::Unit)
    }

    /// A column that is left out on a narrow terminal, those of the highest rank first.
    pub(crate) fn optional(self, rank: u8) -> Column {
        Column { rank, ..self }
    }

    /// A column that goes on the line of the text, before it, if nothing else makes a row fit. A text
    /// goes there before other columns are left out, and sooner, because its beginning says little.
    pub(crate) fn or_below(self) -> Column {
        Column {
            goes_below: true,
            ..self
        }
    }

    fn new(head: &str, kind: Kind) -> Column {
        Column {
            head: harmless(head).into_owned(),
            kind,
            rank: 0,
            goes_below: false,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Emphasis {
    #[default]
    Plain,
    Dim,
    Strong,
}

/// One cell: harmless text and its emphasis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) tone: Emphasis,
}

impl Cell<'static> {
    /// A cell that shows `value`.
    pub(crate) fn new(value: impl Display) -> Cell<'static> {
        Cell::from(value.to_string())
    }
}

impl<'t> Cell<'t> {
    pub(super) fn into_owned(self) -> Cell<'static> {
        Cell {
            text: Cow::Owned(self.text.into_owned()),
            tone: self.tone,
        }
    }

    /// Less prominent: reversed events, closed accounts.
    pub(crate) fn dim(self) -> Cell<'t> {
        Cell {
            tone: Emphasis::Dim,
            ..self
        }
    }

    /// More than the others.
    pub(crate) fn strong(self) -> Cell<'t> {
        Cell {
            tone: Emphasis::Strong,
            ..self
        }
    }
}

impl<'t> From<&'t str> for Cell<'t> {
    fn from(text: &'t str) -> Cell<'t> {
        Cell {
            text: harmless(text),
            tone: Emphasis::Plain,
        }
    }
}

impl From<String> for Cell<'static> {
    fn from(text: String) -> Cell<'static> {
        let text = match harmless(&text) {
            Cow::Owned(visible) => visible,
            Cow::Borrowed(_) => text,
        };
        Cell {
            text: Cow::Owned(text),
            tone: Emphasis::Plain,
        }
    }
}

/// A row: a cell for each column.
pub(super) type Row = Vec<Cell<'static>>;
