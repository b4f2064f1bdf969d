//! Copies of a log for other programs, and their positions.
//!
//! The [`Cursor`] is a file with the last delivered event, the [`Database`] a SQLite file with
//! events and balances as tables. Both can be deleted and made again. Must not depend on clap,
//! printing or the clock.

mod cursor;
#[cfg(feature = "sqlite")]
mod database;
mod error;
#[cfg(feature = "sqlite")]
mod figures;
#[cfg(feature = "sqlite")]
mod file;
#[cfg(feature = "sqlite")]
mod hold_rows;
#[cfg(feature = "sqlite")]
mod pending_rows;
#[cfg(feature = "sqlite")]
mod rows;
#[cfg(feature = "sqlite")]
mod schema;
#[cfg(feature = "sqlite")]
mod trust;

pub use cursor::Cursor;
#[cfg(feature = "sqlite")]
pub use database::{Database, Progressed};
pub use error::ProjectionError;
