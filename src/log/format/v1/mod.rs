//! Version 1 of a line, frozen: the own keys of its types.

pub(super) mod read;
pub(super) mod write;
