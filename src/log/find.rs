//! Search for bytes in short texts.
//!
//! `memchr` queries the processor's features at its first call, which takes microseconds in a
//! virtual machine, as long as reading a hundred lines. So short texts are searched here, and long
//! ones with `memchr`.

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

/// True if a line contains these bytes.
pub(super) fn has(wanted: &[u8], line: &[u8]) -> bool {
    Finder::new(wanted).find(line, wanted).is_some()
}
