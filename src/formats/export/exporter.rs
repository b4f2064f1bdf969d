//! What an export format is: a name, a kind of content, and an [`Exporter`] that writes events.

use thiserror::Error;

use super::selection::Selection;
use crate::event::{Entry, Event, Opening};
use crate::time::Zone;

/// The account on the other side of deposits and withdrawals, for formats that need two sides.
pub const EXTERNAL: &str = "equity:external";

/// A format by name.
#[derive(Clone, Copy, Debug)]
pub struct ExportFormat {
    /// Its name on the command line.
    pub name: &'static str,
    /// The kind of bytes it produces.
    pub kind: ContentKind,
    /// Whether what is written of an event depends on this event alone, so that several exporters can
    /// share the work.
    pub is_by_event: bool,
    pub(super) make: fn(&ExportContext) -> Box<dyn Exporter>,
}

impl ExportFormat {
    /// True if the format has a place for such an event. Only JSON Lines has one for the log's first
    /// line, which describes the ledger, and for holds, releases, seals and erased notes.
    pub fn has(&self, event: &Event<'_>) -> bool {
        let kind = event.kind();
        let is_first = matches!(event, Event::Ledger(_));
        self.kind == ContentKind::Json || kind.moves_money() || kind.version() == 1 && !is_first
    }

    /// A new exporter for this format.
    pub fn exporter(&self, context: &ExportContext) -> Box<dyn Exporter> {
        (self.make)(context)
    }
}

/// The kind of bytes a format produces, which decides how they may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentKind {
    /// Lines of text.
    Text,
    /// JSON Lines.
    Json,
    /// Binary data.
    Binary,
}

/// The ledger and the accounts to export.
#[derive(Clone, Debug)]
pub struct ExportContext {
    /// The ledger's description.
    pub opening: Opening<'static>,
    /// The zone in which days are counted.
    pub zone: Zone,
    /// The accounts whose events are exported.
    pub selection: Selection,
}

/// How far an event is part of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// After the requested moment. Its accounts still get their names, so that exports of different
    /// moments use the same names.
    Uncounted,
    /// Part of the balances, but not written.
    Counted,
    /// Written.
    Written,
}

/// Writes events in one format. The caller passes every event of the log to [`Exporter::observe`], then
/// calls [`Exporter::start`], then [`Exporter::event`] for each event to be written, then
/// [`Exporter::finish`].
pub trait Exporter: Send {
    /// Collects what must be known about an event before anything is written.
    fn observe(&mut self, entry: &Entry<'_>, inclusion: Inclusion) {
        let _ = (entry, inclusion);
    }

    /// Writes what comes before the events. `remarks` describe the range of the export; formats without
    /// comments ignore them.
    ///
    /// # Errors
    /// [`ExportError`] if an observed event cannot be expressed in this format.
    fn start(&mut self, remarks: &[String], out: &mut Vec<u8>) -> Result<(), ExportError> {
        let _ = (remarks, out);
        Ok(())
    }

    /// Writes an event.
    ///
    /// # Errors
    /// [`ExportError::Library`].
    fn event(&mut self, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), ExportError>;

    /// Writes what comes after the events.
    ///
    /// # Errors
    /// [`ExportError::Library`].
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), ExportError> {
        let _ = out;
        Ok(())
    }
}

/// Why a ledger cannot be written in a format.
#[derive(Debug, Error)]
pub enum ExportError {
    /// A date that the other program does not support.
    #[error("event {seq} took effect on {date}, but {format} supports no date before {first}")]
    TooEarly {
        /// The event.
        seq: u64,
        /// The day it took effect, in the ledger's zone.
        date: String,
        /// The format.
        format: &'static str,
        /// The first supported day.
        first: &'static str,
    },
    /// The library that writes the format failed.
    #[error("cannot write {format}: {reason}")]
    Library {
        /// The format.
        format: &'static str,
        /// The library's message.
        reason: String,
    },
}
