//! Reads what other programs wrote: bank statements (CSV, OFX, camt.053, MT940), journals of hledger
//! and lines of JSON.
//!
//! A file becomes requests, each with its line and a key of its content, so that a second import of
//! the same records nothing. If a file allows two readings that move different money, that is an
//! error which names both. Does not know the log: which requests are known already, and whether an
//! account can bear them, is decided when they are recorded.

mod camt053;
mod csv;
mod currencies;
mod days;
mod decimal_mark;
mod element;
mod error;
mod event_fields;
mod fault;
mod figures;
mod hledger;
mod imported;
mod json;
mod keys;
mod mt940;
mod ofx;
mod options;
mod sniff;
mod statement;
mod text;
mod words;

pub use decimal_mark::DecimalMark;
pub use error::{FilePlace, ImportError};
pub use fault::{Fault, Question};
pub use imported::{BankBalance, FileSettings, Imported, ImportedRow};
pub use keys::{RowIdentity, counted, recounted};
pub use options::{
    DateFormat, Encoding, Footer, ImportFormat, OptionError, Options, Pair, SignRule, Skip,
    ValueMap,
};
pub use text::ReadSeek;

/// Reads a file of this format.
///
/// # Errors
/// [`ImportError`]: the first thing that cannot be understood, or that can be understood in two ways.
pub fn read(
    format: ImportFormat,
    input: &mut dyn ReadSeek,
    options: &Options,
) -> Result<Imported, ImportError> {
    const FRONT: u64 = 4096;
    sniff::refuse_other(&text::front(input, FRONT)?, format)?;
    match format {
        ImportFormat::Csv => return csv::read(input, options),
        ImportFormat::Jsonl => return json::read(input, options),
        _ => {}
    }
    let bytes = text::whole(input)?;
    let encoding = match (format, options.encoding) {
        (_, Some(asked)) => Some(asked),
        (ImportFormat::Ofx | ImportFormat::Camt053, None) => {
            text::declared(&bytes, ofx::declared_encoding(&bytes))?
        }
        _ => None,
    };
    let text = text::decode(&bytes, encoding)?;
    match format {
        ImportFormat::Hledger => hledger::read(&text, options),
        ImportFormat::Camt053 => camt053::read(&text, options),
        ImportFormat::Mt940 => mt940::read(&text, options),
        _ => ofx::read(&text, options),
    }
}

#[cfg(test)]
mod tests;
