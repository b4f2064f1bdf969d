//! Version 1 of a line, frozen: parsed strictly and written canonically.
//!
//! It concerns single lines, without the file and without balances. Another version has a module of
//! its own.

pub(super) mod cursor;
mod quick;
pub(super) mod read;
pub(super) mod write;

pub(in crate::log) use quick::{ParseCache, read as read_quick, read_first as read_first_quickly};
pub(in crate::log) use read::{Covered, Line, read};
pub(super) use write::{note_digest, write};

/// Where and why bytes are not a line of version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) enum Fault {
    /// The bytes end early, and nothing before that is wrong: a proper prefix of a line.
    Ends,
    /// A line of a later version.
    Newer(u64),
    /// Not the canonical form.
    Form {
        /// The offset in the line.
        at: usize,
        /// The expected text.
        reason: &'static str,
    },
}

#[cfg(test)]
mod tests;
