//! Exports: a ledger written in another program's format.
//!
//! Each format is one file and one line in [`FORMATS`]. An [`Exporter`] reads the events twice: first
//! to learn what must be declared before them, then to write them. It keeps no events, so the memory
//! it needs does not grow with the log. Where the bytes go is up to the caller.

mod beancount;
mod csv;
mod day;
mod declarations;
mod exporter;
mod hledger;
mod journal;
mod jsonl;
mod ledger_cli;
mod metadata;
#[cfg(feature = "parquet")]
mod parquet;
mod recognise;
mod row;
mod selection;

pub use csv::{escape_formula, unescape_formula};
pub use exporter::{
    ContentKind, EXTERNAL, ExportContext, ExportError, ExportFormat, Exporter, Inclusion,
};
pub(in crate::formats) use metadata::EVENT_FIELDS;
pub use recognise::is_export;
pub(in crate::formats) use row::COLUMNS;
pub use selection::Selection;

/// Every format, in the order of the help.
pub const FORMATS: &[ExportFormat] = &[
    csv::FORMAT,
    jsonl::FORMAT,
    hledger::FORMAT,
    ledger_cli::FORMAT,
    beancount::FORMAT,
    #[cfg(feature = "parquet")]
    parquet::FORMAT,
];
