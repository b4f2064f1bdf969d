//! Read models: what others keep of a log, and how far they have come in it.
//!
//! Owns the [`Cursor`], a file that says up to which event somebody was told, and the [`Database`], a
//! SQLite file with the events and what they add up to as tables. Both can be thrown away and made
//! again; neither the log nor the rules know of them. Must not know clap, printing or the clock.

mod cursor;
#[cfg(feature = "sqlite")]
mod database;
mod error;
#[cfg(feature = "sqlite")]
mod figures;
#[cfg(feature = "sqlite")]
mod file;
#[cfg(feature = "sqlite")]
mod pending_rows;
#[cfg(feature = "sqlite")]
mod permissions;
#[cfg(feature = "sqlite")]
mod rows;

pub use cursor::Cursor;
#[cfg(feature = "sqlite")]
pub use database::{Database, Progressed};
pub use error::ProjectionError;
