//! Columns and cells: what goes into a table.
//!
//! Owns what kinds of columns there are. Must not know widths. Text is made harmless where it
//! becomes a cell, so that no table can hold any other.

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
}

impl Column {
    /// Words that may be shortened where the terminal is too narrow: memos, details.
    pub(crate) fn text(head: &str) -> Column {
        Column::new(head, Kind::Text)
    }

    /// Words that are never shortened, since one can type them: account names, keys.
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

    /// The currency of the figures before it, close to them and without a head.
    pub(crate) fn unit() -> Column {
        Column::new("", Kind::Unit)
    }

    fn new(head: &str, kind: Kind) -> Column {
        Column {
            head: harmless(head).into_owned(),
            kind,
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

/// One cell: harmless text, and how loud it is.
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
    /// Less than the others: what was reversed, what is closed.
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
