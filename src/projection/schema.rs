//! The tables of a SQLite mirror.

/// The tables and views, documented.
pub(super) const SCHEMA: &str = include_str!("schema.sql");
/// The version of the tables.
pub(super) const VERSION: i64 = 1;
