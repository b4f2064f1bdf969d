//! Sorted records in pages, in a segment of a file that is written once.
//!
//! Leaves contain `key length, value length, key, value`. Above them are pages of the same form
//! whose values have the position and the digest of a page. The owner of the table keeps the root.
//! A page is valid only if its digest is the expected one (a Merkle tree), so that a changed byte,
//! a cut file or a page of another table is detected on reading.

mod cursor;
mod merge;
mod pages;
mod write;

pub(super) use cursor::TableCursor;
pub(super) use merge::merge;
pub(super) use pages::{PagedTable, Root};
pub(super) use write::TableWriter;

#[cfg(test)]
mod tests;
