//! The repository itself: the rooms of the source, its dependencies, and the pages and scripts, which
//! are run as they are printed.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test may panic"
)]

#[path = "../cli/harness.rs"]
mod harness;

mod architecture;
mod dependencies;
mod format_page;
mod names;
mod pages;
#[cfg(unix)]
mod peers;
mod source;
