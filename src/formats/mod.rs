//! Import and export of other programs' formats.
//!
//! Must not depend on files, terminals or the clock: exports append to a buffer, imports read bytes.

pub mod escape;
pub mod event_json;
pub mod export;
pub mod import;
pub mod request_json;
