//! Where a byte stands among the few of a line or of a file's end.
//!
//! Owns that a short command does not ask the processor which instructions it has: `memchr` does so
//! at its first call, and in a virtual machine each question takes microseconds, all of them together
//! as long as reading a hundred lines. Long stretches are searched by `memchr` itself, which is worth
//! the questions. Must not know what the bytes mean.

use memchr::arch::all::memchr::One;
use memchr::arch::all::rabinkarp::Finder;

/// The first place of a byte.
pub(super) fn byte(wanted: u8, bytes: &[u8]) -> Option<usize> {
    One::new(wanted).find(bytes)
}

/// The last place of a byte.
pub(super) fn last_byte(wanted: u8, bytes: &[u8]) -> Option<usize> {
    One::new(wanted).rfind(bytes)
}

/// True where these bytes stand somewhere in a line.
pub(super) fn has(wanted: &[u8], line: &[u8]) -> bool {
    Finder::new(wanted).find(line, wanted).is_some()
}
