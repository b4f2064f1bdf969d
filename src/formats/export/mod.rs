//! A ledger in another program's format.
//!
//! Owns the list of formats ([`FORMATS`]): a format is one file and one line here. An [`Export`] sees
//! the events that are to be written twice, first to learn what it must declare ahead of them, then
//! to write them; it keeps no event, so that a log of any length is written in little memory. Must
//! not know where the bytes go.

mod beancount;
mod calendar;
mod csv;
mod hledger;
mod journal;
mod jsonl;
mod ledger_cli;
mod metadata;
mod parquet;
mod row;
mod selection;
mod survey;

use thiserror::Error;

use crate::event::{Entry, Opening};
use crate::time::Zone;

pub use csv::{defused, restored};
pub(in crate::formats) use row::COLUMNS;
pub use selection::Selection;

/// Every format, in the order of the help.
pub const FORMATS: &[Format] = &[
    csv::FORMAT,
    jsonl::FORMAT,
    hledger::FORMAT,
    ledger_cli::FORMAT,
    beancount::FORMAT,
    parquet::FORMAT,
];

/// The account on the other side of deposits and withdrawals, where both sides must be named.
pub const EXTERNAL: &str = "equity:external";

/// A format by name.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What it is called.
    pub name: &'static str,
    /// What its bytes are.
    pub kind: Kind,
    /// Whether it has room for the log's first line, which says what the ledger is.
    pub tells_the_first_line: bool,
    make: fn(&About) -> Box<dyn Export>,
}

impl Format {
    /// The format of this name.
    pub fn named(name: &str) -> Option<&'static Format> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// An export in this format.
    pub fn begin(&self, about: &About) -> Box<dyn Export> {
        (self.make)(about)
    }
}

/// What the bytes of a format are, for whoever shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Lines of text.
    Text,
    /// Lines of JSON.
    Json,
    /// Bytes for programs alone.
    Binary,
}

/// What is exported.
#[derive(Clone, Debug)]
pub struct About {
    /// What the ledger is.
    pub opening: Opening<'static>,
    /// The zone its days are in.
    pub zone: Zone,
    /// The accounts whose events are exported.
    pub selection: Selection,
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It lies behind the moment that was asked for. It still has a say in how accounts are called,
    /// so that an earlier moment calls them alike.
    Uncounted,
    /// It is part of the balances, and is not written.
    Counted,
    /// It is written.
    Written,
}

/// Writes events in one format. Every event of the log is shown to [`Export::look`] before the first
/// byte is asked for; those that are written come again in [`Export::event`].
pub trait Export: Send {
    /// Sees an event ahead of writing.
    fn look(&mut self, entry: &Entry<'_>, standing: Standing) {
        let _ = (entry, standing);
    }

    /// Writes what stands ahead of the events; `remarks` say where the export ends, for formats that
    /// have room for it.
    ///
    /// # Errors
    /// [`ExportError`] where something that was seen cannot be said in this format.
    fn head(&mut self, remarks: &[String], out: &mut Vec<u8>) -> Result<(), ExportError>;

    /// Writes an event.
    ///
    /// # Errors
    /// [`ExportError::Library`].
    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError>;

    /// Writes what is left.
    ///
    /// # Errors
    /// [`ExportError::Library`].
    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), ExportError>;
}

/// Why a ledger cannot be written in a format.
#[derive(Debug, Error)]
pub enum ExportError {
    /// A date that the program does not know.
    #[error("event {seq} took effect on {date}; {format} knows no day before {first}")]
    TooEarly {
        /// Which.
        seq: u64,
        /// Its day in the ledger's zone.
        date: String,
        /// The format.
        format: &'static str,
        /// The first day the program knows.
        first: &'static str,
    },
    /// The library that makes the format failed.
    #[error("cannot write {format}: {reason}")]
    Library {
        /// The format.
        format: &'static str,
        /// What it said.
        reason: String,
    },
}
