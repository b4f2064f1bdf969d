//! Version 1 of a line, frozen: its bytes, read strictly and written canonically.
//!
//! Owns the form of one line. Must not know files, the lines around it, balances or rules. A line of
//! another version has a module of its own beside this one.

pub(super) mod cursor;
mod quick;
pub(super) mod read;
pub(super) mod write;

pub(in crate::log) use quick::{ParseCache, read as read_quick, read_first as read_first_quickly};
pub(in crate::log) use read::{Covered, Line, read};
pub(super) use write::write;

/// Where and why some bytes are no line of version 1.
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
        /// What should stand there.
        reason: &'static str,
    },
}

#[cfg(test)]
mod tests;
